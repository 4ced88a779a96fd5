//! The edge: phones and trunks on one side, the switch on the other, without any I/O.
//!
//! [`Edge`] is told what arrives and when, and says in [`Output`] what is to be done. A request passes,
//! in this order:
//!
//! 1. `front.rs`, the front door: is it well-formed, do we serve it, may it go on;
//! 2. `auth.rs`: who sent it, proven by password or, for trunks, by address;
//! 3. `registration.rs` (phones say where they are) or `legs/` (calls).
//!
//! **Invariant:** no clock, no randomness, no socket. Nothing is remembered of a request until its sender
//! has proven who he is; identity is never taken from From.
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod auth;
mod binding;
mod capabilities;
mod credentials;
mod dialled;
mod front;
mod guard;
mod held;
mod hub;
mod label;
mod legs;
mod notifier;
mod output;
mod owner;
mod passes;
mod qualify;
mod refusal;
mod register;
mod registrar;
mod registration;
mod settings;
mod trace;
mod trunks;

pub use binding::{Binding, Nat};
pub use dialled::dialled;
pub use label::Label;
pub use legs::{LegDirection, LegState, LegView};
pub use output::{MediaNotice, MediaOrder, Output, Ports, Ticket};
pub use passes::Pass;
pub use registration::RegistrationView;
pub use settings::Settings;
pub use trace::{Shown, TRACED_BYTES_MAX};
pub use trunks::{Found, Lookup, TrunkState, TrunkView};

use crate::auth::{Gate, Identity};
use crate::front::Business;
use crate::hub::{Admission, Hub, sip_time};
use crate::legs::{Invite, Legs};
use crate::notifier::Notifier;
use crate::owner::Owner;
use crate::passes::Passes;
use crate::qualify::Qualify;
use crate::refusal::Refusal;
use crate::trunks::Trunks;
use model::{Directory, Effect, Fact, LegId, MessageCounts, Now, Number, Time};
use sip::message::{Malformed, Message, Method, Request};
use sip::transaction::{self, Arrived};
use sip::{Flow, Seed};
use std::mem;
use std::sync::Arc;

/// Everything between the wire and the switch. After each call [`Edge::poll`] is drained.
#[derive(Debug)]
pub struct Edge {
    hub: Hub,
    gate: Gate,
    qualify: Qualify,
    trunks: Trunks,
    legs: Legs,
    notifier: Notifier,
}

impl Edge {
    /// An edge that takes up the registrations of an earlier run. Already now it may have outputs.
    #[must_use]
    pub fn new(
        settings: Settings,
        directory: Arc<Directory>,
        bindings: Vec<Binding>,
        seed: impl Into<Seed>,
        now: Now,
    ) -> Self {
        let seed = seed.into();
        let gate = Gate::new(&settings, seed);
        let mut edge = Self {
            hub: Hub::new(settings, directory, seed),
            gate,
            qualify: Qualify::default(),
            trunks: Trunks::default(),
            legs: Legs::default(),
            notifier: Notifier::default(),
        };
        edge.restore_registrations(now, bindings);
        edge.trunks.revise(&mut edge.hub, now);
        edge.collect(now);
        edge
    }

    /// Takes one whole message that arrived on `flow`. Returns what it is; `None` when it is none, or comes from
    /// somebody who is not heard.
    pub fn receive(&mut self, now: Now, flow: Flow, bytes: &[u8]) -> Option<Label> {
        if self.is_shut_out(now, &flow) {
            if flow.transport.is_reliable() {
                self.hub.output(Output::Close(flow));
            }
            return None;
        }
        let label = match Message::parse(bytes) {
            Ok(message) => {
                let label = Label::of(&message);
                self.arrived(now, flow, message);
                Some(label)
            }
            Err(malformed) => {
                self.malformed(flow, &malformed);
                Label::read(bytes)
            }
        };
        self.collect(now);
        label
    }

