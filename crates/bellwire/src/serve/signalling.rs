//! The signalling thread: edge, switch and edge again, with no lock and nothing to wait for but the next
//! packet.

mod ending;
mod figures;
mod lookups;
mod mailboxes;
mod questions;
mod zone;

pub(super) use ending::End;
pub(super) use figures::Figures;
pub(super) use zone::Zone;

use super::binding;
use super::clock::Clock;
use super::dns::Dns;
use super::inbox::{Event, Events, Inbox};
use super::lookup::Ends;
use super::streams::Streams;
use super::traces::Traces;
use super::udp::Udp;
use crate::health::Readiness;
use crate::journal::{Header, Writer};
use crate::metrics::{Metrics, Way};
use api::Teller;
use edge::{Edge, Label, MediaOrder, Output, Ports};
use media::{MediaEvent, Plane};
use model::{Effect, Fact, Input, LegId, Now, Site, WakeUpOutcome};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sip::Flow;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use switch::Switch;

/// Everything that signalling works with.
pub(super) struct Signalling {
    /// SIP.
    pub(super) edge: Edge,
    /// Calls.
    pub(super) switch: Switch,
    /// The seed of the switch.
    pub(super) seed: u64,
    /// Sound.
    pub(super) plane: Plane,
    /// What lasts.
    pub(super) store: Store,
    /// Whoever shows what happens to people.
    pub(super) teller: Teller,
    /// The configuration in force.
    pub(super) site: Arc<Site>,
    /// What the switch was told; `None` when it cannot be written.
    pub(super) journal: Option<Writer>,
    /// Figures.
    pub(super) metrics: Arc<Metrics>,
    /// What calls have been through.
    pub(super) traces: Traces,
    /// Our ends of the ways to trunks.
    pub(super) ends: Ends,
    /// Where trunks are that have a name.
    pub(super) dns: Dns,
    /// UDP.
    pub(super) udp: Udp,
    /// TCP, TLS, WebSocket.
    pub(super) streams: Streams,
    /// What others say.
    pub(super) events: Events,
    /// Where others say it.
    pub(super) inbox: Inbox,
    /// The clock.
    pub(super) clock: Clock,
    /// Whether calls are taken.
    pub(super) readiness: Readiness,
    /// How long the last calls are waited for.
    pub(super) drain: Duration,
    /// How far it is on the way to the end.
    pub(super) end: End,
    /// What was last shown.
    pub(super) figures: Figures,
    /// What the switch knows of the site's clocks.
    pub(super) zone: Zone,
    /// For the switch, as soon as it has done what it is doing.
    pub(super) next: VecDeque<Input>,
}

impl Signalling {
    /// Works until the server ends.
    pub(super) fn run(mut self) {
        loop {
            let now = self.clock.now();
            self.tick(now);
            if self.is_over(now) {
                return;
            }
            let readable = self.wait();
            self.figures.stale = true;
            for place in readable {
                self.datagrams(place);
            }
            self.events.hush();
            for _ in 0..EVENTS_AT_ONCE {
                let Some(event) = self.events.next() else {
                    break;
                };
                self.event(event);
            }
        }
    }

    /// Does what is due.
    fn tick(&mut self, now: Now) {
        if self.edge.next_deadline().is_some_and(|at| at <= now.mono) {
            self.edge.timeout(now);
        }
        if self.switch.next_deadline().is_some_and(|at| at <= now.mono) {
            self.next.push_back(Input::Timeout);
        }
        if self.zone.due <= now.mono {
            self.look_at_the_clock(now);
        }
        self.work(now);
        self.turn_journal();
        if self.figures.due <= now.mono {
            self.show_figures(now);
        }
    }

    /// Sleeps until something comes or is due; says which UDP sockets can be read.
    fn wait(&self) -> Vec<usize> {
        let now = self.clock.now().mono;
        let due = [self.edge.next_deadline(), self.switch.next_deadline()];
        let due = due.into_iter().flatten().min();
        let end = match self.end {
            End::Not => None,
            End::Draining(at) | End::HungUp(at) => Some(at.min(now + CHECK_END_EVERY)),
        };
        let figures = self.figures.stale.then_some(self.figures.due);
        let until = due.into_iter().chain(end).chain(figures).min();
        let patience = until.map_or(SLEEP_MAX, |at| at.since(now).min(SLEEP_MAX));
        let bell = self.events.bell();
        let mut fds: Vec<PollFd<'_>> = std::iter::once(bell)
            .chain(self.udp.fds())
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let timeout = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        // Interrupted by a signal: nothing is readable then.
        let _ = poll(&mut fds, Some(&timeout));
        let sockets = fds.iter().skip(1).enumerate();
        sockets
            .filter(|(_, fd)| !fd.revents().is_empty())
            .map(|(place, _)| place)
            .collect()
    }

