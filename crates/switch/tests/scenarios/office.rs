//! A simulated office: phones, the sound that reaches them, a clock and a disk.

use crate::disk::Disk;
use model::{
    CallId, Cause, Destination, Digit, Directory, Duration, Effect, Extension, ExtensionState,
    Fact, InboundRoute, Incoming, Input, Keys, Language, LegEvent, LegId, MixPlan, Now, Number,
    Origin, OutboundRoute, Party, PlayEnd, PlayId, Question, QuestionId, Reachability, RecordingId,
    Reply, RoomId, Secret, Sound, Switched, Target, Time, TransferProgress, TransferTo, Trunk,
    Wall,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use switch::Switch;

/// The office, its phones and what happened in it.
pub(crate) struct Office {
    pub(crate) switch: Switch,
    pub(crate) now: Now,
    pub(crate) directory: Directory,
    pub(crate) legs: BTreeMap<LegId, Phone>,
    pub(crate) records: Vec<model::CallRecord>,
    pub(crate) questions: Vec<(QuestionId, Question)>,
    pub(crate) log: Vec<Effect>,
    pub(crate) disk: Disk,
    rooms: BTreeMap<RoomId, MixPlan>,
    /// Every recording, and whose conversation it records now.
    pub(crate) tapes: BTreeMap<RecordingId, Option<LegId>>,
    states: BTreeMap<String, ExtensionState>,
    lamps: BTreeMap<String, Option<Party>>,
    calls_in: u64,
}

/// One leg as its phone sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phone {
    pub(crate) party: String,
    /// Legs are numbered as they come about.
    nth: usize,
    /// The trunk it was called on; empty: none.
    pub(crate) trunk: String,
    pub(crate) forwarded_by: Vec<String>,
    /// Who calls, or who is shown to be at the other end.
    pub(crate) shown: Party,
    pub(crate) alerted: u32,
    pub(crate) progressed: u32,
    pub(crate) answered: u32,
    pub(crate) ended: Option<Cause>,
    /// Everything it was told, in the order in which it began.
    pub(crate) heard: Vec<String>,
    pub(crate) keys_received: String,
    pub(crate) echo: bool,
    /// What it was told of the transfers it asked for.
    pub(crate) transfers: Vec<TransferProgress>,
    pub(crate) playing: Option<(PlayId, Vec<Sound>, Keys)>,
}

/// What is done in an office.
pub(crate) type Deed<'a> = &'a dyn Fn(&mut Office);

impl Office {
    /// Four extensions with a phone each and no mailbox: 100 to 102 speak Chinese, 103 English.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same office, set up differently.
    pub(crate) fn with(change: impl FnOnce(&mut Directory)) -> Self {
        let mut directory = Directory::default();
        for (number, name) in [
            ("100", "张三"),
            ("101", "李四"),
            ("102", "王五"),
            ("103", "Eve"),
        ] {
            let mut extension = Extension::new(self::number(number), name, Secret::NONE);
            extension.voicemail = false;
            if number == "103" {
                extension.language = Some(Language::English);
            }
            directory
                .extensions
                .insert(extension.number, Arc::new(extension));
        }
        change(&mut directory);
        let mut office = Self {
            switch: Switch::new(Arc::new(directory.clone()), 7),
            now: Now {
                mono: Time(1_000_000),
                wall: Wall(1_521_000_000_000),
            },
            legs: BTreeMap::new(),
            records: Vec::new(),
            questions: Vec::new(),
            log: Vec::new(),
            disk: Disk::default(),
            rooms: BTreeMap::new(),
            tapes: BTreeMap::new(),
            states: BTreeMap::new(),
            lamps: BTreeMap::new(),
            calls_in: 0,
            directory,
        };
        let numbers: Vec<_> = office.directory.extensions.keys().copied().collect();
        for number in numbers {
            office.registers(&number);
        }
        office
    }

    /// The same office, in which everybody has a mailbox.
    pub(crate) fn with_mailboxes() -> Self {
        Self::with(mailboxes)
    }

