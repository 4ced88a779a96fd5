//! A day at an office, a line an event: `100 dials 101`, `101 answers`, `101 presses *2102#`, `wait 5000`. Whatever is
//! written, the invariants of the switch hold after each event, and nothing is left when everybody has gone home.

use model::{
    Cause, Digit, Directory, Effect, Extension, Incoming, Input, Keys, LegEvent, LegId, Now,
    Number, Origin, Party, PlayEnd, PlayId, Question, QuestionId, Reachability, Reply, Room,
    Secret, Target, Time, TransferTo, Wall,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use switch::Switch;

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut office = Office::new();
    for line in text.lines().take(LINES_MAX) {
        let words: Vec<_> = line.split_whitespace().collect();
        office.event(&words);
    }
    office.give(Input::HangUpAll);
    assert_eq!(office.switch.call_count(), 0, "everybody has gone home");
    assert_eq!(office.switch.next_deadline(), None, "nothing waits");
    assert!(office.legs.is_empty(), "every leg was ended");
}

struct Office {
    switch: Switch,
    directory: Directory,
    now: Now,
    calls_in: u64,
    /// The legs that live, and whose they are.
    legs: BTreeMap<LegId, Number>,
    playing: BTreeMap<LegId, (PlayId, Keys)>,
    questions: Vec<(QuestionId, Question)>,
}

impl Office {
    fn new() -> Self {
        let directory = site();
        let mut office = Self {
            switch: Switch::new(Arc::new(directory.clone()), 1),
            directory,
            now: Now::default(),
            calls_in: 0,
            legs: BTreeMap::new(),
            playing: BTreeMap::new(),
            questions: Vec::new(),
        };
        let numbers: Vec<_> = office.directory.extensions.keys().copied().collect();
        for number in numbers {
            office.give(Input::Reachable(number, Reachability::Available));
        }
        office
    }

    fn event(&mut self, words: &[&str]) {
        match *words {
            ["wait", millis] => self.wait(millis.parse().unwrap_or(0)),
            ["saved"] => self.reply(Reply::Saved),
            ["not", "saved"] => self.reply(Reply::NotSaved),
            [who, "dials", what] => self.dials(who, what),
            [who, "presses", keys] => self.presses(who, keys),
            [who, "refers", to] => {
                if let Ok(to) = Number::parse(to) {
                    self.does(who, LegEvent::Transfer(TransferTo::Number(to)));
                }
            }
            [who, "joins", other] => {
                if let Some(leg) = self.leg(other) {
                    self.does(who, LegEvent::Transfer(TransferTo::Leg(leg)));
                }
            }
            [who, "hears"] => self.hears(who, PlayEnd::Finished),
            [who, "rings"] => self.does(who, LegEvent::Ringing),
            [who, "answers"] => self.does(who, LegEvent::Answered),
            [who, "holds"] => self.does(who, LegEvent::Held),
            [who, "resumes"] => self.does(who, LegEvent::Resumed),
            [who, "refuses"] => self.does(who, LegEvent::Failed(Cause::Busy)),
            [who, "leaves"] => self.does(who, LegEvent::HungUp(Cause::Normal)),
            [who, "unregisters"] => {
                if let Ok(number) = Number::parse(who) {
                    self.give(Input::Reachable(number, Reachability::Unavailable));
                }
            }
            _ => {}
        }
    }

    /// The newest leg of a party.
    fn leg(&self, who: &str) -> Option<LegId> {
        let mut legs = self.legs.iter().rev();
        legs.find(|(_, number)| number.as_str() == who)
            .map(|(leg, _)| *leg)
    }

    fn dials(&mut self, who: &str, what: &str) {
        let (Ok(from), Ok(dialled)) = (Number::parse(who), Number::parse(what)) else {
            return;
        };
        self.calls_in += 1;
        let leg = LegId::inbound(self.calls_in);
        self.legs.insert(leg, from);
        self.give(Input::Incoming(Incoming {
            leg,
            origin: Origin::Extension(from),
            caller: Party {
                number: Some(from),
                name: String::new(),
            },
            dialled,
            hops: 0,
            replaces: None,
        }));
    }

