//! Reads a session description.

use super::attribute::Attribute;
use super::lines::{lines, split};
use super::session::{Address, Kind, Line, Media, Origin, Protocol, Session};
use crate::limits::{SDP_BYTES_MAX, SDP_FORMATS_MAX, SDP_LINES_MAX, SDP_MEDIA_MAX};
use std::borrow::Cow;

/// Why a body is no session description. Lines count from 1, blank ones left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Larger than [`SDP_BYTES_MAX`].
    #[error("the description has {0} bytes")]
    TooLarge(usize),
    /// More lines than [`SDP_LINES_MAX`].
    #[error("the description has too many lines")]
    TooManyLines,
    /// More media than [`SDP_MEDIA_MAX`].
    #[error("the description has too many media")]
    TooManyMedia,
    /// More formats on one media line than [`SDP_FORMATS_MAX`].
    #[error("line {line} has too many formats")]
    TooManyFormats {
        /// Which line.
        line: usize,
    },
    /// It does not begin with `v=0`.
    #[error("the description does not begin with v=0")]
    Version,
    /// There is no `o=` line before the media.
    #[error("the description has no o= line")]
    NoOrigin,
    /// A line is not `letter=value`.
    #[error("line {line} is not letter=value")]
    Line {
        /// Which line.
        line: usize,
    },
    /// An `o=` line lacks one of its six parts.
    #[error("line {line} is no o= line")]
    Origin {
        /// Which line.
        line: usize,
    },
    /// A `c=` line is not `IN IP4|IP6 address`.
    #[error("line {line} has no usable address")]
    Address {
        /// Which line.
        line: usize,
    },
    /// An `m=` line lacks a part, or its port is no number.
    #[error("line {line} is no m= line")]
    Media {
        /// Which line.
        line: usize,
    },
}

impl<'a> Session<'a> {
    /// Reads a body.
    ///
    /// Lenient about what harms nobody (line ends, unknown letters, bytes that are no UTF-8, missing `s=`
    /// and `t=`, order within a section), strict about what decides where sound goes.
    pub fn parse(body: &'a [u8]) -> Result<Self, Invalid> {
        if body.len() > SDP_BYTES_MAX {
            return Err(Invalid::TooLarge(body.len()));
        }
        match String::from_utf8_lossy(body) {
            Cow::Borrowed(text) => Self::parse_text(text),
            Cow::Owned(text) => Session::parse_text(&text).map(Session::into_owned),
        }
    }

    fn parse_text(text: &'a str) -> Result<Self, Invalid> {
        let mut reader = Reader::default();
        let mut all = lines(text).enumerate();
        match all.next().and_then(|(_, first)| split(first)) {
            Some(('v', "0")) => {}
            _ => return Err(Invalid::Version),
        }
        for (index, text) in all {
            let line = index.saturating_add(1);
            if line > SDP_LINES_MAX {
                return Err(Invalid::TooManyLines);
            }
            let (letter, value) = split(text).ok_or(Invalid::Line { line })?;
            match letter {
                'm' => reader.begin_media(line, value)?,
                _ => match reader.media.last_mut() {
                    Some(media) => media_line(media, line, letter, value)?,
                    None => reader.session_line(line, letter, value)?,
                },
            }
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader<'a> {
    origin: Option<Origin<'a>>,
    name: Option<&'a str>,
    informative: Vec<Line<'a>>,
    connection: Option<Address<'a>>,
    timing: Vec<Line<'a>>,
    attributes: Vec<Attribute<'a>>,
    media: Vec<Media<'a>>,
}

impl<'a> Reader<'a> {
    fn session_line(&mut self, line: usize, letter: char, value: &'a str) -> Result<(), Invalid> {
        match letter {
            'o' => self.origin = Some(origin(value).ok_or(Invalid::Origin { line })?),
            's' => self.name = Some(value),
            'c' => first(&mut self.connection, line, value)?,
            'a' => self.attributes.push(attribute(value)),
            'i' | 'u' | 'e' | 'p' => self.informative.push(kept(letter, value)),
            'b' | 't' | 'r' | 'z' | 'k' => self.timing.push(kept(letter, value)),
            _ => {}
        }
        Ok(())
    }

    fn begin_media(&mut self, line: usize, value: &'a str) -> Result<(), Invalid> {
        if self.media.len() >= SDP_MEDIA_MAX {
            return Err(Invalid::TooManyMedia);
        }
        let media = media(value).ok_or(Invalid::Media { line })?;
        if media.formats.len() > SDP_FORMATS_MAX {
            return Err(Invalid::TooManyFormats { line });
        }
        self.media.push(media);
        Ok(())
    }

    fn finish(self) -> Result<Session<'a>, Invalid> {
        Ok(Session {
            origin: self.origin.ok_or(Invalid::NoOrigin)?,
            name: Cow::Borrowed(self.name.filter(|name| !name.is_empty()).unwrap_or("-")),
            informative: self.informative,
            connection: self.connection,
            timing: self.timing,
            attributes: self.attributes,
            media: self.media,
        })
    }
}

fn media_line<'a>(
    media: &mut Media<'a>,
    line: usize,
    letter: char,
    value: &'a str,
) -> Result<(), Invalid> {
    match letter {
        'c' => first(&mut media.connection, line, value)?,
        'a' => media.attributes.push(attribute(value)),
        'i' | 'b' | 'k' => media.lines.push(kept(letter, value)),
        _ => {}
    }
    Ok(())
}

