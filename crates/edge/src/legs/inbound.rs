//! A party calls us: from its INVITE to our answer.

use super::branch::{Branch, SessionId};
use super::caller::{caller, dialled, hops};
use super::cause::{self, Advice, Refused};
use super::cx::Cx;
use super::identity::Dialect;
use super::leg::{Leg, Stage};
use super::protection;
use super::sdp::{self, Unacceptable};
use super::talk::Talking;
use super::trunk;
use super::{LEGS_MAX, LegDirection, Legs};
use crate::hub::Hub;
use crate::output::{MediaOrder, Output, Ports};
use crate::owner::Owner;
use crate::refusal::Refusal;
use model::{Cause, Incoming, Input, LegEvent, LegId, Now, Origin};
use rtp::sdp::{Capability, Negotiation, Session as Description};
use sip::Flow;
use sip::message::{Header, Name, Request};
use sip::session::{Body, Session};
use sip::transaction::ServerId;
use std::net::SocketAddr;

/// A call that was let in.
pub(crate) struct Invite<'a> {
    /// From [`Legs::next_session`]; it owns the transaction.
    pub(crate) session: SessionId,
    /// Who calls, proven.
    pub(crate) origin: Origin,
    /// The INVITE's transaction.
    pub(crate) server: ServerId,
    /// Which way it came.
    pub(crate) flow: Flow,
    /// The INVITE.
    pub(crate) request: &'a Request,
}

/// A party calls us and is not answered.
#[derive(Debug)]
pub(super) struct Calling {
    /// Its session.
    pub(super) branch: SessionId,
    /// What it can do, as its offer says.
    pub(super) offered: Vec<Capability>,
    /// What those can do who answered for it, once one did.
    pub(super) shared: Vec<Capability>,
    offer: Offer,
}

/// How far offer and answer of the INVITE are.
#[derive(Debug)]
enum Offer {
    /// It brought an offer, which waits for our answer.
    Theirs(Box<Description<'static>>),
    /// It brought none: ours is due.
    Due(Reliably),
    /// This was our answer or offer; it is not changed any more (RFC 6337 §3.1.1).
    Said(Body),
}

/// Whether an offer of ours can go out before the answer: only in a reliable response (RFC 3262 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reliably {
    Possible,
    Impossible,
}

impl Legs {
    /// A party calls.
    pub(crate) fn invite(&mut self, hub: &mut Hub, now: Now, invite: Invite<'_>) {
        let cx = &mut Cx { hub, now };
        if let Err(refusal) = self.call_in(cx, &invite) {
            let tag = cx.hub.transactions.tag(invite.server).unwrap_or_default();
            let product = &cx.hub.settings.product;
            let response = refusal.response(invite.request, tag, product);
            cx.hub.respond(now, invite.server, response);
        }
    }

    fn call_in(&mut self, cx: &mut Cx<'_>, invite: &Invite<'_>) -> Result<(), Refusal> {
        if self.legs.len() >= LEGS_MAX {
            return Err(Refusal::later());
        }
        let (request, flow) = (invite.request, invite.flow);
        let dialled = dialled(cx.hub, &invite.origin, request)?;
        let replaces = self.replaces(&invite.origin, request)?;
        let (time, owner) = (cx.time(), Owner::Session(invite.session).into());
        let local = cx.local(&flow, Some(&dialled));
        let tx = &mut cx.hub.transactions;
        let begun = Session::incoming(time, tx, invite.server, owner, flow, request.clone(), local);
        let Ok((mut session, offer)) = begun else {
            // It is answered already.
            return Ok(());
        };
        let (offer, offered) = match judge(cx.hub, offer, invite) {
            Ok(judged) => judged,
            Err(why) => {
                let headers = why.headers(&cx.hub.settings.host(&flow));
                session.reject(time, &mut cx.hub.transactions, why.status(), headers);
                return Ok(());
            }
        };
        self.inbound += 1;
        let leg = LegId::inbound(self.inbound);
        let stage = Stage::Calling(Calling {
            branch: invite.session,
            offered,
            shared: Vec::new(),
            offer,
        });
        self.legs.insert(
            leg,
            Leg {
                party: invite.origin.clone(),
                shown: None,
                port: None,
                stage,
                direction: LegDirection::In,
                since: cx.now.mono,
            },
        );
        let mut branch = Branch::new(leg, session, None);
        branch.dialect = Dialect::of(request.header(Name::UserAgent).unwrap_or_default());
        if let Origin::Trunk(name) = &invite.origin {
            // It may want to know who hangs up.
            let entry = cx.hub.book.entry(name);
            branch.on_trunk(entry.and_then(|entry| trunk::credentials(&entry.trunk)));
        }
        self.add(cx, invite.session, branch);
        cx.hub.output(Output::Switch(Input::Incoming(Incoming {
            leg,
            caller: caller(cx.hub, &invite.origin, request),
            origin: invite.origin.clone(),
            dialled,
            hops: hops(request),
            replaces,
        })));
        Ok(())
    }

