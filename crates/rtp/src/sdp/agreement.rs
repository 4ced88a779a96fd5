//! What one side can do, and what offer and answer come to.

use crate::{Codec, Encoding, InBand, Stream};
use core::ops::RangeInclusive;
use std::borrow::Cow;
use std::net::IpAddr;

/// What we can do on one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Codecs, most wanted first.
    pub codecs: Vec<Capability>,
    /// So many of them, the first ones, the other leg of the call has too.
    pub shared: usize,
    /// Whose order decides what is answered of those that are not shared.
    pub order: Order,
    /// The payload type number that keys are offered with (RFC 4733); `None` offers and accepts none.
    pub telephone_event: Option<u8>,
    /// Whether keys are listened for in the sound of a peer that has no telephone events.
    pub in_band: InBand,
    /// Packet lengths that can be sent, in milliseconds.
    pub ptime_ms: RangeInclusive<u8>,
    /// Where RTCP may go.
    pub rtcp: RtcpPort,
}

/// A codec that we have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// The codec, under the number that it is offered with.
    pub codec: Codec,
    /// Its parameters (`a=fmtp`); empty when there are none.
    pub parameters: Cow<'static, str>,
}

impl Capability {
    /// A codec with the parameters that we wish it to be sent to us with.
    #[must_use]
    pub const fn of(codec: Codec) -> Self {
        let parameters = match codec.encoding {
            Encoding::Opus => "minptime=10;useinbandfec=1",
            Encoding::Pcmu
            | Encoding::Pcma
            | Encoding::G722
            | Encoding::L16
            | Encoding::ComfortNoise
            | Encoding::Other(_) => "",
        };
        Self {
            codec,
            parameters: Cow::Borrowed(parameters),
        }
    }
}

/// Whose order decides which codec is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// That of the offer (RFC 3264 §6.1).
    #[default]
    Theirs,
    /// That of [`Capabilities::codecs`].
    Ours,
}

/// Where RTCP goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RtcpPort {
    /// To the port after that of RTP.
    #[default]
    Next,
    /// To the port of RTP, where the peer can do so too (RFC 5761).
    Muxed,
}

impl Capabilities {
    /// G.711 with keys: what every phone can do.
    #[must_use]
    pub fn g711() -> Self {
        Self {
            codecs: [Codec::PCMA, Codec::PCMU].map(Capability::of).into(),
            shared: 0,
            order: Order::Theirs,
            telephone_event: Some(101),
            in_band: InBand::Ignored,
            ptime_ms: 10..=60,
            rtcp: RtcpPort::Next,
        }
    }

    /// The same with those in front that the other leg of the call has too, as that one wishes them: what it sends in
    /// one of them is relayed without decoding. Among them its order counts, unless ours does.
    #[must_use]
    pub fn sharing(mut self, other: &[Capability]) -> Self {
        let place = |ours: &Codec| {
            let mut others = other.iter();
            others.position(|theirs| theirs.codec.matches(ours))
        };
        for ours in &mut self.codecs {
            if let Some(theirs) = place(&ours.codec).and_then(|place| other.get(place)) {
                ours.codec.ptime_ms = theirs.codec.ptime_ms;
                if !theirs.parameters.is_empty() {
                    ours.parameters.clone_from(&theirs.parameters);
                }
            }
        }
        self.shared = self
            .codecs
            .iter()
            .filter(|ours| place(&ours.codec).is_some())
            .count();
        match self.order {
            Order::Theirs => self
                .codecs
                .sort_by_key(|ours| place(&ours.codec).unwrap_or(usize::MAX)),
            Order::Ours => self.codecs.sort_by_key(|ours| place(&ours.codec).is_none()),
        }
        self
    }

    /// Which of the codecs that are offered is answered.
    pub(super) fn choose(&self, offered: impl Iterator<Item = Codec>) -> Option<Codec> {
        let ranked = offered.filter_map(|codec| {
            let mut codecs = self.codecs.iter();
            let place = codecs.position(|ours| ours.codec.matches(&codec))?;
            let rank = match self.order {
                Order::Theirs => place.min(self.shared),
                Order::Ours => place,
            };
            Some((rank, codec))
        });
        ranked.min_by_key(|(rank, _)| *rank).map(|(_, codec)| codec)
    }

    pub(super) fn of(&self, codec: &Codec) -> Option<&Capability> {
        self.codecs
            .iter()
            .find(|capability| capability.codec.matches(codec))
    }

