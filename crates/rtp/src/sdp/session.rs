//! What a session description says, as it was written.

use super::agreement::Capability;
use super::attribute::Attribute;
use crate::limits::AGREED_CODECS_MAX;
use crate::{Codec, Direction};
use std::borrow::Cow;
use std::net::IpAddr;

/// A session description (RFC 8866 §5). Its text is borrowed from the message it came with;
/// [`Self::into_owned`] keeps it longer.
///
/// Lines whose type letter is unknown are left out; everything else is kept, also what nobody here
/// interprets, and is written again by `Display`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// Who made the description, and which version of it this is (`o=`).
    pub origin: Origin<'a>,
    /// The name of the session (`s=`); `-` when there is none.
    pub name: Cow<'a, str>,
    /// `i=`, `u=`, `e=` and `p=` lines.
    pub informative: Vec<Line<'a>>,
    /// Where media goes that has no address of its own (`c=`).
    pub connection: Option<Address<'a>>,
    /// `b=`, `t=`, `r=`, `z=` and `k=` lines.
    pub timing: Vec<Line<'a>>,
    /// Attributes of the whole session.
    pub attributes: Vec<Attribute<'a>>,
    /// Media in their order, which offer and answer share.
    pub media: Vec<Media<'a>>,
}

/// Who made a description (`o=`, RFC 8866 §5.2). The two numbers are kept as text: peers write more
/// digits than fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The user's name there, `-` when there is none.
    pub user: Cow<'a, str>,
    /// Tells sessions apart.
    pub session_id: Cow<'a, str>,
    /// Grows by one with each changed description of the session.
    pub version: Cow<'a, str>,
    /// The machine that made it; nothing is sent there.
    pub address: Address<'a>,
}

/// Where media goes (`c=`), or who made a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// IPv4 or IPv6. The TTL and count of a multicast address are left out.
    Ip(IpAddr),
    /// A host's name, with its address type as written.
    Host {
        /// `IP4`, `IP6` or another.
        family: Cow<'a, str>,
        /// The name.
        name: Cow<'a, str>,
    },
}

/// A line that is kept but not interpreted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The letter before `=`.
    pub letter: char,
    /// What stands after it.
    pub value: Cow<'a, str>,
}

/// One `m=` line with what belongs to it (RFC 8866 §5.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// The port at which it is received; 0 when the media is refused or taken away.
    pub port: u16,
    /// How many ports in a row; 1 unless said otherwise.
    pub ports: u16,
    /// How it is transported.
    pub protocol: Protocol<'a>,
    /// Payload type numbers, or whatever the protocol calls its formats.
    pub formats: Vec<Cow<'a, str>>,
    /// `i=`, `b=` and `k=` lines.
    pub lines: Vec<Line<'a>>,
    /// Where it goes; the session's address when absent.
    pub connection: Option<Address<'a>>,
    /// Attributes of this media.
    pub attributes: Vec<Attribute<'a>>,
}

/// What a media line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Fax (T.38).
    Image,
    /// Data channels, BFCP and others.
    Application,
    /// Real-time text, MSRP and whatever comes.
    Other(Cow<'a, str>),
}

/// How media is transported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol<'a> {
    /// `RTP/AVP`: plain RTP.
    Avp,
    /// `RTP/AVPF`: plain RTP with early feedback (RFC 4585).
    Avpf,
    /// `RTP/SAVP`: SRTP with keys in the description (RFC 4568).
    Savp,
    /// `RTP/SAVPF`: the same with early feedback (RFC 5124).
    Savpf,
    /// `UDP/TLS/RTP/SAVP`: SRTP with keys from DTLS (RFC 5764).
    TlsSavp,
    /// `UDP/TLS/RTP/SAVPF`: what browsers use.
    TlsSavpf,
    /// `udptl`: T.38 fax.
    Udptl,
    /// Anything else.
    Other(Cow<'a, str>),
}

