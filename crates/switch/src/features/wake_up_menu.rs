//! The menu of wake-up calls (manual §2.9): `*55` books one, tells of those that are booked, and cancels one of them.

use super::wake_up::{BookWakeUp, Then, says_moment};
use super::{Event, Farewell, Feature, Phase};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{Change, Duration, LegEvent, LegId, Question, QuestionId, Reply, TimerId, WakeUpId};
use serde::{Deserialize, Serialize};

/// A caller looks after his wake-up calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WakeUpMenu {
    caller: LegId,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Main(Choice),
    /// He is asked whether this one is to be cancelled.
    Cancel(WakeUpId, Choice),
    /// One is being cancelled.
    Saves(QuestionId, TimerId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Book,
    Tell,
    Cancel,
}

pub(super) const MAIN: Menu<Does> = Menu {
    name: "wake-up calls",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::WAKE_UP_MENU),
            does: Does::Book,
            leads: "the moment is asked for, saved and read back",
        },
        Item {
            key: '2',
            says: None,
            does: Does::Tell,
            leads: "those that are booked are told",
        },
        Item {
            key: '3',
            says: None,
            does: Does::Cancel,
            leads: CANCEL.name,
        },
    ],
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoesWithOne {
    Cancel,
    Next,
}

pub(super) const CANCEL: Menu<DoesWithOne> = Menu {
    name: "cancel a wake-up call",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::CANCEL_OR_NEXT),
            does: DoesWithOne::Cancel,
            leads: "it is cancelled",
        },
        Item {
            key: '2',
            says: None,
            does: DoesWithOne::Next,
            leads: "the next one, after the last the menu before",
        },
    ],
};

impl WakeUpMenu {
    pub(super) fn begin(caller: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let nothing = cx.speech(caller);
        Self::main(caller, nothing, cx)
    }

    /// Says something, then the menu.
    fn main(caller: LegId, before: Speech, cx: &mut Cx<'_>) -> Phase {
        Self {
            caller,
            stage: Stage::Main(Choice::menu(caller, before, &MAIN, cx)),
        }
        .into()
    }

    fn chosen(mut self, choice: Choice, event: Event, cx: &mut Cx<'_>) -> Phase {
        let key = match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Main(choice);
                return self.into();
            }
            Chosen::Key(key) => MAIN.does(key),
            Chosen::GaveUp => None,
        };
        match key {
            Some(Does::Book) => BookWakeUp::ask(self.caller, Then::Menu, cx),
            Some(Does::Tell) => {
                let told = tell(self.caller, cx);
                Self::main(self.caller, told, cx)
            }
            Some(Does::Cancel) => self.ask_about(None, cx),
            None => {
                let speech = cx.speech(self.caller).phrase(phrase::THANK_YOU_GOODBYE);
                Farewell::say(self.caller, speech, cx)
            }
        }
    }

    /// Asks about the one that comes after another, or about the first.
    fn ask_about(self, after: Option<WakeUpId>, cx: &mut Cx<'_>) -> Phase {
        let caller = self.caller;
        let own = cx.extension(caller);
        let booked = own.map(|own| cx.directory().wake_ups_of(&own));
        let booked = booked.unwrap_or_default();
        let last = after.and_then(|after| booked.iter().position(|one| one.id == after));
        let nth = last.map_or(0, |last| last + 1);
        let Some((id, at)) = booked.get(nth).map(|one| (one.id, one.at)) else {
            let speech = cx.speech(caller);
            let speech = match after {
                Some(_) => speech,
                None => speech.phrase(phrase::NO_WAKE_UP_CALLS),
            };
            return Self::main(caller, speech, cx);
        };
        let speech = says_moment(numbered(cx.speech(caller), nth), at, cx);
        Self {
            caller,
            stage: Stage::Cancel(id, Choice::about(caller, speech, &CANCEL, cx).patient()),
        }
        .into()
    }

    fn chosen_about(
        mut self,
        id: WakeUpId,
        choice: Choice,
        event: Event,
        cx: &mut Cx<'_>,
    ) -> Phase {
        match choice.on(event, cx) {
            Chosen::More(choice) => {
                self.stage = Stage::Cancel(id, choice);
                self.into()
            }
            Chosen::Key(key) => match CANCEL.does(key) {
                Some(DoesWithOne::Cancel) => {
                    let question = cx.ask(Question::Save(Change::CancelWakeUp(id)));
                    self.stage = Stage::Saves(question, cx.timer(SAVING_MAX));
                    self.into()
                }
                Some(DoesWithOne::Next) | None => self.ask_about(Some(id), cx),
            },
            Chosen::GaveUp => {
                let speech = cx.speech(self.caller).phrase(phrase::THANK_YOU_GOODBYE);
                Farewell::say(self.caller, speech, cx)
            }
        }
    }
}

/// Says how many are booked, and each of them (WU-02).
fn tell(caller: LegId, cx: &Cx<'_>) -> Speech {
    let own = cx.extension(caller);
    let booked = own.map(|own| cx.directory().wake_ups_of(&own));
    let booked = booked.unwrap_or_default();
    let speech = cx.speech(caller);
    if booked.is_empty() {
        return speech.phrase(phrase::NO_WAKE_UP_CALLS);
    }
    let count = u32::try_from(booked.len()).unwrap_or(u32::MAX);
    let several = phrase::WAKE_UP_CALLS;
    let speech = speech
        .phrase(phrase::YOU_HAVE_BOOKED)
        .count(count, several.clone(), several);
    let booked = booked.iter().enumerate();
    booked.fold(speech, |speech, (nth, one)| {
        says_moment(numbered(speech, nth), one.at, cx)
    })
}

fn numbered(speech: Speech, nth: usize) -> Speech {
    let number = u32::try_from(nth + 1).unwrap_or(u32::MAX);
    speech.phrase(phrase::WAKE_UP_CALL_NUMBER).cardinal(number)
}

impl Feature for WakeUpMenu {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        let caller = self.caller;
        match (self.stage.clone(), event) {
            (Stage::Main(choice), event) => self.chosen(choice, event, cx),
            (Stage::Cancel(id, choice), event) => self.chosen_about(id, choice, event, cx),
            (Stage::Saves(asked, timer), Event::Answer(question, reply)) if asked == question => {
                cx.cancel(timer);
                let said = match reply {
                    Reply::Saved => phrase::WAKE_UP_CALL_CANCELLED,
                    _ => phrase::SYSTEM_ERROR,
                };
                let speech = cx.speech(caller).phrase(said);
                Self::main(caller, speech, cx)
            }
            (Stage::Saves(question, waits), Event::Timer(timer)) if waits == timer => {
                cx.forget(question);
                let speech = cx.speech(caller).phrase(phrase::SYSTEM_ERROR);
                Self::main(caller, speech, cx)
            }
            (Stage::Saves(..), _) => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Main(choice) | Stage::Cancel(_, choice) => vec![choice.timer()],
            Stage::Saves(_, timer) => vec![*timer],
        }
    }

    fn questions(&self) -> Vec<QuestionId> {
        match &self.stage {
            Stage::Saves(question, _) => vec![*question],
            Stage::Main(_) | Stage::Cancel(..) => Vec::new(),
        }
    }
}

/// How long the disk is waited for.
const SAVING_MAX: Duration = Duration::from_secs(10);
