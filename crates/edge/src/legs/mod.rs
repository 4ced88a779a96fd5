//! Calls: INVITE in and out, and everything within their dialogs.
//!
//! A *leg* is one party's end of a call, as the switch knows it. Under it lies a SIP session: one, or one
//! for each phone while several phones of an extension ring at once; these are its *branches*.
//!
//! - [`inbound`]: a party calls us, until the answer.
//! - [`outbound`]: we ring phones, until one answers.
//! - [`trunk`]: we call a number on a trunk.
//! - [`talk`]: from the answer to the end: hold, keys, connected line, hanging up.
//! - [`refer`]: a party asks for a transfer; [`pickup`]: one takes a call that rings elsewhere.
//! - [`requests`]: what else is asked within a dialog (INFO, OPTIONS …).
//! - [`sdp`], [`identity`], [`caller`], [`cause`], [`fork`]: the pure parts: descriptions, names, reasons,
//!   choices.
//!
//! **Invariant:** a leg that the switch was told of ends exactly once: by [`model::LegEvent::Failed`] or
//! [`model::LegEvent::HungUp`], or because the switch hung up. A branch may outlive its leg until the
//! phone knows that the call is over; nothing of it is told then.

mod branch;
mod caller;
mod cause;
mod cx;
mod fork;
pub(crate) mod identity;
mod inbound;
mod leg;
mod outbound;
mod pickup;
mod protection;
mod refer;
mod requests;
mod sdp;
mod talk;
mod trunk;
mod view;

pub(crate) use branch::SessionId;
pub(crate) use identity::{contact_uri, user_uri};
pub(crate) use inbound::Invite;
pub(crate) use pickup::Pickup;
pub(crate) use trunk::{authority, domain};
pub use view::{LegDirection, LegState, LegView};

use crate::hub::{Hub, sip_time};
use crate::output::{MediaNotice, MediaOrder, Ports};
use branch::Branch;
use cx::Cx;
use leg::{Leg, Stage};
use model::{Cause, Effect, LegEvent, LegId, Now, Number, Time};
use sip::Flow;
use sip::message::{Method, Request, Response};
use sip::session::{self, Ended, Event, Session};
use sip::transaction::{self, Arrived, Transactions};
use std::collections::{BTreeMap, BTreeSet};

/// All legs.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    legs: BTreeMap<LegId, Leg>,
    branches: BTreeMap<SessionId, Branch>,
    /// Branches by our tag of their dialogs.
    tags: BTreeMap<String, SessionId>,
    /// The legs that ring at extensions.
    rung: BTreeSet<(Number, LegId)>,
    /// The same by the Call-ID under which they are picked up.
    pickups: BTreeMap<String, LegId>,
    /// When branches want to be called.
    due: BTreeSet<(sip::Time, SessionId)>,
    /// When silent places of trunks are given up.
    patience: BTreeSet<(Time, SessionId)>,
    /// How many legs called in.
    inbound: u64,
    /// How many sessions there were.
    sessions: u64,
}

/// What arrives and what is due.
impl Legs {
    /// The id of the next session, which owns its transactions.
    pub(crate) const fn next_session(&mut self) -> SessionId {
        self.sessions += 1;
        SessionId(self.sessions)
    }

    /// The session whose dialog a request belongs to: To has the tag that we chose.
    pub(crate) fn session_of(&self, request: &Request) -> Option<SessionId> {
        self.tags.get(request.to().ok()?.tag()?).copied()
    }

    /// Takes what arrived for a session: a request in its dialog, an ACK, a CANCEL, a response.
    pub(crate) fn receive(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        id: SessionId,
        arrived: Arrived,
    ) {
        let Some(branch) = self.branches.get_mut(&id) else {
            // Its phone has not heard that the call is over.
            if let Arrived::Response { response, .. } = &arrived
                && answers_invite(response)
            {
                self.stray(hub, now, flow, response);
            }
            return;
        };
        branch.hear();
        if let Arrived::Request(request) = &arrived {
            branch.follow(flow, request);
        }
        let cx = &mut Cx { hub, now };
        self.command(cx, id, |session, now, tx| {
            session.receive(now, tx, flow, arrived);
        });
    }

    /// Takes a 2xx to an INVITE whose transaction is over. A call that nobody wants is ended, where it is
    /// a phone of ours that answered; strangers get no answer.
    pub(crate) fn stray(&mut self, hub: &mut Hub, now: Now, flow: Flow, response: &Response) {
        let tag = response.from().ok().and_then(|from| from.tag());
        let known = tag.and_then(|tag| self.tags.get(tag)).copied();
        let cx = &mut Cx { hub, now };
        match known {
            Some(id) => self.command(cx, id, |session, now, tx| {
                session.receive(now, tx, flow, Arrived::StrayResponse(response.clone()));
            }),
            None if cx.is_known(&flow) => {
                let local = cx.local(&flow, None);
                let tx = &mut cx.hub.transactions;
                session::dismiss(sip_time(now.mono), tx, flow, &local, response);
            }
            None => {}
        }
    }