impl Session<'_> {
    /// Where `media` goes: its own address, or the session's.
    #[must_use]
    pub fn address_of<'s>(&'s self, media: &'s Media<'_>) -> Option<&'s Address<'s>> {
        media.connection.as_ref().or(self.connection.as_ref())
    }

    /// Which way `media` goes from the side that made the description: its own attribute, else the
    /// session's, else both ways (RFC 8866 §6.7).
    #[must_use]
    pub fn direction_of(&self, media: &Media<'_>) -> Direction {
        let stated = |attributes: &[Attribute<'_>]| {
            attributes
                .iter()
                .find_map(|attribute| Direction::parse(&attribute.name))
        };
        stated(&media.attributes)
            .or_else(|| stated(&self.attributes))
            .unwrap_or_default()
    }

    /// Milliseconds of sound per packet that the peer wishes to receive for `media`: `a=ptime`, not more
    /// than `a=maxptime`, of the media or of the session.
    #[must_use]
    pub fn ptime_ms_of(&self, media: &Media<'_>) -> Option<u8> {
        let stated = |name: &str| {
            media
                .millis(name)
                .or_else(|| super::attribute::millis(&self.attributes, name))
        };
        match (stated("ptime"), stated("maxptime")) {
            (Some(wished), Some(most)) => Some(wished.min(most)),
            (None, Some(most)) => Some(most.min(Codec::PTIME_MS)),
            (wished, None) => wished,
        }
    }

    /// What whoever made the description can do in its first line of audio that is not refused, most wanted first:
    /// at most [`AGREED_CODECS_MAX`] codecs, without what only goes beside others.
    #[must_use]
    pub fn capabilities(&self) -> Vec<Capability> {
        let mut lines = self.media.iter();
        let audio = lines.find(|media| media.kind == Kind::Audio && media.port != 0);
        let codecs = audio.into_iter().flat_map(|media| {
            let ptime_ms = self.ptime_ms_of(media).unwrap_or(Codec::PTIME_MS);
            media.codecs().map(move |codec| Capability {
                codec: Codec { ptime_ms, ..codec },
                parameters: Cow::Owned(
                    media
                        .parameters(codec.payload_type)
                        .unwrap_or_default()
                        .to_owned(),
                ),
            })
        });
        codecs
            .filter(|capability| !capability.codec.encoding.is_beside_others())
            .take(AGREED_CODECS_MAX)
            .collect()
    }

    /// The same, independent of the message it came with.
    #[must_use]
    pub fn into_owned(self) -> Session<'static> {
        Session {
            origin: self.origin.into_owned(),
            name: owned(self.name),
            informative: self.informative.into_iter().map(Line::into_owned).collect(),
            connection: self.connection.map(Address::into_owned),
            timing: self.timing.into_iter().map(Line::into_owned).collect(),
            attributes: own_attributes(self.attributes),
            media: self.media.into_iter().map(Media::into_owned).collect(),
        }
    }
}

impl Origin<'_> {
    fn into_owned(self) -> Origin<'static> {
        Origin {
            user: owned(self.user),
            session_id: owned(self.session_id),
            version: owned(self.version),
            address: self.address.into_owned(),
        }
    }
}

impl Address<'_> {
    /// Whether nothing may be sent here: RFC 2543's way of putting a party on hold, `0.0.0.0`, with its
    /// IPv6 equivalents `::` and a name under `.invalid` (RFC 3264 §5.1, RFC 6157 §4).
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_unspecified(),
            Self::Host { name, .. } => name.to_ascii_lowercase().ends_with(".invalid"),
        }
    }

    fn into_owned(self) -> Address<'static> {
        match self {
            Self::Ip(ip) => Address::Ip(ip),
            Self::Host { family, name } => Address::Host {
                family: owned(family),
                name: owned(name),
            },
        }
    }
}

impl Line<'_> {
    fn into_owned(self) -> Line<'static> {
        Line {
            letter: self.letter,
            value: owned(self.value),
        }
    }
}

