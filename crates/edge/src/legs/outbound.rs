//! We ring a party's phones: from the INVITEs to the first answer.

use super::branch::{Branch, SessionId};
use super::cause::{self, Rang};
use super::cx::Cx;
use super::fork::{Others, Tally};
use super::identity::{self, Dialect};
use super::leg::{Leg, Stage};
use super::protection;
use super::sdp;
use super::talk::Talking;
use super::trunk::Onward;
use super::{LEGS_MAX, LegDirection, Legs, Pickup};
use crate::output::{MediaOrder, Ports};
use crate::owner::Owner;
use model::{AutoAnswer, Cause, LegEvent, LegId, Number, Origin, Party, Ring, Target};
use rtp::sdp::{Capability, Negotiation};
use sip::Flow;
use sip::message::{Header, Name};
use sip::session::{Body, Invite, Session};
use std::collections::BTreeSet;

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
    /// On a trunk, what is needed to call at its next place.
    pub(super) onward: Option<Box<Onward>>,
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

/// Whom an INVITE goes to, and what it says.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub(super) uri: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) routes: Vec<String>,
    pub(super) headers: Vec<Header>,
    pub(super) flow: Flow,
    /// The user part under which we are reached within the call.
    pub(super) contact: Option<String>,
    /// How it learns who calls.
    pub(super) dialect: Dialect,
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
            Target::Trunk { trunk, number } => {
                return self.call_trunk(cx, ports, ring, trunk, *number);
            }
        };
        if self.legs.len() >= LEGS_MAX {
            return Err(Cause::Congestion);
        }
        let phones = phones(cx, ring, extension);
        if phones.is_empty() {
            return Err(Cause::Unavailable);
        }
        let party = Origin::Extension(*extension);
        let leg = leg(cx, ring, party.clone(), None);
        self.legs.insert(ring.leg, leg);
        self.rings_at(cx, ring.leg);
        self.open(ports, ring.leg).ok_or(Cause::Congestion)?;
        for phone in phones {
            self.invite_callee(cx, ring, &party, phone);
        }
        match self.ringing(ring.leg) {
            Some(ringing) if ringing.branches.is_empty() => Err(Cause::Congestion),
            Some(_) | None => Ok(()),
        }
    }

    /// Calls a party at one place. `None` when there is no room.
    pub(super) fn invite_callee(
        &mut self,
        cx: &mut Cx<'_>,
        ring: &Ring,
        party: &Origin,
        callee: Callee,
    ) -> Option<SessionId> {
        let may_insist = protection::may_insist(cx.hub, party, &callee.flow);
        let again = may_insist.then(|| Box::new(callee.clone()));
        let sound = self.sound_for(cx, ring.leg, party, &callee)?;
        let sound = protection::protect(sound, cx.hub, party, &callee.flow);
        self.send_invite(cx, ring.leg, callee, sound, again)
    }

    /// Calls a phone once more that refused what was offered, with keys that it cannot overlook. `None` when there is
    /// no use in it.
    pub(super) fn insist(&mut self, cx: &mut Cx<'_>, id: SessionId, status: u16) -> Option<()> {
        let branch = self.branches.get_mut(&id)?;
        let callee = *branch.again.take_if(|_| status == NOT_ACCEPTABLE)?;
        let leg = branch.leg;
        let party = self.legs.get(&leg)?.party.clone();
        let ringing = self.ringing(leg)?;
        ringing.branches.remove(&id);
        ringing.early.take_if(|early| *early == id);
        let sound = self.sound_for(cx, leg, &party, &callee)?;
        let sound = protection::insist(sound, cx.hub, &callee.flow);
        self.send_invite(cx, leg, callee, sound, None).map(|_| ())
    }

    /// What is negotiated with a phone.
    fn sound_for(
        &mut self,
        cx: &mut Cx<'_>,
        leg: LegId,
        party: &Origin,
        callee: &Callee,
    ) -> Option<Negotiation> {
        let port = self.legs.get(&leg)?.port?;
        let on_behalf = self.ringing(leg).and_then(|ringing| ringing.on_behalf);
        let other = on_behalf.map(|leg| self.can_do(leg));
        let session_id = cx.hub.transactions.ids().below(u32::MAX);
        let local = sdp::local(&cx.hub.settings, &callee.flow, port, session_id);
        let capabilities = sdp::capabilities(cx.hub.codecs_of(party), &other.unwrap_or_default());
        let capabilities = sdp::with_keys(capabilities, cx.hub.dtmf_of(party));
        Some(Negotiation::new(local, capabilities))
    }

    fn send_invite(
        &mut self,
        cx: &mut Cx<'_>,
        leg: LegId,
        callee: Callee,
        mut sound: Negotiation,
        again: Option<Box<Callee>>,
    ) -> Option<SessionId> {
        let id = self.next_session();
        let flow = callee.flow;
        let invite = Invite {
            uri: callee.uri,
            from: callee.from,
            to: callee.to,
            routes: callee.routes,
            headers: callee.headers,
            offer: Some(Body::sdp(sound.offer().to_string())),
        };
        let local = cx.local_as(&flow, callee.contact.as_deref());
        let (time, owner) = (cx.time(), Owner::Session(id).into());
        let tx = &mut cx.hub.transactions;
        let session = Session::outgoing(time, tx, owner, flow, invite, local).ok()?;
        if let Some(ringing) = self.ringing(leg) {
            ringing.branches.insert(id);
        }
        let mut branch = Branch::new(leg, session, Some(sound));
        branch.dialect = callee.dialect;
        branch.again = again;
        self.add(cx, id, branch);
        Some(id)
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
        if self.leg_of(id).is_some_and(|leg| self.calls_trunk(leg)) {
            return self.refused_by_trunk(cx, id, status);
        }
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

/// The leg of a party that is rung.
pub(super) fn leg(cx: &mut Cx<'_>, ring: &Ring, party: Origin, onward: Option<Box<Onward>>) -> Leg {
    Leg {
        party,
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
            onward,
        }),
        direction: LegDirection::Out,
        since: cx.now.mono,
    }
}

/// The phones of an extension that can be rung.
fn phones(cx: &Cx<'_>, ring: &Ring, extension: &Number) -> Vec<Callee> {
    let targets = cx.hub.registrar.targets(extension);
    let phones = targets.into_iter().take(BRANCHES_MAX);
    let callees = phones.map(|(_, binding)| {
        let host = cx.hub.settings.host(&binding.flow);
        let dialect = Dialect::of(&binding.user_agent);
        let mut headers = headers(ring, &host);
        let older = identity::remote_party(&ring.caller, &host, dialect, LegDirection::Out);
        headers.extend(older);
        Callee {
            uri: binding.contact.clone(),
            from: identity::from(&ring.caller, &host),
            to: format!("<{}>", identity::uri(extension, &host)),
            routes: binding.path.iter().map(|path| bracketed(path)).collect(),
            headers,
            flow: binding.flow,
            contact: ring.caller.number.map(|number| number.to_string()),
            dialect,
        }
    });
    callees.collect()
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
pub(super) fn headers(ring: &Ring, host: &str) -> Vec<Header> {
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
