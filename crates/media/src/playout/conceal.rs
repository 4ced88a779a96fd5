//! What is heard where a packet is missing: the last moments again, in the spirit of ITU-T G.711 Appendix I.

use super::pitch;
use super::sound::Sound;

/// Continues sound by repeating its last pitch periods: one at first, then two, then three, so that it does not
/// hum. It fades from 10 ms on and is silent after 45 ms; what comes then is faded in over it.
#[derive(Debug)]
pub(super) struct Concealer {
    /// What was heard before, so much as three periods and the fading between them take.
    past: Box<[i16]>,
    /// What is repeated.
    cycle: Box<[i16]>,
    /// How much of it there is.
    length: usize,
    /// The next sample of it.
    next: usize,
    /// Samples of one pitch period; 0 while nothing is concealed.
    period: usize,
    /// Samples that were made up since the last real one.
    made: usize,
    /// How loud it begins: what hardly repeats itself is a guess, and a quiet guess errs less.
    loudness: i32,
    /// What would be heard next if nothing real came, for the cross-fade.
    tail: Box<[i16]>,
    rate_hz: usize,
}

impl Concealer {
    pub(super) fn new(rate_hz: usize) -> Self {
        let longest = of_ms(rate_hz, PERIOD_MS_MAX);
        Self {
            past: vec![0; longest * 4].into(),
            cycle: vec![0; longest * 3].into(),
            length: 0,
            next: 0,
            period: 0,
            made: 0,
            loudness: 0,
            tail: vec![0; of_ms(rate_hz, FADE_MS_MAX)].into(),
            rate_hz,
        }
    }

    /// Samples of the past that it must be given.
    pub(super) const fn past_needed(rate_hz: usize) -> usize {
        of_ms(rate_hz, PERIOD_MS_MAX) * 4
    }

    /// Puts so many samples behind what there is.
    pub(super) fn extend(&mut self, sound: &mut Sound, count: usize) {
        self.begin_after(sound);
        let room = sound.room(count);
        let count = room.len();
        self.make(room);
        sound.filled(count);
    }

    /// Fills the gap before real sound that begins `gap` samples behind what there is, from both sides: what lay
    /// before goes on and fades into what comes, repeated backwards. The real sound stays as it is.
    pub(super) fn bridge(&mut self, sound: &mut Sound, gap: usize, real: usize) {
        self.begin_after(sound);
        let stage = of_ms(self.rate_hz, STAGE_MS);
        let room = sound.room(gap + real);
        let (missing, coming) = room.split_at_mut(gap.min(room.len()));
        self.make(missing);
        let (shift, loudness) = self.period_of(coming);
        let gap = missing.len();
        if let Some(period) = coming.get(..shift)
            && shift > 0
        {
            let step = i32::from(period[0]) - i32::from(coming.get(shift).copied().unwrap_or(0));
            let fade = shift / 4;
            let backwards = missing.iter_mut().rev().enumerate();
            for (back, sample) in backwards {
                let repeated = i32::from(period[shift - 1 - back % shift]);
                let rest = step * fade.saturating_sub(back) as i32 / (fade + 1) as i32;
                let repeated = scale(
                    saturate(repeated + rest),
                    self.gain_after(back, stage, loudness),
                );
                *sample = mix(*sample, repeated, gap - back, gap + 1);
            }
        }
        self.end();
    }

    /// Fades from what would be made up next into the real sound that follows what there is, in place.
    pub(super) fn fade_into(&mut self, sound: &mut Sound, real: usize) {
        self.begin_after(sound);
        // 4 ms, and as much again for each 10 ms that are missing. Out of silence words begin at once.
        let fade = if self.is_silent() {
            of_ms(self.rate_hz, 3)
        } else {
            of_ms(self.rate_hz, 4) + self.made * 4 / 10
        };
        let fade = fade.min(self.tail.len()).min(real);
        let mut tail = std::mem::take(&mut self.tail);
        if let Some(tail) = tail.get_mut(..fade) {
            self.make(tail);
            let real = sound.room(real);
            for (at, (real, made)) in real.iter_mut().zip(tail.iter()).enumerate() {
                *real = mix(*made, *real, at + 1, fade + 1);
            }
        }
        self.tail = tail;
        self.end();
    }

    /// Real sound follows.
    pub(super) const fn end(&mut self) {
        self.period = 0;
        self.made = 0;
    }

    /// Whether something was made up since the last real sound.
    pub(super) const fn is_concealing(&self) -> bool {
        self.period > 0
    }

    const fn is_silent(&self) -> bool {
        self.made >= of_ms(self.rate_hz, SILENT_AFTER_MS)
    }

    /// Looks at what was heard last, unless it did before.
    fn begin_after(&mut self, sound: &Sound) {
        if self.period > 0 {
            return;
        }
        let all = sound.all();
        let kept = self.past.len().min(all.len());
        let (before, kept_past) = self.past.split_at_mut(self.past.len() - kept);
        before.fill(0);
        kept_past.copy_from_slice(&all[all.len() - kept..]);
        let rate = self.rate_hz;
        if self.past.iter().all(|sample| *sample == 0) {
            self.period = of_ms(rate, PERIOD_MS_MAX);
            self.made = of_ms(rate, SILENT_AFTER_MS);
            return;
        }
        let (shortest, longest) = (of_us(rate, PERIOD_US_MIN), of_ms(rate, PERIOD_MS_MAX));
        let window = of_ms(rate, WINDOW_MS);
        let at = self.past.len() - window;
        let found = pitch::search(&self.past, at, window, shortest..=longest, rate);
        // Noise repeated often would be a tone.
        self.loudness = loudness(found.degree);
        self.period = if found.degree < VOICED_MIN {
            longest
        } else {
            found.shift
        };
        self.made = 0;
        self.next = 0;
        self.repeat(1);
        self.smooth_begin();
    }

