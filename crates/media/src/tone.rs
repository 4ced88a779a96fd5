//! Tones without language: progress tones as they sound in each country, and beeps.

mod country;

use country::{Cadence, Mix, Part};
pub use country::{countries, is_country};
use model::Tone;

/// Makes a tone sample by sample, without end or until it is over.
#[derive(Clone, Debug)]
pub struct Generator {
    cadence: Cadence,
    repeats: Repeats,
    rate_hz: u32,
    /// The part being heard; past the last one the tone is over.
    part: usize,
    /// Samples of that part already made.
    at: u64,
    oscillators: [Oscillator; 2],
}

impl Generator {
    /// A tone from its beginning. A country without a row sounds as ITU-T E.180 recommends.
    ///
    /// # Panics
    /// If the rate is below 4 kHz, which could not carry the tones.
    #[must_use]
    pub fn new(country: &str, tone: Tone, rate_hz: u32) -> Self {
        assert!(rate_hz >= 4000, "{rate_hz} Hz cannot carry tones");
        let (cadence, repeats) = cadence(country, tone);
        let mut generator = Self {
            cadence,
            repeats,
            rate_hz,
            part: 0,
            at: 0,
            oscillators: [Oscillator::default(); 2],
        };
        generator.tune();
        generator
    }

    /// Makes the next samples and says how many: fewer than asked for when the tone is over.
    pub fn fill(&mut self, samples: &mut [i16]) -> usize {
        for (made, sample) in samples.iter_mut().enumerate() {
            match self.next_sample() {
                Some(value) => *sample = value,
                None => return made,
            }
        }
        samples.len()
    }

    fn next_sample(&mut self) -> Option<i16> {
        while self.at == self.samples_of(*self.cadence.get(self.part)?) {
            self.part += 1;
            if self.part == self.cadence.len() && self.repeats == Repeats::Endless {
                self.part = 0;
            }
            self.at = 0;
            self.tune();
        }
        let part = *self.cadence.get(self.part)?;
        let value = match part {
            Part::On(mix, _) => self.mixed(mix) * LEVEL,
            Part::Soft(mix, _) => self.mixed(mix) * LEVEL_SOFT,
            Part::Off(_) => 0.0,
        };
        let sample = (value * self.swell(part)).round() as i16;
        self.at += 1;
        Some(sample)
    }

    fn mixed(&mut self, mix: Mix) -> f32 {
        let [first, second] = self.oscillators.each_mut().map(Oscillator::turn);
        match mix {
            Mix::One(_) => first,
            Mix::Sum(..) => (first + second) * std::f32::consts::FRAC_1_SQRT_2,
            Mix::Modulated(..) => {
                // As loud as a plain tone: the side bands add their power to the carrier's.
                first * (1.0 + DEPTH * second) / (1.0 + DEPTH * DEPTH / 2.0).sqrt()
            }
        }
    }

    /// Sound swells and fades within [`EDGE_MS`], for a hard edge is a click. A tone without end has no second edge.
    fn swell(&self, part: Part) -> f32 {
        let edge = u64::from(self.rate_hz * EDGE_MS / 1000);
        let left = self.samples_of(part) - self.at;
        let near = (self.at + 1).min(left);
        if near > edge {
            return 1.0;
        }
        let angle = std::f32::consts::PI * near as f32 / (edge + 1) as f32;
        0.5 - 0.5 * angle.cos()
    }

    fn samples_of(&self, part: Part) -> u64 {
        match part {
            Part::On(_, country::CONTINUOUS) => u64::MAX,
            Part::On(_, ms) | Part::Soft(_, ms) | Part::Off(ms) => {
                u64::from(ms) * u64::from(self.rate_hz) / 1000
            }
        }
    }

    fn tune(&mut self) {
        let Some(Part::On(mix, _) | Part::Soft(mix, _)) = self.cadence.get(self.part) else {
            return;
        };
        let (first, second) = match *mix {
            Mix::One(hz) => (hz, 0.0),
            Mix::Sum(one, other) => (one, other),
            Mix::Modulated(carrier, by) => (carrier, by),
        };
        self.oscillators = [
            Oscillator::tuned(first, self.rate_hz),
            Oscillator::tuned(second, self.rate_hz),
        ];
    }
}

/// Whether a tone begins again when its cadence is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeats {
    Endless,
    Once,
}

fn cadence(country: &str, tone: Tone) -> (Cadence, Repeats) {
    let row = country::row(country);
    match tone {
        Tone::Dial => (row.dial, Repeats::Endless),
        Tone::Ring => (row.ring, Repeats::Endless),
        Tone::Busy => (row.busy, Repeats::Endless),
        Tone::Congestion => (row.congestion, Repeats::Endless),
        Tone::CallWaiting => (row.call_waiting, Repeats::Endless),
        Tone::SpecialInformation => (row.special_information, Repeats::Once),
        Tone::Beep => (BEEP, Repeats::Once),
        Tone::BeepError => (BEEP_ERROR, Repeats::Once),
        Tone::BeepStart => (BEEP_START, Repeats::Once),
        Tone::BeepStop => (BEEP_STOP, Repeats::Once),
        Tone::Join => (JOIN, Repeats::Once),
        Tone::Leave => (LEAVE, Repeats::Once),
    }
}

/// A sine whose phase is a fraction of 2³², so that it drifts neither in an hour nor in a year.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Oscillator {
    phase: u32,
    step: u32,
}

impl Oscillator {
    /// A sine from its zero on.
    pub(crate) fn tuned(hz: f64, rate_hz: u32) -> Self {
        Self {
            phase: 0,
            step: (hz / f64::from(rate_hz) * TURN).round() as u32,
        }
    }

    /// Its next sample, within ±1.
    pub(crate) fn turn(&mut self) -> f32 {
        let angle = f64::from(self.phase) * (std::f64::consts::TAU / TURN);
        self.phase = self.phase.wrapping_add(self.step);
        (angle as f32).sin()
    }
}

const BEEP: Cadence = &[Part::On(Mix::One(1000.0), 250)];
const BEEP_ERROR: Cadence = &[
    Part::On(Mix::One(400.0), 200),
    Part::Off(100),
    Part::On(Mix::One(400.0), 200),
];
/// Two notes upwards.
const BEEP_START: Cadence = &[
    Part::On(Mix::One(800.0), 120),
    Part::On(Mix::One(1200.0), 160),
];
/// Two notes downwards.
const BEEP_STOP: Cadence = &[
    Part::On(Mix::One(1200.0), 120),
    Part::On(Mix::One(800.0), 160),
];

/// Softer than speech, which goes on meanwhile.
const JOIN: Cadence = &[
    Part::Soft(Mix::One(500.0), 100),
    Part::Soft(Mix::One(750.0), 120),
];
const LEAVE: Cadence = &[
    Part::Soft(Mix::One(750.0), 100),
    Part::Soft(Mix::One(500.0), 120),
];

/// −20 dBFS: a tenth of a sine of full scale, which is −16.9 dBm0.
const LEVEL: f32 = 3276.7;
/// 10 dB less.
const LEVEL_SOFT: f32 = 1036.2;
/// How deep one frequency modulates the other.
const DEPTH: f32 = 0.85;
const EDGE_MS: u32 = 4;
/// 2³².
const TURN: f64 = 4_294_967_296.0;

#[cfg(test)]
mod tests;
