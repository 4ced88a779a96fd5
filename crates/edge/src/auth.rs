//! Who sent a request: proven by password, or for trunks by address.

use crate::Settings;
use crate::guard::Consequence;
use crate::hub::{Hub, sip_time};
use crate::output::Output;
use crate::refusal::Refusal;
use model::{Directory, Now, Number, Origin, Secret, TrunkTransport};
use sip::digest::{self, Credentials, Freshness, Verdict};
use sip::message::{Name, Request};
use sip::{Flow, Seed, Transport};
use std::net::IpAddr;

/// Finds out who sent a request. Of those who cannot prove it nothing is kept but how often an address
/// gave wrong passwords.
#[derive(Debug)]
pub(crate) struct Gate {
    digest: digest::Server,
    trunks: Vec<TrunkAddress>,
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
    pub(crate) fn new(settings: &Settings, directory: &Directory, seed: Seed) -> Self {
        let mut key = settings.nonce_key;
        for (byte, seed) in key.iter_mut().zip(seed.bytes()) {
            *byte ^= seed;
        }
        Self {
            digest: digest::Server::new(&key),
            trunks: trunk_addresses(directory),
        }
    }

    /// Takes the trunks of a new configuration.
    pub(crate) fn directory(&mut self, directory: &Directory) {
        self.trunks = trunk_addresses(directory);
    }

    /// Who sent a request; `None` when he is not to be answered at all.
    pub(crate) fn identify(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
    ) -> Result<Option<Identity>, Refusal> {
        match digest::Server::credentials(request.authorization()) {
            Some(credentials) => self.check(hub, now, flow, request, &credentials),
            None => match self.trunk(hub, &flow) {
                Some(trunk) => Ok(Some(Identity::Trunk(trunk))),
                None => Err(self.challenge(now, &flow, request, Freshness::First)),
            },
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
        let user = Number::parse(credentials.username()).ok();
        if hub.guard.is_banned(now.mono, address) && !is_registered_over(hub, &flow, user) {
            return Ok(None);
        }
        let extension = user.and_then(|user| hub.directory.extension(&user));
        let secret = extension.and_then(|extension| digest_secret(&extension.secret));
        let verdict = self.digest.check(
            sip_time(now.mono),
            address,
            (&request.method(), request.uri()),
            credentials,
            secret.as_ref(),
        );
        match (verdict, user) {
            (Verdict::Granted, Some(user)) => Ok(Some(Identity::Extension(user))),
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

    /// The trunk at the other end, unless a phone is registered from just there.
    fn trunk(&self, hub: &Hub, flow: &Flow) -> Option<String> {
        let trunk = self.trunks.iter().find(|trunk| trunk.is_at(flow))?;
        let is_phone = hub.registrar.registered_over(flow).next().is_some();
        (!is_phone).then(|| trunk.name.clone())
    }
}

/// Phones that give up at any challenge but MD5, even when MD5 is offered beside it: baresip before 3.0,
/// which Debian 12 has.
const MD5_ONLY: [&str; 3] = ["baresip v0.", "baresip v1.", "baresip v2."];

/// Where a trunk's requests come from.
#[derive(Debug)]
struct TrunkAddress {
    name: String,
    transport: TrunkTransport,
    ip: IpAddr,
    port: u16,
}

impl TrunkAddress {
    /// Over UDP a trunk sends from the port that it receives on; connections come from any.
    fn is_at(&self, flow: &Flow) -> bool {
        let ip = flow.remote.ip().to_canonical();
        ip == self.ip
            && match (self.transport, flow.transport) {
                (TrunkTransport::Udp, Transport::Udp) => flow.remote.port() == self.port,
                (TrunkTransport::Tcp, Transport::Tcp) | (TrunkTransport::Tls, Transport::Tls) => {
                    true
                }
                (TrunkTransport::Udp | TrunkTransport::Tcp | TrunkTransport::Tls, _) => false,
            }
    }
}

/// The trunks whose host is an address. Names are looked up elsewhere.
fn trunk_addresses(directory: &Directory) -> Vec<TrunkAddress> {
    directory
        .trunks
        .values()
        .filter_map(|trunk| {
            Some(TrunkAddress {
                name: trunk.name.clone(),
                transport: trunk.transport,
                ip: trunk.host.parse::<IpAddr>().ok()?.to_canonical(),
                port: trunk.port,
            })
        })
        .collect()
}

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
