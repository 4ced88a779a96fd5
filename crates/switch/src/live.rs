//! The calls of this moment, for `bellwire calls` and the console.

use crate::Switch;
use alloc::vec::Vec;
use model::{CallId, ExtensionState, LegId, Number, Party, Time, Wall};

/// A call in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// The call.
    pub call: CallId,
    /// The phase it is in, named as in [`model::Fact::Entered`].
    pub phase: &'static str,
    /// Who called.
    pub caller: Party,
    /// What was dialled.
    pub dialled: Number,
    /// When it came in, for people.
    pub start: Wall,
    /// When it came in, for durations.
    pub began: Time,
    /// Its legs, in the order in which they joined it.
    pub legs: Vec<LiveLeg>,
}

/// A leg of a call in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveLeg {
    /// The leg.
    pub leg: LegId,
    /// Its party.
    pub party: Party,
}

impl Switch {
    /// The calls in progress, the oldest first.
    pub fn live(&self) -> impl Iterator<Item = LiveCall> {
        self.state.calls.iter().map(|(id, call)| {
            let legs = call.draft.legs().iter().filter_map(|id| {
                let leg = self.state.legs.get(id)?;
                Some(LiveLeg {
                    leg: *id,
                    party: leg.party.clone(),
                })
            });
            LiveCall {
                call: *id,
                phase: call.phase.name(),
                caller: call.draft.caller.clone(),
                dialled: call.draft.dialled,
                start: call.draft.start,
                began: call.draft.began,
                legs: legs.collect(),
            }
        })
    }

    /// The state of every extension, as it was last told.
    pub fn states(&self) -> impl Iterator<Item = (Number, ExtensionState)> {
        self.state.lines.told()
    }

    /// The call that a leg belongs to.
    #[must_use]
    pub fn call_of(&self, leg: LegId) -> Option<CallId> {
        self.state.legs.get(&leg).map(|leg| leg.call)
    }

    /// How many calls are in progress.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.state.calls.len()
    }
}
