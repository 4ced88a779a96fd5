//! The channel between media and the writing thread: media puts blocks into a [`Tape`], the thread takes them off the
//! [`Reel`].

use crate::Rate;
use crate::engine::limiter::{Fade, Limiter, Sum};
use crate::engine::slot::Slot;
use model::RecordingLayout;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

/// A piece of a recording.
#[derive(Clone, Debug)]
pub struct Block {
    /// How many moments of the recording came before it, also those that were lost.
    at: u64,
    samples: [i16; BLOCK_SAMPLES],
    filled: usize,
}

impl Block {
    const fn new(at: u64) -> Self {
        Self {
            at,
            samples: [0; BLOCK_SAMPLES],
            filled: 0,
        }
    }

    fn samples(&self) -> &[i16] {
        self.samples.get(..self.filled).unwrap_or_default()
    }

    /// Takes moments of one channel, as many as there is room for; returns how many.
    fn take(&mut self, samples: &[i16]) -> usize {
        let room = self.samples.get_mut(self.filled..).unwrap_or_default();
        let count = room.len().min(samples.len());
        for (place, sample) in room.iter_mut().zip(samples) {
            *place = *sample;
        }
        self.filled += count;
        count
    }

    /// Takes moments of two channels, as many as there is room for; returns how many.
    fn take_both(&mut self, left: &[i16], right: &[i16]) -> usize {
        let room = self.samples.get_mut(self.filled..).unwrap_or_default();
        let (moments, _) = room.as_chunks_mut::<2>();
        let count = moments.len().min(left.len()).min(right.len());
        for (moment, (left, right)) in moments.iter_mut().zip(left.iter().zip(right)) {
            *moment = [*left, *right];
        }
        self.filled += 2 * count;
        count
    }
}

/// Where media puts a recording. Dropping it lets the recording go: another tape may go on with it for a moment, and
/// then it is over.
#[derive(Debug)]
pub struct Tape {
    layout: RecordingLayout,
    limiter: Limiter,
    block: Block,
    blocks: SyncSender<Block>,
    state: Arc<State>,
}

/// Where a recording is taken off.
#[derive(Debug)]
pub struct Reel {
    layout: RecordingLayout,
    blocks: Receiver<Block>,
    state: Arc<State>,
    /// Moments taken off so far.
    at: u64,
}

/// What both ends know.
#[derive(Debug, Default)]
struct State {
    torn: AtomicBool,
    /// That the recording is over, and nobody goes on with it.
    over: AtomicBool,
    /// Blocks for which there was no room.
    lost: AtomicU64,
}

/// A tape for sound at a rate, and the reel that it winds up on.
#[must_use]
pub fn tape(layout: RecordingLayout, rate: Rate) -> (Tape, Reel) {
    let (sender, receiver) = sync_channel(blocks(layout, rate));
    let state = Arc::<State>::default();
    let tape = Tape {
        layout,
        limiter: Limiter::default(),
        block: Block::new(0),
        blocks: sender,
        state: Arc::clone(&state),
    };
    let reel = Reel {
        layout,
        blocks: receiver,
        state,
        at: 0,
    };
    (tape, reel)
}

impl Tape {
    /// Records what was said and heard in the same moments, both at the tape's rate. Never waits: when the disk has
    /// not kept up for seconds, a piece is lost and becomes silence.
    pub(crate) fn record(&mut self, said: &Slot, heard: &Slot) {
        match self.layout {
            RecordingLayout::Stereo => {
                let (mut said, mut heard) = (said.samples(), heard.samples());
                while let count @ 1.. = self.block.take_both(said, heard) {
                    said = said.get(count..).unwrap_or_default();
                    heard = heard.get(count..).unwrap_or_default();
                    self.wind_on_if_full();
                }
            }
            RecordingLayout::Mixed => {
                let mut sum = Sum::silence(said.rate());
                sum.add(said, Fade::Whole);
                sum.add(heard, Fade::Whole);
                let limited = self.limiter.limit(&sum);
                let mut samples = limited.samples();
                while let count @ 1.. = self.block.take(samples) {
                    samples = samples.get(count..).unwrap_or_default();
                    self.wind_on_if_full();
                }
            }
        }
    }

    /// Takes down what was said, at the tape's rate; for a tape of one channel. Never waits, as [`Self::record`].
    pub(crate) fn take_down(&mut self, said: &Slot) {
        let mut samples = said.samples();
        while let count @ 1.. = self.block.take(samples) {
            samples = samples.get(count..).unwrap_or_default();
            self.wind_on_if_full();
        }
    }

    /// Nobody goes on with the recording after this tape.
    pub(crate) fn last(self) -> Self {
        self.state.over.store(true, Ordering::Release);
        self
    }

    /// Ends the recording.
    pub(crate) fn end(self) {
        drop(self.last());
    }

    /// Whether it cannot be written any more.
    pub(crate) fn is_torn(&self) -> bool {
        self.state.torn.load(Ordering::Relaxed)
    }

    fn wind_on_if_full(&mut self) {
        if self.block.filled == BLOCK_SAMPLES {
            self.wind_on();
        }
    }

