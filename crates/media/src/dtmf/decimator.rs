//! Brings sound down to the 8 kHz at which keys are looked for.

use crate::Rate;

/// Takes 10 ms of sound at 8, 16 or 48 kHz and gives the same at 8 kHz. The tones of keys pass within 0.4 dB; what
/// would fold onto them is at least 40 dB weaker.
#[derive(Clone, Debug)]
pub(super) struct Decimator {
    rate: Rate,
    to_16: Fir<TO_16_TAPS, 3>,
    to_8: Fir<TO_8_TAPS, 2>,
}

/// 10 ms at 8 kHz.
pub(super) const SLOT: usize = 80;

impl Decimator {
    /// For sound at this rate.
    pub(super) const fn new(rate: Rate) -> Self {
        Self {
            rate,
            to_16: Fir::new(TO_16),
            to_8: Fir::new(TO_8),
        }
    }

    /// Takes 10 ms. What is missing of them is silence.
    pub(super) fn take(&mut self, slot: &[i16], into: &mut [f32; SLOT]) {
        match self.rate {
            Rate::Narrow => {
                into.fill(0.0);
                copy(slot, into);
            }
            Rate::Wide => {
                let mut at_16 = [0.0; 2 * SLOT];
                copy(slot, &mut at_16);
                self.to_8.run(&at_16, into);
            }
            Rate::Full => {
                let mut at_48 = [0.0; 6 * SLOT];
                copy(slot, &mut at_48);
                let mut at_16 = [0.0; 2 * SLOT];
                self.to_16.run(&at_48, &mut at_16);
                self.to_8.run(&at_16, into);
            }
        }
    }
}

fn copy(slot: &[i16], into: &mut [f32]) {
    for (to, sample) in into.iter_mut().zip(slot) {
        *to = f32::from(*sample);
    }
}

/// A filter that gives every `BY`-th sample of what it lets pass.
#[derive(Clone, Debug)]
struct Fir<const TAPS: usize, const BY: usize> {
    taps: [f32; TAPS],
    /// The newest samples of the slot before, as many as the filter reaches back to.
    before: [f32; TAPS],
}

impl<const TAPS: usize, const BY: usize> Fir<TAPS, BY> {
    const fn new(taps: [f32; TAPS]) -> Self {
        Self {
            taps,
            before: [0.0; TAPS],
        }
    }

    fn run(&mut self, from: &[f32], into: &mut [f32]) {
        let mut line = [0.0; LINE];
        let (head, tail) = line.split_at_mut(TAPS);
        head.copy_from_slice(&self.before);
        for (to, sample) in tail.iter_mut().zip(from) {
            *to = *sample;
        }
        let windows = line.windows(TAPS).skip(BY).step_by(BY);
        for (to, window) in into.iter_mut().zip(windows) {
            let products = window.iter().zip(&self.taps);
            *to = products.map(|(sample, tap)| sample * tap).sum();
        }
        if let Some(newest) = line.get(from.len()..from.len() + TAPS) {
            self.before.copy_from_slice(newest);
        }
    }
}

/// Room for 10 ms at 48 kHz and what any filter reaches back to.
const LINE: usize = TO_8_TAPS + 6 * SLOT;
const TO_16_TAPS: usize = 7;
/// Three running means of three samples: a threefold zero at 16 kHz, from where sound would fold onto the tones.
const TO_16: [f32; TO_16_TAPS] = [
    1.0 / 27.0,
    3.0 / 27.0,
    6.0 / 27.0,
    7.0 / 27.0,
    6.0 / 27.0,
    3.0 / 27.0,
    1.0 / 27.0,
];
const TO_8_TAPS: usize = 11;
/// The maximally flat half-band filter of eleven taps.
const TO_8: [f32; TO_8_TAPS] = [
    3.0 / 512.0,
    0.0,
    -25.0 / 512.0,
    0.0,
    150.0 / 512.0,
    256.0 / 512.0,
    150.0 / 512.0,
    0.0,
    -25.0 / 512.0,
    0.0,
    3.0 / 512.0,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn tones_pass_and_what_would_fold_onto_them_does_not() {
        for rate in [Rate::Wide, Rate::Full] {
            for hz in [697.0, 941.0, 1_633.0] {
                let lost = -20.0 - level_at_8(rate, hz, hz);
                assert!((-0.1..0.5).contains(&lost), "{rate:?}: {hz} Hz: {lost}");
                let folded = level_at_8(rate, 8_000.0 - hz, hz);
                assert!(folded < -60.0, "{rate:?}: {hz} Hz from 8 kHz: {folded}");
            }
        }
        for hz in [697.0, 1_633.0] {
            let folded = level_at_8(Rate::Full, 16_000.0 - hz, hz);
            assert!(folded < -60.0, "{hz} Hz from 16 kHz: {folded}");
        }
    }

    /// How loud `heard_hz` is at 8 kHz when `hz` is said at -20 dBFS.
    fn level_at_8(rate: Rate, hz: f64, heard_hz: f64) -> f64 {
        let mut decimator = Decimator::new(rate);
        let said = ear::sine(hz, -20.0, rate.hz(), 500);
        let mut at_8 = Vec::new();
        for slot in said.chunks(rate.slot()) {
            let mut taken = [0.0; SLOT];
            decimator.take(slot, &mut taken);
            at_8.extend(taken.map(|sample| sample.round() as i16));
        }
        ear::tone_dbfs(&at_8[80..], 8_000, heard_hz)
    }
}
