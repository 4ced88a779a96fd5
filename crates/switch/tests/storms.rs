//! Storms: seeded runs of random phones, trunks, disks and clocks, with events that make no sense among
//! them. Whatever comes, the invariants of the switch hold, every call ends and is written down once, and
//! the same seed leads to the same effects, also across restarts.
//!
//! `SEED=7 N=1 cargo test -p bellwire-switch --test storms` runs the storm of one seed.
#![expect(clippy::unwrap_used, reason = "a storm that cannot go on has failed")]

use model::{
    CallId, Cause, Change, Command, Digit, Directory, Duration, Effect, Extension, Fact, FollowMe,
    FollowStep, ForwardWhen, Forwarding, GreetingKind, Heard, Incoming, Input, Keys, LegEvent,
    LegId, MESSAGES_MAX, Mailbox, Message, Now, Number, Origin, OutboundRoute, Party, PlayEnd,
    PlayId, Question, QuestionId, Reachability, RecordingId, Reply, RoomCommand, RoomId, Secret,
    Switched, TalkCommand, Time, TransferTo, Trunk, WakeUp, WakeUpId, Wall, Weekday,
};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use switch::Switch;

/// Issue 2, items 4 and 5; CDR-15
#[test]
fn storms_leave_nothing_behind_and_come_out_the_same_twice() {
    let first = from_environment("SEED").unwrap_or(1);
    let count = from_environment("N").unwrap_or(1_000);
    let mut phases = BTreeSet::new();
    for seed in first..first + count {
        let _seed = ShownOnPanic(seed);
        let once = Storm::rage(seed, Restarts::Never);
        let again = Storm::rage(seed, Restarts::Often);
        assert_eq!(once.hash, again.hash, "a restart changes nothing");
        phases.extend(once.phases);
    }
    if count >= 100 {
        let all = [
            "announce",
            "argument",
            "attended_transfer",
            "blacklist",
            "blind_transfer",
            "conference",
            "conference_create",
            "conference_door",
            "dial",
            "echo",
            "farewell",
            "follow_me",
            "forward",
            "intercom",
            "invite",
            "invited",
            "ivr",
            "leave_message",
            "mailbox",
            "mailbox_door",
            "mailbox_forward",
            "mailbox_greeting",
            "mailbox_listen",
            "mailbox_options",
            "mailbox_pin",
            "message_review",
            "monitor",
            "operator",
            "park",
            "queue",
            "referral",
            "ring_group",
            "save",
            "talk",
            "wake_up",
            "wake_up_call",
            "wake_up_menu",
        ];
        let reached: Vec<_> = phases.iter().map(String::as_str).collect();
        assert_eq!(reached, all, "the storms reach every phase");
    }
}

struct Storm {
    switch: Switch,
    directory: Directory,
    now: Now,
    chance: Chance,
    /// Every leg there ever was.
    legs: BTreeMap<LegId, Leg>,
    rooms: BTreeMap<RoomId, BTreeSet<LegId>>,
    questions: Vec<(QuestionId, Question)>,
    /// Files that somebody speaks into.
    takes: BTreeMap<RecordingId, LegId>,
    calls: BTreeSet<CallId>,
    calls_in: u64,
    /// What became of each caller of a queue.
    tickets: BTreeMap<model::Ticket, Ticket>,
    phases: BTreeSet<String>,
    hash: u64,
}

/// A caller of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ticket {
    Waits,
    Served,
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Restarts {
    Never,
    Often,
}

#[derive(Default)]
struct Leg {
    ended: bool,
    alerts: u32,
    progresses: u32,
    answers: u32,
    has_answered: bool,
    playing: Option<(PlayId, Keys)>,
}

impl Storm {
    fn rage(seed: u64, restarts: Restarts) -> Self {
        let directory = office();
        let mut storm = Self {
            switch: Switch::new(Arc::new(directory.clone()), seed),
            directory,
            now: Now {
                mono: Time(0),
                wall: Wall(1_521_000_000_000),
            },
            chance: Chance(seed),
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            questions: Vec::new(),
            takes: BTreeMap::new(),
            calls: BTreeSet::new(),
            calls_in: 0,
            tickets: BTreeMap::new(),
            phases: BTreeSet::new(),
            hash: FNV_OFFSET,
        };
        for n in 0..PHONES {
            storm.give(Input::Reachable(extension(n), Reachability::Available));
        }
        for step in 0..STEPS {
            if restarts == Restarts::Often && step % 16 == 0 {
                storm.restart();
            }
            storm.step();
        }
        storm.calm();
        storm
    }

