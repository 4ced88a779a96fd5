//! Ring groups: a number that rings several extensions, all at once or one after another (AD-03).
//!
//! The first to answer takes the call. Whoever is in a call, wants no calls or cannot be reached is passed over, and
//! nobody's own forwarding, follow-me or mailbox gets a call of the group.

use super::{Event, Farewell, Feature, Phase, Refusal, Talk};
use crate::cx::Cx;
use crate::handover::Given;
use crate::routing::{self, Journey};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, RingStrategy, TimerId};
use serde::{Deserialize, Serialize};

/// Members of a group are rung for a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RingGroup {
    search: Search,
    /// Whose phones ring.
    rung: BTreeMap<LegId, Number>,
    timer: TimerId,
}

/// What stays the same from one member to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Search {
    caller: LegId,
    group: Number,
    journey: Journey,
    /// Who has not been rung.
    rest: VecDeque<Number>,
    /// How many ring at a time.
    strategy: RingStrategy,
    ring_time: Duration,
    ringing: Ringing,
    /// Why nobody took the call so far.
    why: Refusal,
}

/// Whether a caller who has been answered hears ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ringing {
    NotPlayed,
    Played,
}

impl RingGroup {
    /// Rings the members of a group.
    pub(crate) fn begin(caller: LegId, number: Number, journey: Journey, cx: &mut Cx<'_>) -> Phase {
        let Some(group) = cx.directory().ring_groups.get(&number).cloned() else {
            return Farewell::refuse(caller, Refusal::NotFound, cx);
        };
        cx.identify(caller, number);
        let rest = cx.view().members(&group, &journey);
        Search {
            caller,
            group: number,
            journey,
            rest: rest.into(),
            strategy: group.strategy,
            ring_time: group.ring_time,
            ringing: Ringing::NotPlayed,
            why: cx.view().nobody_rings(&group),
        }
        .next(cx)
    }

    fn ringing(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.rings();
        let caller = self.search.caller;
        cx.alert(caller);
        if self.search.ringing == Ringing::NotPlayed && cx.is_answered(caller) {
            cx.play_ringing(caller);
            self.search.ringing = Ringing::Played;
        }
        self.into()
    }

    fn answered(mut self, by: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        if let Some(number) = self.rung.remove(&by) {
            cx.taken_by(number);
        }
        self.hang_up(Cause::AnsweredElsewhere, cx);
        let caller = self.search.caller;
        cx.silence(caller);
        cx.answer(caller);
        Talk::begin(caller, by, cx)
    }

    /// A phone that was rung gives no call; the others ring on.
    fn failed(mut self, rung: LegId, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        self.rung.remove(&rung);
        self.search.why = Refusal::of_phone(cause);
        if !self.rung.is_empty() {
            return self.into();
        }
        cx.cancel(self.timer);
        self.search.next(cx)
    }

    fn rang_in_vain(mut self, cx: &mut Cx<'_>) -> Phase {
        self.hang_up(Cause::NoAnswer, cx);
        self.search.why = Refusal::NoAnswer;
        self.search.next(cx)
    }

    fn hang_up(&self, cause: Cause, cx: &mut Cx<'_>) {
        for rung in self.rung.keys() {
            cx.hang_up(*rung, cause);
        }
    }

    /// Somebody else takes the call (PU-03).
    fn picked_up(self, picker: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        self.hang_up(Cause::AnsweredElsewhere, cx);
        super::pickup::connect(self.search.caller, picker, cx)
    }

    /// The caller left the call to somebody who waits for the group instead of him (XF-06).
    fn replace_caller(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(self.search.caller, Cause::Normal);
        self.search.caller = leg;
        for rung in self.rung.keys() {
            cx.introduce(leg, *rung);
        }
        cx.aside(leg);
        cx.play_ringing(leg);
        self.search.ringing = Ringing::Played;
        self.into()
    }
}

impl Search {
    /// Rings those whose turn it is; when nobody is left, the call goes where the group sends it.
    fn next(mut self, cx: &mut Cx<'_>) -> Phase {
        let mut rung = BTreeMap::new();
        let most = match self.strategy {
            RingStrategy::All => usize::MAX,
            RingStrategy::Linear => 1,
        };
        while rung.len() < most
            && let Some(member) = self.rest.pop_front()
        {
            // Of those who ring one after another somebody may have begun to talk meanwhile.
            if cx.view().would_ring(&member) {
                cx.called(member);
                rung.insert(cx.ring_on(member, self.caller, &self.journey), member);
            }
        }
        if rung.is_empty() {
            return routing::behind_group(self.caller, self.group, self.why, self.journey, cx);
        }
        RingGroup {
            rung,
            timer: cx.timer(self.ring_time),
            search: self,
        }
        .into()
    }
}

impl Feature for RingGroup {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == self.search.caller => cx.end(cause),
            Event::Leg(leg, event) if self.rung.contains_key(&leg) => match event {
                LegEvent::Ringing | LegEvent::EarlyMedia => self.ringing(cx),
                LegEvent::Answered => self.answered(leg, cx),
                LegEvent::Failed(cause) | LegEvent::HungUp(cause) => self.failed(leg, cause, cx),
                _ => self.into(),
            },
            Event::Timer(timer) if timer == self.timer => self.rang_in_vain(cx),
            Event::Given(picker, Given::PicksUp(_)) => self.picked_up(picker, cx),
            Event::Given(leg, Given::InPlaceOf(_)) => self.replace_caller(leg, cx),
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        match given {
            Given::PicksUp(leg) => self.rung.contains_key(&leg),
            Given::InPlaceOf(leg) => leg == self.search.caller,
            Given::Retrieves | Given::Returns(_) => false,
        }
    }

    fn is_on_its_way(&self) -> bool {
        true
    }

    fn legs(&self) -> Vec<LegId> {
        let caller = core::iter::once(self.search.caller);
        caller.chain(self.rung.keys().copied()).collect()
    }

    fn timers(&self) -> Vec<TimerId> {
        [self.timer].into()
    }
}
