//! A code that was dialled without the number it needs: it is asked for (P-13, FC-05).

use super::{Code, Event, Farewell, Feature, Phase, use_code};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Phrase, TimerId};
use serde::{Deserialize, Serialize};

/// A caller is asked for the number that belongs to a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Argument {
    caller: LegId,
    code: Code,
    dialogue: Dialogue,
}

impl Argument {
    pub(crate) fn begin(code: Code, prompt: Phrase, caller: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        Self {
            caller,
            code,
            dialogue: Dialogue::begin(caller, prompt, cx),
        }
        .into()
    }
}

impl Feature for Argument {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        let Self { caller, code, .. } = self;
        match self.dialogue.on(event, cx) {
            Heard::More(dialogue) => Self {
                caller,
                code,
                dialogue,
            }
            .into(),
            Heard::Entered(number) => use_code(code, Some(number), caller, cx),
            Heard::GaveUp => {
                let speech = cx.speech(caller).phrase(phrase::TOO_MANY_WRONG_ENTRIES);
                Farewell::say(caller, speech, cx)
            }
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.dialogue.timer()]
    }
}
