//! A walk through every dialogue: from each state of each, every key, silence, the end of what is said, and both answers
//! to what is asked. Whatever is said has a text in the language of who hears it, and from everywhere silence leads to
//! the end and hanging up leaves nothing behind.
#![expect(clippy::unwrap_used, reason = "a walk that cannot go on has failed")]

use model::{
    Cause, Digit, Directory, Duration, Effect, Extension, Incoming, Input, Keys, Language,
    LegEvent, LegId, Mailbox, Menu, Message, Now, Number, Origin, Party, Phrase, PlayEnd, PlayId,
    Question, QuestionId, Queue, Reachability, RecordingId, Reply, Room, Secret, Sound, Time,
    WakeUp, WakeUpId, Wall,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use switch::Switch;

/// VM-08 VM-10 VM-11, WU-02, CO-01 CO-10, QU-01, AD-09, FC-05, P-13
#[test]
fn every_dialogue_can_be_walked_and_left_in_both_languages() {
    let texts = texts();
    for (owner, language) in [("100", Language::Chinese), ("103", Language::English)] {
        for dialled in DIALLED {
            let mut walk = Walk::new(&texts, language);
            walk.from(Caller::dials(owner, dialled));
            assert!(!walk.seen.is_empty(), "{dialled} speaks with nobody");
        }
        // One key stands for all that are typed, so that longer numbers are typed at the beginning.
        let mut walk = Walk::new(&texts, language);
        let mut caller = Caller::dials(owner, "*61");
        caller.types("1#").is_answered(Answer::Yes);
        caller.types("050815#");
        walk.from(caller);
    }
}

/// What begins something that speaks with its caller.
const DIALLED: [&str; 27] = [
    "*60",
    "*61",
    "*62",
    "*062",
    "*95",
    "*095",
    "*55",
    "*55*03151456",
    "*55*99999999",
    "*055",
    "*71",
    "*71102",
    "*072",
    "*75",
    "*7502885337106",
    "*075",
    "*76",
    "*43",
    "**",
    "*90",
    "700",
    "610",
    "600",
    "101",
    "102",
    "*63102",
    "*99",
];

struct Walk<'t> {
    texts: &'t BTreeMap<String, (String, String)>,
    language: Language,
    seen: BTreeSet<String>,
    next: VecDeque<Caller>,
}

impl<'t> Walk<'t> {
    fn new(texts: &'t BTreeMap<String, (String, String)>, language: Language) -> Self {
        Self {
            texts,
            language,
            seen: BTreeSet::new(),
            next: VecDeque::new(),
        }
    }

    fn from(&mut self, begin: Caller) {
        self.arrive(begin);
        while let Some(here) = self.next.pop_front() {
            assert!(
                self.seen.len() < STATES_MAX,
                "the walk has no end: {:?}",
                here.steps
            );
            here.clone().hangs_up();
            here.clone().falls_silent();
            for key in "0123456789*#".chars() {
                self.go(&here, &format!("key {key}"), |caller| caller.presses(key));
            }
            self.go(&here, "hears it out", Caller::hears_out);
            self.go(&here, "waits", Caller::waits);
            self.go(&here, "yes", |caller| caller.is_answered(Answer::Yes));
            self.go(&here, "no", |caller| caller.is_answered(Answer::No));
        }
    }

    fn go(&mut self, from: &Caller, how: &str, step: impl FnOnce(&mut Caller)) {
        let mut caller = from.clone();
        caller.steps.push(how.to_owned());
        step(&mut caller);
        self.arrive(caller);
    }

    fn arrive(&mut self, caller: Caller) {
        self.check_what_is_said(&caller);
        if !caller.ended && self.seen.insert(caller.state()) {
            self.next.push_back(Caller {
                said: Vec::new(),
                ..caller
            });
        }
    }

    fn check_what_is_said(&self, caller: &Caller) {
        for sound in &caller.said {
            let Sound::Phrase(language, Phrase(id)) = sound else {
                continue;
            };
            let steps = &caller.steps;
            assert_eq!(*language, self.language, "{id} after {steps:?}");
            let text = self.texts.get(id.as_ref());
            let (english, chinese) = text.unwrap_or_else(|| panic!("{id} has no text: {steps:?}"));
            let text = match language {
                Language::English => english,
                Language::Chinese => chinese,
            };
            assert!(!text.trim().is_empty(), "{id} has no text: {steps:?}");
        }
    }
}

