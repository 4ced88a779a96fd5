//! Which trunks there are, where they are, and whether they can be called: what calls are looked up in.

use model::{Directory, Duration, Time, Trunk, TrunkKind, TrunkTransport};
use sip::digest::{self, REALM};
use sip::{Flow, Ids, Transport};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// All trunks by name.
#[derive(Debug, Default)]
pub(crate) struct Book {
    entries: BTreeMap<String, Entry>,
}

/// One trunk, and where it stands.
#[derive(Debug)]
pub(crate) struct Entry {
    /// As it is set up.
    pub(crate) trunk: Arc<Trunk>,
    /// Where it is, the preferred place first; empty until that is known.
    pub(crate) places: Vec<Place>,
    /// Whether it knows where we are.
    pub(crate) registered: Registered,
    /// Stands in the Contact that we register. Who sends it back has it from our registrar.
    pub(crate) token: String,
    /// What who calls in must prove; `None` when being there is enough.
    pub(crate) secret: Option<digest::Secret>,
    /// Why our registration failed last; empty when it did not.
    pub(crate) trouble: String,
    /// Its host, where that is an address: known without asking.
    literal: Option<SocketAddr>,
}

/// One place where a trunk is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The way there; over a stream, one that is opened when it is needed.
    pub(crate) flow: Flow,
    /// Whether it answers.
    pub(crate) presence: Presence,
    /// Until when others are tried before it, because it failed a call.
    avoided_until: Option<Time>,
}

/// Whether somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// As far as is known.
    There,
    /// Not lately.
    Gone,
}

/// Whether a trunk knows where we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registered {
    /// It is told by its set-up, not by us.
    ByAddress,
    /// It does not.
    No,
    /// It does: we told it over this way.
    At(Flow),
}

/// What a new configuration means for a trunk.
#[derive(Debug)]
pub(crate) enum Revision {
    /// It is new, or another one under its old name; who was there before, if anybody.
    Begun(String, Option<Box<Entry>>),
    /// It is gone.
    Ended(Box<Entry>),
}

impl Book {
    /// Takes a new configuration; what did not change keeps its standing.
    pub(crate) fn revise(&mut self, directory: &Directory, ids: &mut Ids) -> Vec<Revision> {
        let mut revisions = Vec::new();
        let known = |name: &String| directory.trunks.contains_key(name);
        let gone: Vec<String> = self
            .entries
            .keys()
            .filter(|it| !known(it))
            .cloned()
            .collect();
        for name in gone {
            let ended = self.entries.remove(&name);
            revisions.extend(ended.map(|entry| Revision::Ended(Box::new(entry))));
        }
        for (name, trunk) in &directory.trunks {
            let old = self.entries.get_mut(name);
            if let Some(old) = old.filter(|old| is_same_line(&old.trunk, trunk)) {
                old.trunk = Arc::clone(trunk);
                continue;
            }
            let old = self
                .entries
                .insert(name.clone(), Entry::new(trunk, ids.tag()));
            revisions.push(Revision::Begun(name.clone(), old.map(Box::new)));
        }
        revisions
    }

    /// A trunk by its name.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    pub(crate) fn entry_mut(&mut self, name: &str) -> Option<&mut Entry> {
        self.entries.get_mut(name)
    }

    /// Every trunk.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The trunk at the other end of a way.
    pub(crate) fn at(&self, flow: &Flow) -> Option<&Entry> {
        self.entries.values().find(|entry| entry.is_at(flow))
    }

    /// The trunk that was given this token, and nobody else.
    pub(crate) fn of_token(&self, token: &str) -> Option<&Entry> {
        let has = |entry: &&Entry| entry.trunk.kind == TrunkKind::Register && entry.token == token;
        self.entries.values().find(has)
    }

    /// The trunk of a token, whether or not it was given to anybody.
    pub(crate) fn of_any_token(&mut self, token: &str) -> Option<&mut Entry> {
        self.entries.values_mut().find(|entry| entry.token == token)
    }

    /// The ways to a trunk that a call should try, one after the other; empty when the trunk is down.
    pub(crate) fn ways(&self, name: &str, now: Time) -> Vec<Flow> {
        self.entry(name)
            .map(|entry| entry.ways(now))
            .unwrap_or_default()
    }

    /// A place failed a call: others are tried before it for a while.
    pub(crate) fn failed(&mut self, name: &str, flow: &Flow, now: Time) {
        let entry = self.entries.get_mut(name);
        if let Some(place) = entry.and_then(|entry| entry.place_mut(flow)) {
            place.avoided_until = Some(now + AVOIDED_FOR);
        }
    }
}

