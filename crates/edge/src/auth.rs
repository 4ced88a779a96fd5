//! Who sent a request: proven by password, or for trunks by address, or by both.

use crate::Settings;
use crate::guard::Consequence;
use crate::hub::{Hub, sip_time};
use crate::output::Output;
use crate::passes::Passes;
use crate::refusal::Refusal;
use crate::trunks::TOKEN;
use model::{Now, Number, Origin, Secret};
use sip::digest::{self, Credentials, Freshness, Verdict};
use sip::message::{Method, Name, Request};
use sip::{Flow, Seed, Uri};
use std::net::IpAddr;

/// Finds out who sent a request. Of those who cannot prove it nothing is kept but how often an address
/// gave wrong passwords.
#[derive(Debug)]
pub(crate) struct Gate {
    digest: digest::Server,
}

/// Who sent a request, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A phone of this extension.
    Extension(Number),
    /// A trunk, by its name.
    Trunk(String),
}

impl From<Identity> for Origin {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::Extension(number) => Self::Extension(number),
            Identity::Trunk(name) => Self::Trunk(name),
        }
    }
}

impl Gate {
    /// `seed` must differ from start to start: the clock of nonces begins anew with each, and credentials
    /// heard in an earlier run must not be good in this one.
    pub(crate) fn new(settings: &Settings, seed: Seed) -> Self {
        let mut key = settings.nonce_key;
        for (byte, seed) in key.iter_mut().zip(seed.bytes()) {
            *byte ^= seed;
        }
        Self {
            digest: digest::Server::new(&key),
        }
    }

    /// Who sent a request; `None` when he is not to be answered at all.
    pub(crate) fn identify(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
    ) -> Result<Option<Identity>, Refusal> {
        let credentials = digest::Server::credentials(request.authorization());
        match (credentials, trunk(hub, &flow, request)) {
            (Some(credentials), Some(trunk)) if trunk.is_meant(hub, &credentials) => {
                self.check_trunk(hub, now, flow, request, &credentials, trunk)
            }
            (Some(credentials), Some(_) | None) => {
                self.check(hub, now, flow, request, &credentials)
            }
            (None, Some(Trunk { name, proof: None })) => Ok(Some(Identity::Trunk(name))),
            (None, Some(_) | None) => Err(self.challenge(now, &flow, request, Freshness::First)),
        }
    }

    /// A trunk is where it should be; some must also prove their password.
    fn check_trunk(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
        credentials: &Credentials<'_>,
        trunk: Trunk,
    ) -> Result<Option<Identity>, Refusal> {
        let Some(secret) = trunk.proof else {
            return Ok(Some(Identity::Trunk(trunk.name)));
        };
        let address = flow.remote.ip();
        let verdict = self.digest.check(
            sip_time(now.mono),
            address,
            (&request.method(), request.uri()),
            credentials,
            Some(&secret),
        );
        match verdict {
            Verdict::Granted => Ok(Some(Identity::Trunk(trunk.name))),
            Verdict::Wrong => {
                failed(hub, now, address);
                Err(self.challenge(now, &flow, request, Freshness::First))
            }
            Verdict::Stale | Verdict::Foreign => {
                Err(self.challenge(now, &flow, request, Freshness::Stale))
            }
        }
    }

