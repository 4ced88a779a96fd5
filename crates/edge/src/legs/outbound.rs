//! We ring a party's phones: from the INVITEs to the first answer.

use super::branch::{Branch, SessionId};
use super::cause::{self, Rang};
use super::cx::Cx;
use super::fork::{Others, Tally};
use super::identity;
use super::leg::{Leg, Stage};
use super::protection;
use super::sdp;
use super::talk::Talking;
use super::{LEGS_MAX, LegDirection, Legs, Pickup};
use crate::output::{MediaOrder, Ports};
use crate::owner::Owner;
use model::{AutoAnswer, Cause, LegEvent, LegId, Number, Origin, Party, Ring, Target};
use rtp::sdp::{Capability, Negotiation};
use sip::Flow;
use sip::message::{Header, Name};
use sip::session::{Body, Invite, Session};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Phones of a party ring together.
#[derive(Debug)]
pub(super) struct Ringing {
    /// Those that may still answer.
    pub(super) branches: BTreeSet<SessionId>,
    /// The one whose early media is heard.
    pub(super) early: Option<SessionId>,
    tally: Tally,
    /// The leg that will be answered when one of them is.
    on_behalf: Option<LegId>,
    /// Whether the switch knows that one of them rings.
    rang: Rang,
    /// With whom the party will talk, if that is no longer who rang.
    identify: Option<Party>,
    /// How others take the call.
    pickup: Pickup,
}

impl Ringing {
    /// The caller has changed while it rings.
    pub(super) fn identify(&mut self, party: Party) {
        self.identify = Some(party);
    }

    /// Who calls, if that is no longer who rang.
    pub(super) const fn caller(&self) -> Option<&Party> {
        self.identify.as_ref()
    }

    /// How others take the call.
    pub(super) const fn pickup(&self) -> &Pickup {
        &self.pickup
    }
}

/// Where one phone is.
struct Phone {
    contact: String,
    path: Vec<String>,
    flow: Flow,
}

impl Legs {
    /// Rings a party.
    pub(super) fn ring(&mut self, cx: &mut Cx<'_>, ports: &mut dyn Ports, ring: &Ring) {
        if let Err(cause) = self.call_out(cx, ports, ring) {
            if self.legs.contains_key(&ring.leg) {
                self.end(cx, ring.leg, LegEvent::Failed(cause));
            } else {
                cx.tell(ring.leg, LegEvent::Failed(cause));
            }
        }
    }

    fn call_out(
        &mut self,
        cx: &mut Cx<'_>,
        ports: &mut dyn Ports,
        ring: &Ring,
    ) -> Result<(), Cause> {
        let extension = match &ring.target {
            Target::Extension(number) => number,
            // There are no trunks to call out on yet.
            Target::Trunk { .. } => return Err(Cause::Unavailable),
        };
        if self.legs.len() >= LEGS_MAX {
            return Err(Cause::Congestion);
        }
        let phones = phones(cx, extension);
        if phones.is_empty() {
            return Err(Cause::Unavailable);
        }
        self.legs.insert(ring.leg, leg(cx, ring, extension));
        self.rings_at(cx, ring.leg);
        let port = self.open(ports, ring.leg).ok_or(Cause::Congestion)?;
        let other = ring
            .on_behalf
            .map(|leg| self.can_do(leg))
            .unwrap_or_default();
        for phone in phones {
            self.ring_phone(cx, ring, extension, port, &other, phone);
        }
        match self.ringing(ring.leg) {
            Some(ringing) if ringing.branches.is_empty() => Err(Cause::Congestion),
            Some(_) | None => Ok(()),
        }
    }

