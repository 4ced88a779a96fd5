//! What a phone heard: which tones, when, and which prompts.

use crate::wav::{read_channel, read_wav};
use std::f64::consts::TAU;
use std::fmt;
use std::path::Path;

/// The sound that a phone recorded.
#[derive(Clone)]
pub struct Recording {
    name: String,
    samples: Vec<i16>,
    rate_hz: u32,
}

/// A stretch of a recording, in seconds from its beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Where it begins.
    pub from_s: f64,
    /// Where it ends.
    pub to_s: f64,
}

impl Span {
    /// How long it is.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.to_s - self.from_s
    }
}

impl Recording {
    /// Reads a file; one that was never written is a recording of nothing.
    #[must_use]
    pub fn read(name: &str, path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        let (samples, rate_hz) = read_wav(&bytes).unwrap_or((Vec::new(), 8_000));
        Self::of(name, samples, rate_hz)
    }

    /// Both sides of a conversation from a recording of the server: what the one said, and what he heard.
    ///
    /// # Panics
    /// When there is no such file.
    #[must_use]
    pub fn sides(path: &Path) -> [Self; 2] {
        let bytes = std::fs::read(path).expect("a recording");
        [("left", 0), ("right", 1)].map(|(name, channel)| {
            let (samples, rate_hz) = read_channel(&bytes, channel).expect("a WAV file");
            Self::of(name, samples, rate_hz)
        })
    }

    /// Sound that is already in memory.
    #[must_use]
    pub fn of(name: &str, samples: Vec<i16>, rate_hz: u32) -> Self {
        let name = name.to_owned();
        Self {
            name,
            samples,
            rate_hz,
        }
    }

    /// How long it is.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate_hz)
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// Samples a second.
    #[must_use]
    pub const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// This one and then another of the same rate.
    #[must_use]
    pub fn followed_by(mut self, next: Self) -> Self {
        self.samples.extend(next.samples);
        self
    }

    /// A part of it.
    #[must_use]
    pub fn part(&self, span: Span) -> Self {
        let place = |seconds: f64| (seconds.max(0.0) * f64::from(self.rate_hz)) as usize;
        let to = place(span.to_s).min(self.samples.len());
        let part = self.samples.get(place(span.from_s)..to);
        Self::of(&self.name, part.unwrap_or_default().to_vec(), self.rate_hz)
    }

    /// The level of a tone in each window of [`WINDOW_S`], relative to a sine of full scale.
    #[must_use]
    pub fn levels_dbfs(&self, hz: f64) -> Vec<f64> {
        let window = (f64::from(self.rate_hz) * WINDOW_S) as usize;
        self.samples
            .chunks_exact(window.max(1))
            .map(|part| level_dbfs(part, self.rate_hz, hz))
            .collect()
    }