    /// The same office with two trunks, `carrier` and `spare`: 9 goes out on either, the number outside is
    /// 02885337100 and rings 100.
    pub(crate) fn with_lines() -> Self {
        Self::with(lines)
    }

    /// The same office with a line to the outside: its number 5551000 rings 101, 5551041 leads to a parking slot.
    pub(crate) fn with_an_outside_line() -> Self {
        Self::with(|directory| {
            for (called, to) in [("5551000", "101"), ("5551041", "41")] {
                directory.inbound_routes.push(Arc::new(InboundRoute {
                    trunk: String::from("carrier"),
                    number: Some(number(called)),
                    caller: String::new(),
                    to: Destination::Number(number(to)),
                }));
            }
        })
    }

    /// 100 called 101, who answered.
    pub(crate) fn talking() -> Self {
        let mut office = Self::new();
        office.dials("100", "101").rings("101").answers("101");
        assert!(office.talk("100", "101"));
        office
    }

    pub(crate) fn dials(&mut self, from: &str, dialled: &str) -> &mut Self {
        let owner = self.directory.extension(&number(from));
        let caller = Party {
            number: Some(number(from)),
            name: owner.map(|owner| owner.name.clone()).unwrap_or_default(),
        };
        self.calls_in(Origin::Extension(number(from)), caller, dialled)
    }

    /// A phone calls in place of a leg (INVITE with Replaces).
    pub(crate) fn replaces(&mut self, from: &str, leg: LegId) -> &mut Self {
        let caller = Party {
            number: Some(number(from)),
            name: String::new(),
        };
        let origin = Origin::Extension(number(from));
        self.enters(origin, caller, from, Some(leg))
    }

    pub(crate) fn calls_from_outside(&mut self, from: &str, dialled: &str) -> &mut Self {
        self.calls_on("carrier", from, dialled)
    }

    /// Somebody calls in on a trunk; who does not show his number is called `anonymous`.
    pub(crate) fn calls_on(&mut self, trunk: &str, from: &str, dialled: &str) -> &mut Self {
        let caller = Party {
            number: Number::parse(from).ok(),
            name: String::new(),
        };
        self.calls_in(Origin::Trunk(String::from(trunk)), caller, dialled)
    }

    fn calls_in(&mut self, origin: Origin, caller: Party, dialled: &str) -> &mut Self {
        self.enters(origin, caller, dialled, None)
    }

    fn enters(
        &mut self,
        origin: Origin,
        caller: Party,
        dialled: &str,
        replaces: Option<LegId>,
    ) -> &mut Self {
        self.calls_in += 1;
        let leg = LegId::inbound(self.calls_in);
        let phone = Phone {
            party: caller
                .number
                .map_or_else(|| String::from("anonymous"), |number| number.to_string()),
            nth: self.legs.len(),
            ..Phone::default()
        };
        self.legs.insert(leg, phone);
        self.give(Input::Incoming(Incoming {
            leg,
            origin,
            caller,
            dialled: number(dialled),
            hops: 0,
            replaces,
        }))
    }

    pub(crate) fn rings(&mut self, party: &str) -> &mut Self {
        self.does(party, LegEvent::Ringing)
    }

    pub(crate) fn sends_early_media(&mut self, party: &str) -> &mut Self {
        self.does(party, LegEvent::EarlyMedia)
    }

    pub(crate) fn answers(&mut self, party: &str) -> &mut Self {
        self.does(party, LegEvent::Answered)
    }

    /// A phone asks for a transfer of its own (REFER).
    pub(crate) fn refers(&mut self, leg: LegId, to: TransferTo) -> &mut Self {
        self.give(Input::Leg(leg, LegEvent::Transfer(to)))
    }

    /// The phone that was rung gives no call.
    pub(crate) fn fails(&mut self, party: &str, cause: Cause) -> &mut Self {
        self.leaves(party, LegEvent::Failed(cause), cause)
    }

