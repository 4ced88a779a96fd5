//! How phones describe their sound, written and read by hand: a second opinion on the `rtp` crate's.

use crate::voice::EVENT;
use rtp::sdp::Crypto;
use rtp::srtp::{MasterKey, Suite};
use sip::session::Body;
use std::net::{IpAddr, SocketAddr};

/// Which way a phone wants its sound to go, and how it spells that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Both ways.
    Talk,
    /// Hold: `a=sendonly` (RFC 3264 §8.4).
    SendOnly,
    /// Hold: `a=inactive`.
    Inactive,
    /// Hold as in RFC 2543: the address 0.0.0.0.
    ZeroAddress,
}

impl Way {
    /// Every spelling of hold.
    pub const HOLDS: [Self; 3] = [Self::SendOnly, Self::Inactive, Self::ZeroAddress];

    pub(crate) const fn sends(self) -> bool {
        matches!(self, Self::Talk | Self::SendOnly)
    }

    pub(crate) const fn receives(self) -> bool {
        matches!(self, Self::Talk)
    }
}

/// Which codecs a phone has, the preferred first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codecs {
    /// PCMA, then PCMU.
    #[default]
    Both,
    /// PCMU alone.
    Mu,
    /// PCMA alone.
    A,
}

impl Codecs {
    const fn payload_types(self) -> &'static [u8] {
        match self {
            Self::Both => &[8, 0],
            Self::Mu => &[0],
            Self::A => &[8],
        }
    }
}

/// Whether a phone encrypts its sound (SRTP, with keys in the description).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encrypts {
    /// It does not know how, and passes over keys.
    #[default]
    No,
    /// It offers keys beside `RTP/AVP`, and takes what comes.
    Offers,
    /// It offers `RTP/SAVP`, and takes nothing else.
    Demands,
}

/// What phones encrypt with.
pub(crate) const SUITE: Suite = Suite::AesCm128HmacSha1_80;

/// What a phone says of itself.
pub(crate) struct Own {
    pub(crate) at: SocketAddr,
    pub(crate) way: Way,
    pub(crate) codecs: Codecs,
    pub(crate) version: u32,
    pub(crate) encrypts: Encrypts,
    /// What it protects with, where it does.
    pub(crate) key: MasterKey,
}

impl Own {
    /// What the peer says of itself, if the phone can do with it.
    pub(crate) fn taken(&self, body: &Body) -> Option<Described> {
        Described::read(&body.bytes, self.codecs)?.taken(self.encrypts)
    }
}

/// What the peer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) rtp: SocketAddr,
    /// The first of its codecs that the phone has too.
    pub(crate) payload_type: u8,
    pub(crate) event: Option<u8>,
    /// Its key for [`SUITE`].
    pub(crate) crypto: Option<Crypto>,
    protocol: String,
    direction: String,
}

impl Described {
    pub(crate) fn read(body: &[u8], codecs: Codecs) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let mut ip = None;
        let mut direction = "sendrecv".to_owned();
        let (mut port, mut payload_type, mut event) = (None, None, None);
        let (mut crypto, mut protocol) = (None, String::new());
        for line in text.lines() {
            let Some((letter, value)) = line.split_once('=') else {
                continue;
            };
            match letter {
                "c" => ip = value.rsplit(' ').next()?.parse::<IpAddr>().ok(),
                "m" => {
                    let mut words = value.strip_prefix("audio ")?.split(' ');
                    port = words.next()?.parse::<u16>().ok();
                    words.next()?.clone_into(&mut protocol);
                    payload_type = words
                        .filter_map(|word| word.parse().ok())
                        .find(|kind| codecs.payload_types().contains(kind));
                }
                "a" if value.ends_with(" telephone-event/8000") => {
                    let number = value.strip_prefix("rtpmap:")?.split(' ').next()?;
                    event = number.parse().ok();
                }
                "a" if value.starts_with("crypto:") => {
                    let line = Crypto::parse(value.strip_prefix("crypto:")?).ok();
                    crypto = crypto.or_else(|| line.filter(|line| line.key.suite() == SUITE));
                }
                "a" if ["sendrecv", "sendonly", "recvonly", "inactive"].contains(&value) => {
                    value.clone_into(&mut direction);
                }
                _ => {}
            }
        }
        Some(Self {
            rtp: SocketAddr::new(ip?, port?),
            payload_type: payload_type?,
            event,
            crypto,
            protocol,
            direction,
        })
    }

    /// The same as a phone takes it that encrypts or not; `None` when it takes it not at all.
    pub(crate) fn taken(mut self, encrypts: Encrypts) -> Option<Self> {
        match encrypts {
            Encrypts::No if self.protocol != "RTP/AVP" => return None,
            Encrypts::Demands if self.crypto.is_none() => return None,
            Encrypts::No => self.crypto = None,
            Encrypts::Offers | Encrypts::Demands => {}
        }
        Some(self)
    }

    /// Whether it wants to get anything.
    pub(crate) fn is_sent_to(&self) -> bool {
        let receives = matches!(&*self.direction, "sendrecv" | "recvonly");
        receives && !self.rtp.ip().is_unspecified() && self.rtp.port() != 0
    }
}