    /// Repeats so many periods from here on.
    fn repeat(&mut self, periods: usize) {
        let length = (self.period * periods).min(self.cycle.len());
        let fade = self.period / 4;
        let past = &self.past;
        let begin = past.len() - length;
        let cycle = &mut self.cycle[..length];
        cycle.copy_from_slice(&past[begin..]);
        // Its end turns into what lay before its begin, so that it closes.
        let before = &past[begin - fade..begin];
        let end = &mut cycle[length - fade..];
        for (at, (end, before)) in end.iter_mut().zip(before).enumerate() {
            *end = mix(*end, *before, at + 1, fade + 1);
        }
        self.length = length;
    }

    /// The step from the last sample to the first that is made fades over a quarter of a period.
    fn smooth_begin(&mut self) {
        let fade = self.period / 4;
        let past = &self.past;
        let [.., last] = **past else { return };
        let before = past[past.len() - self.period - 1];
        let step = i32::from(last) - i32::from(before);
        // Only what the first period is made of; the others close by themselves.
        for (at, sample) in self.cycle.iter_mut().take(fade).enumerate() {
            let rest = step * (fade - at) as i32 / (fade + 1) as i32;
            *sample = saturate(i32::from(*sample) + rest);
        }
    }

    fn make(&mut self, into: &mut [i16]) {
        if self.is_silent() {
            into.fill(0);
            return;
        }
        let stage = of_ms(self.rate_hz, STAGE_MS);
        for sample in into {
            if self.next >= self.length {
                self.turn(stage);
            }
            let made = self.cycle.get(self.next).copied().unwrap_or(0);
            *sample = scale(made, self.gain(stage));
            self.next += 1;
            self.made += 1;
        }
    }

    /// The cycle is through. The longer it lasts, the more periods the next has; it begins with its last, which is
    /// what the one before was to close with.
    fn turn(&mut self, stage: usize) {
        let periods = (1 + self.made / stage).min(PERIODS_MAX);
        let grew = self.length != self.period * periods;
        self.next = if grew { self.period * (periods - 1) } else { 0 };
        // The first was changed to follow what was real.
        if grew || periods == 1 {
            self.repeat(periods);
        }
    }

    /// How long sound that begins takes to repeat itself; half of what there is when it does not, 0 for too little.
    /// Also how loud it is before that.
    fn period_of(&self, coming: &[i16]) -> (usize, i32) {
        let rate = self.rate_hz;
        let half = (coming.len() / 2).min(of_ms(rate, PERIOD_MS_MAX));
        let found = pitch::search(coming, half, half, of_us(rate, PERIOD_US_MIN)..=half, rate);
        let is_voiced = found.degree >= VOICED_MIN;
        let period = if is_voiced { found.shift } else { half };
        (period, loudness(found.degree))
    }

    fn gain(&self, stage: usize) -> i32 {
        self.gain_after(self.made, stage, self.loudness)
    }

    /// Of 32,768, so many samples away from what was real.
    fn gain_after(&self, made: usize, stage: usize, loudness: i32) -> i32 {
        let fading = made.saturating_sub(stage);
        let whole = of_ms(self.rate_hz, SILENT_AFTER_MS) - stage;
        let left = whole.saturating_sub(fading);
        left as i32 * loudness / whole as i32
    }
}

/// From one to the other, `at` of `of` on the way.
pub(super) fn mix(from: i16, to: i16, at: usize, of: usize) -> i16 {
    let (at, of) = (at as i32, of.max(1) as i32);
    ((i32::from(from) * (of - at) + i32::from(to) * at) / of) as i16
}

/// Samples of so many milliseconds.
pub(super) const fn of_ms(rate_hz: usize, ms: usize) -> usize {
    rate_hz * ms / 1_000
}

/// Samples of so many microseconds.
pub(super) const fn of_us(rate_hz: usize, us: usize) -> usize {
    rate_hz * us / 1_000_000
}

/// Of 32,768.
fn loudness(degree: f32) -> i32 {
    (degree.clamp(LOUDNESS_MIN, 1.0) * 32_768.0) as i32
}

fn scale(sample: i16, gain: i32) -> i16 {
    ((i32::from(sample) * gain) >> 15) as i16
}

fn saturate(sample: i32) -> i16 {
    sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

/// 66 Hz, as low as voices go.
pub(super) const PERIOD_MS_MAX: usize = 15;
/// 400 Hz; what is higher is found by its multiples.
pub(super) const PERIOD_US_MIN: usize = 2_500;
/// What is compared to find the period.
const WINDOW_MS: usize = 20;
const PERIODS_MAX: usize = 3;
/// One more period is repeated, and it is so much quieter, every 10 ms.
const STAGE_MS: usize = 10;
const SILENT_AFTER_MS: usize = 45;
const FADE_MS_MAX: usize = 10;
/// Noise goes on at least so loud.
const LOUDNESS_MIN: f32 = 0.5;
/// Sound that is less like itself has no pitch.
const VOICED_MIN: f32 = 0.4;
