//! 10 ms of sound, and its way from one rate to another.

use crate::Rate;
use std::sync::LazyLock;

/// 10 ms of sound: what the engine mixes, plays and records at a time.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    rate: Rate,
    samples: [i16; SLOT_MAX],
}

impl Slot {
    /// Silence.
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

    /// Its sound.
    pub(crate) fn samples(&self) -> &[i16] {
        self.samples.get(..self.rate.slot()).unwrap_or_default()
    }

    /// Its sound, to be made.
    pub(crate) fn samples_mut(&mut self) -> &mut [i16] {
        self.samples.get_mut(..self.rate.slot()).unwrap_or_default()
    }
}

/// Changes the rate of a stream of slots, whatever rate they come in.
///
/// A polyphase filter, flat within 0.25 dB up to 0.85 of half the lower rate (3.4 kHz of 8 kHz, 6.8 kHz of 16 kHz), and
/// 60 dB down from 1.15 of it. It delays by 2 ms at 8 kHz. Slots that are of the right rate pass untouched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Converter {
    state: Option<State>,
}

#[derive(Clone, Debug)]
struct State {
    from: Rate,
    kernel: &'static Kernel,
    /// The samples before those of the next slot, the newest last.
    past: [f32; REACH_MAX],
    converted: Slot,
}

impl Converter {
    /// The same sound at a rate.
    pub(crate) fn convert<'s>(&'s mut self, slot: &'s Slot, to: Rate) -> &'s Slot {
        let from = slot.rate;
        if from == to {
            self.state = None;
            return slot;
        }
        let _ = self
            .state
            .take_if(|state| (state.from, state.kernel.to) != (from, to));
        let state = self.state.get_or_insert_with(|| State {
            from,
            kernel: kernel(from, to),
            past: [0.0; REACH_MAX],
            converted: Slot::silence(to),
        });
        state.convert(slot);
        &state.converted
    }
}

impl State {
    fn convert(&mut self, slot: &Slot) {
        let mut input = [0.0_f32; REACH_MAX + SLOT_MAX];
        let (past, present) = input.split_at_mut(REACH_MAX);
        past.copy_from_slice(&self.past);
        for (value, sample) in present.iter_mut().zip(slot.samples()) {
            *value = f32::from(*sample);
        }
        self.kernel.apply(&input, self.converted.samples_mut());
        let length = slot.rate.slot();
        let newest = input.get(length..length + REACH_MAX).unwrap_or_default();
        self.past.copy_from_slice(newest);
    }
}

/// The taps for one pair of rates.
#[derive(Debug)]
struct Kernel {
    to: Rate,
    /// Output samples for each input sample; 1 on the way down.
    up: usize,
    /// Input samples for each output sample; 1 on the way up.
    down: usize,
    /// A row for each output sample between two input samples, the oldest input's tap first.
    rows: Vec<Vec<f32>>,
}

impl Kernel {
    fn new(from: Rate, to: Rate) -> Self {
        let (from, up_to) = (from.slot(), to.slot());
        let (up, down) = ((up_to / from).max(1), (from / up_to).max(1));
        let factor = up.max(down);
        // On the grid of the higher rate; the lower one's half is where it lets half of the amplitude through.
        let length = factor * TAPS;
        let centre = (length - 1) as f64 / 2.0;
        let tap = |place: usize| {
            let x = place as f64 - centre;
            sinc(x / factor as f64) * kaiser(x / (centre + 0.5))
        };
        let rows = (0..up).map(|row| {
            // From the oldest to the newest.
            let places = (0..length / up).rev().map(|step| row + step * up);
            let taps: Vec<_> = places.map(tap).collect();
            // Unity gain for each row: otherwise a constant would come out with ripple.
            let gain: f64 = taps.iter().sum();
            taps.into_iter().map(|tap| (tap / gain) as f32).collect()
        });
        Self {
            to,
            up,
            down,
            rows: rows.collect(),
        }
    }

    fn apply(&self, input: &[f32], output: &mut [i16]) {
        for (turn, made) in output.chunks_exact_mut(self.up).enumerate() {
            // The newest input sample that this output may know.
            let newest = REACH_MAX + turn * self.down + (self.down - 1);
            for (row, sample) in self.rows.iter().zip(made) {
                let window = input.get(newest + 1 - row.len()..=newest);
                // `as` saturates: an overshoot is clipped, never wrapped.
                *sample = dot(row, window.unwrap_or_default()).round() as i16;
            }
        }
    }
}

