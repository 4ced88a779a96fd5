//! One band: ADPCM with a predictor of two poles and six zeros (G.722 §3.2 to §3.6, §6.2.1).

use core::marker::PhantomData;

/// What tells the bands apart.
pub(super) trait Kind {
    /// The step of the quantiser at the beginning.
    const FIRST_STEP: i32;
    /// The most that the logarithm of the step may be.
    const LOG_MAX: i32;
    /// How far [`LOG_STEPS`] are shifted at logarithm 0.
    const SHIFT: i32;
}

/// 0 to 4 kHz, 6 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lower;
/// 4 to 8 kHz, 2 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upper;

impl Kind for Lower {
    const FIRST_STEP: i32 = 32;
    const LOG_MAX: i32 = 18_432;
    const SHIFT: i32 = 8;
}

impl Kind for Upper {
    const FIRST_STEP: i32 = 8;
    const LOG_MAX: i32 = 22_528;
    const SHIFT: i32 = 10;
}

/// What encoder and decoder of a band both keep, and change alike. All values fit 16 bits.
#[derive(Clone, Debug)]
pub(super) struct Band<K> {
    /// The quantiser's step (`DETL`, `DETH`) and its logarithm (`NBL`, `NBH`).
    step: i32,
    log: i32,
    /// The prediction (`SL`, `SH`), and the part of it that the zeros make (`SZL`, `SZH`).
    predicted: i32,
    by_zeros: i32,
    /// Coefficients of the poles (`AL`, `AH`) and of the zeros (`BL`, `BH`).
    poles: [i32; 2],
    zeros: [i32; 6],
    /// The newest differences, twice (`DLT`, `DH`).
    doubled: [i32; 6],
    /// The newest reconstructed samples, twice (`RLT`, `RH`).
    reconstructed: [i32; 2],
    /// Whether the newest partial reconstructions were below zero (`PLT`, `PH`).
    negative: [bool; 2],
    kind: PhantomData<K>,
}

impl Band<Lower> {
    /// The 6 bits of a sample.
    pub(super) fn encode(&mut self, sample: i32) -> u8 {
        let error = saturated(sample - self.predicted);
        // Towards zero from below: -1 is as far as 0.
        let size = if error < 0 { !error } else { error };
        let level = LEVELS.partition_point(|level| size >= (level * self.step) >> 12);
        let level = u8::try_from(level).unwrap_or(0);
        let code = match (error < 0, level) {
            (false, _) => 61 - level,
            // 0 to 3 are no codes, so that a byte is never all zeros: the least two stand at the other end.
            (true, 0 | 1) => 63 - level,
            (true, _) => 33 - level,
        };
        self.take(code >> 2);
        code
    }

    /// The sample of 6 bits.
    pub(super) fn decode(&mut self, code: u8) -> i32 {
        let fine = at(&SIXTY, code);
        let sample = limited(self.predicted + ((self.step * fine) >> 15));
        self.take(code >> 2);
        sample
    }

    /// Learns from the 4 bits of a code that matter in all of the codec's modes.
    fn take(&mut self, code: u8) {
        let difference = (self.step * at(&SIXTEEN, code)) >> 15;
        self.rescale(at(&LOWER_LOG, code));
        self.adapt(difference);
    }
}

impl Band<Upper> {
    /// The 2 bits of a sample.
    pub(super) fn encode(&mut self, sample: i32) -> u8 {
        let error = saturated(sample - self.predicted);
        let size = if error < 0 { !error } else { error };
        let is_big = size >= (UPPER_LEVEL * self.step) >> 12;
        let code = u8::from(error >= 0) << 1 | u8::from(!is_big);
        self.take(code);
        code
    }

    /// The sample of 2 bits.
    pub(super) fn decode(&mut self, code: u8) -> i32 {
        let predicted = self.predicted;
        limited(predicted + self.take(code))
    }

    fn take(&mut self, code: u8) -> i32 {
        let difference = (self.step * at(&FOUR, code)) >> 15;
        self.rescale(at(&UPPER_LOG, code));
        self.adapt(difference);
        difference
    }
}

impl<K: Kind> Band<K> {
    pub(super) const fn new() -> Self {
        Self {
            step: K::FIRST_STEP,
            log: 0,
            predicted: 0,
            by_zeros: 0,
            poles: [0; 2],
            zeros: [0; 6],
            doubled: [0; 6],
            reconstructed: [0; 2],
            negative: [false; 2],
            kind: PhantomData,
        }
    }

    /// Makes the step wider after big codes, narrower after small ones (`LOGSCL`, `SCALEL` and the like).
    fn rescale(&mut self, change: i32) {
        self.log = (((self.log * 127) >> 7) + change).clamp(0, K::LOG_MAX);
        let fraction = LOG_STEPS[(self.log >> 6) as usize & 31];
        let shift = K::SHIFT - (self.log >> 11);
        let step = if shift < 0 {
            fraction << -shift
        } else {
            fraction >> shift
        };
        self.step = step << 2;
    }

