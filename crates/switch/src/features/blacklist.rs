//! The blacklist by telephone (manual §2.5): `*75` adds a number, `*76` the last caller's, `*075` removes one.
//!
//! What it does to calls is decided in `routing/inbound.rs`.

use super::save::{Save, fail};
use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use crate::speech::Speech;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Blacklisted, Change, Duration, LegEvent, LegId, Number, Phrase, Question, QuestionId, Reply,
    TimerId,
};
use serde::{Deserialize, Serialize};

/// A caller wants his last caller blocked, who has to be asked for (BL-03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockLast {
    caller: LegId,
    question: QuestionId,
    timer: TimerId,
}

/// Blocks a number (BL-04).
pub(super) fn add(caller: LegId, number: Number, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let speech = cx.speech(caller);
    block(caller, number, speech, cx)
}

/// Takes a number off the list, however it is spelled there (BL-05).
pub(super) fn remove(caller: LegId, number: Number, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let view = cx.view();
    let listed = view.listed(&view.numbering(None).spellings(&number));
    let speech = cx.speech(caller).digits(&number);
    match listed {
        Some(listed) => {
            let confirmed = speech.phrase(phrase::IS_UNBLOCKED);
            Save::begin(caller, Change::Unblock(listed), confirmed, cx)
        }
        None => Farewell::say(caller, speech.phrase(phrase::IS_NOT_BLOCKED), cx),
    }
}

/// Blocks a number, if it can be, and says so after what is to be said before.
fn block(caller: LegId, number: Number, before: Speech, cx: &mut Cx<'_>) -> Phase {
    let Some(own) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    if let Err(why) = may_be_blocked(&number, cx) {
        return say(caller, why, cx);
    }
    let speech = before.digits(&number);
    let view = cx.view();
    let listed = view.listed(&view.numbering(None).spellings(&number));
    if listed.is_some() {
        return Farewell::say(caller, speech.phrase(phrase::IS_BLOCKED_ALREADY), cx);
    }
    let listed = Blacklisted {
        number,
        note: String::new(),
        added_by: own.to_string(),
        added_at: Some(cx.view().now.wall),
    };
    Save::begin(
        caller,
        Change::Block(listed),
        speech.phrase(phrase::IS_BLOCKED),
        cx,
    )
}

/// Whether a number is one of somebody outside whom the site can do without.
fn may_be_blocked(number: &Number, cx: &Cx<'_>) -> Result<(), Phrase> {
    let view = cx.view();
    let directory = view.directory;
    // Colleagues are never blocked (BL-06).
    if directory.extensions.contains_key(number) {
        return Err(phrase::EXTENSIONS_ARE_NOT_BLOCKED);
    }
    let numbering = view.numbering(None);
    let mut own = directory.trunks.values().flat_map(|trunk| &trunk.numbers);
    let is_own = own.any(|own| numbering.same(own, number));
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let is_code = number.contains(['*', '#']);
    let indispensable = is_own || directory.is_emergency(number) || view.is_service(number);
    if indispensable || is_code || digits < DIGITS_MIN {
        return Err(phrase::CANNOT_BE_BLOCKED);
    }
    if directory.blacklist.len() >= BLACKLIST_MAX {
        return Err(phrase::STORAGE_IS_FULL);
    }
    Ok(())
}

fn say(caller: LegId, what: Phrase, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(what);
    Farewell::say(caller, speech, cx)
}

impl BlockLast {
    /// Asks who called last.
    pub(crate) fn begin(caller: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let Some(own) = cx.extension(caller) else {
            return fail(caller, cx);
        };
        Self {
            caller,
            question: cx.ask(Question::LastCaller(own)),
            timer: cx.timer(REPLY_MAX),
        }
        .into()
    }

    fn known(self, last: Option<model::Party>, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        let Some(last) = last else {
            return say(self.caller, phrase::NO_LAST_CALLER, cx);
        };
        let Some(number) = last.number else {
            return say(self.caller, phrase::LAST_CALLER_IS_ANONYMOUS, cx);
        };
        let speech = cx.speech(self.caller).phrase(phrase::LAST_CALL_CAME_FROM);
        block(self.caller, number, speech, cx)
    }

    fn fail(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.forget(self.question);
        fail(self.caller, cx)
    }
}

impl Feature for BlockLast {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Answer(question, Reply::LastCaller(last)) if question == self.question => {
                self.known(last, cx)
            }
            Event::Answer(question, _) if question == self.question => self.fail(cx),
            Event::Timer(timer) if timer == self.timer => self.fail(cx),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }

    fn questions(&self) -> Vec<QuestionId> {
        vec![self.question]
    }
}

/// A number outside has at least so many digits.
const DIGITS_MIN: usize = 3;
/// The most numbers that are blocked (BL-10).
const BLACKLIST_MAX: usize = 10_000;
/// How long the records are waited for.
const REPLY_MAX: Duration = Duration::from_secs(5);
