//! What becomes of a message that was left (VM-03): the caller saves it, listens to it, or speaks again. Whatever else
//! he does, it is saved.

use super::leave_message::Visit;
use super::{Event, Feature, Operator, Phase, mailbox, save};
use crate::asking::{Asking, Told};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::saying::Saying;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Duration, Keys, LegEvent, LegId, Message, QuestionId, Reply, Sound, TimerId, voice_file,
};
use serde::{Deserialize, Serialize};

/// A caller has left a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MessageReview {
    visit: Visit,
    message: Message,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// He says what becomes of it.
    Chooses(Choice),
    /// He listens to it.
    Hears(Saying),
    /// It is put into the mailbox.
    Saves(Asking, Then),
}

/// What the caller does once his message is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Then {
    Leaves,
    MeetsOperator,
    /// He says that the mailbox is his.
    OpensIt,
}

/// What a caller wants to do with his message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Save,
    Listen,
    Again,
    Operator,
    Open,
}

pub(super) const REVIEW: Menu<Wish> = Menu {
    name: "leaving a message: it is reviewed",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::SAVE_LISTEN_OR_AGAIN),
            does: Wish::Save,
            leads: "the message is saved",
        },
        Item {
            key: '2',
            says: None,
            does: Wish::Listen,
            leads: "the message is played",
        },
        Item {
            key: '3',
            says: None,
            does: Wish::Again,
            leads: "another message is recorded instead",
        },
        Item {
            key: '0',
            says: None,
            does: Wish::Operator,
            leads: "the message is saved, and the operator rings",
        },
        Item {
            key: '*',
            says: None,
            does: Wish::Open,
            leads: "the message is saved, and the owner's PIN is asked for",
        },
    ],
};

impl MessageReview {
    /// Says something, and asks what becomes of the message.
    pub(super) fn begin(visit: Visit, message: Message, before: Speech, cx: &mut Cx<'_>) -> Phase {
        Self {
            stage: Stage::Chooses(Choice::menu(visit.caller, before, &REVIEW, cx)),
            visit,
            message,
        }
        .into()
    }

    fn choosing(self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        let Self { visit, message, .. } = self;
        match choice.on(event, cx) {
            Chosen::More(choice) => Self {
                visit,
                message,
                stage: Stage::Chooses(choice),
            }
            .into(),
            Chosen::Key(key) => Self::does(visit, message, key, cx),
            Chosen::GaveUp => Self::save(visit, message, Then::Leaves, cx),
        }
    }

    fn hearing(self, saying: Saying, event: Event, cx: &mut Cx<'_>) -> Phase {
        let Self { visit, message, .. } = self;
        if saying.is_over(&event, cx) {
            let nothing = cx.speech(visit.caller);
            return Self::begin(visit, message, nothing, cx);
        }
        let Event::Leg(_, LegEvent::Digit(key)) = event else {
            let stage = Stage::Hears(saying);
            return Self {
                visit,
                message,
                stage,
            }
            .into();
        };
        saying.stop(cx);
        Self::does(visit, message, key.as_char(), cx)
    }

    fn does(visit: Visit, message: Message, key: char, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(visit.caller);
        match REVIEW.does(key) {
            Some(Wish::Save) => Self::save(visit, message, Then::Leaves, cx),
            Some(Wish::Listen) => {
                let longest = message.length + GRACE;
                let speech = speech.sound(Sound::File(voice_file(message.id)));
                let saying = Saying::begin(visit.caller, speech, Keys::CutShort, longest, cx);
                let stage = Stage::Hears(saying);
                Self {
                    visit,
                    message,
                    stage,
                }
                .into()
            }
            Some(Wish::Again) if visit.may_begin_again() => {
                cx.discard(message.id);
                visit.again(speech, cx)
            }
            Some(Wish::Operator) if cx.directory().system.operator.is_some() => {
                Self::save(visit, message, Then::MeetsOperator, cx)
            }
            Some(Wish::Open) => Self::save(visit, message, Then::OpensIt, cx),
            Some(Wish::Again | Wish::Operator) | None => {
                let speech = speech.phrase(phrase::INVALID_ENTRY);
                Self::begin(visit, message, speech, cx)
            }
        }
    }

    fn save(visit: Visit, message: Message, then: Then, cx: &mut Cx<'_>) -> Phase {
        let delivery = visit.delivery(message.clone());
        let asking = Asking::begin(delivery, save::SAVING_MAX, cx);
        Self {
            visit,
            message,
            stage: Stage::Saves(asking, then),
        }
        .into()
    }

    fn saving(self, asking: Asking, then: Then, event: Event, cx: &mut Cx<'_>) -> Phase {
        let Self { visit, message, .. } = self;
        match (asking.on(event, cx), then) {
            (Told::More(asking), then) => Self {
                visit,
                message,
                stage: Stage::Saves(asking, then),
            }
            .into(),
            (Told::Reply(Reply::Saved), Then::Leaves) => visit.say(phrase::MESSAGE_TAKEN, cx),
            (Told::Reply(Reply::Saved), Then::MeetsOperator) => {
                Operator::begin(visit.caller, visit.mailbox, cx)
            }
            (Told::Reply(Reply::Saved), Then::OpensIt) => {
                mailbox::owner(visit.caller, visit.mailbox, cx)
            }
            (Told::Reply(_) | Told::Late, _) => visit.say(phrase::SYSTEM_ERROR, cx),
        }
    }
}

impl Feature for MessageReview {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            self.put_away(cx);
            return cx.end(cause);
        }
        match self.stage.clone() {
            Stage::Chooses(choice) => self.choosing(choice, event, cx),
            Stage::Hears(saying) => self.hearing(saying, event, cx),
            Stage::Saves(asking, then) => self.saving(asking, then, event, cx),
        }
    }

    fn put_away(self, cx: &mut Cx<'_>) {
        match self.stage {
            Stage::Chooses(_) | Stage::Hears(_) => self.visit.deliver(self.message, cx),
            // That has been asked for.
            Stage::Saves(..) => {}
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.visit.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Chooses(choice) => choice.timer(),
            Stage::Hears(saying) => saying.timer(),
            Stage::Saves(asking, _) => asking.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Saves(asking, _) => vec![asking.question()],
            Stage::Chooses(_) | Stage::Hears(_) => Vec::new(),
        }
    }
}

/// How much later than it should the end of a message may be reported.
const GRACE: Duration = Duration::from_secs(10);
