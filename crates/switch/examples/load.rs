//! Measures the switch: how long one event takes while many calls are live, how many whole calls it
//! handles a second, and how large a snapshot is.
//!
//! `cargo run --release -p bellwire-switch --example load`
#![expect(clippy::print_stdout, reason = "it is there to print a table")]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use model::{
    Cause, Directory, Effect, Extension, Incoming, Input, LegEvent, LegId, Now, Number, Origin,
    Party, Reachability, Secret, Time, Wall,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switch::Switch;

fn main() {
    for live in [1, 100, 1_000, 5_000] {
        measure(live, 60_000);
    }
}

/// Handles so many calls, each from INVITE to BYE, while so many of them are in conversation.
fn measure(live: usize, calls: usize) {
    let mut load = Load::new(2 * live + 2);
    let mut talking = VecDeque::new();
    for n in 0..live {
        talking.push_back(load.call(2 * n));
    }
    load.events.clear();
    for n in live..live + calls {
        talking.push_back(load.call(2 * n));
        let (caller, _) = talking.pop_front().unwrap();
        load.give(Input::Leg(caller, LegEvent::HungUp(Cause::Normal)));
    }
    let mean = usual_mean(&load.events);
    load.events.sort_unstable();
    let at = |share: usize| micros(load.events[load.events.len() * share / 1_000]);
    let json = serde_json::to_vec(&load.switch.snapshot()).unwrap();
    println!(
        "{live:6} live calls: {mean:.2} us/event mean, p50 {:.2}, p99 {:.2}, p99.9 {:.2}; {:.0} calls/s; \
         snapshot {} B/call",
        at(500),
        at(990),
        at(999),
        1e6 / (mean * EVENTS_PER_CALL),
        json.len() / live,
    );
}

/// The mean of a batch of events, in microseconds: of all batches the median one, so that what else the
/// machine does is not counted.
fn usual_mean(events: &[Duration]) -> f64 {
    let batches = events.chunks(BATCH);
    let means = batches.map(|batch| micros(batch.iter().sum()) / batch.len() as f64);
    let mut means: Vec<_> = means.collect();
    means.sort_unstable_by(f64::total_cmp);
    means[means.len() / 2]
}

/// An INVITE, a 180, a 200 and a BYE.
const EVENTS_PER_CALL: f64 = 4.0;
const BATCH: usize = 1_000;

struct Load {
    switch: Switch,
    phones: usize,
    calls_in: u64,
    events: Vec<Duration>,
    now: Now,
}

impl Load {
    fn new(phones: usize) -> Self {
        let mut directory = Directory::default();
        for n in 0..phones {
            let extension = Extension::new(extension(n), "Li Si", Secret::NONE);
            directory
                .extensions
                .insert(extension.number, Arc::new(extension));
        }
        let mut load = Self {
            switch: Switch::new(Arc::new(directory), 1),
            phones,
            calls_in: 0,
            events: Vec::new(),
            now: Now {
                mono: Time(0),
                wall: Wall(1_521_000_000_000),
            },
        };
        for n in 0..phones {
            load.give(Input::Reachable(extension(n), Reachability::Available));
        }
        load
    }

    /// A phone calls its neighbour, who answers.
    fn call(&mut self, nth: usize) -> (LegId, LegId) {
        self.calls_in += 1;
        let caller = LegId::inbound(self.calls_in);
        let from = extension(nth % self.phones);
        let effects = self.give(Input::Incoming(Incoming {
            leg: caller,
            origin: Origin::Extension(from),
            caller: Party {
                number: Some(from),
                name: String::from("Zhang San"),
            },
            dialled: extension((nth + 1) % self.phones),
            hops: 0,
            replaces: None,
        }));
        let callee = effects.iter().find_map(|effect| match effect {
            Effect::Ring(ring) => Some(ring.leg),
            _ => None,
        });
        let callee = callee.unwrap();
        self.give(Input::Leg(callee, LegEvent::Ringing));
        self.give(Input::Leg(callee, LegEvent::Answered));
        (caller, callee)
    }

    fn give(&mut self, input: Input) -> Vec<Effect> {
        self.now.mono = self.now.mono + Duration::from_micros(100);
        let start = Instant::now();
        let effects = self.switch.handle(self.now, input);
        self.events.push(start.elapsed());
        effects
    }
}

fn extension(n: usize) -> Number {
    Number::parse(&format!("{}", 10_000 + n)).unwrap()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
