//! Storms: phones that call, answer, refuse, hold, press keys and hang up as they please, over a network
//! that loses, doubles, delays and reorders. Whatever happens, each leg ends once and nothing is left.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "what does not hold here fails the test"
)]

mod dice;
mod phone;
mod switch;

use dice::Dice;
use edge::{Edge, MediaOrder, Output, Ports, Settings};
use model::{Directory, Extension, LegId, Now, Number, Secret, Time, Wall};
use phone::Phone;
use sip::{Flow, digest};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switch::Switch;

/// SI-04
#[test]
fn whatever_phones_and_network_do_each_leg_ends_once_and_nothing_is_left() {
    let (mut talked, mut referred) = (0, 0);
    for seed in 0..SEEDS {
        let switch = Storm::new(seed).run();
        talked += switch.answered();
        referred += switch.referred();
    }
    assert!(talked > SEEDS * 15, "only {talked} calls were answered");
    assert!(referred > SEEDS, "only {referred} transfers were asked for");
}

/// Storms in one run of the tests.
const SEEDS: u64 = 40;

/// How long phones do as they please.
const LASTS: Duration = Duration::from_secs(120);

/// How long it takes until the last timer of the last call has run out: nobody refreshes for half an hour.
const CALMS_DOWN: Duration = Duration::from_secs(2_000);

/// One storm.
struct Storm {
    dice: Dice,
    now: Now,
    edge: Edge,
    switch: Switch,
    phones: Vec<Phone>,
    ports: Open,
    /// Messages under way: when they arrive, and one number each to keep them apart.
    wire: BTreeMap<(Time, u64), (To, Vec<u8>)>,
    sent: u64,
    loss: Loss,
}

/// Where a message goes.
enum To {
    Edge(Flow),
    Phone(SocketAddr),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Some,
    None,
}

/// The ports that are open.
#[derive(Default)]
struct Open(BTreeSet<LegId>);

impl Ports for Open {
    fn open(&mut self, leg: LegId) -> Option<SocketAddr> {
        assert!(self.0.insert(leg), "the port of {leg} is opened twice");
        let port = u16::try_from(10_000 + leg.0 % 10_000).unwrap();
        Some(SocketAddr::from(([192, 0, 2, 1], port)))
    }
}

impl Storm {
    fn new(seed: u64) -> Self {
        let now = Now {
            mono: Time(1),
            wall: Wall(1_700_000_000_000),
        };
        let mut directory = Directory::default();
        for extension in EXTENSIONS {
            let number: Number = extension.parse().unwrap();
            let secret = digest::Secret::new(extension, "bellwire", phone::PASSWORD);
            let secret = Secret {
                md5: secret.md5,
                sha256: secret.sha256,
            };
            let owner = Extension::new(number, "storm", secret);
            directory.extensions.insert(number, Arc::new(owner));
        }
        // Extensions 100 and 101 have two phones each.
        let phones: Vec<_> = EXTENSIONS
            .iter()
            .chain(&EXTENSIONS[..2])
            .zip(1..)
            .map(|(extension, host)| Phone::new(extension, host, seed))
            .collect();
        let bindings = phones.iter().map(|phone| phone.binding(now)).collect();
        let settings = Settings::new([9; 32]);
        Self {
            dice: Dice::new(seed),
            now,
            edge: Edge::new(settings, Arc::new(directory), bindings, seed, now),
            switch: Switch::new(seed),
            phones,
            ports: Open::default(),
            wire: BTreeMap::new(),
            sent: 0,
            loss: Loss::Some,
        }
    }

