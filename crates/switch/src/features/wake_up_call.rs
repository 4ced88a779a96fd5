//! A wake-up call (manual §2.9): it rings whatever its extension has set, says the time, and comes again in a while for
//! who wants to sleep on.

use super::{Event, Farewell, Feature, Phase};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, Party, TimerId, WakeUpId, WakeUpOutcome};
use serde::{Deserialize, Serialize};

/// An extension is woken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WakeUpCall {
    id: WakeUpId,
    extension: Number,
    leg: LegId,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Rings(TimerId),
    Asks(Choice),
}

/// What somebody who was woken wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Confirm,
    Snooze(Duration),
}

pub(super) const WISHES: Menu<Wish> = Menu {
    name: "wake-up call",
    items: &[
        Item {
            key: '0',
            says: Some(phrase::CONFIRM_OR_SNOOZE),
            does: Wish::Confirm,
            leads: "goodbye",
        },
        snooze('1', 5),
        snooze('2', 10),
        snooze('3', 15),
    ],
};

const fn snooze(key: char, minutes: u64) -> Item<Wish> {
    Item {
        key,
        says: None,
        does: Wish::Snooze(Duration::from_secs(minutes * 60)),
        leads: "another call, that many minutes later",
    }
}

impl WakeUpCall {
    /// Rings the extension's phones.
    pub(crate) fn begin(id: WakeUpId, extension: Number, caller: Party, cx: &mut Cx<'_>) -> Phase {
        Self {
            id,
            extension,
            leg: cx.ring_for(extension, caller),
            stage: Stage::Rings(cx.timer(RING_TIME)),
        }
        .into()
    }

    /// Says the time, and asks whether that was enough (WU-06).
    fn answered(mut self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(timer);
        cx.taken_by(self.extension);
        // Nobody called: talk time runs from here.
        cx.answer(self.leg);
        let speech = cx.speech(self.leg).phrase(phrase::YOUR_WAKE_UP_CALL);
        let speech = says_the_time(speech, cx);
        let booked = cx.directory().wake_ups.get(&self.id);
        if booked.is_none_or(|booked| booked.snoozed >= SNOOZES_MAX) {
            cx.woken(self.id, WakeUpOutcome::Answered);
            return Farewell::say(self.leg, speech.phrase(phrase::THANK_YOU_GOODBYE), cx);
        }
        let choice = Choice::about(self.leg, speech, &WISHES, cx).twice();
        self.stage = Stage::Asks(choice);
        self.into()
    }

    fn chosen(mut self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        let key = match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Asks(choice);
                return self.into();
            }
            Chosen::Key(key) => Some(key),
            Chosen::GaveUp => None,
        };
        match key.and_then(|key| WISHES.does(key)) {
            Some(Wish::Snooze(after)) => {
                cx.snooze(self.id, after);
                let speech = cx.speech(self.leg).phrase(phrase::CALLED_AGAIN_IN);
                Farewell::say(self.leg, speech.duration(after), cx)
            }
            // Who answered is awake, whether or not he finds the key.
            Some(Wish::Confirm) | None => {
                cx.woken(self.id, WakeUpOutcome::Answered);
                let speech = cx.speech(self.leg).phrase(phrase::THANK_YOU_GOODBYE);
                Farewell::say(self.leg, speech, cx)
            }
        }
    }

    /// Nobody took it (WU-07).
    fn in_vain(self, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(self.leg, cause);
        cx.not_woken(self.id);
        cx.end(cause)
    }
}

fn says_the_time(speech: Speech, cx: &Cx<'_>) -> Speech {
    let Some(now) = cx.civil(cx.now().wall) else {
        return speech;
    };
    speech.phrase(phrase::THE_TIME_IS).time_of(now)
}

impl Feature for WakeUpCall {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match (self.stage.clone(), event) {
            (Stage::Rings(_), Event::Leg(_, LegEvent::Ringing)) => {
                cx.rings();
                self.into()
            }
            (Stage::Rings(timer), Event::Leg(_, LegEvent::Answered)) => self.answered(timer, cx),
            (Stage::Rings(_), Event::Leg(_, LegEvent::HungUp(cause) | LegEvent::Failed(cause))) => {
                self.in_vain(cause, cx)
            }
            (Stage::Rings(waits), Event::Timer(timer)) if waits == timer => {
                self.in_vain(Cause::NoAnswer, cx)
            }
            (Stage::Rings(_), _) => self.into(),
            (Stage::Asks(_), Event::Leg(_, LegEvent::HungUp(cause))) => {
                cx.woken(self.id, WakeUpOutcome::Answered);
                cx.end(cause)
            }
            (Stage::Asks(choice), event) => self.chosen(choice, event, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.leg]
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Rings(timer) => vec![*timer],
            Stage::Asks(choice) => vec![choice.timer()],
        }
    }
}

/// How long it rings (CHECKLIST §4).
const RING_TIME: Duration = Duration::from_secs(45);
/// So often somebody may want to sleep on (WU-06).
const SNOOZES_MAX: u8 = 5;
