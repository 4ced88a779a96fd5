//! An invitation to a conference (manual §2.8): the administrator presses `0` and dials. `**` brings whoever he called
//! into the room, `*#` drops him, and either way the administrator is back.
//!
//! He calls in a call of his own (`handover.rs`), which may take any way but those that end in a mailbox or go on from a
//! group; the conference goes on without him meanwhile, and his own call waits without a leg.

use super::{Conference, Event, Farewell, Feature, Phase};
use crate::conferences::Company;
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::handover::{Ahead, Given, Returns, Sending};
use crate::phrase;
use crate::routing::{self, Reaches};
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, Phrase, RoomRole, TimerId};
use serde::{Deserialize, Serialize};

/// The administrator of a conference invites somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invite {
    leg: LegId,
    room: Number,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// He says whom.
    Dialling(Dialogue),
    /// He calls, in a call of his own; the timer is for whoever does not answer.
    Calling(Option<TimerId>),
}

impl Invite {
    pub(super) fn begin(leg: LegId, room: Number, cx: &mut Cx<'_>) -> Phase {
        cx.stand(leg);
        let dialogue = Dialogue::dialling(leg, phrase::DIAL_NUMBER_TO_INVITE, cx);
        Self {
            leg,
            room,
            stage: Stage::Dialling(dialogue),
        }
        .into()
    }

    fn dialling(mut self, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => return cx.end(cause),
            Event::Company(Company::Removed | Company::Closed | Company::Deserted) => {
                cx.cancel(dialogue.timer());
                cx.leave_conference(self.leg);
                let speech = cx.speech(self.leg).phrase(phrase::YOU_WERE_REMOVED);
                return Farewell::say(self.leg, speech, cx);
            }
            _ => {}
        }
        match dialogue.on(event, cx) {
            Heard::More(dialogue) => {
                self.stage = Stage::Dialling(dialogue);
                self.into()
            }
            Heard::GaveUp => self.back(Some(phrase::INVITATION_CANCELLED), cx),
            Heard::Entered(number) => self.call(number, cx),
        }
    }

    fn call(mut self, number: Number, cx: &mut Cx<'_>) -> Phase {
        let rights = cx.extension(self.leg);
        let reached = rights.map(|rights| routing::reaches(number, rights, cx));
        match reached {
            Some(Ok(Reaches::Somebody(rights))) => {
                cx.send_ahead(self.leg, number, rights, Sending::Invite(self.room));
                self.stage = Stage::Calling(Some(cx.timer(ANSWER_MAX)));
                self.into()
            }
            // Nobody can be invited out of a place.
            Some(Ok(Reaches::Something(_))) => self.back(Some(phrase::NUMBER_NOT_VALID), cx),
            Some(Err(refusal)) => self.back(Some(refusal.phrase()), cx),
            None => self.back(Some(phrase::NOT_ALLOWED), cx),
        }
    }

    fn back(self, why: Option<Phrase>, cx: &mut Cx<'_>) -> Phase {
        Conference::of(self.leg, self.room, RoomRole::Administrator).come_back(why, cx)
    }

    fn calling(mut self, timer: Option<TimerId>, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Given(_, Given::Returns(why)) => {
                if let Some(timer) = timer {
                    cx.cancel(timer);
                }
                let why = match why {
                    Returns::Confirmed => None,
                    Returns::Cancelled => Some(phrase::INVITATION_CANCELLED),
                    Returns::HungUp => Some(phrase::OTHER_HAS_HUNG_UP),
                    Returns::Failed(why) => Some(failed(why)),
                };
                self.back(why, cx)
            }
            Event::Timer(due) if timer == Some(due) => {
                if !cx.is_answered_ahead(self.leg) {
                    cx.recall(self.leg, Cause::NoAnswer);
                }
                self.stage = Stage::Calling(None);
                self.into()
            }
            Event::Company(Company::Removed | Company::Closed | Company::Deserted) => {
                cx.dismiss(self.leg);
                self.into()
            }
            // He hung up, or was taken elsewhere.
            Event::Ahead(Ahead::Over) => {
                cx.leave_conference(self.leg);
                cx.end(Cause::Normal)
            }
            _ => self.into(),
        }
    }
}

/// `**`: whoever was invited comes along, and the administrator is back.
pub(super) fn confirm(invited: LegId, room: Number, cx: &mut Cx<'_>) -> Phase {
    cx.return_ahead(Returns::Confirmed);
    Conference::of(invited, room, RoomRole::Member).join_invited(cx)
}

/// `*#`: whoever was invited is dropped, and the administrator is back.
pub(super) fn drop(invited: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.return_ahead(Returns::Cancelled);
    cx.hang_up(invited, Cause::Normal);
    cx.end(Cause::Normal)
}

/// What the administrator hears of an invitation in vain.
const fn failed(why: Cause) -> Phrase {
    match why {
        Cause::NotFound => phrase::NUMBER_NOT_VALID,
        Cause::Forbidden => phrase::NOT_ALLOWED,
        Cause::Congestion => phrase::ALL_LINES_BUSY,
        Cause::Normal
        | Cause::Busy
        | Cause::Declined
        | Cause::NoAnswer
        | Cause::Unavailable
        | Cause::AnsweredElsewhere
        | Cause::NotAcceptable
        | Cause::Vanished
        | Cause::Restarted
        | Cause::Failed => phrase::INVITED_DOES_NOT_ANSWER,
    }
}

impl Feature for Invite {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match self.stage.clone() {
            Stage::Dialling(dialogue) => self.dialling(dialogue, event, cx),
            Stage::Calling(timer) => self.calling(timer, event, cx),
        }
    }

    fn takes(&self, given: Given) -> bool {
        matches!((&self.stage, given), (Stage::Calling(_), Given::Returns(_)))
    }

    fn legs(&self) -> Vec<LegId> {
        match self.stage {
            Stage::Dialling(_) => vec![self.leg],
            Stage::Calling(_) => Vec::new(),
        }
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Dialling(dialogue) => vec![dialogue.timer()],
            Stage::Calling(timer) => timer.iter().copied().collect(),
        }
    }
}

/// How long somebody who is invited may ring (CO-06).
const ANSWER_MAX: Duration = Duration::from_secs(30);
