//! The echo test (`*43`): the caller hears himself until he presses `#`.

use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{Duration, LegEvent, LegId, PlayId, Switched, TimerId};
use serde::{Deserialize, Serialize};

/// A caller hears himself, once he has heard how that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Echo {
    caller: LegId,
    saying: Option<PlayId>,
    timer: TimerId,
}

impl Echo {
    pub(crate) fn begin(caller: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let speech = cx.speech(caller).phrase(phrase::ECHO_TEST);
        Self {
            caller,
            saying: Some(cx.say(caller, speech)),
            timer: cx.timer(TEST_MAX),
        }
        .into()
    }

    fn echo(mut self, cx: &mut Cx<'_>) -> Phase {
        self.saying = None;
        cx.echo(self.caller, Switched::On);
        self.into()
    }

    fn finish(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        if self.saying.is_none() {
            cx.echo(self.caller, Switched::Off);
        }
        let speech = cx.speech(self.caller).phrase(phrase::THANK_YOU_GOODBYE);
        Farewell::say(self.caller, speech, cx)
    }
}

impl Feature for Echo {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Leg(_, LegEvent::Played(play, _)) if Some(play) == self.saying => self.echo(cx),
            Event::Leg(_, LegEvent::Digit(digit)) if digit.as_char() == '#' => self.finish(cx),
            Event::Timer(timer) if timer == self.timer => self.finish(cx),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// A forgotten test ends by itself.
const TEST_MAX: Duration = Duration::from_secs(300);
