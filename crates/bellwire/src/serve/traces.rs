//! What calls have been through, kept in memory for `bellwire trace`.

use super::clock::written;
use super::recent::{Message, Recent};
use crate::admin::{Trace, TraceLine, TraceWhat};
use crate::metrics::Way;
use edge::Shown;
use model::{CallId, Fact, LegId, Origin, Wall};
use sip::Flow;
use std::collections::{BTreeMap, VecDeque};

/// The newest messages and calls.
#[derive(Debug, Default)]
pub(super) struct Traces {
    messages: Recent,
    calls: BTreeMap<CallId, Call>,
    calls_by_age: VecDeque<CallId>,
    legs: BTreeMap<LegId, Leg>,
    /// Tells lines of one millisecond apart.
    count: u64,
}

#[derive(Debug, Default)]
struct Call {
    legs: Vec<LegId>,
    events: Vec<Event>,
}

#[derive(Debug, Default)]
struct Leg {
    call: Option<CallId>,
    party: String,
    dialogs: Vec<String>,
}

#[derive(Clone, Debug)]
struct Event {
    at: Wall,
    order: u64,
    text: String,
}

impl Traces {
    /// Keeps a message of a call.
    pub(super) fn message(&mut self, at: Wall, way: Way, flow: Flow, bytes: &[u8]) {
        let order = self.next();
        self.messages.put(at, order, way, flow, bytes);
    }

    /// Notes to which leg the messages of a dialog belong.
    pub(super) fn dialog(&mut self, leg: LegId, call_id: String) {
        let leg = self.legs.entry(leg).or_default();
        if leg.dialogs.len() < DIALOGS_OF_LEG_MAX {
            leg.dialogs.push(call_id);
        }
    }

    /// Keeps what the switch did in a call.
    pub(super) fn fact(&mut self, at: Wall, fact: &Fact) {
        let (call, text) = match fact {
            Fact::Began {
                call,
                leg,
                origin,
                dialled,
            } => {
                self.begin(*call);
                let party = match origin {
                    Origin::Extension(number) => number.to_string(),
                    Origin::Trunk(name) => name.clone(),
                };
                self.join(*call, *leg, party);
                (*call, format!("dialled {dialled}"))
            }
            Fact::Joined { call, leg, party } => {
                let name = party.number.map(|number| number.to_string());
                let name = name.unwrap_or_else(|| party.name.clone());
                let text = format!("joined: {name}");
                self.join(*call, *leg, name);
                (*call, text)
            }
            Fact::Entered { call, phase } => (*call, phase.to_string()),
            Fact::Recording { call, recording } => (*call, format!("recording {recording}")),
            Fact::RecordingEnded { call, recording } => {
                (*call, format!("recording {recording} ended"))
            }
            Fact::Merged { call, into } => (*call, format!("became part of call {into}")),
            Fact::Emergency { call, number, .. } => (*call, format!("emergency call to {number}")),
            Fact::Queue(fact) => {
                let text = format!("queue {}: {}", fact.queue, fact.event);
                (fact.call, text)
            }
            Fact::Ended(record) => (record.call, format!("ended: {:?}", record.cause)),
            Fact::Extension(..)
            | Fact::Lamp(..)
            | Fact::Blocked(_)
            | Fact::Room(..)
            | Fact::CodeUsed { .. }
            | Fact::MessageBegun { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::WokenUp { .. } => {
                return;
            }
        };
        let order = self.next();
        if let Some(call) = self.calls.get_mut(&call)
            && call.events.len() < EVENTS_MAX
        {
            call.events.push(Event { at, order, text });
        }
    }

    /// The trace of a call, by its number or by a SIP Call-ID.
    pub(super) fn of(&self, name: &str) -> Option<Trace> {
        let by_number = name.parse().ok().map(CallId);
        let id = by_number
            .filter(|call| self.calls.contains_key(call))
            .or_else(|| self.call_of_dialog(name))?;
        let call = self.calls.get(&id)?;
        let events = call.events.iter();
        let mut lines: Vec<_> = events
            .map(|event| (event.at, event.order, event.shown()))
            .collect();
        for leg in call.legs.iter().filter_map(|leg| self.legs.get(leg)) {
            for call_id in &leg.dialogs {
                let messages = self.messages.of(call_id).take(MESSAGES_OF_DIALOG_MAX);
                lines.extend(messages.map(|(message, text)| {
                    (message.at, message.order, shown(message, text, &leg.party))
                }));
            }
        }
        lines.sort_by_key(|(at, order, _)| (*at, *order));
        Some(Trace {
            call: id.0,
            lines: lines.into_iter().map(|(.., line)| line).collect(),
        })
    }

    /// The trace of the call that began then: numbers begin anew with each run of the server.
    pub(super) fn of_call(&self, call: CallId, start: Wall) -> Option<Trace> {
        let began = self.calls.get(&call)?.events.first()?.at;
        (began == start)
            .then(|| self.of(&call.to_string()))
            .flatten()
    }

    fn call_of_dialog(&self, call_id: &str) -> Option<CallId> {
        let mut legs = self.legs.values();
        legs.find(|leg| leg.dialogs.iter().any(|known| known == call_id))?
            .call
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn begin(&mut self, call: CallId) {
        self.calls.insert(call, Call::default());
        self.calls_by_age.push_back(call);
        if self.calls_by_age.len() > CALLS_MAX
            && let Some(oldest) = self.calls_by_age.pop_front()
            && let Some(gone) = self.calls.remove(&oldest)
        {
            for leg in gone.legs {
                self.legs.remove(&leg);
            }
        }
    }

    fn join(&mut self, call: CallId, leg: LegId, party: String) {
        let Some(known) = self.calls.get_mut(&call) else {
            return;
        };
        if !known.legs.contains(&leg) && known.legs.len() < LEGS_OF_CALL_MAX {
            known.legs.push(leg);
        }
        let leg = self.legs.entry(leg).or_default();
        leg.call = Some(call);
        leg.party = party;
    }
}

impl Event {
    fn shown(&self) -> TraceLine {
        TraceLine {
            at: written(self.at),
            what: TraceWhat::Event {
                text: self.text.clone(),
            },
        }
    }
}

fn shown(message: &Message, text: Shown, party: &str) -> TraceLine {
    let transport = message.flow.transport.name().to_ascii_lowercase();
    let address = format!("{transport} {}", message.flow.remote);
    let (party, message_text) = (party.to_owned(), text.text);
    let what = match message.way {
        Way::In => TraceWhat::Received {
            from: party,
            address,
            message: message_text,
        },
        Way::Out => TraceWhat::Sent {
            to: party,
            address,
            message: message_text,
        },
    };
    TraceLine {
        at: written(message.at),
        what,
    }
}

/// Calls that are remembered; the oldest are forgotten.
const CALLS_MAX: usize = 500;
/// Messages of a dialog that are shown, and events of a call that are remembered: the first ones.
const MESSAGES_OF_DIALOG_MAX: usize = 200;
const EVENTS_MAX: usize = 200;
const LEGS_OF_CALL_MAX: usize = 64;
/// An extension's phones, each a dialog.
const DIALOGS_OF_LEG_MAX: usize = 16;