    /// Gives the switch, which knows what happened.
    fn run(mut self) -> Switch {
        self.drain();
        let (storm, calm) = (self.now.mono + LASTS, self.now.mono + LASTS + CALMS_DOWN);
        while let Some(at) = self.next().filter(|at| *at <= calm) {
            if at > storm && self.loss == Loss::Some {
                self.loss = Loss::None;
                for phone in &mut self.phones {
                    if self.dice.percent(30) {
                        phone.switch_off();
                    } else {
                        phone.calm_down();
                    }
                }
                self.switch
                    .hang_up_all(&mut self.edge, self.now, &mut self.ports);
            }
            self.now.wall = self.now.wall + at.since(self.now.mono);
            self.now.mono = self.now.mono.max(at);
            self.step();
            self.drain();
        }
        assert_eq!(self.edge.legs().count(), 0, "{:?}", self.edge.legs().next());
        assert_eq!(self.edge.sessions(), 0);
        assert_eq!(self.switch.left(), Vec::<LegId>::new());
        assert_eq!(self.ports.0, BTreeSet::new(), "ports are left open");
        self.switch
    }

    fn next(&self) -> Option<Time> {
        let phones = self.phones.iter().filter_map(Phone::next_deadline);
        let wire = self.wire.first_key_value().map(|((at, _), _)| *at);
        phones
            .chain(wire)
            .chain(self.edge.next_deadline())
            .chain(self.switch.next_deadline())
            .min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(entry) = self.wire.first_entry().filter(|e| e.key().0 <= now.mono) {
            match entry.remove() {
                (To::Edge(flow), bytes) => {
                    self.edge.receive(now, flow, &bytes);
                    self.drain();
                }
                (To::Phone(address), bytes) => {
                    if let Some(phone) = self.phones.iter_mut().find(|p| p.address() == address) {
                        phone.receive(now.mono, &bytes);
                    }
                }
            }
        }
        for phone in &mut self.phones {
            phone.timeout(now.mono);
        }
        self.edge.timeout(now);
        self.drain();
        self.switch.timeout(&mut self.edge, now, &mut self.ports);
    }

    fn drain(&mut self) {
        while let Some(output) = self.edge.poll() {
            match output {
                Output::Send { flow, bytes } => self.send(To::Phone(flow.remote), bytes),
                Output::Switch(input) => {
                    self.switch
                        .told(&mut self.edge, self.now, &mut self.ports, input);
                }
                Output::Media(MediaOrder::Close(leg)) => {
                    assert!(self.ports.0.remove(&leg), "{leg} is closed twice");
                }
                Output::Media(MediaOrder::Stream(leg, _)) => {
                    assert!(self.ports.0.contains(&leg), "{leg} has no port");
                }
                Output::Barrier(ticket) => {
                    // One disk in ten never answers.
                    if self.dice.percent(90) {
                        self.edge.committed(self.now, ticket);
                    }
                }
                Output::Media(MediaOrder::Key(..) | MediaOrder::SendKey(..))
                | Output::Close(_)
                | Output::Resolve(_)
                | Output::Bind(_)
                | Output::Unbind { .. }
                | Output::Dialog { .. }
                | Output::AuthFailed { .. } => {}
            }
        }
        for index in 0..self.phones.len() {
            while let Some((flow, bytes)) = self.phones[index].poll() {
                let seen = Flow {
                    local: flow.remote,
                    remote: flow.local,
                    ..flow
                };
                self.send(To::Edge(seen), bytes);
            }
        }
    }

    /// Puts a message on the wire: none, one or two of it arrive, after up to 300 ms.
    fn send(&mut self, to: To, bytes: Vec<u8>) {
        let copies = match (self.loss, self.dice.below(100)) {
            (Loss::Some, 0..10) => 0,
            (Loss::Some, 10..15) => 2,
            (Loss::Some | Loss::None, _) => 1,
        };
        for _ in 0..copies {
            let delay = Duration::from_millis(1 + self.dice.below(300));
            self.sent += 1;
            let to = match &to {
                To::Edge(flow) => To::Edge(*flow),
                To::Phone(address) => To::Phone(*address),
            };
            let key = (self.now.mono + delay, self.sent);
            self.wire.insert(key, (to, bytes.clone()));
        }
    }
}

const EXTENSIONS: [&str; 4] = ["100", "101", "102", "103"];