    fn step(&mut self) {
        match self.chance.below(24) {
            0..=4 => self.someone_calls(),
            5..=8 => self.a_live_leg_does_something(),
            9 => match self.chance.below(3) {
                0 => self.somebody_falls_silent(),
                _ => self.anything_happens_on_any_leg(),
            },
            10..=11 => self.a_prompt_ends(),
            12 => self.someone_presses_a_key(),
            13 => self.someone_uses_a_code(),
            14 => self.a_question_is_answered(),
            15 => self.a_registration_changes(),
            16 => self.the_configuration_changes(),
            17 => self.the_clock_is_set(),
            18 => self.something_is_asked_of_a_conference(),
            19 => self.somebody_is_to_be_woken(),
            20 => self.somebody_opens_a_mailbox(),
            21 => self.a_page_asks_something_of_a_call(),
            _ => {
                let millis = self.chance.below(15_000);
                self.pass(Duration::from_millis(millis));
            }
        }
    }

    fn someone_calls(&mut self) {
        let from = extension(self.chance.below(PHONES + 2));
        let origin = match self.chance.below(8) {
            0 => Origin::Trunk(String::from("carrier")),
            _ => Origin::Extension(from),
        };
        let dialled = match self.chance.below(8) {
            0..=4 => extension(self.chance.below(PHONES + 1)),
            5 => number(self.chance.of(OUTSIDE)),
            _ => number(self.chance.of(DIALLED)),
        };
        let leg = match self.chance.below(40) {
            // A leg that is there, was there, or has an id of ours.
            0 => LegId(self.chance.below(40)),
            _ => {
                self.calls_in += 1;
                LegId::inbound(self.calls_in)
            }
        };
        if leg.0 & 1 == 1 {
            self.legs.entry(leg).or_default();
        }
        let caller = Party {
            number: Some(from).filter(|_| self.chance.below(4) > 0),
            name: String::from("张三"),
        };
        let hops = u8::try_from(self.chance.below(8)).unwrap();
        let replaces = match self.chance.below(16) {
            0 => self.some_live_leg(),
            _ => None,
        };
        self.give(Input::Incoming(Incoming {
            leg,
            origin,
            caller,
            dialled,
            hops,
            replaces,
        }));
    }

    fn a_live_leg_does_something(&mut self) {
        let Some(leg) = self.some_live_leg() else {
            return;
        };
        let event = match self.chance.below(10) {
            0..=2 => LegEvent::Ringing,
            3..=5 => LegEvent::Answered,
            6 => LegEvent::EarlyMedia,
            7 => LegEvent::Held,
            8 => match self.chance.below(2) {
                0 => LegEvent::Resumed,
                _ => LegEvent::Transfer(self.transfer()),
            },
            _ => self.leaving(),
        };
        self.happens(leg, event);
    }

    fn transfer(&mut self) -> TransferTo {
        match self.chance.below(3) {
            0 => TransferTo::Leg(self.some_live_leg().unwrap_or(LegId(1))),
            1 => TransferTo::Number(number(self.chance.of(DIALLED))),
            _ => TransferTo::Number(extension(self.chance.below(PHONES + 1))),
        }
    }

    /// Somebody who talks presses a code, whole.
    fn someone_uses_a_code(&mut self) {
        let Some(leg) = self.some_live_leg() else {
            return;
        };
        let code = self.chance.of([
            "*2",
            "#",
            "*4",
            "*",
            "*1",
            "*0",
            "*01111#",
            "*09911#",
            "#41#",
            "*2#",
            "9911#0",
            "1111#",
            "0",
            "**",
            "*#",
            "*2",
            "*3",
            "*8",
            "1234#1",
            "1234#2#",
            "1234#28",
            "1#8",
            "1234#01",
            "1234#05",
            "053456#3456#",
            "2",
            "1#00*#",
        ]);
        let number = extension(self.chance.below(PHONES));
        for key in code.chars().chain(number.chars()).chain(['#']) {
            if self.legs.get(&leg).is_some_and(|leg| !leg.ended) {
                let key = LegEvent::Digit(Digit::parse(key).unwrap());
                self.give(Input::Leg(leg, key));
            }
        }
    }