    /// A stream connection is gone, or one that was asked for could not be opened (its flow then names no
    /// connection). Not to be called while the server itself ends: then phones stay
    /// registered for the next start.
    pub fn disconnected(&mut self, now: Now, flow: Flow) {
        self.hub.transactions.transport_failed(flow);
        let changes = self.hub.registrar.disconnected(&flow);
        self.apply(now, changes);
        self.legs.disconnected(&mut self.hub, now, flow);
        self.trunks.disconnected(&mut self.hub, now, &flow);
        self.notifier.disconnected(flow);
        self.hub.passes.disconnected(&flow);
        self.collect(now);
    }

    /// Performs an effect of the switch; ignores what is not signalling.
    pub fn perform(&mut self, now: Now, effect: &Effect, ports: &mut dyn Ports) {
        self.legs.perform(&mut self.hub, now, ports, effect);
        self.collect(now);
    }

    /// Hears of something that happened in the switch.
    pub fn fact(&mut self, now: Now, fact: &Fact) {
        let (notifier, cx) = self.notifying(now);
        notifier.fact(&cx, fact);
        self.collect(now);
    }

    /// A mailbox has so many messages: the lamps of its owner's phones show it.
    pub fn messages(&mut self, now: Now, mailbox: Number, counts: MessageCounts) {
        let (notifier, cx) = self.notifying(now);
        notifier.messages(&cx, mailbox, counts);
        self.collect(now);
    }

    /// Takes a new configuration. The switch gets it from the shell. With the portal off no page has a call any longer.
    pub fn directory(&mut self, now: Now, directory: Arc<Directory>) {
        let old = mem::replace(&mut self.hub.directory, directory);
        self.drop_revoked(now, &old);
        if !self.hub.directory.system.portal {
            self.legs.cut(&mut self.hub, now, Passes::are_of);
        }
        self.trunks.revise(&mut self.hub, now);
        let (notifier, mut cx) = self.notifying(now);
        notifier.directory(&mut cx, &old);
        self.collect(now);
    }

    /// A page may prove itself with this from here on.
    pub fn admit(&mut self, now: Now, pass: Pass) {
        self.hub.passes.admit(now.mono, pass);
    }

    /// A session of the portal is over, and with it its passes, and the connections and calls that were made with them.
    pub fn revoke(&mut self, now: Now, session: u64) {
        let flows = self.hub.passes.revoke(session);
        self.legs
            .cut(&mut self.hub, now, |flow| flows.contains(flow));
        // Pages are told that their calls are over before they are cut off.
        self.collect(now);
        for flow in flows {
            self.hub.output(Output::Close(flow));
        }
    }

    /// Where a trunk is that [`Output::Resolve`] asked for; `None` when it was not found.
    pub fn resolved(&mut self, now: Now, trunk: &str, found: Option<Found>) {
        self.trunks.found(&mut self.hub, now, trunk, found);
        self.collect(now);
    }

    /// Media noticed something of a leg.
    pub fn media(&mut self, now: Now, leg: LegId, notice: MediaNotice) {
        self.legs.media(&mut self.hub, now, leg, notice);
        self.collect(now);
    }

    /// What was put out before [`Output::Barrier`] is on disk.
    pub fn committed(&mut self, now: Now, ticket: Ticket) {
        self.hub.committed(now, ticket);
        self.collect(now);
    }

    /// Takes no new calls from here on: they are answered with 503. Phones still register, and calls in
    /// progress go on. Trunks are told that we cannot be reached.
    pub fn drain(&mut self, now: Now) {
        self.hub.admission = Admission::Draining;
        self.trunks.leave(&mut self.hub, now);
        self.collect(now);
    }

    /// Does what is due by `now`.
    pub fn timeout(&mut self, now: Now) {
        self.hub.timeout(now);
        let ended = self.hub.registrar.timeout(now.mono);
        self.apply(now, ended);
        self.qualify.timeout(&mut self.hub, now);
        self.trunks.timeout(&mut self.hub, now);
        self.legs.timeout(&mut self.hub, now);
        self.collect(now);
    }

