//! Ringing an extension (CHECKLIST §1.3 step 7), or calling a number outside (AD-07).

use super::{Event, Farewell, Feature, Phase, Refusal, Talk};
use crate::cx::Cx;
use crate::handover::Given;
use crate::routing::{self, Journey, Out, Urgency};
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// Somebody is rung for a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dial {
    caller: LegId,
    journey: Journey,
    callee: Callee,
    rung: LegId,
    timer: TimerId,
    sound: Sound,
}

/// Who is rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Callee {
    /// The phones of an extension.
    Extension(Number),
    /// A number outside, on the last trunk that is not among those that remain.
    Outside(Out),
}

/// What the caller hears meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Sound {
    /// What his phone makes of it.
    None,
    /// Ringing, played: he has been answered.
    Ringing,
    /// What the callee sends before he answers.
    Early,
}

impl Dial {
    /// Rings an extension, whose phones all ring as one leg; the first to answer takes the call.
    pub(crate) fn begin(
        caller: LegId,
        callee: Number,
        time: Duration,
        journey: Journey,
        cx: &mut Cx<'_>,
    ) -> Phase {
        cx.identify(caller, callee);
        Self {
            caller,
            rung: cx.ring_on(callee, caller, &journey),
            journey,
            callee: Callee::Extension(callee),
            timer: cx.timer(time),
            sound: Sound::None,
        }
        .into()
    }

    /// Calls a number outside, on the first of its trunks that takes the call.
    pub(crate) fn out(caller: LegId, mut out: Out, journey: Journey, cx: &mut Cx<'_>) -> Phase {
        if out.urgency == Urgency::Emergency {
            cx.calls_for_help(journey.as_whom, out.dialled);
        }
        let Some(rung) = next_exit(&mut out, caller, &journey, cx) else {
            return Farewell::refuse(caller, Refusal::Congestion, cx);
        };
        Self {
            caller,
            journey,
            callee: Callee::Outside(out),
            rung,
            timer: cx.timer(OUTSIDE_MAX),
            sound: Sound::None,
        }
        .into()
    }

    fn ringing(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.rings();
        cx.alert(self.caller);
        if self.sound == Sound::None && cx.is_answered(self.caller) {
            cx.play_ringing(self.caller);
            self.sound = Sound::Ringing;
        }
        self.into()
    }

    /// The caller hears what the callee sends: an announcement, a ringing tone of the callee's own.
    fn early_media(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.progress(self.caller);
        cx.silence(self.caller);
        cx.talk(&[self.caller, self.rung]);
        self.sound = Sound::Early;
        self.into()
    }

    fn connect(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        match &self.callee {
            Callee::Extension(callee) => cx.taken_by(*callee),
            Callee::Outside(out) => {
                cx.taken_by(out.dialled);
                if let Some(longest) = out.longest {
                    cx.limit(self.rung, longest);
                }
            }
        }
        cx.silence(self.caller);
        cx.answer(self.caller);
        Talk::begin(self.caller, self.rung, cx)
    }

    /// The leg that was rung came to nothing: another trunk is tried, or nobody took the call.
    fn failed(mut self, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        if let Callee::Outside(out) = &mut self.callee
            && is_of_line(cause)
            && let Some(rung) = next_exit(out, self.caller, &self.journey, cx)
        {
            self.rung = rung;
            return self.into();
        }
        let why = match self.callee {
            Callee::Extension(_) => Refusal::of_phone(cause),
            Callee::Outside(_) => Refusal::of_trunk(cause),
        };
        self.give_up(why, cx)
    }

    /// Somebody else takes the call (PU-03).
    fn picked_up(self, picker: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.hang_up(self.rung, Cause::AnsweredElsewhere);
        super::pickup::connect(self.caller, picker, cx)
    }

    /// The caller left the call to somebody who waits for the callee instead of him (XF-06).
    fn replace_caller(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(self.caller, Cause::Normal);
        self.caller = leg;
        cx.introduce(leg, self.rung);
        if self.sound == Sound::Early {
            cx.silence(leg);
            cx.talk(&[leg, self.rung]);
            return self.into();
        }
        cx.aside(leg);
        cx.play_ringing(leg);
        self.sound = Sound::Ringing;
        self.into()
    }

    /// Nobody took the call: what follows then is a matter of routing.
    fn give_up(self, why: Refusal, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        match self.callee {
            Callee::Extension(callee) => {
                routing::rung_in_vain(self.caller, callee, why, self.journey, cx)
            }
            Callee::Outside(_) => Farewell::refuse(self.caller, why, cx),
        }
    }
}

/// Whether a call failed because of the trunk it was made on, so that another may do better.
pub(super) const fn is_of_line(cause: Cause) -> bool {
    match cause {
        Cause::Unavailable | Cause::Congestion | Cause::Failed | Cause::Vanished => true,
        Cause::Normal
        | Cause::Busy
        | Cause::Declined
        | Cause::NoAnswer
        | Cause::NotFound
        | Cause::Forbidden
        | Cause::AnsweredElsewhere
        | Cause::NotAcceptable
        | Cause::Restarted => false,
    }
}

/// Calls on the next trunk that takes the call.
pub(super) fn next_exit(
    out: &mut Out,
    caller: LegId,
    journey: &Journey,
    cx: &mut Cx<'_>,
) -> Option<LegId> {
    while let Some(exit) = out.exits.pop_front() {
        if let Some(rung) = cx.ring_out(&exit, out.urgency, caller, journey) {
            return Some(rung);
        }
    }
    None
}

impl Feature for Dial {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(leg, LegEvent::Ringing) if leg == self.rung => self.ringing(cx),
            Event::Leg(leg, LegEvent::EarlyMedia) if leg == self.rung => self.early_media(cx),
            Event::Leg(leg, LegEvent::Answered) if leg == self.rung => self.connect(cx),
            Event::Leg(leg, LegEvent::Failed(cause) | LegEvent::HungUp(cause))
                if leg == self.rung =>
            {
                self.failed(cause, cx)
            }
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == self.caller => cx.end(cause),
            Event::Given(picker, Given::PicksUp(_)) => self.picked_up(picker, cx),
            Event::Given(leg, Given::InPlaceOf(_)) => self.replace_caller(leg, cx),
            Event::Timer(timer) if timer == self.timer => {
                cx.hang_up(self.rung, Cause::NoAnswer);
                self.give_up(Refusal::NoAnswer, cx)
            }
            // Whoever announces something before he answers may ask for keys.
            Event::Leg(leg, LegEvent::Digit(digit))
                if leg == self.caller && self.sound == Sound::Early =>
            {
                cx.send_digit(self.rung, digit);
                self.into()
            }
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        match given {
            Given::PicksUp(leg) => leg == self.rung,
            Given::InPlaceOf(leg) => leg == self.caller,
            Given::Retrieves | Given::Returns(_) => false,
        }
    }

    fn is_on_its_way(&self) -> bool {
        true
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller, self.rung]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// How long a call may ring outside. Providers end it sooner, mostly.
const OUTSIDE_MAX: Duration = Duration::from_secs(180);