    pub(crate) fn hangs_up(&mut self, party: &str) -> &mut Self {
        self.leaves(party, LegEvent::HungUp(Cause::Normal), Cause::Normal)
    }

    pub(crate) fn vanishes(&mut self, party: &str) -> &mut Self {
        self.leaves(party, LegEvent::HungUp(Cause::Vanished), Cause::Vanished)
    }

    fn leaves(&mut self, party: &str, event: LegEvent, cause: Cause) -> &mut Self {
        let leg = self.leg(party);
        self.phone_mut(leg).ended = Some(cause);
        self.give(Input::Leg(leg, event))
    }

    pub(crate) fn holds(&mut self, party: &str) -> &mut Self {
        self.does(party, LegEvent::Held)
    }

    pub(crate) fn resumes(&mut self, party: &str) -> &mut Self {
        self.does(party, LegEvent::Resumed)
    }

    /// Presses keys; what is being played reacts to them as the media plane does.
    pub(crate) fn types(&mut self, party: &str, keys: &str) -> &mut Self {
        for key in keys.chars() {
            let leg = self.leg(party);
            let digit = Digit::parse(key).unwrap();
            match self.phone(leg).playing {
                Some((_, _, Keys::Drop)) => continue,
                Some((play, _, Keys::CutShort)) => {
                    self.phone_mut(leg).playing = None;
                    self.give(Input::Leg(leg, LegEvent::Played(play, PlayEnd::CutShort)));
                }
                Some((_, _, Keys::Report)) | None => {}
            }
            if self.phone(leg).ended.is_none() {
                self.give(Input::Leg(leg, LegEvent::Digit(digit)));
            }
        }
        self
    }

    /// What is being said to a party comes to its end.
    pub(crate) fn hears_it_out(&mut self, party: &str) -> &mut Self {
        let leg = self.leg(party);
        let (play, ..) = self
            .phone_mut(leg)
            .playing
            .take()
            .unwrap_or_else(|| panic!("{party} hears nothing"));
        self.give(Input::Leg(leg, LegEvent::Played(play, PlayEnd::Finished)))
    }

    pub(crate) fn registers(&mut self, extension: &str) -> &mut Self {
        let reachable = Reachability::Available;
        self.give(Input::Reachable(number(extension), reachable))
    }

    pub(crate) fn unregisters(&mut self, extension: &str) -> &mut Self {
        let unreachable = Reachability::Unavailable;
        self.give(Input::Reachable(number(extension), unreachable))
    }

    /// The configuration is replaced by a changed one.
    pub(crate) fn reconfigures(&mut self, change: impl FnOnce(&mut Directory)) -> &mut Self {
        change(&mut self.directory);
        let directory = Arc::new(self.directory.clone());
        self.give(Input::Directory(directory))
    }

    /// The disk does what it was last asked for; the directory comes before the reply.
    pub(crate) fn saves(&mut self) -> &mut Self {
        let (id, question) = self.questions.pop().expect("something is to be saved");
        let Question::Save(change) = question else {
            panic!("nothing is to be saved but {question:?}");
        };
        self.reconfigures(|directory| {
            if let Some(changed) = change.made_in(directory) {
                *directory = changed;
            }
        });
        self.give(Input::Answer(id, Reply::Saved))
    }

    pub(crate) fn replies(&mut self, reply: Reply) -> &mut Self {
        let (id, _) = self.questions.pop().expect("something was asked");
        self.give(Input::Answer(id, reply))
    }

    /// Time passes, and every deadline in it.
    pub(crate) fn passes(&mut self, so_long: Duration) -> &mut Self {
        let until = self.now.mono + so_long;
        while let Some(at) = self.switch.next_deadline().filter(|&at| at <= until) {
            self.to(at);
            self.give(Input::Timeout);
        }
        self.to(until);
        self
    }

    fn to(&mut self, at: Time) {
        self.now.wall = self.now.wall + at.since(self.now.mono);
        self.now.mono = at;
    }