    fn ring_phone(
        &mut self,
        cx: &mut Cx<'_>,
        ring: &Ring,
        extension: &Number,
        port: SocketAddr,
        other: &[Capability],
        phone: Phone,
    ) {
        let id = self.next_session();
        let flow = phone.flow;
        let session_id = cx.hub.transactions.ids().below(u32::MAX);
        let local = sdp::local(&cx.hub.settings, &flow, port, session_id);
        let party = Origin::Extension(*extension);
        let capabilities = sdp::capabilities(cx.hub.codecs_of(&party), other);
        let capabilities = sdp::with_keys(capabilities, cx.hub.dtmf_of(&party));
        let sound = Negotiation::new(local, capabilities);
        let mut sound = protection::protect(sound, cx.hub, &party, &flow);
        let host = cx.hub.settings.host(&flow);
        let invite = Invite {
            uri: phone.contact,
            from: identity::from(&ring.caller, &host),
            to: format!("<{}>", identity::uri(extension, &host)),
            routes: phone.path,
            headers: headers(ring, &host),
            offer: Some(Body::sdp(sound.offer().to_string())),
        };
        let local = cx.local(&flow, ring.caller.number.as_ref());
        let (time, owner) = (cx.time(), Owner::Session(id).into());
        let tx = &mut cx.hub.transactions;
        let Ok(session) = Session::outgoing(time, tx, owner, flow, invite, local) else {
            return;
        };
        if let Some(ringing) = self.ringing(ring.leg) {
            ringing.branches.insert(id);
        }
        self.add(cx, id, Branch::new(ring.leg, session, Some(sound)));
    }

    /// A phone rings.
    pub(super) fn rings(&mut self, cx: &mut Cx<'_>, id: SessionId) {
        if let Some(branch) = self.branches.get_mut(&id) {
            branch.rang = Rang::Yes;
        }
        let Some(leg) = self.leg_of(id) else { return };
        if let Some(ringing) = self.ringing(leg)
            && ringing.rang == Rang::No
        {
            ringing.rang = Rang::Yes;
            cx.tell(leg, LegEvent::Ringing);
        }
    }

    /// A phone sends sound before it answers. The first to do so is heard; sound of several at once would
    /// be a noise.
    pub(super) fn heard_early(&mut self, cx: &mut Cx<'_>, id: SessionId, answer: &Body) {
        let Some(branch) = self.branches.get_mut(&id) else {
            return;
        };
        // One that fits nothing is dealt with when the phone answers.
        let Ok(agreed) = branch.accept(answer) else {
            return;
        };
        let Some(leg) = self.leg_of(id) else { return };
        let Some(ringing) = self.ringing(leg) else {
            return;
        };
        match ringing.early {
            None => {
                ringing.early = Some(id);
                if let Some(caller) = ringing.on_behalf {
                    self.share(caller, id);
                }
                cx.media(MediaOrder::Stream(leg, Box::new(agreed.stream)));
                cx.tell(leg, LegEvent::EarlyMedia);
            }
            Some(early) if early == id => self.agreed(cx, leg, agreed),
            Some(_) => {}
        }
    }