    fn a_page_asks_something_of_a_call(&mut self) {
        let Some(leg) = self.some_live_leg() else {
            return;
        };
        let Some(call) = self.switch.call_of(leg) else {
            return;
        };
        let number = extension(self.chance.below(PHONES));
        let what = match self.chance.below(16) {
            0..=3 => TalkCommand::Transfer(number),
            4..=8 => TalkCommand::Consult(number),
            9..=10 => TalkCommand::Park,
            11..=13 => TalkCommand::Record,
            14 => TalkCommand::Confer,
            _ => return self.give(Input::Command(Command::End(call))),
        };
        for phone in 0..PHONES {
            let by = extension(phone);
            self.give(Input::Command(Command::Talk { by, call, what }));
        }
    }

    fn something_is_asked_of_a_conference(&mut self) {
        let leg = self.some_live_leg().unwrap_or(LegId(1));
        let switched = self.chance.of([Switched::On, Switched::Off]);
        let command = match self.chance.below(7) {
            0 => RoomCommand::Mute(leg, switched),
            1 => RoomCommand::MuteAll(switched),
            2 => RoomCommand::Remove(leg),
            3 => RoomCommand::Lock(switched),
            4 => RoomCommand::End,
            n => RoomCommand::Invite {
                number: match n {
                    5 => extension(self.chance.below(PHONES)),
                    _ => number(self.chance.of(OUTSIDE)),
                },
                rights: Some(extension(0)).filter(|_| self.chance.below(2) == 0),
            },
        };
        self.give(Input::Command(Command::Room(number("700"), command)));
    }

    /// Somebody calls his mailbox, knows its PIN, and goes somewhere in it.
    fn somebody_opens_a_mailbox(&mut self) {
        self.calls_in += 1;
        let leg = LegId::inbound(self.calls_in);
        let from = extension(self.chance.below(PHONES));
        self.legs.entry(leg).or_default();
        self.give(Input::Incoming(Incoming {
            leg,
            origin: Origin::Extension(from),
            caller: Party {
                number: Some(from),
                name: String::new(),
            },
            dialled: number("*61"),
            hops: 0,
            replaces: None,
        }));
        let keys = self.chance.of([
            "1",
            "1#",
            "2#0",
            "1#8",
            "1#8102#",
            "2#7*",
            "1#2",
            "01",
            "04",
            "02#",
            "05",
            "053456#",
            "053456#3456#",
            "0*",
        ]);
        for key in "1234#".chars().chain(keys.chars()) {
            while let Some(nth) = self.questions.iter().position(|(_, question)| {
                matches!(question, Question::Mailbox(_) | Question::MailboxChange(..))
            }) {
                self.reply_to(nth);
            }
            if self.legs.get(&leg).is_some_and(|leg| !leg.ended) {
                let key = LegEvent::Digit(Digit::parse(key).unwrap());
                self.give(Input::Leg(leg, key));
            }
        }
    }

    fn anything_happens_on_any_leg(&mut self) {
        let leg = LegId(self.chance.below(2 * self.calls_in + 4));
        let event = match self.chance.below(8) {
            0 => LegEvent::Played(PlayId(self.chance.below(100)), PlayEnd::Finished),
            1 => LegEvent::RecordingFailed(RecordingId(1)),
            2 => LegEvent::Answered,
            3 => LegEvent::Held,
            4 => LegEvent::Resumed,
            5 => self.key(),
            _ => self.leaving(),
        };
        self.happens(leg, event);
    }

    /// Nothing more is said into a file, or nothing more can be written.
    fn somebody_falls_silent(&mut self) {
        let Some((&recording, &leg)) = self.takes.first_key_value() else {
            return;
        };
        let event = match self.chance.below(4) {
            0 => {
                self.takes.remove(&recording);
                LegEvent::RecordingFailed(recording)
            }
            _ => LegEvent::Silent(recording),
        };
        self.happens(leg, event);
    }