    /// The wall clock is set; no time passes.
    pub(crate) fn sets_the_clock(&mut self, ahead_ms: i64) -> &mut Self {
        self.now.wall = Wall(self.now.wall.0 + ahead_ms);
        self
    }

    pub(crate) fn restarts(&mut self) -> &mut Self {
        let state = serde_json::to_string(&self.switch.snapshot()).unwrap();
        let state = serde_json::from_str(&state).unwrap();
        self.switch = Switch::restore(Arc::new(self.directory.clone()), state);
        self
    }

    pub(crate) fn give(&mut self, input: Input) -> &mut Self {
        let effects = self.switch.handle(self.now, input);
        assert_eq!(self.switch.check(), Ok(()));
        for effect in effects {
            self.perform(&effect);
            self.log.push(effect);
        }
        self
    }

    fn does(&mut self, party: &str, event: LegEvent) -> &mut Self {
        let leg = self.leg(party);
        self.give(Input::Leg(leg, event))
    }

    fn perform(&mut self, effect: &Effect) {
        self.disk.perform(effect);
        match effect {
            Effect::Ring(ring) => {
                let party = match &ring.target {
                    Target::Extension(number) | Target::Trunk { number, .. } => number.to_string(),
                };
                let phone = Phone {
                    party,
                    trunk: match &ring.target {
                        Target::Extension(_) => String::new(),
                        Target::Trunk { trunk, .. } => trunk.clone(),
                    },
                    forwarded_by: ring.forwarded_by.iter().map(Number::to_string).collect(),
                    shown: ring.caller.clone(),
                    nth: self.legs.len(),
                    ..Phone::default()
                };
                self.legs.insert(ring.leg, phone);
            }
            Effect::Alert(leg) => self.phone_mut(*leg).alerted += 1,
            Effect::Progress(leg) => self.phone_mut(*leg).progressed += 1,
            Effect::Answer(leg) => self.phone_mut(*leg).answered += 1,
            Effect::HangUp(leg, cause) => {
                let ended = self.phone_mut(*leg).ended.replace(*cause);
                assert_eq!(ended, None, "a leg ends once");
            }
            Effect::Identify(leg, party) => self.phone_mut(*leg).shown = party.clone(),
            Effect::Mix(room, plan) if plan.seats.is_empty() => {
                assert!(self.rooms.remove(room).is_some(), "a room is closed once");
            }
            Effect::Mix(room, plan) => {
                self.rooms.insert(*room, plan.clone());
            }
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                let phone = self.phone_mut(*leg);
                phone.heard.extend(sounds.iter().map(heard));
                phone.playing = Some((*play, sounds.clone(), *keys));
            }
            Effect::Silence(leg) => self.phone_mut(*leg).playing = None,
            Effect::SendDigit(leg, digit) => {
                self.phone_mut(*leg).keys_received.push(digit.as_char());
            }
            Effect::Echo(leg, switched) => self.phone_mut(*leg).echo = *switched == Switched::On,
            Effect::TransferProgress(leg, progress) => {
                self.phone_mut(*leg).transfers.push(*progress);
            }
            Effect::Fact(Fact::Lamp(number, party)) => {
                let told = self.lamps.insert(number.to_string(), party.clone());
                assert_ne!(told.as_ref(), Some(party), "a lamp is told when it changes");
            }
            Effect::Ask(id, question) => self.questions.push((*id, question.clone())),
            Effect::Fact(Fact::Extension(number, state)) => {
                let told = self.states.insert(number.to_string(), *state);
                assert_ne!(told, Some(*state), "a state is told when it changes");
            }
            Effect::Fact(Fact::Ended(record)) => self.records.push(record.clone()),
            Effect::Record { leg, recording, .. } => {
                self.tapes.insert(*recording, Some(*leg));
            }
            Effect::StopRecording(recording) if self.disk.files.contains_key(recording) => {}
            Effect::StopRecording(recording) => {
                let ran = self.tapes.insert(*recording, None);
                assert!(ran.flatten().is_some(), "a recording is ended once");
            }
            Effect::Fact(_)
            | Effect::PauseRecording(..)
            | Effect::TakeDown { .. }
            | Effect::Discard(_) => {}
        }
    }
}

