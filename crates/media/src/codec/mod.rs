//! Codecs: what can be decoded, mixed and encoded. Anything else can only be relayed.
//!
//! A codec is a variant of [`Decoder`] and [`Encoder`], boxed when it has state. Whatever memory it needs it
//! gets when it is made: decoding and encoding allocate nothing, and no payload makes them panic.

mod g722;
mod l16;
mod noise;
mod opus;

use crate::Rate;
use crate::g711::{self, Law};
pub use g722::{G722Decoder, G722Encoder};
pub use l16::L16;
pub use noise::Noise;
pub use opus::{OpusDecoder, OpusEncoder};
use rtp::{Codec, Encoding};

/// From payloads to samples of one channel at [`Self::rate`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Decoder {
    /// G.711.
    G711(Law),
    /// G.722.
    G722(Box<G722Decoder>),
    /// Linear samples.
    L16(L16),
    /// Opus.
    Opus(Box<OpusDecoder>),
}

/// From samples of one channel at [`Self::rate`] to payloads.
#[derive(Debug)]
#[non_exhaustive]
pub enum Encoder {
    /// G.711.
    G711(Law),
    /// G.722.
    G722(Box<G722Encoder>),
    /// Linear samples.
    L16(L16),
    /// Opus.
    Opus(Box<OpusEncoder>),
}

impl Decoder {
    /// The decoder of a codec; `None` when there is none. It gives samples at the `wanted` rate where the codec
    /// leaves a choice (Opus), else at the codec's own.
    #[must_use]
    pub fn of(codec: &Codec, wanted: Rate) -> Option<Self> {
        match codec.encoding {
            Encoding::Pcmu | Encoding::Pcma => law(codec).map(Self::G711),
            Encoding::G722 => is_g722(codec).then(|| Self::G722(Box::new(G722Decoder::new()))),
            Encoding::L16 => L16::of(codec).map(Self::L16),
            Encoding::Opus => {
                OpusDecoder::new(codec, wanted).map(|opus| Self::Opus(Box::new(opus)))
            }
            Encoding::ComfortNoise | Encoding::Other(_) => None,
        }
    }

    /// The rate of the samples.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        match self {
            Self::G711(_) => Rate::Narrow,
            Self::G722(_) => Rate::Wide,
            Self::L16(l16) => l16.rate(),
            Self::Opus(opus) => opus.rate(),
        }
    }

    /// The highest rate at which a codec can be decoded and encoded; `None` when it cannot.
    #[must_use]
    pub fn native_rate(codec: &Codec) -> Option<Rate> {
        match codec.encoding {
            Encoding::Pcmu | Encoding::Pcma => law(codec).map(|_| Rate::Narrow),
            Encoding::G722 => is_g722(codec).then_some(Rate::Wide),
            Encoding::L16 => L16::of(codec).map(|l16| l16.rate()),
            Encoding::Opus => opus::is_opus(codec).then_some(Rate::Full),
            Encoding::ComfortNoise | Encoding::Other(_) => None,
        }
    }

    /// Decodes a payload, as much as there is room for; returns the count of samples. 0 when it cannot be decoded.
    pub fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> usize {
        match self {
            Self::G711(law) => {
                g711::decode(*law, payload, out);
                payload.len().min(out.len())
            }
            Self::G722(decoder) => decoder.decode(payload, out),
            Self::L16(l16) => l16.decode(payload, out),
            Self::Opus(opus) => opus.decode(payload, out),
        }
    }

    /// Decodes the packet that was lost before `next_payload` from what that one tells of it (in-band forward
    /// error correction). `out` is as long as what was lost. Returns the count of samples, 0 when nothing is told;
    /// `next_payload` itself is decoded after that.
    pub fn recover(&mut self, next_payload: &[u8], out: &mut [i16]) -> usize {
        match self {
            Self::Opus(opus) => opus.recover(next_payload, out),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => 0,
        }
    }

    /// Whether [`Self::recover`] would find something in this packet of the one before it.
    #[must_use]
    pub fn tells_of_the_one_before(&self, payload: &[u8]) -> bool {
        match self {
            Self::Opus(_) => opus::tells_of_the_one_before(payload),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => false,
        }
    }

    /// Makes up for a lost packet as the codec itself would; `out` is as long as what was lost. Returns the count
    /// of samples, 0 when the codec leaves that to others.
    pub fn conceal(&mut self, out: &mut [i16]) -> usize {
        match self {
            Self::Opus(opus) => opus.conceal(out),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => 0,
        }
    }
}

