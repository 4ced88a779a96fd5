//! The quadrature mirror filters that split 16 kHz into two bands of 8 kHz and join them again (G.722 §3.1, §4.4).

/// Pairs of samples that are filtered at a time: 10 ms.
pub(super) const BLOCK: usize = 80;

/// What the filter still needs of the pairs before.
#[derive(Clone, Debug)]
pub(super) struct History([[i16; 2]; TAPS - 1]);

impl History {
    pub(super) const fn new() -> Self {
        Self([[0; 2]; TAPS - 1])
    }

    /// Splits up to [`BLOCK`] pairs of samples into the two bands, of 15 bits each.
    pub(super) fn split(
        &mut self,
        pairs: &[[i16; 2]],
        low: &mut [i32; BLOCK],
        high: &mut [i32; BLOCK],
    ) {
        let mut line = [[0; 2]; TAPS - 1 + BLOCK];
        self.follow(pairs.len(), pairs.iter().copied(), &mut line);
        let taps = line.windows(TAPS).take(pairs.len());
        for ((taps, low), high) in taps.zip(low).zip(high) {
            let [odd, even] = filter(taps);
            // The filter gains 2^12, two sums make twice that, and one bit goes from 16 to 15.
            *low = (even + odd) >> 14;
            *high = (even - odd) >> 14;
        }
    }

    /// Joins the two bands to up to [`BLOCK`] pairs of samples.
    pub(super) fn join(&mut self, low: &[i32; BLOCK], high: &[i32; BLOCK], pairs: &mut [[i16; 2]]) {
        let mut line = [[0; 2]; TAPS - 1 + BLOCK];
        // Bands have 15 bits, so that sum and difference fit.
        let bands = low.iter().zip(high);
        let bands = bands.map(|(low, high)| [(low + high) as i16, (low - high) as i16]);
        self.follow(pairs.len(), bands, &mut line);
        for (taps, pair) in line.windows(TAPS).zip(pairs) {
            let [second, first] = filter(taps);
            *pair = [first, second].map(|sum| saturated(sum >> 11));
        }
    }

    /// Lays what came before and what comes after one another, and keeps the end of it.
    fn follow(
        &mut self,
        count: usize,
        pairs: impl Iterator<Item = [i16; 2]>,
        line: &mut [[i16; 2]; TAPS - 1 + BLOCK],
    ) {
        let (before, after) = line.split_at_mut(self.0.len());
        before.copy_from_slice(&self.0);
        for (to, pair) in after.iter_mut().zip(pairs).take(count) {
            *to = pair;
        }
        if let Some(end) = line.get(count..).and_then(|end| end.first_chunk()) {
            self.0 = *end;
        }
    }
}

/// Both sums of a filter: of the first and of the second of each pair.
fn filter(taps: &[[i16; 2]]) -> [i32; 2] {
    let mut sums = [0_i32; 2];
    for (pair, coefficients) in taps.iter().zip(&COEFFICIENTS) {
        for ((sum, sample), coefficient) in sums.iter_mut().zip(pair).zip(coefficients) {
            // The coefficients' sizes add up to less than 2^13, so that no sum leaves 29 bits.
            *sum = sum.wrapping_add(i32::from(*sample) * i32::from(*coefficient));
        }
    }
    sums
}

fn saturated(sample: i32) -> i16 {
    sample.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

const TAPS: usize = 12;

/// Every second coefficient of the filter of 24; those between are the same in reverse (G.722 table 4).
const HALF: [i16; TAPS] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

const COEFFICIENTS: [[i16; 2]; TAPS] = {
    let mut pairs = [[0; 2]; TAPS];
    let mut at = 0;
    while at < TAPS {
        pairs[at] = [HALF[at], HALF[TAPS - 1 - at]];
        at += 1;
    }
    pairs
};
