//! What one party says, taken down for somebody who hears it later: a message, a greeting.

use super::slot::{Converter, Slot};
use crate::Rate;
use crate::record::Tape;
use model::RecordingId;
use std::time::Duration;

/// What a leg says, on its way to a file. Keys that the leg presses are silence in it: those that come as tones are so
/// already ([`super::voice`]), the sound beside those that come as events is left out by whoever calls [`Self::take`].
#[derive(Debug)]
pub(super) struct Dictation {
    pub(super) recording: RecordingId,
    tape: Tape,
    said: Converter,
    patience: Patience,
    /// Slots in a row in which something was said.
    spoken: u32,
    /// Slots that are still silence because a key was pressed before.
    hushed: u32,
}

/// For how long the party may be silent.
#[derive(Clone, Copy, Debug)]
enum Patience {
    /// For so many more slots, of so many after each word.
    Left(u64, u64),
    /// It was silent for long, and that was told.
    Over,
}

/// What is to be said of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing.
    Nothing,
    /// The party has been silent for as long as it may; said once.
    LongSilence,
}

impl Dictation {
    /// A dictation whose party may be silent for so long.
    pub(super) fn new(recording: RecordingId, tape: Tape, silence: Duration) -> Self {
        let slots = u64::try_from(silence.as_millis() / SLOT_MS).unwrap_or(u64::MAX);
        let slots = slots.max(1);
        Self {
            recording,
            tape: tape.last(),
            said: Converter::default(),
            patience: Patience::Left(slots, slots),
            spoken: 0,
            hushed: 0,
        }
    }

    /// Takes the next slot; `None`: a key is down.
    pub(super) fn take(&mut self, said: Option<&Slot>) -> Heard {
        let silence = Slot::silence(DICTATED_AT);
        self.hushed = match said {
            Some(_) => self.hushed.saturating_sub(1),
            None => HUSHED_SLOTS,
        };
        let said = said.filter(|_| self.hushed == 0).unwrap_or(&silence);
        let said = self.said.convert(said, DICTATED_AT);
        let is_loud = loudness(said) >= SPEECH;
        self.tape.take_down(said);
        self.spoken = if is_loud {
            self.spoken.saturating_add(1)
        } else {
            0
        };
        self.wait()
    }

    /// Whether it cannot be written any more.
    pub(super) fn is_torn(&self) -> bool {
        self.tape.is_torn()
    }

    fn wait(&mut self) -> Heard {
        let Patience::Left(left, whole) = self.patience else {
            return Heard::Nothing;
        };
        let left = match self.spoken {
            WORD_SLOTS.. => whole,
            _ => left.saturating_sub(1),
        };
        if left == 0 {
            self.patience = Patience::Over;
            return Heard::LongSilence;
        }
        self.patience = Patience::Left(left, whole);
        Heard::Nothing
    }
}

/// The mean magnitude of the samples.
fn loudness(slot: &Slot) -> u64 {
    let samples = slot.samples();
    let sum: u64 = samples
        .iter()
        .map(|sample| u64::from(sample.unsigned_abs()))
        .sum();
    sum / samples.len().max(1) as u64
}

/// The rate of all that is taken down (VM-15).
pub const DICTATED_AT: Rate = Rate::Narrow;
/// The mean magnitude of speech, or of anything else that somebody wants to be heard: 46 dB below the loudest. The
/// noise of a line is 60 dB below, and who speaks softly 40.
const SPEECH: u64 = 128;
/// So many loud slots in a row are a word and no crackling: 30 ms.
const WORD_SLOTS: u32 = 3;
/// For so many slots after a key what is said is left out: what came beside the key waits to be decoded, 150 ms at most
/// on a poor network.
const HUSHED_SLOTS: u32 = 15;
const SLOT_MS: u128 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tape;
    use model::RecordingLayout;

    #[test]
    fn silence_is_told_once_and_a_crackling_is_no_word() {
        let (mut dictation, _reel) = dictation(Duration::from_secs(1));
        assert_eq!(silent_after(&mut dictation, &[(5, 100)]), Some(99));
        assert_eq!(silent_after(&mut dictation, &[(5_000, 50), (0, 500)]), None);
        let (mut dictation, _reel) = self::dictation(Duration::from_secs(1));
        let crackling = [(0, 48), (9_000, 2), (0, 50)];
        assert_eq!(silent_after(&mut dictation, &crackling), Some(99));
        let (mut dictation, _reel) = self::dictation(Duration::from_secs(1));
        let word = [(0, 90), (200, 3), (0, 99)];
        assert_eq!(silent_after(&mut dictation, &word), None);
        assert_eq!(silent_after(&mut dictation, &[(0, 1)]), Some(0));
    }

    #[test]
    fn what_is_beside_a_key_and_shortly_after_is_silence() {
        let (mut dictation, mut reel) = dictation(Duration::from_secs(1));
        let loud = slot(1_000);
        for said in [Some(&loud), None, Some(&loud)] {
            dictation.take(said);
        }
        for _ in 0..HUSHED_SLOTS {
            dictation.take(Some(&loud));
        }
        drop(dictation);
        let mut samples = Vec::new();
        let goes_on = reel.take(|piece| {
            samples.extend_from_slice(piece);
            Ok(())
        });
        assert!(!goes_on.unwrap() && reel.is_over());
        let slots: Vec<_> = samples.chunks(80).map(|slot| slot[0]).collect();
        let hushed = [vec![1_000], vec![0; 15], vec![1_000; 2]].concat();
        assert_eq!(slots, hushed);
    }

    fn dictation(silence: Duration) -> (Dictation, crate::record::Reel) {
        let (tape, reel) = tape(RecordingLayout::Mixed, DICTATED_AT);
        (Dictation::new(RecordingId(1), tape, silence), reel)
    }

    /// After how many slots silence is told of.
    fn silent_after(dictation: &mut Dictation, said: &[(i16, usize)]) -> Option<usize> {
        let slots = said
            .iter()
            .flat_map(|(level, count)| std::iter::repeat_n(slot(*level), *count));
        let mut heard = slots.map(|slot| dictation.take(Some(&slot)));
        heard.position(|heard| heard == Heard::LongSilence)
    }

    fn slot(level: i16) -> Slot {
        let mut slot = Slot::silence(DICTATED_AT);
        slot.samples_mut().fill(level);
        slot
    }
}