    fn happens(&mut self, id: LegId, event: LegEvent) {
        if let Some(leg) = self.legs.get_mut(&id) {
            let rung = id.0 & 1 == 0;
            match event {
                LegEvent::Answered if rung => leg.has_answered = true,
                LegEvent::HungUp(_) => leg.ended = true,
                // Only a leg that was rung and did not answer can fail.
                LegEvent::Failed(_) if rung && !leg.has_answered => leg.ended = true,
                _ => {}
            }
        }
        self.give(Input::Leg(id, event));
    }

    fn a_prompt_ends(&mut self) {
        let Some(leg) = self.some_live_leg() else {
            return;
        };
        if let Some((play, _)) = self.legs.get_mut(&leg).unwrap().playing.take() {
            self.give(Input::Leg(leg, LegEvent::Played(play, PlayEnd::Finished)));
        }
    }

    fn someone_presses_a_key(&mut self) {
        let Some(leg) = self.some_live_leg() else {
            return;
        };
        let playing = &mut self.legs.get_mut(&leg).unwrap().playing;
        if let Some((play, Keys::CutShort)) = *playing {
            *playing = None;
            self.give(Input::Leg(leg, LegEvent::Played(play, PlayEnd::CutShort)));
        }
        let key = self.key();
        self.give(Input::Leg(leg, key));
    }

    fn a_question_is_answered(&mut self) {
        if self.questions.is_empty() {
            let unasked = QuestionId(self.chance.below(100));
            return self.give(Input::Answer(unasked, Reply::Saved));
        }
        let nth = usize::try_from(self.chance.below(self.questions.len() as u64)).unwrap();
        self.reply_to(nth);
    }

    fn reply_to(&mut self, nth: usize) {
        let (id, question) = self.questions.swap_remove(nth);
        let reply = match (question, self.chance.below(4)) {
            (_, 0) => Reply::NotSaved,
            (Question::Save(change), _) => {
                if let Some(changed) = change.made_in(&self.directory) {
                    self.directory = changed;
                    self.give(Input::Directory(Arc::new(self.directory.clone())));
                }
                Reply::Saved
            }
            (Question::LastCaller(_), 1) => Reply::LastCaller(None),
            (Question::LastCaller(_), n) => Reply::LastCaller(Some(Party {
                number: Number::parse("02885337106").ok().filter(|_| n == 2),
                name: String::new(),
            })),
            (Question::Mailbox(_), _) => Reply::Mailbox(self.mailbox()),
            (Question::MailboxChange(..), _) => Reply::Saved,
            (Question::Addresses, n) => Reply::Addresses {
                wan: Some("2001:db8::1".parse().unwrap()),
                lan: Some("192.0.2.1".parse().unwrap()).filter(|_| n > 1),
            },
        };
        self.give(Input::Answer(id, reply));
    }

    /// A mailbox with a few messages, or as many as it takes, of which some were left by nobody knows whom.
    fn mailbox(&mut self) -> Mailbox {
        let count = match self.chance.below(8) {
            0 => MESSAGES_MAX as u64,
            n => n - 1,
        };
        let messages = (0..count).map(|id| Message {
            id: RecordingId(id),
            at: Wall(self.now.wall.0 - 1_000),
            from: Party {
                number: Some(extension(id % 3)).filter(|_| id % 3 > 0),
                name: String::new(),
            },
            length: Duration::from_secs(60 * id),
            heard: match id % 2 {
                0 => Heard::New,
                _ => Heard::Old,
            },
        });
        let messages = messages.collect();
        let kinds = [
            GreetingKind::Busy,
            GreetingKind::Name,
            GreetingKind::Temporary,
        ];
        let greeting = (self.chance.of(kinds), RecordingId(1));
        Mailbox {
            messages,
            greetings: [greeting].into(),
        }
    }

    fn a_registration_changes(&mut self) {
        let number = extension(self.chance.below(PHONES + 1));
        let reachable = match self.chance.below(4) {
            0 => Reachability::Unavailable,
            _ => Reachability::Available,
        };
        self.give(Input::Reachable(number, reachable));
    }

