//! URIs: what requests are addressed to (RFC 3261 §19.1, RFC 3966).

use crate::lex;
use crate::limits::URI_BYTES_MAX;
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A URI, read but not copied.
#[derive(Clone, Copy, Debug)]
pub struct Uri<'a> {
    text: &'a str,
    scheme: Scheme<'a>,
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: Host<'a>,
    port: Option<u16>,
    params: Params<'a>,
    headers: Option<&'a str>,
}

/// What kind of URI it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme<'a> {
    /// `sip`.
    Sip,
    /// `sips`: every hop is encrypted.
    Sips,
    /// `tel` (RFC 3966).
    Tel,
    /// Any other. Only the scheme is understood.
    Other(&'a str),
}

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

/// Why a text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAUri {
    /// It does not begin with a scheme and a colon.
    #[error("a uri begins with a scheme")]
    Scheme,
    /// It is longer than [`URI_BYTES_MAX`].
    #[error("the uri is longer than {URI_BYTES_MAX} bytes")]
    TooLong,
    /// A blank, a control character, a bracket or a quote stands in it.
    #[error("the uri holds a character that must be escaped")]
    Character,
    /// There is no telling where it points to.
    #[error("the host of the uri is unreadable")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port of the uri is unreadable")]
    Port,
}

impl<'a> Uri<'a> {
    /// Reads a URI.
    ///
    /// # Errors
    /// When it is none, or none that RFC 3261 §25.1 allows.
    pub fn parse(text: &'a str) -> Result<Self, NotAUri> {
        if text.len() > URI_BYTES_MAX {
            return Err(NotAUri::TooLong);
        }
        if let Some((scheme, rest)) = Scheme::sip(text) {
            return Self::with_host(text, scheme, rest);
        }
        let (scheme, rest) = lex::split(text, b':');
        let rest = rest.ok_or(NotAUri::Scheme)?;
        let scheme = Scheme::parse(scheme)?;
        if text.bytes().any(is_forbidden) {
            return Err(NotAUri::Character);
        }
        match scheme {
            Scheme::Tel => Self::tel(text, rest),
            Scheme::Sip | Scheme::Sips | Scheme::Other(_) => Ok(Self::opaque(text, scheme)),
        }
    }

    /// All behind the scheme is looked at once: what comes before the `@` may hold every separator of what comes
    /// after it, and what comes after the `?` every other.
    fn with_host(text: &'a str, scheme: Scheme<'a>, rest: &'a str) -> Result<Self, NotAUri> {
        let (mut at, mut colon) = (None, None);
        let (mut semicolon, mut question) = (None, None);
        for (place, byte) in rest.bytes().enumerate() {
            if !SEPARATES.get(usize::from(byte)).is_some_and(|is| *is) {
                continue;
            }
            match byte {
                b':' => colon = colon.or(Some(place)),
                b';' if question.is_none() => semicolon = semicolon.or(Some(place)),
                b';' => {}
                b'?' => question = question.or(Some(place)),
                b'@' if at.is_none() => {
                    at = Some((place, colon));
                    (semicolon, question) = (None, None);
                }
                _ => return Err(NotAUri::Character),
            }
        }
        let part = |from: usize, to: usize| rest.get(from..to).unwrap_or_default();
        let (user, password, host_at) = match at {
            Some((0, _) | (_, Some(0))) => return Err(NotAUri::Character),
            Some((at, Some(colon))) => (Some(part(0, colon)), Some(part(colon + 1, at)), at + 1),
            Some((at, None)) => (Some(part(0, at)), None, at + 1),
            None => (None, None, 0),
        };
        let end = question.unwrap_or(rest.len());
        let host_end = semicolon.unwrap_or(end);
        let (host, port) = Host::with_port(part(host_at, host_end))?;
        Ok(Self {
            text,
            scheme,
            user,
            password,
            host,
            port,
            params: Params::new(part(host_end + 1, end)),
            headers: question.map(|question| part(question + 1, rest.len())),
        })
    }

    fn tel(text: &'a str, rest: &'a str) -> Result<Self, NotAUri> {
        let (number, params) = lex::split(rest, b';');
        if number.is_empty() {
            return Err(NotAUri::Host);
        }
        Ok(Self {
            user: Some(number),
            params: Params::new(params.unwrap_or_default()),
            ..Self::opaque(text, Scheme::Tel)
        })
    }

