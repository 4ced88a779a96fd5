//! What a call does that waits in a queue.

use super::{Place, Serving, Waiting};
use crate::cx::Cx;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use model::{Duration, Fact, LeftBecause, LegId, Number, Party, QueueEvent};

impl Cx<'_> {
    /// Takes a place at the end of a queue.
    pub(crate) fn join_queue(&mut self, queue: Number, caller: LegId) {
        let party = self.party(caller);
        let call = self.call;
        let state = &mut self.switch.state;
        let (now, queues) = (state.now, &mut state.queues);
        let ticket = queues.draw(now.wall);
        let place = Place { queue, ticket };
        queues.places.insert(call, place);
        let desk = queues.desks.entry(queue).or_default();
        let is_first = desk.waiting.is_empty();
        desk.waiting.push(Waiting {
            ticket,
            call,
            party: party.clone(),
            since: now.mono,
            at: now.wall,
            rung: BTreeSet::new(),
            tries: BTreeMap::new(),
        });
        self.switch.queues_changed = true;
        self.switch
            .tell_queue(place, call, QueueEvent::Joined(party));
        if is_first {
            let lamp = Fact::Lamp(queue, Some(self.party_of(queue)));
            self.switch.fact(lamp);
        }
    }

    /// Somebody else waits from here on in the place of who did.
    pub(crate) fn waits_instead(&mut self, leg: LegId) {
        let party = self.party(leg);
        let queues = &mut self.switch.state.queues;
        let place = queues.places.get(&self.call).copied();
        if let Some(waiting) = place.and_then(|place| queues.waiting_mut(place)) {
            waiting.party = party;
        }
    }

    /// Waits no longer, without having been served.
    pub(crate) fn leave_queue(&mut self, because: LeftBecause) {
        self.switch.leave_queue(self.call, because);
    }

    /// Notes that a caller did not even begin to wait.
    pub(crate) fn turned_away(&mut self, caller: LegId, queue: Number, because: LeftBecause) {
        let caller = self.party(caller);
        let state = &mut self.switch.state;
        let ticket = state.queues.draw(state.now.wall);
        let (place, call) = (Place { queue, ticket }, self.call);
        let turned_away = QueueEvent::TurnedAway { caller, because };
        self.switch.tell_queue(place, call, turned_away);
    }

    /// Rings an agent for the caller of this call; his phone shows from which queue (QU-12).
    pub(crate) fn ring_agent(&mut self, agent: Number, queue: Number, caller: LegId) -> LegId {
        let call = self.call;
        let queues = &mut self.switch.state.queues;
        if let Some(desk) = queues.desks.get_mut(&queue) {
            desk.last_rung = Some(agent);
        }
        let place = queues.places.get(&call).copied();
        if let Some(waiting) = place.and_then(|place| queues.waiting_mut(place)) {
            waiting.rung.insert(agent);
            *waiting.tries.entry(agent).or_default() += 1;
        }
        if let Some(place) = place {
            let offered = QueueEvent::Offered(agent);
            self.switch.tell_queue(place, call, offered);
        }
        let caller_is = self.party(caller);
        let shown = Party {
            name: self.labelled(queue, &caller_is),
            ..caller_is
        };
        self.ring_as(agent, caller, shown)
    }

    /// An agent rings no longer for this call: others took it, or it is gone.
    pub(crate) fn rings_no_longer(&mut self, agent: Number) {
        let queues = &mut self.switch.state.queues;
        let place = queues.places.get(&self.call).copied();
        if let Some(waiting) = place.and_then(|place| queues.waiting_mut(place)) {
            waiting.rung.remove(&agent);
            self.switch.queues_changed = true;
        }
    }

    /// An agent did not take the call: his phone is left alone for a while.
    pub(crate) fn missed_by(&mut self, agent: Number) {
        self.rings_no_longer(agent);
        let now = self.switch.state.now.mono;
        let queues = &mut self.switch.state.queues;
        let Some(place) = queues.places.get(&self.call).copied() else {
            return;
        };
        let queue = self.switch.directory.queues.get(&place.queue);
        let retry = queue.map_or(REST_MIN, |queue| queue.retry.max(REST_MIN));
        queues.rest(agent, now + retry);
        self.switch.touched.insert(agent);
        let call = self.call;
        let missed = QueueEvent::Missed(agent);
        self.switch.tell_queue(place, call, missed);
    }

    /// Somebody took the call; what he says from here on is service.
    pub(crate) fn served_by(&mut self, leg: LegId, by: Number) {
        let call = self.call;
        let Some((place, waiting)) = self.switch.take_out(call) else {
            return;
        };
        let now = self.switch.state.now.mono;
        let queues = &mut self.switch.state.queues;
        let serving = Serving {
            place,
            call,
            by,
            since: now,
        };
        queues.serving.insert(leg, serving);
        self.switch.touched.insert(by);
        if let Some(desk) = queues.desks.get_mut(&place.queue) {
            *desk.taken.entry(by).or_default() += 1;
        }
        let waited = now.since(waiting.since);
        let answered = QueueEvent::Answered { by, waited };
        self.switch.tell_queue(place, call, answered);
    }

    /// Another phone of who serves a caller takes the place of the one he had.
    pub(crate) fn serves_on(&mut self, new: LegId, old: LegId) {
        let same = self.origin(new) == self.origin(old);
        let serving = &mut self.switch.state.queues.serving;
        if same && let Some(serves) = serving.remove(&old) {
            serving.insert(new, serves);
        }
    }

    /// Whether as many wait in a queue as may.
    pub(crate) fn queue_is_full(&self, queue: &Number) -> bool {
        let most = self.directory().queues.get(queue);
        let most = most.and_then(|queue| queue.max_callers);
        most.is_some_and(|most| self.waiting_in(queue) >= most.get())
    }

    /// Whether no agent of a queue is there.
    pub(crate) fn queue_is_empty(&self, queue: &Number) -> bool {
        self.switch.rosters.is_empty(queue)
    }

    /// How many stand before the caller of this call, and how long he will probably wait.
    pub(crate) fn stands_in_queue(&self) -> Option<(u32, Option<Duration>)> {
        let queues = &self.switch.state.queues;
        let place = queues.places.get(&self.call)?;
        let desk = queues.desks.get(&place.queue)?;
        let mut waiting = desk.waiting.iter();
        let ahead = waiting.position(|one| one.ticket == place.ticket)?;
        let ahead = u32::try_from(ahead).ok()?;
        let agents = self.switch.rosters.present(&place.queue);
        let agents = u32::try_from(agents).ok()?;
        Some((ahead, desk.handling.wait(ahead + 1, agents)))
    }

    /// Whether an agent is free for whoever comes next.
    pub(crate) fn somebody_is_free(&self, queue: &Number) -> bool {
        let now = self.switch.state.now.mono;
        let roster = self.switch.rosters.get(queue);
        let mut seats = roster.into_iter().flat_map(|roster| &roster.seats);
        self.waiting_in(queue) <= 1 && seats.any(|seat| seat.is_free(now))
    }

    fn waiting_in(&self, queue: &Number) -> u32 {
        let desk = self.switch.state.queues.desks.get(queue);
        let waiting = desk.map_or(0, |desk| desk.waiting.len());
        u32::try_from(waiting).unwrap_or(u32::MAX)
    }

    /// "support: 张三"; who has no name is shown by his number.
    fn labelled(&self, queue: Number, caller: &Party) -> String {
        let label = self.party_of(queue).name;
        let number = || caller.number.map(|number| number.to_string());
        let name = Some(caller.name.clone()).filter(|name| !name.is_empty());
        match name.or_else(number) {
            Some(name) => format!("{label}: {name}"),
            None => label,
        }
    }
}

/// The phone of somebody who did not take a call is left alone for at least so long, whatever is set up: one that
/// refuses at once would be rung again at once.
const REST_MIN: Duration = Duration::from_secs(1);