    fn check(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
        credentials: &Credentials<'_>,
    ) -> Result<Option<Identity>, Refusal> {
        let address = flow.remote.ip();
        let name = credentials.username();
        let pass = hub.passes.of(now.mono, &flow, name);
        let pass = pass.map(|pass| (pass.session, pass.extension, digest_secret(&pass.secret)));
        let user = match pass {
            Some((_, extension, _)) => Some(extension),
            None => Number::parse(name).ok(),
        };
        if hub.guard.is_banned(now.mono, address) && !is_registered_over(hub, &flow, user) {
            return Ok(None);
        }
        let extension = user.and_then(|user| hub.directory.extension(&user));
        let secret = extension.and_then(|extension| match pass {
            Some((_, _, secret)) => secret,
            None => digest_secret(&extension.secret),
        });
        let verdict = self.digest.check(
            sip_time(now.mono),
            address,
            (&request.method(), request.uri()),
            credentials,
            secret.as_ref(),
        );
        match (verdict, user) {
            (Verdict::Granted, Some(user)) => {
                if let Some((session, _, _)) = pass {
                    hub.passes.opened(flow, session);
                }
                Ok(Some(Identity::Extension(user)))
            }
            // A page that slept past the end of its pass has guessed nothing.
            (Verdict::Wrong, _) if Passes::are_of(&flow) && Passes::is_pass(name) => {
                Err(self.challenge(now, &flow, request, Freshness::First))
            }
            (Verdict::Wrong, _) => {
                failed(hub, now, address);
                Err(self.challenge(now, &flow, request, Freshness::First))
            }
            // A phone with another address, or from before a restart, is to try again by itself.
            (Verdict::Stale | Verdict::Foreign | Verdict::Granted, _) => {
                Err(self.challenge(now, &flow, request, Freshness::Stale))
            }
        }
    }

    fn challenge(
        &mut self,
        now: Now,
        flow: &Flow,
        request: &Request,
        freshness: Freshness,
    ) -> Refusal {
        let address = flow.remote.ip();
        let agent = request.header(Name::UserAgent).unwrap_or_default();
        let knows_md5_only = MD5_ONLY.iter().any(|known| agent.starts_with(known));
        self.digest
            .challenges(sip_time(now.mono), address, freshness)
            .into_iter()
            .take(if knows_md5_only { 1 } else { usize::MAX })
            .fold(Refusal::new(401), |refusal, challenge| {
                refusal.with(Name::WwwAuthenticate, challenge)
            })
    }
}

/// A trunk that a request seems to come from.
struct Trunk {
    name: String,
    /// What it must prove besides; `None`: nothing.
    proof: Option<digest::Secret>,
}

impl Trunk {
    /// Whether credentials are the trunk's, and not those of a phone behind the same address.
    fn is_meant(&self, hub: &Hub, credentials: &Credentials<'_>) -> bool {
        let trunk = hub.directory.trunks.get(&self.name);
        let is_account = trunk.is_some_and(|trunk| trunk.username == credentials.username());
        let is_phone = Number::parse(credentials.username())
            .is_ok_and(|user| hub.directory.extension(&user).is_some());
        match self.proof {
            Some(_) => is_account,
            None => !is_phone,
        }
    }
}

/// The trunk at the other end, unless a phone is registered from just there; or the one to whose registrar
/// alone we gave the Contact that the request is sent to, from wherever it comes. A trunk has no phones here,
/// but there may be some behind its address.
fn trunk(hub: &Hub, flow: &Flow, request: &Request) -> Option<Trunk> {
    if request.method() == Method::Register {
        return None;
    }
    let is_phone = || hub.registrar.registered_over(flow).next().is_some();
    let by_contact = || {
        let uri = Uri::parse(request.uri()).ok()?;
        hub.book.of_token(uri.param(TOKEN)?)
    };
    let there = hub.book.at(flow).filter(|_| !is_phone());
    let entry = there.or_else(by_contact)?;
    Some(Trunk {
        name: entry.trunk.name.clone(),
        proof: entry.secret,
    })
}

/// Phones that give up at any challenge but MD5, even when MD5 is offered beside it: baresip before 3.0,
/// which Debian 12 has.
const MD5_ONLY: [&str; 3] = ["baresip v0.", "baresip v1.", "baresip v2."];

/// The secret that no password opens must not be opened by one who computes with the secret itself.
fn digest_secret(secret: &Secret) -> Option<digest::Secret> {
    (*secret != Secret::NONE).then_some(digest::Secret {
        md5: secret.md5,
        sha256: secret.sha256,
    })
}

fn is_registered_over(hub: &Hub, flow: &Flow, user: Option<Number>) -> bool {
    hub.registrar
        .registered_over(flow)
        .any(|(_, extension)| Some(extension) == user)
}

fn failed(hub: &mut Hub, now: Now, address: IpAddr) {
    let banned = match hub.guard.failed(now.mono, address) {
        Consequence::Noted => None,
        Consequence::Banned(time) => Some(time),
    };
    hub.output(Output::AuthFailed { address, banned });
}
