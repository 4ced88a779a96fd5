//! Attributes, and those of them that are interpreted.

use super::session::{Media, owned};
use crate::{Codec, Encoding, Opus};
use core::fmt;
use std::borrow::Cow;
use std::net::IpAddr;

/// An `a=` line: a property, or a name with a value.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// What stands before the first colon.
    pub name: Cow<'a, str>,
    /// What stands after it; `None` for a property such as `a=sendrecv`.
    pub value: Option<Cow<'a, str>>,
}

impl<'a> Attribute<'a> {
    /// A property, without value.
    #[must_use]
    pub const fn property(name: &'a str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            value: None,
        }
    }

    /// A name with a value.
    #[must_use]
    pub fn valued(name: &'a str, value: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            value: Some(value.into()),
        }
    }

    pub(super) fn into_owned(self) -> Attribute<'static> {
        Attribute {
            name: owned(self.name),
            value: self.value.map(owned),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// `Debug` shows no keys.
impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match &self.value {
            Some(_) if self.is("crypto") => Some("…"),
            value => value.as_deref(),
        };
        f.debug_struct("Attribute")
            .field("name", &self.name)
            .field("value", &value)
            .finish()
    }
}

/// Where RTCP goes when it is not the next port (`a=rtcp`, RFC 3605).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtcpAttribute {
    /// The port.
    pub port: u16,
    /// Another address than that of the media.
    pub address: Option<IpAddr>,
}

/// What one format of a media line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Sound.
    Codec(Codec),
    /// Keys (RFC 4733).
    TelephoneEvent {
        /// Their number.
        payload_type: u8,
        /// Ticks per second.
        clock_rate: u32,
    },
}

impl Format {
    pub(super) const fn payload_type(&self) -> u8 {
        match self {
            Self::Codec(codec) => codec.payload_type,
            Self::TelephoneEvent { payload_type, .. } => *payload_type,
        }
    }

    pub(super) const fn clock_rate(&self) -> u32 {
        match self {
            Self::Codec(codec) => codec.clock_rate,
            Self::TelephoneEvent { clock_rate, .. } => *clock_rate,
        }
    }

    pub(super) const fn ptime_ms(&self) -> Option<u8> {
        match self {
            Self::Codec(codec) => Some(codec.ptime_ms),
            Self::TelephoneEvent { .. } => None,
        }
    }

    /// Whether both mean the same, whatever their numbers.
    pub(super) fn means(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Codec(one), Self::Codec(other)) => one.matches(other),
            (Self::TelephoneEvent { .. }, Self::TelephoneEvent { .. }) => {
                self.clock_rate() == other.clock_rate()
            }
            (Self::Codec(_), Self::TelephoneEvent { .. })
            | (Self::TelephoneEvent { .. }, Self::Codec(_)) => false,
        }
    }

    /// The same under another number.
    pub(super) const fn numbered(self, payload_type: u8) -> Self {
        match self {
            Self::Codec(codec) => Self::Codec(Codec {
                payload_type,
                ..codec
            }),
            Self::TelephoneEvent { clock_rate, .. } => Self::TelephoneEvent {
                payload_type,
                clock_rate,
            },
        }
    }
}

impl Media<'_> {
    /// The values of an attribute, in their order; the empty text for a property.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.attributes
            .iter()
            .filter(move |attribute| attribute.is(name))
            .map(|attribute| attribute.value.as_deref().unwrap_or_default())
    }

    /// Whether an attribute is there, with or without value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.is(name))
    }

    /// The parameters of a format (`a=fmtp`).
    #[must_use]
    pub fn parameters(&self, payload_type: u8) -> Option<&str> {
        self.values("fmtp")
            .filter_map(|value| value.split_once(' '))
            .find(|(format, _)| format.parse() == Ok(payload_type))
            .map(|(_, parameters)| parameters.trim())
    }

    /// Where RTCP goes, when `a=rtcp` says so; an unreadable one counts as absent.
    #[must_use]
    pub fn rtcp(&self) -> Option<RtcpAttribute> {
        let mut words = self.values("rtcp").next()?.split_ascii_whitespace();
        let port = words.next()?.parse().ok().filter(|&port| port != 0)?;
        let address = words.nth(2).and_then(|address| address.parse().ok());
        Some(RtcpAttribute { port, address })
    }

    /// The codecs of the line in their order of preference, under the payload type numbers of the side
    /// that made the description. What cannot be understood, and telephone events, are left out.
    pub fn codecs(&self) -> impl Iterator<Item = Codec> {
        self.understood().filter_map(|format| match format {
            Format::Codec(codec) => Some(codec),
            Format::TelephoneEvent { .. } => None,
        })
    }

    /// Number and clock of telephone events that go with a codec of this clock: the same clock, as RFC 4733
    /// §2.1 asks, else 8000, which is all that some browsers offer beside Opus.
    pub(super) fn telephone_event(&self, clock_rate: u32) -> Option<(u8, u32)> {
        let of = |wanted: u32| {
            self.understood().find_map(|format| match format {
                Format::TelephoneEvent {
                    payload_type,
                    clock_rate,
                } if clock_rate == wanted => Some((payload_type, clock_rate)),
                Format::TelephoneEvent { .. } | Format::Codec(_) => None,
            })
        };
        of(clock_rate).or_else(|| of(8_000))
    }

    /// The formats that have a meaning, in their order.
    pub(super) fn understood(&self) -> impl Iterator<Item = Format> {
        self.formats.iter().filter_map(|format| {
            let payload_type = format.parse().ok().filter(|&number: &u8| number < 128)?;
            self.format(payload_type)
        })
    }

    /// The static numbers mean what RFC 3551 says whatever `a=rtpmap` claims; all others need one.
    fn format(&self, payload_type: u8) -> Option<Format> {
        if let Some(codec) = Codec::of_static(payload_type) {
            return Some(Format::Codec(codec));
        }
        let mapped = self
            .values("rtpmap")
            .filter_map(|value| value.split_once(' '))
            .find(|(format, _)| format.parse() == Ok(payload_type))?;
        let mut parts = mapped.1.trim().split('/');
        let name = parts.next()?;
        let clock_rate = parts.next()?.parse().ok().filter(|&rate: &u32| rate > 0)?;
        if name.eq_ignore_ascii_case("telephone-event") {
            return Some(Format::TelephoneEvent {
                payload_type,
                clock_rate,
            });
        }
        let channels = match parts.next() {
            None | Some("") => 1,
            Some(count) => count.parse().ok().filter(|&count: &u8| count > 0)?,
        };
        let encoding = Encoding::parse(name)?;
        let mut codec = Codec::new(encoding, payload_type, clock_rate, channels);
        if encoding == Encoding::Opus {
            codec.opus = Opus::parse(self.parameters(payload_type).unwrap_or_default());
        }
        Some(Format::Codec(codec))
    }

    pub(super) fn millis(&self, name: &str) -> Option<u8> {
        millis(&self.attributes, name)
    }
}

/// A whole number of milliseconds above 0; a fraction (`a=ptime:20.5`) is cut off, and more than fits
/// counts as the most that fits.
pub(super) fn millis(attributes: &[Attribute<'_>], name: &str) -> Option<u8> {
    let value = attributes.iter().find(|attribute| attribute.is(name))?;
    let text = value.value.as_deref()?.trim();
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let millis: u32 = whole.parse().ok()?;
    Some(u8::try_from(millis).unwrap_or(u8::MAX)).filter(|&millis| millis > 0)
}
