//! Asking others who they are.

use super::credentials::{Algorithm, Credentials, Used};
use super::hash::{self, Asked, Mac, Protection, hex};
use super::nonce::Nonce;
use super::secret::Secret;
use super::used::UsedCounts;
use crate::message::Method;
use crate::{Time, Uri};
use md5::Md5;
use sha2::Sha256;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// The realm of all challenges.
pub const REALM: &str = "bellwire";

/// Challenges and checks. Of those who have not proved themselves it remembers nothing.
#[derive(Clone)]
pub struct Server {
    mac: Mac,
    /// Somebody whose password nobody knows: he is checked in place of users that do not exist.
    nobody: Secret,
    used: UsedCounts,
    serial: u32,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// He is who he says.
    Granted,
    /// He knows the password, but the nonce is too old or its count was used before: he is to try again
    /// with [`Freshness::Stale`] and will not ask his user.
    Stale,
    /// The nonce was made for his address, and he does not know the password. Only this counts towards
    /// a ban: nobody can bring it about in the name of another address.
    Wrong,
    /// The nonce was not made for his address, or he answers something that was not asked. He is
    /// challenged as if he had said nothing.
    Foreign,
}

/// Why a challenge is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing usable came.
    First,
    /// What came was right, but too late (RFC 7616 §3.3, stale).
    Stale,
}

impl Server {
    /// Begins with a key, which must be a new random one at each start: nonces of an earlier life are not
    /// told from repeated ones otherwise.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let mac = Mac::new(key);
        let sha256 = mac.of(&[b"nobody"]);
        let [md5 @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = mac.of(&[b"nobody's md5"]);
        Self {
            mac,
            nobody: Secret { md5, sha256 },
            used: UsedCounts::default(),
            serial: 0,
        }
    }

    /// The values of two WWW-Authenticate or Proxy-Authenticate headers for `source`: MD5, then SHA-256.
    /// RFC 8760 §2.4 lets a client take any that it knows; those that read only the first (SIPp 3.6) know
    /// MD5 alone.
    pub fn challenges(&mut self, now: Time, source: IpAddr, freshness: Freshness) -> [String; 2] {
        self.serial = self.serial.wrapping_add(1);
        let nonce = Nonce::new(now, self.serial).write(&self.mac, source);
        let stale = match freshness {
            Freshness::First => "",
            Freshness::Stale => ", stale=true",
        };
        [Algorithm::Md5, Algorithm::Sha256].map(|algorithm| {
            let algorithm = algorithm.name();
            format!(r#"Digest realm="{REALM}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{stale}"#)
        })
    }

    /// Picks the credentials that are meant for us out of the values of Authorization.
    #[must_use]
    pub fn credentials<'a>(values: impl Iterator<Item = &'a str>) -> Option<Credentials<'a>> {
        values
            .take(CREDENTIALS_MAX)
            .filter_map(Credentials::parse)
            .find(|credentials| credentials.realm == REALM)
    }

    /// Checks the credentials of a request that came from `source`. `secret` is that of the user named in
    /// them; without one, the check is made all the same and takes as long, and fails.
    pub fn check(
        &mut self,
        now: Time,
        source: IpAddr,
        request: (&Method, &str),
        credentials: &Credentials<'_>,
        secret: Option<&Secret>,
    ) -> Verdict {
        let (method, uri) = request;
        let knows = self.knows_password(method, credentials, secret.unwrap_or(&self.nobody));
        let Some((nonce, count)) = self.asked_for(source, credentials) else {
            return Verdict::Foreign;
        };
        if !knows || secret.is_none() {
            return Verdict::Wrong;
        }
        // The password is right: this counts against nobody.
        if !is_same_target(&credentials.uri, uri) {
            return Verdict::Foreign;
        }
        self.used.forget_before(Nonce::new(oldest(now), 0));
        let in_time = (oldest(now)..=now).contains(&nonce.made);
        if !in_time || !self.used.is_unused(nonce, count) {
            return Verdict::Stale;
        }
        self.used.note(nonce, count);
        Verdict::Granted
    }

    fn knows_password(
        &self,
        method: &Method,
        credentials: &Credentials<'_>,
        secret: &Secret,
    ) -> bool {
        let asked = Asked {
            method: method.as_str(),
            uri: &credentials.uri,
            nonce: &credentials.nonce,
            protection: credentials.protection.as_ref().map(|used| Protection {
                qop: used.qop,
                count: used.count,
                cnonce: &used.cnonce,
                body: None,
            }),
        };
        let expected = match credentials.algorithm {
            Algorithm::Md5 => hash::response::<Md5>(hex(&secret.md5).as_bytes(), &asked),
            Algorithm::Sha256 | Algorithm::Sha512Trunc256 => {
                hash::response::<Sha256>(hex(&secret.sha256).as_bytes(), &asked)
            }
        };
        hash::same(&expected, credentials.response)
    }

    /// The nonce and its count, if both are an answer to what was asked of this address. A client of
    /// RFC 2069 does not count: its nonce is good for once.
    fn asked_for(&self, source: IpAddr, credentials: &Credentials<'_>) -> Option<(Nonce, u32)> {
        if credentials.realm != REALM || credentials.algorithm == Algorithm::Sha512Trunc256 {
            return None;
        }
        let count = match &credentials.protection {
            Some(Used { qop, count, .. }) => {
                let count = u32::from_be_bytes(hash::unhex(count)?);
                (qop.eq_ignore_ascii_case("auth") && count > 0).then_some(count)?
            }
            None => u32::MAX,
        };
        Nonce::read(&credentials.nonce, &self.mac, source).map(|nonce| (nonce, count))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("digest::Server")
    }
}

/// Whether credentials made for `said` are good for a request to `uri`. Proxies and phones may add or lose
/// parameters on the way (RFC 3261 §22.4 item 5), but neither the user, nor the host and port. SIPp names the
/// server itself in every request: that is no more than a phone's REGISTER does.
fn is_same_target(said: &str, uri: &str) -> bool {
    if said == uri {
        return true;
    }
    match (Uri::parse(said), Uri::parse(uri)) {
        (Ok(said), Ok(uri)) => {
            said.scheme() == uri.scheme()
                && (said.user().is_none() || said.decoded_user() == uri.decoded_user())
                && said.host().matches(uri.host())
                && said.port() == uri.port()
        }
        _ => false,
    }
}

fn oldest(now: Time) -> Time {
    Time(
        now.0
            .saturating_sub(u64::try_from(NONCE_LIFETIME.as_micros()).unwrap_or(u64::MAX)),
    )
}

/// How long a nonce is good for.
pub(super) const NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// Values of Authorization that are looked at.
const CREDENTIALS_MAX: usize = 8;