    /// The leg whose place a caller wants to take, if it does. Nobody from outside does.
    fn replaces(&self, origin: &Origin, request: &Request) -> Result<Option<LegId>, Refusal> {
        let replaces = request.replaces().map_err(|_| Refusal::new(400))?;
        match (replaces, origin) {
            (None, _) => Ok(None),
            (Some(replaces), Origin::Extension(_)) => self.replaced(&replaces).map(Some),
            (Some(_), Origin::Trunk(_)) => Err(Refusal::new(403)),
        }
    }

    /// Tells the caller that it rings.
    pub(super) fn alert(&mut self, cx: &mut Cx<'_>, leg: LegId) {
        if let Some(branch) = self.calling(leg).map(|calling| calling.branch) {
            self.command(cx, branch, Session::ring);
        }
    }

    /// Opens sound towards the caller before the answer. A caller that made no offer and takes no reliable
    /// responses can hear nothing yet; it is told that it rings.
    pub(super) fn progress(&mut self, cx: &mut Cx<'_>, ports: &mut dyn Ports, leg: LegId) {
        let Some(calling) = self.calling(leg) else {
            return;
        };
        let branch = calling.branch;
        if matches!(calling.offer, Offer::Due(Reliably::Impossible)) {
            return self.command(cx, branch, Session::ring);
        }
        match self.describe(cx, ports, leg) {
            Ok(body) => self.command(cx, branch, |session, now, tx| {
                session.progress(now, tx, body);
            }),
            Err(cause) => self.give_up(cx, leg, branch, cause),
        }
    }