    /// Reads what a UDP socket has, but not for ever.
    fn datagrams(&mut self, place: usize) {
        for _ in 0..DATAGRAMS_AT_ONCE {
            let Some((flow, bytes)) = self.udp.receive(place) else {
                return;
            };
            // RFC 5626 keep-alives and stray empty datagrams need no answer over UDP.
            let now = self.clock.now();
            if let Some(label) = self.edge.receive(now, flow, bytes) {
                self.metrics.sip_message(label, Way::In);
                if label.is_of_call() {
                    self.traces.message(now.wall, Way::In, flow, bytes);
                }
            }
            self.work(now);
        }
    }

    fn event(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Connected(flow, to_writer) => self.streams.connected(flow, to_writer),
            Event::Message(flow, bytes) => {
                let label = self.edge.receive(now, flow, &bytes);
                self.observe(now, Way::In, flow, label, &bytes);
            }
            Event::Disconnected(flow) => {
                let asked_for = self.streams.disconnected(&flow);
                self.edge.disconnected(now, flow);
                // What was sent to have it opened fails too.
                if let Some(flow) = asked_for {
                    self.edge.disconnected(now, flow);
                }
            }
            Event::Resolved(trunk, servers) => self.resolved(now, &trunk, servers),
            Event::Media(MediaEvent::Leg(leg, event)) => {
                self.next.push_back(Input::Leg(leg, event));
            }
            Event::Media(MediaEvent::Silent(leg)) => {
                self.edge.media(now, leg, edge::MediaNotice::Silent);
            }
            Event::Committed(ticket) => self.edge.committed(now, ticket),
            Event::Saved(question, outcome) => self.saved(question, outcome),
            Event::Known(question, reply) => self.next.push_back(Input::Answer(question, reply)),
            Event::Messages(mailbox, counts) => self.edge.messages(now, mailbox, counts),
            Event::Site(site) => self.take(site),
            Event::SoundCheck(extension) => self.next.push_back(Input::SoundCheck(extension)),
            Event::Command(command) => self.next.push_back(Input::Command(command)),
            Event::Admit(pass) => self.edge.admit(now, pass),
            Event::Revoke(session) => self.edge.revoke(now, session),
            Event::Look(look) => look(self),
            Event::End => self.end_more(now),
        }
        self.work(now);
    }

    /// Feeds the switch and does what edge and switch want, until neither wants anything.
    fn work(&mut self, now: Now) {
        loop {
            while let Some(output) = self.edge.poll() {
                self.output(now, output);
            }
            let Some(input) = self.next.pop_front() else {
                return;
            };
            self.switch(now, input);
        }
    }

    fn output(&mut self, now: Now, output: Output) {
        match output {
            Output::Send { flow, bytes } => self.send(now, flow, bytes),
            Output::Close(flow) => {
                if let Some(id) = flow.connection {
                    self.streams.close(id);
                }
            }
            Output::Switch(input) => self.switch(now, input),
            Output::Media(order) => self.order(order),
            // The barrier that follows tells when it is written.
            Output::Bind(binding) => drop(self.store.put_binding(binding::row(&binding))),
            Output::Unbind { extension, contact } => {
                drop(self.store.remove_binding(extension, contact));
            }
            Output::Barrier(ticket) => {
                let inbox = self.inbox.clone();
                // A disk that refuses has its own alarm; the edge waits no longer than it must.
                self.store
                    .barrier_then(move |_| inbox.tell(Event::Committed(ticket)));
            }
            Output::Dialog { leg, call_id } => self.traces.dialog(leg, call_id),
            Output::Resolve(lookup) => self.look_up(now, lookup),
            Output::AuthFailed { address, banned } => {
                tracing::warn!(%address, ?banned, "wrong password");
                self.metrics.auth_failed();
            }
        }
    }

    fn switch(&mut self, now: Now, input: Input) {
        if let Some(journal) = &self.journal {
            journal.put(now, &input);
        }
        let waited = self.clock.now().mono.since(now.mono);
        self.metrics.switch_lag(waited);
        for effect in self.switch.handle(now, input) {
            self.perform(now, effect);
        }
    }

    fn perform(&mut self, now: Now, effect: Effect) {
        match effect {
            Effect::Ask(question, what) => self.ask(question, what),
            Effect::Fact(fact) => self.fact(now, fact),
            Effect::Discard(recording) => self.discard(recording),
            effect => {
                let ports = &mut OpenPorts(&mut self.plane);
                self.edge.perform(now, &effect, ports);
                self.plane.perform(&effect);
            }
        }
    }

    /// Calls in progress go on with the new configuration.
    fn take(&mut self, site: Arc<Site>) {
        self.edge
            .directory(self.clock.now(), Arc::clone(&site.directory));
        let directory = Arc::clone(&site.directory);
        self.next.push_back(Input::Directory(directory));
        // Trunks are asked at once how they are, over connections that the new configuration vouches for.
        self.site = site;
        if !self.site.directory.system.portal {
            // Pages are told that their calls are over before they are cut off.
            self.work(self.clock.now());
            self.streams.close_browsers();
        }
        self.look_at_the_clock(self.clock.now());
    }

    fn fact(&mut self, now: Now, mut fact: Fact) {
        if let Fact::Ended(record) = &mut fact {
            let legs = record.legs.iter();
            let known = legs.filter_map(|leg| self.plane.quality(*leg));
            record.quality = known.collect();
            if let Some(journal) = &self.journal {
                journal.rate(now, record);
            }
        }
        if let Fact::Emergency { call, by, number } = &fact {
            // Whoever looks after the house wants to know at once, whatever privacy says otherwise.
            tracing::warn!(%call, by = by.map(|by| by.to_string()), %number, "an emergency number is called");
        }
        if let Fact::WokenUp {
            extension,
            outcome: WakeUpOutcome::NotAnswered | WakeUpOutcome::Missed,
            ..
        } = &fact
        {
            tracing::warn!(%extension, "a wake-up call woke nobody");
        }
        if let Fact::PinRefused { leg, of } = &fact {
            let party = self.edge.legs().find(|known| known.leg == *leg);
            let by = party.map(|known| known.party);
            tracing::warn!(by, of = of.map(|of| of.to_string()), "a wrong PIN");
            self.metrics.auth_failed();
        }
        self.store.note(now.wall, &fact);
        self.traces.fact(now.wall, &fact);
        self.edge.fact(now, &fact);
        if !matches!(fact, Fact::Ended(_)) {
            self.teller.fact(now.wall, &fact);
        }
        if let Fact::Ended(record) = fact {
            self.metrics.call_ended(&record);
            tracing::info!(call = %record.call, caller = %record.caller, callee = %record.callee,
                status = ?record.status, cause = ?record.cause, talked = ?record.talked, "call ended");
            // Whoever hears that the call ended finds its record.
            let (teller, ended) = (self.teller.clone(), Fact::Ended(record.clone()));
            self.store.put_record_then(record, move |written| {
                if let Err(error) = written {
                    tracing::error!(%error, "a call record was not written");
                }
                teller.fact(now.wall, &ended);
            });
        }
    }

    fn order(&mut self, order: MediaOrder) {
        match order {
            MediaOrder::Stream(leg, stream) => self.plane.stream(leg, *stream),
            MediaOrder::Close(leg) => self.plane.close(leg),
            MediaOrder::Key(leg, digit) => self.plane.key(leg, digit),
            MediaOrder::SendKey(leg, digit) => self.plane.send_key(leg, digit),
        }
    }

    fn send(&mut self, now: Now, flow: Flow, bytes: Vec<u8>) {
        self.observe(now, Way::Out, flow, Label::read(&bytes), &bytes);
        let sent = if flow.transport == sip::Transport::Udp {
            let sent = self.udp.send(&flow, &bytes);
            if let Err(error) = &sent {
                tracing::debug!(%error, remote = %flow.remote, "a datagram was not sent");
            }
            sent.is_ok()
        } else {
            self.streams.send(&flow, bytes)
        };
        if !sent && flow.transport != sip::Transport::Udp {
            self.edge.disconnected(now, flow);
        }
    }

    /// Counts a message, and keeps it if it is part of a call.
    fn observe(&mut self, now: Now, way: Way, flow: Flow, label: Option<Label>, bytes: &[u8]) {
        let Some(label) = label else { return };
        self.metrics.sip_message(label, way);
        if label.is_of_call() {
            self.traces.message(now.wall, way, flow, bytes);
        }
    }

    fn turn_journal(&self) {
        let Some(journal) = &self.journal else { return };
        if journal.wants_next_file() {
            let snapshot = serde_json::to_value(self.switch.snapshot()).ok();
            let directory = Arc::clone(&self.site.directory);
            journal.next_file(Header::new(self.seed, directory, snapshot));
        }
    }
}

/// Opens the ports of a leg.
struct OpenPorts<'p>(&'p mut Plane);

impl Ports for OpenPorts<'_> {
    fn open(&mut self, leg: LegId) -> Option<SocketAddr> {
        self.0.open(leg)
    }
}

/// Datagrams that are read before anything else gets its turn.
const DATAGRAMS_AT_ONCE: usize = 64;
/// Events that are taken before anything else gets its turn.
const EVENTS_AT_ONCE: usize = 256;
/// The longest sleep.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// How often a server that drains looks whether it can end.
const CHECK_END_EVERY: Duration = Duration::from_millis(50);
