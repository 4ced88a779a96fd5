//! Changes the sampling rate of mono sound: a windowed sinc, good for speech and music at telephone rates.

/// Converts a stream piece by piece; what comes out is the same however the input is cut.
#[derive(Clone, Debug)]
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    kernel: Kernel,
    /// Input not yet used up, led by what the kernel still reaches back to.
    input: Vec<f32>,
    /// The next output sample's place in `input`: whole samples, and a remainder in units of 1/`to_hz`.
    whole: usize,
    part: u32,
}

impl Resampler {
    /// A converter between two rates in Hz.
    ///
    /// # Panics
    /// If a rate is 0 or above [`RATE_MAX_HZ`].
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        for rate in [from_hz, to_hz] {
            assert!(
                (1..=RATE_MAX_HZ).contains(&rate),
                "{rate} Hz is no sampling rate"
            );
        }
        let kernel = Kernel::new(from_hz, to_hz);
        Self {
            from_hz,
            to_hz,
            // Silence before the first sample, so that the first output lies on it.
            input: vec![0.0; kernel.reach],
            whole: kernel.reach,
            part: 0,
            kernel,
        }
    }

    /// Takes samples and appends what can be computed from all taken so far. The output lags by the kernel's
    /// reach, 16 samples of the lower rate.
    pub fn push(&mut self, samples: &[i16], output: &mut Vec<i16>) {
        if self.from_hz == self.to_hz {
            output.extend_from_slice(samples);
            return;
        }
        self.input
            .extend(samples.iter().map(|&sample| f32::from(sample)));
        let reach = self.kernel.reach;
        while let Some(window) = self
            .input
            .get(self.whole + 1 - reach..self.whole + 1 + reach)
        {
            output.push(self.kernel.apply(window, self.part, self.to_hz));
            let ahead = u64::from(self.part) + u64::from(self.from_hz);
            self.whole += (ahead / u64::from(self.to_hz)) as usize;
            self.part = (ahead % u64::from(self.to_hz)) as u32;
        }
        let used = (self.whole - reach).min(self.input.len());
        self.input.drain(..used);
        self.whole -= used;
    }
}

/// Converts a whole sound. The result starts with the first sample and is as long as the input, rounded up.
///
/// # Panics
/// If a rate is 0 or above [`RATE_MAX_HZ`].
#[must_use]
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let length = (samples.len() as u64 * u64::from(to_hz)).div_ceil(u64::from(from_hz)) as usize;
    let mut resampler = Resampler::new(from_hz, to_hz);
    let mut output = Vec::with_capacity(length + 1);
    resampler.push(samples, &mut output);
    let tail = vec![0; resampler.kernel.reach + 1];
    resampler.push(&tail, &mut output);
    output.truncate(length);
    output
}

/// The highest rate converted, in Hz.
pub const RATE_MAX_HZ: u32 = 192_000;

/// A sinc cut off a little below half the lower rate, under a Blackman window: one row of taps for each place
/// between two input samples that an output sample can have.
#[derive(Clone, Debug)]
struct Kernel {
    /// How many input samples it extends to each side. A multiple of 4.
    reach: usize,
    /// Rows of `2 * reach` taps.
    taps: Vec<f32>,
    phases: u32,
}

