//! Who waits in queues, and what their agents do (manual §2.7).
//!
//! `roster.rs` knows which agents could take a call, `distribute.rs` decides who gets which. It is asked when everything
//! that is due at a moment has been done, so that nobody is passed over because of the order in which that happens.

mod check;
mod distribute;
mod estimate;
mod live;
mod place;
mod roster;

pub(crate) use roster::Rosters;

use crate::Switch;
use crate::features::{Event, Phase, Turn};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use distribute::{Offer, distribute};
use estimate::Handling;
use model::{
    CallId, Cause, Duration, Fact, LeftBecause, LegId, Number, Party, QueueEvent, QueueFact,
    Ticket, Time, Wall,
};
use serde::{Deserialize, Serialize};

/// Every queue in which somebody waits, or waited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queues {
    desks: BTreeMap<Number, Desk>,
    /// The place of each call that waits.
    places: BTreeMap<CallId, Place>,
    agents: BTreeMap<Number, Work>,
    /// When agents have rested who rest.
    rests: BTreeSet<(Time, Number)>,
    /// Who serves callers, by their own legs.
    serving: BTreeMap<LegId, Serving>,
    last_ticket: Ticket,
}

/// One queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Desk {
    /// Who waits, in the order in which they came.
    waiting: Vec<Waiting>,
    /// How many calls each agent took.
    taken: BTreeMap<Number, u32>,
    /// The agent who was rung last.
    last_rung: Option<Number>,
    handling: Handling,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    ticket: Ticket,
    call: CallId,
    party: Party,
    /// Since when, for durations.
    since: Time,
    /// Since when, for people.
    at: Wall,
    /// The agents that ring for him.
    rung: BTreeSet<Number>,
    /// How often each agent was rung for him.
    tries: BTreeMap<Number, u32>,
}

/// Where somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    queue: Number,
    ticket: Ticket,
}

/// What an agent did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Work {
    /// When his last call of a queue was over.
    done: Time,
    /// He is not rung before that.
    rests_until: Time,
}

/// Somebody who talks with a caller of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Serving {
    place: Place,
    call: CallId,
    by: Number,
    since: Time,
}

impl Queues {
    /// When an agent has rested for whom somebody may wait.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        let waits = self.desks.values().any(|desk| !desk.waiting.is_empty());
        let next = self.rests.first().filter(|_| waits);
        next.map(|&(until, _)| until)
    }

    /// Takes note of who has rested. `false`: nobody.
    fn wake(&mut self, now: Time) -> bool {
        let mut woken = false;
        while let Some(rested) = self
            .rests
            .first()
            .copied()
            .filter(|(until, _)| *until <= now)
        {
            self.rests.remove(&rested);
            woken = true;
        }
        woken
    }

    fn rest(&mut self, agent: Number, until: Time) {
        let work = self.agents.entry(agent).or_default();
        if work.rests_until < until {
            self.rests.remove(&(work.rests_until, agent));
            work.rests_until = until;
            self.rests.insert((until, agent));
        }
    }

    /// The next place in line, whichever queue it is in.
    fn draw(&mut self, at: Wall) -> Ticket {
        self.last_ticket = Ticket::after(self.last_ticket, at);
        self.last_ticket
    }

    fn waiting_mut(&mut self, place: Place) -> Option<&mut Waiting> {
        let mut waiting = self.desks.get_mut(&place.queue)?.waiting.iter_mut();
        waiting.find(|one| one.ticket == place.ticket)
    }
}

impl Switch {
    /// Brings callers who wait and agents who are free together. `false`: there is nobody to bring together.
    pub(crate) fn offer(&mut self) -> bool {
        let now = self.state.now.mono;
        let woken = self.state.queues.wake(now);
        let mut concerned = woken || core::mem::take(&mut self.queues_changed);
        for number in &self.touched {
            concerned |= self.rosters.refresh(number, &self.directory, &self.state);
        }
        if !concerned {
            return false;
        }
        let offers = distribute(&self.state.queues, &self.rosters, now, self.state.seed);
        let calls = &self.state.calls;
        let waits = |call: &CallId| {
            let phase = calls.get(call).map(|call| &call.phase);
            matches!(phase, Some(Phase::Queued(_)))
        };
        // An offer that nobody heard would be made again and again.
        let (heard, unheard): (Vec<_>, Vec<_>) = offers.into_iter().partition(|to| waits(&to.to));
        debug_assert!(unheard.is_empty(), "{unheard:?} do not wait");
        let offered = !heard.is_empty();
        let events = heard
            .into_iter()
            .map(|Offer { to, agent }| (to, Event::Queue(Turn::Agent(agent))));
        self.inbox.extend(events);
        offered
    }

