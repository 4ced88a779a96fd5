//! Hears keys in sound.
//!
//! Every 10 ms the newest 20 ms are looked at under a Hann window, at the eight frequencies. A key is two such looks
//! in a row that show the same pair and nearly nothing else, at a steady level, each tone within 2.4 % of its
//! frequency, which the advance of its phase from one look to the next tells to a fraction of a hertz. Speech and
//! music may have both tones for a moment, but hardly ever nothing else, and do not stand still.

use super::decimator::{Decimator, SLOT};
use super::{HIGH_HZ, LOW_HZ, key_at};
use crate::Rate;
use model::Digit;
use std::f32::consts::TAU;
use std::sync::LazyLock;

/// Hears keys in one party's sound, 10 ms at a time. It allocates nothing.
#[derive(Clone, Debug)]
pub struct Detector {
    decimator: Decimator,
    basis: &'static Basis,
    /// The slot before and the newest one, at 8 kHz.
    newest: [f32; 2 * SLOT],
    before: Option<Look>,
    down: Option<Down>,
}

/// What 10 ms of sound brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// No key.
    Nothing,
    /// What may be the beginning of one. If the next 10 ms do not confirm it, it was none.
    Suspicion,
    /// A key went down, 20 to 40 ms ago.
    Pressed(Digit),
    /// It goes on.
    Down,
    /// It went up.
    Released,
}

impl Heard {
    /// Whether these 10 ms belong to a key, or may do so.
    #[must_use]
    pub const fn is_key(self) -> bool {
        match self {
            Self::Suspicion | Self::Pressed(_) | Self::Down => true,
            Self::Nothing | Self::Released => false,
        }
    }
}

/// A key that is down.
#[derive(Clone, Copy, Debug)]
struct Down {
    row: usize,
    column: usize,
    /// The power of both tones when it was recognised.
    power: f32,
    /// Looks in a row that did not show it.
    absent: u8,
}

/// What one look at 20 ms shows.
#[derive(Clone, Copy, Debug)]
struct Look {
    low: Peak,
    high: Peak,
    /// The power of all that is heard.
    power: f32,
}

/// The strongest tone of a group.
#[derive(Clone, Copy, Debug)]
struct Peak {
    place: usize,
    bin: Bin,
}

/// One frequency in a look: its amplitude's real and imaginary part.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    re: f32,
    im: f32,
}

impl Detector {
    /// A detector of sound at this rate.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            decimator: Decimator::new(rate),
            basis: &BASIS,
            newest: [0.0; 2 * SLOT],
            before: None,
            down: None,
        }
    }

    /// Hears the next 10 ms.
    pub fn hear(&mut self, slot: &[i16]) -> Heard {
        let mut taken = [0.0; SLOT];
        self.decimator.take(slot, &mut taken);
        let (before, newest) = self.newest.split_at_mut(SLOT);
        before.copy_from_slice(newest);
        newest.copy_from_slice(&taken);
        let look = self.basis.look(&self.newest);
        let pressed = self.confirm(look);
        let heard = self.follow(look, pressed);
        self.before = look;
        heard
    }

    /// The key that this look and the one before show together.
    fn confirm(&self, look: Option<Look>) -> Option<Down> {
        let (before, look) = (self.before?, look?);
        let (low, high) = (look.low, look.high);
        if (before.low.place, before.high.place) != (low.place, high.place) {
            return None;
        }
        let low = self.basis.tone(low.place, before.low.bin, low.bin)?;
        let high = self
            .basis
            .tone(LOW_HZ.len() + high.place, before.high.bin, high.bin)?;
        let twist = TWIST.contains(&(high.power / low.power));
        let power = low.power + high.power;
        let alone = power >= SHARE_MIN * (before.power + look.power) / 2.0;
        let steady = STEADY.contains(&(look.power / before.power));
        (twist && alone && steady).then_some(Down {
            row: look.low.place,
            column: look.high.place,
            power: look.pair_power(),
            absent: 0,
        })
    }

    fn follow(&mut self, look: Option<Look>, pressed: Option<Down>) -> Heard {
        if let Some(down) = &mut self.down {
            if look.is_some_and(|look| look.shows(down)) {
                down.absent = 0;
                return Heard::Down;
            }
            down.absent += 1;
            if down.absent < ABSENT_LOOKS {
                return Heard::Nothing;
            }
            self.down = None;
            if pressed.is_none() {
                return Heard::Released;
            }
        }
        if let Some(down) = pressed {
            self.down = Some(down);
            return match key_at(down.row, down.column) {
                Some(digit) => Heard::Pressed(digit),
                None => Heard::Nothing,
            };
        }
        match look {
            Some(look) if look.is_suspicious() => Heard::Suspicion,
            Some(_) | None => Heard::Nothing,
        }
    }
}

