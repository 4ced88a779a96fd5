//! G.722 at 64 kbit/s (ITU-T G.722): 16 kHz, two bands, each with a predictor and a quantiser that adapt.
//!
//! The lower band gets 6 bits of each byte, the upper one 2. Names are those of the recommendation where it has
//! some.

mod band;
mod mirror;
#[cfg(test)]
mod tests;

use band::{Band, Lower, Upper};
use mirror::{BLOCK, History};

/// From samples at 16 kHz to bytes, of which one holds two samples.
#[derive(Clone, Debug)]
pub struct G722Encoder {
    lower: Band<Lower>,
    upper: Band<Upper>,
    history: History,
}

/// From bytes to samples at 16 kHz.
#[derive(Clone, Debug)]
pub struct G722Decoder {
    lower: Band<Lower>,
    upper: Band<Upper>,
    history: History,
}

impl G722Encoder {
    pub(super) fn new() -> Self {
        Self {
            lower: Band::new(),
            upper: Band::new(),
            history: History::new(),
        }
    }

    /// Encodes pairs of samples, as many as there is room for; returns the count of bytes.
    pub(super) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let (pairs, _) = samples.as_chunks::<2>();
        let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
        for (pairs, codes) in pairs.chunks(BLOCK).zip(payload.chunks_mut(BLOCK)) {
            self.history.split(pairs, &mut low, &mut high);
            let count = pairs.len().min(codes.len());
            for ((code, low), high) in codes.iter_mut().zip(&low).zip(&high).take(count) {
                *code = self.upper.encode(*high) << 6 | self.lower.encode(*low);
            }
        }
        pairs.len().min(payload.len())
    }
}

impl G722Decoder {
    pub(super) fn new() -> Self {
        Self {
            lower: Band::new(),
            upper: Band::new(),
            history: History::new(),
        }
    }

    /// Decodes bytes into pairs of samples, as many as there is room for; returns the count of samples.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> usize {
        let (pairs, _) = out.as_chunks_mut::<2>();
        let count = 2 * pairs.len().min(payload.len());
        let (mut low, mut high) = ([0; BLOCK], [0; BLOCK]);
        for (codes, pairs) in payload.chunks(BLOCK).zip(pairs.chunks_mut(BLOCK)) {
            let used = pairs.len().min(codes.len());
            for ((code, low), high) in codes.iter().zip(&mut low).zip(&mut high).take(used) {
                *low = self.lower.decode(code & 0x3f);
                *high = self.upper.decode(code >> 6);
            }
            let pairs = pairs.get_mut(..used).unwrap_or_default();
            self.history.join(&low, &high, pairs);
        }
        count
    }
}