    /// Takes what became of a transaction of a session.
    pub(crate) fn notice(
        &mut self,
        hub: &mut Hub,
        now: Now,
        id: SessionId,
        output: &transaction::Output,
    ) {
        let cx = &mut Cx { hub, now };
        self.command(cx, id, |session, now, tx| session.notice(now, tx, output));
    }

    /// A stream connection is gone. Requests that wait for their answer on it fail by themselves; a caller
    /// who waits to be answered has left, because nothing else leads to him. Calls in progress go on: the
    /// phone may come back on a new connection, and if not its silence ends them.
    pub(crate) fn disconnected(&mut self, hub: &mut Hub, now: Now, flow: Flow) {
        let cx = &mut Cx { hub, now };
        let waits = |(leg, it): (&LegId, &Leg)| match &it.stage {
            Stage::Calling(calling) => Some((*leg, calling.branch)),
            Stage::Ringing(_) | Stage::Talking(_) => None,
        };
        let left: Vec<_> = self.legs.iter().filter_map(waits).collect();
        for (leg, branch) in left {
            let over = self
                .branches
                .get(&branch)
                .map(|branch| branch.session.flow());
            if over == Some(flow) {
                self.end(cx, leg, LegEvent::HungUp(Cause::Vanished));
                self.refuse(cx, branch, Cause::Vanished);
            }
        }
        self.reconnect(cx, flow);
    }

    /// Performs an effect of the switch; ignores what is not signalling, and legs that are gone.
    pub(crate) fn perform(
        &mut self,
        hub: &mut Hub,
        now: Now,
        ports: &mut dyn Ports,
        effect: &Effect,
    ) {
        let cx = &mut Cx { hub, now };
        match effect {
            Effect::Ring(ring) => self.ring(cx, ports, ring),
            Effect::Alert(leg) => self.alert(cx, *leg),
            Effect::Progress(leg) => self.progress(cx, ports, *leg),
            Effect::Answer(leg) => self.answer(cx, ports, *leg),
            Effect::HangUp(leg, cause) => self.hang_up(cx, *leg, *cause),
            Effect::Identify(leg, party) => self.identify(cx, *leg, party),
            Effect::SendDigit(leg, digit) => self.send_digit(cx, *leg, *digit),
            Effect::TransferProgress(leg, progress) => {
                self.transfer_progress(cx, *leg, *progress);
            }
            Effect::Mix(..)
            | Effect::Play { .. }
            | Effect::Silence(_)
            | Effect::Echo(..)
            | Effect::Record { .. }
            | Effect::TakeDown { .. }
            | Effect::Discard(_)
            | Effect::PauseRecording(..)
            | Effect::StopRecording(_)
            | Effect::Ask(..)
            | Effect::Fact(_) => {}
        }
    }

    /// Media noticed something of a leg.
    pub(crate) fn media(&mut self, hub: &mut Hub, now: Now, leg: LegId, notice: MediaNotice) {
        let cx = &mut Cx { hub, now };
        match notice {
            MediaNotice::Silent => self.fell_silent(cx, leg),
        }
    }

    /// Does what is due.
    pub(crate) fn timeout(&mut self, hub: &mut Hub, now: Now) {
        let cx = &mut Cx { hub, now };
        self.lose_patience(cx);
        while let Some(&(at, id)) = self.due.first() {
            if at > cx.time() {
                return;
            }
            self.due.pop_first();
            if let Some(branch) = self.branches.get_mut(&id) {
                branch.due = None;
            }
            self.command(cx, id, Session::timeout);
        }
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        let due = self.due.first().map(|(at, _)| Time(at.0));
        due.into_iter().chain(self.patience_ends()).min()
    }
}

/// How sessions are driven.
impl Legs {
    /// Adds a branch to a leg.
    fn add(&mut self, cx: &mut Cx<'_>, id: SessionId, branch: Branch) {
        let session = &branch.session;
        cx.trace(branch.leg, session.call_id());
        self.tags.insert(session.local_tag().to_owned(), id);
        self.branches.insert(id, branch);
        self.take_up(cx, id);
    }

    /// Commands a session, and takes up what comes of it.
    fn command(
        &mut self,
        cx: &mut Cx<'_>,
        id: SessionId,
        command: impl FnOnce(&mut Session, sip::Time, &mut Transactions),
    ) {
        let time = cx.time();
        if let Some(branch) = self.branches.get_mut(&id) {
            command(&mut branch.session, time, &mut cx.hub.transactions);
        }
        self.take_up(cx, id);
    }

