//! Leaving a message (manual §2.1, VM-01 to VM-04): the greeting, the tone, and what the caller says after it.
//!
//! While he hears the greeting, `#` skips it, `*` asks the mailbox's owner for his PIN, and `0` leads to the operator.

mod visit;

pub(crate) use visit::Visit;

use super::{Event, Farewell, Feature, MessageReview, Operator, Phase, mailbox};
use crate::asking::{Asking, Told};
use crate::cx::Cx;
use crate::phrase;
use crate::saying::Saying;
use crate::take::{End, Limits, Spoken, Take, Taken};
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Duration, Effect, Fact, GreetingKind, LegEvent, LegId, MESSAGES_MAX, Mailbox, Message, Number,
    Question, QuestionId, Reply, Sound, TimerId, Tone,
};
use serde::{Deserialize, Serialize};

/// A caller is about to leave a message, or leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeaveMessage {
    visit: Visit,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// What is in the mailbox is being asked for.
    Opens(GreetingKind, Asking),
    /// He hears what to do, up to the tone.
    Greets(Saying),
    /// He speaks.
    Takes(Message, Take),
}

/// Leaves a message for an extension without ringing it (VM-14).
pub(super) fn direct(caller: LegId, of: Number, cx: &mut Cx<'_>) -> Phase {
    if cx.view().has_mailbox(&of) {
        return LeaveMessage::begin(caller, of, GreetingKind::Unavailable, cx);
    }
    let why = match cx.directory().extension(&of) {
        Some(_) => phrase::NO_MAILBOX,
        None => phrase::NUMBER_NOT_VALID,
    };
    cx.answer(caller);
    let speech = cx.speech(caller).phrase(why);
    Farewell::say(caller, speech, cx)
}

impl LeaveMessage {
    /// Lets a caller, answered or not, leave a message, with the greeting for why he has to.
    pub(crate) fn begin(
        caller: LegId,
        mailbox: Number,
        greeting: GreetingKind,
        cx: &mut Cx<'_>,
    ) -> Phase {
        // He may have been in a conversation before he was sent here.
        cx.aside(caller);
        cx.identify(caller, mailbox);
        let visit = Visit::new(caller, mailbox);
        let asking = Asking::begin(Question::Mailbox(mailbox), OPENING_MAX, cx);
        Self {
            visit,
            stage: Stage::Opens(greeting, asking),
        }
        .into()
    }

    fn opening(
        visit: Visit,
        greeting: GreetingKind,
        asking: Asking,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let mailbox = match asking.on(event, cx) {
            Told::More(asking) => {
                let stage = Stage::Opens(greeting, asking);
                return Self { visit, stage }.into();
            }
            Told::Reply(Reply::Mailbox(mailbox)) => mailbox,
            // A message can be taken without knowing what else is in there.
            Told::Reply(_) | Told::Late => Mailbox::default(),
        };
        cx.answer(visit.caller);
        cx.taken_by_mailbox(visit.mailbox);
        if mailbox.messages.len() >= MESSAGES_MAX {
            cx.effect(Effect::Fact(Fact::MailboxFull(visit.mailbox)));
            return visit.say(phrase::MAILBOX_FULL, cx);
        }
        let speech = visit.greeting(greeting, &mailbox, cx);
        visit.greet(speech, cx)
    }

    fn greeting(visit: Visit, saying: Saying, event: &Event, cx: &mut Cx<'_>) -> Phase {
        if saying.is_over(event, cx) {
            return visit.take(cx);
        }
        let key = match event {
            Event::Leg(_, LegEvent::Digit(key)) => Some(key.as_char()),
            _ => None,
        };
        match key {
            Some('#') => {
                saying.stop(cx);
                let tone = cx.speech(visit.caller).sound(Sound::Tone(Tone::Beep));
                visit.say_up_to_the_tone(tone, cx)
            }
            Some('*') => {
                saying.stop(cx);
                mailbox::owner(visit.caller, visit.mailbox, cx)
            }
            Some('0') if cx.directory().system.operator.is_some() => {
                saying.stop(cx);
                Operator::begin(visit.caller, visit.mailbox, cx)
            }
            _ => Self {
                visit,
                stage: Stage::Greets(saying),
            }
            .into(),
        }
    }

    fn taken(visit: Visit, message: Message, spoken: &Spoken, cx: &mut Cx<'_>) -> Phase {
        let Some(message) = visit.keep(message, spoken, cx) else {
            let why = match spoken.end {
                End::Failed => return visit.say(phrase::STORAGE_IS_FULL, cx),
                End::Finished | End::Silent | End::Full | End::Stopped => phrase::MESSAGE_TOO_SHORT,
            };
            let speech = cx.speech(visit.caller).phrase(why);
            return visit.again(speech, cx);
        };
        let speech = cx.speech(visit.caller);
        let speech = match spoken.end {
            End::Failed => {
                visit.deliver(message, cx);
                return visit.say(phrase::STORAGE_IS_FULL, cx);
            }
            End::Full => speech.phrase(phrase::MESSAGE_TOO_LONG),
            End::Finished | End::Silent | End::Stopped => speech,
        };
        MessageReview::begin(visit, message, speech, cx)
    }
}

impl Feature for LeaveMessage {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            self.put_away(cx);
            return cx.end(cause);
        }
        let Self { visit, stage } = self;
        match (stage, event) {
            (Stage::Opens(greeting, asking), event) => {
                Self::opening(visit, greeting, asking, event, cx)
            }
            (Stage::Greets(saying), event) => Self::greeting(visit, saying, &event, cx),
            (Stage::Takes(message, take), event) => match take.on(event, cx) {
                Taken::More(take) => Self {
                    visit,
                    stage: Stage::Takes(message, take),
                }
                .into(),
                Taken::Done(spoken) => Self::taken(visit, message, &spoken, cx),
            },
        }
    }

    /// Who goes before he has spoken leaves nothing.
    fn put_away(self, cx: &mut Cx<'_>) {
        if let Stage::Takes(message, take) = self.stage {
            let spoken = take.stop(cx);
            if let Some(message) = self.visit.keep(message, &spoken, cx) {
                self.visit.deliver(message, cx);
            }
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.visit.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Opens(_, asking) => asking.timer(),
            Stage::Greets(saying) => saying.timer(),
            Stage::Takes(_, take) => take.timer(),
        }]
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Opens(_, asking) => vec![asking.question()],
            Stage::Greets(_) | Stage::Takes(..) => Vec::new(),
        }
    }
}

/// How long a message may be, and when its end is heard (VM-03).
const MESSAGE: Limits = Limits {
    longest: Duration::from_secs(180),
    silence: Duration::from_secs(10),
};
/// How long what is in a mailbox is waited for before the caller is answered all the same.
const OPENING_MAX: Duration = Duration::from_secs(2);
