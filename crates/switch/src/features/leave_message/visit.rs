//! Who leaves a message, and what he hears before he speaks.

use super::{LeaveMessage, MESSAGE, Stage};
use crate::cx::Cx;
use crate::features::{Farewell, Phase};
use crate::phrase;
use crate::saying::{PHRASES_MAX, Saying};
use crate::speech::Speech;
use crate::take::{Spoken, Take};
use model::{
    Duration, Effect, Fact, GreetingKind, Heard, Keys, LegId, Mailbox, MailboxChange, Message,
    Number, Phrase, Question, Sound, Tone, voice_file,
};
use serde::{Deserialize, Serialize};

/// Who leaves a message, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visit {
    pub(crate) caller: LegId,
    pub(crate) mailbox: Number,
    /// How often he may begin again.
    takes_left: u8,
}

impl Visit {
    pub(super) const fn new(caller: LegId, mailbox: Number) -> Self {
        Self {
            caller,
            mailbox,
            takes_left: TAKES - 1,
        }
    }

    /// What the owner recorded, or what the system says in his place (VM-02).
    pub(super) fn greeting(
        &self,
        greeting: GreetingKind,
        mailbox: &Mailbox,
        cx: &Cx<'_>,
    ) -> Speech {
        let speech = cx.speech(self.caller);
        let recorded = |kind| mailbox.greetings.get(&kind).copied();
        let own = recorded(GreetingKind::Temporary).or_else(|| recorded(greeting));
        if let Some(own) = own {
            return speech.sound(Sound::File(voice_file(own)));
        }
        let speech = match recorded(GreetingKind::Name) {
            Some(name) => speech.sound(Sound::File(voice_file(name))),
            None => speech
                .phrase(phrase::PERSON_AT_EXTENSION)
                .digits(&self.mailbox),
        };
        speech.phrase(match greeting {
            GreetingKind::Busy => phrase::IS_ON_THE_PHONE,
            GreetingKind::Unavailable | GreetingKind::Name | GreetingKind::Temporary => {
                phrase::IS_NOT_AVAILABLE
            }
        })
    }

    /// Says something, what to do, and gives the tone.
    pub(super) fn greet(self, speech: Speech, cx: &mut Cx<'_>) -> Phase {
        let speech = match cx.directory().system.operator {
            Some(_) => speech.phrase(phrase::PRESS_0_FOR_OPERATOR),
            None => speech,
        };
        let speech = speech
            .phrase(phrase::LEAVE_MESSAGE)
            .sound(Sound::Tone(Tone::Beep));
        self.say_up_to_the_tone(speech, cx)
    }

    pub(super) fn say_up_to_the_tone(self, speech: Speech, cx: &mut Cx<'_>) -> Phase {
        let saying = Saying::begin(self.caller, speech, Keys::Report, GREETING_MAX, cx);
        LeaveMessage {
            visit: self,
            stage: Stage::Greets(saying),
        }
        .into()
    }

    /// Whether the caller may speak again.
    pub(in crate::features) const fn may_begin_again(&self) -> bool {
        self.takes_left > 0
    }

    /// Lets the caller speak again, if he has not done so too often, and says why.
    pub(in crate::features) fn again(mut self, why: Speech, cx: &mut Cx<'_>) -> Phase {
        if !self.may_begin_again() {
            let speech = why.phrase(phrase::THANK_YOU_GOODBYE);
            return Farewell::say(self.caller, speech, cx);
        }
        self.takes_left -= 1;
        self.greet(why, cx)
    }

    /// The caller speaks from here on: what he says is a message even if nothing else is ever heard of him.
    pub(super) fn take(self, cx: &mut Cx<'_>) -> Phase {
        let message = Message {
            id: cx.new_recording(),
            at: cx.now().wall,
            from: cx.party(self.caller),
            length: Duration::ZERO,
            heard: Heard::New,
        };
        cx.effect(Effect::Fact(Fact::MessageBegun {
            mailbox: self.mailbox,
            message: message.clone(),
        }));
        let take = Take::begin(self.caller, message.id, MESSAGE, cx);
        LeaveMessage {
            visit: self,
            stage: Stage::Takes(message, take),
        }
        .into()
    }

    /// What was said, if it is a message; else nothing is left of it.
    pub(super) fn keep(
        &self,
        message: Message,
        spoken: &Spoken,
        cx: &mut Cx<'_>,
    ) -> Option<Message> {
        if spoken.said < MESSAGE_MIN {
            cx.discard(message.id);
            return None;
        }
        let length = spoken.length;
        Some(Message { length, ..message })
    }

    /// The message is put in, and nobody is there to be told.
    pub(in crate::features) fn deliver(&self, message: Message, cx: &mut Cx<'_>) {
        cx.tell(self.delivery(message));
    }

    pub(in crate::features) fn delivery(&self, message: Message) -> Question {
        Question::MailboxChange(self.mailbox, MailboxChange::Deliver(message))
    }

    /// Says one last thing.
    pub(in crate::features) fn say(&self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(self.caller).phrase(what);
        Farewell::say(self.caller, speech, cx)
    }
}

/// What is shorter is no message (VM-03).
const MESSAGE_MIN: Duration = Duration::from_secs(2);
/// How often somebody may begin to speak.
const TAKES: u8 = 5;
/// A greeting, what to do, and the tone: a greeting has 60 s at most (VM-10).
const GREETING_MAX: Duration = PHRASES_MAX.saturating_add(Duration::from_secs(60));
