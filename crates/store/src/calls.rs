//! Calls in progress, as far as they must be known after a crash.

use model::{
    CallId, CallRecord, CallStatus, CallType, Cause, Directory, Duration, Fact, FinalCallee, LegId,
    Number, Origin, Wall,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A call that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCall {
    /// The call.
    pub call: CallId,
    /// When it came in.
    pub start: Wall,
    /// When somebody answered.
    pub answered: Option<Wall>,
    /// The caller's number; empty when anonymous.
    pub caller: String,
    /// The caller's name.
    pub caller_name: String,
    /// What was dialled.
    pub callee: Number,
    /// Who took part last.
    pub final_callee: Number,
    /// Which way it goes.
    pub call_type: CallType,
    /// The extensions that took part.
    pub extensions: Vec<Number>,
    /// Every leg it had.
    pub legs: Vec<LegId>,
    /// Whether this is the first that is known of it.
    #[serde(skip)]
    pub(crate) begins: bool,
}

impl OpenCall {
    /// The record of a call that ended because the server did, not later than `alive`.
    #[must_use]
    pub fn interrupted(self, alive: Wall) -> CallRecord {
        let end = alive.max(self.answered.unwrap_or(self.start));
        let talked = self.answered.map_or(0, |answered| end.0 - answered.0);
        CallRecord {
            call: self.call,
            start: self.start,
            end,
            caller: self.caller,
            caller_name: self.caller_name,
            callee: self.callee,
            final_callee: FinalCallee::Number(self.final_callee),
            talked: Duration::from_millis(u64::try_from(talked).unwrap_or(0)),
            call_type: self.call_type,
            status: if self.answered.is_some() {
                CallStatus::Answered
            } else {
                CallStatus::Failed
            },
            cause: Cause::Restarted,
            extensions: self.extensions,
            legs: self.legs,
            recordings: Vec::new(),
        }
    }
}

/// The calls in progress, kept from the switch's facts.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls {
    calls: BTreeMap<CallId, OpenCall>,
}

impl OpenCalls {
    /// Takes a fact in; returns the call when what is on disk about it is out of date.
    pub(crate) fn note(
        &mut self,
        now: Wall,
        fact: &Fact,
        directory: &Directory,
    ) -> Option<&OpenCall> {
        match fact {
            Fact::Began {
                call,
                leg,
                origin,
                dialled,
            } => {
                if self.calls.len() >= OPEN_CALLS_MAX {
                    return None;
                }
                let open = begin(now, (*call, *leg), origin, *dialled, directory);
                Some(self.calls.entry(*call).insert_entry(open).into_mut())
            }
            Fact::Joined { call, leg, party } => {
                let open = self.calls.get_mut(call)?;
                open.begins = false;
                if !open.legs.contains(leg) && open.legs.len() < LEGS_MAX {
                    open.legs.push(*leg);
                }
                let number = party.number?;
                if number.as_str() != open.caller {
                    open.final_callee = number;
                }
                let takes_part = directory.extensions.contains_key(&number);
                if takes_part
                    && !open.extensions.contains(&number)
                    && open.extensions.len() < LEGS_MAX
                {
                    open.extensions.push(number);
                }
                Some(open)
            }
            Fact::Entered { call, phase } if phase == TALK => {
                let open = self.calls.get_mut(call)?;
                open.begins = false;
                if open.answered.is_some() {
                    return None;
                }
                open.answered = Some(now);
                Some(open)
            }
            Fact::Entered { .. } | Fact::Extension(..) | Fact::CodeUsed { .. } | Fact::Ended(_) => {
                None
            }
        }
    }

    /// Forgets a call; returns whether it was known.
    pub(crate) fn close(&mut self, call: CallId) -> bool {
        self.calls.remove(&call).is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

fn begin(
    now: Wall,
    (call, leg): (CallId, LegId),
    origin: &Origin,
    dialled: Number,
    directory: &Directory,
) -> OpenCall {
    let (caller, caller_name, call_type) = match origin {
        Origin::Extension(number) => {
            let name = directory.extension(number).map(|from| from.name.clone());
            let name = name.unwrap_or_default();
            (number.to_string(), name, CallType::Internal)
        }
        Origin::Trunk(_) => (String::new(), String::new(), CallType::Inbound),
    };
    let mut extensions = Vec::new();
    if let Origin::Extension(number) = origin {
        extensions.push(*number);
    }
    OpenCall {
        call,
        start: now,
        answered: None,
        caller,
        caller_name,
        callee: dialled,
        final_callee: dialled,
        call_type,
        extensions,
        legs: vec![leg],
        begins: true,
    }
}

/// The phase in which people talk: the file in the switch's `features/`.
const TALK: &str = "talk";
/// The most calls that are kept for the case of a crash; the records of more are only written at their end.
const OPEN_CALLS_MAX: usize = 65_536;
/// The most legs, and the most extensions, kept of one call.
const LEGS_MAX: usize = 64;
