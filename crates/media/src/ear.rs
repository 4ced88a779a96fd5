//! What tests hear: levels of tones and of everything else. Levels of sines are relative to a sine of full scale.

use std::f64::consts::TAU;

/// A sine of a level in dBFS.
pub(crate) fn sine(hz: f64, dbfs: f64, rate_hz: u32, ms: u32) -> Vec<i16> {
    let peak = 32_767.0 * 10_f64.powf(dbfs / 20.0);
    let samples = u64::from(rate_hz) * u64::from(ms) / 1000;
    (0..samples)
        .map(|i| (peak * (TAU * hz * i as f64 / f64::from(rate_hz)).sin()).round() as i16)
        .collect()
}

/// The level of one frequency, by Goertzel's sum under a Hann window.
pub(crate) fn tone_dbfs(samples: &[i16], rate_hz: u32, hz: f64) -> f64 {
    let (re, im, sum) = bin(
        samples.iter().map(|&s| f64::from(s)),
        samples.len(),
        rate_hz,
        hz,
    );
    decibels(2.0 * re.hypot(im) / sum / 32_767.0)
}

/// The level of all that is left when these frequencies are taken out, as RMS relative to full scale.
pub(crate) fn rest_dbfs(samples: &[i16], rate_hz: u32, tones: &[f64]) -> f64 {
    let mut rest: Vec<f64> = samples.iter().map(|&s| f64::from(s)).collect();
    // Several rounds, because tones leak into each other's bins.
    for _ in 0..6 {
        for &hz in tones {
            let (re, im, sum) = bin(rest.iter().copied(), rest.len(), rate_hz, hz);
            let (re, im) = (2.0 * re / sum, 2.0 * im / sum);
            for (i, value) in rest.iter_mut().enumerate() {
                let angle = TAU * hz * i as f64 / f64::from(rate_hz);
                *value -= re * angle.cos() + im * angle.sin();
            }
        }
    }
    let power = rest.iter().map(|v| v * v).sum::<f64>() / rest.len() as f64;
    decibels(power.sqrt() / 32_768.0)
}

/// RMS relative to full scale: 3 dB below the level of a sine.
pub(crate) fn rms_dbfs(samples: &[i16]) -> f64 {
    let power = samples
        .iter()
        .map(|&s| f64::from(s) * f64::from(s))
        .sum::<f64>();
    decibels((power / samples.len() as f64).sqrt() / 32_768.0)
}

fn bin(
    samples: impl Iterator<Item = f64>,
    length: usize,
    rate_hz: u32,
    hz: f64,
) -> (f64, f64, f64) {
    let (mut re, mut im, mut sum) = (0.0, 0.0, 0.0);
    for (i, sample) in samples.enumerate() {
        let weight = 0.5 - 0.5 * (TAU * (i as f64 + 0.5) / length as f64).cos();
        let angle = TAU * hz * i as f64 / f64::from(rate_hz);
        re += weight * sample * angle.cos();
        im += weight * sample * angle.sin();
        sum += weight;
    }
    (re, im, sum)
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-9).log10()
}
