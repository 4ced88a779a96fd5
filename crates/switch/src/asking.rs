//! Asking what the switch cannot know, and going on without it when no reply comes.

use crate::cx::Cx;
use crate::features::Event;
use model::{Duration, Question, QuestionId, Reply, TimerId};
use serde::{Deserialize, Serialize};

/// One question whose reply is waited for, but not for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asking {
    question: QuestionId,
    timer: TimerId,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing yet.
    More(Asking),
    /// The reply.
    Reply(Reply),
    /// None came in time, and none will be heard.
    Late,
}

impl Asking {
    pub(crate) fn begin(question: Question, so_long: Duration, cx: &mut Cx<'_>) -> Self {
        Self {
            question: cx.ask(question),
            timer: cx.timer(so_long),
        }
    }

    pub(crate) fn on(self, event: Event, cx: &mut Cx<'_>) -> Told {
        match event {
            Event::Answer(question, reply) if question == self.question => {
                cx.cancel(self.timer);
                Told::Reply(reply)
            }
            Event::Timer(timer) if timer == self.timer => {
                cx.forget(self.question);
                Told::Late
            }
            _ => Told::More(self),
        }
    }

    pub(crate) const fn timer(&self) -> TimerId {
        self.timer
    }

    pub(crate) const fn question(&self) -> QuestionId {
        self.question
    }
}