impl Media<'_> {
    fn into_owned(self) -> Media<'static> {
        Media {
            kind: self.kind.into_owned(),
            port: self.port,
            ports: self.ports,
            protocol: self.protocol.into_owned(),
            formats: self.formats.into_iter().map(owned).collect(),
            lines: self.lines.into_iter().map(Line::into_owned).collect(),
            connection: self.connection.map(Address::into_owned),
            attributes: own_attributes(self.attributes),
        }
    }

    /// The same line refused: port 0, formats kept because one at least must be there (RFC 3264 §6), and the name,
    /// by which browsers know lines (RFC 8829 §5.3.1).
    #[must_use]
    pub fn refused(&self) -> Media<'static> {
        Media {
            kind: self.kind.clone().into_owned(),
            port: 0,
            ports: 1,
            protocol: self.protocol.clone().into_owned(),
            formats: self.formats.iter().cloned().map(owned).collect(),
            lines: Vec::new(),
            connection: None,
            attributes: self
                .attributes
                .iter()
                .filter(|attribute| attribute.is("mid"))
                .cloned()
                .map(Attribute::into_owned)
                .collect(),
        }
    }
}

impl<'a> Kind<'a> {
    /// Reads the first word of a media line.
    pub(super) fn parse(word: &'a str) -> Self {
        [Self::Audio, Self::Video, Self::Image, Self::Application]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(word))
            .unwrap_or(Self::Other(Cow::Borrowed(word)))
    }

    /// The word as it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Image => "image",
            Self::Application => "application",
            Self::Other(name) => name,
        }
    }

    fn into_owned(self) -> Kind<'static> {
        match self {
            Self::Audio => Kind::Audio,
            Self::Video => Kind::Video,
            Self::Image => Kind::Image,
            Self::Application => Kind::Application,
            Self::Other(name) => Kind::Other(owned(name)),
        }
    }
}

impl<'a> Protocol<'a> {
    /// Reads the third word of a media line.
    pub(super) fn parse(word: &'a str) -> Self {
        [
            Self::Avp,
            Self::Avpf,
            Self::Savp,
            Self::Savpf,
            Self::TlsSavp,
            Self::TlsSavpf,
            Self::Udptl,
        ]
        .into_iter()
        .find(|known| known.name().eq_ignore_ascii_case(word))
        .unwrap_or(Self::Other(Cow::Borrowed(word)))
    }

    /// The word as it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Avp => "RTP/AVP",
            Self::Avpf => "RTP/AVPF",
            Self::Savp => "RTP/SAVP",
            Self::Savpf => "RTP/SAVPF",
            Self::TlsSavp => "UDP/TLS/RTP/SAVP",
            Self::TlsSavpf => "UDP/TLS/RTP/SAVPF",
            Self::Udptl => "udptl",
            Self::Other(name) => name,
        }
    }

    /// Whether packets are protected with keys from DTLS.
    #[must_use]
    pub const fn is_dtls(&self) -> bool {
        match self {
            Self::TlsSavp | Self::TlsSavpf => true,
            Self::Avp | Self::Avpf | Self::Savp | Self::Savpf | Self::Udptl | Self::Other(_) => {
                false
            }
        }
    }

    /// Whether packets are protected (SRTP).
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        match self {
            Self::Savp | Self::Savpf | Self::TlsSavp | Self::TlsSavpf => true,
            Self::Avp | Self::Avpf | Self::Udptl | Self::Other(_) => false,
        }
    }

    pub(super) fn into_owned(self) -> Protocol<'static> {
        match self {
            Self::Avp => Protocol::Avp,
            Self::Avpf => Protocol::Avpf,
            Self::Savp => Protocol::Savp,
            Self::Savpf => Protocol::Savpf,
            Self::TlsSavp => Protocol::TlsSavp,
            Self::TlsSavpf => Protocol::TlsSavpf,
            Self::Udptl => Protocol::Udptl,
            Self::Other(name) => Protocol::Other(owned(name)),
        }
    }
}

fn own_attributes(attributes: Vec<Attribute<'_>>) -> Vec<Attribute<'static>> {
    attributes.into_iter().map(Attribute::into_owned).collect()
}

pub(super) fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