    /// When [`Self::timeout`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        [
            self.hub.next_deadline(),
            self.qualify.next_deadline(),
            self.trunks.next_deadline(),
            self.legs.next_deadline(),
            self.notifier.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.hub.poll()
    }

    /// The registered phones.
    pub fn registrations(&self, now: Now) -> impl Iterator<Item = RegistrationView> + '_ {
        registration::views(&self.hub, now)
    }

    /// How many phones are registered.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.hub.registrar.len()
    }

    /// The trunks.
    pub fn trunks(&self, now: Now) -> impl Iterator<Item = TrunkView> + '_ {
        self.trunks.views(&self.hub, now)
    }

    /// Whether a trunk is being told that we cannot be reached any longer.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.trunks.is_leaving()
    }

    /// The legs.
    pub fn legs(&self) -> impl Iterator<Item = LegView> + '_ {
        self.legs.views()
    }

    /// How many SIP sessions there are: those of legs, and those of calls that are over until their phones
    /// know it.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.legs.sessions()
    }

    /// How many subscriptions there are.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.notifier.len()
    }

    /// How many addresses are banned.
    #[must_use]
    pub fn bans(&self, now: Now) -> usize {
        self.hub.guard.bans(now.mono)
    }
}

/// What arrives.
impl Edge {
    /// Whether nothing is heard from there. A trunk there, and a phone that is registered over just this flow,
    /// are not made to suffer for a neighbour behind the same address; `auth.rs` sees to it that this helps
    /// nobody guess.
    fn is_shut_out(&self, now: Now, flow: &Flow) -> bool {
        self.hub.guard.is_banned(now.mono, flow.remote.ip())
            && self.hub.book.at(flow).is_none()
            && self.hub.registrar.registered_over(flow).next().is_none()
    }

    fn malformed(&mut self, flow: Flow, malformed: &Malformed) {
        let Some(request) = malformed.request() else {
            return;
        };
        let tag = self.hub.stateless_tag(request);
        if let Some(response) = malformed.refusal(&tag) {
            self.hub.reply(flow, request, &response);
        }
    }

    fn arrived(&mut self, now: Now, flow: Flow, message: Message) {
        let time = sip_time(now.mono);
        let Some(arrived) = self.hub.transactions.receive(time, flow, message) else {
            return;
        };
        let owner = match &arrived {
            Arrived::Request(request) => return self.request(now, flow, request),
            Arrived::StrayResponse(response) => {
                return self.legs.stray(&mut self.hub, now, flow, response);
            }
            // The ACK of what is no session is part of nothing, and nobody answers an ACK.
            Arrived::Ack(ack) => self.legs.session_of(ack).map(Owner::Session),
            Arrived::Cancel { owner, .. } | Arrived::Response { owner, .. } => {
                Some((*owner).into())
            }
        };
        match owner {
            Some(Owner::Session(session)) => {
                self.legs
                    .receive(&mut self.hub, now, flow, session, arrived);
            }
            Some(Owner::Phone(phone)) => self.qualify.answered(&mut self.hub, now, phone, flow),
            Some(Owner::Subscription(id)) => {
                if let Arrived::Response { response, .. } = &arrived {
                    self.notifier.answered(now, id, response.status());
                }
            }
            Some(Owner::Trunk(question)) => {
                if let Arrived::Response { response, .. } = &arrived {
                    self.trunks.answered(&mut self.hub, now, question, response);
                }
            }
            Some(Owner::Nobody) | None => {}
        }
    }

    fn request(&mut self, now: Now, flow: Flow, request: &Request) {
        if let Err(refusal) = self.serve(now, flow, request) {
            self.hub.refuse(flow, request, &refusal);
        }
    }