    /// The packet length nearest to the wished one that the codec has, in whole 10 ms.
    pub(super) fn ptime_ms(&self, codec: &Codec, wished: Option<u8>) -> u8 {
        let wished = wished.unwrap_or(Codec::PTIME_MS);
        let whole = wished.saturating_sub(wished % 10);
        codec.length_ms(whole.min(*self.ptime_ms.end()).max(*self.ptime_ms.start()))
    }
}

/// What one exchange of offer and answer came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// How the leg's sound goes from here on.
    pub stream: Stream,
    /// Whether that differs from before.
    pub change: Change,
    /// Whether the peer put us on hold or took us off it.
    pub hold: Option<HoldChange>,
}

/// Whether a stream differs from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing differs: a refresh.
    Same,
    /// Something does, or it is the first.
    Changed,
}

/// What the peer did with the hold button (RFC 3264 §8.4).
///
/// We are held while the peer asks us not to send: `sendonly`, `inactive`, the address `0.0.0.0`
/// (RFC 2543) or port 0. A peer that says `recvonly` still listens, so it holds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldChange {
    /// We are on hold from here on.
    Held,
    /// We are no more.
    Resumed,
}

/// Why an offer or answer cannot be agreed to. What was agreed before still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAcceptable {
    /// There is no audio in it.
    #[error("there is no audio")]
    NoAudio,
    /// All audio has port 0.
    #[error("all audio is refused")]
    Refused,
    /// Audio is only possible with SRTP, which is switched off here or has its keys from elsewhere.
    #[error("audio is offered with SRTP only")]
    Secure,
    /// Audio is only possible with SRTP, and no `a=crypto` line of it is of use.
    #[error("audio is offered with SRTP of another kind")]
    NoCommonSuite,
    /// Audio is only possible without SRTP, which is required here.
    #[error("audio is offered without SRTP, which is required")]
    Insecure,
    /// RTCP would need a port of its own, and browsers share one (RFC 8834 §4.5).
    #[error("a browser's audio is offered without rtcp-mux")]
    TwoPorts,
    /// There is no fingerprint, or nobody who begins.
    #[error("there is no handshake to make")]
    NoHandshake,
    /// There is no user name fragment or no password for ICE.
    #[error("there are no ICE credentials")]
    NoIce,
    /// Audio goes over something that is not RTP over UDP.
    #[error("audio is offered over an unknown transport")]
    Transport,
    /// There is no codec that both sides have.
    #[error("there is no common codec")]
    NoCommonCodec,
    /// There is no `c=` line for the audio.
    #[error("audio has no address")]
    NoAddress,
    /// The address is a name, which is not looked up.
    #[error("the address is a host name")]
    HostName,
    /// The address is IPv6 where our side is IPv4, or the other way round.
    #[error("the address {0} is of the wrong family")]
    Family(IpAddr),
    /// The address is a multicast or broadcast one.
    #[error("the address {0} is not that of one host")]
    NotUnicast(IpAddr),
    /// An offer of ours still waits for its answer: glare (RFC 3261 §14.2).
    #[error("an offer of ours waits for its answer")]
    OfferPending,
    /// An answer came to no offer.
    #[error("nothing was offered")]
    NothingOffered,
}

impl NotAcceptable {
    /// The SIP status that is due for the request that carried the offer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::OfferPending => 491,
            Self::NothingOffered => 400,
            Self::NoAudio
            | Self::Refused
            | Self::Secure
            | Self::TwoPorts
            | Self::NoHandshake
            | Self::NoIce
            | Self::NoCommonSuite
            | Self::Insecure
            | Self::Transport
            | Self::NoCommonCodec
            | Self::NoAddress
            | Self::HostName
            | Self::Family(_)
            | Self::NotUnicast(_) => 488,
        }
    }

    /// The code for a Warning header beside it (RFC 3261 §20.43).
    #[must_use]
    pub const fn warning(&self) -> u16 {
        match self {
            Self::NoAddress | Self::HostName | Self::Family(_) => 301,
            Self::Secure
            | Self::NoCommonSuite
            | Self::Insecure
            | Self::TwoPorts
            | Self::NoHandshake
            | Self::NoIce
            | Self::Transport => 302,
            Self::NoAudio | Self::Refused => 304,
            Self::NoCommonCodec => 305,
            Self::NotUnicast(_) => 330,
            Self::OfferPending | Self::NothingOffered => 399,
        }
    }
}
