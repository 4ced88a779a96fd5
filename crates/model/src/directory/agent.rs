//! Agents of queues: what they may set, and what that changes (manual §2.7).

use super::{Agent, Directory, Queue};
use crate::Number;
use alloc::collections::BTreeSet;

/// What an agent wants to be (`*62 *062 *95 *095`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentWish {
    /// Logged in.
    LogIn,
    /// Logged out.
    LogOut,
    /// Left alone for a while.
    Pause,
    /// Called again.
    Resume,
}

/// Why a wish changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentRefusal {
    /// He is no agent of the queue, or of any.
    NoAgent,
    /// He is always logged in.
    Static,
    /// It is so already.
    IsSo,
}

impl Directory {
    /// The queues that an extension is an agent of, logged in or not.
    pub fn queues_of(&self, agent: Number) -> impl Iterator<Item = &Queue> {
        let queues = self.queues.values().map(|queue| &**queue);
        queues.filter(move |queue| queue.has_agent(&agent))
    }

    /// What an agent is once his wish is granted, in one queue or in all. A pause holds for all, and is kept while he logs
    /// out and in.
    pub fn agent_with(
        &self,
        number: Number,
        wish: AgentWish,
        only: Option<Number>,
    ) -> Result<Agent, AgentRefusal> {
        let known = self.agents.get(&number);
        let mut agent = known.map(|known| Agent::clone(known)).unwrap_or_default();
        let is_meant = |queue: &&Queue| only.is_none_or(|only| only == queue.number);
        if !self.queues_of(number).any(|queue| is_meant(&queue)) {
            return Err(AgentRefusal::NoAgent);
        }
        let dynamic = |queue: &&Queue| !queue.static_agents.contains(&number);
        let own = self.queues_of(number).filter(dynamic);
        let meant: BTreeSet<_> = own.filter(is_meant).map(|queue| queue.number).collect();
        let before = agent.clone();
        match wish {
            AgentWish::LogIn | AgentWish::LogOut if meant.is_empty() => {
                return Err(AgentRefusal::Static);
            }
            AgentWish::LogIn => agent.logged_in.extend(&meant),
            AgentWish::LogOut => agent.logged_in.retain(|queue| !meant.contains(queue)),
            AgentWish::Pause => agent.paused = true,
            AgentWish::Resume => agent.paused = false,
        }
        if agent == before {
            return Err(AgentRefusal::IsSo);
        }
        // What was said of queues that are gone, or of which he is no agent any more, is forgotten.
        let own: BTreeSet<_> = self.queues_of(number).map(|queue| queue.number).collect();
        agent.logged_in.retain(|queue| own.contains(queue));
        Ok(agent)
    }
}