/// Eight sums side by side, as processors like it.
fn dot(row: &[f32], window: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (row, _) = row.as_chunks::<8>();
    let (window, _) = window.as_chunks::<8>();
    for (taps, samples) in row.iter().zip(window) {
        for ((sum, tap), sample) in sums.iter_mut().zip(taps).zip(samples) {
            *sum += tap * sample;
        }
    }
    sums.iter().sum()
}

fn kernel(from: Rate, to: Rate) -> &'static Kernel {
    let known = KERNELS
        .iter()
        .find(|kernel| kernel.to == to && kernel.goes_from(from));
    known.expect("there is one for each pair of rates that differ")
}

impl Kernel {
    fn goes_from(&self, from: Rate) -> bool {
        from.slot() * self.up == self.to.slot() * self.down
    }
}

/// Computes what converting needs, so that no packet waits for it.
pub(super) fn prepare() {
    LazyLock::force(&KERNELS);
}

static KERNELS: LazyLock<Vec<Kernel>> = LazyLock::new(|| {
    let pairs = Rate::ALL
        .into_iter()
        .flat_map(|from| Rate::ALL.map(|to| (from, to)));
    let differing = pairs.filter(|(from, to)| from != to);
    differing.map(|(from, to)| Kernel::new(from, to)).collect()
});

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = std::f64::consts::PI * x;
    angle.sin() / angle
}

/// The Kaiser window over −1…1.
fn kaiser(x: f64) -> f64 {
    bessel(KAISER_BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(KAISER_BETA)
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        let half = x / 2.0 / f64::from(k);
        term *= half * half;
        sum += term;
    }
    sum
}

/// Samples of 10 ms at the highest rate.
pub(crate) const SLOT_MAX: usize = Rate::Full.slot();
/// Taps on the grid of the lower rate.
const TAPS: usize = 32;
/// Samples that the longest filter reaches back.
const REACH_MAX: usize = TAPS * 6;
/// A stop band 65 dB down, in the narrowest transition that so many taps allow.
const KAISER_BETA: f64 = 6.2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn what_both_rates_carry_keeps_its_level_and_leaves_no_image() {
        for (from, to) in pairs() {
            let low = from.min(to).hz();
            for hz in [300.0, 1_000.0, 2_000.0, 3_000.0, 3_400.0, 5_000.0, 6_800.0] {
                if hz > f64::from(low) * 0.425 {
                    continue;
                }
                let output = converted(&ear::sine(hz, -10.0, from.hz(), 500), from, to);
                let middle = &output[output.len() / 10..];
                let level = ear::tone_dbfs(middle, to.hz(), hz);
                assert!(
                    (level + 10.0).abs() < 0.25,
                    "{from:?}->{to:?} {hz}: {level}"
                );
                let rest = ear::rest_dbfs(middle, to.hz(), &[hz]);
                assert!(rest < -10.0 - 60.0, "{from:?}->{to:?} {hz}: rest {rest}");
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_gone() {
        for (from, to) in pairs().filter(|(from, to)| from > to) {
            for over in [1.15, 1.3, 1.7] {
                let hz = f64::from(to.hz()) / 2.0 * over;
                if hz > f64::from(from.hz()) / 2.0 {
                    continue;
                }
                let output = converted(&ear::sine(hz, -10.0, from.hz(), 500), from, to);
                let level = ear::rms_dbfs(&output[output.len() / 10..]);
                assert!(level < -70.0, "{from:?}->{to:?} {hz}: {level}");
            }
        }
    }

    #[test]
    fn slots_of_the_right_rate_pass_untouched() {
        let input = ear::sine(1_000.0, -3.0, 8_000, 100);
        assert_eq!(converted(&input, Rate::Narrow, Rate::Narrow), input);
    }

    fn pairs() -> impl Iterator<Item = (Rate, Rate)> {
        let pairs = Rate::ALL
            .into_iter()
            .flat_map(|from| Rate::ALL.map(|to| (from, to)));
        pairs.filter(|(from, to)| from != to)
    }

    fn converted(input: &[i16], from: Rate, to: Rate) -> Vec<i16> {
        let mut converter = Converter::default();
        let slots = input.chunks_exact(from.slot()).flat_map(|samples| {
            let mut slot = Slot::silence(from);
            slot.samples_mut().copy_from_slice(samples);
            converter.convert(&slot, to).samples().to_vec()
        });
        slots.collect()
    }
}