/// Somebody who called, and all that is around him.
#[derive(Clone)]
struct Caller {
    switch: Switch,
    directory: Directory,
    now: Now,
    mailbox: Mailbox,
    playing: Option<(PlayId, Keys)>,
    said: Vec<Sound>,
    question: Option<(QuestionId, Question)>,
    ended: bool,
    steps: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

impl Caller {
    fn dials(from: &str, dialled: &str) -> Self {
        let directory = office();
        let mut caller = Self {
            switch: Switch::new(Arc::new(directory.clone()), 7),
            directory,
            now: Now {
                mono: Time(1_000_000),
                wall: Wall(1_521_000_000_000),
            },
            mailbox: Mailbox {
                messages: (1..=3).map(message).collect(),
                ..Mailbox::default()
            },
            playing: None,
            said: Vec::new(),
            question: None,
            ended: false,
            steps: vec![format!("{from} dials {dialled}")],
        };
        // 101 is busy, 102 is not there.
        for extension in ["100", "101", "103"] {
            let reachable = Reachability::Available;
            caller.give(Input::Reachable(number(extension), reachable));
        }
        caller.calls(LegId::inbound(2), "101", "*43");
        caller.calls(CALLER, from, dialled);
        caller
    }

    fn calls(&mut self, leg: LegId, from: &str, dialled: &str) {
        let from = number(from);
        self.give(Input::Incoming(Incoming {
            leg,
            origin: Origin::Extension(from),
            caller: Party {
                number: Some(from),
                name: String::new(),
            },
            dialled: number(dialled),
            hops: 0,
            replaces: None,
        }));
    }

    fn types(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            self.presses(key);
        }
        self
    }

    fn presses(&mut self, key: char) {
        match self.playing {
            Some((_, Keys::Drop)) => return,
            Some((play, Keys::CutShort)) => self.played(play, PlayEnd::CutShort),
            Some((_, Keys::Report)) | None => {}
        }
        if !self.ended {
            let key = LegEvent::Digit(Digit::parse(key).unwrap());
            self.give(Input::Leg(CALLER, key));
        }
    }

    fn hears_out(&mut self) {
        if let Some((play, _)) = self.playing {
            self.played(play, PlayEnd::Finished);
        }
    }

    fn played(&mut self, play: PlayId, how: PlayEnd) {
        self.playing = None;
        self.give(Input::Leg(CALLER, LegEvent::Played(play, how)));
    }

    /// Until the next deadline of the switch.
    fn waits(&mut self) {
        if let Some(at) = self.switch.next_deadline() {
            let passed = at.since(self.now.mono);
            self.now = Now {
                mono: at,
                wall: self.now.wall + passed,
            };
            self.give(Input::Timeout);
        }
    }

    fn is_answered(&mut self, answer: Answer) {
        let Some((id, question)) = self.question.take() else {
            return;
        };
        let reply = match (question, answer) {
            (_, Answer::No) => Reply::NotSaved,
            (Question::Save(change), Answer::Yes) => {
                if let Some(changed) = change.made_in(&self.directory) {
                    self.directory = changed;
                    self.give(Input::Directory(Arc::new(self.directory.clone())));
                }
                Reply::Saved
            }
            (Question::Mailbox(_), Answer::Yes) => Reply::Mailbox(self.mailbox.clone()),
            (Question::MailboxChange(..), Answer::Yes) => Reply::Saved,
            (Question::LastCaller(_), Answer::Yes) => Reply::LastCaller(Some(Party {
                number: Some(number("02885337106")),
                name: String::new(),
            })),
            (Question::Addresses, Answer::Yes) => Reply::Addresses {
                wan: None,
                lan: Some("192.0.2.1".parse().unwrap()),
            },
        };
        self.give(Input::Answer(id, reply));
    }

    /// Nothing is left of him.
    fn hangs_up(mut self) {
        self.give(Input::Leg(CALLER, LegEvent::HungUp(Cause::Normal)));
        self.give(Input::Leg(
            LegId::inbound(2),
            LegEvent::HungUp(Cause::Normal),
        ));
        assert_eq!(self.switch.call_count(), 0, "{:?}", self.steps);
    }

    /// Whoever does nothing comes to the end.
    fn falls_silent(mut self) {
        for _ in 0..SILENCES_MAX {
            if self.ended || self.waits_for_others() {
                return;
            }
            match (self.playing, self.question.is_none()) {
                (_, false) => self.is_answered(Answer::Yes),
                (Some((_, Keys::Report)), true) | (None, true) => self.waits(),
                (Some(_), true) => self.hears_out(),
            }
        }
        panic!("no end after {:?}", self.steps);
    }

    /// An echo, a conference, a queue and a phone that rings last as long as somebody likes.
    fn waits_for_others(&self) -> bool {
        let phases = ["echo", "conference", "queue", "dial", "talk"];
        let mut live = self.switch.live();
        live.any(|call| phases.contains(&call.phase) && call.caller.number != Some(number("101")))
    }

    /// Where he is: his call's phase without what only tells one moment from another.
    fn state(&self) -> String {
        let state = serde_json::to_value(self.switch.snapshot()).unwrap();
        let calls = state["calls"].as_object().unwrap();
        let phases = calls.values().map(|call| timeless(&call["phase"]));
        let phases: Vec<String> = phases.collect();
        let said = self.playing.map(|(_, keys)| keys);
        let asks = state["questions"].as_object().unwrap().len();
        format!("{phases:?} {said:?} {asks}")
    }