impl Phone {
    /// What is being played to it.
    pub(crate) fn playing(&self) -> Option<&[Sound]> {
        self.playing.as_ref().map(|(_, sounds, _)| &sounds[..])
    }
}

/// What can be seen and heard.
impl Office {
    /// The last leg of a party that is still there.
    pub(crate) fn leg(&self, party: &str) -> LegId {
        let live = |phone: &Phone| phone.party == party && phone.ended.is_none();
        let legs = self.legs.iter().filter(|(_, phone)| live(phone));
        let last = legs.max_by_key(|(_, phone)| phone.nth);
        *last.unwrap_or_else(|| panic!("{party} has no call")).0
    }

    pub(crate) fn phone(&self, leg: LegId) -> &Phone {
        &self.legs[&leg]
    }

    fn phone_mut(&mut self, leg: LegId) -> &mut Phone {
        self.legs
            .get_mut(&leg)
            .unwrap_or_else(|| panic!("leg {leg} was never there"))
    }

    /// The phone of a party in its last call, which may have ended.
    pub(crate) fn last(&self, party: &str) -> &Phone {
        let phones = self.legs.values().filter(|phone| phone.party == party);
        let last = phones.max_by_key(|phone| phone.nth);
        last.unwrap_or_else(|| panic!("{party} never had a call"))
    }

    pub(crate) fn is_in_a_call(&self, party: &str) -> bool {
        let mut phones = self.legs.values();
        phones.any(|phone| phone.party == party && phone.ended.is_none())
    }

    /// Whether an extension's phones were ever rung.
    pub(crate) fn log_has_ring(&self, extension: &str) -> bool {
        let number = number(extension);
        self.log.iter().any(|effect| {
            matches!(effect, Effect::Ring(ring) if ring.target == Target::Extension(number))
        })
    }

    /// The last thing said to a party.
    /// The call that a party is in.
    pub(crate) fn call_of(&self, party: &str) -> CallId {
        let call = self.switch.call_of(self.leg(party));
        call.expect("a leg is in a call")
    }

    pub(crate) fn heard(&self, party: &str) -> String {
        self.last(party).heard.join(" ")
    }

    pub(crate) fn hears_music(&self, party: &str) -> bool {
        let playing = &self.last(party).playing;
        matches!(playing, Some((_, sounds, Keys::Report)) if sounds.last() == Some(&Sound::Music))
    }

    /// Whether something is being said to a party that it can hear out.
    pub(crate) fn is_told(&self, party: &str) -> bool {
        let playing = &self.last(party).playing;
        matches!(playing, Some((_, sounds, _)) if sounds.last() != Some(&Sound::Music))
    }

    /// Whether a party hears music in the end, and whatever is said before it.
    pub(crate) fn hears_waiting(&self, party: &str) -> bool {
        let playing = &self.last(party).playing;
        matches!(playing, Some((_, sounds, Keys::Report)) if sounds.last() == Some(&Sound::Music))
    }

    pub(crate) fn hears(&self, listener: &str, speaker: &str) -> bool {
        self.rooms.values().any(|plan| {
            let legs_of = |party: &str| {
                let seats = plan.seats.iter().copied();
                let legs = seats.filter(|leg| self.phone(*leg).party == party);
                legs.collect::<Vec<_>>()
            };
            let speakers = legs_of(speaker);
            legs_of(listener)
                .into_iter()
                .any(|leg| speakers.iter().any(|other| plan.hears(leg, *other)))
        })
    }

    pub(crate) fn talk(&self, a: &str, b: &str) -> bool {
        self.hears(a, b) && self.hears(b, a)
    }

    pub(crate) fn state(&self, extension: &str) -> ExtensionState {
        self.states
            .get(extension)
            .copied()
            .unwrap_or(ExtensionState::Unavailable)
    }

