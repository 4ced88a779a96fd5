//! Call queues (manual §2.7): a caller waits with music until an agent takes the call.
//!
//! Which agents ring for him is decided for all queues at once, in `queues/distribute.rs`. His place is kept in
//! `queues.rs`, where the others see it; here is what becomes of him.

use super::queue_speech::{When, announcement};
use super::{Event, Farewell, Feature, LeaveMessage, Phase, Refusal, Talk};
use crate::cx::Cx;
use crate::handover::Given;
use crate::routing::{self, Journey};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use model::{
    Cause, Digit, GreetingKind, Keys, LeftBecause, LegEvent, LegId, Number, Queue, Sound, TimerId,
};
use serde::{Deserialize, Serialize};

/// A caller waits in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queued {
    caller: LegId,
    queue: Number,
    journey: Journey,
    /// The agents that ring.
    rung: Vec<Rung>,
    /// When he is told again where he stands.
    tells: Option<TimerId>,
    /// When he has waited long enough.
    gives_up: Option<TimerId>,
}

/// An agent whose phones ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rung {
    agent: Number,
    leg: LegId,
    timer: TimerId,
}

/// What happens in a queue to who waits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// This agent is to be rung for him.
    Agent(Number),
    /// That agent takes no more calls.
    Gone(Number),
    /// No agent is there any more.
    Nobody,
    /// The queue was removed.
    Closed,
}

impl Queued {
    /// Lets a caller wait, if the queue takes him.
    pub(crate) fn begin(caller: LegId, number: Number, journey: Journey, cx: &mut Cx<'_>) -> Phase {
        let Some(queue) = queue(number, cx) else {
            return Farewell::refuse(caller, Refusal::NotFound, cx);
        };
        if cx.queue_is_full(&number) {
            cx.turned_away(caller, number, LeftBecause::Full);
            return routing::send_on(caller, queue.then, Refusal::QueueFull, journey, cx);
        }
        if !queue.join_empty && cx.queue_is_empty(&number) {
            cx.turned_away(caller, number, LeftBecause::NobodyThere);
            return routing::send_on(caller, queue.then, Refusal::NobodyThere, journey, cx);
        }
        cx.identify(caller, number);
        cx.take_in(caller);
        cx.aside(caller);
        cx.join_queue(number, caller);
        let mut queued = Self {
            caller,
            queue: number,
            journey,
            rung: Vec::new(),
            tells: None,
            gives_up: queue.max_wait.map(|longest| cx.timer(longest)),
        };
        queued.tell(cx);
        queued.into()
    }

    /// Tells the caller where he stands; then he hears music.
    fn tell(&mut self, cx: &mut Cx<'_>) {
        let Some(queue) = queue(self.queue, cx) else {
            return;
        };
        let when = match self.tells {
            None => When::AtFirst,
            Some(_) => When::Again,
        };
        let mut sounds = announcement(self.caller, &queue, when, cx);
        sounds.push(music(self.queue, cx));
        cx.play(self.caller, sounds, Keys::Report);
        let every = queue.announce_every;
        self.tells = every.map(|every| cx.timer(every.max(Queue::ANNOUNCE_EVERY_MIN)));
    }

    fn ring(mut self, agent: Number, cx: &mut Cx<'_>) -> Phase {
        let Some(queue) = queue(self.queue, cx) else {
            return self.into();
        };
        self.rung.push(Rung {
            agent,
            leg: cx.ring_agent(agent, self.queue, self.caller),
            timer: cx.timer(queue.agent_ring_time),
        });
        self.into()
    }

    fn answered(mut self, by: LegId, cx: &mut Cx<'_>) -> Phase {
        if let Some(rung) = self.take(|rung| rung.leg == by, cx) {
            cx.served_by(by, rung.agent);
            cx.taken_by(rung.agent);
        }
        self.stop(Cause::AnsweredElsewhere, cx);
        cx.silence(self.caller);
        cx.answer(self.caller);
        Talk::begin(self.caller, by, cx)
    }

    /// Somebody else takes the call: it is answered all the same (IX-05).
    fn picked_up(mut self, picker: LegId, cx: &mut Cx<'_>) -> Phase {
        let by = cx.extension(picker).or_else(|| cx.party(picker).number);
        cx.served_by(picker, by.unwrap_or(self.queue));
        self.stop(Cause::AnsweredElsewhere, cx);
        super::pickup::connect(self.caller, picker, cx)
    }

    /// An agent did not take the call.
    fn missed(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        if let Some(rung) = self.take(|rung| rung.leg == leg, cx) {
            cx.hang_up(leg, Cause::NoAnswer);
            cx.missed_by(rung.agent);
        }
        self.into()
    }

    /// An agent takes no more calls: his phone stops ringing (QU-04).
    fn gone(mut self, agent: Number, cx: &mut Cx<'_>) -> Phase {
        if let Some(rung) = self.take(|rung| rung.agent == agent, cx) {
            cx.hang_up(rung.leg, Cause::NoAnswer);
        }
        self.into()
    }

    fn due(mut self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        if self.gives_up == Some(timer) {
            self.gives_up = None;
            return self.leave(LeftBecause::WaitedTooLong, cx);
        }
        if self.tells == Some(timer) {
            self.tell(cx);
            return self.into();
        }
        match self.rung.iter().find(|rung| rung.timer == timer) {
            Some(rung) => {
                let leg = rung.leg;
                self.missed(leg, cx)
            }
            None => self.into(),
        }
    }

