//! Blind transfer (manual §2.4): `#` and a number. The other party goes there; whoever transferred him is free.

use super::attended_transfer::{back, to};
use super::{Event, Feature, Phase};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use crate::routing::{self, Reaches};
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// One party waits while the other says where to transfer him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlindTransfer {
    kept: LegId,
    by: LegId,
    dialogue: Dialogue,
}

impl BlindTransfer {
    pub(crate) fn begin(kept: LegId, by: LegId, cx: &mut Cx<'_>) -> Phase {
        let music = cx.music_by(by);
        cx.hold(kept, music);
        cx.aside(by);
        let (first, prompt) = (phrase::TRANSFER, phrase::ENTER_TRANSFER_NUMBER);
        Self {
            kept,
            by,
            dialogue: Dialogue::begin_with(by, first, prompt, cx),
        }
        .into()
    }

    /// Whoever transfers is free at once; the other goes on with his rights.
    pub(super) fn transfer(
        kept: LegId,
        by: LegId,
        number: Number,
        rights: Number,
        cx: &mut Cx<'_>,
    ) -> Phase {
        cx.hang_up(by, Cause::Normal);
        routing::send(kept, number, rights, cx)
    }
}

impl Feature for BlindTransfer {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        let Self { kept, by, dialogue } = self;
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => return cx.end(cause),
            Event::Leg(leg, LegEvent::Digit(key)) if leg == by && cx.cancels(key) => {
                cx.cancel(dialogue.timer());
                return back(kept, by, phrase::TRANSFER_CANCELLED, cx);
            }
            _ => {}
        }
        let judge = |number, cx: &mut Cx<'_>| to(number, kept, by, cx);
        match dialogue.judge(event, cx, judge) {
            Heard::More(dialogue) => Self { kept, by, dialogue }.into(),
            Heard::GaveUp => back(kept, by, phrase::TRANSFER_FAILED, cx),
            Heard::Entered((number, Reaches::Somebody(rights) | Reaches::Something(rights))) => {
                Self::transfer(kept, by, number, rights, cx)
            }
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.kept, self.by]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.dialogue.timer()]
    }
}
