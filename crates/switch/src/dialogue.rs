//! Asking for a number by telephone: play a prompt, collect digits, try again a few times.
//!
//! A phase owns a [`Dialogue`] and gives it every event; menus and PINs are built of the same piece.

use crate::cx::Cx;
use crate::features::Event;
use crate::phrase;
use crate::speech::Speech;
use alloc::string::String;
use model::{
    Duration, Keys, LegEvent, LegId, Number, Phrase, PlayEnd, PlayId, Sound, TimerId, Tone,
};
use serde::{Deserialize, Serialize};

/// One number being asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    leg: LegId,
    prompt: Phrase,
    /// What is heard after the prompt until a key is pressed.
    #[serde(default)]
    tone: Option<Tone>,
    typed: String,
    /// So many keys are a whole number.
    length: usize,
    /// So many keys are mostly the whole number.
    #[serde(default)]
    usual: Option<usize>,
    tries_left: u8,
    /// What is being said; `None` once it was heard or a key was pressed.
    saying: Option<PlayId>,
    timer: TimerId,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard<T> {
    /// Nothing yet.
    More(Dialogue),
    /// What a number says that was entered.
    Entered(T),
    /// All tries are used up.
    GaveUp,
}

impl Dialogue {
    /// Says the prompt and waits for digits.
    pub(crate) fn begin(leg: LegId, prompt: Phrase, cx: &mut Cx<'_>) -> Self {
        Self::begin_with(leg, prompt.clone(), prompt, cx)
    }

    /// Says something at first, and the prompt only when it has to be asked again.
    pub(crate) fn begin_with(leg: LegId, first: Phrase, prompt: Phrase, cx: &mut Cx<'_>) -> Self {
        let speech = cx.speech(leg).phrase(first);
        Self::ask(leg, speech, prompt, cx)
    }

    /// Says something once, then the prompt.
    pub(crate) fn after(before: Speech, leg: LegId, prompt: Phrase, cx: &mut Cx<'_>) -> Self {
        Self::ask(leg, before.phrase(prompt.clone()), prompt, cx)
    }

    fn ask(leg: LegId, speech: Speech, prompt: Phrase, cx: &mut Cx<'_>) -> Self {
        Self {
            leg,
            prompt,
            tone: None,
            typed: String::new(),
            length: Number::LENGTH_MAX,
            usual: None,
            tries_left: TRIES - 1,
            saying: Some(cx.say(leg, speech)),
            timer: cx.timer(PROMPT_MAX),
        }
    }

    /// Takes so many keys for the whole number, without a `#` behind them.
    pub(crate) const fn of_length(mut self, keys: usize) -> Self {
        self.length = keys;
        self
    }

    /// Takes so many keys for the whole number after a short pause, in which a `#` only ends it.
    pub(crate) const fn of_usual_length(mut self, keys: usize) -> Self {
        self.usual = Some(keys);
        self
    }

    /// Says the prompt, then lets a dial tone be heard; asks only once.
    pub(crate) fn dialling(leg: LegId, prompt: Phrase, cx: &mut Cx<'_>) -> Self {
        Self {
            tone: Some(Tone::Dial),
            tries_left: 0,
            ..Self::begin(leg, prompt, cx)
        }
    }

    /// Takes any number for an answer.
    pub(crate) fn on(self, event: Event, cx: &mut Cx<'_>) -> Heard<Number> {
        self.judge(event, cx, |number, _| Ok(number))
    }

    /// Takes a number for an answer if it is one; else says why it is none and asks again.
    pub(crate) fn judge<T>(
        mut self,
        event: Event,
        cx: &mut Cx<'_>,
        judge: impl FnOnce(Number, &mut Cx<'_>) -> Result<T, Phrase>,
    ) -> Heard<T> {
        match event {
            Event::Leg(_, LegEvent::Played(play, end)) if Some(play) == self.saying => {
                if let Some(tone) = self.tone.filter(|_| end == PlayEnd::Finished) {
                    cx.play(self.leg, [Sound::Tone(tone)].into(), Keys::CutShort);
                }
                self.listen(FIRST_KEY, cx)
            }
            Event::Leg(leg, LegEvent::Digit(digit)) if leg == self.leg => match digit.as_char() {
                '#' => self.entered(cx, judge),
                key @ '0'..='9' => {
                    self.typed.push(key);
                    let length = self.typed.len();
                    if length >= self.length {
                        self.entered(cx, judge)
                    } else if self.usual.is_some_and(|usual| length >= usual) {
                        self.listen(END_KEY, cx)
                    } else {
                        self.listen(NEXT_KEY, cx)
                    }
                }
                _ => self.again(phrase::INVALID_ENTRY, cx),
            },
            Event::Timer(timer) if timer == self.timer => match self.saying {
                Some(_) => self.listen(FIRST_KEY, cx),
                None => self.entered(cx, judge),
            },
            _ => Heard::More(self),
        }
    }

    pub(crate) const fn timer(&self) -> TimerId {
        self.timer
    }

    /// Waits for the next key.
    fn listen<T>(mut self, so_long: Duration, cx: &mut Cx<'_>) -> Heard<T> {
        cx.cancel(self.timer);
        self.saying = None;
        self.timer = cx.timer(so_long);
        Heard::More(self)
    }

    /// Takes what was typed, ended by `#` or by a pause, for the number.
    fn entered<T>(
        self,
        cx: &mut Cx<'_>,
        judge: impl FnOnce(Number, &mut Cx<'_>) -> Result<T, Phrase>,
    ) -> Heard<T> {
        let entered = Number::parse(&self.typed).map_err(|_| phrase::NOTHING_ENTERED);
        match entered.and_then(|number| judge(number, cx)) {
            Ok(answer) => {
                cx.cancel(self.timer);
                Heard::Entered(answer)
            }
            Err(why) => self.again(why, cx),
        }
    }

    fn again<T>(mut self, why: Phrase, cx: &mut Cx<'_>) -> Heard<T> {
        cx.cancel(self.timer);
        if self.tries_left == 0 {
            return Heard::GaveUp;
        }
        self.tries_left -= 1;
        self.typed.clear();
        let speech = cx.speech(self.leg).phrase(why).phrase(self.prompt.clone());
        self.saying = Some(cx.say(self.leg, speech));
        self.timer = cx.timer(PROMPT_MAX);
        Heard::More(self)
    }
}

/// How often it is asked (FC-05).
const TRIES: u8 = 3;
/// How long the first digit is waited for after the prompt (FC-05).
const FIRST_KEY: Duration = Duration::from_secs(10);
/// The pause that ends a number as `#` does (FC-05).
const NEXT_KEY: Duration = Duration::from_secs(5);
/// The pause that ends a number of the usual length.
const END_KEY: Duration = Duration::from_millis(1_500);
/// No prompt is longer; should its end never be reported, the dialogue goes on all the same.
const PROMPT_MAX: Duration = Duration::from_secs(30);
