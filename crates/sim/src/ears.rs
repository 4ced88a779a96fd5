//! What is heard: how loud a tone is among samples (Goertzel 1958).

/// The level of one tone in dB below a full-scale sine; -120 where there is nothing.
#[must_use]
pub fn level_dbfs(samples: &[i16], rate_hz: u32, tone_hz: f64) -> f64 {
    if samples.is_empty() {
        return SILENCE_DBFS;
    }
    let turn = std::f64::consts::TAU * tone_hz / f64::from(rate_hz);
    let length = samples.len() as f64;
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let place = place as f64;
        // A Hann window keeps a loud tone out of its neighbours.
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * place / length).cos();
        let value = f64::from(*sample) / f64::from(i16::MAX) * window;
        re += value * (turn * place).cos();
        im -= value * (turn * place).sin();
        weight += window;
    }
    let amplitude = 2.0 * re.hypot(im) / weight;
    (20.0 * amplitude.max(1e-6).log10()).max(SILENCE_DBFS)
}

/// In how many of the windows of 200 ms a tone is heard, from 0 to 1.
#[must_use]
pub fn share_heard(samples: &[i16], rate_hz: u32, tone_hz: f64) -> f64 {
    let window = usize::try_from(rate_hz / 5).unwrap_or(1_600);
    let windows = samples.chunks_exact(window);
    let count = windows.len();
    if count == 0 {
        return 0.0;
    }
    let heard = windows.filter(|part| level_dbfs(part, rate_hz, tone_hz) > HEARD_DBFS);
    heard.count() as f64 / count as f64
}

/// Below this, nobody hears anything.
pub const SILENCE_DBFS: f64 = -120.0;
/// Above this, a tone counts as heard.
pub const HEARD_DBFS: f64 = -45.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, amplitude: f64) -> Vec<i16> {
        (0..8_000)
            .map(|place| {
                let turn = std::f64::consts::TAU * hz * f64::from(place) / 8_000.0;
                (turn.sin() * amplitude * f64::from(i16::MAX)) as i16
            })
            .collect()
    }

    #[test]
    fn a_tone_is_heard_at_its_level_and_no_other_is() {
        let samples = tone(1_150.0, 0.1);
        assert!((level_dbfs(&samples, 8_000, 1_150.0) + 20.0).abs() < 0.1);
        assert!(level_dbfs(&samples, 8_000, 520.0) < -70.0);
        assert!(share_heard(&samples, 8_000, 1_150.0) > 0.99);
        assert!(share_heard(&samples, 8_000, 520.0) < 0.01);
        assert!(level_dbfs(&[], 8_000, 520.0) <= SILENCE_DBFS);
    }
}