impl Entry {
    fn new(trunk: &Arc<Trunk>, token: String) -> Self {
        let literal = trunk.host.parse::<IpAddr>().ok();
        let secret = trunk
            .authenticate_inbound
            .then(|| digest::Secret::new(&trunk.username, REALM, &trunk.password.0));
        Self {
            trunk: Arc::clone(trunk),
            places: Vec::new(),
            registered: match trunk.kind {
                TrunkKind::Peer => Registered::ByAddress,
                TrunkKind::Register => Registered::No,
            },
            token,
            secret,
            trouble: String::new(),
            literal: literal.map(|ip| SocketAddr::new(ip.to_canonical(), trunk.port)),
        }
    }

    /// Takes the places where the trunk is; what is known of those that stay is kept.
    pub(crate) fn found(&mut self, flows: &[Flow]) {
        let mut places: Vec<Place> = Vec::new();
        for flow in flows.iter().take(PLACES_MAX) {
            if places.iter().any(|place| place.flow == *flow) {
                continue;
            }
            let known = self.places.iter().find(|place| place.flow == *flow);
            places.push(known.cloned().unwrap_or(Place {
                flow: *flow,
                presence: Presence::There,
                avoided_until: None,
            }));
        }
        self.places = places;
    }

    /// A place of the trunk.
    pub(crate) fn place_mut(&mut self, flow: &Flow) -> Option<&mut Place> {
        self.places.iter_mut().find(|place| place.flow == *flow)
    }

    /// Whether calls can go out on it.
    pub(crate) fn is_up(&self) -> bool {
        let knows_us = match self.registered {
            Registered::ByAddress | Registered::At(_) => true,
            Registered::No => false,
        };
        let there = |place: &Place| place.presence == Presence::There;
        knows_us && self.places.iter().any(there)
    }

    /// Whether a user part is the account that we registered.
    pub(crate) fn is_account(&self, user: &str) -> bool {
        self.trunk.kind == TrunkKind::Register && self.trunk.username == user
    }

    /// What comes on a connection is answered on it, but it is not to be relied upon for what comes later:
    /// the way to the same place that is opened when it is needed.
    pub(crate) fn lasting(&self, flow: &Flow) -> Option<Flow> {
        let same = |place: &&Place| {
            place.flow.transport == flow.transport
                && place.flow.remote.ip().to_canonical() == flow.remote.ip().to_canonical()
        };
        self.places.iter().find(same).map(|place| place.flow)
    }

    fn ways(&self, now: Time) -> Vec<Flow> {
        if !self.is_up() {
            return Vec::new();
        }
        let there = |place: &&Place| place.presence == Presence::There;
        let mut places: Vec<&Place> = self.places.iter().filter(there).collect();
        places.sort_by_key(|place| {
            let avoided = place.avoided_until.is_some_and(|until| now < until);
            (avoided, self.registered != Registered::At(place.flow))
        });
        places.into_iter().map(|place| place.flow).collect()
    }

    /// Over UDP a trunk sends from the port that it receives on; connections come from any.
    fn is_at(&self, flow: &Flow) -> bool {
        let remote = SocketAddr::new(flow.remote.ip().to_canonical(), flow.remote.port());
        let same = |transport, place: SocketAddr| {
            let place = SocketAddr::new(place.ip().to_canonical(), place.port());
            transport == flow.transport
                && match transport {
                    Transport::Udp => place == remote,
                    Transport::Tcp | Transport::Tls => place.ip() == remote.ip(),
                    Transport::Ws | Transport::Wss => false,
                }
        };
        let by_literal = self
            .literal
            .is_some_and(|literal| same(spoken(self.trunk.transport), literal));
        by_literal
            || self
                .places
                .iter()
                .any(|place| same(place.flow.transport, place.flow.remote))
    }
}

/// Whether two set-ups lead to the same place as the same account: what they differ in concerns calls alone.
fn is_same_line(one: &Trunk, other: &Trunk) -> bool {
    let Trunk {
        name,
        kind,
        host,
        port,
        transport,
        username,
        password,
        from_domain,
        numbers: _,
        max_calls: _,
        media: _,
        t38: _,
        codecs: _,
        dtmf: _,
        authenticate_inbound,
        health,
        tls_trust,
    } = one;
    (name, *kind, host, *port, *transport)
        == (
            &other.name,
            other.kind,
            &other.host,
            other.port,
            other.transport,
        )
        && (username, password, from_domain)
            == (&other.username, &other.password, &other.from_domain)
        && (*authenticate_inbound, *health, tls_trust)
            == (other.authenticate_inbound, other.health, &other.tls_trust)
}

/// What is spoken with a host that is an address.
const fn spoken(transport: TrunkTransport) -> Transport {
    match transport {
        TrunkTransport::Udp | TrunkTransport::Auto => Transport::Udp,
        TrunkTransport::Tcp => Transport::Tcp,
        TrunkTransport::Tls => Transport::Tls,
    }
}

/// Places of one trunk.
const PLACES_MAX: usize = 16;
/// How long a place that failed a call is tried after the others.
const AVOIDED_FOR: Duration = Duration::from_secs(30);
