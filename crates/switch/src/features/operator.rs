//! The way to the operator, for whom a key leads there (VM-02).

use super::{Event, Farewell, Feature, Phase, Refusal};
use crate::cx::Cx;
use crate::phrase;
use crate::routing;
use crate::saying::{PHRASES_MAX, Saying};
use alloc::vec;
use alloc::vec::Vec;
use model::{Keys, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// A caller hears where he is about to be connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operator {
    caller: LegId,
    /// The extension with whose rights he is.
    rights: Number,
    saying: Saying,
}

impl Operator {
    pub(crate) fn begin(caller: LegId, rights: Number, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(caller).phrase(phrase::CONNECTING_TO_OPERATOR);
        Self {
            caller,
            rights,
            saying: Saying::begin(caller, speech, Keys::Drop, PHRASES_MAX, cx),
        }
        .into()
    }
}

impl Feature for Operator {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if self.saying.is_over(&event, cx) {
            return match cx.directory().system.operator {
                Some(operator) => routing::send(self.caller, operator, self.rights, cx),
                None => Farewell::refuse(self.caller, Refusal::Unavailable, cx),
            };
        }
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.saying.timer()]
    }
}
