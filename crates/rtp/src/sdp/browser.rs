//! What browsers say and are told: fingerprints, ICE, BUNDLE (RFC 8829, RFC 8839, RFC 8842, RFC 9143).

use super::agreement::NotAcceptable;
use super::attribute::Attribute;
use super::session::{Media, Session};
use crate::dtls::{Candidate, Credentials, Dtls, Fingerprint, HostCandidate, Ice, Role};
use crate::limits::CANDIDATES_MAX;
use crate::srtp::{KeySource, Suite};
use std::net::SocketAddr;

/// Our side towards browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserSide {
    /// The hash of the certificate that we show.
    pub fingerprint: Fingerprint,
    /// Where we are reached: our only candidate.
    pub address: SocketAddr,
}

/// What a browser says of its side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Theirs {
    fingerprint: Fingerprint,
    setup: Setup,
    credentials: Credentials,
    /// What is left for us to do of ICE.
    ice: Ice,
    candidates: Vec<Candidate>,
}

/// Who begins the handshake (`a=setup`, RFC 4145 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    Active,
    Passive,
    Either,
}

impl Setup {
    const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::Either => "actpass",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Passive, Self::Either]
            .into_iter()
            .find(|setup| setup.name().eq_ignore_ascii_case(word.trim()))
    }
}

impl Theirs {
    /// Reads what `media` says, or the session for all media.
    ///
    /// # Errors
    /// When it is not enough to be reached and known, or RTCP wants a port of its own: we have one for all.
    pub(super) fn read(session: &Session<'_>, media: &Media<'_>) -> Result<Self, NotAcceptable> {
        if !media.has("rtcp-mux") {
            return Err(NotAcceptable::TwoPorts);
        }
        let setup = match value(session, media, "setup") {
            // RFC 4145 §4.1: who says nothing is active.
            None => Setup::Active,
            Some(word) => Setup::parse(word).ok_or(NotAcceptable::NoHandshake)?,
        };
        let fingerprint = values(session, media, "fingerprint")
            .find_map(Fingerprint::parse)
            .ok_or(NotAcceptable::NoHandshake)?;
        let ufrag = value(session, media, "ice-ufrag").unwrap_or_default();
        let password = value(session, media, "ice-pwd").unwrap_or_default();
        let lite = session.attributes.iter().any(|a| a.is("ice-lite"));
        Ok(Self {
            fingerprint,
            setup,
            credentials: Credentials::new(ufrag.trim(), password.trim())
                .ok_or(NotAcceptable::NoIce)?,
            ice: if lite { Ice::Full } else { Ice::Lite },
            candidates: media
                .values("candidate")
                .take(CANDIDATES_MAX)
                .filter_map(Candidate::parse)
                .collect(),
        })
    }
}

/// What we say of our side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ours {
    side: BrowserSide,
    pub(super) setup: Setup,
    credentials: Credentials,
    ice: Ice,
    /// The name of the line, where lines have names (RFC 5888).
    mid: Option<String>,
    bundle: Bundle,
}

/// Whether the line is in a group of lines that share one way (RFC 9143).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bundle {
    Yes,
    No,
}

impl Ours {
    /// What we offer the first time.
    pub(super) fn offer(side: &BrowserSide, keys: &mut KeySource) -> Self {
        Self {
            side: side.clone(),
            setup: Setup::Either,
            credentials: fresh(keys),
            ice: Ice::Lite,
            mid: Some(MID.to_owned()),
            bundle: Bundle::Yes,
        }
    }

    /// The same offered again: the peer may choose its role anew, and will choose the same (RFC 8842 §5.5).
    pub(super) fn offered_again(self) -> Self {
        Self {
            setup: Setup::Either,
            ..self
        }
    }

    /// What we answer to `media` of `offer`, in which the browser said `theirs`. `before` is what was agreed on:
    /// where the browser restarts ICE, so do we, and roles stay while both certificates do.
    pub(super) fn answer(
        side: &BrowserSide,
        keys: &mut KeySource,
        (offer, media): (&Session<'_>, &Media<'_>),
        theirs: &Theirs,
        before: Option<&Dtls>,
    ) -> Self {
        let goes_on = before.filter(|before| before.remote == theirs.credentials);
        let setup = match (theirs.setup, before) {
            (Setup::Active, _) => Setup::Passive,
            (Setup::Passive, _) => Setup::Active,
            (Setup::Either, Some(before)) if before.fingerprint == theirs.fingerprint => {
                match before.role {
                    Role::Client => Setup::Active,
                    Role::Server => Setup::Passive,
                }
            }
            // The browser knows the way first, so it begins first.
            (Setup::Either, _) => Setup::Passive,
        };
        let mid = media.values("mid").next().map(str::to_owned);
        let bundled = mid.as_deref().is_some_and(|mid| is_bundled(offer, mid));
        Self {
            side: side.clone(),
            setup,
            credentials: goes_on.map_or_else(|| fresh(keys), |before| before.local.clone()),
            ice: theirs.ice,
            mid,
            bundle: if bundled { Bundle::Yes } else { Bundle::No },
        }
    }

