//! Codecs: what can be decoded, mixed and encoded. Anything else can only be relayed.
//!
//! A codec that comes later is one more variant of [`Decoder`] and [`Encoder`], boxed when it has state.

use crate::engine::RATE_HZ;
use crate::g711::{self, Law};
use rtp::{Codec, Encoding};

/// From payloads to samples at [`RATE_HZ`].
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    /// G.711.
    G711(Law),
}

/// From samples at [`RATE_HZ`] to payloads.
#[derive(Clone, Debug)]
pub(crate) enum Encoder {
    /// G.711.
    G711(Law),
}

impl Decoder {
    /// The decoder of a codec; `None` when there is none.
    pub(crate) fn of(codec: &Codec) -> Option<Self> {
        law(codec).map(Self::G711)
    }

    /// Decodes a payload, as much as there is room for; returns the count of samples.
    pub(crate) fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        let Self::G711(law) = self;
        g711::decode(*law, payload, samples);
        payload.len().min(samples.len())
    }
}

impl Encoder {
    /// The encoder of a codec; `None` when there is none.
    pub(crate) fn of(codec: &Codec) -> Option<Self> {
        law(codec).map(Self::G711)
    }

    /// Encodes samples, as many as there is room for; returns the count of bytes.
    pub(crate) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let Self::G711(law) = self;
        g711::encode(*law, samples, payload);
        samples.len().min(payload.len())
    }
}

fn law(codec: &Codec) -> Option<Law> {
    if (codec.clock_rate, codec.channels) != (RATE_HZ, 1) {
        return None;
    }
    match codec.encoding {
        Encoding::Pcmu => Some(Law::Mu),
        Encoding::Pcma => Some(Law::A),
        Encoding::G722 | Encoding::Opus | Encoding::L16 | Encoding::Other(_) => None,
    }
}