    fn the_configuration_changes(&mut self) {
        let number = extension(self.chance.below(PHONES));
        let change = self.chance.below(8);
        if change > 3 {
            self.the_way_of_calls_changes(number);
        }
        match self.directory.extensions.get_mut(&number) {
            None => {
                let extension = Extension::new(number, "again", Secret::NONE);
                self.directory.extensions.insert(number, extension.into());
            }
            Some(extension) => {
                let extension = Arc::make_mut(extension);
                match change {
                    0 => extension.do_not_disturb = !extension.do_not_disturb,
                    1 => extension.call_waiting = !extension.call_waiting,
                    2 => extension.ring_time = Some(Duration::from_secs(5)),
                    3 => {
                        self.directory.extensions.remove(&number);
                    }
                    _ => {}
                }
            }
        }
        self.give(Input::Directory(Arc::new(self.directory.clone())));
    }

    /// Somebody forwards his calls, has himself followed, or a line outside becomes another.
    fn the_way_of_calls_changes(&mut self, number: Number) {
        let to = match self.chance.below(3) {
            0 => self::number(self.chance.of(OUTSIDE)),
            _ => extension(self.chance.below(PHONES + 1)),
        };
        let when = self.chance.of([
            ForwardWhen::Always,
            ForwardWhen::Busy,
            ForwardWhen::NoAnswer,
        ]);
        let change = match self.chance.below(8) {
            0..=2 => Change::Forward(number, when, Some(to)),
            3 => Change::Forwarding(number, Forwarding::default()),
            4..=5 => {
                let step = |number| FollowStep {
                    number,
                    time: Duration::from_secs(5),
                };
                let other = extension(self.chance.below(PHONES));
                let follow_me = FollowMe {
                    enabled: true,
                    ring_time: Duration::from_secs(self.chance.below(8)),
                    steps: [to, other].map(step).to_vec(),
                };
                Change::FollowMe(number, follow_me)
            }
            6 => Change::FollowMe(number, FollowMe::default()),
            _ => {
                let route = &mut self.directory.outbound_routes[0];
                Arc::make_mut(route).max_minutes =
                    NonZeroU32::new(u32::try_from(self.chance.below(3)).unwrap());
                return;
            }
        };
        if let Some(changed) = change.made_in(&self.directory) {
            self.directory = changed;
        }
    }

    /// In a while, or a while ago.
    fn somebody_is_to_be_woken(&mut self) {
        let ms = i64::try_from(self.chance.below(120_000)).unwrap() - 30_000;
        let wake_up = WakeUp {
            id: WakeUpId(self.chance.below(30)),
            extension: extension(self.chance.below(PHONES)),
            at: Wall(self.now.wall.0 + ms),
            days: self
                .chance
                .of([&[][..], &Weekday::ALL])
                .iter()
                .copied()
                .collect(),
            snoozed: u8::try_from(self.chance.below(6)).unwrap(),
        };
        if let Some(changed) = Change::BookWakeUp(wake_up).made_in(&self.directory) {
            self.directory = changed;
            self.give(Input::Directory(Arc::new(self.directory.clone())));
        }
    }

    fn the_clock_is_set(&mut self) {
        let jump = i64::try_from(self.chance.below(7_200_000)).unwrap() - 3_600_000;
        self.now.wall = Wall(self.now.wall.0 + jump);
    }

    /// Everybody goes home, or the server stops; nothing is left.
    fn calm(&mut self) {
        match self.chance.below(3) {
            0 => self.give(Input::HangUpAll),
            1 => {
                self.give(Input::Drain);
                self.everybody_hangs_up();
            }
            _ => self.everybody_hangs_up(),
        }
        self.directory.wake_ups.clear();
        self.give(Input::Directory(Arc::new(self.directory.clone())));
        assert_eq!(self.switch.call_count(), 0);
        assert_eq!(self.switch.next_deadline(), None);
        assert!(self.calls.is_empty(), "not written down: {:?}", self.calls);
        assert!(self.takes.is_empty(), "still open: {:?}", self.takes);
        let mut tickets = self.tickets.values();
        assert!(tickets.all(|ticket| *ticket == Ticket::Over));
        assert!(self.rooms.is_empty(), "still open: {:?}", self.rooms);
        let open = self.legs.iter().find(|(_, leg)| !leg.ended);
        assert!(open.is_none(), "leg {:?} never ended", open.unwrap().0);
    }