impl Encoder {
    /// The encoder of a codec; `None` when there is none. It takes samples at the `wanted` rate where the codec
    /// leaves a choice (Opus), else at the codec's own.
    #[must_use]
    pub fn of(codec: &Codec, wanted: Rate) -> Option<Self> {
        match codec.encoding {
            Encoding::Pcmu | Encoding::Pcma => law(codec).map(Self::G711),
            Encoding::G722 => is_g722(codec).then(|| Self::G722(Box::new(G722Encoder::new()))),
            Encoding::L16 => L16::of(codec).map(Self::L16),
            Encoding::Opus => {
                OpusEncoder::new(codec, wanted).map(|opus| Self::Opus(Box::new(opus)))
            }
            Encoding::ComfortNoise | Encoding::Other(_) => None,
        }
    }

    /// The rate of the samples.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        match self {
            Self::G711(_) => Rate::Narrow,
            Self::G722(_) => Rate::Wide,
            Self::L16(l16) => l16.rate(),
            Self::Opus(opus) => opus.rate(),
        }
    }

    /// Whether what it makes of a packet depends on those before it.
    #[must_use]
    pub const fn has_memory(&self) -> bool {
        match self {
            Self::G711(_) | Self::L16(_) => false,
            Self::G722(_) | Self::Opus(_) => true,
        }
    }

    /// Goes on as another encoder of the same codec would, so that a decoder of its packets does not notice; where
    /// that cannot be done, it begins anew.
    pub fn follow(&mut self, other: &Self) {
        match (self, other) {
            (Self::G722(encoder), Self::G722(other)) => encoder.clone_from(other),
            (Self::Opus(encoder), _) => encoder.reset(),
            // These remember nothing, and other pairs are of different codecs.
            (Self::G711(_) | Self::L16(_) | Self::G722(_), _) => {}
        }
    }

    /// Encodes the samples of one packet, as many as there is room for; returns the count of bytes. 0 when there
    /// is nothing to be sent: in silence a codec may pause (Opus DTX).
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        match self {
            Self::G711(law) => {
                g711::encode(*law, samples, payload);
                samples.len().min(payload.len())
            }
            Self::G722(encoder) => encoder.encode(samples, payload),
            Self::L16(l16) => l16.encode(samples, payload),
            Self::Opus(opus) => opus.encode(samples, payload),
        }
    }

    /// Of a hundred packets so many are expected to be lost, as the peer's reports say. Where each packet tells of the
    /// one before it (Opus), it tells the more, the more is lost.
    pub fn set_expected_loss(&mut self, percent: u8) {
        match self {
            Self::Opus(opus) => opus.set_expected_loss(percent),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => {}
        }
    }

    /// How much is computed for a packet, 0 to 10, where the codec leaves a choice (Opus).
    pub fn set_complexity(&mut self, complexity: u8) {
        match self {
            Self::Opus(opus) => opus.set_complexity(complexity),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => {}
        }
    }
}

/// For how long a payload sounds, in ticks of its codec's clock; `None` where that cannot be told.
#[must_use]
pub fn ticks(codec: &Codec, payload: &[u8]) -> Option<u32> {
    let ticks = match codec.encoding {
        // G.722 has two samples in a byte, and one tick for both.
        Encoding::Pcmu | Encoding::Pcma | Encoding::G722 => payload.len(),
        Encoding::L16 => payload.len() / 2 / usize::from(codec.channels.max(1)),
        Encoding::Opus => opus::ticks(payload)?,
        Encoding::ComfortNoise | Encoding::Other(_) => return None,
    };
    u32::try_from(ticks).ok()
}

/// The most bytes that an encoder makes of one packet: 60 ms of L16 at 48 kHz would take more than a network
/// carries, so that it is cut.
pub const PAYLOAD_MAX: usize = 1_440;

fn law(codec: &Codec) -> Option<Law> {
    match (codec.encoding, codec.clock_rate, codec.channels) {
        (Encoding::Pcmu, 8_000, 1) => Some(Law::Mu),
        (Encoding::Pcma, 8_000, 1) => Some(Law::A),
        _ => None,
    }
}

/// RFC 3551 §4.5.2: the clock says 8000.
fn is_g722(codec: &Codec) -> bool {
    (codec.clock_rate, codec.channels) == (8_000, 1)
}
