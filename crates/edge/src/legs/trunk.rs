//! A number is called on a trunk: at one of its places after the other, until one takes the call.

use super::branch::SessionId;
use super::cause::{self, Rang};
use super::cx::Cx;
use super::identity::{self, Dialect};
use super::outbound::{self, Callee};
use super::{LEGS_MAX, Legs};
use crate::credentials::Credentials;
use crate::output::Ports;
use model::{Cause, Duration, LegEvent, LegId, Number, Origin, Ring, Time, Trunk, TrunkKind};
use sip::Flow;
use sip::message::{Header, Name, Response};
use sip::transaction::ClientId;
use std::collections::VecDeque;
use std::sync::Arc;

/// What is needed to call at the next place of a trunk.
#[derive(Debug)]
pub(super) struct Onward {
    ring: Ring,
    trunk: Arc<Trunk>,
    number: Number,
    /// The places that were not tried yet.
    ways: VecDeque<Flow>,
}

/// Whether there was a place left to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Yes,
    NothingLeft,
}

impl Legs {
    /// Calls a number on a trunk.
    pub(super) fn call_trunk(
        &mut self,
        cx: &mut Cx<'_>,
        ports: &mut dyn Ports,
        ring: &Ring,
        name: &str,
        number: Number,
    ) -> Result<(), Cause> {
        if self.legs.len() >= LEGS_MAX {
            return Err(Cause::Congestion);
        }
        let ways = cx.hub.book.ways(name, cx.now.mono);
        let entry = cx.hub.book.entry(name).filter(|_| !ways.is_empty());
        let trunk = Arc::clone(&entry.ok_or(Cause::Unavailable)?.trunk);
        let onward = Onward {
            ring: ring.clone(),
            trunk,
            number,
            ways: ways.into(),
        };
        let party = Origin::Trunk(name.to_owned());
        let leg = outbound::leg(cx, ring, party, Some(Box::new(onward)));
        self.legs.insert(ring.leg, leg);
        self.open(ports, ring.leg).ok_or(Cause::Congestion)?;
        match self.call_next(cx, ring.leg) {
            Tried::Yes => Ok(()),
            Tried::NothingLeft => Err(Cause::Congestion),
        }
    }

    /// Calls at the next place.
    fn call_next(&mut self, cx: &mut Cx<'_>, leg: LegId) -> Tried {
        loop {
            let Some(onward) = self.onward(leg) else {
                return Tried::NothingLeft;
            };
            let Some(way) = onward.ways.pop_front() else {
                return Tried::NothingLeft;
            };
            let host = cx.hub.settings.host(&way);
            let callee = callee(onward, way, &host);
            let credentials = credentials(&onward.trunk);
            let ring = onward.ring.clone();
            let party = Origin::Trunk(onward.trunk.name.clone());
            let Some(id) = self.invite_callee(cx, &ring, &party, callee) else {
                continue;
            };
            if let Some(branch) = self.branches.get_mut(&id) {
                branch.on_trunk(credentials);
            }
            self.patience.insert((cx.now.mono + PATIENCE, id));
            return Tried::Yes;
        }
    }

    /// A place refused the call, or did not answer at all. The next one is tried where the first says nothing
    /// of whom was called (RFC 3263 §4.3).
    pub(super) fn refused_by_trunk(&mut self, cx: &mut Cx<'_>, id: SessionId, status: u16) {
        let Some(leg) = self.leg_of(id) else { return };
        let branch = self.branches.get(&id);
        let way = branch.map(|branch| branch.session.flow());
        let rang = branch.map(|branch| branch.rang).unwrap_or_default();
        let Some(ringing) = self.ringing(leg) else {
            return;
        };
        ringing.branches.remove(&id);
        let early = ringing.early.take();
        let of_place = matches!(status, TIMED_OUT | UNAVAILABLE);
        if of_place && rang == Rang::No && early.is_none() {
            let name = self.onward(leg).map(|onward| onward.trunk.name.clone());
            if let (Some(name), Some(way)) = (name, way) {
                tracing::info!(trunk = %name, address = %way.remote, status, "a call was not taken there");
                cx.hub.book.failed(&name, &way, cx.now.mono);
            }
            if self.call_next(cx, leg) == Tried::Yes {
                return;
            }
        }
        self.end(cx, leg, LegEvent::Failed(cause::of_trunk(status, rang)));
    }

    /// Gives up places that said nothing at all for so long that nobody can be there.
    pub(super) fn lose_patience(&mut self, cx: &mut Cx<'_>) {
        while let Some(&(at, id)) = self.patience.first()
            && at <= cx.now.mono
        {
            self.patience.pop_first();
            let silent = self.branches.get(&id).is_some_and(|it| !it.is_heard());
            if silent && self.leg_of(id).is_some() {
                self.refused_by_trunk(cx, id, TIMED_OUT);
                self.dismiss(cx, id, Cause::Unavailable);
            }
        }
    }