    fn everybody_hangs_up(&mut self) {
        while let Some(leg) = self.some_live_leg() {
            self.happens(leg, LegEvent::HungUp(Cause::Normal));
        }
    }

    fn pass(&mut self, so_long: Duration) {
        let until = self.now.mono + so_long;
        while let Some(at) = self.switch.next_deadline().filter(|&at| at <= until) {
            assert!(at > self.now.mono, "a deadline lies ahead");
            self.to(at);
            self.give(Input::Timeout);
        }
        self.to(until);
    }

    fn to(&mut self, at: Time) {
        self.now.wall = self.now.wall + at.since(self.now.mono);
        self.now.mono = at;
    }

    fn restart(&mut self) {
        let state = serde_json::to_string(&self.switch.snapshot()).unwrap();
        let state = serde_json::from_str(&state).unwrap();
        self.switch = Switch::restore(Arc::new(self.directory.clone()), state);
    }

    fn give(&mut self, input: Input) {
        // The edge gives an id away once: what it says of a dead leg is only ever an end.
        if let Input::Incoming(incoming) = &input
            && self.legs.get(&incoming.leg).is_some_and(|leg| leg.ended)
        {
            return;
        }
        let effects = self.switch.handle(self.now, input);
        assert_eq!(self.switch.check(), Ok(()));
        for effect in effects {
            for byte in serde_json::to_vec(&effect).unwrap() {
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
            }
            self.perform(effect);
        }
    }

