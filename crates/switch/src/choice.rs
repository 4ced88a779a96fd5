//! Asking for one key by telephone: say what the keys are for, wait, ask again a few times.
//!
//! A phase owns a [`Choice`] and gives it every event, as it does with a [`crate::dialogue::Dialogue`].

use crate::cx::Cx;
use crate::features::Event;
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
    /// Says the prompt and waits for one of the keys.
    pub(crate) fn begin(leg: LegId, prompt: Speech, keys: &str, cx: &mut Cx<'_>) -> Self {
        let prompt = prompt.finish();
        Self {
            leg,
            saying: Some(cx.play(leg, prompt.clone(), Keys::CutShort)),
            prompt,
            keys: String::from(keys),
            tries_left: TRIES - 1,
            timer: cx.timer(PROMPT_MAX),
        }
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
        self.timer = cx.timer(KEY_MAX);
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
/// How long a key is waited for after the prompt (FM-08).
const KEY_MAX: Duration = Duration::from_secs(5);
/// No prompt is longer; should its end never be reported, the choice goes on all the same.
const PROMPT_MAX: Duration = Duration::from_secs(30);