    /// Another configuration is in force. Who waits in a queue that is gone hears so, and whoever is offered to an agent
    /// who takes no more calls.
    pub(crate) fn replace_queues(&mut self) {
        let (directory, queues) = (&self.directory, &mut self.state.queues);
        let known = |number: &Number| directory.extensions.contains_key(number);
        queues.desks.retain(|number, desk| {
            desk.taken.retain(|agent, _| known(agent));
            directory.queues.contains_key(number) || !desk.waiting.is_empty()
        });
        queues.agents.retain(|agent, _| known(agent));
        queues.rests.retain(|(_, agent)| known(agent));
        self.rosters = Rosters::new(&self.directory, &self.state);
        self.queues_changed = true;
        let (directory, rosters) = (&self.directory, &self.rosters);
        for (number, desk) in &self.state.queues.desks {
            let queue = directory.queues.get(number);
            let empty = queue.is_some_and(|queue| queue.leave_empty && rosters.is_empty(number));
            for waiting in &desk.waiting {
                let turn = match queue {
                    None => Some(Turn::Closed),
                    Some(_) if empty => Some(Turn::Nobody),
                    Some(_) => None,
                };
                let leaves = |agent: &&Number| !rosters.takes_calls(number, agent);
                let gone = waiting.rung.iter().filter(leaves);
                let turns = gone.map(|agent| Turn::Gone(*agent)).chain(turn);
                let events = turns.map(|turn| (waiting.call, Event::Queue(turn)));
                self.inbox.extend(events);
            }
        }
    }

    /// A leg is gone: if it served a caller, that is done.
    pub(crate) fn served(&mut self, leg: LegId) {
        let now = self.state.now.mono;
        let queues = &mut self.state.queues;
        let Some(serving) = queues.serving.remove(&leg) else {
            return;
        };
        let Serving {
            place, call, by, ..
        } = serving;
        let talked = now.since(serving.since);
        let queue = self.directory.queues.get(&place.queue);
        let wrap_up = queue.map_or(Duration::ZERO, |queue| queue.wrap_up);
        self.touched.insert(by);
        queues.agents.entry(by).or_default().done = now;
        if !wrap_up.is_zero() {
            queues.rest(by, now + wrap_up);
        }
        if let Some(desk) = queues.desks.get_mut(&place.queue) {
            desk.handling.note(talked + wrap_up);
        }
        self.tell_queue(place, call, QueueEvent::Done { talked });
    }

    /// A call is over; if it waited, it did so in vain.
    pub(crate) fn stop_waiting(&mut self, id: CallId) {
        let cause = self
            .state
            .calls
            .get(&id)
            .and_then(|call| call.draft.cause());
        let because = match cause {
            Some(Cause::Restarted) => LeftBecause::Interrupted,
            Some(_) | None => LeftBecause::Abandoned,
        };
        self.leave_queue(id, because);
    }

    /// A call waits no longer, and nobody served it.
    fn leave_queue(&mut self, call: CallId, because: LeftBecause) {
        if let Some((place, waiting)) = self.take_out(call) {
            let waited = self.state.now.mono.since(waiting.since);
            self.tell_queue(place, call, QueueEvent::Left { because, waited });
        }
    }

    /// Takes a call out of the queue in which it waits; those behind it move up.
    fn take_out(&mut self, call: CallId) -> Option<(Place, Waiting)> {
        let queues = &mut self.state.queues;
        let place = queues.places.remove(&call)?;
        let desk = queues.desks.get_mut(&place.queue)?;
        let at = desk.waiting.iter().position(|one| one.call == call)?;
        let waiting = desk.waiting.remove(at);
        if desk.waiting.is_empty() {
            self.fact(Fact::Lamp(place.queue, None));
        }
        self.queues_changed = true;
        Some((place, waiting))
    }

    fn tell_queue(&mut self, place: Place, call: CallId, event: QueueEvent) {
        self.fact(Fact::Queue(QueueFact {
            queue: place.queue,
            ticket: place.ticket,
            call,
            event,
        }));
    }
}