    /// Performs an effect as the outside would, and checks that it could.
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ring(ring) => {
                let new = self.legs.insert(ring.leg, Leg::default());
                assert!(new.is_none(), "leg {} is rung once", ring.leg);
            }
            Effect::Alert(leg) => {
                let leg = self.live(leg);
                leg.alerts += 1;
                assert_eq!((leg.alerts, leg.progresses, leg.answers), (1, 0, 0));
            }
            Effect::Progress(leg) => {
                let leg = self.live(leg);
                leg.progresses += 1;
                assert_eq!((leg.progresses, leg.answers), (1, 0));
            }
            Effect::Answer(leg) => {
                let leg = self.live(leg);
                leg.answers += 1;
                assert_eq!(leg.answers, 1);
            }
            Effect::HangUp(leg, _) => self.live(leg).ended = true,
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                assert!(!sounds.is_empty(), "a play-list plays something");
                self.live(leg).playing = Some((play, keys));
            }
            Effect::Silence(leg) => {
                let was = self.live(leg).playing.take();
                assert!(was.is_some(), "leg {leg} hears nothing to stop");
            }
            Effect::Identify(leg, _)
            | Effect::TransferProgress(leg, _)
            | Effect::SendDigit(leg, _)
            | Effect::Echo(leg, _) => {
                self.live(leg);
            }
            Effect::Mix(room, plan) => {
                for group in &plan.groups {
                    assert!(group.speakers.is_subset(&plan.seats));
                    assert!(group.listeners.is_subset(&plan.seats));
                }
                self.rooms.insert(room, plan.seats);
                self.rooms.retain(|_, seats| !seats.is_empty());
            }
            Effect::Ask(id, question) => self.questions.push((id, question)),
            Effect::Fact(fact) => self.note(fact),
            Effect::TakeDown { leg, recording, .. } => {
                self.live(leg);
                let begun = self.takes.insert(recording, leg);
                assert_eq!(begun, None, "a file is begun once");
            }
            Effect::StopRecording(recording) => {
                self.takes.remove(&recording);
            }
            Effect::Discard(recording) => {
                assert!(!self.takes.contains_key(&recording), "it is closed first");
            }
            Effect::Record { .. } | Effect::PauseRecording(..) => {}
        }
    }

    /// Each caller of a queue is served or leaves, once, and whoever serves him is done, once.
    fn note_queue(&mut self, fact: &model::QueueFact) {
        use model::QueueEvent::{Answered, Done, Joined, Left, Missed, Offered, TurnedAway};
        let known = self.tickets.get(&fact.ticket).copied();
        let now = match (known, &fact.event) {
            (None, Joined(_)) => Ticket::Waits,
            (None, TurnedAway { .. }) => Ticket::Over,
            (Some(Ticket::Waits), Offered(_) | Missed(_)) => Ticket::Waits,
            (Some(Ticket::Waits), Answered { .. }) => Ticket::Served,
            (Some(Ticket::Waits), Left { .. }) | (Some(Ticket::Served), Done { .. }) => {
                Ticket::Over
            }
            (known, event) => panic!("{} is {known:?} and then {event:?}", fact.ticket),
        };
        self.tickets.insert(fact.ticket, now);
    }

    fn note(&mut self, fact: Fact) {
        match fact {
            Fact::Began { call, .. } => assert!(self.calls.insert(call), "{call} begins once"),
            Fact::Ended(record) => {
                assert!(self.calls.remove(&record.call), "it ends once");
                // Who cannot be rung for a conference has no leg.
                assert!(!record.legs.is_empty() || record.cause == Cause::Unavailable);
            }
            Fact::Merged { call, into } => {
                assert!(self.calls.remove(&call), "it ends once");
                assert!(self.calls.contains(&into));
            }
            Fact::Joined { call, leg, .. } => {
                assert!(self.calls.contains(&call));
                self.live(leg);
            }
            Fact::Entered { call, phase } => {
                assert!(self.calls.contains(&call));
                self.phases.insert(phase.into_owned());
            }
            Fact::Recording { call, .. } | Fact::RecordingEnded { call, .. } => {
                assert!(self.calls.contains(&call));
            }
            Fact::Emergency { call, .. } => assert!(self.calls.contains(&call)),
            Fact::Queue(fact) => self.note_queue(&fact),
            Fact::MessageBegun { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::WokenUp { .. }
            | Fact::Extension(..)
            | Fact::Lamp(..)
            | Fact::Blocked(_)
            | Fact::Room(..)
            | Fact::CodeUsed { .. } => {}
        }
    }

    fn live(&mut self, id: LegId) -> &mut Leg {
        let leg = self.legs.get_mut(&id);
        leg.filter(|leg| !leg.ended)
            .unwrap_or_else(|| panic!("leg {id} is not there"))
    }

    fn some_live_leg(&mut self) -> Option<LegId> {
        let live = self.legs.iter().filter(|(_, leg)| !leg.ended);
        let live: Vec<_> = live.map(|(id, _)| *id).collect();
        let nth = self.chance.below(live.len().max(1) as u64);
        live.get(usize::try_from(nth).unwrap()).copied()
    }

    fn leaving(&mut self) -> LegEvent {
        let cause = self.chance.of([
            Cause::Normal,
            Cause::Busy,
            Cause::Declined,
            Cause::Unavailable,
            Cause::Vanished,
            Cause::Failed,
        ]);
        match self.chance.below(2) {
            0 => LegEvent::HungUp(cause),
            _ => LegEvent::Failed(cause),
        }
    }

    fn key(&mut self) -> LegEvent {
        LegEvent::Digit(Digit::parse(self.chance.of(['1', '2', '0', '*', '#', 'A'])).unwrap())
    }
}

/// A generator of chances (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }

    fn of<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        choices[usize::try_from(self.below(N as u64)).unwrap()]
    }
}

/// Tells which storm it was that failed.
struct ShownOnPanic(u64);

impl Drop for ShownOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the storm with SEED={} N=1 failed", self.0);
        }
    }
}

