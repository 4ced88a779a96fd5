//! Measures how long the switch takes to decide where a call goes, with 1,000 routes each way and 10,000 numbers on
//! the blacklist, of which the last one in each list is the one that counts.
//!
//! `cargo run --release -p bellwire-switch --example routes`
#![expect(clippy::print_stdout, reason = "it is there to print a table")]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use model::{
    Blacklisted, Cause, Destination, Directory, Extension, InboundRoute, Incoming, Input, LegEvent,
    LegId, Now, Number, Origin, OutboundRoute, Party, Reachability, Secret, Time, Trunk, Wall,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use switch::Switch;

fn main() {
    let mut site = Site::new();
    for (what, from, caller, dialled) in [
        ("out, the last route", Who::Phone, "100", "9999985337106"),
        (
            "in, the last number",
            Who::Trunk,
            "+8613912345678",
            "02885339999",
        ),
        (
            "in, on the blacklist",
            Who::Trunk,
            "+8613800009999",
            "02885339999",
        ),
        ("nowhere", Who::Phone, "100", "85337106"),
    ] {
        site.measure(what, from, caller, dialled);
    }
}

#[derive(Clone, Copy)]
enum Who {
    Phone,
    Trunk,
}

struct Site {
    switch: Switch,
    calls_in: u64,
    now: Now,
}

impl Site {
    fn new() -> Self {
        let mut directory = Directory::default();
        directory.system.outside_calls_a_minute = None;
        let extension = Extension::new(number("100"), "Li Si", Secret::NONE);
        directory
            .extensions
            .insert(extension.number, Arc::new(extension));
        let trunk = Trunk {
            numbers: vec![number("02885337100")],
            ..Trunk::to("carrier", "192.0.2.10")
        };
        directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
        for n in 0..ROUTES {
            directory.outbound_routes.push(Arc::new(OutboundRoute {
                name: format!("route {n}"),
                prefix: format!("9{}", 9_000 + n),
                strip: 5,
                prepend: String::new(),
                pattern: String::from("NXXXXXXX"),
                trunks: vec![String::from("carrier")],
                emergency: false,
                open: Vec::new(),
                max_minutes: None,
            }));
            directory.inbound_routes.push(Arc::new(InboundRoute {
                trunk: String::from("carrier"),
                number: Some(number(&format!("+862885339{n:03}"))),
                caller: String::new(),
                to: Destination::Number(number("100")),
            }));
        }
        for n in 0..LISTED {
            let listed = Blacklisted {
                number: number(&format!("0138{n:08}")),
                note: String::new(),
                added_by: String::new(),
                added_at: None,
            };
            directory.blacklist.insert(listed.number, Arc::new(listed));
        }
        let mut site = Self {
            switch: Switch::new(Arc::new(directory), 1),
            calls_in: 0,
            now: Now {
                mono: Time(0),
                wall: Wall(1_521_000_000_000),
            },
        };
        let reachable = Input::Reachable(number("100"), Reachability::Available);
        site.switch.handle(site.now, reachable);
        site
    }

    /// Decides about so many calls, each of which is over before the next.
    fn measure(&mut self, what: &str, from: Who, caller: &str, dialled: &str) {
        let mut decisions: Vec<_> = (0..CALLS)
            .map(|_| self.call(from, number(caller), number(dialled)))
            .collect();
        decisions.sort_unstable();
        let at = |share: usize| micros(decisions[CALLS * share / 1_000]);
        println!(
            "{what:22} p50 {:.2} us, p99 {:.2} us, p99.9 {:.2} us",
            at(500),
            at(990),
            at(999)
        );
    }

    /// The whole event of an INVITE, its effects included.
    fn call(&mut self, from: Who, caller: Number, dialled: Number) -> Duration {
        self.calls_in += 1;
        self.now.mono = self.now.mono + Duration::from_millis(1);
        let leg = LegId::inbound(self.calls_in);
        let incoming = Input::Incoming(Incoming {
            leg,
            origin: match from {
                Who::Phone => Origin::Extension(caller),
                Who::Trunk => Origin::Trunk(String::from("carrier")),
            },
            caller: Party {
                number: Some(caller),
                name: String::new(),
            },
            dialled,
            hops: 0,
            replaces: None,
        });
        let begun = Instant::now();
        let effects = self.switch.handle(self.now, incoming);
        let took = begun.elapsed();
        assert!(!effects.is_empty());
        self.switch
            .handle(self.now, Input::Leg(leg, LegEvent::HungUp(Cause::Normal)));
        took
    }
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

const ROUTES: usize = 1_000;
const LISTED: usize = 10_000;
const CALLS: usize = 20_000;
