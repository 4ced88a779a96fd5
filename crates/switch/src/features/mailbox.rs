//! A mailbox by telephone (manual §2.1): `*60` any, `*61` one's own. Its main menu; what its keys lead to is in
//! `mailbox/`.

mod details;
mod door;
mod forward;
mod greet;
mod greeting;
mod listen;
mod message;
mod options;
mod pin;
mod round;

pub(crate) use door::MailboxDoor;
pub(crate) use forward::MailboxForward;
pub(crate) use greet::MailboxGreeting;
pub(crate) use listen::MailboxListen;
pub(crate) use options::MailboxOptions;
pub(crate) use pin::MailboxPin;

pub(super) use door::{any, own, owner};
pub(super) use greeting::GREETING;
pub(super) use message::MESSAGE;
pub(super) use options::OPTIONS;

use super::{Event, Farewell, Feature, Phase};
use crate::asking::{Asking, Told};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Duration, GreetingKind, Heard, LegEvent, LegId, Message, Number, Phrase, Question, QuestionId,
    Reply, TimerId,
};
use round::Round;
use serde::{Deserialize, Serialize};

/// Somebody is at the main menu of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    session: Session,
    stage: Stage,
}

/// Whoever opened a mailbox, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    caller: LegId,
    owner: Number,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// What is in the mailbox is being asked for, each time: a message may have come meanwhile (VM-17).
    Opens(Opening, Asking),
    Chooses(model::Mailbox, Choice),
}

/// What is said before the messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Opening {
    /// What the owner should know of his settings (VM-07).
    First,
    Again,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Listen(Heard),
    Options,
    Help,
    Exit,
}

pub(super) const MAIN: Menu<Does> = Menu {
    name: NAME,
    items: &[
        Item {
            key: '1',
            says: Some(phrase::NEW_MESSAGES_KEY),
            does: Does::Listen(Heard::New),
            leads: MESSAGE.name,
        },
        Item {
            key: '2',
            says: Some(phrase::OLD_MESSAGES_KEY),
            does: Does::Listen(Heard::Old),
            leads: MESSAGE.name,
        },
        Item {
            key: '0',
            says: Some(phrase::MAILBOX_OPTIONS_KEY),
            does: Does::Options,
            leads: OPTIONS.name,
        },
        Item {
            key: '#',
            says: Some(phrase::EXIT_KEY),
            does: Does::Exit,
            leads: "goodbye",
        },
        Item {
            key: '*',
            says: None,
            does: Does::Help,
            leads: "what the keys do during a message, and this menu again",
        },
    ],
};

impl Session {
    /// Opens the mailbox for whoever proved that he may.
    fn open(caller: LegId, owner: Number, cx: &mut Cx<'_>) -> Phase {
        Self { caller, owner }.ask(Opening::First, cx)
    }

    /// Goes back to the main menu.
    fn main(self, cx: &mut Cx<'_>) -> Phase {
        self.ask(Opening::Again, cx)
    }

    fn ask(self, opening: Opening, cx: &mut Cx<'_>) -> Phase {
        // Its extension may be gone, or have none any more (IX-25).
        if !cx.view().has_mailbox(&self.owner) {
            return self.leave(phrase::NO_MAILBOX, cx);
        }
        let asking = Asking::begin(Question::Mailbox(self.owner), OPENING_MAX, cx);
        Mailbox {
            session: self,
            stage: Stage::Opens(opening, asking),
        }
        .into()
    }

    /// Says one last thing.
    fn leave(&self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(self.caller).phrase(what);
        Farewell::say(self.caller, speech, cx)
    }
}

