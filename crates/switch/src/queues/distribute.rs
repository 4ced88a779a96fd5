//! Who gets which call of which queue (QU-07, QU-11): decided from what is known, without doing anything.

use super::roster::{Roster, Rosters, Seat};
use super::{Desk, Queues, Waiting};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Reverse;
use model::{CallId, Number, QueueStrategy, Ticket, Time};

/// An agent is to be rung for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) to: CallId,
    pub(super) agent: Number,
}

/// Brings all who wait together with all who are free. Of several callers whom one agent could serve the one of the
/// weightier queue comes first, then the one who has waited longest. Of several agents the one who was rung less often
/// for the caller comes first, then whom the queue's strategy says; so nobody who does not answer keeps others from it.
/// What is random is drawn from `seed`.
pub(super) fn distribute(queues: &Queues, rosters: &Rosters, now: Time, seed: u64) -> Vec<Offer> {
    let mut fields: Vec<_> = queues
        .desks
        .iter()
        .filter(|(_, desk)| !desk.waiting.is_empty())
        .filter_map(|(number, desk)| Field::of(desk, rosters.get(number)?, now))
        .collect();
    let mut callers: Vec<_> = fields.iter().enumerate().flat_map(callers).collect();
    callers.sort_unstable();
    let (mut offers, mut taken) = (Vec::new(), BTreeSet::new());
    for Caller { field, nth, .. } in callers {
        let Some(field) = fields.get_mut(field) else {
            continue;
        };
        field.free.retain(|(_, seat)| !taken.contains(&seat.agent));
        let waiting = field.desk.waiting.get(nth);
        let Some(waiting) = waiting.filter(|_| !field.free.is_empty()) else {
            continue;
        };
        for agent in field.agents_for(waiting, seed) {
            taken.insert(agent);
            offers.push(Offer {
                to: waiting.call,
                agent,
            });
        }
    }
    offers
}

/// A queue in which somebody waits and an agent is free.
struct Field<'a> {
    desk: &'a Desk,
    roster: &'a Roster,
    /// Who is free, and where he is listed.
    free: Vec<(usize, &'a Seat)>,
    /// Where the agent is listed whose turn is next.
    next: usize,
}

/// A caller who wants an agent. The least of them is served first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    weight: Reverse<u16>,
    since: Time,
    ticket: Ticket,
    field: usize,
    nth: usize,
}

fn callers<'f>((nth_field, field): (usize, &'f Field<'_>)) -> impl Iterator<Item = Caller> + 'f {
    let rings_all = field.roster.strategy == QueueStrategy::RingAll;
    let wants = move |waiting: &Waiting| rings_all || waiting.rung.is_empty();
    let waiting = field.desk.waiting.iter().enumerate();
    waiting
        .filter(move |(_, waiting)| wants(waiting))
        // Where each gets one agent, nobody behind as many callers as agents are free gets any.
        .take(if rings_all {
            usize::MAX
        } else {
            field.free.len()
        })
        .map(move |(nth, waiting)| Caller {
            weight: Reverse(field.roster.weight),
            since: waiting.since,
            ticket: waiting.ticket,
            field: nth_field,
            nth,
        })
}

impl<'a> Field<'a> {
    fn of(desk: &'a Desk, roster: &'a Roster, now: Time) -> Option<Self> {
        let seats = roster.seats.iter();
        let free: Vec<_> = seats
            .enumerate()
            .filter(|(_, seat)| seat.is_free(now))
            .collect();
        let mut seats = roster.seats.iter();
        let last = desk
            .last_rung
            .filter(|_| roster.strategy == QueueStrategy::RoundRobin);
        let last = last.and_then(|last| seats.position(|seat| seat.agent == last));
        (!free.is_empty()).then_some(Self {
            desk,
            roster,
            free,
            next: last.map_or(0, |last| last + 1),
        })
    }

    /// The agents that are to be rung for a caller.
    fn agents_for(&self, waiting: &Waiting, seed: u64) -> Vec<Number> {
        let free = self.free.iter();
        if self.roster.strategy == QueueStrategy::RingAll {
            // Who was rung in this round already is not rung again before it is over.
            let round = waiting.rung.iter().map(|agent| tries(waiting, agent)).max();
            let again = |agent: &Number| round.is_none_or(|round| tries(waiting, agent) < round);
            return free.map(|(_, seat)| seat.agent).filter(again).collect();
        }
        let first = free.min_by_key(|(nth, seat)| self.rank(*nth, seat, waiting, seed));
        first.map(|(_, seat)| seat.agent).into_iter().collect()
    }

    /// Of all who are free, whoever has the least is rung.
    fn rank(
        &self,
        nth: usize,
        seat: &Seat,
        waiting: &Waiting,
        seed: u64,
    ) -> (u32, u64, u64, usize) {
        let tries = tries(waiting, &seat.agent);
        let (first, second) = match self.roster.strategy {
            QueueStrategy::RingAll | QueueStrategy::Linear => (0, 0),
            // Those from the next one on come before those ahead of him.
            QueueStrategy::RoundRobin => (u64::from(nth < self.next), 0),
            QueueStrategy::LeastRecent => (seat.done.0, 0),
            QueueStrategy::FewestCalls => (u64::from(seat.taken), seat.done.0),
            QueueStrategy::Random => (draw(seed ^ waiting.ticket.0, nth), 0),
        };
        (tries, first, second, nth)
    }
}

fn tries(waiting: &Waiting, agent: &Number) -> u32 {
    waiting.tries.get(agent).copied().unwrap_or_default()
}

/// A number that looks random, always the same for the same seed (the finalizer of SplitMix64).
fn draw(seed: u64, nth: usize) -> u64 {
    let nth = u64::try_from(nth).unwrap_or_default();
    let mut drawn = seed.wrapping_add(nth.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    drawn ^ (drawn >> 31)
}
