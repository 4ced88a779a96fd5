//! Do not disturb (manual §2.11): `*74` on, `*074` off.
//!
//! What it does to calls is decided in `routing.rs`.

use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Change, Duration, LegEvent, LegId, Phrase, Question, QuestionId, Reply, Switched, TimerId,
};
use serde::{Deserialize, Serialize};

/// A caller waits until his wish is on disk (FC-11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DoNotDisturb {
    caller: LegId,
    switched: Switched,
    question: QuestionId,
    timer: TimerId,
}

impl DoNotDisturb {
    /// Switches it for the caller's own extension; that it may be so already makes no difference.
    pub(crate) fn begin(caller: LegId, switched: Switched, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let Some(number) = cx.extension(caller) else {
            return fail(caller, cx);
        };
        let change = Change::DoNotDisturb(number, switched);
        Self {
            caller,
            switched,
            question: cx.ask(Question::Save(change)),
            timer: cx.timer(SAVING_MAX),
        }
        .into()
    }

    fn say(self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.forget(self.question);
        let speech = cx.speech(self.caller).phrase(what);
        Farewell::say(self.caller, speech, cx)
    }
}

impl Feature for DoNotDisturb {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Answer(question, Reply::Saved) if question == self.question => {
                let confirmed = match self.switched {
                    Switched::On => phrase::DO_NOT_DISTURB_ON,
                    Switched::Off => phrase::DO_NOT_DISTURB_OFF,
                };
                self.say(confirmed, cx)
            }
            Event::Answer(question, _) if question == self.question => {
                self.say(phrase::SYSTEM_ERROR, cx)
            }
            Event::Timer(timer) if timer == self.timer => self.say(phrase::SYSTEM_ERROR, cx),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }

    fn questions(&self) -> Vec<QuestionId> {
        vec![self.question]
    }
}

fn fail(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(phrase::SYSTEM_ERROR);
    Farewell::say(caller, speech, cx)
}

/// How long the disk is waited for.
const SAVING_MAX: Duration = Duration::from_secs(10);
