//! A copy of a message for somebody else (VM-08).

use super::MailboxListen;
use super::round::Round;
use crate::asking::{Asking, Told};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::features::{Event, Feature, Phase, save};
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, MailboxChange, Number, Phrase, Question, QuestionId, Reply, TimerId};
use serde::{Deserialize, Serialize};

/// Somebody says who gets a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxForward {
    round: Round,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Enters(Dialogue),
    Saves(Asking),
}

impl MailboxForward {
    pub(super) fn begin(round: Round, cx: &mut Cx<'_>) -> Phase {
        let dialogue = Dialogue::begin(round.session.caller, phrase::ENTER_EXTENSION, cx);
        Self {
            round,
            stage: Stage::Enters(dialogue),
        }
        .into()
    }

    fn entering(round: Round, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        let owner = round.session.owner;
        let judge = |to: Number, cx: &mut Cx<'_>| receiver(owner, to, cx);
        let stage = match dialogue.judge(event, cx, judge) {
            Heard::More(dialogue) => Stage::Enters(dialogue),
            Heard::Entered(to) => {
                let message = round.message.id;
                let change = MailboxChange::Forward { message, to };
                let question = Question::MailboxChange(owner, change);
                Stage::Saves(Asking::begin(question, save::SAVING_MAX, cx))
            }
            Heard::GaveUp => return back(round, phrase::CANCELLED, cx),
        };
        Self { round, stage }.into()
    }

    fn saving(round: Round, asking: Asking, event: Event, cx: &mut Cx<'_>) -> Phase {
        match asking.on(event, cx) {
            Told::More(asking) => {
                let stage = Stage::Saves(asking);
                Self { round, stage }.into()
            }
            Told::Reply(Reply::Saved) => back(round, phrase::MESSAGE_FORWARDED, cx),
            Told::Reply(_) | Told::Late => back(round, phrase::SYSTEM_ERROR, cx),
        }
    }
}

fn back(round: Round, what: Phrase, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(round.session.caller).phrase(what);
    MailboxListen::menu(round, speech, cx)
}

/// Whoever has a mailbox and has not got the message.
fn receiver(owner: Number, to: Number, cx: &Cx<'_>) -> Result<Number, Phrase> {
    match cx.directory().extension(&to) {
        None => Err(phrase::NO_SUCH_NUMBER),
        Some(_) if to == owner => Err(phrase::INVALID_ENTRY),
        Some(extension) if !extension.voicemail => Err(phrase::NO_MAILBOX),
        Some(_) => Ok(to),
    }
}

impl Feature for MailboxForward {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            self.put_away(cx);
            return cx.end(cause);
        }
        match self.stage {
            Stage::Enters(dialogue) => Self::entering(self.round, dialogue, event, cx),
            Stage::Saves(asking) => Self::saving(self.round, asking, event, cx),
        }
    }

    fn put_away(self, cx: &mut Cx<'_>) {
        self.round.finish(cx);
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.round.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Enters(dialogue) => dialogue.timer(),
            Stage::Saves(asking) => asking.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Enters(_) => Vec::new(),
            Stage::Saves(asking) => vec![asking.question()],
        }
    }
}
