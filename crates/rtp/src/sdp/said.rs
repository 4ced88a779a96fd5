//! Our own media line, and the payload type numbers in it.

use super::agreement::{Capabilities, NotAcceptable, RtcpPort};
use super::attribute::{Attribute, Format};
use super::browser::{Ours, Theirs};
use super::crypto::{Crypto, Srtp};
use super::negotiation::Local;
use super::session::{Kind, Media, Protocol, Session};
use crate::{Codec, Direction, Metrics, Security, TelephoneEvents};
use std::borrow::Cow;

/// What we said of our audio: what the peer may send, and under which numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) formats: Vec<Format>,
    pub(super) protocol: Protocol<'static>,
    pub(super) direction: Direction,
    pub(super) rtcp: RtcpPort,
    /// Whether we wish to know how we are heard.
    pub(super) metrics: Metrics,
    /// Keys that we protect with: those that the peer may choose from, or the one that was chosen.
    pub(super) crypto: Vec<Crypto>,
    /// What a browser is told.
    pub(super) dtls: Option<Ours>,
}

impl Said {
    /// Our number for what the peer calls `theirs`.
    pub(super) fn counterpart(&self, theirs: &Format) -> Option<Format> {
        self.formats.iter().copied().find(|ours| ours.means(theirs))
    }

    /// The numbers for keys with a peer that wrote `media`.
    pub(super) fn keys_with(&self, media: &Media<'_>, clock_rate: u32) -> Option<TelephoneEvents> {
        let (send, clock_rate) = media.telephone_event(clock_rate)?;
        let theirs = Format::TelephoneEvent {
            payload_type: send,
            clock_rate,
        };
        Some(TelephoneEvents {
            send,
            receive: self.counterpart(&theirs)?.payload_type(),
            clock_rate,
        })
    }

    /// How packets go with a peer that answered `media` to what we said.
    pub(super) fn secured_with(
        &self,
        answer: &Session<'_>,
        media: &Media<'_>,
        srtp: Srtp,
    ) -> Result<Security, NotAcceptable> {
        match (&self.dtls, media.protocol.is_dtls()) {
            (Some(ours), true) => {
                let theirs = Theirs::read(answer, media)?;
                return Ok(Security::Dtls(Box::new(ours.with(&theirs))));
            }
            (Some(_), false) | (None, true) => return Err(NotAcceptable::Secure),
            (None, false) => {}
        }
        let chosen = Crypto::all(media).find_map(|theirs| {
            let mut ours = self.crypto.iter();
            let ours = ours.find(|ours| ours.tag == theirs.tag)?;
            (ours.key.suite() == theirs.key.suite()).then(|| Security::Sdes {
                sends: ours.key.clone(),
                receives: theirs.key,
            })
        });
        match chosen {
            Some(chosen) => Ok(chosen),
            None if media.protocol.is_secure() => Err(NotAcceptable::NoCommonSuite),
            None if srtp == Srtp::Required => Err(NotAcceptable::Insecure),
            None => Ok(Security::Plain),
        }
    }

    /// The same with the one key that was chosen.
    pub(super) fn with_key_of(&self, security: &Security) -> Self {
        let mut said = self.clone();
        said.crypto.retain(|line| match security {
            Security::Plain | Security::Dtls(_) => false,
            Security::Sdes { sends, .. } => line.key == *sends,
        });
        said
    }

    /// The port at which it is received.
    pub(super) fn port(&self, local: &Local) -> u16 {
        self.dtls.as_ref().map_or(local.port, Ours::port)
    }