    /// Who waits at a parking slot.
    pub(crate) fn lamp(&self, number: &str) -> Option<&str> {
        let party = self.lamps.get(number)?.as_ref()?;
        Some(&party.name)
    }

    pub(crate) fn record(&self) -> &model::CallRecord {
        assert_eq!(self.records.len(), 1, "{:?}", self.records);
        &self.records[0]
    }

    /// Who is recorded.
    pub(crate) fn recorded(&self) -> Vec<&str> {
        let legs = self.tapes.values().flatten();
        legs.map(|leg| self.phone(*leg).party.as_str()).collect()
    }

    /// Nothing is left of any call.
    pub(crate) fn is_quiet(&self) -> bool {
        assert_eq!(self.recorded(), Vec::<&str>::new());
        assert_eq!(self.disk.speaking(), []);
        self.switch.call_count() == 0
            && self.rooms.is_empty()
            && self.switch.next_deadline().is_none()
            && self.legs.values().all(|phone| phone.ended.is_some())
    }

    pub(crate) fn phases(&self) -> Vec<&str> {
        let phases = self.log.iter().filter_map(|effect| match effect {
            Effect::Fact(Fact::Entered { phase, .. }) => Some(phase.as_ref()),
            _ => None,
        });
        phases.collect()
    }
}

pub(crate) fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

pub(crate) const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Everybody has a mailbox.
pub(crate) fn mailboxes(directory: &mut Directory) {
    for extension in directory.extensions.values_mut() {
        Arc::make_mut(extension).voicemail = true;
    }
}

pub(crate) fn lines(directory: &mut Directory) {
    for name in ["carrier", "spare"] {
        let trunk = trunk(name, &["02885337100"]);
        directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
    }
    directory.outbound_routes.push(Arc::new(route("city", "9")));
    directory.inbound_routes.push(Arc::new(InboundRoute {
        trunk: String::from("carrier"),
        number: Some(number("02885337100")),
        caller: String::new(),
        to: Destination::Number(number("100")),
    }));
}

pub(crate) fn trunk(name: &str, numbers: &[&str]) -> Trunk {
    Trunk {
        numbers: numbers.iter().map(|text| number(text)).collect(),
        ..Trunk::to(name, "192.0.2.10")
    }
}

/// A route that takes its prefix off and goes out on `carrier`, else on `spare`.
pub(crate) fn route(name: &str, prefix: &str) -> OutboundRoute {
    OutboundRoute {
        name: String::from(name),
        prefix: String::from(prefix),
        strip: u8::try_from(prefix.len()).unwrap(),
        prepend: String::new(),
        pattern: String::new(),
        trunks: ["carrier", "spare"].map(String::from).to_vec(),
        emergency: false,
        open: Vec::new(),
        max_minutes: None,
    }
}

/// Changes one route out.
pub(crate) fn set_route(
    directory: &mut Directory,
    nth: usize,
    change: impl FnOnce(&mut OutboundRoute),
) {
    change(Arc::make_mut(&mut directory.outbound_routes[nth]));
}

/// Changes one trunk.
pub(crate) fn set_trunk(directory: &mut Directory, name: &str, change: impl FnOnce(&mut Trunk)) {
    change(Arc::make_mut(directory.trunks.get_mut(name).unwrap()));
}

/// Changes one extension.
pub(crate) fn set(directory: &mut Directory, extension: &str, change: impl FnOnce(&mut Extension)) {
    let extension = directory.extensions.get_mut(&number(extension)).unwrap();
    change(Arc::make_mut(extension));
}

fn heard(sound: &Sound) -> String {
    match sound {
        Sound::File(path) if path.starts_with("voicemail/") => path.clone(),
        Sound::Phrase(Language::Chinese, phrase) => phrase.0.to_string(),
        Sound::Phrase(Language::English, phrase) => format!("en:{}", phrase.0),
        other => format!("{other:?}"),
    }
}