impl Look {
    fn pair_power(&self) -> f32 {
        self.low.bin.power() + self.high.bin.power()
    }

    fn is_suspicious(&self) -> bool {
        let twist = self.high.bin.power() / self.low.bin.power();
        SUSPICIOUS_TWIST.contains(&twist) && self.pair_power() >= SUSPICIOUS_SHARE * self.power
    }

    /// Whether a key that is down still sounds, be it weaker.
    fn shows(&self, down: &Down) -> bool {
        (self.low.place, self.high.place) == (down.row, down.column)
            && self.pair_power() >= DOWN_POWER * down.power
            && self.pair_power() >= DOWN_SHARE * self.power
    }
}

impl Bin {
    /// Half the square of the amplitude.
    const fn power(self) -> f32 {
        (self.re * self.re + self.im * self.im) / 2.0
    }
}

/// A tone that two looks in a row show.
#[derive(Clone, Copy, Debug)]
struct Seen {
    power: f32,
}

/// What a look multiplies the samples with.
#[derive(Debug)]
struct Basis {
    /// For each sample the windowed cosines of both groups, then the sines.
    rows: Box<[[[f32; 4]; 4]; 2 * SLOT]>,
    window: [f32; 2 * SLOT],
    /// How each frequency turns from one look to the next.
    turns: [Bin; 8],
    /// By how much each may be off, in turns from one look to the next.
    off_max: [f32; 8],
}

static BASIS: LazyLock<Basis> = LazyLock::new(Basis::new);

impl Basis {
    fn new() -> Self {
        let length = 2 * SLOT;
        let hz = || LOW_HZ.iter().chain(&HIGH_HZ).map(|hz| f64::from(*hz));
        let mut rows = Box::new([[[0.0; 4]; 4]; 2 * SLOT]);
        let mut window = [0.0; 2 * SLOT];
        for (at, (row, weight)) in rows.iter_mut().zip(&mut window).enumerate() {
            let turn = std::f64::consts::TAU;
            let hann = 0.5 - 0.5 * (turn * (at as f64 + 0.5) / length as f64).cos();
            *weight = hann as f32;
            let (cosines, sines) = row.split_at_mut(2);
            let (cosines, sines) = (cosines.as_flattened_mut(), sines.as_flattened_mut());
            for ((cosine, sine), hz) in cosines.iter_mut().zip(sines).zip(hz()) {
                let angle = turn * hz * at as f64 / f64::from(RATE_HZ);
                // The sum of the window's weights is half its length, and an amplitude is twice the sum of products.
                let weight = hann * 4.0 / length as f64;
                (*cosine, *sine) = (
                    (weight * angle.cos()) as f32,
                    (-weight * angle.sin()) as f32,
                );
            }
        }
        let mut turns = [Bin::default(); 8];
        let mut off_max = [0.0; 8];
        for ((turn, off), hz) in turns.iter_mut().zip(&mut off_max).zip(hz()) {
            let turned = hz * SLOT as f64 / f64::from(RATE_HZ);
            let angle = std::f64::consts::TAU * turned;
            *turn = Bin {
                re: angle.cos() as f32,
                im: angle.sin() as f32,
            };
            *off = turned as f32 * OFF_MAX;
        }
        Self {
            rows,
            window,
            turns,
            off_max,
        }
    }

