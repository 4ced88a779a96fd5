//! What offer and answer come to: one leg's sound on the network.

use crate::dtls::Dtls;
use crate::srtp::MasterKey;
use crate::{Codec, Direction};
use std::net::{IpAddr, SocketAddr};

/// How one leg's audio goes over the network, as negotiated: what the edge hands to media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Where RTP is sent. Unspecified (`0.0.0.0`, `::`) only while [`Self::direction`] does not send, or where ICE
    /// has to find it.
    pub remote: SocketAddr,
    /// Where RTCP is sent: the next port, `a=rtcp` (RFC 3605), or the same as RTP (`a=rtcp-mux`, RFC 5761).
    pub remote_rtcp: SocketAddr,
    /// Which way it goes, from our side.
    pub direction: Direction,
    /// What we send, under the peer's payload type number.
    pub codec: Codec,
    /// What the peer may send, under our payload type numbers; the counterpart of [`Self::codec`] first.
    /// At most [`crate::limits::AGREED_CODECS_MAX`].
    pub receives: Vec<Codec>,
    /// Keys as RTP events, where both sides know them.
    pub telephone_event: Option<TelephoneEvents>,
    /// Whether keys may come as tones in the sound.
    pub in_band: InBand,
    /// Whether the peer wishes to know how it is heard.
    pub metrics: Metrics,
    /// From where packets are taken.
    pub source: Source,
    /// How packets are protected.
    pub security: Security,
}

impl Stream {
    /// The codec of a received payload type; `None` when it was not agreed on. Comfort noise is never agreed on, so
    /// that peers send all of their sound, but what comes of it under its static number is understood.
    #[must_use]
    pub fn received(&self, payload_type: u8) -> Option<&Codec> {
        let noise = Some(&Codec::COMFORT_NOISE).filter(|noise| {
            (noise.payload_type, noise.clock_rate) == (payload_type, self.codec.clock_rate)
        });
        let mut agreed = self.receives.iter();
        agreed
            .find(|codec| codec.payload_type == payload_type)
            .or(noise)
    }
}

/// How a stream's packets are protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    #[default]
    Plain,
    /// By SRTP, with keys from the descriptions (RFC 4568). Where a key is the same as before, its context
    /// goes on; with another one, it begins anew.
    Sdes {
        /// What we protect with: the key in our description.
        sends: MasterKey,
        /// What the peer protects with: the key in its description.
        receives: MasterKey,
    },
    /// By SRTP, with keys from a handshake with a browser, which ICE finds.
    Dtls(Box<Dtls>),
}

/// The payload type numbers of `telephone-event` (RFC 4733).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelephoneEvents {
    /// What we send them with: the peer's number.
    pub send: u8,
    /// What we receive them with: our number.
    pub receive: u8,
    /// Ticks per second of their durations; as the codec's, or 8000 where the peer has no other.
    pub clock_rate: u32,
}

/// Whether keys are listened for in the sound itself, which has its cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InBand {
    /// They come in no such form.
    #[default]
    Ignored,
    /// They may.
    Heard,
}

/// Whether VoIP metrics are sent with the reports (RFC 3611 §4.7, §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metrics {
    /// Nobody asked for them.
    #[default]
    Unasked,
    /// They are wished for.
    Wished,
}

/// From where packets are taken, so that no third party can inject or steal a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Only from the address and port in the peer's description.
    Signalled,
    /// The peer is behind NAT: the first packet from this public address within the first moment
    /// fixes the port.
    Latch(IpAddr),
    /// From wherever ICE finds the peer; who does not belong to it is kept out before, and by SRTP.
    Ice,
}
