//! Attended transfer (manual §2.4): `*2` and a number. The other party waits with music; whoever transfers
//! speaks with the third one, `*` brings him back, and hanging up connects the two.
//!
//! Whoever transfers asks in a call of his own (`handover.rs`), which may take any way a call may take. Busy,
//! unanswered or refused, he comes back.

use super::{BlindTransfer, Event, Feature, Phase, Talk};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::handover::{Ahead, Given, Returns, Sending};
use crate::phrase;
use crate::routing::{self, Reaches};
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, LegEvent, LegId, Number, Phrase, TimerId};
use serde::{Deserialize, Serialize};

/// One party waits while the other asks a third.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttendedTransfer {
    kept: LegId,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// The other party says whom he wants to ask.
    Dialling(LegId, Dialogue),
    /// He is asking, in a call of his own.
    Asking,
}

impl AttendedTransfer {
    pub(crate) fn begin(kept: LegId, by: LegId, cx: &mut Cx<'_>) -> Phase {
        let music = cx.music_by(by);
        cx.hold(kept, music);
        cx.aside(by);
        let dialogue = Dialogue::begin(by, phrase::ENTER_TRANSFER_NUMBER, cx);
        Self {
            kept,
            stage: Stage::Dialling(by, dialogue),
        }
        .into()
    }

    fn dialling(self, by: LegId, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        let kept = self.kept;
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
            Heard::More(dialogue) => Self {
                kept,
                stage: Stage::Dialling(by, dialogue),
            }
            .into(),
            Heard::GaveUp => back(kept, by, phrase::TRANSFER_FAILED, cx),
            Heard::Entered(whom) => Self::ask(kept, by, whom, cx),
        }
    }

    /// One party waits already while the other goes and asks.
    pub(super) fn ask(
        kept: LegId,
        by: LegId,
        (number, reaches): (Number, Reaches),
        cx: &mut Cx<'_>,
    ) -> Phase {
        match reaches {
            Reaches::Somebody(rights) => {
                cx.send_ahead(by, number, rights, Sending::Consult);
                Self {
                    kept,
                    stage: Stage::Asking,
                }
                .into()
            }
            // There is nobody to ask there: the call goes at once.
            Reaches::Something(rights) => BlindTransfer::transfer(kept, by, number, rights, cx),
        }
    }

    fn asking(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Given(by, Given::Returns(why)) => {
                let why = match why {
                    Returns::Cancelled | Returns::Confirmed => phrase::TRANSFER_CANCELLED,
                    Returns::HungUp => phrase::OTHER_HAS_HUNG_UP,
                    Returns::Failed(Cause::NoAnswer) => phrase::TRANSFER_NOT_ANSWERED,
                    Returns::Failed(_) => phrase::TRANSFER_FAILED,
                };
                back(self.kept, by, why, cx)
            }
            Event::Ahead(Ahead::LeftFor(call, place)) => {
                cx.goes_on_as(call);
                cx.give(self.kept, call, Given::InPlaceOf(place));
                Phase::Ended
            }
            Event::Ahead(Ahead::Over) => cx.end(Cause::Normal),
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            _ => self.into(),
        }
    }
}

/// A number that a party may transfer another to, and what it leads to. Nobody is connected with himself.
pub(super) fn to(
    number: Number,
    kept: LegId,
    by: LegId,
    cx: &Cx<'_>,
) -> Result<(Number, Reaches), Phrase> {
    let nowhere = phrase::NUMBER_NOT_VALID;
    let rights = cx.extension(by).ok_or_else(|| nowhere.clone())?;
    if cx.extension(kept) == Some(number) {
        return Err(nowhere);
    }
    let reaches = routing::reaches(number, rights, cx);
    reaches
        .map(|reaches| (number, reaches))
        .map_err(|_| nowhere)
}

/// The two are together again, and the one who wanted to transfer hears why.
pub(super) fn back(kept: LegId, by: LegId, why: Phrase, cx: &mut Cx<'_>) -> Phase {
    let talk = Talk::begin(kept, by, cx);
    let speech = cx.speech(by).phrase(why);
    cx.say(by, speech);
    talk
}

impl Feature for AttendedTransfer {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match self.stage.clone() {
            Stage::Dialling(by, dialogue) => self.dialling(by, dialogue, event, cx),
            Stage::Asking => self.asking(event, cx),
        }
    }

    fn takes(&self, given: Given) -> bool {
        matches!((&self.stage, given), (Stage::Asking, Given::Returns(_)))
    }

    fn legs(&self) -> Vec<LegId> {
        match self.stage {
            Stage::Dialling(by, _) => vec![self.kept, by],
            Stage::Asking => vec![self.kept],
        }
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Dialling(_, dialogue) => vec![dialogue.timer()],
            Stage::Asking => Vec::new(),
        }
    }
}
