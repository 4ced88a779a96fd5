//! Ringing an extension (CHECKLIST §1.3 step 7).

use super::{Event, Farewell, Feature, Phase, Refusal, Talk};
use crate::cx::Cx;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// The phones of one extension ring for a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dial {
    caller: LegId,
    callee: Number,
    rung: LegId,
    timer: TimerId,
    sound: Sound,
}

/// Whether the callee sends sound before he answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Sound {
    None,
    Early,
}

impl Dial {
    /// Rings an extension, whose phones all ring as one leg; the first to answer takes the call.
    pub(crate) fn begin(caller: LegId, callee: Number, cx: &mut Cx<'_>) -> Phase {
        cx.identify(caller, callee);
        let ring_time = cx.directory().ring_time(&callee);
        Self {
            caller,
            callee,
            rung: cx.ring(callee, caller),
            timer: cx.timer(ring_time),
            sound: Sound::None,
        }
        .into()
    }

    /// The caller hears what the callee sends: an announcement, a ringing tone of the callee's own.
    fn early_media(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.progress(self.caller);
        cx.talk(&[self.caller, self.rung]);
        self.sound = Sound::Early;
        self.into()
    }

    fn connect(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.taken_by(self.callee);
        cx.answer(self.caller);
        Talk::begin(self.caller, self.rung, cx)
    }

    /// Nobody took the call. Forwarding, follow-me and voicemail come here before the refusal.
    fn give_up(self, why: Refusal, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        Farewell::refuse(self.caller, why, cx)
    }
}

impl Feature for Dial {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(leg, LegEvent::Ringing) if leg == self.rung => {
                cx.rings();
                cx.alert(self.caller);
                self.into()
            }
            Event::Leg(leg, LegEvent::EarlyMedia) if leg == self.rung => self.early_media(cx),
            Event::Leg(leg, LegEvent::Answered) if leg == self.rung => self.connect(cx),
            Event::Leg(leg, LegEvent::Failed(cause) | LegEvent::HungUp(cause))
                if leg == self.rung =>
            {
                self.give_up(Refusal::of_phone(cause), cx)
            }
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == self.caller => cx.end(cause),
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
            Event::Leg(..) | Event::Timer(_) | Event::Answer(..) => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller, self.rung]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}
