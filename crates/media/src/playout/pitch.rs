//! How sound repeats itself: the shift at which it is most like itself.

/// A shift, and how alike sound is at that shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Likeness {
    /// Samples.
    pub(super) shift: usize,
    /// 1 for the same up to loudness, 0 for nothing in common. Never negative.
    pub(super) degree: f32,
}

/// Finds the shift of `shifts` at which `sound[at..at + window]` is most like the same so much earlier. All of both
/// must lie in the sound; where it is silent, nothing is like anything.
///
/// It looks at 4 kHz first, where telephone speech has its pitch and its first formant, then closely around what it
/// found there.
pub(super) fn search(
    sound: &[i16],
    at: usize,
    window: usize,
    shifts: std::ops::RangeInclusive<usize>,
    rate_hz: usize,
) -> Likeness {
    let nothing = Likeness {
        shift: *shifts.start(),
        degree: 0.0,
    };
    let (least, most) = (*shifts.start(), *shifts.end());
    let Some(from) = at.checked_sub(most).filter(|_| least <= most) else {
        return nothing;
    };
    let Some(region) = sound.get(from..at + window) else {
        return nothing;
    };
    let factor = (rate_hz / COARSE_HZ).max(1);
    let mut coarse = [0; COARSE_MAX];
    let coarse = thin_out(region, factor, &mut coarse);
    let (coarse_at, coarse_window) = (most / factor, window / factor);
    let coarse_shifts = (least / factor).max(1)..=most / factor;
    let Some(best) = best_of(coarse, coarse_at, coarse_window, coarse_shifts, 1) else {
        return nothing;
    };
    let around = best.shift * factor;
    let close = around.saturating_sub(factor).max(least)..=(around + factor).min(most);
    let step = (factor / 2).max(1);
    best_of(region, most, window, close, step).unwrap_or(nothing)
}

/// The best shift at one rate, by every `step`th sample.
fn best_of(
    sound: &[i16],
    at: usize,
    window: usize,
    shifts: std::ops::RangeInclusive<usize>,
    step: usize,
) -> Option<Likeness> {
    let here = sound.get(at..at + window)?;
    let energy = product(here, here, step);
    if energy <= 0.0 {
        return None;
    }
    let mut best: Option<Likeness> = None;
    for shift in shifts {
        let earlier = sound.get(at.checked_sub(shift)?..)?.get(..window)?;
        let common = product(here, earlier, step);
        let both = energy * product(earlier, earlier, step);
        let degree = if common > 0.0 && both > 0.0 {
            (common / both.sqrt()).min(1.0)
        } else {
            0.0
        };
        if best.is_none_or(|best| degree > best.degree) {
            best = Some(Likeness { shift, degree });
        }
    }
    best
}

/// The mean of each `factor` samples, at 4 kHz.
fn thin_out<'c>(sound: &[i16], factor: usize, coarse: &'c mut [i16; COARSE_MAX]) -> &'c [i16] {
    let count = (sound.len() / factor).min(COARSE_MAX);
    let coarse = &mut coarse[..count];
    for (mean, samples) in coarse.iter_mut().zip(sound.chunks_exact(factor)) {
        let sum: i32 = samples.iter().map(|sample| i32::from(*sample)).sum();
        *mean = (sum / factor as i32) as i16;
    }
    coarse
}

/// The sum of the products of every `step`th sample, by 64.
fn product(one: &[i16], other: &[i16], step: usize) -> f32 {
    let product = |(one, other): (&i16, &i16)| (i32::from(*one) * i32::from(*other)) >> 6;
    let total: i64 = if step == 1 {
        // In pieces whose sums fit into 32 bits, of which the machine adds many at a time.
        let pieces = one.chunks(PIECE).zip(other.chunks(PIECE));
        let sums = pieces.map(|(one, other)| one.iter().zip(other).map(product).sum::<i32>());
        sums.map(i64::from).sum()
    } else {
        let pairs = one.iter().step_by(step).zip(other.iter().step_by(step));
        pairs.map(product).map(i64::from).sum()
    };
    total as f32
}

/// The rate of the first look.
const COARSE_HZ: usize = 4_000;
/// 64 ms at that rate, more than the longest region that is searched.
const COARSE_MAX: usize = 256;
/// The square of the loudest sample by 64, so many times, is less than 2^31.
const PIECE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_like_itself_after_whole_periods() {
        for (rate_hz, hz) in [(8_000, 160.0), (16_000, 210.0), (48_000, 330.0)] {
            let sound = tone(rate_hz, hz);
            let found = search(
                &sound,
                rate_hz * 20 / 1_000,
                rate_hz / 100,
                rate_hz / 400..=rate_hz * 15 / 1_000,
                rate_hz,
            );
            let periods = found.shift as f64 * hz / rate_hz as f64;
            let off = (periods - periods.round()).abs();
            assert!(off < 0.05, "{periods} periods of {hz} Hz");
            assert!(found.degree > 0.98, "{}", found.degree);
        }
    }

    #[test]
    fn silence_and_regions_that_are_not_there_are_like_nothing() {
        let found = search(&[0; 400], 160, 80, 20..=120, 8_000);
        assert_eq!(found.degree, 0.0);
        assert_eq!(search(&[5; 100], 90, 80, 20..=120, 8_000).degree, 0.0);
        assert_eq!(search(&[5; 100], 90, 80, 20..=60, 8_000).degree, 0.0);
    }

    #[test]
    fn the_loudest_sound_does_not_overflow() {
        let sound: Vec<i16> = (0..2_000)
            .map(|at| if at / 30 % 2 == 0 { i16::MIN } else { i16::MAX })
            .collect();
        let found = search(&sound, 900, 480, 120..=720, 48_000);
        assert!(found.degree > 0.99);
        assert_eq!(found.shift % 60, 0);
    }

    fn tone(rate_hz: usize, hz: f64) -> Vec<i16> {
        let turn = std::f64::consts::TAU * hz / rate_hz as f64;
        let sample = |at: usize| (12_000.0 * (turn * at as f64).sin()) as i16;
        (0..rate_hz * 60 / 1_000).map(sample).collect()
    }
}