    fn opaque(text: &'a str, scheme: Scheme<'a>) -> Self {
        Self {
            text,
            scheme,
            user: None,
            password: None,
            host: Host::Name(""),
            port: None,
            params: Params::new(""),
            headers: None,
        }
    }

    /// As it was written.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// Its scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme<'a> {
        self.scheme
    }

    /// The user as written, escapes untouched; of a `tel` URI the number.
    #[must_use]
    pub const fn user(&self) -> Option<&'a str> {
        self.user
    }

    /// The user with its escapes resolved. It may hold any character, NUL included.
    #[must_use]
    pub fn decoded_user(&self) -> Option<Cow<'a, str>> {
        self.user.map(decode)
    }

    /// The password as written.
    #[must_use]
    pub const fn password(&self) -> Option<&'a str> {
        self.password
    }

    /// The host; an empty name where there is none.
    #[must_use]
    pub const fn host(&self) -> Host<'a> {
        self.host
    }

    /// The port, where one is written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Its parameters.
    #[must_use]
    pub const fn params(&self) -> Params<'a> {
        self.params
    }

    /// The value of a parameter, `""` when it has none.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'a str> {
        self.params.get(name)
    }

    /// Whether a parameter is there, with or without a value.
    #[must_use]
    pub fn has_param(&self, name: &str) -> bool {
        self.params.has(name)
    }

    /// What stands behind the `?`, as written: headers of the request that it asks for (RFC 3261 §19.1.1).
    #[must_use]
    pub const fn headers(&self) -> Option<&'a str> {
        self.headers
    }

    /// Reads one of the headers behind the `?`, its escapes resolved.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.headers_named(name).next()
    }

    fn headers_named(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.header_pairs()
            .filter(move |(key, _)| decode(key).eq_ignore_ascii_case(name))
            .map(|(_, value)| decode(value))
    }

    fn header_pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let pairs = self.headers.unwrap_or_default().split('&');
        pairs
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// Whether both mean the same (RFC 3261 §19.1.4). It is no equivalence relation: parameters that only
    /// one of them has do not count, save for a few.
    #[must_use]
    pub fn matches(&self, other: &Uri<'_>) -> bool {
        match (self.scheme, other.scheme) {
            (Scheme::Other(_), _) | (_, Scheme::Other(_)) => self.text == other.text,
            (Scheme::Tel, Scheme::Tel) => same_number(self.user, other.user),
            (one, two) => {
                one == two
                    && same_part(self.user, other.user)
                    && same_part(self.password, other.password)
                    && self.host.matches(other.host)
                    && self.port == other.port
                    && self.same_params(other)
                    && self.same_headers(other)
            }
        }
    }

    fn same_params(&self, other: &Uri<'_>) -> bool {
        let agree = |one: &Uri<'_>, two: &Uri<'_>| {
            one.params.iter().all(|(name, value)| {
                let value = unescape_unreserved(value);
                let same = |there: &str| unescape_unreserved(there).eq_ignore_ascii_case(&value);
                let mut there = two.params.all(name).peekable();
                match there.peek() {
                    Some(_) => there.any(same),
                    None => !COUNT_ALONE
                        .iter()
                        .any(|counts| counts.eq_ignore_ascii_case(name)),
                }
            })
        };
        agree(self, other) && agree(other, self)
    }

    fn same_headers(&self, other: &Uri<'_>) -> bool {
        let agree = |one: &Uri<'_>, two: &Uri<'_>| {
            one.header_pairs().all(|(name, value)| {
                two.headers_named(&decode(name))
                    .any(|there| there == decode(value))
            })
        };
        agree(self, other) && agree(other, self)
    }
}

/// Parameters that make a difference even if only one of two URIs has them (RFC 3261 §19.1.4).
const COUNT_ALONE: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl<'a> Scheme<'a> {
    /// Cuts `sip:` or `sips:` off.
    fn sip(text: &'a str) -> Option<(Self, &'a str)> {
        let (scheme, rest) = text.split_at_checked(4)?;
        if scheme.eq_ignore_ascii_case("sip:") {
            return Some((Self::Sip, rest));
        }
        let rest = rest.strip_prefix(':')?;
        scheme
            .eq_ignore_ascii_case("sips")
            .then_some((Self::Sips, rest))
    }

    /// Any other scheme.
    fn parse(text: &'a str) -> Result<Self, NotAUri> {
        let valid = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        match text {
            _ if !valid => Err(NotAUri::Scheme),
            _ if text.eq_ignore_ascii_case("tel") => Ok(Self::Tel),
            other => Ok(Self::Other(other)),
        }
    }
}

