//! The calls of this moment, for `bellwire calls` and the console.

use crate::Switch;
use crate::mix::Voice;
use alloc::vec::Vec;
use model::{CallId, ExtensionState, LegId, Number, Party, RoomRole, Switched, Time, Wall};

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

/// A conference in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveMeeting {
    /// The number of its room.
    pub number: Number,
    /// Whether only administrators are let in.
    pub locked: Switched,
    /// Who is in it, in the order in which they came.
    pub members: Vec<LiveMember>,
}

/// A party of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveMember {
    /// Its leg.
    pub leg: LegId,
    /// Who it is.
    pub party: Party,
    /// What it may do.
    pub role: RoomRole,
    /// Whether nobody hears it.
    pub muted: Switched,
    /// When it came.
    pub since: Wall,
}

impl Switch {
    /// The conferences in progress, by the number of their room.
    pub fn meetings(&self) -> impl Iterator<Item = LiveMeeting> {
        self.state.conferences.iter().map(|(number, meeting)| {
            let members = meeting.members.iter().map(|member| {
                let leg = self.state.legs.get(&member.leg);
                LiveMember {
                    leg: member.leg,
                    party: leg.map(|leg| leg.party.clone()).unwrap_or_default(),
                    role: member.role,
                    muted: match member.voice {
                        Voice::Heard => Switched::Off,
                        Voice::Unheard => Switched::On,
                    },
                    since: member.since,
                }
            });
            LiveMeeting {
                number: *number,
                locked: meeting.lock,
                members: members.collect(),
            }
        })
    }

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
