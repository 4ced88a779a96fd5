//! Telling others who we are.

use super::credentials::{Algorithm, Parts};
use super::hash::{self, Asked, Protection, hex};
use crate::message::{Header, Name, Request, Response};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use std::fmt;

/// Answers the challenges of one server, such as a carrier's.
#[derive(Clone)]
pub struct Client {
    user: String,
    password: String,
    challenge: Option<Challenge>,
}

/// Why a challenge cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// There is none.
    #[error("the response holds no digest challenge")]
    None,
    /// It asks for an algorithm or a quality of protection that is not known.
    #[error("the challenge asks for an algorithm that is not supported")]
    Unsupported,
    /// The answer to a fresh challenge was not taken: the password or the user is wrong.
    #[error("the user or the password is wrong")]
    Refused,
}

#[derive(Clone)]
struct Challenge {
    header: Name,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Option<String>,
    hash: Algorithm,
    quality: Quality,
    /// How often its nonce was used.
    count: u32,
}

/// The quality of protection that is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quality {
    /// RFC 2069.
    None,
    /// The request line is protected.
    Auth,
    /// The body too.
    AuthInt,
}

impl Client {
    /// Begins without a challenge.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
            challenge: None,
        }
    }

    /// Takes the challenge of a 401 or 407, the strongest of several.
    ///
    /// # Errors
    /// When answering makes no sense.
    pub fn challenged(&mut self, response: &Response) -> Result<(), Unanswerable> {
        let (asks, answers) = match response.status() {
            407 => (Name::ProxyAuthenticate, Name::ProxyAuthorization),
            _ => (Name::WwwAuthenticate, Name::Authorization),
        };
        let mut all = response
            .headers(asks)
            .take(CHALLENGES_MAX)
            .filter_map(Parts::parse)
            .peekable();
        if all.peek().is_none() {
            return Err(Unanswerable::None);
        }
        let known = all.filter_map(|parts| Some((Challenge::read(parts, &answers)?, parts)));
        // Of equals the first counts: it is the one that the server prefers (RFC 8760 §2.4).
        let strongest = known.reduce(|best, next| {
            if next.0.hash > best.0.hash {
                next
            } else {
                best
            }
        });
        let (challenge, parts) = strongest.ok_or(Unanswerable::Unsupported)?;
        let stale = parts
            .plain("stale")
            .is_some_and(|stale| stale.eq_ignore_ascii_case("true"));
        let before = self.challenge.replace(challenge);
        match before {
            // What was answered is the challenge before: fresh then, and refused nevertheless.
            Some(before) if before.count == 1 && !stale => Err(Unanswerable::Refused),
            Some(_) | None => Ok(()),
        }
    }

    /// The header to put into a request, if there was a challenge. `cnonce` is a fresh random token.
    pub fn answer(&mut self, request: &Request, cnonce: &str) -> Option<Header> {
        let challenge = self.challenge.as_mut()?;
        challenge.count = challenge.count.saturating_add(1);
        let (user, password) = (self.user.as_bytes(), self.password.as_bytes());
        let parts = [user, challenge.realm.as_bytes(), password];
        let response = match challenge.hash {
            Algorithm::Md5 => challenge.response::<Md5>(&parts, request, cnonce),
            Algorithm::Sha256 => challenge.response::<Sha256>(&parts, request, cnonce),
            Algorithm::Sha512Trunc256 => challenge.response::<Sha512_256>(&parts, request, cnonce),
        };
        Some(challenge.header(&self.user, request.uri(), cnonce, &response))
    }

    /// Forgets the challenge, as after a success on another connection or with another server.
    pub fn forget(&mut self) {
        self.challenge = None;
    }
}

impl Challenge {
    fn read(parts: Parts<'_>, header: &Name) -> Option<Self> {
        let offered = parts.plain("qop").map(|qop| qop.split(',').map(str::trim));
        let offers = |quality: &str| {
            offered
                .clone()
                .is_some_and(|mut all| all.any(|q| q.eq_ignore_ascii_case(quality)))
        };
        let quality = match () {
            () if offered.is_none() => Quality::None,
            () if offers("auth") => Quality::Auth,
            () if offers("auth-int") => Quality::AuthInt,
            () => return None,
        };
        Some(Self {
            header: header.clone(),
            realm: parts.text("realm")?.into_owned(),
            nonce: parts.text("nonce")?.into_owned(),
            opaque: parts.text("opaque").map(std::borrow::Cow::into_owned),
            algorithm: parts.plain("algorithm").map(str::to_owned),
            hash: Algorithm::parse(parts.plain("algorithm"))?,
            quality,
            count: 0,
        })
    }

    fn response<H: Digest>(&self, secret: &[&[u8]], request: &Request, cnonce: &str) -> String {
        let ha1 = hex(&hash::joined::<H>(secret));
        let (method, count) = (request.method(), self.count_digits());
        let asked = Asked {
            method: method.as_str(),
            uri: request.uri(),
            nonce: &self.nonce,
            protection: self.quality.name().map(|qop| Protection {
                qop,
                count: &count,
                cnonce,
                body: (self.quality == Quality::AuthInt).then(|| request.body()),
            }),
        };
        hash::response::<H>(ha1.as_bytes(), &asked)
    }

    fn header(&self, user: &str, uri: &str, cnonce: &str, response: &str) -> Header {
        let mut value = format!(
            r#"Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{response}""#,
            escaped(user),
            escaped(&self.realm),
            escaped(&self.nonce),
            escaped(uri),
        );
        if let Some(algorithm) = &self.algorithm {
            value.push_str(&format!(", algorithm={algorithm}"));
        }
        if let Some(qop) = self.quality.name() {
            let count = self.count_digits();
            value.push_str(&format!(
                r#", cnonce="{}", qop={qop}, nc={count}"#,
                escaped(cnonce)
            ));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(r#", opaque="{}""#, escaped(opaque)));
        }
        Header::new(self.header.clone(), value)
    }

    fn count_digits(&self) -> String {
        format!("{:08x}", self.count)
    }
}

impl Quality {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("digest::Client")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// For between quotes.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

/// Challenges of one response that are looked at.
const CHALLENGES_MAX: usize = 16;