    /// A key of the caller, which may end his waiting (QU-09).
    fn key(mut self, key: Digit, cx: &mut Cx<'_>) -> Phase {
        let Some(queue) = queue(self.queue, cx) else {
            return self.into();
        };
        if queue.exit_key == Some(key) {
            let to = queue.exit_to.or(queue.then);
            return self.go(to, LeftBecause::PressedKey, cx);
        }
        let mailbox = queue.mailbox.filter(|of| cx.view().has_mailbox(of));
        match mailbox.filter(|_| key.as_char() == '1') {
            Some(mailbox) => {
                cx.leave_queue(LeftBecause::LeavesMessage);
                self.stop(Cause::NoAnswer, cx);
                cx.silence(self.caller);
                LeaveMessage::begin(self.caller, mailbox, GreetingKind::Unavailable, cx)
            }
            None => self.into(),
        }
    }

    /// The caller goes on to where the queue sends those whom nobody served (QU-10).
    fn leave(self, because: LeftBecause, cx: &mut Cx<'_>) -> Phase {
        let then = queue(self.queue, cx).and_then(|queue| queue.then);
        self.go(then, because, cx)
    }

    fn go(mut self, to: Option<Number>, because: LeftBecause, cx: &mut Cx<'_>) -> Phase {
        cx.leave_queue(because);
        self.stop(Cause::NoAnswer, cx);
        cx.silence(self.caller);
        routing::send_on(self.caller, to, Refusal::NobodyThere, self.journey, cx)
    }

    /// The caller left the call to somebody who waits instead of him (XF-06, IX-09).
    fn replace_caller(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(self.caller, Cause::Normal);
        self.caller = leg;
        cx.waits_instead(leg);
        for rung in &self.rung {
            cx.introduce(leg, rung.leg);
        }
        let music = music(self.queue, cx);
        cx.hold(leg, music);
        self.into()
    }

    /// Takes an agent out of those who ring.
    fn take(&mut self, is_it: impl Fn(&Rung) -> bool, cx: &mut Cx<'_>) -> Option<Rung> {
        let at = self.rung.iter().position(is_it)?;
        let rung = self.rung.remove(at);
        cx.cancel(rung.timer);
        cx.rings_no_longer(rung.agent);
        Some(rung)
    }

    /// Nobody is waited for any more.
    fn stop(&mut self, cause: Cause, cx: &mut Cx<'_>) {
        while let Some(rung) = self.take(|_| true, cx) {
            cx.hang_up(rung.leg, cause);
        }
        for timer in self.tells.take().into_iter().chain(self.gives_up.take()) {
            cx.cancel(timer);
        }
    }
}

/// What others can see of it.
impl Queued {
    /// The queue, and the agents who ring.
    pub(crate) fn waits(&self) -> (Number, BTreeSet<Number>) {
        let rung = self.rung.iter().map(|rung| rung.agent);
        (self.queue, rung.collect())
    }
}

/// The queue as it is set up at this moment.
/// What a queue's callers hear while they wait.
fn music(number: Number, cx: &Cx<'_>) -> Sound {
    let queue = queue(number, cx);
    cx.directory()
        .music(queue.as_ref().and_then(|queue| queue.music.as_ref()))
}

fn queue(number: Number, cx: &Cx<'_>) -> Option<Arc<Queue>> {
    cx.directory().queues.get(&number).cloned()
}

impl Feature for Queued {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == self.caller => cx.end(cause),
            Event::Leg(leg, LegEvent::Ringing) if leg != self.caller => {
                cx.rings();
                self.into()
            }
            Event::Leg(leg, LegEvent::Answered) => self.answered(leg, cx),
            Event::Leg(leg, LegEvent::Failed(_) | LegEvent::HungUp(_)) => self.missed(leg, cx),
            Event::Leg(leg, LegEvent::Digit(key)) if leg == self.caller => self.key(key, cx),
            Event::Timer(timer) => self.due(timer, cx),
            Event::Queue(Turn::Agent(agent)) => self.ring(agent, cx),
            Event::Queue(Turn::Gone(agent)) => self.gone(agent, cx),
            Event::Queue(Turn::Nobody) => self.leave(LeftBecause::NobodyThere, cx),
            Event::Queue(Turn::Closed) => self.leave(LeftBecause::Interrupted, cx),
            Event::Given(picker, Given::PicksUp(_)) => self.picked_up(picker, cx),
            Event::Given(leg, Given::InPlaceOf(_)) => self.replace_caller(leg, cx),
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        match given {
            Given::PicksUp(leg) => self.rung.iter().any(|rung| rung.leg == leg),
            Given::InPlaceOf(leg) => leg == self.caller,
            Given::Retrieves | Given::Returns(_) => false,
        }
    }

    fn legs(&self) -> Vec<LegId> {
        let rung = self.rung.iter().map(|rung| rung.leg);
        core::iter::once(self.caller).chain(rung).collect()
    }

    fn timers(&self) -> Vec<TimerId> {
        let rung = self.rung.iter().map(|rung| rung.timer);
        rung.chain(self.tells).chain(self.gives_up).collect()
    }
}