    /// Answers the caller.
    pub(super) fn answer(&mut self, cx: &mut Cx<'_>, ports: &mut dyn Ports, leg: LegId) {
        let Some(branch) = self.calling(leg).map(|calling| calling.branch) else {
            return;
        };
        match self.describe(cx, ports, leg) {
            Ok(body) => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.stage = Stage::Talking(Talking::begin(branch));
                }
                self.command(cx, branch, |session, now, tx| {
                    session.accept(now, tx, Some(body));
                });
                self.tell_hold(cx, leg);
            }
            Err(cause) => self.give_up(cx, leg, branch, cause),
        }
    }

    /// Refuses a caller.
    pub(super) fn refuse(&mut self, cx: &mut Cx<'_>, branch: SessionId, cause: Cause) {
        let Some(flow) = self.branches.get(&branch).map(|it| it.session.flow()) else {
            return;
        };
        let Refused { status, advice } = cause::refused(cause);
        let mut headers = vec![Header::new(Name::Reason, cause::reason(cause))];
        match advice {
            Advice::None => {}
            Advice::RetryAfter(seconds) => headers.push(Header::new(Name::RetryAfter, seconds)),
            Advice::IncompatibleMedia => {
                let host = cx.hub.settings.host(&flow);
                headers.push(sdp::warning(305, &host, &"there is no common codec"));
            }
        }
        self.command(cx, branch, |session, now, tx| {
            session.reject(now, tx, status, headers);
        });
    }

    /// What the switch wants is not possible: the caller is refused, and the switch is told.
    fn give_up(&mut self, cx: &mut Cx<'_>, leg: LegId, branch: SessionId, cause: Cause) {
        self.end(cx, leg, LegEvent::HungUp(cause));
        self.refuse(cx, branch, cause);
    }

    /// Our side of the INVITE's offer and answer: made once, the same from then on.
    fn describe(
        &mut self,
        cx: &mut Cx<'_>,
        ports: &mut dyn Ports,
        leg: LegId,
    ) -> Result<Body, Cause> {
        let port = self.open(ports, leg).ok_or(Cause::Congestion)?;
        let it = self.legs.get_mut(&leg).ok_or(Cause::Failed)?;
        let party = it.party.clone();
        let Some(calling) = it.stage.calling() else {
            return Err(Cause::Failed);
        };
        if let Offer::Said(said) = &calling.offer {
            return Ok(said.clone());
        }
        let branch = self.branches.get_mut(&calling.branch);
        let branch = branch.ok_or(Cause::Failed)?;
        let flow = branch.session.flow();
        let session_id = cx.hub.transactions.ids().below(u32::MAX);
        let local = sdp::local(&cx.hub.settings, &flow, port, session_id);
        let capabilities = sdp::capabilities(cx.hub.codecs_of(&party), &calling.shared);
        let capabilities = sdp::with_keys(capabilities, cx.hub.dtmf_of(&party));
        let sound = Negotiation::new(local, capabilities);
        let mut sound = protection::protect(sound, cx.hub, &party, &flow);
        let body = match &calling.offer {
            Offer::Theirs(offer) => {
                let answered = sound.answer(offer, sdp::source(offer, &flow, branch.end));
                let (answer, agreed) = answered.map_err(|_| Cause::NotAcceptable)?;
                protection::warn(cx.hub, &agreed.stream, &flow);
                cx.media(MediaOrder::Stream(leg, Box::new(agreed.stream)));
                Body::sdp(answer.to_string())
            }
            Offer::Due(_) | Offer::Said(_) => Body::sdp(sound.offer().to_string()),
        };
        branch.sound = Some(sound);
        calling.offer = Offer::Said(body.clone());
        Ok(body)
    }

    /// The leg's RTP port, opened when it is first needed.
    pub(super) fn open(&mut self, ports: &mut dyn Ports, id: LegId) -> Option<SocketAddr> {
        let leg = self.legs.get_mut(&id)?;
        if leg.port.is_none() {
            leg.port = ports.open(id);
        }
        leg.port
    }

    fn calling(&self, leg: LegId) -> Option<&Calling> {
        match &self.legs.get(&leg)?.stage {
            Stage::Calling(calling) => Some(calling),
            Stage::Ringing(_) | Stage::Talking(_) => None,
        }
    }
}

impl Stage {
    const fn calling(&mut self) -> Option<&mut Calling> {
        match self {
            Self::Calling(calling) => Some(calling),
            Self::Ringing(_) | Self::Talking(_) => None,
        }
    }
}

/// Judges the body of an INVITE before anybody rings for it.
fn judge(
    hub: &mut Hub,
    offer: Option<Body>,
    invite: &Invite<'_>,
) -> Result<(Offer, Vec<Capability>), Unacceptable> {
    match offer {
        Some(body) => {
            let offer = sdp::read(&body)?;
            let offered = sdp::probe(hub, &offer, &invite.origin, &invite.flow)?;
            Ok((Offer::Theirs(Box::new(offer)), offered))
        }
        None => {
            let takes = |name| {
                invite
                    .request
                    .values(name)
                    .any(|tag| tag.eq_ignore_ascii_case("100rel"))
            };
            let reliably = if takes(Name::Supported) || takes(Name::Require) {
                Reliably::Possible
            } else {
                Reliably::Impossible
            };
            Ok((Offer::Due(reliably), Vec::new()))
        }
    }
}
