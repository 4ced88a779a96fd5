//! URIs: what requests are addressed to (RFC 3261 §19.1, RFC 3966).

mod escapes;
mod host;
mod params;

use crate::lex;
use crate::limits::URI_BYTES_MAX;
use escapes::{decode, unescape_unreserved};
pub use host::Host;
pub(crate) use host::number;
pub use params::Params;
use std::borrow::Cow;
use std::fmt;

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

const fn is_forbidden(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f || matches!(byte, b'<' | b'>' | b'"')
}
