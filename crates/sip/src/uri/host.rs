//! Hosts and ports (RFC 3261 §25.1).

use super::NotAUri;
use crate::lex;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a URI or Via points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6(Ipv6Addr),
    /// A name; empty in URIs that have no host.
    Name(&'a str),
}

/// The bytes of a host name. The underscore is in no standard, but in the names of many machines.
static NAME: [bool; 256] = lex::bytes(b"-._");

impl<'a> Host<'a> {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
    pub(crate) fn with_port(text: &'a str) -> Result<(Self, Option<u16>), NotAUri> {
        let (host, port) = if let Some(inside) = text.strip_prefix('[') {
            let (address, rest) = inside.split_once(']').ok_or(NotAUri::Host)?;
            (Self::V6(v6(address).ok_or(NotAUri::Host)?), lex::trim(rest))
        } else {
            let end = text
                .bytes()
                .position(|byte| byte == b':')
                .unwrap_or(text.len());
            let (name, rest) = text.split_at_checked(end).ok_or(NotAUri::Host)?;
            (Self::name_or_v4(lex::trim(name))?, rest)
        };
        match port.strip_prefix(':') {
            Some(port) => Ok((host, Some(number(lex::trim(port)).ok_or(NotAUri::Port)?))),
            None if port.is_empty() => Ok((host, None)),
            None => Err(NotAUri::Host),
        }
    }

    fn name_or_v4(name: &'a str) -> Result<Self, NotAUri> {
        if let Some(address) = v4(name) {
            return Ok(Self::V4(address));
        }
        let valid = |b: u8| NAME.get(usize::from(b)).is_some_and(|is| *is);
        match !name.is_empty() && name.bytes().all(valid) {
            true => Ok(Self::Name(name)),
            false => Err(NotAUri::Host),
        }
    }

    /// The address, unless it is a name.
    #[must_use]
    pub const fn ip(self) -> Option<IpAddr> {
        match self {
            Self::V4(ip) => Some(IpAddr::V4(ip)),
            Self::V6(ip) => Some(IpAddr::V6(ip)),
            Self::Name(_) => None,
        }
    }

    pub(crate) fn matches(self, other: Host<'_>) -> bool {
        match (self, other) {
            (Self::Name(one), Host::Name(two)) => one.eq_ignore_ascii_case(two),
            (one, two) => one.ip() == two.ip(),
        }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(ip) => write!(f, "{ip}"),
            Self::V6(ip) => write!(f, "[{ip}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Reads an IPv4 address: four numbers up to 255 without needless zeros. Every message holds several, and the
/// standard library's reader, made for more kinds of addresses, takes three times as long.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let (mut address, mut octet, mut dots) = (0_u32, None, 0);
    for byte in text.bytes() {
        octet = match (byte, octet) {
            (b'.', Some(done @ 0..=255)) if dots < 3 => {
                address = address << 8 | done;
                dots += 1;
                None
            }
            (b'0'..=b'9', None) => Some(u32::from(byte - b'0')),
            (b'0'..=b'9', Some(tens @ 1..=25)) => Some(tens * 10 + u32::from(byte - b'0')),
            _ => return None,
        };
    }
    let last = octet.filter(|last| dots == 3 && *last <= 255)?;
    Some(Ipv4Addr::from_bits(address << 8 | last))
}

/// Reads an IPv6 address. A colon too many is forgiven, as an error in RFC 3261's grammar produced it
/// (RFC 5118 §4.9).
fn v6(text: &str) -> Option<Ipv6Addr> {
    match text.parse() {
        Ok(address) => Some(address),
        Err(_) if text.contains(":::") => text.replacen(":::", "::", 1).parse().ok(),
        Err(_) => None,
    }
}

/// A port: digits and nothing else.
pub(crate) fn number(text: &str) -> Option<u16> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::v4;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    proptest! {
        #[test]
        fn ipv4_addresses_are_read_as_the_standard_library_reads_them(
            address in any::<[u8; 4]>(), text in "([0-9]{1,3}[.]){2,4}[0-9]{1,3}|[0-9.x]{0,15}"
        ) {
            let written = Ipv4Addr::from(address).to_string();
            prop_assert_eq!(v4(&written), written.parse().ok());
            prop_assert_eq!(v4(&text), text.parse().ok());
        }
    }

    #[test]
    fn what_is_almost_an_ipv4_address_is_none() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "259.2.3.4",
            "01.2.3.4",
            "00.0.0.0",
            "1..3.4",
            "1.2.3.",
            ".1.2.3",
            "1.2.3.4 ",
        ] {
            assert_eq!(v4(text), None, "{text}");
        }
    }
}
