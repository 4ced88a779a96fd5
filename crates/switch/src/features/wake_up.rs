//! Wake-up calls by telephone (manual §2.9): `*55*` and a moment books one, `*55` is a menu, `*055` cancels all.
//!
//! What happens when their time comes is in `wake_up_call.rs` and `wake_ups.rs`.

use super::save::{Save, fail};
use super::{Event, Farewell, Feature, Phase, WakeUpMenu};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use crate::speech::Speech;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Change, Civil, CivilDate, Duration, Language, LegEvent, LegId, Number, Phrase, PlayId,
    Question, QuestionId, Reply, TimerId, WakeUp, Wall,
};
use serde::{Deserialize, Serialize};

/// A caller is about to book a wake-up call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BookWakeUp {
    caller: LegId,
    then: Then,
    stage: Stage,
}

/// What follows when one is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Then {
    Goodbye,
    Menu,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// He is asked when.
    Asks(Dialogue),
    /// It is saved.
    Saves(QuestionId, TimerId, Wall),
    /// It is read back to him, to its end.
    Confirms(PlayId, TimerId),
}

/// Cancels all that the caller has booked (WU-04).
pub(super) fn cancel_all(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let Some(own) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    if cx.directory().wake_ups_of(&own).is_empty() {
        return say(caller, phrase::NO_WAKE_UP_CALLS, cx);
    }
    let confirmed = cx
        .speech(caller)
        .phrase(phrase::ALL_WAKE_UP_CALLS_CANCELLED);
    Save::begin(caller, Change::CancelWakeUps(own), confirmed, cx)
}

impl BookWakeUp {
    /// Books one for the moment that was dialled (WU-03).
    pub(super) fn at(caller: LegId, dialled: Number, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        match moment(dialled, caller, cx) {
            Ok(at) => Self::save(caller, Then::Goodbye, at, cx),
            Err(why) => say(caller, why, cx),
        }
    }

    /// Asks for the moment.
    pub(super) fn ask(caller: LegId, then: Then, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let dialogue = Dialogue::begin(caller, phrase::ENTER_MOMENT, cx).of_length(MOMENT_LENGTH);
        Self {
            caller,
            then,
            stage: Stage::Asks(dialogue),
        }
        .into()
    }

    fn save(caller: LegId, then: Then, at: Wall, cx: &mut Cx<'_>) -> Phase {
        let Some(extension) = cx.extension(caller) else {
            return fail(caller, cx);
        };
        let booked = WakeUp {
            id: cx.new_wake_up(),
            extension,
            at,
            days: BTreeSet::new(),
            snoozed: 0,
        };
        let question = cx.ask(Question::Save(Change::BookWakeUp(booked)));
        Self {
            caller,
            then,
            stage: Stage::Saves(question, cx.timer(SAVING_MAX), at),
        }
        .into()
    }

    fn asked(self, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        let (caller, then) = (self.caller, self.then);
        match dialogue.judge(event, cx, |entered, cx| moment(entered, caller, cx)) {
            Heard::More(dialogue) => Self {
                caller,
                then,
                stage: Stage::Asks(dialogue),
            }
            .into(),
            Heard::Entered(at) => Self::save(caller, then, at, cx),
            Heard::GaveUp => say(caller, phrase::TOO_MANY_WRONG_ENTRIES, cx),
        }
    }

    /// Reads the moment back, to its end (WU-10).
    fn confirm(mut self, timer: TimerId, at: Wall, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(timer);
        let speech = cx.speech(self.caller).phrase(phrase::WAKE_UP_CALL_BOOKED);
        let play = cx.say_all(self.caller, says_moment(speech, at, cx));
        self.stage = Stage::Confirms(play, cx.timer(READING_MAX));
        self.into()
    }

    fn confirmed(self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(timer);
        match self.then {
            Then::Goodbye => say(self.caller, phrase::THANK_YOU_GOODBYE, cx),
            Then::Menu => WakeUpMenu::begin(self.caller, cx),
        }
    }

    fn refuse(self, question: QuestionId, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        cx.forget(question);
        cx.cancel(timer);
        fail(self.caller, cx)
    }
}

