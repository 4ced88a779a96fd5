//! Names with addresses: From, To, Contact, Route and their like (RFC 3261 §20.10).

use super::Problem;
use crate::lex;
use crate::uri::{Params, Uri};
use std::borrow::Cow;
use std::fmt;

/// A URI with a name for people and parameters.
#[derive(Clone, Copy, Debug)]
pub struct NameAddr<'a> {
    display: &'a str,
    uri: Uri<'a>,
    params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Reads `"Name" <uri>;params`, `<uri>;params` or `uri;params`. Without brackets the parameters are not
    /// the URI's.
    ///
    /// # Errors
    /// When it is none; the problem names no header.
    pub fn parse(text: &'a str) -> Result<Self, Problem> {
        Self::read(text).ok_or(Problem::Unreadable("an address"))
    }

    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = lex::trim(text);
        let (display, rest) = match lex::quoted(text) {
            Some((display, rest)) => (display, lex::trim(rest).strip_prefix('<')?),
            None => match lex::split(text, b'<') {
                (display, Some(rest)) => (unquoted_name(display)?, rest),
                (_, None) => return Self::without_brackets(text),
            },
        };
        let (uri, params) = lex::split(rest, b'>');
        let params = lex::trim(params?);
        Self::checked(
            display,
            uri,
            match params.strip_prefix(';') {
                Some(params) => params,
                None if params.is_empty() => "",
                None => return None,
            },
        )
    }

    /// RFC 3261 §20.10: a URI with a comma, semicolon or question mark must stand in brackets.
    fn without_brackets(text: &'a str) -> Option<Self> {
        let (uri, params) = lex::cut(text, b';');
        let uri = lex::trim(uri);
        if uri.bytes().any(|byte| matches!(byte, b'?' | b',')) {
            return None;
        }
        Self::checked("", uri, params.unwrap_or_default())
    }

    fn checked(display: &'a str, uri: &'a str, params: &'a str) -> Option<Self> {
        let params = Params::new(params);
        if !params.are_well_formed() {
            return None;
        }
        Some(Self {
            display,
            uri: Uri::parse(uri).ok()?,
            params,
        })
    }

    /// The name for people, without quotes and escapes.
    #[must_use]
    pub fn display(&self) -> Option<Cow<'a, str>> {
        (!self.display.is_empty()).then(|| lex::unquote(self.display))
    }

    /// The URI.
    #[must_use]
    pub const fn uri(&self) -> &Uri<'a> {
        &self.uri
    }

    /// The URI as written.
    #[must_use]
    pub const fn uri_text(&self) -> &'a str {
        self.uri.as_str()
    }

    /// The parameters behind the address.
    #[must_use]
    pub const fn params(&self) -> Params<'a> {
        self.params
    }

    /// The value of a parameter, `""` when it has none.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'a str> {
        self.params.get(name)
    }

    /// The parameter `tag`; an empty one is none.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.params
            .iter()
            .find(|(name, tag)| name.eq_ignore_ascii_case("tag") && !tag.is_empty())
            .map(|(_, tag)| tag)
    }

    /// The same without its parameters.
    #[must_use]
    pub fn without_params(&self) -> Self {
        Self {
            params: Params::new(""),
            ..*self
        }
    }
}

impl fmt::Display for NameAddr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.display.is_empty() {
            write!(f, "{} ", self.display)?;
        }
        write!(f, "<{}>", self.uri)?;
        for (name, value) in self.params.raw() {
            write!(f, ";{name}")?;
            if !value.is_empty() {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

/// A name that is not quoted is made of tokens. More is forgiven, but not what separates addresses.
fn unquoted_name(text: &str) -> Option<&str> {
    let name = lex::trim(text);
    let separates = |byte| matches!(byte, b',' | b';' | b'"' | b'>' | b'\\');
    (!name.bytes().any(separates)).then_some(name)
}