impl Mailbox {
    fn opening(
        session: Session,
        opening: Opening,
        asking: Asking,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let mailbox = match asking.on(event, cx) {
            Told::More(asking) => {
                let stage = Stage::Opens(opening, asking);
                return Self { session, stage }.into();
            }
            Told::Reply(Reply::Mailbox(mailbox)) => mailbox,
            Told::Reply(_) | Told::Late => return session.leave(phrase::SYSTEM_ERROR, cx),
        };
        let mut speech = cx.speech(session.caller);
        if opening == Opening::First {
            if mailbox.greetings.contains_key(&GreetingKind::Temporary) {
                speech = speech.phrase(phrase::TEMPORARY_GREETING_ACTIVE);
            }
            if cx.has_default_pin(&session.owner) {
                speech = speech.phrase(phrase::DEFAULT_PASSWORD);
            }
        }
        let speech = counts(speech, &mailbox.messages);
        Self::menu(session, mailbox, speech, cx)
    }

    fn menu(session: Session, mailbox: model::Mailbox, before: Speech, cx: &mut Cx<'_>) -> Phase {
        let choice = Choice::menu(session.caller, before, &MAIN, cx);
        let stage = Stage::Chooses(mailbox, choice);
        Self { session, stage }.into()
    }

    fn choosing(
        session: Session,
        mailbox: model::Mailbox,
        choice: Choice,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let key = match choice.on(event, cx) {
            Chosen::More(choice) => {
                let stage = Stage::Chooses(mailbox, choice);
                return Self { session, stage }.into();
            }
            Chosen::Key(key) => MAIN.does(key),
            Chosen::GaveUp => None,
        };
        match key {
            Some(Does::Listen(heard)) => {
                let messages = mailbox.messages.iter();
                let messages: Vec<_> = messages.filter(|it| it.heard == heard).cloned().collect();
                let Some(round) = Round::begin(session, messages) else {
                    let speech = cx.speech(session.caller).phrase(phrase::YOU_HAVE);
                    let speech = count(speech, heard, 0);
                    return Self::menu(session, mailbox, speech, cx);
                };
                MailboxListen::begin(round, cx)
            }
            Some(Does::Options) => MailboxOptions::begin(session, mailbox.greetings, cx),
            Some(Does::Help) => {
                let speech = cx.speech(session.caller).phrase(phrase::PLAYBACK_KEYS);
                Self::menu(session, mailbox, speech, cx)
            }
            Some(Does::Exit) | None => session.leave(phrase::THANK_YOU_GOODBYE, cx),
        }
    }
}

/// "You have two new messages and one old message" (VM-09); what there is none of is not counted.
fn counts(speech: Speech, messages: &[Message]) -> Speech {
    let of = |heard| messages.iter().filter(|it| it.heard == heard).count();
    let speech = speech.phrase(phrase::YOU_HAVE);
    match (of(Heard::New), of(Heard::Old)) {
        (0, 0) => speech.phrase(phrase::NO_MESSAGES),
        (new, 0) => count(speech, Heard::New, new),
        (0, old) => count(speech, Heard::Old, old),
        (new, old) => {
            let speech = count(speech, Heard::New, new).phrase(phrase::AND);
            count(speech, Heard::Old, old)
        }
    }
}

fn count(speech: Speech, heard: Heard, number: usize) -> Speech {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    match heard {
        Heard::New => speech.count(number, phrase::NEW_MESSAGE, phrase::NEW_MESSAGES),
        Heard::Old => speech.count(number, phrase::OLD_MESSAGE, phrase::OLD_MESSAGES),
    }
}

impl Feature for Mailbox {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        match self.stage {
            Stage::Opens(opening, asking) => {
                Self::opening(self.session, opening, asking, event, cx)
            }
            Stage::Chooses(mailbox, choice) => {
                Self::choosing(self.session, mailbox, choice, event, cx)
            }
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Opens(_, asking) => asking.timer(),
            Stage::Chooses(_, choice) => choice.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Opens(_, asking) => vec![asking.question()],
            Stage::Chooses(..) => Vec::new(),
        }
    }
}

const NAME: &str = "mailbox";
/// How long what is in a mailbox is waited for.
const OPENING_MAX: Duration = Duration::from_secs(5);