    /// When [`Self::lose_patience`] has something to do.
    pub(super) fn patience_ends(&self) -> Option<Time> {
        self.patience.first().map(|&(at, _)| at)
    }

    /// Whether a leg goes out on a trunk and is not answered.
    pub(super) fn calls_trunk(&self, leg: LegId) -> bool {
        let leg = self.legs.get(&leg);
        leg.is_some_and(|leg| matches!(leg.party, Origin::Trunk(_)))
    }

    /// A carrier wants to know who we are. A phone has no business asking its PBX that.
    pub(super) fn challenged(
        &mut self,
        cx: &mut Cx<'_>,
        id: SessionId,
        request: ClientId,
        response: &Response,
    ) {
        let cnonce = cx.hub.transactions.ids().tag();
        let answer = self.branches.get_mut(&id).and_then(|branch| {
            let asked = branch.session.challenged(request)?;
            let credentials = branch.credentials.as_mut()?;
            credentials.answer(response, &asked, &cnonce)
        });
        self.command(cx, id, |session, now, tx| {
            session.authorize(now, tx, request, answer);
        });
    }

    /// A connection to a trunk is gone. What comes next in calls over it opens another.
    pub(super) fn reconnect(&mut self, cx: &Cx<'_>, flow: Flow) {
        let Some(lasting) = cx.hub.book.at(&flow).and_then(|it| it.lasting(&flow)) else {
            return;
        };
        let of_trunk = |leg: &LegId| {
            let leg = self.legs.get(leg);
            leg.is_some_and(|leg| matches!(leg.party, Origin::Trunk(_)))
        };
        for branch in self.branches.values_mut() {
            if branch.session.flow() == flow && of_trunk(&branch.leg) {
                branch.session.reroute(lasting);
            }
        }
    }

    fn onward(&mut self, leg: LegId) -> Option<&mut Onward> {
        self.ringing(leg)?.onward.as_deref_mut()
    }
}

/// What proves who we are on a trunk, where it has an account.
pub(super) fn credentials(trunk: &Trunk) -> Option<Credentials> {
    (!trunk.username.is_empty()).then(|| Credentials::new(&trunk.username, &trunk.password.0))
}

/// Under which user part a trunk reaches us: its account, where we registered one.
pub(super) fn contact_user(trunk: &Trunk) -> Option<&str> {
    (trunk.kind == TrunkKind::Register).then_some(trunk.username.as_str())
}

/// How a number is called on a trunk; `own` is what we call ourselves on the way.
fn callee(onward: &Onward, way: Flow, own: &str) -> Callee {
    let Onward {
        ring,
        trunk,
        number,
        ..
    } = onward;
    let host = authority(trunk);
    let domain = domain(trunk, own);
    let mut headers = outbound::headers(ring, &domain);
    if ring.caller.number.is_none() {
        // The carrier may know who pays, and tells nobody (RFC 3325 §9.1).
        let payer = payer(trunk).map(|user| format!("<{}>", identity::user_uri(&user, &domain)));
        headers.extend(payer.map(|payer| Header::new(Name::PAssertedIdentity, payer)));
    }
    let uri = identity::uri(number, &host);
    Callee {
        from: identity::from(&ring.caller, &domain),
        to: format!("<{uri}>"),
        uri,
        routes: Vec::new(),
        headers,
        flow: way,
        contact: match contact_user(trunk) {
            Some(account) => Some(account.to_owned()),
            None => ring.caller.number.map(|number| number.to_string()),
        },
        dialect: Dialect::Asserted,
    }
}

/// The trunk's first number, else its account.
fn payer(trunk: &Trunk) -> Option<String> {
    match trunk.numbers.first() {
        Some(number) => Some(number.to_string()),
        None => Some(trunk.username.clone()).filter(|user| !user.is_empty()),
    }
}

/// Host and port of URIs on a trunk. The usual port is not named: then SRV records count (RFC 3263 §4.2).
pub(crate) fn authority(trunk: &Trunk) -> String {
    let host = host(trunk);
    if trunk.port == trunk.transport.default_port() {
        host
    } else {
        format!("{host}:{}", trunk.port)
    }
}

/// The domain of our side's identities on a trunk.
pub(crate) fn domain(trunk: &Trunk, own: &str) -> String {
    match (trunk.from_domain.as_str(), trunk.kind) {
        ("", TrunkKind::Peer) => own.to_owned(),
        ("", TrunkKind::Register) => host(trunk),
        (domain, TrunkKind::Peer | TrunkKind::Register) => domain.to_owned(),
    }
}

/// As a URI has it: IPv6 in brackets.
fn host(trunk: &Trunk) -> String {
    if trunk.host.contains(':') {
        format!("[{}]", trunk.host)
    } else {
        trunk.host.clone()
    }
}

/// How long a place may say nothing at all to an INVITE: it is sent four times in this time.
const PATIENCE: Duration = Duration::from_secs(6);
/// What silence counts as.
const TIMED_OUT: u16 = 408;
/// What a place says that is overloaded or going, and what a transport that failed counts as.
const UNAVAILABLE: u16 = 503;