fn office() -> Directory {
    let mut directory = Directory::default();
    for n in 0..PHONES {
        let mut extension = Extension::new(extension(n), "Li", Secret::NONE);
        extension.call_waiting = n % 3 == 0;
        directory
            .extensions
            .insert(extension.number, Arc::new(extension));
    }
    directory.inbound_routes.push(Arc::new(model::InboundRoute {
        trunk: String::from("carrier"),
        number: None,
        caller: String::new(),
        to: model::Destination::Number(extension(0)),
    }));
    for n in [0, 1] {
        let supervisor = directory.extensions.get_mut(&extension(n)).unwrap();
        Arc::make_mut(supervisor).may_monitor = true;
    }
    for own in directory.extensions.values_mut() {
        Arc::make_mut(own).may_be_monitored = true;
    }
    directory.system.operator = Some(extension(2));
    let room = model::Room {
        admin_pin: String::from("9911"),
        user_pin: String::from("1111"),
        max_members: NonZeroU32::new(3),
        record: true,
        ..model::Room::new(number("700"))
    };
    directory.rooms.insert(room.number, Arc::new(room));
    for (group, strategy, then) in [
        ("630", model::RingStrategy::All, "631"),
        ("631", model::RingStrategy::Linear, "102"),
    ] {
        let group = model::RingGroup {
            number: number(group),
            name: String::new(),
            members: (0..PHONES).map(extension).collect(),
            strategy,
            ring_time: Duration::from_secs(10),
            then: Some(number(then)),
        };
        directory.ring_groups.insert(group.number, Arc::new(group));
    }
    for (queue, weight) in [("600", 0), ("601", 5)] {
        let mut queue = model::Queue::new(number(queue));
        queue.strategy = match weight {
            0 => model::QueueStrategy::RingAll,
            _ => model::QueueStrategy::FewestCalls,
        };
        queue.static_agents = vec![extension(0), extension(1)];
        queue.dynamic_agents = (2..PHONES).map(extension).collect();
        queue.wrap_up = Duration::from_secs(weight);
        queue.weight = u16::try_from(weight).unwrap();
        queue.max_wait = Some(Duration::from_secs(40));
        queue.max_callers = NonZeroU32::new(4);
        queue.leave_empty = weight > 0;
        queue.then = Some(number(if weight > 0 { "610" } else { "601" }));
        directory.queues.insert(queue.number, Arc::new(queue));
    }
    let key = |key| Digit::parse(key).unwrap();
    let menu = model::Menu {
        number: number("610"),
        name: String::new(),
        greeting: String::from("welcome"),
        direct_dial: true,
        timeout: Duration::from_secs(10),
        tries: 2,
        then: Some(number("630")),
        keys: [
            (key('1'), number("630")),
            (key('2'), number("620")),
            (key('#'), number("700")),
        ]
        .into(),
    };
    directory.menus.insert(menu.number, Arc::new(menu));
    let schedule = model::Schedule {
        number: number("620"),
        name: String::new(),
        open: vec![model::OpenHours::parse("mon-sun 00:00-12:00").unwrap()],
        closed_dates: BTreeSet::new(),
        when_open: Some(number("610")),
        when_closed: Some(number("100")),
    };
    directory
        .schedules
        .insert(schedule.number, Arc::new(schedule));
    for (name, most) in [("carrier", 0), ("spare", 1)] {
        let trunk = Trunk {
            numbers: vec![number("02885337100")],
            max_calls: NonZeroU32::new(most),
            ..Trunk::to(name, "192.0.2.10")
        };
        directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
    }
    directory.outbound_routes.push(Arc::new(OutboundRoute {
        name: String::from("city"),
        prefix: String::from("9"),
        strip: 1,
        prepend: String::new(),
        pattern: String::new(),
        trunks: ["spare", "carrier"].map(String::from).to_vec(),
        emergency: false,
        open: Vec::new(),
        max_minutes: None,
    }));
    directory
}

fn extension(n: u64) -> Number {
    number(&format!("{}", 100 + n))
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

const PHONES: u64 = 8;
const STEPS: u32 = 150;
const DIALLED: [&str; 47] = [
    "600",
    "600",
    "601",
    "600",
    "601",
    "*62",
    "*62601",
    "*062",
    "*95",
    "*095",
    "*55",
    "*055",
    "*55*03140401",
    "*74",
    "*074",
    "*43",
    "**11",
    "**12",
    "**13",
    "*71",
    "**",
    "*50",
    "*60",
    "*61",
    "*99",
    "41",
    "999",
    "**101",
    "*71102",
    "*72913912345678",
    "*73",
    "*073",
    "*50101",
    "*51103",
    "*76",
    "*75",
    "*7502885337106",
    "*07502885337106",
    "700",
    "610",
    "620",
    "630",
    "631",
    "*8",
    "*90100",
    "*91101",
    "*92102",
];
const OUTSIDE: [&str; 4] = ["985337106", "913912345678", "110", "90044201234567"];
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
