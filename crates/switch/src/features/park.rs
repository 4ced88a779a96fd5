//! Call parking (manual §2.3): `*4` puts the other party into a slot, whose number is said; dialling the slot takes
//! him up from any phone. After 45 s the phone that parked him rings for 30 s.
//!
//! Nobody there, the operator rings if there is one; else the call is parked for as long again, and then ends.

use super::{Event, Farewell, Feature, LeaveMessage, Phase};
use crate::cx::Cx;
use crate::handover::Given;
use crate::line::Stands;
use crate::phrase;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, GreetingKind, LegEvent, LegId, Number, Party, PlayId, TimerId};
use serde::{Deserialize, Serialize};

/// A party waits in a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parked {
    waiting: LegId,
    slot: u16,
    parker: Number,
    /// Who is told the slot, and the telling.
    told: Option<(LegId, PlayId)>,
    /// How often it was parked.
    rounds: u8,
    timer: TimerId,
    recalled: Option<Recalled>,
}

/// Whose phone rings because nobody took the call up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Recalled {
    who: Number,
    rung: LegId,
}

impl Parked {
    /// Parks a party in the first free slot and tells the other which. `None`: all are taken.
    pub(crate) fn begin(waiting: LegId, by: LegId, cx: &mut Cx<'_>) -> Option<Phase> {
        let slot = cx.free_slot()?;
        let parker = cx.extension(by)?;
        let Phase::Parked(mut parked) = Self::at(waiting, slot, parker, cx) else {
            return None;
        };
        cx.silence(by);
        cx.aside(by);
        let mut speech = cx.speech(by);
        for _ in 0..TIMES_TOLD {
            speech = speech.phrase(phrase::PARKED_AT).digits(&format!("{slot}"));
        }
        parked.told = Some((by, cx.say_all(by, speech)));
        Some(parked.into())
    }

    /// Parks a party in a slot that is free (PK-08).
    pub(crate) fn at(waiting: LegId, slot: u16, parker: Number, cx: &mut Cx<'_>) -> Phase {
        cx.park(slot, waiting);
        cx.answer(waiting);
        let music = cx.music_of(Some(&parker));
        cx.hold(waiting, music);
        Self {
            waiting,
            slot,
            parker,
            told: None,
            rounds: 1,
            timer: cx.timer(cx.directory().parking.wait),
            recalled: None,
        }
        .into()
    }

    /// Somebody takes the call up.
    fn taken_by(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.unpark();
        self.let_go_of_parker(cx);
        if let Some(recalled) = self.recalled.filter(|recalled| recalled.rung != leg) {
            cx.hang_up(recalled.rung, Cause::AnsweredElsewhere);
        }
        super::pickup::connect(self.waiting, leg, cx)
    }

    fn let_go_of_parker(&mut self, cx: &mut Cx<'_>) {
        if let Some((leg, _)) = self.told.take() {
            cx.hang_up(leg, Cause::Normal);
        }
    }

    /// A time is over: nobody took the call up, or nobody answered.
    fn waited(mut self, cx: &mut Cx<'_>) -> Phase {
        self.let_go_of_parker(cx);
        if let Some(recalled) = self.recalled {
            cx.hang_up(recalled.rung, Cause::NoAnswer);
            return self.not_answered(recalled.who, cx);
        }
        if self.rounds > 1 {
            return self.give_up(cx);
        }
        let parker = self.parker;
        self.recall(parker, cx)
    }

    /// Rings the parker, or the operator after him.
    fn recall(mut self, who: Number, cx: &mut Cx<'_>) -> Phase {
        let disturbed = cx.directory().extension(&who);
        let undisturbed = disturbed.is_some_and(|who| !who.do_not_disturb);
        if cx.stands(&who) != Stands::Free || !undisturbed {
            return self.not_answered(who, cx);
        }
        let waiting = cx.party(self.waiting);
        let shown = Party {
            number: waiting.number,
            name: format!("parked-{} {}", self.slot, waiting.name),
        };
        let rung = cx.ring_as(who, self.waiting, shown);
        self.recalled = Some(Recalled { who, rung });
        self.timer = cx.timer(cx.directory().parking.recall);
        self.into()
    }

    fn not_answered(mut self, who: Number, cx: &mut Cx<'_>) -> Phase {
        self.recalled = None;
        let operator = cx.directory().system.operator;
        match operator.filter(|operator| who == self.parker && *operator != who) {
            Some(operator) => self.recall(operator, cx),
            None if cx.view().has_mailbox(&self.parker) => {
                cx.unpark();
                let why = GreetingKind::Unavailable;
                LeaveMessage::begin(self.waiting, self.parker, why, cx)
            }
            None => {
                self.rounds += 1;
                self.timer = cx.timer(cx.directory().parking.wait);
                self.into()
            }
        }
    }

    fn give_up(self, cx: &mut Cx<'_>) -> Phase {
        cx.unpark();
        cx.hang_up(self.waiting, Cause::NoAnswer);
        cx.end(Cause::NoAnswer)
    }

    fn is_told(&self, leg: LegId) -> bool {
        self.told.is_some_and(|(told, _)| told == leg)
    }

    fn is_recalled(&self, leg: LegId) -> bool {
        self.recalled.is_some_and(|recalled| recalled.rung == leg)
    }
}

/// Takes up who waits in a slot (PK-03).
pub(crate) fn retrieve(caller: LegId, slot: u16, cx: &mut Cx<'_>) -> Phase {
    match cx.parked_at(slot) {
        Some(call) => cx.give_up_to(caller, call, Given::Retrieves),
        None => {
            cx.answer(caller);
            let speech = cx.speech(caller).phrase(phrase::NOTHING_PARKED);
            Farewell::say(caller, speech, cx)
        }
    }
}

impl Feature for Parked {
    fn on(mut self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Given(leg, Given::Retrieves | Given::PicksUp(_)) => self.taken_by(leg, cx),
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == self.waiting => cx.end(cause),
            Event::Leg(leg, LegEvent::Played(play, _)) if self.told == Some((leg, play)) => {
                self.let_go_of_parker(cx);
                self.into()
            }
            Event::Leg(leg, LegEvent::HungUp(_)) if self.is_told(leg) => {
                self.told = None;
                self.into()
            }
            Event::Leg(leg, LegEvent::Answered) if self.is_recalled(leg) => {
                let speech = cx.speech(leg).phrase(phrase::PARKED_CALL_RETURNS);
                let talks = self.taken_by(leg, cx);
                cx.say(leg, speech);
                talks
            }
            Event::Leg(leg, LegEvent::Failed(_) | LegEvent::HungUp(_)) if self.is_recalled(leg) => {
                cx.cancel(self.timer);
                let who = self.recalled.map_or(self.parker, |recalled| recalled.who);
                self.not_answered(who, cx)
            }
            Event::Timer(timer) if timer == self.timer => self.waited(cx),
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        match given {
            Given::Retrieves => true,
            Given::PicksUp(rung) => self.is_recalled(rung),
            Given::InPlaceOf(_) | Given::Returns(_) => false,
        }
    }

    fn legs(&self) -> Vec<LegId> {
        let told = self.told.map(|(leg, _)| leg);
        let recalled = self.recalled.map(|recalled| recalled.rung);
        [Some(self.waiting), told, recalled]
            .into_iter()
            .flatten()
            .collect()
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// How often the slot is said (PK-07).
const TIMES_TOLD: u8 = 2;