    /// When a tone sounded, without stretches shorter than [`SHORTEST_S`] and with gaps shorter than that closed.
    #[must_use]
    pub fn spans(&self, hz: f64) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for (window, level) in self.levels_dbfs(hz).into_iter().enumerate() {
            if level < HEARD_DBFS {
                continue;
            }
            let (from_s, to_s) = (window as f64 * WINDOW_S, (window + 1) as f64 * WINDOW_S);
            match spans.last_mut() {
                Some(last) if from_s - last.to_s < SHORTEST_S => last.to_s = to_s,
                _ => spans.push(Span { from_s, to_s }),
            }
        }
        spans.retain(|span| span.length_s() > SHORTEST_S - WINDOW_S / 2.0);
        spans
    }

    /// For how long a tone sounded in all.
    #[must_use]
    pub fn heard_s(&self, hz: f64) -> f64 {
        let heard = |level: &f64| *level >= HEARD_DBFS;
        let windows = self.levels_dbfs(hz);
        windows.iter().filter(|level| heard(level)).count() as f64 * WINDOW_S
    }

    /// Fails unless a tone sounded for at least so long.
    ///
    /// # Panics
    /// When it did not.
    pub fn hears(&self, hz: f64, at_least_s: f64) {
        let heard_s = self.heard_s(hz);
        assert!(
            heard_s >= at_least_s,
            "{self:?} should have {hz} Hz for {at_least_s} s, but has it for {heard_s:.1} s"
        );
    }

    /// Fails if a tone sounded at all: in no two windows in a row may it be above [`CLEAR_DBFS`]. In one it may,
    /// as where another tone begins: a click has every frequency.
    ///
    /// # Panics
    /// When it did.
    pub fn does_not_hear(&self, hz: f64) {
        let levels = self.levels_dbfs(hz);
        let lasting = levels.windows(2).map(|pair| pair[0].min(pair[1]));
        let loudest = lasting.fold(SILENCE_DBFS, f64::max);
        assert!(
            loudest < CLEAR_DBFS,
            "{self:?} should be free of {hz} Hz, but has it at {loudest:.0} dBFS"
        );
    }

    /// The level of all sound together, as RMS relative to full scale.
    #[must_use]
    pub fn rms_dbfs(&self) -> f64 {
        let power: f64 = self.samples.iter().map(|&s| f64::from(s).powi(2)).sum();
        let mean = power / self.samples.len().max(1) as f64;
        (20.0 * (mean.sqrt() / 32_768.0).max(1e-6).log10()).max(SILENCE_DBFS)
    }

    /// For how long there was any sound above -50 dBFS.
    #[must_use]
    pub fn loud_s(&self) -> f64 {
        let window = (f64::from(self.rate_hz) * WINDOW_S) as usize;
        let windows = self.samples.chunks_exact(window.max(1));
        let loud =
            windows.filter(|part| Self::of("", part.to_vec(), self.rate_hz).rms_dbfs() > LOUD_DBFS);
        loud.count() as f64 * WINDOW_S
    }

    /// Where a known sound is found best, in seconds, and how alike both are there, from 0 to 1: the greatest
    /// normalised cross-correlation. Unrelated speech stays below 0.4; a prompt that went through G.711 is
    /// above 0.9. `None` when the recording is shorter than the sound.
    #[must_use]
    pub fn recognises(&self, reference: &[i16], reference_hz: u32) -> Option<(f64, f64)> {
        // The coarse look saves most of the work; it is off by half a sample at most, which the fine one repairs.
        let coarse = |samples, rate_hz| thinned(samples, rate_hz, COARSE_HZ);
        let (heard, known) = (
            coarse(&self.samples, self.rate_hz),
            coarse(reference, reference_hz),
        );
        let (place, _) = most_alike(&heard, &known, 0)?;
        let scale = (FINE_HZ / COARSE_HZ) as usize;
        let around = (place.saturating_sub(1)) * scale;
        let fine = |samples, rate_hz| thinned(samples, rate_hz, FINE_HZ);
        let (heard, known) = (
            fine(&self.samples, self.rate_hz),
            fine(reference, reference_hz),
        );
        let to = (around + known.len() + 2 * scale).min(heard.len());
        let (place, alike) = most_alike(&heard[..to], &known, around)?;
        Some((place as f64 / f64::from(FINE_HZ), alike))
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the recording of {} ({:.1} s, {:.0} dBFS)",
            self.name,
            self.length_s(),
            self.rms_dbfs()
        )
    }
}

/// The level of one frequency, by Goertzel's sum under a Hann window.
fn level_dbfs(samples: &[i16], rate_hz: u32, hz: f64) -> f64 {
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * (place as f64 + 0.5) / samples.len() as f64).cos();
        let angle = TAU * hz * place as f64 / f64::from(rate_hz);
        re += window * f64::from(*sample) * angle.cos();
        im += window * f64::from(*sample) * angle.sin();
        weight += window;
    }
    let amplitude = 2.0 * f64::hypot(re, im) / (weight * 32_767.0);
    (20.0 * amplitude.max(1e-6).log10()).max(SILENCE_DBFS)
}

/// The place from `from` on at which a sound is most like a known one, and how much: their correlation.
fn most_alike(heard: &[f64], known: &[f64], from: usize) -> Option<(usize, f64)> {
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let known: Vec<f64> = known.iter().map(|sample| sample - mean).collect();
    let known_power: f64 = known.iter().map(|sample| sample * sample).sum();
    let heard = heard
        .get(from..)
        .filter(|rest| !known.is_empty() && rest.len() >= known.len())?;
    let first = heard.get(..known.len())?;
    let mut sum: f64 = first.iter().sum();
    let mut power: f64 = first.iter().map(|sample| sample * sample).sum();
    let mut best = (0, 0.0);
    for (place, part) in heard.windows(known.len()).enumerate() {
        if place > 0 {
            let (gone, come) = (heard[place - 1], part[known.len() - 1]);
            sum += come - gone;
            power += come * come - gone * gone;
        }
        // The known sound has no mean, so that of the part adds nothing to the product.
        let product: f64 = part.iter().zip(&known).map(|(a, b)| a * b).sum();
        let variance = power - sum * sum / known.len() as f64;
        let alike = product / (known_power * variance).max(1.0).sqrt();
        if alike > best.1 {
            best = (place, alike);
        }
    }
    Some((from + best.0, best.1))
}

