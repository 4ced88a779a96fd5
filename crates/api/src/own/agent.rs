//! An agent of queues logs in and out and takes a break: what `*62 *062 *95 *095` do (QU-15).

use crate::account::Owner;
use crate::extract::Body;
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use model::{AgentRefusal, AgentWish, Change, Directory, Number, Site};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What an extension is in the queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Agent {
    /// The queues that it is an agent of, logged in or not; empty: it is none.
    #[schema(value_type = Vec<String>, example = json!(["600"]))]
    queues: BTreeSet<Number>,
    /// Those of them in which it is always logged in.
    #[schema(value_type = Vec<String>, example = json!([]))]
    static_queues: BTreeSet<Number>,
    /// Whether it gets calls of one of them at least, unless it pauses.
    logged_in: bool,
    /// Whether it takes none for a while.
    paused: bool,
}

/// What an extension is in the queues, and who waits there for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgentNow {
    #[serde(flatten)]
    agent: Agent,
    /// Each of its queues.
    waiting: Vec<Waits>,
}

/// A queue as its agents see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Waits {
    /// Its number.
    #[schema(value_type = String, example = "600")]
    queue: Number,
    /// Its name.
    name: String,
    /// Whether the agent is logged in there.
    logged_in: bool,
    /// How many wait.
    callers: usize,
    /// Since when the first of them does, RFC 3339 in the site's zone; `null`: nobody waits.
    since: Option<String>,
}

/// What an agent wants.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    action: Action,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    Login,
    Logout,
    Pause,
    Resume,
}

impl Agent {
    /// Whether it is in a queue at all.
    pub(crate) fn is_any(&self) -> bool {
        !self.queues.is_empty()
    }

    /// What an extension is, as things are set up.
    pub(crate) fn of(directory: &Directory, number: Number) -> Self {
        let known = directory.agents.get(&number);
        let queues = || directory.queues_of(number);
        let is_in = |queue: &model::Queue| {
            queue
                .logged_in(&directory.agents)
                .any(|agent| agent == number)
        };
        let is_static = |queue: &&model::Queue| queue.static_agents.contains(&number);
        Self {
            queues: queues().map(|queue| queue.number).collect(),
            static_queues: queues()
                .filter(is_static)
                .map(|queue| queue.number)
                .collect(),
            logged_in: queues().any(is_in),
            paused: known.is_some_and(|known| known.paused),
        }
    }
}

impl AgentNow {
    async fn of(api: &Api, site: &Site, number: Number) -> Self {
        let agent = Agent::of(&site.directory, number);
        let waiting = match agent.is_any() {
            true => waiting(api, site, number).await,
            false => Vec::new(),
        };
        Self { agent, waiting }
    }
}

async fn waiting(api: &Api, site: &Site, number: Number) -> Vec<Waits> {
    let live = api.backend().queues().await.into_iter();
    let live: BTreeMap<_, _> = live.map(|queue| (queue.number, queue.waiting)).collect();
    let (zone, agents) = (zone(site), &site.directory.agents);
    let queues = site.directory.queues_of(number).map(|queue| {
        let callers = live.get(&queue.number);
        let first = callers.and_then(|callers| callers.first());
        Waits {
            queue: queue.number,
            name: queue.name.clone(),
            logged_in: queue.logged_in(agents).any(|agent| agent == number),
            callers: callers.map_or(0, Vec::len),
            since: first.map(|first| zone.written(first.since)),
        }
    });
    queues.collect()
}

/// Tells what an extension is in the queues.
#[utoipa::path(get, path = "/agent", tag = "queues",
    responses((status = 200, body = AgentNow), Refused))]
pub(crate) async fn agent(owner: Owner, State(api): State<Api>) -> Json<AgentNow> {
    Json(AgentNow::of(&api, &owner.site, owner.number).await)
}

/// Logs an agent in to his queues or out of them, or lets him pause. That it is so already is no error.
#[utoipa::path(post, path = "/agent", tag = "queues", request_body = Wish,
    responses((status = 200, body = AgentNow),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "It is no agent (`not-an-agent`), or always logged in (`static-agent`)"),
        Refused))]
pub(crate) async fn set_agent(
    owner: Owner,
    State(api): State<Api>,
    Body(wish): Body<Wish>,
) -> Result<Json<AgentNow>, Problem> {
    let number = owner.number;
    let wish = match wish.action {
        Action::Login => AgentWish::LogIn,
        Action::Logout => AgentWish::LogOut,
        Action::Pause => AgentWish::Pause,
        Action::Resume => AgentWish::Resume,
    };
    let conflict = |code, detail: &str| Err(Problem::conflict(code, detail));
    match owner.site.directory.agent_with(number, wish, None) {
        Ok(agent) => {
            let saved = api.store().save_change(Change::Agent(number, agent));
            let site = saved.await?;
            Ok(Json(AgentNow::of(&api, &site, number).await))
        }
        Err(AgentRefusal::IsSo) => Ok(Json(AgentNow::of(&api, &owner.site, number).await)),
        Err(AgentRefusal::NoAgent) => conflict("not-an-agent", "the extension is no agent"),
        Err(AgentRefusal::Static) => conflict("static-agent", "a static agent is always logged in"),
    }
}
