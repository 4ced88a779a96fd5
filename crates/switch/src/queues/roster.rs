//! Which agents could take a call of which queue: kept, so that a decision need not ask anew for each of them.

use super::Work;
use crate::line::Stands;
use crate::state::State;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use model::{Directory, Number, Queue, QueueStrategy, Time};

/// The agents of all queues. Nothing in it is known here alone: it is made of the directory and of how everybody stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rosters {
    rosters: BTreeMap<Number, Roster>,
    /// Where each agent is listed: the queue, and his place in it.
    listed: BTreeMap<Number, Vec<(Number, usize)>>,
}

/// The agents who are logged in to a queue, in the order in which they are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Roster {
    pub(super) strategy: QueueStrategy,
    pub(super) weight: u16,
    pub(super) seats: Vec<Seat>,
}

/// An agent who is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) agent: Number,
    pub(super) is: Presence,
    /// He is not rung before that.
    pub(super) rests_until: Time,
    /// When his last call of a queue was over.
    pub(super) done: Time,
    /// How many calls of this queue he took.
    pub(super) taken: u32,
}

/// Whether an agent is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// He pauses, wants no calls, or no phone of him can be rung.
    Away,
    /// He is in a call, or is rung.
    Occupied,
    /// He can be rung.
    Free,
}

impl Rosters {
    pub(crate) fn new(directory: &Directory, state: &State) -> Self {
        let mut rosters = Self::default();
        for (number, queue) in &directory.queues {
            let seats: Vec<_> = queue
                .logged_in(&directory.agents)
                .map(|agent| Seat::of(agent, queue, directory, state))
                .collect();
            for (nth, seat) in seats.iter().enumerate() {
                let listed = rosters.listed.entry(seat.agent).or_default();
                listed.push((*number, nth));
            }
            let roster = Roster {
                strategy: queue.strategy,
                weight: queue.weight,
                seats,
            };
            rosters.rosters.insert(*number, roster);
        }
        rosters
    }

    /// Takes note of how an extension stands. `false`: it is no agent who is logged in.
    pub(super) fn refresh(
        &mut self,
        number: &Number,
        directory: &Directory,
        state: &State,
    ) -> bool {
        let listed = self.listed.get(number);
        for (queue, nth) in listed.into_iter().flatten() {
            let known = directory.queues.get(queue);
            let roster = self.rosters.get_mut(queue);
            let seat = roster.and_then(|roster| roster.seats.get_mut(*nth));
            if let (Some(queue), Some(seat)) = (known, seat) {
                *seat = Seat::of(*number, queue, directory, state);
            }
        }
        listed.is_some()
    }

    pub(super) fn get(&self, queue: &Number) -> Option<&Roster> {
        self.rosters.get(queue)
    }

    /// How many agents of a queue are there, occupied or not.
    pub(super) fn present(&self, queue: &Number) -> usize {
        let seats = self.rosters.get(queue).map(|roster| &roster.seats);
        let seats = seats.into_iter().flatten();
        seats.filter(|seat| seat.is != Presence::Away).count()
    }

    /// Whether no agent of a queue is there (QU-10).
    pub(super) fn is_empty(&self, queue: &Number) -> bool {
        self.present(queue) == 0
    }

    /// Whether an agent is logged in to a queue and does not pause.
    pub(super) fn takes_calls(&self, queue: &Number, agent: &Number) -> bool {
        let seats = self.rosters.get(queue).map(|roster| &roster.seats);
        let mut seats = seats.into_iter().flatten();
        seats.any(|seat| seat.agent == *agent && seat.is != Presence::Away)
    }
}

impl Seat {
    fn of(agent: Number, queue: &Queue, directory: &Directory, state: &State) -> Self {
        let work = state.queues.agents.get(&agent);
        let Work { done, rests_until } = work.copied().unwrap_or_default();
        let desk = state.queues.desks.get(&queue.number);
        let taken = desk.and_then(|desk| desk.taken.get(&agent));
        Self {
            agent,
            is: presence(&agent, directory, state),
            rests_until,
            done,
            taken: taken.copied().unwrap_or_default(),
        }
    }

    pub(super) fn is_free(&self, now: Time) -> bool {
        self.is == Presence::Free && self.rests_until <= now
    }
}

fn presence(agent: &Number, directory: &Directory, state: &State) -> Presence {
    let pauses = directory
        .agents
        .get(agent)
        .is_some_and(|agent| agent.paused);
    let disturbs = directory
        .extension(agent)
        .is_none_or(|extension| extension.do_not_disturb);
    match state.lines.stands(agent) {
        _ if pauses || disturbs => Presence::Away,
        Stands::Unavailable => Presence::Away,
        Stands::InUse => Presence::Occupied,
        Stands::Free => Presence::Free,
    }
}
