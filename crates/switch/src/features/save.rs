//! Settings changed by telephone: what is confirmed is on disk (FC-11).

use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{Change, Duration, LegEvent, LegId, Question, QuestionId, Reply, TimerId};
use serde::{Deserialize, Serialize};

/// A caller waits until what he set is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Save {
    caller: LegId,
    confirmed: Speech,
    question: QuestionId,
    timer: TimerId,
}

impl Save {
    /// Saves a change and says so; that it may be so already makes no difference.
    pub(crate) fn begin(
        caller: LegId,
        change: Change,
        confirmed: Speech,
        cx: &mut Cx<'_>,
    ) -> Phase {
        Self {
            caller,
            confirmed,
            question: cx.ask(Question::Save(change)),
            timer: cx.timer(SAVING_MAX),
        }
        .into()
    }

    fn saved(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        Farewell::say(self.caller, self.confirmed, cx)
    }

    fn fail(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.forget(self.question);
        fail(self.caller, cx)
    }
}

/// Says that something inside went wrong.
pub(super) fn fail(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(phrase::SYSTEM_ERROR);
    Farewell::say(caller, speech, cx)
}

impl Feature for Save {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Answer(question, Reply::Saved) if question == self.question => self.saved(cx),
            Event::Answer(question, _) if question == self.question => self.fail(cx),
            Event::Timer(timer) if timer == self.timer => self.fail(cx),
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

/// How long the disk is waited for.
pub(super) const SAVING_MAX: Duration = Duration::from_secs(10);