    /// Predicts the next sample after a difference to the one predicted before.
    fn adapt(&mut self, difference: i32) {
        let reconstructed = saturated(self.predicted + difference);
        let negative = saturated(self.by_zeros + difference) < 0;
        self.adapt_poles(negative);
        self.negative = [negative, self.negative[0]];
        self.adapt_zeros(difference);
        self.reconstructed = [saturated(reconstructed * 2), self.reconstructed[0]];
        let by_poles = (self.poles.iter().zip(&self.reconstructed))
            .map(|(pole, sample)| (pole * sample) >> 15)
            .sum();
        self.predicted = saturated(saturated(by_poles) + self.by_zeros);
    }

    /// `UPPOL2`, then `UPPOL1`, which the new second coefficient bounds.
    fn adapt_poles(&mut self, negative: bool) {
        let [first, second] = self.poles;
        let is_same = self.negative.map(|before| before == negative);
        let turn = saturated(first * 4);
        let turn = if is_same[0] {
            (-turn).min(i16::MAX.into())
        } else {
            turn
        };
        let push = if is_same[1] { 128 } else { -128 };
        let second = (push + (turn >> 7) + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);
        let push = if is_same[0] { 192 } else { -192 };
        let bound = 15_360 - second;
        let first = (push + ((first * 32_640) >> 15)).clamp(-bound, bound);
        self.poles = [first, second];
    }

    /// `UPZERO`, then `FILTEZ` of what is predicted next.
    fn adapt_zeros(&mut self, difference: i32) {
        let size = if difference == 0 { 0 } else { 128 };
        for (zero, before) in self.zeros.iter_mut().zip(&self.doubled) {
            // All ones where the signs differ.
            let differs = (difference ^ before) >> 31;
            let push = (size ^ differs) - differs;
            *zero = saturated(push + ((*zero * 32_640) >> 15));
        }
        let [a, b, c, d, e, _] = self.doubled;
        self.doubled = [saturated(difference * 2), a, b, c, d, e];
        let sum = (self.zeros.iter().zip(&self.doubled))
            .map(|(zero, difference)| (zero * difference) >> 15)
            .sum();
        self.by_zeros = saturated(sum);
    }
}

fn saturated(value: i32) -> i32 {
    value.clamp(i16::MIN.into(), i16::MAX.into())
}

/// A band's samples have 15 bits.
fn limited(sample: i32) -> i32 {
    sample.clamp(-16_384, 16_383)
}

/// An entry of a table as long as its codes have values.
fn at<const N: usize>(table: &[i32; N], code: u8) -> i32 {
    table[usize::from(code) & (N - 1)]
}

/// Levels that part the sizes of the lower band's differences (`Q6`).
const LEVELS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1_023,
    1_121, 1_219, 1_339, 1_458, 1_612, 1_765, 1_980, 2_195, 2_557, 2_919,
];
/// The one that parts the upper band's (`Q2`).
const UPPER_LEVEL: i32 = 564;

/// What codes of 6 bits stand for (`QQ6`).
const SIXTY: [i32; 64] = [
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192,
    -10_232, -9_360, -8_576, -7_856, -7_192, -6_576, -6_000, -5_456, -4_944, -4_464, -4_008,
    -3_576, -3_168, -2_776, -2_400, -2_032, -1_688, -1_360, -1_040, -728, 24_808, 21_904, 19_008,
    16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9_360, 8_576, 7_856, 7_192, 6_576, 6_000,
    5_456, 4_944, 4_464, 4_008, 3_576, 3_168, 2_776, 2_400, 2_032, 1_688, 1_360, 1_040, 728, 432,
    136, -432, -136,
];
/// What their first 4 bits stand for (`QQ4`).
const SIXTEEN: [i32; 16] = [
    0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200, 20_456, 12_896, 8_968, 6_288,
    4_240, 2_584, 1_200, 0,
];
/// What codes of 2 bits stand for (`QQ2`).
const FOUR: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];

/// How the logarithm of the step changes after the 4 bits (`WL` by `RL42`) and the 2 bits (`WH` by `RH2`).
const LOWER_LOG: [i32; 16] = [
    -60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60,
];
const UPPER_LOG: [i32; 4] = [798, -214, 798, -214];

/// 2048 times 2 to the power of n/32 (`ILB`).
const LOG_STEPS: [i32; 32] = [
    2_048, 2_093, 2_139, 2_186, 2_233, 2_282, 2_332, 2_383, 2_435, 2_489, 2_543, 2_599, 2_656,
    2_714, 2_774, 2_834, 2_896, 2_960, 3_025, 3_091, 3_158, 3_228, 3_298, 3_371, 3_444, 3_520,
    3_597, 3_676, 3_756, 3_838, 3_922, 4_008,
];
