//! Menus that the site sets up (IVR): a greeting, keys that lead to numbers inside, and extensions that may be dialled
//! directly (AD-09).
//!
//! A key that is also how an extension begins waits a moment for the rest of it. What a caller chooses may be another
//! menu; what follows when he chooses nothing counts as being sent on, so that it does not go in circles.

use super::{Event, Farewell, Feature, Phase, Refusal};
use crate::cx::Cx;
use crate::handover::Given;
use crate::phrase;
use crate::routing::{self, Journey};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Cause, Digit, Directory, Duration, Keys, Language, LegEvent, LegId, Menu, Number, Phrase,
    PlayId, Sound, TimerId,
};
use serde::{Deserialize, Serialize};

/// A caller is in a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ivr {
    caller: LegId,
    menu: Number,
    journey: Journey,
    typed: String,
    tries_left: u8,
    /// The greeting while it is heard.
    saying: Option<PlayId>,
    timer: TimerId,
}

/// What keys say in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    /// They lead here.
    Leads(Number),
    /// An extension begins like this; so far they lead here.
    Begun(Option<Number>),
    Nothing,
}

/// Why a caller is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    NothingPressed,
    WrongKey,
    WrongNumber,
}

impl Ivr {
    /// Answers and greets.
    pub(crate) fn begin(caller: LegId, menu: Number, journey: Journey, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        let Some(known) = cx.directory().menus.get(&menu) else {
            return Farewell::refuse(caller, Refusal::NotFound, cx);
        };
        let (tries_left, greeting) = (known.tries.saturating_sub(1), known.greeting.clone());
        let sounds = vec![greeting_sound(&greeting, language(caller, cx))];
        Self {
            caller,
            menu,
            journey,
            typed: String::new(),
            tries_left,
            saying: Some(cx.play(caller, sounds, Keys::CutShort)),
            timer: cx.timer(GREETING_MAX),
        }
        .into()
    }

    fn key(mut self, key: Digit, cx: &mut Cx<'_>) -> Phase {
        self.saying = None;
        // As everywhere, a `#` behind a number ends it.
        if key.as_char() == '#' && !self.typed.is_empty() {
            return self.ended(cx);
        }
        self.typed.push(key.as_char());
        match self.read(cx) {
            Typed::Leads(to) => self.lead(to, cx),
            Typed::Begun(_) => self.wait(NEXT_KEY, cx),
            Typed::Nothing => self.wrong(cx),
        }
    }

    /// No further key comes.
    fn ended(self, cx: &mut Cx<'_>) -> Phase {
        match self.read(cx) {
            Typed::Leads(to) | Typed::Begun(Some(to)) => self.lead(to, cx),
            Typed::Begun(None) | Typed::Nothing => self.wrong(cx),
        }
    }

    fn waited(mut self, cx: &mut Cx<'_>) -> Phase {
        match (self.saying.take(), self.typed.is_empty()) {
            (Some(_), _) => self.listen(cx),
            (None, false) => self.ended(cx),
            (None, true) => self.again(Again::NothingPressed, cx),
        }
    }

    /// The greeting was heard: a key is waited for.
    fn listen(mut self, cx: &mut Cx<'_>) -> Phase {
        self.saying = None;
        let menu = cx.directory().menus.get(&self.menu);
        let timeout = menu.map_or(NEXT_KEY, |menu| menu.timeout);
        self.wait(timeout, cx)
    }

    fn wait(mut self, so_long: Duration, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        self.timer = cx.timer(so_long);
        self.into()
    }

    fn read(&self, cx: &Cx<'_>) -> Typed {
        let directory = cx.directory();
        let menu = directory.menus.get(&self.menu);
        menu.map_or(Typed::Nothing, |menu| read(&self.typed, menu, directory))
    }

