//! Agents of queues log in and out and take a break (manual §2.7): `*62 *062 *95 *095`; a queue's number behind `*62` or
//! `*062` means that queue alone.
//!
//! What is set holds for every queue, now and after a restart. A call that an agent has goes on whatever he sets.

use super::Phase;
use super::farewell::{Farewell, Refusal};
use super::save::{Save, fail};
use crate::cx::Cx;
use crate::phrase;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use model::{Agent, Change, Directory, LegId, Number, Phrase};

/// What an agent wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    LogIn,
    LogOut,
    Pause,
    Resume,
}

/// Does what an agent wants, in one queue or in all.
pub(super) fn begin(caller: LegId, wants: Wants, queue: Option<Number>, cx: &mut Cx<'_>) -> Phase {
    // What is dialled behind the code is a queue, or the whole is no code (FC-04).
    if queue.is_some_and(|queue| !cx.directory().queues.contains_key(&queue)) {
        return Farewell::refuse(caller, Refusal::InvalidCode, cx);
    }
    cx.answer(caller);
    let Some(number) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    let known = cx.directory().agents.get(&number);
    let agent = known.map(|agent| Agent::clone(agent)).unwrap_or_default();
    match Queues::of(number, queue, cx.directory()).set(agent, wants) {
        Ok((agent, confirmed)) => {
            let confirmed = cx.speech(caller).phrase(confirmed);
            Save::begin(caller, Change::Agent(number, agent), confirmed, cx)
        }
        Err(why) => {
            let speech = cx.speech(caller).phrase(why);
            Farewell::say(caller, speech, cx)
        }
    }
}

/// The queues that an extension is an agent of.
struct Queues {
    /// How many there are, of those that are meant.
    count: usize,
    /// Those in which he logs in and out.
    dynamic: BTreeSet<Number>,
    /// Those of them that are meant.
    meant: BTreeSet<Number>,
}

impl Queues {
    /// Those that are meant are one, or all.
    fn of(agent: Number, only: Option<Number>, directory: &Directory) -> Self {
        let queues = directory.queues.values();
        let own: Vec<_> = queues.filter(|queue| queue.has_agent(&agent)).collect();
        let is_meant = |queue: &Number| only.is_none_or(|only| only == *queue);
        let dynamic: BTreeSet<_> = own
            .iter()
            .filter(|queue| !queue.static_agents.contains(&agent))
            .map(|queue| queue.number)
            .collect();
        let meant = dynamic.iter().copied().filter(is_meant).collect();
        Self {
            count: own.iter().filter(|queue| is_meant(&queue.number)).count(),
            dynamic,
            meant,
        }
    }

    /// What the agent is then, and what he hears; `Err`: nothing changes.
    fn set(&self, mut agent: Agent, wants: Wants) -> Result<(Agent, Phrase), Phrase> {
        if self.count == 0 {
            return Err(phrase::NO_AGENT);
        }
        let logged_in = self.meant.intersection(&agent.logged_in).count();
        let confirmed = match wants {
            Wants::LogIn | Wants::LogOut if self.meant.is_empty() => {
                return Err(phrase::STATIC_AGENT);
            }
            Wants::LogIn if logged_in == self.meant.len() => return Err(phrase::ALREADY_LOGGED_IN),
            Wants::LogIn => phrase::LOGGED_IN,
            Wants::LogOut if logged_in == 0 => return Err(phrase::NOT_LOGGED_IN),
            Wants::LogOut => phrase::LOGGED_OUT,
            Wants::Pause if agent.paused => return Err(phrase::ALREADY_PAUSED),
            Wants::Pause => phrase::PAUSED,
            Wants::Resume if !agent.paused => return Err(phrase::NOT_PAUSED),
            Wants::Resume => phrase::RESUMED,
        };
        match wants {
            Wants::LogIn => agent.logged_in.extend(&self.meant),
            Wants::LogOut => agent.logged_in.retain(|queue| !self.meant.contains(queue)),
            Wants::Pause => agent.paused = true,
            Wants::Resume => agent.paused = false,
        }
        // What was said of queues that are gone, or of which he is no agent any more, is forgotten.
        agent.logged_in.retain(|queue| self.dynamic.contains(queue));
        Ok((agent, confirmed))
    }
}