    fn give(&mut self, input: Input) {
        let effects = self.switch.handle(self.now, input);
        assert_eq!(self.switch.check(), Ok(()), "{:?}", self.steps);
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Play {
                leg: CALLER,
                play,
                sounds,
                keys,
            } => {
                self.said.extend(sounds);
                self.playing = Some((play, keys));
            }
            Effect::Silence(CALLER) => self.playing = None,
            Effect::HangUp(CALLER, _) => self.ended = true,
            // One at a time; what was asked before is not waited for.
            Effect::Ask(id, question) => self.question = Some((id, question)),
            _ => {}
        }
    }
}

/// A phase without ids and times; of what was typed so far, whether it is anything.
fn timeless(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| match name.as_str() {
                "typed" => format!("typed:{}", value.as_str().unwrap_or_default().len().min(1)),
                "sounds" | "prompt" => String::new(),
                _ => format!("{name}:{}", timeless(value)),
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(timeless).collect();
            format!("[{}]", values.join(","))
        }
        Value::Number(number) if number.as_u64().is_some_and(|number| number < 10) => {
            number.to_string()
        }
        Value::Number(_) => String::from("n"),
        Value::String(text) if text.starts_with(|c: char| c.is_ascii_digit()) => String::from("t"),
        other => other.to_string(),
    }
}

fn office() -> Directory {
    let mut directory = Directory::default();
    for extension in ["100", "101", "102", "103"] {
        let mut extension = Extension::new(number(extension), "", Secret::NONE);
        extension.voicemail_pin = String::from("1");
        extension.may_monitor = true;
        if *extension.number == *"103" {
            extension.language = Some(Language::English);
        }
        directory
            .extensions
            .insert(extension.number, extension.into());
    }
    let room: Room = made(json!({
        "number": "700", "name": "", "admin_pin": "1", "user_pin": "2", "max_members": null, "record": false,
    }));
    directory.rooms.insert(room.number, room.into());
    let menu: Menu = made(json!({
        "number": "610", "name": "", "greeting": "welcome", "direct_dial": true,
        "timeout": { "secs": 10, "nanos": 0 }, "tries": 3, "then": null, "keys": { "1": "700", "2": "999" },
    }));
    directory.menus.insert(menu.number, menu.into());
    let seconds = |secs: u64| json!({ "secs": secs, "nanos": 0 });
    let queue: Queue = made(json!({
        "number": "600", "name": "", "strategy": "ring-all", "static_agents": ["101"],
        "dynamic_agents": ["100", "103"], "agent_ring_time": seconds(15), "retry": seconds(5),
        "wrap_up": seconds(0), "max_wait": seconds(120), "max_callers": null, "announce_position": true,
        "announce_every": seconds(30), "then": null,
    }));
    directory.queues.insert(queue.number, queue.into());
    for (id, minutes) in [(1, 60), (2, 120)] {
        for extension in ["100", "103"] {
            let wake_up = WakeUp {
                id: WakeUpId(id + minutes + extension.parse::<u64>().unwrap()),
                extension: number(extension),
                at: Wall(1_521_000_000_000 + i64::try_from(minutes).unwrap() * 60_000),
                days: BTreeSet::new(),
                snoozed: 0,
            };
            directory.wake_ups.insert(wake_up.id, wake_up.into());
        }
    }
    directory
}

/// An object of the configuration as it is kept; what it does not say is as usual.
fn made<T: serde::de::DeserializeOwned>(object: Value) -> T {
    serde_json::from_value(object).unwrap()
}

fn message(nth: u64) -> Message {
    Message {
        id: RecordingId(nth),
        at: Wall(1_520_900_000_000),
        from: Party {
            number: Some(number("101")).filter(|_| nth > 1),
            name: String::new(),
        },
        length: Duration::from_secs(nth * 60),
        heard: if nth > 2 {
            model::Heard::Old
        } else {
            model::Heard::New
        },
    }
}

/// `prompts/PROMPTS.tsv`: English and Chinese by id.
fn texts() -> BTreeMap<String, (String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../prompts/PROMPTS.tsv");
    let list = std::fs::read_to_string(path).unwrap();
    let rows = list.lines().map(|row| {
        let mut cells = row.split('\t').map(String::from);
        let id = cells.next().unwrap();
        let (_, english, chinese) = (cells.next(), cells.next().unwrap(), cells.next().unwrap());
        (id, (english, chinese))
    });
    rows.collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

const CALLER: LegId = LegId::inbound(1);
/// Far more than any dialogue has.
const STATES_MAX: usize = 4_000;
/// More prompts and pauses than the longest way to the end.
const SILENCES_MAX: usize = 200;
