//! Makes sound shorter or longer by whole pitch periods, by cross-fading it with itself where it is most like itself.

use super::conceal::{PERIOD_MS_MAX, PERIOD_US_MIN, mix, of_ms, of_us};
use super::pitch;
use super::sound::Sound;

/// Takes up to `most` samples out of what is to be given next; returns how many.
///
/// It takes none where sound is less like itself than `alike_min` (0 to 1), unless it is quiet, and none when fewer
/// than [`ahead_needed`] samples wait.
pub(super) fn shorten(sound: &mut Sound, rate_hz: usize, most: usize, alike_min: f32) -> usize {
    let longest = of_ms(rate_hz, PERIOD_MS_MAX);
    let window = of_ms(rate_hz, WINDOW_MS);
    let (all, given) = sound.all_mut();
    let at = given + longest;
    let Some(shift) = find(all, at, window, most.min(longest), rate_hz, alike_min) else {
        return 0;
    };
    // What is to come fades in where it is one shift earlier.
    let (earlier, later) = (at - shift, at);
    let fade = window.min(shift);
    for step in 0..fade {
        all[later + step] = mix(all[earlier + step], all[later + step], step + 1, fade + 1);
    }
    sound.cut(longest - shift, shift);
    shift
}

/// Puts up to a pitch period into what is to be given next; returns how many samples.
///
/// It puts none where sound is less like itself than `alike_min` (0 to 1), unless it is quiet, and none when fewer
/// than [`ahead_needed`] samples wait.
pub(super) fn lengthen(sound: &mut Sound, rate_hz: usize, alike_min: f32) -> usize {
    let longest = of_ms(rate_hz, PERIOD_MS_MAX);
    let window = of_ms(rate_hz, WINDOW_MS);
    let (all, given) = sound.all_mut();
    let Some(shift) = find(all, given, window, longest, rate_hz, alike_min) else {
        return 0;
    };
    if !sound.widen(0, shift) {
        return 0;
    }
    // The last period again, into which what was to come fades out.
    let (all, given) = sound.all_mut();
    let fade = window.min(shift);
    for step in 0..shift {
        let again = all[given - shift + step];
        all[given + step] = if step < fade {
            mix(all[given + shift + step], again, step + 1, fade + 1)
        } else {
            again
        };
    }
    shift
}

/// Samples that must wait to make what waits shorter; longer needs fewer.
pub(super) const fn ahead_needed(rate_hz: usize) -> usize {
    of_ms(rate_hz, PERIOD_MS_MAX + WINDOW_MS)
}

/// By how much the sound at `at` can be shifted against what lies before.
fn find(
    all: &[i16],
    at: usize,
    window: usize,
    most: usize,
    rate_hz: usize,
    alike_min: f32,
) -> Option<usize> {
    let least = of_us(rate_hz, PERIOD_US_MIN);
    if most < least || at < most {
        return None;
    }
    let here = all.get(at..at + window)?;
    let before = &all[at - most..at];
    if is_quiet(here) && is_quiet(before) {
        return Some(most);
    }
    // Rather much at once than often: what repeats after a short time also does after a multiple of it.
    let search = |shifts| pitch::search(all, at, window, shifts, rate_hz);
    let (short, long) = (search(least..=most / 2), search(least.max(most / 2)..=most));
    let found = if long.degree >= short.degree - ALIKE_LESS {
        long
    } else {
        short
    };
    (found.degree >= alike_min).then_some(found.shift)
}

fn is_quiet(samples: &[i16]) -> bool {
    let squares = samples.iter().map(|sample| i64::from(*sample).pow(2));
    squares.sum::<i64>() <= QUIET * QUIET * samples.len() as i64
}

/// What is compared, and the longest cross-fade.
const WINDOW_MS: usize = 10;
/// Root mean square: -50 dBFS, between words.
const QUIET: i64 = 100;
/// A longer shift may be so much less alike than a shorter one.
const ALIKE_LESS: f32 = 0.005;
