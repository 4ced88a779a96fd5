//! Lines to carriers and to other telephone systems, as far as they are not calls: where they are, whether
//! they answer, and that they know where we are.
//!
//! - [`book`]: what calls are looked up in.
//! - [`lookup`]: asks the shell where a trunk is, and again when that may have changed.
//! - [`registration`]: what is said to a trunk that must know where we are.
//! - [`health`]: whether its places answer.
//! - [`request`]: the words of it all.
//! - [`standing`]: what calls are to know of it.

mod book;
mod health;
mod lookup;
mod question;
mod registration;
mod request;
mod standing;
mod view;

pub(crate) use book::{Book, Revision};
pub use lookup::{Found, Lookup};
pub(crate) use question::QuestionId;
pub use view::{TrunkState, TrunkView};

use crate::hub::Hub;
use crate::output::Output;
use book::Presence;
use health::{Due, Health};
use lookup::Looking;
use model::{Duration, Now, Time, Trunk, TrunkHealth, TrunkKind};
use question::{Asked, Questions};
use registration::{Registration, random};
use sip::Flow;
use sip::message::Response;
use standing::note;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The parameter of the Contact that we register, by which a call from there is known.
pub(crate) const TOKEN: &str = "line";

/// What is done about trunks besides calls.
#[derive(Debug, Default)]
pub(crate) struct Trunks {
    watched: BTreeMap<WatchId, Watched>,
    questions: Questions,
    last: u64,
    /// When the first of them has something to do.
    due: Option<Time>,
}

/// Names what is done about one trunk, as long as its set-up stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WatchId(u64);

/// What is done about one trunk.
#[derive(Debug)]
struct Watched {
    trunk: Arc<Trunk>,
    token: String,
    /// Where it is; kept here too because it is needed for a farewell.
    places: Vec<Flow>,
    looking: Looking,
    registration: Option<Registration>,
    health: Health,
}

impl Watched {
    fn due(&self) -> Option<Time> {
        let register = self.registration.as_ref();
        match register {
            Some(register) if register.is_leaving() => None,
            Some(_) | None => [
                Some(self.looking.due()),
                register.and_then(Registration::due),
                self.health.due(),
            ]
            .into_iter()
            .flatten()
            .min(),
        }
    }

    fn is_leaving(&self) -> bool {
        let register = self.registration.as_ref();
        register.is_some_and(Registration::is_leaving)
    }
}

/// What is told.
impl Trunks {
    /// Takes the trunks of a configuration.
    pub(crate) fn revise(&mut self, hub: &mut Hub, now: Now) {
        let ids = hub.transactions.ids();
        for revision in hub.book.revise(&hub.directory, ids) {
            match revision {
                Revision::Begun(name, before) => {
                    if let Some(before) = before {
                        self.end(hub, now, &before.token);
                    }
                    self.begin(hub, now, &name);
                }
                Revision::Ended(entry) => self.end(hub, now, &entry.token),
            }
        }
        self.plan();
        self.timeout(hub, now);
    }

    /// The shell has looked a trunk up.
    pub(crate) fn found(&mut self, hub: &mut Hub, now: Now, name: &str, found: Option<Found>) {
        let Some((id, watched)) = self.of_name(hub, name) else {
            return;
        };
        let Some(found) = found.filter(|found| !found.flows.is_empty()) else {
            // Where it was is still the best guess.
            tracing::warn!(trunk = name, host = %watched.trunk.host, "the trunk's host was not found");
            watched.looking.failed(now.mono);
            return self.plan();
        };
        watched.looking.found(now.mono, found.valid_for);
        if let Some(entry) = hub.book.entry_mut(name) {
            entry.found(&found.flows);
            watched.places = entry.places.iter().map(|place| place.flow).collect();
        }
        if watched.trunk.health == TrunkHealth::Options {
            let places = watched.places.iter().copied();
            watched.health.found(now.mono, places);
        }
        if let Some(registration) = &mut watched.registration {
            registration.found(now.mono, &watched.places);
        }
        self.work(hub, now, id);
        self.plan();
    }

    /// A connection is gone. Trunks that knew us by it are told anew where we are.
    pub(crate) fn disconnected(&mut self, hub: &mut Hub, now: Now, flow: &Flow) {
        for watched in self.watched.values_mut() {
            if let Some(registration) = &mut watched.registration {
                let spread = random(RECONNECT_WITHIN, hub.transactions.ids());
                registration.disconnected(now.mono, flow, spread);
            }
        }
        self.plan();
    }

    /// A request was answered.
    pub(crate) fn answered(
        &mut self,
        hub: &mut Hub,
        now: Now,
        question: QuestionId,
        response: &Response,
    ) {
        if response.is_provisional() {
            return;
        }
        let Some((id, asked)) = self.questions.close(question) else {
            return;
        };
        match asked {
            Asked::IfThere(..) if matches!(response.status(), 408 | 503 | 504) => {
                self.silent(hub, now, id, asked);
            }
            Asked::IfThere(flow, _) => {
                let spread = random(health::SPREAD, hub.transactions.ids());
                if let Some(watched) = self.watched.get_mut(&id) {
                    watched.health.answered(now.mono, &flow, spread);
                    note(hub, &watched.token, &flow, Presence::There);
                }
            }
            Asked::ToKnowUs => {
                let say = self
                    .registration(id)
                    .and_then(|(registration, places, token)| {
                        let ids = hub.transactions.ids();
                        registration.answered(now.mono, response, (places, token), ids)
                    });
                self.say(hub, now, id, say);
            }
        }
        self.plan();
    }

    /// A request was never answered, or could not be delivered.
    pub(crate) fn unanswered(&mut self, hub: &mut Hub, now: Now, question: QuestionId) {
        if let Some((id, asked)) = self.questions.close(question) {
            self.silent(hub, now, id, asked);
            self.plan();
        }
    }

