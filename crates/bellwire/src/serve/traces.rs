//! What calls have been through, kept in memory for `bellwire trace`.

use super::clock::written;
use crate::admin::{Trace, TraceLine, TraceWhat};
use edge::Way;
use model::{CallId, Fact, LegId, Origin, Wall};
use std::collections::{BTreeMap, VecDeque};

/// The newest dialogs and calls.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Messages by SIP Call-ID.
    dialogs: BTreeMap<String, Vec<Line>>,
    /// The oldest first.
    dialogs_by_age: VecDeque<String>,
    calls: BTreeMap<CallId, Call>,
    calls_by_age: VecDeque<CallId>,
    legs: BTreeMap<LegId, Leg>,
    /// Tells lines of one millisecond apart.
    count: u64,
}

#[derive(Debug, Default)]
struct Call {
    legs: Vec<LegId>,
    events: Vec<Line>,
}

#[derive(Debug, Default)]
struct Leg {
    call: Option<CallId>,
    party: String,
    dialogs: Vec<String>,
}

#[derive(Clone, Debug)]
struct Line {
    at: Wall,
    order: u64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Message {
        way: Way,
        address: String,
        text: String,
    },
    Event(String),
}

impl Traces {
    /// Keeps a message, or to which leg messages belong.
    pub(super) fn edge(&mut self, at: Wall, trace: edge::Trace) {
        match trace {
            edge::Trace::Message {
                way,
                flow,
                call_id,
                text,
            } => {
                let transport = flow.transport.name().to_ascii_lowercase();
                let address = format!("{transport} {}", flow.remote);
                let what = What::Message { way, address, text };
                let line = self.line(at, what);
                self.message(call_id, line);
            }
            edge::Trace::Leg { leg, call_id } => {
                let leg = self.legs.entry(leg).or_default();
                if leg.dialogs.len() < DIALOGS_OF_LEG_MAX {
                    leg.dialogs.push(call_id);
                }
            }
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
            Fact::Ended(record) => (record.call, format!("ended: {:?}", record.cause)),
            Fact::Extension(..) | Fact::CodeUsed { .. } => return,
        };
        let line = self.line(at, What::Event(text));
        if let Some(call) = self.calls.get_mut(&call)
            && call.events.len() < LINES_MAX
        {
            call.events.push(line);
        }
    }

    /// The trace of a call, by its number or by a SIP Call-ID.
    pub(super) fn of(&self, name: &str) -> Option<Trace> {
        let by_number = name.parse().ok().map(CallId);
        let id = by_number
            .filter(|call| self.calls.contains_key(call))
            .or_else(|| self.call_of_dialog(name))?;
        let call = self.calls.get(&id)?;
        let mut lines: Vec<(&Line, &str)> = call.events.iter().map(|line| (line, "")).collect();
        for leg in call.legs.iter().filter_map(|leg| self.legs.get(leg)) {
            let dialogs = leg.dialogs.iter().filter_map(|id| self.dialogs.get(id));
            lines.extend(dialogs.flatten().map(|line| (line, &*leg.party)));
        }
        lines.sort_by_key(|(line, _)| (line.at, line.order));
        Some(Trace {
            call: id.0,
            lines: lines
                .into_iter()
                .map(|(line, party)| line.shown(party))
                .collect(),
        })
    }

    fn call_of_dialog(&self, call_id: &str) -> Option<CallId> {
        let mut legs = self.legs.values();
        legs.find(|leg| leg.dialogs.iter().any(|known| known == call_id))?
            .call
    }

    fn line(&mut self, at: Wall, what: What) -> Line {
        self.count += 1;
        Line {
            at,
            order: self.count,
            what,
        }
    }

    fn message(&mut self, call_id: String, line: Line) {
        if let Some(lines) = self.dialogs.get_mut(&call_id) {
            if lines.len() < LINES_MAX {
                lines.push(line);
            }
            return;
        }
        self.dialogs_by_age.push_back(call_id.clone());
        self.dialogs.insert(call_id, vec![line]);
        if self.dialogs_by_age.len() > DIALOGS_MAX
            && let Some(oldest) = self.dialogs_by_age.pop_front()
        {
            self.dialogs.remove(&oldest);
        }
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

impl Line {
    fn shown(&self, party: &str) -> TraceLine {
        let what = match &self.what {
            What::Event(text) => TraceWhat::Event { text: text.clone() },
            What::Message { way, address, text } => {
                let (party, address, message) = (party.to_owned(), address.clone(), text.clone());
                match way {
                    Way::In => TraceWhat::Received {
                        from: party,
                        address,
                        message,
                    },
                    Way::Out => TraceWhat::Sent {
                        to: party,
                        address,
                        message,
                    },
                }
            }
        };
        TraceLine {
            at: written(self.at),
            what,
        }
    }
}

/// Calls that are remembered; the oldest are forgotten.
const CALLS_MAX: usize = 500;
/// Dialogs of which messages are remembered.
const DIALOGS_MAX: usize = 2_000;
/// Messages of a dialog, and events of a call, that are remembered: the first ones.
const LINES_MAX: usize = 200;
const LEGS_OF_CALL_MAX: usize = 64;
/// An extension's phones, each a dialog.
const DIALOGS_OF_LEG_MAX: usize = 16;
