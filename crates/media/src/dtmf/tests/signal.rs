//! Sound to try the detector with: keys as bad as a line may make them, and noise. All of it is seeded.

use crate::Rate;
use crate::dtmf::{Detector, Heard, frequencies};
use crate::g711::{self, Law};
use model::Digit;
use std::f64::consts::TAU;

/// The sixteen keys.
pub(super) const KEYS: &str = "123A456B789C*0#D";

/// One key as it arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Press {
    pub(super) key: char,
    /// The level of both tones together, in dBm0.
    pub(super) level: f64,
    /// How much louder the high tone is than the low one, in dB.
    pub(super) twist: f64,
    /// By how much each tone is off, in percent.
    pub(super) off: [f64; 2],
    pub(super) on_ms: f64,
    pub(super) off_ms: f64,
}

impl Press {
    pub(super) const fn of(key: char) -> Self {
        Self {
            key,
            level: -10.0,
            twist: 0.0,
            off: [0.0; 2],
            on_ms: 40.0,
            off_ms: 40.0,
        }
    }
}

/// Sound under construction, in fractions of nothing yet: it is rounded when it is heard.
pub(super) struct Sound {
    pub(super) rate: Rate,
    samples: Vec<f64>,
    chance: Chance,
}

impl Sound {
    pub(super) fn new(rate: Rate, seed: u64) -> Self {
        Self {
            rate,
            samples: Vec::new(),
            chance: Chance(seed),
        }
    }

    pub(super) fn silence(&mut self, ms: f64) {
        let length = self.samples.len() + self.count(ms);
        self.samples.resize(length, 0.0);
    }

    /// A stretch that ends between two slots of the detector.
    pub(super) fn any_silence(&mut self) {
        let ms = 30.0 + 10.0 * self.chance.unit();
        self.silence(ms);
    }

    pub(super) fn press(&mut self, press: Press) {
        let (low, high) = frequencies(Digit::parse(press.key).unwrap());
        let ratio = 10_f64.powf(press.twist / 10.0);
        let power = 10_f64.powf(press.level / 10.0);
        let [low_off, high_off] = press.off;
        let tones = [
            (low * (1.0 + low_off / 100.0), power / (1.0 + ratio)),
            (
                high * (1.0 + high_off / 100.0),
                power * ratio / (1.0 + ratio),
            ),
        ];
        let phases = [self.chance.unit() * TAU, self.chance.unit() * TAU];
        for at in 0..self.count(press.on_ms) {
            let time = at as f64 / f64::from(self.rate.hz());
            let parts = tones.iter().zip(phases);
            let sample =
                parts.map(|((hz, power), phase)| power.sqrt() * (TAU * hz * time + phase).sin());
            self.samples.push(PEAK * sample.sum::<f64>());
        }
        self.silence(press.off_ms);
    }

    /// White noise over all that there is, at a level in dBm0 within 4 kHz.
    pub(super) fn noise(&mut self, level: f64) {
        let within = f64::from(self.rate.hz()) / 8_000.0;
        let deviation = PEAK / 2_f64.sqrt() * 10_f64.powf(level / 20.0) * within.sqrt();
        for sample in &mut self.samples {
            *sample += deviation * self.chance.normal();
        }
    }

    /// As it would come out of a decoder.
    pub(super) fn samples(&self) -> Vec<i16> {
        self.samples
            .iter()
            .map(|sample| sample.round() as i16)
            .collect()
    }

    /// As it would come out of a decoder of G.711.
    pub(super) fn coded(&self) -> Vec<i16> {
        let samples = self.samples();
        let mut payload = vec![0; samples.len()];
        g711::encode(Law::Mu, &samples, &mut payload);
        let mut decoded = vec![0; samples.len()];
        g711::decode(Law::Mu, &payload, &mut decoded);
        decoded
    }

    fn count(&self, ms: f64) -> usize {
        (ms * f64::from(self.rate.hz()) / 1_000.0) as usize
    }
}

/// The keys that are heard in some sound.
pub(super) fn keys_in(samples: &[i16], rate: Rate) -> String {
    let mut keys = String::new();
    listen(samples, rate, |_, heard| {
        if let Heard::Pressed(digit) = heard {
            keys.push(digit.as_char());
        }
    });
    keys
}

/// Tells what is heard in each 10 ms.
pub(super) fn listen(samples: &[i16], rate: Rate, mut each: impl FnMut(usize, Heard)) {
    let mut detector = Detector::new(rate);
    for (at, slot) in samples.chunks(rate.slot()).enumerate() {
        each(at, detector.hear(slot));
    }
}

/// Numbers that look random and are the same each time.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    /// From 0 to 1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// With mean 0 and deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }
}

/// The peak of a sine of 0 dBm0: 3.14 dB below full scale (ITU-T G.711).
pub(super) const PEAK: f64 = 22_827.0;
