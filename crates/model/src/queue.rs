//! What happens in queues (manual §2.7).

use crate::{CallId, Duration, Number, Party, Wall};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// One caller's place in a queue, for ever: statistics and callbacks outlast the run in which it was drawn.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Ticket(pub u64);

impl Ticket {
    /// The ticket that is drawn at `at`, after `last`. Tickets of a run are in order whatever the clock does; the time
    /// keeps them apart from those of other runs. It stays below 2^53, so that every JSON reader keeps it exactly.
    #[must_use]
    pub fn after(last: Self, at: Wall) -> Self {
        let by_clock = at.0.unsigned_abs().saturating_mul(Self::IN_ONE_MS);
        Self(by_clock.max(last.0.saturating_add(1)))
    }

    /// So many may be drawn in one millisecond before they run ahead of the clock.
    const IN_ONE_MS: u64 = 1_000;
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Something that happened to a caller of a queue. Statistics are made of these (QU-13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueFact {
    /// The queue.
    pub queue: Number,
    /// The caller's place.
    pub ticket: Ticket,
    /// The call that he is in.
    pub call: CallId,
    /// What happened.
    pub event: QueueEvent,
}

/// What happens to a caller of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueEvent {
    /// He begins to wait.
    Joined(Party),
    /// He does not even begin to.
    TurnedAway {
        /// Who.
        caller: Party,
        /// Why.
        because: LeftBecause,
    },
    /// An agent rings for him.
    Offered(Number),
    /// That agent did not take the call.
    Missed(Number),
    /// Somebody took the call: an agent, or who picked it up.
    Answered {
        /// Who.
        by: Number,
        /// How long the caller had waited.
        waited: Duration,
    },
    /// Whoever took the call is done with it.
    Done {
        /// How long that took.
        talked: Duration,
    },
    /// He went without having talked with an agent.
    Left {
        /// Why.
        because: LeftBecause,
        /// How long he had waited.
        waited: Duration,
    },
}

impl fmt::Display for QueueEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined(_) => f.write_str("joined"),
            Self::TurnedAway { because, .. } => write!(f, "turned away: {because:?}"),
            Self::Offered(agent) => write!(f, "agent {agent} rings"),
            Self::Missed(agent) => write!(f, "agent {agent} did not take the call"),
            Self::Answered { by, waited } => {
                write!(f, "answered by {by} after {} s", waited.as_secs())
            }
            Self::Done { talked } => write!(f, "served for {} s", talked.as_secs()),
            Self::Left { because, waited } => {
                write!(f, "left after {} s: {because:?}", waited.as_secs())
            }
        }
    }
}

/// Why a caller left a queue without having talked with an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftBecause {
    /// He hung up.
    Abandoned,
    /// He had waited as long as one waits there.
    WaitedTooLong,
    /// As many waited as may; he never began to.
    Full,
    /// No agent was there.
    NobodyThere,
    /// He pressed the key for it.
    PressedKey,
    /// He leaves a message instead.
    LeavesMessage,
    /// The server stopped, or the queue was removed.
    Interrupted,
}

/// What an agent is doing, as far as queues are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentState {
    /// He must log in to get calls.
    LoggedOut,
    /// He takes no calls for a while.
    Paused,
    /// No phone of him can be rung.
    Unavailable,
    /// Do not disturb is on.
    Dnd,
    /// He is called by a queue.
    Ringing,
    /// He talks with a caller of a queue.
    Serving,
    /// He is in a call of his own, or is rung for one.
    Busy,
    /// He rests after a call, or after one that he did not take.
    Resting,
    /// The next call may be his.
    Free,
}

/// A queue at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveQueue {
    /// Its number.
    pub number: Number,
    /// Who waits, in the order in which they are served.
    pub waiting: Vec<LiveCaller>,
    /// Its agents, logged in or not, in the order in which they are listed.
    pub agents: Vec<LiveAgent>,
}

/// Somebody who waits in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCaller {
    /// His place.
    pub ticket: Ticket,
    /// Who he is.
    pub party: Party,
    /// Since when he waits.
    pub since: Wall,
    /// The agents who ring for him.
    pub rung: Vec<Number>,
}

/// An agent of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAgent {
    /// His extension.
    pub number: Number,
    /// What he is doing.
    pub state: AgentState,
    /// How many calls of the queue he took since the server began.
    pub taken: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_in_order_whatever_the_clock_does_and_outlast_a_run() {
        let now = Wall(1_764_000_000_000);
        let first = Ticket::after(Ticket::default(), now);
        let second = Ticket::after(first, now);
        let after_a_jump_back = Ticket::after(second, Wall(now.0 - 3_600_000));
        assert!(first < second && second < after_a_jump_back);
        let of_another_run = Ticket::after(Ticket::default(), Wall(now.0 + 1_000));
        assert!(after_a_jump_back < of_another_run);
        let in_2100 = Wall(4_102_444_800_000);
        assert!(Ticket::after(of_another_run, in_2100).0 < 1 << 53);
    }
}
