//! Calls: INVITE in and out, and everything within their dialogs.

#![allow(clippy::needless_pass_by_ref_mut, dead_code, reason = "calls follow")]

use crate::hub::Hub;
use crate::{MediaNotice, Ports};
use model::{Effect, LegId, Now, Origin, Time};
use sip::Flow;
use sip::message::{Request, Response};
use sip::transaction::{Arrived, Output, ServerId};
use std::net::SocketAddr;

/// All legs.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    last_session: u64,
}

/// Names a session: one INVITE and its dialogs. A leg that rings several phones has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) u64);

/// A call that was let in: well-formed, from somebody who proved who he is, with room for it.
#[derive(Debug)]
pub(crate) struct Invite<'a> {
    /// Its session, from [`Legs::next_session`].
    pub(crate) session: SessionId,
    /// Who calls.
    pub(crate) origin: Origin,
    /// The INVITE's transaction.
    pub(crate) server: ServerId,
    /// Which way it came.
    pub(crate) flow: Flow,
    /// The INVITE.
    pub(crate) request: &'a Request,
}

impl Legs {
    /// The name of the next session.
    pub(crate) const fn next_session(&mut self) -> SessionId {
        self.last_session = self.last_session.wrapping_add(1);
        SessionId(self.last_session)
    }

    /// A new call.
    pub(crate) fn invite(&mut self, hub: &mut Hub, now: Now, invite: Invite<'_>) {
        let _ = (hub, now, invite);
    }

    /// The session whose dialog a request belongs to, by the tag of To.
    pub(crate) fn session_of(&self, request: &Request) -> Option<SessionId> {
        let _ = request;
        None
    }

    /// Something arrived for a session: a request of its dialog, an ACK, a CANCEL, a response.
    pub(crate) fn receive(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        session: SessionId,
        arrived: Arrived,
    ) {
        let _ = (hub, now, flow, session, arrived);
    }

    /// A 2xx to an INVITE whose transaction is over.
    pub(crate) fn stray(&mut self, hub: &mut Hub, now: Now, flow: Flow, response: &Response) {
        let _ = (hub, now, flow, response);
    }

    /// A transaction of a session ended without an answer.
    pub(crate) fn notice(&mut self, hub: &mut Hub, now: Now, session: SessionId, output: &Output) {
        let _ = (hub, now, session, output);
    }

    /// Performs an effect of the switch; ignores what is not signalling.
    pub(crate) fn perform(
        &mut self,
        hub: &mut Hub,
        now: Now,
        ports: &mut dyn Ports,
        effect: &Effect,
    ) {
        let _ = (hub, now, ports, effect);
    }

    /// Media noticed something of a leg.
    pub(crate) fn media(&mut self, hub: &mut Hub, now: Now, leg: LegId, notice: MediaNotice) {
        let _ = (hub, now, leg, notice);
    }

    /// A stream connection is gone.
    pub(crate) fn disconnected(&mut self, hub: &mut Hub, now: Now, flow: Flow) {
        let _ = (hub, now, flow);
    }

    /// Does what is due.
    pub(crate) fn timeout(&mut self, hub: &mut Hub, now: Now) {
        let _ = (hub, now);
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// The legs as the administrator sees them.
    pub(crate) fn views(&self) -> impl Iterator<Item = LegView> + '_ {
        std::iter::empty()
    }
}

/// A leg as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegView {
    /// The leg.
    pub leg: LegId,
    /// Extension or trunk.
    pub party: String,
    /// Who called whom.
    pub direction: LegDirection,
    /// How far it is.
    pub state: LegState,
    /// The codec that was agreed.
    pub codec: Option<String>,
    /// Where its sound goes.
    pub remote: Option<SocketAddr>,
    /// When it began.
    pub since: Time,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegDirection {
    /// The party called us.
    In,
    /// We called the party.
    Out,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Not answered.
    Ringing,
    /// Answered.
    Answered,
    /// Answered, and the party put us on hold.
    Held,
}