    /// The caller chose where he goes; it is he who goes there, and not a circle.
    fn lead(mut self, to: Number, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.silence(self.caller);
        self.journey.hops = 0;
        routing::send_on(self.caller, Some(to), Refusal::NotFound, self.journey, cx)
    }

    fn wrong(self, cx: &mut Cx<'_>) -> Phase {
        let why = match self.typed.len() {
            0 | 1 => Again::WrongKey,
            _ => Again::WrongNumber,
        };
        self.again(why, cx)
    }

    fn again(mut self, why: Again, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        let menu = cx.directory().menus.get(&self.menu);
        let greeting = menu.map(|menu| menu.greeting.clone());
        let Some(greeting) = greeting.filter(|_| self.tries_left > 0) else {
            return self.give_up(why, cx);
        };
        self.tries_left -= 1;
        self.typed.clear();
        let language = language(self.caller, cx);
        let explained = why.phrase().map(|why| Sound::Phrase(language, why));
        let mut sounds = Vec::from_iter(explained);
        sounds.push(greeting_sound(&greeting, language));
        self.saying = Some(cx.play(self.caller, sounds, Keys::CutShort));
        self.timer = cx.timer(GREETING_MAX);
        self.into()
    }

    /// The caller goes where the menu sends who chose nothing, or hears a goodbye.
    fn give_up(self, why: Again, cx: &mut Cx<'_>) -> Phase {
        let menu = cx.directory().menus.get(&self.menu);
        let then = menu.and_then(|menu| menu.then);
        if then.is_some() {
            return routing::send_on(self.caller, then, Refusal::NotFound, self.journey, cx);
        }
        let goodbye = match why {
            Again::NothingPressed => phrase::THANK_YOU_GOODBYE,
            Again::WrongKey | Again::WrongNumber => phrase::TOO_MANY_WRONG_ENTRIES,
        };
        let speech = cx.speech(self.caller).phrase(goodbye);
        Farewell::say(self.caller, speech, cx)
    }
}

impl Again {
    const fn phrase(self) -> Option<Phrase> {
        match self {
            Self::NothingPressed => None,
            Self::WrongKey => Some(phrase::INVALID_ENTRY),
            Self::WrongNumber => Some(phrase::NO_SUCH_NUMBER),
        }
    }
}

/// What keys say: the menu's own come first, then extensions, then `0` for the operator.
fn read(typed: &str, menu: &Menu, directory: &Directory) -> Typed {
    let mut keys = typed.chars();
    let own = match (keys.next().and_then(Digit::parse), keys.next()) {
        (Some(key), None) => menu.keys.get(&key).copied(),
        _ => None,
    };
    let operator = || directory.system.operator.filter(|_| typed == "0");
    let number = Number::parse(typed).ok().filter(|_| menu.direct_dial);
    let dialled = || number.filter(|number| directory.extensions.contains_key(number));
    let leads = own.or_else(dialled).or_else(operator);
    // Numbers are sorted as texts are: what begins like this follows it at once.
    let mut behind = number.into_iter().flat_map(|number| {
        let all = directory.extensions.range(number..);
        all.map(|(number, _)| number)
            .take_while(|found| found.starts_with(typed))
    });
    let longer = behind.any(|found| found.len() > typed.len());
    match (leads, longer) {
        (so_far, true) => Typed::Begun(so_far),
        (Some(to), false) => Typed::Leads(to),
        (None, false) => Typed::Nothing,
    }
}

/// A greeting by its name in the site file: `welcome` and `closed` are built in, as is every id of the list of prompts;
/// anything else is a file in the folder of prompts.
pub(super) fn greeting_sound(name: &str, language: Language) -> Sound {
    let built_in = match name {
        "welcome" => Some(phrase::WELCOME),
        "closed" => Some(phrase::OFFICE_IS_CLOSED),
        id => is_id(id).then(|| Phrase(String::from(id).into())),
    };
    match built_in {
        Some(phrase) => Sound::Phrase(language, phrase),
        None => Sound::File(format!("prompts/{name}.wav")),
    }
}

