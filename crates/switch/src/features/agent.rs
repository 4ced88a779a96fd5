//! Agents of queues log in and out and take a break (manual §2.7): `*62 *062 *95 *095`; a queue's number behind `*62` or
//! `*062` means that queue alone.
//!
//! What is set holds for every queue, now and after a restart. A call that an agent has goes on whatever he sets.

use super::Phase;
use super::farewell::{Farewell, Refusal};
use super::save::{Save, fail};
use crate::cx::Cx;
use crate::phrase;
use model::{AgentRefusal, AgentWish, Change, LegId, Number, Phrase};

/// Does what an agent wants, in one queue or in all (QU-01 to QU-06).
pub(super) fn begin(
    caller: LegId,
    wish: AgentWish,
    queue: Option<Number>,
    cx: &mut Cx<'_>,
) -> Phase {
    // What is dialled behind the code is a queue, or the whole is no code (FC-04).
    if queue.is_some_and(|queue| !cx.directory().queues.contains_key(&queue)) {
        return Farewell::refuse(caller, Refusal::InvalidCode, cx);
    }
    cx.answer(caller);
    let Some(number) = cx.extension(caller) else {
        return fail(caller, cx);
    };
    match cx.directory().agent_with(number, wish, queue) {
        Ok(agent) => {
            let confirmed = cx.speech(caller).phrase(granted(wish));
            Save::begin(caller, Change::Agent(number, agent), confirmed, cx)
        }
        Err(why) => {
            let speech = cx.speech(caller).phrase(refused(wish, why));
            Farewell::say(caller, speech, cx)
        }
    }
}

const fn granted(wish: AgentWish) -> Phrase {
    match wish {
        AgentWish::LogIn => phrase::LOGGED_IN,
        AgentWish::LogOut => phrase::LOGGED_OUT,
        AgentWish::Pause => phrase::PAUSED,
        AgentWish::Resume => phrase::RESUMED,
    }
}

const fn refused(wish: AgentWish, why: AgentRefusal) -> Phrase {
    match (why, wish) {
        (AgentRefusal::NoAgent, _) => phrase::NO_AGENT,
        (AgentRefusal::Static, _) => phrase::STATIC_AGENT,
        (AgentRefusal::IsSo, AgentWish::LogIn) => phrase::ALREADY_LOGGED_IN,
        (AgentRefusal::IsSo, AgentWish::LogOut) => phrase::NOT_LOGGED_IN,
        (AgentRefusal::IsSo, AgentWish::Pause) => phrase::ALREADY_PAUSED,
        (AgentRefusal::IsSo, AgentWish::Resume) => phrase::NOT_PAUSED,
    }
}
