//! What is known of this moment, and what has changed of late.

use super::queues;
use super::seats::Seats;
use super::settings;
use super::tell::Parties;
use crate::account::May;
use crate::limits::{EVENTS_KEPT, EVENTS_WAITING_MAX, LIVE_CALLS_MAX};
use crate::own::calls::rounded_seconds;
use crate::state::zone;
use model::{
    CallId, CallRecord, ExtensionState, Fact, FinalCallee, LegId, MessageCounts, Number, Origin,
    Party, RecordingId, RoomFact, Site, Switched, Wall,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;
use utoipa::ToSchema;

/// One change.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Counts up from one in each run.
    pub(crate) number: u64,
    /// `presence`, `calls`, `rooms`, `queues`, `settings`, `voicemail`.
    pub(crate) kind: &'static str,
    /// JSON.
    pub(crate) data: String,
    /// Whom it concerns.
    pub(crate) parties: Parties,
}

/// Where all changes come together.
pub(crate) struct Hub {
    known: Mutex<Known>,
    changes: broadcast::Sender<Arc<Change>>,
    /// Tells the numbers of this run from those of others.
    run: i64,
    seats: Seats,
}

struct Known {
    site: Arc<Site>,
    /// The agents of each queue, logged in or not.
    agents: BTreeMap<Number, Arc<BTreeSet<Number>>>,
    states: BTreeMap<Number, ExtensionState>,
    calls: BTreeMap<CallId, Live>,
    /// How many messages each mailbox has that has any.
    messages: BTreeMap<Number, MessageCounts>,
    last: u64,
    /// The newest changes, the oldest of them first.
    kept: VecDeque<Arc<Change>>,
}

/// A call as far as its parties may see it.
#[derive(Clone, Debug)]
struct Live {
    start: Wall,
    /// The leg that called.
    calls: LegId,
    /// The trunk that the call came in on.
    trunk: Option<String>,
    caller: Party,
    callee: Number,
    state: String,
    recording: Option<RecordingId>,
    extensions: BTreeSet<Number>,
}

/// A call in progress, as its parties see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Shown {
    /// Its number in this run of the server.
    call: u64,
    /// When it came in, RFC 3339 in the site's zone.
    start: String,
    /// The caller's number; empty when he does not show it.
    caller: String,
    /// The caller's name, if one is known.
    caller_name: String,
    /// What was dialled.
    #[schema(value_type = String)]
    callee: Number,
    /// The name of what was dialled, if it has one.
    callee_name: String,
    /// The phase it is in: `dial`, `talk`.
    state: String,
    /// Whether it is recorded at this moment.
    recording: bool,
    /// The outside line that it came in on.
    #[serde(skip_serializing_if = "Option::is_none")]
    trunk: Option<String>,
}

/// What a listener begins with.
pub(crate) struct Beginning {
    /// A snapshot, unless `missed` says all that there is to say.
    pub(crate) snapshot: Option<Value>,
    /// What was changed since the listener last heard something.
    pub(crate) missed: Vec<Arc<Change>>,
    /// The number of the last change that both contain.
    pub(crate) last: u64,
    /// What follows.
    pub(crate) changes: broadcast::Receiver<Arc<Change>>,
}

impl Hub {
    pub(crate) fn new(site: Arc<Site>, now: Wall) -> Self {
        let (changes, _) = broadcast::channel(EVENTS_WAITING_MAX);
        let known = Known {
            agents: queues::agents(&site),
            site,
            states: BTreeMap::new(),
            calls: BTreeMap::new(),
            messages: BTreeMap::new(),
            last: 0,
            kept: VecDeque::new(),
        };
        Self {
            known: Mutex::new(known),
            changes,
            run: now.0,
            seats: Seats::default(),
        }
    }

    /// How many listen.
    pub(crate) fn seats(&self) -> &Seats {
        &self.seats
    }