    /// Looks at 20 ms; `None` when they are too quiet for a key.
    fn look(&self, samples: &[f32; 2 * SLOT]) -> Option<Look> {
        let weighted = samples.iter().zip(&self.window);
        let power: f32 = weighted
            .map(|(sample, weight)| {
                let weighted = sample * weight;
                weighted * weighted
            })
            .sum();
        let power = power / WINDOW_POWER;
        if power < POWER_MIN {
            return None;
        }
        let mut sums = [[0.0; 4]; 4];
        for (sample, row) in samples.iter().zip(self.rows.iter()) {
            for (sum, factor) in sums.iter_mut().flatten().zip(row.as_flattened()) {
                *sum += sample * factor;
            }
        }
        let [re_low, re_high, im_low, im_high] = sums;
        Some(Look {
            low: Peak::of(re_low, im_low),
            high: Peak::of(re_high, im_high),
            power,
        })
    }

    /// The tone that two looks in a row show near a frequency; `None` when it is too far off.
    fn tone(&self, place: usize, before: Bin, after: Bin) -> Option<Seen> {
        let turn = self.turns.get(place)?;
        // after · conj(before) · conj(turn)
        let re = after.re * before.re + after.im * before.im;
        let im = after.im * before.re - after.re * before.im;
        let (re, im) = (re * turn.re + im * turn.im, im * turn.re - re * turn.im);
        let off = im.atan2(re) / TAU;
        if off.abs() > *self.off_max.get(place)? {
            return None;
        }
        // A look is two slots long, so that the tone is that many bins off.
        let kept = hann_response(2.0 * off);
        Some(Seen {
            power: (before.power() + after.power()) / 2.0 / (kept * kept),
        })
    }
}

impl Peak {
    fn of(re: [f32; 4], im: [f32; 4]) -> Self {
        let mut peak = Self {
            place: 0,
            bin: Bin::default(),
        };
        for (place, (re, im)) in re.into_iter().zip(im).enumerate() {
            let bin = Bin { re, im };
            if bin.power() > peak.bin.power() {
                peak = Self { place, bin };
            }
        }
        peak
    }
}

/// What is left of an amplitude so many bins off the middle of a Hann window.
fn hann_response(bins: f32) -> f32 {
    let angle = std::f32::consts::PI * bins;
    if angle.abs() < 1e-3 {
        return 1.0;
    }
    angle.sin() / angle / (1.0 - bins * bins)
}

const RATE_HZ: u32 = 8_000;
/// Half of the length times 3/4: the sum of the squares of a Hann window of two slots.
const WINDOW_POWER: f32 = 60.0;
/// -42 dBm0, as a mean of squares: no key is quieter.
const POWER_MIN: f32 = 16_437.0;
/// How far a tone may be off its frequency: ±1.5 % must be taken for a key, ±3.5 % must not (ITU-T Q.24).
const OFF_MAX: f32 = 0.024;
/// The power of the high tone by that of the low one: -8 to +4 dB (ITU-T Q.24), and 1.5 dB for noise.
const TWIST: std::ops::RangeInclusive<f32> = 0.112..=3.548;
/// How much of all that is heard the two tones are: noise 15 dB below them leaves 97 %.
const SHARE_MIN: f32 = 0.93;
/// By how much the level may change from one look to the next: 1.5 dB.
const STEADY: std::ops::RangeInclusive<f32> = 0.708..=1.413;
/// As [`TWIST`], for tones whose frequency is not known yet.
const SUSPICIOUS_TWIST: std::ops::RangeInclusive<f32> = 0.06..=4.5;
/// As [`SHARE_MIN`], for tones that may be off their frequencies or have just begun.
const SUSPICIOUS_SHARE: f32 = 0.65;
/// A key that is 18 dB weaker than when it was recognised is up.
const DOWN_POWER: f32 = 0.016;
/// It is also up when most of what is heard is something else.
const DOWN_SHARE: f32 = 0.5;
/// Looks without a key until it is up, so that a gap of 10 ms does not make two of one (ITU-T Q.24).
const ABSENT_LOOKS: u8 = 2;