/// An offer.
pub(crate) fn offer(own: &Own) -> Body {
    let direction = match own.way {
        Way::Talk | Way::ZeroAddress => "sendrecv",
        Way::SendOnly => "sendonly",
        Way::Inactive => "inactive",
    };
    let (protocol, tag) = match own.encrypts {
        Encrypts::No => ("RTP/AVP", None),
        Encrypts::Offers => ("RTP/AVP", Some(1)),
        Encrypts::Demands => ("RTP/SAVP", Some(1)),
    };
    let codecs = own.codecs.payload_types();
    write(own, codecs, EVENT, direction, (protocol, tag))
}

/// The answer to an offer.
pub(crate) fn answer(own: &Own, offer: &Described) -> Body {
    let peer = &*offer.direction;
    let sends = own.way.sends() && matches!(peer, "sendrecv" | "recvonly");
    let receives = own.way.receives() && matches!(peer, "sendrecv" | "sendonly");
    let direction = match (sends, receives) {
        (true, true) => "sendrecv",
        (true, false) => "sendonly",
        (false, true) => "recvonly",
        (false, false) => "inactive",
    };
    let event = offer.event.unwrap_or(EVENT);
    let tag = offer.crypto.as_ref().map(|line| line.tag);
    let way = (&*offer.protocol, tag);
    write(own, &[offer.payload_type], event, direction, way)
}

fn write(
    own: &Own,
    codecs: &[u8],
    event: u8,
    direction: &str,
    (protocol, tag): (&str, Option<u32>),
) -> Body {
    let Own { at, version, .. } = own;
    let (ip, port) = (at.ip(), at.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let connection = match own.way {
        Way::ZeroAddress => "0.0.0.0".to_owned(),
        Way::Talk | Way::SendOnly | Way::Inactive => ip.to_string(),
    };
    let key = own.key.clone();
    let crypto = tag.map(|tag| format!("a=crypto:{}\r\n", Crypto { tag, key }));
    let crypto = crypto.unwrap_or_default();
    let codecs: String = codecs.iter().map(|kind| format!(" {kind}")).collect();
    Body::sdp(format!(
        "v=0\r\no=- 1 {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {connection}\r\nt=0 0\r\n\
         m=audio {port} {protocol}{codecs} {event}\r\na=rtpmap:{event} telephone-event/8000\r\n\
         a=fmtp:{event} 0-15\r\n{crypto}a={direction}\r\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(way: Way, codecs: Codecs) -> Own {
        Own {
            at: "198.18.0.1:4000".parse().expect("an address"),
            way,
            codecs,
            version: 1,
            encrypts: Encrypts::No,
            key: MasterKey::new(SUITE, &[0; 30]).expect("a key"),
        }
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let body = offer(&own(Way::Talk, Codecs::Both));
        let read = Described::read(&body.bytes, Codecs::Mu).expect("it is readable");
        assert_eq!((read.payload_type, read.event), (0, Some(101)));
        assert_eq!(read.rtp.to_string(), "198.18.0.1:4000");
        assert!(read.is_sent_to());
        assert_eq!(
            Described::read(&offer(&own(Way::Talk, Codecs::A)).bytes, Codecs::Mu),
            None
        );
    }

    #[test]
    fn nothing_is_sent_to_whoever_holds() {
        for way in Way::HOLDS {
            let body = offer(&own(way, Codecs::Both));
            let held = Described::read(&body.bytes, Codecs::Both).expect("it is readable");
            assert!(!held.is_sent_to(), "{way:?}");
        }
    }

    #[test]
    fn an_answer_goes_the_way_that_was_offered() {
        let offer = offer(&own(Way::SendOnly, Codecs::Both));
        let offer = Described::read(&offer.bytes, Codecs::Both).expect("it is readable");
        let answer = answer(&own(Way::Talk, Codecs::Both), &offer);
        let text = String::from_utf8(answer.bytes).expect("text");
        assert!(
            text.contains("a=recvonly\r\n") && text.contains("RTP/AVP 8 101\r\n"),
            "{text}"
        );
    }
}