/// Several `c=` lines are for layered multicast only; the first counts.
fn first<'a>(slot: &mut Option<Address<'a>>, line: usize, value: &'a str) -> Result<(), Invalid> {
    let mut words = value.split_ascii_whitespace();
    let stated = address(&mut words).ok_or(Invalid::Address { line })?;
    slot.get_or_insert(stated);
    Ok(())
}

/// `IN IP4 192.0.2.1`, and what comes after is not looked at. The number itself says its family, whatever
/// stands before it.
fn address<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Address<'a>> {
    words.next().filter(|net| net.eq_ignore_ascii_case("IN"))?;
    let family = words.next()?;
    let written = words.next()?;
    let address = written.split_once('/').map_or(written, |(ip, _)| ip);
    match address.parse() {
        Ok(ip) => Some(Address::Ip(ip)),
        Err(_) => is_host_name(address).then_some(Address::Host {
            family: Cow::Borrowed(family),
            name: Cow::Borrowed(address),
        }),
    }
}

/// Letters, digits, `-`, `_` and dots, not only digits and dots.
fn is_host_name(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.len() <= 255 && text.chars().all(legal) && text.chars().any(|c| c.is_ascii_alphabetic())
}

/// `user session-id version IN IP4 address`. Nothing is sent there, so its parts are taken as they are; of
/// a user name with spaces, which some phones send, the first word is kept.
fn origin(value: &str) -> Option<Origin<'_>> {
    let mut words = value.split_ascii_whitespace().rev();
    let (machine, family, _net) = (words.next()?, words.next()?, words.next()?);
    let (version, session_id) = (words.next()?, words.next()?);
    let address = match machine.parse() {
        Ok(ip) => Address::Ip(ip),
        Err(_) => Address::Host {
            family: Cow::Borrowed(family),
            name: Cow::Borrowed(machine),
        },
    };
    Some(Origin {
        user: Cow::Borrowed(words.next_back().unwrap_or("-")),
        session_id: Cow::Borrowed(session_id),
        version: Cow::Borrowed(version),
        address,
    })
}

/// `audio 49170/2 RTP/AVP 0 8 101`.
fn media(value: &str) -> Option<Media<'_>> {
    let mut words = value.split_ascii_whitespace();
    let kind = Kind::parse(words.next()?);
    let place = words.next()?;
    let (port, ports) = place.split_once('/').unwrap_or((place, "1"));
    let protocol = Protocol::parse(words.next()?);
    // One more than allowed is enough to see that there are too many.
    let formats: Vec<_> = words
        .take(SDP_FORMATS_MAX.saturating_add(1))
        .map(Cow::Borrowed)
        .collect();
    if formats.is_empty() {
        return None;
    }
    Some(Media {
        kind,
        port: port.parse().ok()?,
        ports: ports.parse().ok().filter(|&ports| ports > 0)?,
        protocol,
        formats,
        lines: Vec::new(),
        connection: None,
        attributes: Vec::with_capacity(ATTRIBUTES_USUAL),
    })
}

fn attribute(value: &str) -> Attribute<'_> {
    match value.split_once(':') {
        Some((name, value)) => Attribute::valued(name.trim_end(), value.trim_start()),
        None => Attribute::property(value),
    }
}

fn kept(letter: char, value: &str) -> Line<'_> {
    Line {
        letter,
        value: Cow::Borrowed(value),
    }
}

/// Attributes of an ordinary audio line: room for them is made at once.
const ATTRIBUTES_USUAL: usize = 8;
