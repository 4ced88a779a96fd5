//! Forwarding by telephone (manual §2.10): `*71 *72 *73` and a number, which is read back and saved when the caller
//! says so; `*071 *072 *073` off.
//!
//! What it does to calls is decided in `routing/way.rs`.

use super::save::{Save, fail};
use super::{Event, Farewell, Feature, Phase, Refusal};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::menu::{Item, Menu};
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Change, Duration, ForwardWhen, Keys, LegEvent, LegId, Number, Phrase, PlayId, TimerId,
};
use serde::{Deserialize, Serialize};

/// A caller is about to have his calls forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forward {
    caller: LegId,
    when: ForwardWhen,
    to: Number,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// The number is read to him, to its end.
    Reads(PlayId, TimerId),
    /// He is asked whether it is right (CF-02).
    Asks(Choice),
    /// He enters another.
    Enters(Dialogue),
}

/// What the caller says of a number that was read to him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Save,
    Enter,
}

pub(super) const RIGHT: Menu<Answer> = Menu {
    name: "forwarding: the number is read back",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::SAVE_OR_ENTER_AGAIN),
            does: Answer::Save,
            leads: "it is saved",
        },
        Item {
            key: '2',
            says: None,
            does: Answer::Enter,
            leads: "another number is asked for",
        },
    ],
};

/// Ends one case of forwarding, whether or not it was in force (CF-05).
pub(super) fn off(caller: LegId, when: ForwardWhen, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let Some(own) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    let confirmed = cx.speech(caller).phrase(name(when)).phrase(phrase::IS_OFF);
    Save::begin(caller, Change::Forward(own, when, None), confirmed, cx)
}

impl Forward {
    /// Reads back where calls shall go, if they may be forwarded there.
    pub(crate) fn begin(caller: LegId, when: ForwardWhen, to: Number, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let Some(own) = cx.extension(caller) else {
            return fail(caller, cx);
        };
        let refusal = match cx.view().may_forward(&own, &to) {
            _ if own == to => Some(phrase::NOT_TO_YOUR_OWN_NUMBER),
            Ok(()) => None,
            Err(Refusal::NotFound) => Some(phrase::NUMBER_NOT_VALID),
            Err(_) => Some(phrase::NOT_TO_THIS_NUMBER),
        };
        if let Some(refusal) = refusal {
            return say(caller, refusal, cx);
        }
        let speech = cx
            .speech(caller)
            .phrase(name(when))
            .phrase(phrase::WILL_BE_FORWARDED_TO)
            .digits(&to);
        let play = cx.play(caller, speech.finish(), Keys::Drop);
        Self {
            caller,
            when,
            to,
            stage: Stage::Reads(play, cx.timer(READING_MAX)),
        }
        .into()
    }

    fn ask(mut self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(timer);
        let nothing = cx.speech(self.caller);
        self.stage = Stage::Asks(Choice::menu(self.caller, nothing, &RIGHT, cx));
        self.into()
    }

    fn chosen(mut self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Asks(choice);
                self.into()
            }
            Chosen::Key(key) if RIGHT.does(key) == Some(Answer::Save) => self.save(cx),
            Chosen::Key(_) => {
                let dialogue = Dialogue::begin(self.caller, phrase::ENTER_NUMBER, cx);
                self.stage = Stage::Enters(dialogue);
                self.into()
            }
            Chosen::GaveUp => say(self.caller, phrase::NOTHING_WAS_SAVED, cx),
        }
    }

    fn save(self, cx: &mut Cx<'_>) -> Phase {
        let Some(own) = cx.extension(self.caller) else {
            return fail(self.caller, cx);
        };
        let change = Change::Forward(own, self.when, Some(self.to));
        let confirmed = cx.speech(self.caller).phrase(phrase::SAVED);
        Save::begin(self.caller, change, confirmed, cx)
    }

    fn entered(mut self, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        match dialogue.on(event, cx) {
            Heard::More(dialogue) => {
                self.stage = Stage::Enters(dialogue);
                self.into()
            }
            Heard::Entered(to) => Self::begin(self.caller, self.when, to, cx),
            Heard::GaveUp => say(self.caller, phrase::TOO_MANY_WRONG_ENTRIES, cx),
        }
    }
}

fn say(caller: LegId, what: Phrase, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(what);
    Farewell::say(caller, speech, cx)
}

const fn name(when: ForwardWhen) -> Phrase {
    match when {
        ForwardWhen::Always => phrase::FORWARD_ALWAYS,
        ForwardWhen::Busy => phrase::FORWARD_BUSY,
        ForwardWhen::NoAnswer => phrase::FORWARD_NO_ANSWER,
    }
}

impl Feature for Forward {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        match (self.stage.clone(), event) {
            (Stage::Reads(play, timer), Event::Leg(_, LegEvent::Played(ended, _)))
                if ended == play =>
            {
                self.ask(timer, cx)
            }
            (Stage::Reads(_, timer), Event::Timer(due)) if due == timer => self.ask(timer, cx),
            (Stage::Reads(..), _) => self.into(),
            (Stage::Asks(choice), event) => self.chosen(choice, event, cx),
            (Stage::Enters(dialogue), event) => self.entered(dialogue, event, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![match &self.stage {
            Stage::Reads(_, timer) => *timer,
            Stage::Asks(choice) => choice.timer(),
            Stage::Enters(dialogue) => dialogue.timer(),
        }]
    }
}

/// Reading a number takes no longer; should its end never be reported, the dialogue goes on all the same.
const READING_MAX: Duration = Duration::from_secs(30);
