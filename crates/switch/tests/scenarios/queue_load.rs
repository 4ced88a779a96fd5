//! A queue on its worst afternoon: 500 callers, 50 agents, and nobody is passed over or lost (QU-11).

use crate::office::{Office, number, seconds};
use model::{
    Cause, Effect, Extension, Fact, Input, LegEvent, LegId, Queue, QueueEvent, QueueStrategy,
    Secret, Ticket, Time,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// QU-11: for each strategy that rings one agent a caller; all of them wait far longer than they talk.
#[test]
fn five_hundred_callers_are_served_by_fifty_agents_in_the_order_in_which_they_came() {
    for strategy in [
        QueueStrategy::LeastRecent,
        QueueStrategy::RoundRobin,
        QueueStrategy::Random,
    ] {
        let served = afternoon(strategy);
        assert_eq!(
            served.answered.len(),
            CALLERS,
            "{strategy:?}: nobody is lost"
        );
        assert_eq!(served.done, CALLERS);
        assert!(
            served.answered.is_sorted(),
            "{strategy:?}: nobody is passed over"
        );
        assert!(served.at_once_max >= 45, "agents work at the same time");
    }
}

#[derive(Default)]
struct Served {
    /// In the order in which they were answered.
    answered: Vec<Ticket>,
    done: usize,
    at_once_max: usize,
}

fn afternoon(strategy: QueueStrategy) -> Served {
    let mut office = Office::with(|directory| {
        let agents = (0..AGENTS).map(|nth| number(&format!("2{nth:03}")));
        let mut queue = Queue::new(number("600"));
        queue.strategy = strategy;
        for agent in agents {
            let extension = Extension::new(agent, "Li", Secret::NONE);
            directory.extensions.insert(agent, Arc::new(extension));
            queue.static_agents.push(agent);
        }
        directory.queues.insert(queue.number, Arc::new(queue));
    });
    let mut chance = 7_u64;
    let mut below = |limit: u64| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (chance >> 33) % limit
    };
    // What the parties will do: at which second, and on which leg; without one somebody calls.
    let mut deeds: BTreeMap<(u64, u64), Option<(LegId, LegEvent)>> = BTreeMap::new();
    for nth in 0..CALLERS as u64 {
        deeds.insert((below(3_600), nth), None);
    }
    let (mut served, mut count, mut at_once, mut seen) = (Served::default(), CALLERS as u64, 0, 0);
    while let Some(((second, _), deed)) = deeds.pop_first() {
        let now = Time(1_000_000 + second * 1_000_000).max(office.now.mono);
        office.passes(now.since(office.now.mono));
        match deed {
            None => office.dials("102", "600"),
            Some((leg, event)) => office.give(Input::Leg(leg, event)),
        };
        for effect in &office.log[seen..] {
            let mut will = |after: u64, leg: LegId, event: LegEvent| {
                count += 1;
                deeds.insert((second + after, count), Some((leg, event)));
            };
            match effect {
                Effect::Ring(ring) => will(2, ring.leg, LegEvent::Answered),
                Effect::Fact(Fact::Queue(fact)) => match &fact.event {
                    QueueEvent::Answered { .. } => {
                        served.answered.push(fact.ticket);
                        at_once += 1;
                        served.at_once_max = served.at_once_max.max(at_once);
                    }
                    QueueEvent::Done { .. } => {
                        served.done += 1;
                        at_once -= 1;
                    }
                    QueueEvent::Left { .. } | QueueEvent::TurnedAway { .. } => panic!("{fact:?}"),
                    QueueEvent::Joined(_) | QueueEvent::Offered(_) | QueueEvent::Missed(_) => {}
                },
                _ => {}
            }
        }
        if let Some((leg, LegEvent::Answered)) = deed {
            count += 1;
            let gone = LegEvent::HungUp(Cause::Normal);
            deeds.insert((second + 300 + below(600), count), Some((leg, gone)));
        }
        seen = office.log.len();
    }
    office.passes(seconds(60));
    assert_eq!(office.switch.call_count(), 0);
    served
}

const CALLERS: usize = 500;
const AGENTS: usize = 50;