impl Kernel {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let ratio = (f64::from(to_hz) / f64::from(from_hz)).min(1.0);
        let width = LOBES / ratio;
        let reach = (width.ceil() as usize).next_multiple_of(4);
        let cutoff = ratio * PASS;
        let phases = (to_hz / gcd(from_hz, to_hz)).min(PHASES_MAX);
        let mut taps = Vec::with_capacity(phases as usize * 2 * reach);
        for phase in 0..phases {
            let row = taps.len();
            for i in 0..2 * reach {
                let x = (i + 1) as f64 - reach as f64 - f64::from(phase) / f64::from(phases);
                taps.push((sinc(cutoff * x) * blackman(x / width)) as f32);
            }
            // Unity gain for each phase: otherwise a constant would come out with ripple.
            let gain: f32 = taps[row..].iter().sum();
            taps[row..].iter_mut().for_each(|tap| *tap /= gain);
        }
        Self {
            reach,
            taps,
            phases,
        }
    }

    /// The value at `part`/`to_hz` of a sample after the last sample of the window's first half.
    fn apply(&self, window: &[f32], part: u32, to_hz: u32) -> i16 {
        let phase = u64::from(part) * u64::from(self.phases) / u64::from(to_hz);
        let row = &self.taps[phase as usize * 2 * self.reach..][..2 * self.reach];
        let mut sums = [0.0_f32; 8];
        for (samples, taps) in window.chunks_exact(8).zip(row.chunks_exact(8)) {
            for ((sum, sample), tap) in sums.iter_mut().zip(samples).zip(taps) {
                *sum += sample * tap;
            }
        }
        // `as` saturates: an overshoot is clipped, never wrapped.
        sums.iter().sum::<f32>().round() as i16
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = std::f64::consts::PI * x;
    angle.sin() / angle
}

/// The Blackman window over −1…1.
fn blackman(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        return 0.0;
    }
    let angle = std::f64::consts::PI * x;
    0.42 + 0.5 * angle.cos() + 0.08 * (2.0 * angle).cos()
}

/// Zero crossings on each side.
const LOBES: f64 = 16.0;
/// The pass band as a share of half the lower rate: 3.7 kHz at 8 kHz.
const PASS: f64 = 0.92;
/// More phases than this, which only odd pairs of rates have, are rounded down: an error below −60 dB.
const PHASES_MAX: u32 = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear;

    #[test]
    fn a_tone_keeps_its_pitch_and_level() {
        for (from, to) in [
            (8000, 16_000),
            (16_000, 8000),
            (44_100, 8000),
            (48_000, 16_000),
            (8000, 48_000),
            (11_025, 16_000),
        ] {
            for hz in [300.0, 1000.0, 3000.0] {
                let output = resample(&ear::sine(hz, -10.0, from, 1000), from, to);
                let middle = &output[to as usize / 10..to as usize * 9 / 10];
                let level = ear::tone_dbfs(middle, to, hz);
                assert!((level + 10.0).abs() < 0.2, "{from}->{to} {hz}: {level}");
                let rest = ear::rest_dbfs(middle, to, &[hz]);
                assert!(rest < -70.0, "{from}->{to} {hz}: rest {rest}");
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_gone() {
        for hz in [4500.0, 5000.0, 7000.0] {
            let output = resample(&ear::sine(hz, -10.0, 16_000, 1000), 16_000, 8000);
            let level = ear::rms_dbfs(&output[800..7200]);
            assert!(level < -70.0, "{hz}: {level}");
        }
    }

    #[test]
    fn how_a_stream_is_cut_does_not_matter() {
        let input = ear::sine(700.0, -6.0, 44_100, 200);
        let mut whole = Vec::new();
        Resampler::new(44_100, 8000).push(&input, &mut whole);
        let mut pieces = Vec::new();
        let mut resampler = Resampler::new(44_100, 8000);
        for piece in input.chunks(37) {
            resampler.push(piece, &mut pieces);
        }
        assert_eq!(whole, pieces);
        assert!(whole.len() > 1500);
    }

    #[test]
    fn a_whole_sound_keeps_its_length_and_beginning() {
        let mut click = vec![0_i16; 1600];
        click[0] = 20_000;
        let output = resample(&click, 16_000, 8000);
        assert_eq!(output.len(), 800);
        let loudest = (0..800).max_by_key(|&i| output[i].unsigned_abs());
        assert_eq!(loudest, Some(0));
    }

    #[test]
    fn full_scale_is_clipped_and_not_wrapped() {
        let square: Vec<i16> = (0..16_000)
            .map(|i| if i / 20 % 2 == 0 { i16::MAX } else { i16::MIN })
            .collect();
        let output = resample(&square, 16_000, 8000);
        // Away from the edges of the square the sign must be that of the input.
        for (i, &sample) in output.iter().enumerate() {
            if (4..=6).contains(&(i % 10)) {
                assert_eq!(sample > 0, i / 10 % 2 == 0, "{i}: {sample}");
            }
        }
    }
}
