//! What queues look like at this moment, for who watches over them and for their agents (QU-15).

use super::Queues;
use crate::Switch;
use crate::line::Stands;
use alloc::collections::BTreeSet;
use model::{AgentState, LiveAgent, LiveCaller, LiveQueue, Number, Queue, Time};

impl Switch {
    /// All queues at a moment, by number.
    pub fn queues(&self, now: Time) -> impl Iterator<Item = LiveQueue> {
        let busy = Busy::of(&self.state.queues);
        let queues = self.directory.queues.values();
        queues.map(move |queue| self.queue(now, queue, &busy))
    }

    fn queue(&self, now: Time, queue: &Queue, busy: &Busy) -> LiveQueue {
        let desk = self.state.queues.desks.get(&queue.number);
        let waiting = desk.into_iter().flat_map(|desk| &desk.waiting);
        let logged_in: BTreeSet<_> = queue.logged_in(&self.directory.agents).collect();
        let dynamic = queue.dynamic_agents.iter();
        let dynamic = dynamic.filter(|agent| !queue.static_agents.contains(agent));
        let agents = queue.static_agents.iter().chain(dynamic);
        LiveQueue {
            number: queue.number,
            waiting: waiting
                .map(|one| LiveCaller {
                    ticket: one.ticket,
                    party: one.party.clone(),
                    since: one.at,
                    rung: one.rung.iter().copied().collect(),
                })
                .collect(),
            agents: agents
                .map(|agent| LiveAgent {
                    number: *agent,
                    state: match busy.with_queues(agent) {
                        Some(state) => state,
                        None if !logged_in.contains(agent) => AgentState::LoggedOut,
                        None => self.agent(now, agent),
                    },
                    taken: desk
                        .and_then(|desk| desk.taken.get(agent).copied())
                        .unwrap_or_default(),
                })
                .collect(),
        }
    }

    /// What an agent does who is logged in and has nothing to do with a caller of a queue.
    fn agent(&self, now: Time, agent: &Number) -> AgentState {
        let pauses = self.directory.agents.get(agent);
        let extension = self.directory.extension(agent);
        let rests = self.state.queues.agents.get(agent);
        match self.state.lines.stands(agent) {
            _ if pauses.is_some_and(|agent| agent.paused) => AgentState::Paused,
            _ if extension.is_some_and(|extension| extension.do_not_disturb) => AgentState::Dnd,
            Stands::Unavailable => AgentState::Unavailable,
            Stands::InUse => AgentState::Busy,
            Stands::Free if rests.is_some_and(|work| work.rests_until > now) => AgentState::Resting,
            Stands::Free => AgentState::Free,
        }
    }
}

/// Who has to do with callers of queues, whichever they are.
struct Busy {
    rung: BTreeSet<Number>,
    serving: BTreeSet<Number>,
}

impl Busy {
    fn of(queues: &Queues) -> Self {
        let waiting = queues.desks.values().flat_map(|desk| &desk.waiting);
        Self {
            rung: waiting.flat_map(|one| &one.rung).copied().collect(),
            serving: queues.serving.values().map(|serving| serving.by).collect(),
        }
    }

    fn with_queues(&self, agent: &Number) -> Option<AgentState> {
        if self.serving.contains(agent) {
            return Some(AgentState::Serving);
        }
        self.rung.contains(agent).then_some(AgentState::Ringing)
    }
}