    /// Takes up what happened in a session, then notes when it is due, or forgets it when it is over.
    fn take_up(&mut self, cx: &mut Cx<'_>, id: SessionId) {
        while let Some(event) = self
            .branches
            .get_mut(&id)
            .and_then(|branch| branch.session.poll())
        {
            self.happened(cx, id, event);
        }
        let Some(branch) = self.branches.get_mut(&id) else {
            return;
        };
        let over = branch.session.is_over();
        let next = branch.session.next_deadline().filter(|_| !over);
        if branch.due != next {
            if let Some(before) = branch.due {
                self.due.remove(&(before, id));
            }
            self.due.extend(next.map(|at| (at, id)));
            branch.due = next;
        }
        if over {
            self.tags.remove(branch.session.local_tag());
            self.branches.remove(&id);
        }
    }

    fn happened(&mut self, cx: &mut Cx<'_>, id: SessionId, event: Event) {
        match event {
            Event::Ringing => self.rings(cx, id),
            Event::EarlyAnswer(answer) => self.heard_early(cx, id, &answer),
            Event::Answer(answer) => self.answer_came(cx, id, &answer),
            Event::Answered(_) => self.answered(cx, id),
            Event::Failed(failure) => {
                let said = failure.response.as_ref().map(Response::status);
                let insisted = said.and_then(|status| self.insist(cx, id, status));
                if insisted.is_none() {
                    self.refused(cx, id, failure.status);
                }
            }
            Event::Offered(offer) => self.offered(cx, id, &offer),
            Event::OfferWanted(wanted) => self.offer_wanted(cx, id, wanted),
            Event::OfferFailed(_) => self.offer_failed(id),
            Event::Asked { server, request } => self.asked(cx, id, server, &request),
            Event::Challenged { request, response } => {
                self.challenged(cx, id, request, &response);
            }
            Event::Ended(ended) => self.ended(cx, id, ended),
            // Identity is the registration's, whatever the phone says of it within the call.
            Event::Identified(_)
            | Event::Progress(_)
            | Event::Confirmed
            | Event::OfferWithdrawn => {}
            Event::Replied { request, status } => self.replied(id, request, status),
        }
    }

    /// A session is over, and not because its INVITE failed.
    fn ended(&mut self, cx: &mut Cx<'_>, id: SessionId, ended: Ended) {
        let (cause, bye) = match ended {
            Ended::HungUp(hung_up) => (Cause::Normal, Some(hung_up)),
            Ended::Cancelled(_) => (Cause::Normal, None),
            Ended::Finished => (Cause::Failed, None),
            Ended::Vanished => (Cause::Vanished, None),
        };
        let leg = self.leg_of(id);
        match leg
            .and_then(|leg| self.legs.get(&leg))
            .map(|leg| &leg.stage)
        {
            Some(Stage::Ringing(_)) => self.refused(cx, id, NO_ANSWER),
            Some(Stage::Calling(_) | Stage::Talking(_)) => {
                if let Some(leg) = leg {
                    self.end(cx, leg, LegEvent::HungUp(cause));
                }
            }
            None => {}
        }
        if let Some(bye) = bye {
            // What the switch makes of the end of the call is stored before the phone is told that we know.
            cx.hub.respond_when_stored(cx.now, bye.server, bye.answer);
        }
    }

    /// The leg that a branch still speaks for.
    fn leg_of(&self, id: SessionId) -> Option<LegId> {
        let leg = self.branches.get(&id)?.leg;
        let speaks = self.legs.get(&leg)?.stage.has(id);
        speaks.then_some(leg)
    }

    /// The one branch that sound goes to and comes from.
    fn branch_of(&mut self, leg: LegId) -> Option<(SessionId, &mut Branch)> {
        let id = self.legs.get(&leg)?.stage.branch()?;
        Some((id, self.branches.get_mut(&id)?))
    }

    /// A leg is over, and the switch is told so.
    fn end(&mut self, cx: &mut Cx<'_>, leg: LegId, news: LegEvent) {
        self.rang_at(cx, leg);
        if let Some(ended) = self.legs.remove(&leg) {
            cx.tell(leg, news);
            close(cx, leg, &ended);
        }
    }

    /// Takes a leg off because the switch is done with it.
    fn take_off(&mut self, cx: &mut Cx<'_>, leg: LegId) -> Option<Stage> {
        self.rang_at(cx, leg);
        let ended = self.legs.remove(&leg)?;
        close(cx, leg, &ended);
        Some(ended.stage)
    }
}

/// Ends the leg's sound, if it had any.
fn close(cx: &mut Cx<'_>, leg: LegId, ended: &Leg) {
    if ended.port.is_some() {
        cx.media(MediaOrder::Close(leg));
    }
}

/// Whether a response is a 2xx to an INVITE, which has to be acknowledged in any case.
fn answers_invite(response: &Response) -> bool {
    let is_invite = response
        .cseq()
        .is_ok_and(|cseq| cseq.method == Method::Invite);
    is_invite && (200..300).contains(&response.status())
}

/// More legs than anybody has phones.
const LEGS_MAX: usize = 20_000;

/// What a phone's silence counts as.
const NO_ANSWER: u16 = 408;
