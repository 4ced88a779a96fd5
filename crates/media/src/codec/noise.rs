//! Comfort noise (RFC 3389): how silence sounds while a peer sends none of it.

/// White noise as loud as the peer says that its silence is. What else it says of it, the spectrum, is not followed.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    state: u32,
    /// The most that a sample is off from 0; `None` while sound is sent.
    peak: Option<i32>,
}

impl Noise {
    /// No noise, until the peer asks for it.
    #[must_use]
    pub const fn new(seed: u32) -> Self {
        Self {
            state: seed,
            peak: None,
        }
    }

    /// The peer sends a payload of comfort noise instead of silence. An empty one says nothing.
    pub fn begin(&mut self, payload: &[u8]) {
        if let Some(level) = payload.first() {
            // Decibels below the loudest square wave (RFC 3389 §3.1). The first bit means nothing.
            let level = f32::from(level & 0x7f).max(LOUDEST);
            let effective = f32::from(i16::MAX) / 10_f32.powf(level / 20.0);
            self.peak = Some((effective * 3_f32.sqrt()) as i32);
        }
    }

    /// The peer sends sound again.
    pub const fn end(&mut self) {
        self.peak = None;
    }

    /// Fills what is silent with noise, while there is to be some.
    pub fn fill(&mut self, samples: &mut [i16]) {
        let Some(peak) = self
            .peak
            .filter(|_| samples.iter().all(|sample| *sample == 0))
        else {
            return;
        };
        for sample in samples {
            self.state = self
                .state
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223);
            let random = (self.state >> 16) as i16;
            // A product of 31 bits, of which 16 are left.
            *sample = ((i32::from(random) * peak) >> 15) as i16;
        }
    }
}

/// Nobody's silence is louder than 30 dB below the most.
const LOUDEST: f32 = 30.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_filled_with_noise_of_the_level_that_was_said() {
        for level in [40_u8, 55, 60] {
            let mut noise = Noise::new(1);
            noise.begin(&[level | 0x80, 200, 3]);
            let mut samples = [0; 8_000];
            noise.fill(&mut samples);
            let power: f64 = samples
                .iter()
                .map(|sample| f64::from(*sample).powi(2))
                .sum();
            let level_heard = 10.0 * (power / 8_000.0).log10() - 20.0 * 32_767_f64.log10();
            assert!(
                (level_heard + f64::from(level)).abs() < 0.5,
                "{level_heard}, not -{level}"
            );
        }
    }

    #[test]
    fn noise_ends_with_sound_and_never_covers_any() {
        let mut noise = Noise::new(1);
        let heard = |noise: &mut Noise, first| {
            let mut samples = [0; 80];
            samples[0] = first;
            noise.fill(&mut samples);
            samples.iter().filter(|sample| **sample != 0).count()
        };
        noise.begin(&[]);
        assert_eq!(heard(&mut noise, 0), 0, "nothing was said");
        noise.begin(&[50]);
        assert!(heard(&mut noise, 0) > 60);
        assert_eq!(heard(&mut noise, 9), 1, "sound is left alone");
        noise.end();
        assert_eq!(heard(&mut noise, 0), 0);
    }

    #[test]
    fn no_noise_is_loud() {
        let mut noise = Noise::new(1);
        noise.begin(&[0]);
        let mut samples = [0; 800];
        noise.fill(&mut samples);
        assert!(samples.iter().all(|sample| sample.unsigned_abs() < 2_000));
    }
}
