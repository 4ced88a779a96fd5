//! Codecs: what can be decoded, mixed and encoded. Anything else can only be forwarded.

use crate::g711::{self, Law};
use rtp::{Codec, Encoding};

/// From packets to samples of 8000 Hz.
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    /// G.711.
    G711(Law),
}

/// From samples of 8000 Hz to packets.
#[derive(Clone, Debug)]
pub(crate) enum Encoder {
    /// G.711.
    G711(Law),
}

/// The decoder of a codec; `None` when there is none.
pub(crate) fn decoder(codec: &Codec) -> Option<Decoder> {
    law(codec).map(Decoder::G711)
}

/// The encoder of a codec; `None` when there is none.
pub(crate) fn encoder(codec: &Codec) -> Option<Encoder> {
    law(codec).map(Encoder::G711)
}

fn law(codec: &Codec) -> Option<Law> {
    match codec.encoding {
        Encoding::Pcmu => Some(Law::Mu),
        Encoding::Pcma => Some(Law::A),
        Encoding::G722 | Encoding::Opus | Encoding::L16 | Encoding::Other(_) => None,
    }
}

impl Decoder {
    /// Decodes a payload, as much as there is room for; returns the count of samples.
    pub(crate) fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        let Self::G711(law) = self;
        g711::decode(*law, payload, samples);
        payload.len().min(samples.len())
    }
}

impl Encoder {
    /// Encodes samples, as many as there is room for; returns the count of bytes.
    pub(crate) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let Self::G711(law) = self;
        g711::encode(*law, samples, payload);
        samples.len().min(payload.len())
    }

    /// What the party that gets this payload hears.
    pub(crate) fn undo(&self, payload: &[u8], samples: &mut [i16]) -> usize {
        let Self::G711(law) = self;
        g711::decode(*law, payload, samples);
        payload.len().min(samples.len())
    }
}
