//! What Authorization says.

use crate::lex::{self, List};
use std::borrow::Cow;

/// A hash that digests are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// What phones know that know nothing better.
    Md5,
    /// RFC 8760.
    Sha256,
    /// RFC 8760. Answered, never asked for.
    Sha512Trunc256,
}

impl Algorithm {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512Trunc256 => "SHA-512-256",
        }
    }

    /// Reads its name; nothing said is MD5 (RFC 7616 §3.3).
    pub(super) fn parse(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else {
            return Some(Self::Md5);
        };
        [Self::Md5, Self::Sha256, Self::Sha512Trunc256]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }
}

/// What a client proves itself with: the value of Authorization or Proxy-Authorization.
#[derive(Clone, Debug)]
pub struct Credentials<'a> {
    pub(super) username: Cow<'a, str>,
    pub(super) realm: Cow<'a, str>,
    pub(super) nonce: Cow<'a, str>,
    pub(super) uri: Cow<'a, str>,
    pub(super) response: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) protection: Option<Used<'a>>,
}

/// With a quality of protection.
#[derive(Clone, Debug)]
pub(super) struct Used<'a> {
    pub(super) qop: &'a str,
    pub(super) count: &'a str,
    pub(super) cnonce: Cow<'a, str>,
}

impl<'a> Credentials<'a> {
    /// Reads a value. `None` when it is no digest, lacks a part, or uses an algorithm that is not known.
    #[must_use]
    pub fn parse(value: &'a str) -> Option<Self> {
        let said = Parts::parse(value)?;
        let protection = match said.get("qop") {
            Some(qop) => Some(Used {
                qop: lex::stripped(qop).unwrap_or(qop),
                count: said.plain("nc")?,
                cnonce: said.text("cnonce")?,
            }),
            None => None,
        };
        Some(Self {
            username: said.text("username")?,
            realm: said.text("realm")?,
            nonce: said.text("nonce")?,
            uri: said.text("uri")?,
            response: said.plain("response")?,
            algorithm: Algorithm::parse(said.plain("algorithm"))?,
            protection,
        })
    }

    /// Who the client says it is, quotes and escapes resolved.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Where it belongs.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// With which hash.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// The parts of a challenge or of credentials: `Digest name=value, name="value"`. Cut once, because each
/// is asked for about nine times.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a>([(&'a str, &'a str); PARTS_MAX]);

impl<'a> Parts<'a> {
    pub(super) fn parse(value: &'a str) -> Option<Self> {
        let (scheme, parts) = lex::trim(value).split_once([' ', '\t'])?;
        let mut cut = [("", ""); PARTS_MAX];
        let named = List(Some(parts)).filter_map(|part| part.split_once('='));
        for (place, (name, value)) in cut.iter_mut().zip(named) {
            *place = (lex::trim(name), lex::trim(value));
        }
        scheme.eq_ignore_ascii_case("Digest").then_some(Self(cut))
    }

    /// A part as written.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        self.0
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// A part without quotes and escapes.
    pub(super) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).map(lex::unquote)
    }

    /// A part without quotes.
    pub(super) fn plain(self, name: &str) -> Option<&'a str> {
        self.get(name)
            .map(|value| lex::stripped(value).unwrap_or(value))
    }
}

/// Parts that are looked at; RFC 7616 §3.4 knows twelve.
const PARTS_MAX: usize = 16;