    /// A phone answered: it wins, unless nothing can be heard of it.
    pub(super) fn answered(&mut self, cx: &mut Cx<'_>, id: SessionId) {
        let Some(leg) = self.leg_of(id) else { return };
        let branch = self.branches.get(&id);
        let stream = branch.and_then(|it| Some((it.stream()?.clone(), it.session.flow())));
        let Some((stream, flow)) = stream else {
            self.refused(cx, id, NOT_ACCEPTABLE);
            return self.dismiss(cx, id, Cause::NotAcceptable);
        };
        let Some(ringing) = self.ringing(leg) else {
            return;
        };
        let mut others = std::mem::take(&mut ringing.branches);
        others.remove(&id);
        let identify = ringing.identify.take();
        let on_behalf = ringing.on_behalf;
        self.rang_at(cx, leg);
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.stage = Stage::Talking(Talking::begin(id));
        }
        for other in others {
            self.dismiss(cx, other, Cause::AnsweredElsewhere);
        }
        protection::warn(cx.hub, &stream, &flow);
        if let Some(caller) = on_behalf {
            self.share(caller, id);
        }
        cx.media(MediaOrder::Stream(leg, Box::new(stream)));
        cx.tell(leg, LegEvent::Answered);
        self.tell_hold(cx, leg);
        if let Some(party) = identify {
            self.identify(cx, leg, &party);
        }
    }

    /// A phone refused, or did not answer at all.
    pub(super) fn refused(&mut self, cx: &mut Cx<'_>, id: SessionId, status: u16) {
        let rang = self.branches.get(&id).map(|branch| branch.rang);
        let Some(leg) = self.leg_of(id) else { return };
        let Some(ringing) = self.ringing(leg) else {
            return;
        };
        ringing.branches.remove(&id);
        if ringing.early == Some(id) {
            ringing.early = None;
        }
        let others = ringing.tally.refused(status, rang.unwrap_or_default());
        let left = match others {
            Others::RingOn if !ringing.branches.is_empty() => return,
            Others::RingOn => BTreeSet::new(),
            Others::Stop => std::mem::take(&mut ringing.branches),
        };
        let cause = ringing.tally.cause();
        for other in left {
            self.dismiss(cx, other, cause);
        }
        self.end(cx, leg, LegEvent::Failed(cause));
    }

    /// Ends a branch that nobody wants any longer: by CANCEL, or by BYE where a 200 crosses it.
    pub(super) fn dismiss(&mut self, cx: &mut Cx<'_>, id: SessionId, cause: Cause) {
        let reason = vec![Header::new(Name::Reason, cause::reason(cause))];
        self.command(cx, id, |session, now, tx| session.cancel(now, tx, reason));
    }

    /// What a leg can do: what it offered, or the codec that was agreed with it.
    fn can_do(&self, leg: LegId) -> Vec<Capability> {
        let Some(stage) = self.legs.get(&leg).map(|leg| &leg.stage) else {
            return Vec::new();
        };
        let branch = stage.branch().and_then(|id| self.branches.get(&id));
        match (branch.and_then(Branch::agreed), stage) {
            (Some(agreed), _) => vec![agreed],
            (None, Stage::Calling(calling)) => calling.offered.clone(),
            (None, Stage::Ringing(_) | Stage::Talking(_)) => Vec::new(),
        }
    }

    /// Lets a caller that is not answered yet be answered with what the phone can do that is heard for it.
    fn share(&mut self, caller: LegId, phone: SessionId) {
        let phone = self.branches.get(&phone);
        let sound = phone.and_then(|branch| branch.sound.as_ref());
        let stage = self.legs.get_mut(&caller).map(|leg| &mut leg.stage);
        if let (Some(sound), Some(Stage::Calling(calling))) = (sound, stage) {
            calling.shared = sound.peer().to_vec();
        }
    }

    pub(super) fn ringing(&mut self, leg: LegId) -> Option<&mut Ringing> {
        match &mut self.legs.get_mut(&leg)?.stage {
            Stage::Ringing(ringing) => Some(ringing),
            Stage::Calling(_) | Stage::Talking(_) => None,
        }
    }
}

fn leg(cx: &mut Cx<'_>, ring: &Ring, extension: &Number) -> Leg {
    Leg {
        party: Origin::Extension(*extension),
        shown: Some(ring.caller.clone()),
        port: None,
        stage: Stage::Ringing(Ringing {
            branches: BTreeSet::new(),
            early: None,
            tally: Tally::default(),
            on_behalf: ring.on_behalf,
            rang: Rang::No,
            identify: None,
            pickup: Pickup::new(cx.hub),
        }),
        direction: LegDirection::Out,
        since: cx.now.mono,
    }
}

/// The phones of an extension that can be rung.
fn phones(cx: &Cx<'_>, extension: &Number) -> Vec<Phone> {
    let targets = cx.hub.registrar.targets(extension);
    targets
        .into_iter()
        .take(BRANCHES_MAX)
        .map(|(_, binding)| Phone {
            contact: binding.contact.clone(),
            path: binding.path.iter().map(|path| bracketed(path)).collect(),
            flow: binding.flow,
        })
        .collect()
}

/// A Route value has its URI in angle brackets (RFC 3261 §20.34).
fn bracketed(path: &str) -> String {
    if path.contains('<') {
        path.to_owned()
    } else {
        format!("<{path}>")
    }
}

/// What the INVITE says besides From and To.
fn headers(ring: &Ring, host: &str) -> Vec<Header> {
    let mut headers = identity::headers(&ring.caller, host);
    let (Target::Extension(number) | Target::Trunk { number, .. }) = &ring.target;
    headers.extend(identity::forwarded(&ring.forwarded_by, number, host));
    if ring.auto_answer == AutoAnswer::Yes {
        let wishes = identity::auto_answer(host);
        headers.extend(wishes.map(|(name, value)| Header::new(name, value)));
    }
    headers
}

/// Phones of an extension that ring at once.
const BRANCHES_MAX: usize = 16;

/// What an answer that fits nothing counts as.
const NOT_ACCEPTABLE: u16 = 488;
