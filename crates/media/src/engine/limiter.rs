//! Keeps the sum of many voices within bounds, without clipping it.

use super::slot::{SLOT_MAX, Slot};
use crate::Rate;

/// The sum of voices, before it is limited.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    rate: Rate,
    samples: [i32; SLOT_MAX],
}

impl Sum {
    /// Of nobody.
    pub(crate) const fn silence(rate: Rate) -> Self {
        Self {
            rate,
            samples: [0; SLOT_MAX],
        }
    }

    /// How finely it is sampled.
    pub(crate) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Puts a voice to it.
    pub(crate) fn add(&mut self, voice: &Slot, fade: Fade) {
        self.each(voice, fade, i32::wrapping_add);
    }

    /// Takes a voice out of it that was put to it.
    pub(crate) fn subtract(&mut self, voice: &Slot, fade: Fade) {
        self.each(voice, fade, i32::wrapping_sub);
    }

    // 65,536 would have to shout for a sum to wrap; a check for each sample would cost more than the sample.

    fn each(&mut self, voice: &Slot, fade: Fade, operate: impl Fn(i32, i32) -> i32) {
        if voice.rate() != self.rate {
            return;
        }
        let samples = self.samples.iter_mut().zip(voice.samples());
        match fade {
            Fade::Whole => samples.for_each(|(sum, sample)| *sum = operate(*sum, (*sample).into())),
            Fade::In | Fade::Out => {
                let length = self.rate.slot() as i32;
                for (place, (sum, sample)) in (1..).zip(samples) {
                    let share = match fade {
                        Fade::Out => length - place,
                        Fade::In | Fade::Whole => place,
                    };
                    *sum = operate(*sum, i32::from(*sample) * share / length);
                }
            }
        }
    }

    fn samples(&self) -> &[i32] {
        self.samples.get(..self.rate.slot()).unwrap_or_default()
    }
}

/// How a voice comes into a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fade {
    /// As it is.
    Whole,
    /// It begins to be heard.
    In,
    /// It is heard for the last time.
    Out,
}

/// A gain that follows the loudest sample of each slot: down before that sample is reached, up again slowly. Below
/// [`CEILING`] everything passes as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limiter {
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// The next slot.
    pub(crate) fn limit(&mut self, sum: &Sum) -> Slot {
        let mut limited = Slot::silence(sum.rate);
        let sums = sum.samples();
        let peak = sums
            .iter()
            .fold(0, |peak, sum| peak.max(sum.unsigned_abs()));
        if peak <= CEILING && self.gain >= 1.0 {
            for (sample, sum) in limited.samples_mut().iter_mut().zip(sums) {
                *sample = *sum as i16;
            }
            return limited;
        }
        let wanted = (CEILING as f32 / peak.max(1) as f32).min(1.0);
        let before = self.gain;
        let (after, within) = if wanted < before {
            let first = |sum: &i32| sum.unsigned_abs() as f32 * before > CEILING as f32;
            (wanted, sums.iter().position(first).unwrap_or(sums.len()))
        } else {
            let after = before + (wanted - before) * RELEASE;
            (if after > NEARLY_ONE { 1.0 } else { after }, sums.len())
        };
        let step = (after - before) / within.max(1) as f32;
        for (place, (sample, sum)) in limited.samples_mut().iter_mut().zip(sums).enumerate() {
            let gain = if place < within {
                before + step * place as f32
            } else {
                after
            };
            *sample = (*sum as f32 * gain).round() as i16;
        }
        self.gain = after;
        limited
    }
}

/// The loudest sample, 0.5 dB below full scale.
const CEILING: u32 = 30_934;
/// The share of the way up in each slot: 90 % of it in 220 ms.
const RELEASE: f32 = 0.1;
const NEARLY_ONE: f32 = 0.999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn two_who_talk_normally_pass_as_they_are() {
        let one = ear::sine(440.0, -12.0, 8_000, 500);
        let other = ear::sine(1_130.0, -9.0, 8_000, 500);
        let mixed = mix(&[&one, &other]);
        let sum = one.iter().zip(&other).map(|(one, other)| one + other);
        assert_eq!(mixed, sum.collect::<Vec<_>>());
    }

    #[test]
    fn many_who_shout_are_lowered_and_not_clipped() {
        let tones = [440.0, 1_130.0, 1_750.0, 2_300.0];
        let voices = tones.map(|hz| ear::sine(hz, -3.0, 8_000, 1_000));
        let voices = voices.each_ref().map(Vec::as_slice);
        let mixed = mix(&voices);
        assert!(mixed.iter().all(|sample| sample.unsigned_abs() <= 30_935));
        let rest = ear::rest_dbfs(&mixed[800..], 8_000, &tones);
        assert!(rest < -40.0, "clipping would be heard: {rest} dBFS");
        let levels = tones.map(|hz| ear::tone_dbfs(&mixed[800..], 8_000, hz));
        assert!(levels.iter().all(|level| (level - levels[0]).abs() < 0.2));
    }

    #[test]
    fn after_a_shout_the_level_comes_back() {
        let mut limiter = Limiter::default();
        let mut sum = Sum::silence(Rate::Narrow);
        sum.samples.fill(90_000);
        limiter.limit(&sum);
        sum.samples.fill(10_000);
        let first = limiter.limit(&sum).samples()[79];
        assert!(first < 5_000, "{first}");
        for _ in 0..100 {
            limiter.limit(&sum);
        }
        assert_eq!(limiter.limit(&sum).samples()[0], 10_000);
    }

    #[test]
    fn who_is_taken_out_of_a_sum_leaves_nothing_behind() {
        let mut voice = Slot::silence(Rate::Wide);
        voice
            .samples_mut()
            .copy_from_slice(&ear::sine(700.0, 0.0, 16_000, 10));
        for fade in [Fade::Whole, Fade::In, Fade::Out] {
            let mut sum = Sum::silence(Rate::Wide);
            sum.add(&voice, fade);
            assert!(sum.samples().iter().any(|sample| *sample != 0));
            sum.subtract(&voice, fade);
            assert!(sum.samples().iter().all(|sample| *sample == 0));
        }
    }

    fn mix(voices: &[&[i16]]) -> Vec<i16> {
        let mut limiter = Limiter::default();
        let slots = (0..voices[0].len() / 80).flat_map(|slot| {
            let mut sum = Sum::silence(Rate::Narrow);
            for voice in voices {
                let mut said = Slot::silence(Rate::Narrow);
                said.samples_mut()
                    .copy_from_slice(&voice[slot * 80..][..80]);
                sum.add(&said, Fade::Whole);
            }
            limiter.limit(&sum).samples().to_vec()
        });
        slots.collect()
    }
}
