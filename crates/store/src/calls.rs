//! Calls in progress, as far as they must be known after a crash.

use model::{
    CallId, CallRecord, CallStatus, CallType, Cause, Directory, Duration, Fact, FinalCallee, LegId,
    Number, Origin, Party, RecordingId, Wall,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Recordings made of it.
    #[serde(default)]
    pub recordings: Vec<RecordingId>,
}

impl OpenCall {
    fn join(&mut self, leg: LegId, party: &Party, directory: &Directory) {
        if !self.legs.contains(&leg) && self.legs.len() < LEGS_MAX {
            self.legs.push(leg);
        }
        let Some(number) = party.number else {
            return;
        };
        if number.as_str() != self.caller {
            self.final_callee = number;
        }
        let room = self.extensions.len() < LEGS_MAX && !self.extensions.contains(&number);
        if room && directory.extensions.contains_key(&number) {
            self.extensions.push(number);
        }
    }

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
            recordings: self.recordings,
            quality: Vec::new(),
        }
    }
}

/// The calls in progress, kept from the switch's facts.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls {
    calls: BTreeMap<CallId, OpenCall>,
    /// Calls of which the disk knows.
    written: BTreeSet<CallId>,
    /// Calls of which the disk knows too little, or too much.
    stale: BTreeSet<CallId>,
}

impl OpenCalls {
    /// Takes a fact in.
    pub(crate) fn note(&mut self, now: Wall, fact: &Fact, directory: &Directory) {
        let call = match fact {
            Fact::Began {
                call,
                leg,
                origin,
                dialled,
            } => {
                if self.calls.len() >= OPEN_CALLS_MAX {
                    return;
                }
                let open = begin(now, (*call, *leg), origin, *dialled, directory);
                self.calls.insert(*call, open);
                *call
            }
            Fact::Joined { call, leg, party } => {
                let Some(open) = self.calls.get_mut(call) else {
                    return;
                };
                open.join(*leg, party, directory);
                *call
            }
            Fact::Entered { call, phase } if phase == TALK => {
                let Some(open) = self.calls.get_mut(call) else {
                    return;
                };
                open.answered.get_or_insert(now);
                *call
            }
            Fact::Recording { call, recording } => {
                let Some(open) = self.calls.get_mut(call) else {
                    return;
                };
                if open.recordings.len() < RECORDINGS_MAX {
                    open.recordings.push(*recording);
                }
                *call
            }
            Fact::Merged { call, .. } => {
                self.close(*call);
                return;
            }
            Fact::Entered { .. }
            | Fact::RecordingEnded { .. }
            | Fact::Extension(..)
            | Fact::Lamp(..)
            | Fact::Blocked(_)
            | Fact::Emergency { .. }
            | Fact::Room(..)
            | Fact::CodeUsed { .. }
            | Fact::MessageBegun { .. }
            | Fact::WokenUp { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::Queue(_)
            | Fact::Ended(_) => {
                return;
            }
        };
        self.stale.insert(call);
    }

    /// Forgets a call that ended.
    pub(crate) fn close(&mut self, call: CallId) {
        self.calls.remove(&call);
        if self.written.contains(&call) {
            self.stale.insert(call);
        } else {
            self.stale.remove(&call);
        }
    }

    /// Calls in progress of which the disk knows too little.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &OpenCall> + Clone {
        self.stale.iter().filter_map(|call| self.calls.get(call))
    }

    /// Calls that ended, of which the disk knows.
    pub(crate) fn ended(&self) -> impl Iterator<Item = CallId> + Clone {
        let ended = self
            .stale
            .iter()
            .filter(|call| !self.calls.contains_key(call));
        ended.copied()
    }

    /// The disk has been told of changed calls.
    pub(crate) fn told_changed(&mut self) {
        let changed: Vec<_> = self.changed().map(|open| open.call).collect();
        for call in changed {
            self.stale.remove(&call);
            self.written.insert(call);
        }
    }

    /// The disk has been told of ended calls.
    pub(crate) fn told_ended(&mut self) {
        let ended: Vec<_> = self.ended().collect();
        for call in ended {
            self.stale.remove(&call);
            self.written.remove(&call);
        }
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.stale.is_empty()
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
        recordings: Vec::new(),
    }
}

/// The phase in which people talk: the file in the switch's `features/`.
const TALK: &str = "talk";
/// The most calls that are kept for the case of a crash; the records of more are only written at their end.
const OPEN_CALLS_MAX: usize = 65_536;
/// The most legs, and the most extensions, kept of one call.
const LEGS_MAX: usize = 64;
/// The most recordings that a record names.
const RECORDINGS_MAX: usize = 64;