    /// What the session says besides.
    pub(super) fn of_session(&self) -> Vec<Attribute<'static>> {
        self.dtls.as_ref().map(Ours::of_session).unwrap_or_default()
    }

    /// The media line that says it.
    pub(super) fn media(&self, port: u16, capabilities: &Capabilities) -> Media<'static> {
        let mut attributes: Vec<_> = self.formats.iter().map(rtpmap).collect();
        attributes.extend(
            self.formats
                .iter()
                .filter_map(|format| fmtp(format, capabilities)),
        );
        if let Some(ptime_ms) = self.formats.iter().find_map(Format::ptime_ms) {
            attributes.push(Attribute::valued("ptime", ptime_ms.to_string()));
        }
        if self.rtcp == RtcpPort::Muxed {
            attributes.push(Attribute::property("rtcp-mux"));
        }
        if self.metrics == Metrics::Wished {
            attributes.push(Attribute::valued(EXTENDED, VOIP_METRICS.to_owned()));
        }
        let crypto = self.crypto.iter();
        attributes.extend(crypto.map(|line| Attribute::valued("crypto", line.to_string())));
        attributes.extend(self.dtls.iter().flat_map(Ours::of_media));
        attributes.push(Attribute::property(self.direction.name()));
        Media {
            kind: Kind::Audio,
            port,
            ports: 1,
            protocol: self.protocol.clone(),
            formats: self
                .formats
                .iter()
                .map(|format| Cow::Owned(format.payload_type().to_string()))
                .collect(),
            lines: Vec::new(),
            connection: None,
            attributes,
        }
    }
}

/// What a peer that wrote `media` wishes to know of how it is heard.
pub(super) fn metrics_for(media: &Media<'_>) -> Metrics {
    let mut wishes = media.values(EXTENDED).flat_map(str::split_ascii_whitespace);
    match wishes.any(|wish| wish == VOIP_METRICS) {
        true => Metrics::Wished,
        false => Metrics::Unasked,
    }
}

/// The attribute of extended reports, and what of them is understood here (RFC 3611 §5.1).
const EXTENDED: &str = "rtcp-xr";
const VOIP_METRICS: &str = "voip-metrics";
/// Keys of a telephone: `0-9 * # A-D` (RFC 4733 §2.4.1, §3.2).
const KEYS: &str = "0-15";

fn rtpmap(format: &Format) -> Attribute<'static> {
    let value = match format {
        Format::Codec(Codec {
            encoding,
            payload_type,
            clock_rate,
            channels: 1,
            ..
        }) => format!("{payload_type} {encoding}/{clock_rate}"),
        Format::Codec(codec) => format!(
            "{} {}/{}/{}",
            codec.payload_type, codec.encoding, codec.clock_rate, codec.channels
        ),
        Format::TelephoneEvent {
            payload_type,
            clock_rate,
        } => format!("{payload_type} telephone-event/{clock_rate}"),
    };
    Attribute::valued("rtpmap", value)
}

fn fmtp(format: &Format, capabilities: &Capabilities) -> Option<Attribute<'static>> {
    let parameters = match format {
        Format::Codec(codec) => &*capabilities.of(codec)?.parameters,
        Format::TelephoneEvent { .. } => KEYS,
    };
    let value = || format!("{} {parameters}", format.payload_type());
    (!parameters.is_empty()).then(|| Attribute::valued("fmtp", value()))
}

/// Which number means what, on our side. A number keeps its meaning as long as the session lasts
/// (RFC 3264 §8.3.2), so that packets on their way are understood across a re-offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    // One entry per number at most, hence at most 128.
    bound: Vec<Format>,
}

impl Numbers {
    /// The format under the number it already has, else the wished one if free, else the first free one
    /// of the dynamic range; `None` when all are taken.
    pub(super) fn give(&mut self, wished: Format) -> Option<Format> {
        if let Some(known) = self.bound.iter().find(|known| known.means(&wished)) {
            return Some(wished.numbered(known.payload_type()));
        }
        let number = core::iter::once(wished.payload_type())
            .chain(DYNAMIC)
            .find(|&number| !self.bound.iter().any(|b| b.payload_type() == number))?;
        let format = wished.numbered(number);
        self.bound.push(format);
        Some(format)
    }

    /// The peer chose a number, which an answer keeps (RFC 3264 §6.1).
    pub(super) fn bind(&mut self, format: Format) {
        self.bound
            .retain(|known| !known.means(&format) && known.payload_type() != format.payload_type());
        self.bound.push(format);
    }
}

/// Payload type numbers without a fixed meaning (RFC 3551 §6).
const DYNAMIC: core::ops::RangeInclusive<u8> = 96..=127;