/// What eight keys say, if an extension may be woken then: the first time from now on that clocks show it.
fn moment(keys: Number, caller: LegId, cx: &Cx<'_>) -> Result<Wall, Phrase> {
    let own = cx.extension(caller).ok_or(phrase::SYSTEM_ERROR)?;
    let at = next(&keys, cx).ok_or(phrase::TIME_NOT_VALID)?;
    let booked = cx.directory().wake_ups_of(&own);
    if booked.iter().any(|one| one.at == at) {
        return Err(phrase::WAKE_UP_CALL_EXISTS);
    }
    if booked.len() >= WakeUp::MAX {
        return Err(phrase::TOO_MANY_WAKE_UP_CALLS);
    }
    Ok(at)
}

fn next(keys: &str, cx: &Cx<'_>) -> Option<Wall> {
    let [month, day, hour, minute] = pairs(keys)?;
    if hour > 23 || minute > 59 {
        return None;
    }
    let now = cx.now().wall;
    let today = cx.civil(now)?;
    let minute = u16::from(hour) * 60 + u16::from(minute);
    let in_year = |year: u16| {
        let date = CivilDate::new(year, month, day)?;
        Some(cx.wall(Civil { date, minute }))
    };
    let this_year = in_year(today.date.year);
    match this_year {
        // The minute that has begun is the next one that gives the phone time to be put down.
        Some(at) if now.0 >= at.0 && now.0 < at.0 + MINUTE_MS => {
            let soon = now.0 + HANDSET_DOWN_MS;
            Some(Wall(
                (soon + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS,
            ))
        }
        Some(at) if at > now => Some(at),
        Some(_) | None => in_year(today.date.year + 1),
    }
}

/// `MMDDHHMM` as four numbers.
fn pairs(keys: &str) -> Option<[u8; 4]> {
    let keys = keys.as_bytes();
    if keys.len() != MOMENT_LENGTH || !keys.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut pairs = keys.chunks(2).map(|pair| {
        let [tens, ones] = pair else { return 0 };
        (tens - b'0') * 10 + (ones - b'0')
    });
    Some([pairs.next()?, pairs.next()?, pairs.next()?, pairs.next()?])
}

/// Says day and time, and that it is next year where it is (WU-03).
pub(super) fn says_moment(speech: Speech, at: Wall, cx: &Cx<'_>) -> Speech {
    let (Some(then), Some(now)) = (cx.civil(at), cx.civil(cx.now().wall)) else {
        return speech;
    };
    let next_year = then.date.year > now.date.year;
    // In Chinese the year comes before the day.
    let (before, after) = match speech.language() {
        Language::Chinese => (next_year, false),
        Language::English => (false, next_year),
    };
    let of_next_year = |speech: Speech, said| match said {
        true => speech.phrase(phrase::OF_NEXT_YEAR),
        false => speech,
    };
    let speech = of_next_year(speech, before).date(then.date.month, then.date.day);
    of_next_year(speech.time_of(then), after)
}

fn say(caller: LegId, what: Phrase, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(what);
    Farewell::say(caller, speech, cx)
}

impl Feature for BookWakeUp {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        match (self.stage.clone(), event) {
            (Stage::Asks(dialogue), event) => self.asked(dialogue, event, cx),
            (Stage::Saves(asked, timer, at), Event::Answer(question, Reply::Saved))
                if asked == question =>
            {
                self.confirm(timer, at, cx)
            }
            (Stage::Saves(asked, timer, _), Event::Answer(question, _)) if asked == question => {
                self.refuse(question, timer, cx)
            }
            (Stage::Saves(question, waits, _), Event::Timer(timer)) if waits == timer => {
                self.refuse(question, timer, cx)
            }
            (Stage::Confirms(said, timer), Event::Leg(_, LegEvent::Played(play, _)))
                if said == play =>
            {
                self.confirmed(timer, cx)
            }
            (Stage::Confirms(_, waits), Event::Timer(timer)) if waits == timer => {
                self.confirmed(timer, cx)
            }
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Asks(dialogue) => vec![dialogue.timer()],
            Stage::Saves(_, timer, _) | Stage::Confirms(_, timer) => vec![*timer],
        }
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Saves(question, ..) => vec![*question],
            Stage::Asks(_) | Stage::Confirms(..) => Vec::new(),
        }
    }
}

/// `MMDDHHMM`.
const MOMENT_LENGTH: usize = 8;
const MINUTE_MS: i64 = 60_000;
/// A call to a phone that is still in the hand that booked it would find it busy (WU-03).
const HANDSET_DOWN_MS: i64 = 10_000;
/// How long the disk is waited for.
const SAVING_MAX: Duration = Duration::from_secs(10);
/// No confirmation is longer.
const READING_MAX: Duration = Duration::from_secs(30);