    /// The server ends: every registration is taken back.
    pub(crate) fn leave(&mut self, hub: &mut Hub, now: Now) {
        let all: Vec<WatchId> = self.watched.keys().copied().collect();
        for id in all {
            if self.registration(id).is_some() {
                self.depart(hub, now, id);
            }
        }
        self.plan();
    }

    /// Whether a trunk is being asked to forget us.
    pub(crate) fn is_leaving(&self) -> bool {
        self.watched.values().any(Watched::is_leaving)
    }
}

/// What is due.
impl Trunks {
    /// Does what is due.
    pub(crate) fn timeout(&mut self, hub: &mut Hub, now: Now) {
        if self.due.is_none_or(|due| now.mono < due) {
            return;
        }
        let is_due = |watched: &Watched| watched.due().is_some_and(|due| due <= now.mono);
        let due = self.watched.iter().filter(|(_, watched)| is_due(watched));
        let due: Vec<WatchId> = due.map(|(id, _)| *id).collect();
        for id in due {
            self.look_up(hub, now, id);
            self.work(hub, now, id);
        }
        self.plan();
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) const fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    fn plan(&mut self) {
        self.due = self.watched.values().filter_map(Watched::due).min();
    }

    fn look_up(&mut self, hub: &mut Hub, now: Now, id: WatchId) {
        let Some(watched) = self.watched.get_mut(&id) else {
            return;
        };
        if watched.looking.is_due(now.mono) {
            watched.looking.asked(now.mono);
            hub.output(Output::Resolve(Lookup::of(&watched.trunk)));
        }
    }

    /// Asks its places, and renews the registration.
    fn work(&mut self, hub: &mut Hub, now: Now, id: WatchId) {
        while let Some(due) = self
            .watched
            .get_mut(&id)
            .and_then(|it| it.health.next(now.mono))
        {
            match due {
                Due::Ask(flow, round) => self.ask_if_there(hub, now, id, (flow, round)),
                Due::Silent(flow, round) => {
                    self.silent(hub, now, id, Asked::IfThere(flow, round));
                }
            }
        }
        let say = self
            .registration(id)
            .and_then(|(registration, places, _)| registration.timeout(now.mono, places));
        self.say(hub, now, id, say);
    }

    fn ask_if_there(&mut self, hub: &mut Hub, now: Now, id: WatchId, (flow, round): (Flow, u32)) {
        let Some(watched) = self.watched.get(&id) else {
            return;
        };
        let asked = Asked::IfThere(flow, round);
        let options = request::options(hub, &watched.trunk, &flow);
        let sent = self.questions.ask(hub, now, flow, &options, (id, asked));
        if sent.is_err() {
            self.silent(hub, now, id, asked);
        }
    }
}

/// What comes of it.
impl Trunks {
    fn begin(&mut self, hub: &mut Hub, now: Now, name: &str) {
        let Some(entry) = hub.book.entry(name) else {
            return;
        };
        let trunk = Arc::clone(&entry.trunk);
        let token = entry.token.clone();
        let registers = trunk.kind == TrunkKind::Register;
        let ids = hub.transactions.ids();
        let registration = registers.then(|| Registration::begin(&trunk, ids, now.mono));
        self.last += 1;
        self.watched.insert(
            WatchId(self.last),
            Watched {
                trunk,
                token,
                places: Vec::new(),
                looking: Looking::begin(now.mono),
                registration,
                health: Health::default(),
            },
        );
    }

    /// A trunk is no longer set up, or not like this.
    fn end(&mut self, hub: &mut Hub, now: Now, token: &str) {
        let ended = self.watched.iter().find(|(_, it)| it.token == token);
        let Some(id) = ended.map(|(id, _)| *id) else {
            return;
        };
        self.depart(hub, now, id);
        if !self.watched.get(&id).is_some_and(Watched::is_leaving) {
            self.watched.remove(&id);
        }
    }

    /// Takes a registration back.
    fn depart(&mut self, hub: &mut Hub, now: Now, id: WatchId) {
        let farewell = self
            .registration(id)
            .and_then(|(registration, _, _)| registration.leave());
        self.say(hub, now, id, farewell);
    }

    /// A question is answered by nothing.
    fn silent(&mut self, hub: &mut Hub, now: Now, id: WatchId, asked: Asked) {
        match asked {
            Asked::IfThere(flow, round) => {
                if let Some(watched) = self.watched.get_mut(&id) {
                    let presence = watched.health.failed(now.mono, &flow, round);
                    if presence == Presence::Gone {
                        note(hub, &watched.token, &flow, presence);
                    }
                }
            }
            Asked::ToKnowUs => {
                let say = self.registration(id).and_then(|(registration, places, _)| {
                    let ids = hub.transactions.ids();
                    registration.unanswered(now.mono, places, ids)
                });
                self.say(hub, now, id, say);
            }
        }
    }

    fn registration(&mut self, id: WatchId) -> Option<(&mut Registration, &[Flow], &str)> {
        let watched = self.watched.get_mut(&id)?;
        let registration = watched.registration.as_mut()?;
        Some((registration, &watched.places, &watched.token))
    }

    fn of_name(&mut self, hub: &Hub, name: &str) -> Option<(WatchId, &mut Watched)> {
        let token = &hub.book.entry(name)?.token;
        let mut all = self.watched.iter_mut();
        let found = all.find(|(_, watched)| watched.token == *token);
        found.map(|(id, watched)| (*id, watched))
    }
}

/// After a connection broke, registrations over it are renewed within this time, not all at once.
const RECONNECT_WITHIN: Duration = Duration::from_secs(2);
