//! Writes a session description.

use super::attribute::Attribute;
use super::session::{Address, Line, Media, Origin, Session};
use core::fmt::{self, Display, Formatter};
use std::net::IpAddr;

/// The description as a body, lines in the order of RFC 8866 §5, each ended by CR LF.
impl Display for Session<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "v=0\r\no={}\r\ns={}\r\n", self.origin, self.name)?;
        write_lines(f, &self.informative)?;
        if let Some(connection) = &self.connection {
            write!(f, "c={connection}\r\n")?;
        }
        write_lines(f, &self.timing)?;
        if !self.timing.iter().any(|line| line.letter == 't') {
            f.write_str("t=0 0\r\n")?;
        }
        write_attributes(f, &self.attributes)?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl Display for Origin<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            user,
            session_id,
            version,
            address,
        } = self;
        write!(f, "{user} {session_id} {version} {address}")
    }
}

/// `IN IP4 192.0.2.1`.
impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(ip)) => write!(f, "IN IP4 {ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "IN IP6 {ip}"),
            Self::Host { family, name } => write!(f, "IN {family} {name}"),
        }
    }
}

/// The media line with what belongs to it.
impl Display for Media<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "m={} {}", self.kind.name(), self.port)?;
        if self.ports != 1 {
            write!(f, "/{}", self.ports)?;
        }
        write!(f, " {}", self.protocol.name())?;
        for format in &self.formats {
            write!(f, " {format}")?;
        }
        f.write_str("\r\n")?;
        let of = |letter| self.lines.iter().filter(move |line| line.letter == letter);
        of('i').try_for_each(|line| line.fmt(f))?;
        if let Some(connection) = &self.connection {
            write!(f, "c={connection}\r\n")?;
        }
        of('b').chain(of('k')).try_for_each(|line| line.fmt(f))?;
        write_attributes(f, &self.attributes)
    }
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}\r\n", self.letter, self.value)
    }
}

impl Display for Attribute<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "a={}:{value}\r\n", self.name),
            None => write!(f, "a={}\r\n", self.name),
        }
    }
}

fn write_lines(f: &mut Formatter<'_>, lines: &[Line<'_>]) -> fmt::Result {
    lines.iter().try_for_each(|line| line.fmt(f))
}

fn write_attributes(f: &mut Formatter<'_>, attributes: &[Attribute<'_>]) -> fmt::Result {
    attributes.iter().try_for_each(|attribute| attribute.fmt(f))
}