    /// The name of a change for `Last-Event-ID`.
    pub(crate) fn name(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// Takes the states of all extensions in, at the start or after something was lost. Calls of which the beginning was
    /// not told are not shown.
    pub(crate) fn begin(&self, states: BTreeMap<Number, ExtensionState>) {
        let mut known = self.lock();
        let changed: Vec<_> = states
            .iter()
            .filter(|(number, state)| known.state(number) != **state)
            .map(|(number, state)| (*number, *state))
            .collect();
        known.states = states;
        for (number, state) in changed {
            self.publish(
                &mut known,
                "presence",
                presence(&number, state),
                Parties::All,
            );
        }
    }

    /// The state of an extension.
    pub(crate) fn states(&self) -> BTreeMap<Number, ExtensionState> {
        self.lock().states.clone()
    }

    /// The calls in progress that somebody may see, the oldest first.
    pub(crate) fn calls(&self, may: May) -> Vec<Shown> {
        self.lock().shown(may)
    }

    /// Begins to listen, after the change that was last heard if that is still known.
    pub(crate) fn listen(&self, may: May, last_heard: Option<&str>) -> Beginning {
        let known = self.lock();
        let changes = self.changes.subscribe();
        let heard = last_heard.and_then(|name| {
            let (run, number) = name.rsplit_once('-')?;
            let number = number.parse::<u64>().ok()?;
            (run.parse() == Ok(self.run)).then_some(number)
        });
        let oldest = known
            .kept
            .front()
            .map_or(known.last + 1, |change| change.number);
        let resumes = heard.filter(|heard| *heard + 1 >= oldest && *heard <= known.last);
        Beginning {
            snapshot: match resumes {
                Some(_) => None,
                None => Some(known.snapshot(may)),
            },
            missed: resumes.map_or_else(Vec::new, |heard| {
                let missed = known.kept.iter().filter(|change| change.number > heard);
                missed.cloned().collect()
            }),
            last: known.last,
            changes,
        }
    }

    /// Takes in what happened.
    pub(crate) fn fact(&self, at: Wall, fact: &Fact) {
        let mut known = self.lock();
        match fact {
            Fact::Extension(number, state) => {
                if known.state(number) != *state {
                    known.states.insert(*number, *state);
                    self.publish(
                        &mut known,
                        "presence",
                        presence(number, *state),
                        Parties::All,
                    );
                }
            }
            Fact::Began {
                call,
                leg,
                origin,
                dialled,
            } => {
                if known.calls.len() < LIVE_CALLS_MAX {
                    let live = Live::begin(at, (*leg, origin), *dialled);
                    known.calls.insert(*call, live);
                }
            }
            Fact::Joined { call, leg, party } => {
                if let Some(live) = known.calls.get_mut(call)
                    && live.calls == *leg
                {
                    live.caller = party.clone();
                }
                if let Some(number) = party.number {
                    let inside = known.site.directory.extensions.contains_key(&number);
                    let Some(live) = known.calls.get_mut(call) else {
                        return;
                    };
                    // Who is in it already hears nothing new, and must not hear of one who only listens.
                    if inside && live.extensions.insert(number) && !live.state.is_empty() {
                        self.show(&mut known, *call, Parties::Owner(number));
                    }
                }
            }
            Fact::Entered { call, phase } => {
                let Some(live) = known.calls.get_mut(call) else {
                    return;
                };
                live.state = phase.clone().into_owned();
                let parties = Parties::InCall(live.extensions.clone());
                self.show(&mut known, *call, parties);
            }
            Fact::Recording { call, recording } => {
                if let Some(live) = known.calls.get_mut(call) {
                    live.recording = Some(*recording);
                    let parties = Parties::InCall(live.extensions.clone());
                    self.show(&mut known, *call, parties);
                }
            }
            Fact::RecordingEnded { call, recording } => {
                if let Some(live) = known.calls.get_mut(call)
                    && live.recording == Some(*recording)
                {
                    live.recording = None;
                    let parties = Parties::InCall(live.extensions.clone());
                    self.show(&mut known, *call, parties);
                }
            }
            Fact::Blocked(_) => {
                let data = json!({ "changed": ["blacklist"] });
                self.publish(&mut known, "settings", data, Parties::Operators);
            }
            // Whoever looks after the house hears of it at once (SI-12).
            Fact::Emergency { call, by, number } => {
                let data = json!({
                    "call": call.0, "state": "emergency", "caller": by, "callee": number,
                });
                self.publish(&mut known, "calls", data, Parties::Operators);
            }
            Fact::Ended(record) => {
                known.calls.remove(&record.call);
                let data = ended(record, &known.site);
                let were = record.extensions.iter().copied().collect();
                self.publish(&mut known, "calls", data, Parties::OfRecord(were));
            }
            Fact::Merged { call, into } => {
                if let Some(live) = known.calls.remove(call) {
                    let data = json!({ "call": call.0, "state": "merged", "into": into.0 });
                    self.publish(&mut known, "calls", data, Parties::InCall(live.extensions));
                }
            }
            Fact::Room(room, change) => {
                let data = conference(room, change);
                self.publish(&mut known, "rooms", data, Parties::InCall(BTreeSet::new()));
            }
            Fact::Lamp(..)
            | Fact::CodeUsed { .. }
            | Fact::MessageBegun { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::WokenUp { .. } => {}
            Fact::Queue(fact) => {
                if let Some(data) = queues::told(fact) {
                    let agents = known.agents.get(&fact.queue).cloned();
                    let parties = Parties::OfQueue(agents.unwrap_or_default());
                    self.publish(&mut known, "queues", data, parties);
                }
            }
        }
    }

    /// Takes another configuration in: whoever is concerned hears of what changed.
    pub(crate) fn site(&self, site: Arc<Site>) {
        let mut known = self.lock();
        let before = std::mem::replace(&mut known.site, Arc::clone(&site));
        known.agents = queues::agents(&site);
        let numbers = &site.directory.extensions;
        known
            .states
            .retain(|number, _| numbers.contains_key(number));
        for (data, parties) in settings::changes(&before, &site) {
            self.publish(&mut known, "settings", data, parties);
        }
    }

    /// A mailbox has so many messages.
    pub(crate) fn messages(&self, mailbox: Number, counts: MessageCounts) {
        let mut known = self.lock();
        let before = known.messages.insert(mailbox, counts);
        if before.unwrap_or_default() != counts {
            let parties = Parties::Owner(mailbox);
            self.publish(&mut known, "voicemail", told(counts), parties);
        }
    }

    /// All mailboxes that have messages, with how many.
    pub(crate) fn all_messages(&self, all: BTreeMap<Number, MessageCounts>) {
        let before: Vec<_> = self.lock().messages.keys().copied().collect();
        let empty = before
            .into_iter()
            .filter(|mailbox| !all.contains_key(mailbox))
            .map(|mailbox| (mailbox, MessageCounts::default()));
        for (mailbox, counts) in empty.chain(all.clone()) {
            self.messages(mailbox, counts);
        }
    }

    /// Tells that the contacts of one extension changed.
    pub(crate) fn contacts_changed(&self, owner: &Number) {
        let mut known = self.lock();
        for parties in [Parties::Owner(*owner), Parties::Operators] {
            let data = json!({ "changed": ["contacts"] });
            self.publish(&mut known, "settings", data, parties);
        }
    }

    fn show(&self, known: &mut Known, call: CallId, parties: Parties) {
        let Some(live) = known.calls.get(&call) else {
            return;
        };
        let data = json!(live.told(call, &known.site));
        self.publish(known, "calls", data, parties);
    }

    fn publish(&self, known: &mut Known, kind: &'static str, data: Value, parties: Parties) {
        known.last += 1;
        let change = Arc::new(Change {
            number: known.last,
            kind,
            data: data.to_string(),
            parties,
        });
        if known.kept.len() >= EVENTS_KEPT {
            known.kept.pop_front();
        }
        known.kept.push_back(Arc::clone(&change));
        // Nobody may listen.
        let _ = self.changes.send(change);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn state(&self, number: &Number) -> ExtensionState {
        let state = self.states.get(number).copied();
        state.unwrap_or(ExtensionState::Unavailable)
    }

    /// The calls that somebody may see, the oldest first.
    fn shown(&self, may: May) -> Vec<Shown> {
        let calls = self.calls.iter();
        calls
            .filter(|(_, live)| Parties::InCall(live.extensions.clone()).include(may))
            .map(|(call, live)| live.told(*call, &self.site))
            .collect()
    }

    fn snapshot(&self, may: May) -> Value {
        let presence: Vec<_> = self
            .site
            .directory
            .extensions
            .keys()
            .map(|number| presence(number, self.state(number)))
            .collect();
        let calls = self.shown(may);
        let settings = match may {
            May::Own(number) => settings::of(&self.site, &number),
            May::Operate | May::Administer => json!({}),
        };
        let messages = match may {
            May::Own(number) => self.messages.get(&number).copied().unwrap_or_default(),
            May::Operate | May::Administer => MessageCounts::default(),
        };
        json!({
            "presence": presence,
            "calls": calls,
            "settings": settings,
            "voicemail": told(messages),
        })
    }
}

impl Parties {
    /// Whether somebody hears of it.
    pub(crate) fn include(&self, may: May) -> bool {
        match (self, may) {
            (Self::All, _) => true,
            (Self::Owner(owner), May::Own(number)) => *owner == number,
            (Self::InCall(were) | Self::OfRecord(were), May::Own(number)) => were.contains(&number),
            (Self::InCall(_), May::Administer) => true,
            (Self::OfQueue(agents), May::Own(number)) => agents.contains(&number),
            (
                Self::OfRecord(_) | Self::Operators | Self::OfQueue(_),
                May::Operate | May::Administer,
            ) => true,
            (Self::Owner(_), May::Operate | May::Administer)
            | (Self::InCall(_), May::Operate)
            | (Self::Operators, May::Own(_)) => false,
        }
    }
}

impl Shown {
    /// Whether it is that call.
    pub(crate) fn is(&self, call: CallId) -> bool {
        self.call == call.0
    }
}

impl Live {
    fn begin(at: Wall, (calls, origin): (LegId, &Origin), dialled: Number) -> Self {
        let (number, trunk) = match origin {
            Origin::Extension(number) => (Some(*number), None),
            Origin::Trunk(name) => (None, Some(name.clone())),
        };
        Self {
            start: at,
            calls,
            trunk,
            caller: Party {
                number,
                name: String::new(),
            },
            callee: dialled,
            state: String::new(),
            recording: None,
            extensions: number.into_iter().collect(),
        }
    }

    fn told(&self, call: CallId, site: &Site) -> Shown {
        let directory = &site.directory;
        let caller = self.caller.number;
        Shown {
            call: call.0,
            start: zone(site).written(self.start),
            caller: caller.map(|number| number.to_string()).unwrap_or_default(),
            caller_name: match &*self.caller.name {
                "" => caller
                    .map_or("", |number| directory.name_of(&number))
                    .to_owned(),
                name => name.to_owned(),
            },
            callee: self.callee,
            callee_name: directory.name_of(&self.callee).to_owned(),
            state: self.state.clone(),
            recording: self.recording.is_some(),
            trunk: self.trunk.clone(),
        }
    }
}

fn told(counts: MessageCounts) -> Value {
    json!({ "new": counts.new, "old": counts.old })
}

fn conference(room: &Number, change: &RoomFact) -> Value {
    match change {
        RoomFact::Joined { leg, party, role } => json!({
            "room": room, "change": "joined", "member": leg.0,
            "number": party.number, "name": party.name, "role": role,
        }),
        RoomFact::Left(leg) => json!({ "room": room, "change": "left", "member": leg.0 }),
        RoomFact::Muted(leg, muted) => json!({
            "room": room, "change": "muted", "member": leg.0, "muted": *muted == Switched::On,
        }),
        RoomFact::Locked(locked) => json!({
            "room": room, "change": "locked", "locked": *locked == Switched::On,
        }),
    }
}

fn presence(number: &Number, state: ExtensionState) -> Value {
    json!({ "number": number, "state": state })
}

fn ended(record: &CallRecord, site: &Site) -> Value {
    json!({
        "call": record.call.0,
        "start": zone(site).written(record.start),
        "caller": record.caller,
        "callee": record.callee,
        "final_callee": match &record.final_callee {
            FinalCallee::Number(number) => number.to_string(),
            FinalCallee::Voicemail(number) => format!("voicemail:{number}"),
        },
        "duration_seconds": rounded_seconds(record.talked),
        "type": record.call_type,
        "status": record.status,
        "state": "ended",
    })
}
