//! A new PIN for a mailbox (VM-11), entered twice.

use super::options::Desk;
use crate::asking::{Asking, Told};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::features::{Event, Feature, Phase, save};
use crate::phrase;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use model::{Change, LegEvent, LegId, Number, Phrase, Question, QuestionId, Reply, TimerId};
use serde::{Deserialize, Serialize};

/// An owner chooses a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxPin {
    desk: Desk,
    tries_left: u8,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Enters(Dialogue),
    /// He enters the same again.
    Repeats(Number, Dialogue),
    Saves(Asking),
}

impl MailboxPin {
    pub(super) fn begin(desk: Desk, cx: &mut Cx<'_>) -> Phase {
        let dialogue = Dialogue::begin(desk.session.caller, phrase::ENTER_NEW_PASSWORD, cx);
        Self {
            desk,
            tries_left: TRIES - 1,
            stage: Stage::Enters(dialogue),
        }
        .into()
    }

    fn entering(mut self, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        self.stage = match dialogue.judge(event, cx, |pin, _| long_enough(pin)) {
            Heard::More(dialogue) => Stage::Enters(dialogue),
            Heard::Entered(pin) => {
                let prompt = phrase::ENTER_NEW_PASSWORD_AGAIN;
                Stage::Repeats(pin, Dialogue::begin(self.desk.session.caller, prompt, cx))
            }
            Heard::GaveUp => return self.desk.menu_after(phrase::CANCELLED, cx),
        };
        self.into()
    }

    fn repeating(
        mut self,
        pin: Number,
        dialogue: Dialogue,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let session = self.desk.session;
        self.stage = match dialogue.on(event, cx) {
            Heard::More(dialogue) => Stage::Repeats(pin, dialogue),
            Heard::Entered(again) if again == pin => {
                let change = Change::VoicemailPin(session.owner, pin.to_string());
                Stage::Saves(Asking::begin(Question::Save(change), save::SAVING_MAX, cx))
            }
            Heard::Entered(_) if self.tries_left > 0 => {
                self.tries_left -= 1;
                let why = cx.speech(session.caller).phrase(phrase::PASSWORDS_DIFFER);
                let prompt = phrase::ENTER_NEW_PASSWORD;
                Stage::Enters(Dialogue::after(why, session.caller, prompt, cx))
            }
            Heard::Entered(_) => return self.desk.menu_after(phrase::PASSWORDS_DIFFER, cx),
            Heard::GaveUp => return self.desk.menu_after(phrase::CANCELLED, cx),
        };
        self.into()
    }

    fn saving(mut self, asking: Asking, event: Event, cx: &mut Cx<'_>) -> Phase {
        let what = match asking.on(event, cx) {
            Told::More(asking) => {
                self.stage = Stage::Saves(asking);
                return self.into();
            }
            Told::Reply(Reply::Saved) => phrase::PASSWORD_CHANGED,
            Told::Reply(_) | Told::Late => phrase::SYSTEM_ERROR,
        };
        self.desk.menu_after(what, cx)
    }
}

fn long_enough(pin: Number) -> Result<Number, Phrase> {
    match pin.len() {
        ..LENGTH_MIN => Err(phrase::PASSWORD_TOO_SHORT),
        LENGTH_MIN..=LENGTH_MAX => Ok(pin),
        _ => Err(phrase::INVALID_ENTRY),
    }
}

impl Feature for MailboxPin {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        match self.stage.clone() {
            Stage::Enters(dialogue) => self.entering(dialogue, event, cx),
            Stage::Repeats(pin, dialogue) => self.repeating(pin, dialogue, event, cx),
            Stage::Saves(asking) => self.saving(asking, event, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.desk.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Enters(dialogue) | Stage::Repeats(_, dialogue) => dialogue.timer(),
            Stage::Saves(asking) => asking.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Enters(_) | Stage::Repeats(..) => Vec::new(),
            Stage::Saves(asking) => vec![asking.question()],
        }
    }
}

/// How many digits a PIN has (SET-05).
const LENGTH_MIN: usize = 4;
const LENGTH_MAX: usize = 10;
/// How often the two may differ.
const TRIES: u8 = 3;
