//! Measures mailboxes: a thousand extensions dial `*61` at once, enter their PINs and hear their messages (IX-30), and
//! one opens a mailbox with a thousand messages.
//!
//! `cargo run --release -p bellwire-switch --example mailboxes`
#![expect(clippy::print_stdout, reason = "it is there to print figures")]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use model::{
    Digit, Directory, Effect, Extension, Heard, Incoming, Input, LegEvent, LegId, Mailbox, Message,
    Now, Number, Origin, Party, PlayEnd, PlayId, Question, QuestionId, RecordingId, Reply, Secret,
    Wall,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switch::Switch;

fn main() {
    for (owners, messages) in [(1_000, 3), (1, 1_000)] {
        let mut office = Office::new(owners);
        let legs: Vec<_> = (0..owners).map(|n| office.dials(n)).collect();
        for key in "1234#".chars() {
            legs.iter().for_each(|leg| office.presses(*leg, key));
        }
        office.disk_works(messages);
        for key in "1#".chars() {
            legs.iter().for_each(|leg| office.presses(*leg, key));
        }
        let heard = office.voices;
        assert_eq!(
            heard,
            u64::from(owners),
            "everybody hears his first message"
        );
        office.events.sort_unstable();
        let all: Duration = office.events.iter().sum();
        let worst = office.events.last().unwrap();
        println!(
            "{owners:5} at *61 with {messages:5} messages each: {} events in {all:.2?}, {:.2?} each, {worst:.2?} at most",
            office.events.len(),
            all / u32::try_from(office.events.len()).unwrap(),
        );
    }
}

struct Office {
    switch: Switch,
    playing: BTreeMap<LegId, PlayId>,
    questions: Vec<(QuestionId, Question)>,
    /// How many messages are being heard.
    voices: u64,
    events: Vec<Duration>,
}

impl Office {
    fn new(owners: u32) -> Self {
        let mut directory = Directory::default();
        for n in 0..owners {
            let extension = Extension::new(number(n), "Li Si", Secret::NONE);
            directory
                .extensions
                .insert(extension.number, extension.into());
        }
        Self {
            switch: Switch::new(Arc::new(directory), 1),
            playing: BTreeMap::new(),
            questions: Vec::new(),
            voices: 0,
            events: Vec::new(),
        }
    }

    fn dials(&mut self, n: u32) -> LegId {
        let leg = LegId::inbound(u64::from(n) + 1);
        self.give(Input::Incoming(Incoming {
            leg,
            origin: Origin::Extension(number(n)),
            caller: Party {
                number: Some(number(n)),
                name: String::new(),
            },
            dialled: Number::parse("*61").unwrap(),
            hops: 0,
            replaces: None,
        }));
        leg
    }

    fn presses(&mut self, leg: LegId, key: char) {
        if let Some(play) = self.playing.remove(&leg) {
            self.give(Input::Leg(leg, LegEvent::Played(play, PlayEnd::CutShort)));
        }
        let key = Digit::parse(key).unwrap();
        self.give(Input::Leg(leg, LegEvent::Digit(key)));
    }

    /// Each mailbox has so many new messages.
    fn disk_works(&mut self, messages: u64) {
        let messages = (0..messages).map(|id| Message {
            id: RecordingId(id),
            at: Wall(0),
            from: Party::default(),
            length: Duration::from_secs(20),
            heard: Heard::New,
        });
        let mailbox = Mailbox {
            messages: messages.collect(),
            ..Mailbox::default()
        };
        for (id, _) in std::mem::take(&mut self.questions) {
            self.give(Input::Answer(id, Reply::Mailbox(mailbox.clone())));
        }
    }

    fn give(&mut self, input: Input) {
        let begun = Instant::now();
        let effects = self.switch.handle(Now::default(), input);
        self.events.push(begun.elapsed());
        for effect in effects {
            match effect {
                Effect::Play {
                    leg, play, sounds, ..
                } => {
                    self.playing.insert(leg, play);
                    let files = sounds
                        .iter()
                        .filter(|it| matches!(it, model::Sound::File(_)));
                    self.voices += files.count() as u64;
                }
                Effect::Ask(id, question) => self.questions.push((id, question)),
                _ => {}
            }
        }
    }
}

fn number(n: u32) -> Number {
    Number::parse(&format!("{}", 2_000 + n)).unwrap()
}
