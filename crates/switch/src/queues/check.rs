//! What holds of queues after every event.

use super::{Place, Rosters};
use crate::Switch;
use crate::features::Phase;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use model::{Number, Time};

impl Switch {
    /// Whoever waits has one place, agents rest until they are woken, and what was made ready for decisions is what
    /// would be made anew.
    pub(crate) fn check_queues(&self) -> Result<(), String> {
        self.check_places()?;
        self.check_agents()?;
        // At a moment at which nothing else is touched, so that all of it has been taken in.
        if self.rosters != Rosters::new(&self.directory, &self.state) {
            return Err(String::from("agents are taken for what they are not"));
        }
        Ok(())
    }

    /// The calls that wait are those that have a place, and each agent rung for one is known there.
    fn check_places(&self) -> Result<(), String> {
        let queues = &self.state.queues;
        for (id, call) in &self.state.calls {
            let Phase::Queued(queued) = &call.phase else {
                continue;
            };
            let place = queues.places.get(id);
            let place = place.ok_or_else(|| format!("call {id} waits in no place"))?;
            let (queue, rung) = queued.waits();
            let waiting = queues.desks.get(&queue).and_then(|desk| {
                let mut waiting = desk.waiting.iter();
                waiting.find(|one| one.call == *id && one.ticket == place.ticket)
            });
            if place.queue != queue || waiting.is_none_or(|waiting| waiting.rung != rung) {
                return Err(format!("call {id} waits elsewhere than in {queue}"));
            }
        }
        let waiting: usize = queues.desks.values().map(|desk| desk.waiting.len()).sum();
        let phases = self.state.calls.values().map(|call| &call.phase);
        let queued = phases
            .filter(|phase| matches!(phase, Phase::Queued(_)))
            .count();
        if waiting != queued || queues.places.len() != queued {
            return Err(format!("{queued} calls wait, in {waiting} places"));
        }
        let order = |places: &[Place]| places.is_sorted_by_key(|place| place.ticket);
        let in_order = queues.desks.iter().all(|(queue, desk)| {
            let places = desk.waiting.iter().map(|one| Place {
                queue: *queue,
                ticket: one.ticket,
            });
            order(&places.collect::<alloc::vec::Vec<_>>())
        });
        match in_order {
            true => Ok(()),
            false => Err(String::from("somebody was passed over")),
        }
    }

    /// Whoever serves is there, and who rests is woken.
    fn check_agents(&self) -> Result<(), String> {
        let queues = &self.state.queues;
        let dead = |leg: &&model::LegId| !self.state.legs.contains_key(*leg);
        if let Some(leg) = queues.serving.keys().find(dead) {
            return Err(format!("leg {leg} serves somebody and is gone"));
        }
        let now = self.state.now.mono;
        let resting = queues
            .agents
            .iter()
            .filter(|(_, work)| work.rests_until > now);
        let resting: BTreeSet<(Time, Number)> = resting
            .map(|(agent, work)| (work.rests_until, *agent))
            .collect();
        if resting != queues.rests {
            return Err(format!("{resting:?} rest, {:?} are woken", queues.rests));
        }
        let mut agents = self
            .state
            .calls
            .values()
            .flat_map(|call| match &call.phase {
                Phase::Queued(queued) => queued.waits().1,
                _ => BTreeSet::new(),
            });
        let mut rung = BTreeSet::new();
        match agents.find(|agent| !rung.insert(*agent)) {
            Some(agent) => Err(format!("agent {agent} is rung for two callers")),
            None => Ok(()),
        }
    }
}
