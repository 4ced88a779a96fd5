//! Phones, trunks, a disk and a clock for a scenario. Phones ring as soon as they are called; a prompt takes a
//! second a phrase; what is saved is on disk at once.

use super::script::{Act, Expectation, Stands};
use crate::serve::clock;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::{
    AutoAnswer, Cause, Digit, Directory, Effect, Fact, Incoming, Input, Keys, LegEvent, LegId,
    Mailbox, MixPlan, Now, Number, Origin, Party, PlayEnd, PlayId, Question, Reachability, Reply,
    Ring, RoomId, Sound, Target, Time, Tone, TransferTo, Wall,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use switch::Switch;

/// The site and everybody who telephones with it.
pub(super) struct World {
    switch: Switch,
    directory: Directory,
    now: Now,
    /// The legs there ever were, in the order in which they came about.
    legs: BTreeMap<LegId, Leg>,
    rooms: BTreeMap<RoomId, MixPlan>,
    down: BTreeSet<String>,
    /// Who called each extension last.
    last_callers: BTreeMap<Number, Party>,
    next: VecDeque<Input>,
    calls_in: u64,
    log: Vec<(Duration, String)>,
}

#[derive(Default)]
struct Leg {
    party: String,
    nth: usize,
    trunk: String,
    direction: Direction,
    stage: Stage,
    shown: Party,
    told: Vec<String>,
    playing: Option<Playing>,
    ended: Option<Cause>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Direction {
    #[default]
    CalledIn,
    IsCalled,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Begun,
    Rings,
    Answered,
}

struct Playing {
    play: PlayId,
    what: What,
    keys: Keys,
}

/// What somebody hears that is played.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Speech, until then.
    Speech(Time),
    Music,
    Ringing,
    /// Another tone without end.
    Tone,
}

impl World {
    /// Everybody's phone is registered, every trunk is up, and it is Monday, 10 o'clock.
    pub(super) fn new(directory: Directory) -> Self {
        let mut world = Self {
            switch: Switch::new(Arc::new(directory.clone()), 1),
            directory,
            now: Now::default(),
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            down: BTreeSet::new(),
            last_callers: BTreeMap::new(),
            next: VecDeque::new(),
            calls_in: 0,
            log: Vec::new(),
        };
        // The first Monday of 2026; a time that exists in every zone.
        let _ = world.set_clock(jiff::civil::date(2026, 1, 5).at(10, 0, 0, 0));
        let extensions: Vec<_> = world.directory.extensions.keys().copied().collect();
        for extension in extensions {
            world.give(Input::Reachable(extension, Reachability::Available));
        }
        world
    }

    pub(super) const fn elapsed(&self) -> Duration {
        Duration::from_micros(self.now.mono.0)
    }

    /// What happened since it was last asked for.
    pub(super) fn take_log(&mut self) -> Vec<(Duration, String)> {
        std::mem::take(&mut self.log)
    }

    /// Time passes, with every deadline and end of a prompt in it, in order.
    pub(super) fn wait(&mut self, so_long: Duration) {
        let until = self.now.mono + so_long;
        loop {
            let heard_out = self.next_heard_out();
            let deadline = self.switch.next_deadline();
            let due = deadline
                .into_iter()
                .chain(heard_out.map(|(at, ..)| at))
                .min();
            let Some(at) = due.filter(|at| *at <= until) else {
                break;
            };
            self.pass_to(at);
            match heard_out {
                Some((ends, leg, play)) if ends <= at => {
                    self.heard_out(leg, play, PlayEnd::Finished);
                }
                _ => self.give(Input::Timeout),
            }
        }
        self.pass_to(until);
    }

    pub(super) fn set_clock(&mut self, moment: DateTime) -> Result<(), String> {
        let timezone = self.directory.system.timezone.clone();
        let zone = TimeZone::get(&timezone).unwrap_or(TimeZone::UTC);
        let zoned = moment.to_zoned(zone);
        let zoned = zoned.map_err(|_| format!("{moment} is no time in {timezone}"))?;
        self.now.wall = Wall(zoned.timestamp().as_millisecond());
        self.give(Input::Zone(clock::zone(&timezone, self.now.wall)));
        Ok(())
    }

    pub(super) fn set_trunk(&mut self, name: &str, stands: Stands) -> Result<(), String> {
        if !self.directory.trunks.contains_key(name) {
            return Err(format!("there is no trunk {name}"));
        }
        match stands {
            Stands::Up => self.down.remove(name),
            Stands::Down => self.down.insert(String::from(name)),
        };
        Ok(())
    }

    /// Somebody does something; the error is why he cannot.
    pub(super) fn act(&mut self, party: &str, act: &Act) -> Result<(), String> {
        match act {
            Act::Dials(number) => self.dials(party, *number),
            Act::Calls(number, trunk) => self.calls(party, *number, trunk),
            Act::Answers => {
                let leg = self.rung(party)?;
                self.happens(leg, LegEvent::Answered);
                Ok(())
            }
            Act::Refuses => self.fails(party, Cause::Declined),
            Act::IsBusy => self.fails(party, Cause::Busy),
            Act::HangsUp => {
                let leg = self.live(party)?;
                self.ends(leg, Cause::Normal);
                self.give(Input::Leg(leg, LegEvent::HungUp(Cause::Normal)));
                Ok(())
            }
            Act::Holds => self.does(party, LegEvent::Held),
            Act::Resumes => self.does(party, LegEvent::Resumed),
            Act::TransfersTo(number) => {
                self.does(party, LegEvent::Transfer(TransferTo::Number(*number)))
            }
            Act::Presses(keys) => self.presses(party, keys),
            Act::Registers => self.reaches(party, Reachability::Available),
            Act::Unregisters => self.reaches(party, Reachability::Unavailable),
        }
    }

    fn dials(&mut self, party: &str, dialled: Number) -> Result<(), String> {
        let own = Number::parse(party).ok();
        let own = own.and_then(|number| self.directory.extension(&number));
        let own = own.ok_or_else(|| format!("there is no extension {party}"))?;
        let caller = Party {
            number: Some(own.number),
            name: own.name.clone(),
        };
        self.call_in(Origin::Extension(own.number), party, caller, dialled);
        Ok(())
    }

    fn calls(&mut self, party: &str, dialled: Number, trunk: &str) -> Result<(), String> {
        if !self.directory.trunks.contains_key(trunk) {
            return Err(format!("there is no trunk {trunk}"));
        }
        let caller = Party {
            number: Number::parse(party).ok(),
            name: String::new(),
        };
        self.call_in(Origin::Trunk(String::from(trunk)), party, caller, dialled);
        Ok(())
    }

    fn call_in(&mut self, origin: Origin, party: &str, caller: Party, dialled: Number) {
        self.calls_in += 1;
        let id = LegId::inbound(self.calls_in);
        let leg = Leg {
            party: String::from(party),
            nth: self.legs.len(),
            ..Leg::default()
        };
        self.legs.insert(id, leg);
        self.say(format!("{party} dials {dialled}"));
        self.give(Input::Incoming(Incoming {
            leg: id,
            origin,
            caller,
            dialled,
            hops: 0,
            replaces: None,
        }));
    }

    fn fails(&mut self, party: &str, cause: Cause) -> Result<(), String> {
        let leg = self.rung(party)?;
        self.ends(leg, cause);
        self.give(Input::Leg(leg, LegEvent::Failed(cause)));
        Ok(())
    }

    fn does(&mut self, party: &str, event: LegEvent) -> Result<(), String> {
        let leg = self.live(party)?;
        self.happens(leg, event);
        Ok(())
    }

    fn presses(&mut self, party: &str, keys: &str) -> Result<(), String> {
        for key in keys.chars() {
            let digit = Digit::parse(key).ok_or_else(|| format!("{key:?} is no key"))?;
            let leg = self.live(party)?;
            let playing = self.legs.get(&leg).and_then(|leg| leg.playing.as_ref());
            match playing.map(|playing| (playing.keys, playing.play)) {
                // What must be heard to its end is; the key is lost.
                Some((Keys::Drop, _)) => continue,
                Some((Keys::CutShort, play)) => self.heard_out(leg, play, PlayEnd::CutShort),
                Some((Keys::Report, _)) | None => {}
            }
            self.give(Input::Leg(leg, LegEvent::Digit(digit)));
        }
        Ok(())
    }

    fn reaches(&mut self, party: &str, reachable: Reachability) -> Result<(), String> {
        let number = Number::parse(party).ok();
        let number = number.filter(|number| self.directory.extensions.contains_key(number));
        let number = number.ok_or_else(|| format!("there is no extension {party}"))?;
        self.give(Input::Reachable(number, reachable));
        Ok(())
    }
}

/// What should be so.
impl World {
    /// Says why something is not as it should be.
    pub(super) fn expect(&self, expectation: &Expectation) -> Result<(), String> {
        match expectation {
            Expectation::Rings(who) => self.rung(who).map(|_| ()),
            Expectation::IsFree(who) => match self.live(who) {
                Ok(_) => Err(format!("{who} is in a call")),
                Err(_) => Ok(()),
            },
            Expectation::Talk(one, other) => {
                self.hears(one, other).and_then(|()| self.hears(other, one))
            }
            Expectation::Hears(who, other) => self.hears(who, other),
            Expectation::DoesNotHear(who, other) => match self.hears(who, other) {
                Ok(()) => Err(format!("{who} hears {other}")),
                Err(_) => Ok(()),
            },
            Expectation::HearsMusic(who) => self.hears_played(who, What::Music, "music"),
            Expectation::HearsRinging(who) => self.hears_ringing(who),
            Expectation::IsTold(who, said) => self.is_told(who, said),
            Expectation::Sees(who, number) => {
                let shown = self.last(who)?.shown.number;
                let shown = shown.map_or_else(|| String::from("nobody"), |shown| shown.to_string());
                as_expected(&shown, number)
            }
            Expectation::IsCalledOn(who, trunk) => self
                .rung(who)
                .or_else(|_| self.live(who))
                .map(|_| ())
                .and_then(|()| as_expected(&self.last(who)?.trunk, trunk)),
            Expectation::Ended(who, cause) => match self.last(who)?.ended {
                Some(ended) if ended == *cause => Ok(()),
                Some(ended) => Err(format!("it ended as {ended:?}")),
                None => Err(format!("the call of {who} goes on")),
            },
            Expectation::NoCalls => match self.switch.call_count() {
                0 => Ok(()),
                1 => Err(String::from("there is a call")),
                count => Err(format!("there are {count} calls")),
            },
        }
    }

    fn hears(&self, listener: &str, speaker: &str) -> Result<(), String> {
        let (to, from) = (self.live(listener)?, self.live(speaker)?);
        let together = self.rooms.values().any(|plan| plan.hears(to, from));
        together
            .then_some(())
            .ok_or_else(|| format!("{listener} does not hear {speaker}"))
    }

    fn hears_played(&self, who: &str, what: What, name: &str) -> Result<(), String> {
        let leg = self.live(who)?;
        let playing = self.legs.get(&leg).and_then(|leg| leg.playing.as_ref());
        match playing {
            Some(playing) if playing.what == what => Ok(()),
            Some(_) | None => Err(format!("{who} does not hear {name}")),
        }
    }

    /// Ringing is what a caller's own phone makes of 180, or a tone that is played to him.
    fn hears_ringing(&self, who: &str) -> Result<(), String> {
        let leg = self.live(who)?;
        let leg = self.legs.get(&leg);
        let alerted = leg.is_some_and(|leg| {
            leg.direction == Direction::CalledIn
                && leg.stage == Stage::Rings
                && leg.playing.is_none()
        });
        if alerted {
            return Ok(());
        }
        self.hears_played(who, What::Ringing, "ringing")
    }

    fn is_told(&self, who: &str, said: &[String]) -> Result<(), String> {
        let told = &self.last(who)?.told;
        if told.ends_with(said) {
            return Ok(());
        }
        let from = told.len().saturating_sub(said.len().max(4));
        let told = told.get(from..).unwrap_or_default().join(" ");
        Err(match told.as_str() {
            "" => format!("{who} is told nothing"),
            told => format!("{who} is told {told}"),
        })
    }

    /// The last live leg of a party.
    fn live(&self, party: &str) -> Result<LegId, String> {
        let legs = self.legs.iter();
        let live = legs.filter(|(_, leg)| leg.party == party && leg.ended.is_none());
        let last = live.max_by_key(|(_, leg)| leg.nth);
        last.map(|(id, _)| *id)
            .ok_or_else(|| format!("{party} has no call"))
    }

    /// The leg of a party that rings.
    fn rung(&self, party: &str) -> Result<LegId, String> {
        let legs = self.legs.iter();
        let rung = legs.filter(|(_, leg)| {
            leg.party == party
                && leg.ended.is_none()
                && leg.direction == Direction::IsCalled
                && leg.stage < Stage::Answered
        });
        let first = rung.min_by_key(|(_, leg)| leg.nth);
        first
            .map(|(id, _)| *id)
            .ok_or_else(|| format!("{party} does not ring"))
    }

    /// The last leg of a party, which may have ended.
    fn last(&self, party: &str) -> Result<&Leg, String> {
        let legs = self.legs.values().filter(|leg| leg.party == party);
        legs.max_by_key(|leg| leg.nth)
            .ok_or_else(|| format!("{party} never had a call"))
    }
}

fn as_expected(is: &str, expected: &str) -> Result<(), String> {
    if is == expected {
        return Ok(());
    }
    Err(match is {
        "" => format!("it is not {expected}"),
        is => format!("it is {is}"),
    })
}

/// What the switch wants.
impl World {
    fn give(&mut self, input: Input) {
        self.next.push_back(input);
        while let Some(input) = self.next.pop_front() {
            for effect in self.switch.handle(self.now, input) {
                self.perform(effect);
            }
        }
    }

    fn happens(&mut self, id: LegId, event: LegEvent) {
        if let Some(leg) = self.legs.get_mut(&id) {
            let party = leg.party.clone();
            match event {
                LegEvent::Ringing => leg.stage = leg.stage.max(Stage::Rings),
                LegEvent::Answered => {
                    leg.stage = Stage::Answered;
                    self.say(format!("{party} answers"));
                }
                _ => {}
            }
        }
        self.give(Input::Leg(id, event));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ring(ring) => self.ring(ring),
            Effect::Alert(leg) => self.reach(leg, Stage::Rings, "hears ringing"),
            Effect::Answer(leg) => self.reach(leg, Stage::Answered, "is answered"),
            Effect::HangUp(leg, cause) => self.ends(leg, cause),
            Effect::Identify(leg, party) => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.shown = party;
                }
            }
            Effect::Mix(room, plan) if plan.seats.is_empty() => {
                self.rooms.remove(&room);
            }
            Effect::Mix(room, plan) => {
                self.rooms.insert(room, plan);
            }
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => self.play(leg, play, &sounds, keys),
            Effect::Silence(leg) => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.playing = None;
                }
            }
            Effect::Ask(id, question) => {
                let reply = self.reply(question);
                self.next.push_back(Input::Answer(id, reply));
            }
            Effect::Fact(Fact::Ended(record)) => {
                let caller = Number::parse(&record.caller).ok();
                for extension in record.extensions {
                    if caller != Some(extension) {
                        let name = record.caller_name.clone();
                        let party = Party {
                            number: caller,
                            name,
                        };
                        self.last_callers.insert(extension, party);
                    }
                }
            }
            Effect::Fact(Fact::Blocked(listed)) => {
                self.say(format!("{listed} is on the blacklist"));
            }
            _ => {}
        }
    }

    fn ring(&mut self, ring: Ring) {
        let (party, trunk) = match ring.target {
            Target::Extension(number) => (number.to_string(), String::new()),
            Target::Trunk { trunk, number } => (number.to_string(), trunk),
        };
        let by = ring.caller.number;
        let by = by.map_or_else(|| String::from("nobody"), |number| number.to_string());
        self.say(match trunk.as_str() {
            "" => format!("{party} is rung, and sees {by}"),
            trunk => format!("{party} is called on {trunk}, and sees {by}"),
        });
        let is_down = self.down.contains(&trunk);
        let leg = Leg {
            party,
            nth: self.legs.len(),
            trunk,
            direction: Direction::IsCalled,
            shown: ring.caller,
            ..Leg::default()
        };
        self.legs.insert(ring.leg, leg);
        let event = match ring.auto_answer {
            _ if is_down => {
                self.ends(ring.leg, Cause::Unavailable);
                LegEvent::Failed(Cause::Unavailable)
            }
            AutoAnswer::Yes => LegEvent::Answered,
            AutoAnswer::No => LegEvent::Ringing,
        };
        if let Some(leg) = self.legs.get_mut(&ring.leg) {
            leg.stage = match event {
                LegEvent::Answered => Stage::Answered,
                _ => Stage::Rings,
            };
        }
        self.next.push_back(Input::Leg(ring.leg, event));
    }

    fn reach(&mut self, id: LegId, stage: Stage, what: &str) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.stage = leg.stage.max(stage);
        let party = leg.party.clone();
        self.say(format!("{party} {what}"));
    }

    fn ends(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.ended = Some(cause);
        leg.playing = None;
        let party = leg.party.clone();
        self.say(format!("the call of {party} ends: {cause:?}"));
    }

    fn play(&mut self, id: LegId, play: PlayId, sounds: &[Sound], keys: Keys) {
        let now = self.now.mono;
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let said: Vec<_> = sounds.iter().filter_map(name).collect();
        let what = match sounds.last() {
            Some(Sound::Music | Sound::MusicOf(_)) => What::Music,
            Some(Sound::Tone(Tone::Ring)) => What::Ringing,
            Some(Sound::Tone(Tone::Dial | Tone::Busy | Tone::Congestion | Tone::CallWaiting)) => {
                What::Tone
            }
            _ => {
                let phrases = u32::try_from(sounds.len()).unwrap_or(u32::MAX);
                What::Speech(now + PHRASE.saturating_mul(phrases))
            }
        };
        leg.told.extend(said.iter().cloned());
        leg.playing = Some(Playing { play, what, keys });
        let party = leg.party.clone();
        let heard = match what {
            What::Music => String::from("music"),
            What::Ringing => String::from("ringing"),
            What::Speech(_) | What::Tone => said.join(" "),
        };
        self.say(format!("{party} hears {heard}"));
    }

    fn reply(&mut self, question: Question) -> Reply {
        match question {
            Question::Save(change) => match change.made_in(&self.directory) {
                Some(changed) => {
                    self.directory = changed;
                    let directory = Arc::new(self.directory.clone());
                    self.next.push_back(Input::Directory(directory));
                    Reply::Saved
                }
                None => Reply::NotSaved,
            },
            Question::Addresses => Reply::Addresses {
                wan: Some(std::net::Ipv4Addr::new(192, 0, 2, 1).into()),
                lan: Some(std::net::Ipv4Addr::new(192, 168, 0, 1).into()),
            },
            Question::LastCaller(extension) => {
                Reply::LastCaller(self.last_callers.get(&extension).cloned())
            }
            // A scenario begins with empty mailboxes, and what is left in them is gone.
            Question::Mailbox(_) => Reply::Mailbox(Mailbox::default()),
            Question::MailboxChange(..) => Reply::Saved,
        }
    }

    /// The prompt that ends first.
    fn next_heard_out(&self) -> Option<(Time, LegId, PlayId)> {
        let playing = self.legs.iter().filter_map(|(id, leg)| {
            let playing = leg.playing.as_ref()?;
            match playing.what {
                What::Speech(ends) => Some((ends, *id, playing.play)),
                What::Music | What::Ringing | What::Tone => None,
            }
        });
        playing.min()
    }

    fn heard_out(&mut self, id: LegId, play: PlayId, how: PlayEnd) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.playing = None;
        }
        self.give(Input::Leg(id, LegEvent::Played(play, how)));
    }

    fn pass_to(&mut self, at: Time) {
        self.now.wall = self.now.wall + at.since(self.now.mono);
        self.now.mono = self.now.mono.max(at);
    }

    fn say(&mut self, what: String) {
        self.log.push((self.elapsed(), what));
    }
}

/// A sound by the name that an expectation has for it.
fn name(sound: &Sound) -> Option<String> {
    match sound {
        Sound::Phrase(_, phrase) => Some(phrase.0.to_string()),
        Sound::Tone(tone) => Some(format!("{tone:?}").to_lowercase()),
        Sound::File(file) | Sound::FileFrom(file, _) => Some(file.clone()),
        Sound::Music | Sound::MusicOf(_) | Sound::Pause(_) => None,
    }
}

/// How long a phrase takes here.
const PHRASE: Duration = Duration::from_secs(1);
