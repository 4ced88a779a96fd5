//! How much what is heard is like what was said: the segmental signal-to-noise ratio.

use media::Rate;

/// The outcome of a comparison.
pub(crate) struct Likeness {
    /// The mean over segments of 20 ms in which something is said, each between -10 and 35 dB.
    pub(crate) snr_db: f64,
    /// How much later it is heard, on average.
    pub(crate) delay_ms: f64,
}

/// Compares. Each segment is looked for where it and its surroundings are most alike, near where the one before was
/// found, so that a wait that changes is no noise.
pub(crate) fn compare(said: &[i16], heard: &[i16], rate: Rate) -> Likeness {
    let segment = rate.samples(20);
    let (mut sum, mut delays, mut count) = (0.0, 0.0, 0.0);
    let mut lag = 0;
    for begin in (0..said.len().saturating_sub(segment)).step_by(segment) {
        let here = &said[begin..begin + segment];
        if energy(here) < segment as f64 * QUIET * QUIET {
            continue;
        }
        lag = find(said, heard, begin, segment, lag, rate);
        let there = piece(heard, begin + lag, segment);
        let pairs = here.iter().zip(there);
        let noise: f64 = pairs
            .map(|(said, heard)| (f64::from(*said) - f64::from(*heard)).powi(2))
            .sum();
        let snr_db = 10.0 * (energy(here) / noise.max(1.0)).log10();
        sum += snr_db.clamp(-10.0, 35.0);
        delays += lag as f64;
        count += 1.0;
    }
    Likeness {
        snr_db: sum / count,
        delay_ms: delays / count * 1_000.0 / f64::from(rate.hz()),
    }
}

/// The lag at which the surroundings of a segment are most alike.
fn find(
    said: &[i16],
    heard: &[i16],
    begin: usize,
    segment: usize,
    lag: usize,
    rate: Rate,
) -> usize {
    if piece(said, begin, segment) == piece(heard, begin + lag, segment) {
        return lag;
    }
    let around = segment;
    let from = begin.saturating_sub(around);
    let said = piece(said, from, segment + 2 * around);
    let reach = if lag == 0 {
        rate.samples(200)
    } else {
        rate.samples(30)
    };
    let lags = lag.saturating_sub(reach)..=lag + reach;
    let alike = |lag: usize| {
        let heard = piece(heard, from + lag, said.len());
        let pairs = said.iter().zip(heard);
        let common: f32 = pairs.map(|(a, b)| f32::from(*a) * f32::from(*b)).sum();
        let loud: f32 = heard.iter().map(|b| f32::from(*b).powi(2)).sum();
        common / (loud + 1.0).sqrt()
    };
    let mut best = (lag, alike(lag) * 1.001);
    for lag in lags {
        let alike = alike(lag);
        if alike > best.1 {
            best = (lag, alike);
        }
    }
    best.0
}

fn piece(sound: &[i16], from: usize, length: usize) -> &[i16] {
    let from = from.min(sound.len());
    &sound[from..(from + length).min(sound.len())]
}

fn energy(sound: &[i16]) -> f64 {
    sound.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

/// Root mean square: -46 dBFS.
const QUIET: f64 = 160.0;