    fn wind_on(&mut self) {
        let moments = self.block.filled / channels(self.layout);
        let next = Block::new(self.block.at + moments as u64);
        let full = std::mem::replace(&mut self.block, next);
        if self.blocks.try_send(full).is_err() {
            // The reel sees from the next block where something is missing.
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.wind_on();
    }
}

impl Reel {
    /// Takes off what is there, silence for what was lost. `false`: there will be no more.
    ///
    /// # Errors
    /// Those of `take`; what was given to it before remains.
    pub fn take(&mut self, mut take: impl FnMut(&[i16]) -> io::Result<()>) -> io::Result<bool> {
        loop {
            let block = match self.blocks.try_recv() {
                Ok(block) => block,
                Err(TryRecvError::Empty) => return Ok(true),
                Err(TryRecvError::Disconnected) => return Ok(false),
            };
            let channels = channels(self.layout);
            let mut missing = block.at.saturating_sub(self.at) * channels as u64;
            while missing > 0 {
                let count = missing.min(BLOCK_SAMPLES as u64);
                take([0; BLOCK_SAMPLES].get(..count as usize).unwrap_or_default())?;
                missing -= count;
            }
            take(block.samples())?;
            self.at = block.at + (block.filled / channels) as u64;
        }
    }

    /// Whether the recording is over with it; known once [`Self::take`] says that there is no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.over.load(Ordering::Acquire)
    }

    /// How many blocks were lost so far, because they were not taken off in time.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.state.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        self.state.torn.store(true, Ordering::Relaxed);
    }
}

/// As many as hold [`TAPE_SECONDS`].
const fn blocks(layout: RecordingLayout, rate: Rate) -> usize {
    rate.hz() as usize * channels(layout) * TAPE_SECONDS / BLOCK_SAMPLES
}

const fn channels(layout: RecordingLayout) -> usize {
    match layout {
        RecordingLayout::Stereo => 2,
        RecordingLayout::Mixed => 1,
    }
}

/// At 8 kHz 20 ms in stereo, 40 ms in one channel. It is full exactly, with one channel and with two.
const BLOCK_SAMPLES: usize = 320;
/// For so long a disk may stand still.
const TAPE_SECONDS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn both_sides_are_laid_out_as_asked() {
        for (layout, expected) in [
            (RecordingLayout::Stereo, [1, 10].repeat(800)),
            (RecordingLayout::Mixed, [11].repeat(800)),
        ] {
            let (mut tape, reel) = tape(layout, Rate::Narrow);
            for _ in 0..10 {
                tape.record(&slot(1), &slot(10));
            }
            drop(tape);
            assert_eq!(all(reel), expected);
        }
    }

    #[test]
    fn two_who_shout_at_once_are_not_clipped_in_the_mix() {
        let (mut tape, reel) = tape(RecordingLayout::Mixed, Rate::Narrow);
        let voices = [440.0, 1_130.0].map(|hz| ear::sine(hz, -1.0, 8_000, 1_000));
        for (said, heard) in voices[0].chunks(80).zip(voices[1].chunks(80)) {
            let slots = [said, heard].map(|samples| {
                let mut slot = Slot::silence(Rate::Narrow);
                slot.samples_mut().copy_from_slice(samples);
                slot
            });
            tape.record(&slots[0], &slots[1]);
        }
        drop(tape);
        let rest = ear::rest_dbfs(&all(reel)[800..], 8_000, &[440.0, 1_130.0]);
        assert!(rest < -40.0, "clipping would be heard: {rest} dBFS");
    }

    #[test]
    fn what_is_lost_while_the_disk_stands_still_is_silence_and_is_counted() {
        let (mut tape, mut reel) = tape(RecordingLayout::Stereo, Rate::Narrow);
        for _ in 0..(BLOCKS + 10) * 2 {
            tape.record(&slot(1), &slot(2));
        }
        assert_eq!(reel.lost(), 10);
        let mut got = Vec::new();
        let mut take = |samples: &[i16]| {
            got.extend_from_slice(samples);
            Ok(())
        };
        assert!(reel.take(&mut take).unwrap());
        for _ in 0..2 {
            tape.record(&slot(3), &slot(4));
        }
        drop(tape);
        assert!(!reel.take(&mut take).unwrap());
        assert_eq!(got.len(), (BLOCKS + 11) * BLOCK_SAMPLES);
        let (before, rest) = got.split_at(BLOCKS * BLOCK_SAMPLES);
        assert!(before.iter().all(|sample| [1, 2].contains(sample)));
        let (lost, after) = rest.split_at(10 * BLOCK_SAMPLES);
        assert!(lost.iter().all(|sample| *sample == 0));
        assert_eq!(after[..2], [3, 4]);
    }

    const BLOCKS: usize = blocks(RecordingLayout::Stereo, Rate::Narrow);

    fn slot(sample: i16) -> Slot {
        let mut slot = Slot::silence(Rate::Narrow);
        slot.samples_mut().fill(sample);
        slot
    }

    fn all(mut reel: Reel) -> Vec<i16> {
        let mut got = Vec::new();
        let ended = reel.take(|samples| {
            got.extend_from_slice(samples);
            Ok(())
        });
        assert!(!ended.unwrap(), "it is over");
        got
    }
}