    /// What both sides came to.
    pub(super) fn with(&self, theirs: &Theirs) -> Dtls {
        let role = match (self.setup, theirs.setup) {
            (Setup::Active, _) | (Setup::Either, Setup::Passive) => Role::Client,
            (Setup::Passive, _) | (Setup::Either, Setup::Active | Setup::Either) => Role::Server,
        };
        Dtls {
            role,
            fingerprint: theirs.fingerprint.clone(),
            local: self.credentials.clone(),
            remote: theirs.credentials.clone(),
            ice: theirs.ice,
            address: self.side.address,
            candidates: theirs.candidates.clone(),
        }
    }

    /// The port of our candidate, which is the default one too (RFC 8839 §4.2.1.2).
    pub(super) const fn port(&self) -> u16 {
        self.side.address.port()
    }

    /// The attributes of the media line.
    pub(super) fn of_media(&self) -> impl Iterator<Item = Attribute<'static>> {
        let credentials = &self.credentials;
        let candidate = HostCandidate(self.side.address);
        let named = self
            .mid
            .iter()
            .map(|mid| Attribute::valued("mid", mid.clone()));
        named.chain([
            Attribute::valued("msid", MSID),
            Attribute::valued("fingerprint", self.side.fingerprint.to_string()),
            Attribute::valued("setup", self.setup.name()),
            Attribute::valued("ice-ufrag", credentials.ufrag().to_owned()),
            Attribute::valued("ice-pwd", credentials.password().to_owned()),
            Attribute::valued("candidate", candidate.to_string()),
            Attribute::property("end-of-candidates"),
        ])
    }

    /// The attributes of the session.
    pub(super) fn of_session(&self) -> Vec<Attribute<'static>> {
        let lite = (self.ice == Ice::Lite).then(|| Attribute::property("ice-lite"));
        let mid = self.mid.as_ref().filter(|_| self.bundle == Bundle::Yes);
        let group = mid.map(|mid| Attribute::valued("group", format!("BUNDLE {mid}")));
        lite.into_iter().chain(group).collect()
    }
}

/// What `media` says under a name, or else the session for all media.
fn values<'s>(
    session: &'s Session<'_>,
    media: &'s Media<'_>,
    name: &'static str,
) -> impl Iterator<Item = &'s str> {
    let of_session = session.attributes.iter().filter(move |a| a.is(name));
    media
        .values(name)
        .chain(of_session.filter_map(|attribute| attribute.value.as_deref()))
}

fn value<'s>(
    session: &'s Session<'_>,
    media: &'s Media<'_>,
    name: &'static str,
) -> Option<&'s str> {
    values(session, media, name).next()
}

fn is_bundled(offer: &Session<'_>, mid: &str) -> bool {
    let groups = offer.attributes.iter().filter(|a| a.is("group"));
    groups
        .filter_map(|group| group.value.as_deref())
        .any(|group| {
            let mut words = group.split_ascii_whitespace();
            words.next() == Some("BUNDLE") && words.any(|word| word == mid)
        })
}

/// A fragment and a password that nobody can guess: 48 and 144 bits, where RFC 8445 §5.3 asks for 24 and 128.
fn fresh(keys: &mut KeySource) -> Credentials {
    let key = keys.next(Suite::AeadAes256Gcm);
    let mut chars = key.key_and_salt().iter().map(|byte| {
        let place = usize::from(*byte) % ICE_CHARS.len();
        char::from(ICE_CHARS.get(place).copied().unwrap_or(b'A'))
    });
    let ufrag: String = chars.by_ref().take(UFRAG_CHARS).collect();
    let password: String = chars.take(PASSWORD_CHARS).collect();
    Credentials::new(&ufrag, &password).expect("both are long enough and of ice-chars")
}

/// The characters of fragments and passwords (RFC 8839 §5.4): 64, so that a byte chooses evenly.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UFRAG_CHARS: usize = 8;
const PASSWORD_CHARS: usize = 24;
/// What we call our line.
const MID: &str = "0";
/// The stream that our sound belongs to, and its track (RFC 8830): without one, browsers give pages none.
const MSID: &str = "bellwire audio";