    fn presses(&mut self, who: &str, keys: &str) {
        for key in keys.chars().take(KEYS_MAX).filter_map(Digit::parse) {
            let Some(leg) = self.leg(who) else {
                return;
            };
            match self.playing.get(&leg) {
                Some((_, Keys::Drop)) => continue,
                Some((_, Keys::CutShort)) => self.hears(who, PlayEnd::CutShort),
                Some((_, Keys::Report)) | None => {}
            }
            self.does(who, LegEvent::Digit(key));
        }
    }

    fn hears(&mut self, who: &str, end: PlayEnd) {
        if let Some(leg) = self.leg(who)
            && let Some((play, _)) = self.playing.remove(&leg)
        {
            self.give(Input::Leg(leg, LegEvent::Played(play, end)));
        }
    }

    fn does(&mut self, who: &str, event: LegEvent) {
        let Some(leg) = self.leg(who) else {
            return;
        };
        let ends = matches!(event, LegEvent::HungUp(_));
        self.give(Input::Leg(leg, event));
        if ends {
            self.ended(leg);
        }
    }

    fn reply(&mut self, reply: Reply) {
        let Some((id, question)) = self.questions.pop() else {
            return;
        };
        if let (Question::Save(change), Reply::Saved) = (&question, &reply)
            && let Some(changed) = change.made_in(&self.directory)
        {
            self.directory = changed;
            self.give(Input::Directory(Arc::new(self.directory.clone())));
        }
        self.give(Input::Answer(id, reply));
    }

    fn wait(&mut self, millis: u64) {
        let until = self.now.mono + Duration::from_millis(millis.min(WAIT_MAX_MS));
        while let Some(at) = self.switch.next_deadline().filter(|at| *at <= until) {
            self.now.mono = at;
            self.give(Input::Timeout);
        }
        self.now = Now {
            mono: until,
            wall: Wall(i64::try_from(until.0 / 1_000).unwrap_or(0)),
        };
    }

    fn give(&mut self, input: Input) {
        let effects = self.switch.handle(self.now, input);
        assert_eq!(self.switch.check(), Ok(()));
        for effect in effects {
            match effect {
                Effect::Ring(ring) => {
                    let (Target::Extension(number) | Target::Trunk { number, .. }) = ring.target;
                    self.legs.insert(ring.leg, number);
                }
                Effect::HangUp(leg, _) => self.ended(leg),
                Effect::Play {
                    leg, play, keys, ..
                } => {
                    self.playing.insert(leg, (play, keys));
                }
                Effect::Silence(leg) => {
                    self.playing.remove(&leg);
                }
                Effect::Ask(id, question) => self.questions.push((id, question)),
                _ => {}
            }
        }
        // A leg that failed is gone without a word.
        let switch = &self.switch;
        self.legs.retain(|leg, _| switch.call_of(*leg).is_some());
        assert!(self.now.mono >= Time(0));
    }

    fn ended(&mut self, leg: LegId) {
        self.legs.remove(&leg);
        self.playing.remove(&leg);
    }
}

/// Six extensions that may do everything, and a conference room.
fn site() -> Directory {
    let mut directory = Directory::default();
    for number in ["100", "101", "102", "103", "104", "105"] {
        let Ok(number) = Number::parse(number) else {
            continue;
        };
        let mut extension = Extension::new(number, &number, Secret::NONE);
        extension.departments.insert("sales".into());
        extension.call_waiting = number.as_str() > "102";
        extension.may_monitor = true;
        extension.may_be_monitored = true;
        directory.extensions.insert(number, Arc::new(extension));
    }
    if let Ok(number) = Number::parse("700") {
        let room = Room {
            admin_pin: "9911".into(),
            user_pin: "1111".into(),
            ..Room::new(number)
        };
        directory.rooms.insert(number, Arc::new(room));
    }
    directory
}

const LINES_MAX: usize = 400;
const KEYS_MAX: usize = 64;
const WAIT_MAX_MS: u64 = 600_000;