/// Whether a name looks like `IV-01`.
fn is_id(name: &str) -> bool {
    name.split_once('-').is_some_and(|(group, number)| {
        !group.is_empty()
            && group.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn language(caller: LegId, cx: &Cx<'_>) -> Language {
    cx.directory().language(cx.extension(caller).as_ref())
}

impl Feature for Ivr {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Leg(_, LegEvent::Digit(key)) => self.key(key, cx),
            Event::Leg(_, LegEvent::Played(play, _)) if self.saying == Some(play) => {
                self.listen(cx)
            }
            Event::Timer(timer) if timer == self.timer => self.waited(cx),
            // Who asked here leaves the menu to whoever waits for him (XF-06).
            Event::Given(leg, Given::InPlaceOf(_)) => {
                cx.cancel(self.timer);
                cx.hang_up(self.caller, Cause::Normal);
                cx.aside(leg);
                Self::begin(leg, self.menu, self.journey, cx)
            }
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        matches!(given, Given::InPlaceOf(leg) if leg == self.caller)
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// The pause that ends a number (FC-05); shorter than elsewhere, because mostly one key was meant.
const NEXT_KEY: Duration = Duration::from_secs(3);
/// No greeting is longer; should its end never be reported, the menu goes on all the same.
const GREETING_MAX: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use model::{Extension, Secret};

    /// AD-09: keys and extensions do not fight.
    #[test]
    fn a_key_that_begins_an_extension_waits_for_the_rest() {
        let mut directory = Directory::default();
        for number in ["100", "1001", "8"].map(number) {
            let extension = Extension::new(number, &number, Secret::NONE);
            directory.extensions.insert(number, extension.into());
        }
        directory.system.operator = Some(number("100"));
        let mut menu = Menu {
            number: number("610"),
            name: String::new(),
            greeting: String::from("welcome"),
            direct_dial: true,
            timeout: Duration::from_secs(10),
            tries: 3,
            then: None,
            keys: BTreeMap::from([
                (Digit::parse('1').unwrap(), number("600")),
                (Digit::parse('2').unwrap(), number("601")),
                (Digit::parse('*').unwrap(), number("610")),
            ]),
        };
        let leads = |to| Typed::Leads(number(to));
        let begun = |to: &str| Typed::Begun(Number::parse(to).ok());
        for (typed, with_dialling, without) in [
            ("1", begun("600"), leads("600")),
            ("2", leads("601"), leads("601")),
            ("*", leads("610"), leads("610")),
            ("0", leads("100"), leads("100")),
            ("8", leads("8"), Typed::Nothing),
            ("9", Typed::Nothing, Typed::Nothing),
            ("10", begun(""), Typed::Nothing),
            ("100", begun("100"), Typed::Nothing),
            ("1001", leads("1001"), Typed::Nothing),
            ("1002", Typed::Nothing, Typed::Nothing),
            ("#", Typed::Nothing, Typed::Nothing),
            ("A", Typed::Nothing, Typed::Nothing),
        ] {
            menu.direct_dial = true;
            assert_eq!(read(typed, &menu, &directory), with_dialling, "{typed}");
            menu.direct_dial = false;
            assert_eq!(read(typed, &menu, &directory), without, "{typed}");
        }
    }

    #[test]
    fn a_greeting_is_built_in_or_a_file() {
        let phrase = |id| Sound::Phrase(Language::English, Phrase::named(id));
        for (name, sound) in [
            ("welcome", phrase("IV-01")),
            ("closed", phrase("IV-02")),
            ("N-26", phrase("N-26")),
            ("summer", Sound::File("prompts/summer.wav".into())),
            ("n-26", Sound::File("prompts/n-26.wav".into())),
        ] {
            assert_eq!(greeting_sound(name, Language::English), sound);
        }
    }

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }
}