    /// Serves a new request, or says why not.
    fn serve(&mut self, now: Now, flow: Flow, request: &Request) -> Result<(), Refusal> {
        let here = self.hub.settings.here(&flow);
        let business = front::examine(request, &here)?;
        if self.hub.transactions.is_merged(request) {
            return Err(Refusal::new(482));
        }
        match business {
            Business::InDialog => return self.in_dialog(now, flow, request),
            Business::Options => {
                let tag = self.hub.stateless_tag(request);
                let answer = capabilities::options(request, &self.hub.settings)
                    .to_tag(tag)
                    .finish();
                self.hub.reply(flow, request, &answer);
                return Ok(());
            }
            Business::Register
            | Business::Invite
            | Business::Subscribe
            | Business::Refer
            | Business::Unserved => {}
        }
        let Some(identity) = self.gate.identify(&mut self.hub, now, flow, request)? else {
            return Ok(());
        };
        match (business, identity) {
            (Business::Register, Identity::Extension(extension)) => {
                self.register(now, extension, flow, request)
            }
            // A trunk has no phones here.
            (Business::Register, Identity::Trunk(_)) => Err(Refusal::new(403)),
            (Business::Invite, caller) => self.invite(now, flow, request, caller),
            (Business::Subscribe, Identity::Extension(watcher)) => {
                let (notifier, mut cx) = self.notifying(now);
                notifier.subscribe(&mut cx, flow, request, watcher)
            }
            (Business::Subscribe, Identity::Trunk(_)) => Err(Refusal::new(403)),
            // A transfer is asked for within the call that it is about.
            (Business::Refer, _) => Err(Refusal::new(403)),
            (Business::Unserved, _) => Err(Refusal::not_allowed()),
            (Business::InDialog | Business::Options, _) => Ok(()),
        }
    }

    fn in_dialog(&mut self, now: Now, flow: Flow, request: &Request) -> Result<(), Refusal> {
        if let Some(id) = self.notifier.of(request)
            && request.method() == Method::Subscribe
        {
            let (notifier, mut cx) = self.notifying(now);
            return notifier.refresh(&mut cx, flow, request, id);
        }
        let session = self
            .legs
            .session_of(request)
            .ok_or_else(|| Refusal::new(481))?;
        let arrived = Arrived::Request(request.clone());
        self.legs
            .receive(&mut self.hub, now, flow, session, arrived);
        Ok(())
    }

    fn invite(
        &mut self,
        now: Now,
        flow: Flow,
        request: &Request,
        caller: Identity,
    ) -> Result<(), Refusal> {
        if self.hub.admission == Admission::Draining {
            return Err(Refusal::later());
        }
        let session = self.legs.next_session();
        let hub = &mut self.hub;
        if let Some(server) = hub.accept(now, flow, request, Owner::Session(session)) {
            let invite = Invite {
                session,
                origin: caller.into(),
                server,
                flow,
                request,
            };
            self.legs.invite(hub, now, invite);
        }
        Ok(())
    }

    /// The notifier and what it looks at.
    fn notifying(&mut self, now: Now) -> (&mut Notifier, notifier::Cx<'_>) {
        let cx = notifier::Cx {
            hub: &mut self.hub,
            legs: &self.legs,
            now,
        };
        (&mut self.notifier, cx)
    }

    /// Makes known what has changed, and takes over what the transactions have put out.
    fn collect(&mut self, now: Now) {
        self.take_over(now);
        while let Some((number, aspect)) = self.hub.touched() {
            let (notifier, cx) = self.notifying(now);
            notifier.changed(&cx, number, aspect);
        }
        let (notifier, mut cx) = self.notifying(now);
        notifier.timeout(&mut cx);
        self.take_over(now);
    }

    /// Takes over what the transactions have put out.
    fn take_over(&mut self, now: Now) {
        while let Some(output) = self.hub.transactions.poll() {
            let owner = match output {
                transaction::Output::Send { flow, bytes } => {
                    self.hub.send(flow, bytes);
                    continue;
                }
                transaction::Output::NoAck(_, owner)
                | transaction::Output::TimedOut(_, owner)
                | transaction::Output::Failed(_, owner) => owner,
            };
            match owner.into() {
                Owner::Session(session) => self.legs.notice(&mut self.hub, now, session, &output),
                Owner::Phone(phone) => self.qualify.unanswered(&mut self.hub, now, phone),
                Owner::Subscription(id) => self.notifier.unanswered(id),
                Owner::Trunk(question) => self.trunks.unanswered(&mut self.hub, now, question),
                Owner::Nobody => {}
            }
        }
    }
}
