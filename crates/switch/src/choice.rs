//! Asking for one key by telephone: say what the keys are for, wait, ask again a few times.
//!
//! A phase owns a [`Choice`] and gives it every event, as it does with a [`crate::dialogue::Dialogue`].

use crate::cx::Cx;
use crate::features::Event;
use crate::menu::Menu;
use crate::phrase;
use crate::speech::Speech;
use alloc::string::String;
use alloc::vec::Vec;
use model::{Duration, Keys, LegEvent, LegId, PlayId, Sound, TimerId};
use serde::{Deserialize, Serialize};

/// One key being asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    leg: LegId,
    prompt: Vec<Sound>,
    keys: String,
    /// How long a key is waited for.
    patience: Duration,
    tries_left: u8,
    /// What is being said; `None` once it was heard or a key was pressed.
    saying: Option<PlayId>,
    timer: TimerId,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Nothing yet.
    More(Choice),
    /// One of the keys.
    Key(char),
    /// All tries are used up.
    GaveUp,
}

impl Choice {
    /// Says something about somebody, then what the keys of a menu are for, all of it again if need be; a key is waited
    /// for a short while, because that somebody waits too.
    pub(crate) fn about<A: Copy>(
        leg: LegId,
        about: Speech,
        menu: &Menu<A>,
        cx: &mut Cx<'_>,
    ) -> Self {
        let prompt = menu.say(about).finish();
        Self::ask(leg, prompt.clone(), prompt, menu.keys(), SHORT_PATIENCE, cx)
    }

    /// Says something once, then what the keys of a menu are for.
    pub(crate) fn menu<A: Copy>(
        leg: LegId,
        before: Speech,
        menu: &Menu<A>,
        cx: &mut Cx<'_>,
    ) -> Self {
        let prompt = menu.say(cx.speech(leg)).finish();
        let mut first = before.finish();
        first.extend(prompt.iter().cloned());
        Self::ask(leg, first, prompt, menu.keys(), PATIENCE, cx)
    }

    fn ask(
        leg: LegId,
        first: Vec<Sound>,
        prompt: Vec<Sound>,
        keys: String,
        patience: Duration,
        cx: &mut Cx<'_>,
    ) -> Self {
        Self {
            leg,
            prompt,
            keys,
            patience,
            tries_left: TRIES - 1,
            saying: Some(cx.play(leg, first, Keys::CutShort)),
            timer: cx.timer(PROMPT_MAX),
        }
    }

    /// Asks only twice.
    pub(crate) const fn twice(mut self) -> Self {
        self.tries_left = 1;
        self
    }

    /// Waits as long for a key as a menu does.
    pub(crate) const fn patient(mut self) -> Self {
        self.patience = PATIENCE;
        self
    }

    pub(crate) fn on(mut self, event: Event, cx: &mut Cx<'_>) -> Chosen {
        match event {
            Event::Leg(_, LegEvent::Played(play, _)) if Some(play) == self.saying => {
                self.listen(cx)
            }
            Event::Leg(leg, LegEvent::Digit(digit)) if leg == self.leg => {
                let key = digit.as_char();
                if self.keys.contains(key) {
                    self.finish(cx);
                    return Chosen::Key(key);
                }
                let why = cx.speech(self.leg).phrase(phrase::INVALID_ENTRY);
                self.again(why.finish(), cx)
            }
            Event::Timer(timer) if timer == self.timer => match self.saying.take() {
                Some(_) => self.listen(cx),
                None => self.again(Vec::new(), cx),
            },
            _ => Chosen::More(self),
        }
    }

    pub(crate) const fn timer(&self) -> TimerId {
        self.timer
    }

    /// Ends the question from outside, as when the leg is gone.
    pub(crate) fn finish(&self, cx: &mut Cx<'_>) {
        cx.cancel(self.timer);
        if self.saying.is_some() {
            cx.silence(self.leg);
        }
    }

    fn listen(mut self, cx: &mut Cx<'_>) -> Chosen {
        cx.cancel(self.timer);
        self.saying = None;
        self.timer = cx.timer(self.patience);
        Chosen::More(self)
    }

    fn again(mut self, mut sounds: Vec<Sound>, cx: &mut Cx<'_>) -> Chosen {
        cx.cancel(self.timer);
        if self.tries_left == 0 {
            return Chosen::GaveUp;
        }
        self.tries_left -= 1;
        sounds.extend(self.prompt.iter().cloned());
        self.saying = Some(cx.play(self.leg, sounds, Keys::CutShort));
        self.timer = cx.timer(PROMPT_MAX);
        Chosen::More(self)
    }
}

/// How often it is asked (FM-08).
const TRIES: u8 = 3;
/// How long a key of a menu is waited for after the prompt (FC-05).
const PATIENCE: Duration = Duration::from_secs(10);
/// How long while somebody else waits (FM-08).
const SHORT_PATIENCE: Duration = Duration::from_secs(5);
/// No prompt is longer; should its end never be reported, the choice goes on all the same.
const PROMPT_MAX: Duration = Duration::from_secs(60);