/// Sound at a lower rate, by averaging what falls into each sample: crude, and the same on both sides.
fn thinned(samples: &[i16], rate_hz: u32, to_hz: u32) -> Vec<f64> {
    let step = f64::from(rate_hz) / f64::from(to_hz);
    let count = (samples.len() as f64 / step) as usize;
    (0..count)
        .map(|place| {
            let from = (place as f64 * step) as usize;
            let to = (((place + 1) as f64 * step) as usize).clamp(from + 1, samples.len());
            let part = &samples[from..to];
            part.iter().map(|&s| f64::from(s)).sum::<f64>() / part.len() as f64
        })
        .collect()
}

/// A tone at this level or above was heard. Phones play theirs at -12.
pub const HEARD_DBFS: f64 = -40.0;
/// A tone below this level was not there: about -50 dBm0, above what companding another tone leaves.
pub const CLEAR_DBFS: f64 = -55.0;
/// Sound above this is no background.
const LOUD_DBFS: f64 = -50.0;
/// Below this, nobody hears anything.
const SILENCE_DBFS: f64 = -120.0;
/// Seconds of a window.
const WINDOW_S: f64 = 0.1;
/// A tone shorter than this is no tone; a gap shorter than this is no gap.
const SHORTEST_S: f64 = 0.3;
/// The rate at which a known sound is searched for.
const COARSE_HZ: u32 = 2_000;
/// The rate at which it is compared: that of telephones.
const FINE_HZ: u32 = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_heard_when_it_sounds_and_no_other_is() {
        let mut samples = vec![0; 8_000];
        samples.extend(tone(1150.0, 0.25, 2.0));
        samples.extend(vec![0; 8_000]);
        let recording = Recording::of("x", samples, 8_000);
        recording.hears(1150.0, 1.9);
        recording.does_not_hear(520.0);
        let spans = recording.spans(1150.0);
        assert_eq!(spans.len(), 1, "{spans:?}");
        assert!((spans[0].from_s - 1.0).abs() < 0.11, "{spans:?}");
        assert!((spans[0].to_s - 3.0).abs() < 0.11, "{spans:?}");
        assert!((recording.loud_s() - 2.0).abs() < 0.11);
        let silence = recording.part(Span {
            from_s: 3.1,
            to_s: 4.0,
        });
        silence.does_not_hear(1150.0);
    }

    #[test]
    #[should_panic(expected = "should be free of 1150 Hz")]
    fn a_fifth_of_a_second_of_a_faint_tone_is_noticed() {
        let mut samples = tone(520.0, 0.25, 2.0);
        for (sample, extra) in samples.iter_mut().skip(4_000).zip(tone(1150.0, 0.01, 0.2)) {
            *sample += extra;
        }
        Recording::of("x", samples, 8_000).does_not_hear(1150.0);
    }

    #[test]
    fn a_known_sound_is_found_where_it_is_and_another_is_not() {
        let (known, other) = (noise(1, 16_000), noise(2, 16_000));
        let mut samples = vec![0; 4_000];
        // The recording is at half the rate of the reference.
        samples.extend(
            known
                .as_chunks::<2>()
                .0
                .iter()
                .map(|[a, b]| i16::midpoint(*a, *b)),
        );
        samples.extend(vec![0; 4_000]);
        let recording = Recording::of("x", samples, 8_000);
        let (at_s, alike) = recording.recognises(&known, 16_000).expect("long enough");
        assert!((at_s - 0.5).abs() < 0.01 && alike > 0.95, "{at_s} {alike}");
        let (_, alike) = recording.recognises(&other, 16_000).expect("long enough");
        assert!(alike < 0.4, "{alike}");
        assert_eq!(
            Recording::of("x", vec![0; 8], 8_000).recognises(&known, 16_000),
            None
        );
    }

    fn tone(hz: f64, amplitude: f64, seconds: f64) -> Vec<i16> {
        let count = (seconds * 8_000.0) as u32;
        let sample = |place| (TAU * hz * f64::from(place) / 8_000.0).sin() * amplitude * 32_767.0;
        (0..count).map(|place| sample(place) as i16).collect()
    }

    /// Rough noise that stays loud at low rates: xorshift, held for some samples each.
    fn noise(seed: u64, count: usize) -> Vec<i16> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 48) as i16 / 4
        };
        (0..count / 8).flat_map(|_| [next(); 8]).collect()
    }
}
