//! Makes the tones of keys, for parties that know keys in no other form.

use super::frequencies;
use crate::Rate;
use crate::tone::Oscillator;
use model::Digit;

/// Keys one after the other, each 100 ms long and followed by 100 ms of silence.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The first to be heard first.
    waiting: [Option<Digit>; Self::WAITING_MAX],
    sounding: Option<Sounding>,
}

/// A key that sounds, or the silence after it.
#[derive(Clone, Copy, Debug)]
struct Sounding {
    low: Oscillator,
    high: Oscillator,
    /// Samples made of it and of the silence behind it.
    at: u32,
}

/// As many keys wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} keys are waiting to be heard", Generator::WAITING_MAX)]
pub struct QueueFull;

impl Default for Generator {
    fn default() -> Self {
        Self {
            waiting: [None; Self::WAITING_MAX],
            sounding: None,
        }
    }
}

impl Generator {
    /// How many keys may wait.
    pub const WAITING_MAX: usize = 64;

    /// Puts a key behind those that wait.
    ///
    /// # Errors
    /// When [`Self::WAITING_MAX`] keys wait.
    pub fn push(&mut self, digit: Digit) -> Result<(), QueueFull> {
        let place = self.waiting.iter_mut().find(|place| place.is_none());
        *place.ok_or(QueueFull)? = Some(digit);
        Ok(())
    }

    /// Whether nothing sounds and nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.sounding.is_none() && self.waiting.first().is_none_or(Option::is_none)
    }

    /// Makes the next samples, at the same rate each time; all are silence once every key was heard.
    pub fn fill(&mut self, rate: Rate, samples: &mut [i16]) {
        for sample in samples {
            *sample = self.next_sample(rate);
        }
    }

    fn next_sample(&mut self, rate: Rate) -> i16 {
        if self.sounding.is_none() {
            self.sounding = self.next_key(rate);
        }
        let per_ms = rate.hz() / 1_000;
        let Some(key) = &mut self.sounding else {
            return 0;
        };
        let on = ON_MS * per_ms;
        let edge = EDGE_MS * per_ms;
        let near = (key.at + 1).min(on.saturating_sub(key.at));
        let swell = if near > edge {
            1.0
        } else {
            let angle = std::f32::consts::PI * near as f32 / (edge + 1) as f32;
            0.5 - 0.5 * angle.cos()
        };
        let sample = if near == 0 {
            0.0
        } else {
            (key.low.turn() * LOW_PEAK + key.high.turn() * HIGH_PEAK) * swell
        };
        key.at += 1;
        if key.at >= on + OFF_MS * per_ms {
            self.sounding = None;
        }
        sample.round() as i16
    }

    fn next_key(&mut self, rate: Rate) -> Option<Sounding> {
        let digit = self.waiting.first_mut()?.take()?;
        self.waiting.rotate_left(1);
        let (low, high) = frequencies(digit);
        Some(Sounding {
            low: Oscillator::tuned(low, rate.hz()),
            high: Oscillator::tuned(high, rate.hz()),
            at: 0,
        })
    }
}

/// How long a key sounds.
const ON_MS: u32 = 100;
/// The silence after it.
const OFF_MS: u32 = 100;
/// It swells and fades, for a hard edge is a click, which spreads over all frequencies.
const EDGE_MS: u32 = 3;
/// -9 dBm0: a sine of 0 dBm0 is 3.14 dB below full scale (ITU-T G.711).
const LOW_PEAK: f32 = 8_099.0;
/// -7 dBm0: lines lose more of high tones than of low ones.
const HIGH_PEAK: f32 = 10_196.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn a_key_has_its_two_tones_at_their_levels_at_every_rate() {
        for rate in Rate::ALL {
            let heard = made("5", rate, 200);
            let (rate_hz, per_ms) = (rate.hz(), rate.slot() / 10);
            let on = &heard[10 * per_ms..90 * per_ms];
            let low = ear::tone_dbfs(on, rate_hz, 770.0) + FULL_SCALE_DBM0;
            let high = ear::tone_dbfs(on, rate_hz, 1_336.0) + FULL_SCALE_DBM0;
            assert!((low + 9.0).abs() < 0.2, "{rate_hz}: {low} dBm0");
            assert!((high + 7.0).abs() < 0.2, "{rate_hz}: {high} dBm0");
            assert!(ear::rest_dbfs(on, rate_hz, &[770.0, 1_336.0]) < -50.0);
            assert!(heard[100 * per_ms..].iter().all(|&sample| sample == 0));
            assert!(heard[0].abs() < 800, "it begins softly");
        }
    }

    #[test]
    fn keys_sound_one_after_the_other_and_then_nothing() {
        let mut generator = Generator::default();
        for key in "12".chars() {
            generator.push(Digit::parse(key).unwrap()).unwrap();
        }
        let mut heard = vec![0; 3_200];
        generator.fill(Rate::Narrow, &mut heard);
        assert!(generator.is_idle());
        assert!(ear::tone_dbfs(&heard[100..700], 8_000, 1_209.0) > -15.0);
        assert!(ear::tone_dbfs(&heard[1_700..2_300], 8_000, 1_336.0) > -15.0);
        generator.fill(Rate::Narrow, &mut heard);
        assert!(heard.iter().all(|&sample| sample == 0));
    }

    #[test]
    fn only_so_many_keys_wait() {
        let mut generator = Generator::default();
        let key = Digit::parse('1').unwrap();
        for _ in 0..Generator::WAITING_MAX {
            assert_eq!(generator.push(key), Ok(()));
        }
        assert_eq!(generator.push(key), Err(QueueFull));
    }

    /// A sine of full scale (ITU-T G.711).
    const FULL_SCALE_DBM0: f64 = 3.144;

    fn made(keys: &str, rate: Rate, ms: usize) -> Vec<i16> {
        let mut generator = Generator::default();
        for key in keys.chars() {
            generator.push(Digit::parse(key).unwrap()).unwrap();
        }
        let mut samples = vec![0; rate.slot() / 10 * ms];
        generator.fill(rate, &mut samples);
        samples
    }
}
