//! Measures how long the switch takes to give the next caller of a queue to the agent who has become free, with 1,000
//! agents and 500 callers who wait.
//!
//! `cargo run --release -p bellwire-switch --example queues`
#![expect(clippy::print_stdout, reason = "it is there to print a table")]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use model::{
    Cause, Directory, Effect, Extension, Incoming, Input, LegEvent, LegId, Now, Number, Origin,
    Party, Queue, QueueStrategy, Reachability, Secret,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switch::Switch;

fn main() {
    for strategy in [
        QueueStrategy::RoundRobin,
        QueueStrategy::LeastRecent,
        QueueStrategy::FewestCalls,
        QueueStrategy::Random,
        QueueStrategy::Linear,
    ] {
        let mut took = measure(strategy);
        took.sort_unstable();
        let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
        println!(
            "{strategy:?}: median {median:?}, worst {worst:?} of {}",
            took.len()
        );
    }
}

/// The time of each event in which an agent hangs up and is rung for the next caller.
fn measure(strategy: QueueStrategy) -> Vec<Duration> {
    let mut directory = Directory::default();
    let mut queue = Queue::new(number("600"));
    queue.strategy = strategy;
    for nth in 0..AGENTS {
        let agent = number(&format!("2{nth:04}"));
        let extension = Extension::new(agent, "Li", Secret::NONE);
        directory.extensions.insert(agent, Arc::new(extension));
        queue.static_agents.push(agent);
    }
    let agents = queue.static_agents.clone();
    directory.queues.insert(queue.number, Arc::new(queue));
    directory.inbound_routes.push(Arc::new(model::InboundRoute {
        trunk: String::from("carrier"),
        number: None,
        caller: String::new(),
        to: model::Destination::Number(number("600")),
    }));
    let mut switch = Switch::new(Arc::new(directory), 1);
    let mut talking = VecDeque::new();
    for agent in agents {
        give(
            &mut switch,
            Input::Reachable(agent, Reachability::Available),
        );
    }
    for nth in 0..AGENTS + WAITING {
        let incoming = Input::Incoming(Incoming {
            leg: LegId::inbound(nth + 1),
            origin: Origin::Trunk(String::from("carrier")),
            caller: Party::default(),
            dialled: number("600"),
            hops: 0,
            replaces: None,
        });
        if let Some(rung) = give(&mut switch, incoming).first() {
            give(&mut switch, Input::Leg(*rung, LegEvent::Answered));
            talking.push_back(*rung);
        }
    }
    let took = (0..WAITING).map(|_| {
        let gone = Input::Leg(
            talking.pop_front().unwrap(),
            LegEvent::HungUp(Cause::Normal),
        );
        let begun = Instant::now();
        let effects = switch.handle(Now::default(), gone);
        let took = begun.elapsed();
        let rung = rings(&effects);
        give(&mut switch, Input::Leg(rung[0], LegEvent::Answered));
        took
    });
    took.collect()
}

fn give(switch: &mut Switch, input: Input) -> Vec<LegId> {
    rings(&switch.handle(Now::default(), input))
}

fn rings(effects: &[Effect]) -> Vec<LegId> {
    let rings = effects.iter().filter_map(|effect| match effect {
        Effect::Ring(ring) => Some(ring.leg),
        _ => None,
    });
    rings.collect()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

const AGENTS: u64 = 1_000;
const WAITING: u64 = 500;