/// The bytes at which a SIP URI is cut, and those that it must not have.
#[allow(clippy::indexing_slicing, reason = "the compiler itself would panic")]
static SEPARATES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = is_forbidden(byte) || matches!(byte, b':' | b';' | b'?' | b'@');
        byte += 1;
    }
    table
};

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

/// Parameters behind semicolons, of a URI or of a header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// Takes them as they stand behind the first semicolon.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// Whether all of them can be read: each has a token as its name, and only the last may be nothing, as
    /// a `;` at the end does no harm.
    pub(crate) fn are_well_formed(self) -> bool {
        self.are_plain() || self.are_readable()
    }

    /// Whether they are what most are: names, each perhaps with a value that is one too.
    fn are_plain(self) -> bool {
        let mut before = b';';
        for byte in self.0.bytes() {
            let cuts = matches!(byte, b';' | b'=');
            if cuts && before == b';' || !cuts && !is_in_name(byte) {
                return false;
            }
            before = byte;
        }
        true
    }

    fn are_readable(self) -> bool {
        let mut rest = (!self.0.is_empty()).then_some(self.0);
        while let Some(text) = rest {
            let (item, after) = lex::cut(text, b';');
            rest = after;
            let (name, value) = pair(item);
            let readable = !name.is_empty() && name.bytes().all(is_in_name) && is_value(value);
            let nothing_at_the_end = after.is_none() && lex::trim(item).is_empty();
            if !readable && !nothing_at_the_end {
                return false;
            }
        }
        true
    }

    /// All of them, in order: names, and values without their quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.raw()
            .map(|(name, value)| (name, lex::stripped(value).unwrap_or(value)))
    }

    /// All of them, in order, quotes included.
    pub(crate) fn raw(self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = (!self.0.is_empty()).then_some(self.0);
        std::iter::from_fn(move || {
            loop {
                let (item, after) = lex::cut(rest?, b';');
                rest = after;
                let (name, value) = pair(item);
                if !name.is_empty() {
                    return Some((name, value));
                }
            }
        })
    }

    /// The value of a parameter, without quotes around it; `""` when it has none.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn all(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether a parameter is there, with or without a value.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// As they were written, without the first semicolon.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

fn pair(item: &str) -> (&str, &str) {
    let (name, value) = lex::cut(item, b'=');
    (lex::trim(name), lex::trim(value.unwrap_or_default()))
}

/// Whether it may stand in a parameter's name, in a URI or a header.
fn is_in_name(byte: u8) -> bool {
    IN_NAME.get(usize::from(byte)).is_some_and(|is| *is)
}

static IN_NAME: [bool; 256] = lex::bytes(b"-.!%*_+`'~[]:/$&");

/// A quoted string is closed and nothing follows it; anything else holds no quote.
fn is_value(value: &str) -> bool {
    match lex::quoted(value) {
        Some((_, rest)) => rest.is_empty(),
        None => !value.bytes().fold(false, |any, byte| any | (byte == b'"')),
    }
}

/// Resolves `%41` escapes. What is no escape stays; what is no UTF-8 becomes U+FFFD.
#[must_use]
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = unescape(text, |_| true);
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Resolves only what need not have been escaped (RFC 3261 §19.1.4).
fn unescape_unreserved(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = unescape(text, |byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
            )
    });
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn unescape(text: &str, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let resolved = match (byte, after) {
            (b'%', [high, low, after @ ..]) => hex(*high, *low)
                .filter(|byte| wanted(*byte))
                .map(|byte| (byte, after)),
            _ => None,
        };
        let (byte, after) = resolved.unwrap_or((byte, after));
        plain.push(byte);
        rest = after;
    }
    plain
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn same_part(one: Option<&str>, two: Option<&str>) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => unescape_unreserved(one) == unescape_unreserved(two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Numbers are the same whatever separates their digits (RFC 3966 §4).
fn same_number(one: Option<&str>, two: Option<&str>) -> bool {
    let digits = |number: Option<&str>| -> String {
        let number = number.unwrap_or_default().chars();
        number
            .filter(|c| !matches!(c, '-' | '.' | '(' | ')'))
            .collect()
    };
    digits(one) == digits(two)
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

const fn is_forbidden(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f || matches!(byte, b'<' | b'>' | b'"')
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
