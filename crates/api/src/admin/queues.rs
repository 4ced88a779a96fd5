//! Queues as those see them who watch over them: who waits, what the agents do, and what became of callers (QU-13, QU-15).

use super::queue_days::{Statistics, query, statistics};
use crate::account::Operator;
use crate::extract::{Asked, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use model::{AgentState, LiveQueue, Number, Site};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A queue at this moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Queue {
    /// Its number.
    #[schema(value_type = String, example = "600")]
    number: Number,
    /// Its name.
    name: String,
    /// Who waits, in the order in which they are served.
    waiting: Vec<Waiting>,
    /// Its agents, logged in or not.
    agents: Vec<QueueAgent>,
}

/// Somebody who waits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// Names his place, for ever.
    ticket: u64,
    /// From 1.
    position: usize,
    /// His number; empty when he does not show it.
    number: String,
    /// His name.
    name: String,
    /// Since when, RFC 3339 in the site's zone.
    since: String,
    /// Whole seconds since then.
    seconds: u64,
    /// The agents who ring for him.
    #[schema(value_type = Vec<String>)]
    ringing: Vec<Number>,
}

/// An agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueueAgent {
    /// His extension.
    #[schema(value_type = String, example = "100")]
    number: Number,
    /// His name.
    name: String,
    /// `logged-out`, `paused`, `unavailable`, `dnd`, `ringing`, `serving`, `busy`, `resting` or `free`.
    #[schema(value_type = String, example = "free")]
    state: AgentState,
    /// How many calls of the queue he took since the server began.
    taken: u32,
}

/// A queue with what became of its callers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct QueueWithDays {
    #[serde(flatten)]
    queue: Queue,
    /// What became of those who came on the days that were asked for.
    statistics: Statistics,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueuesQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// The first day, `YYYY-MM-DD` in the site's zone; the last one unless it is said.
    from: Option<String>,
    /// The last day; today unless it is said.
    to: Option<String>,
}

/// Lists the queues, by number, with who waits and what their agents do.
#[utoipa::path(get, path = "/admin/queues", tag = "administration", params(QueuesQuery),
    responses((status = 200, body = List<Queue>), Refused))]
pub(crate) async fn queues(
    operator: Operator,
    State(api): State<Api>,
    Asked(asked): Asked<QueuesQuery>,
) -> Result<Json<List<Queue>>, Problem> {
    let paging = Paging::read(asked.page, asked.per_page)?;
    let live = live(&api).await;
    let queues = operator.site.directory.queues.keys();
    let queues = queues.map(|number| told(&api, &operator.site, number, live.get(number)));
    Ok(Json(paging.cut(queues.collect())))
}

/// Shows a queue, and what became of its callers on some days: today, or up to 366 of them.
#[utoipa::path(get, path = "/admin/queues/{number}", tag = "administration",
    params(("number" = String, Path), DaysQuery), responses((status = 200, body = QueueWithDays), Refused))]
pub(crate) async fn queue(
    operator: Operator,
    State(api): State<Api>,
    Id(number): Id<String>,
    Asked(asked): Asked<DaysQuery>,
) -> Result<Json<QueueWithDays>, Problem> {
    let site = &operator.site;
    let number = Number::parse(&number).map_err(|_| Problem::not_found())?;
    let known = site.directory.queues.get(&number);
    let known = known.ok_or_else(Problem::not_found)?;
    let range = (asked.from.as_deref(), asked.to.as_deref());
    let (days, query) = query(known, range, &zone(site), api.now())?;
    let found = api.store().queue_statistics(&query).await?;
    let live = live(&api).await;
    Ok(Json(QueueWithDays {
        queue: told(&api, site, &number, live.get(&number)),
        statistics: statistics(days, &query, found, &site.directory),
    }))
}

async fn live(api: &Api) -> BTreeMap<Number, LiveQueue> {
    let live = api.backend().queues().await.into_iter();
    live.map(|queue| (queue.number, queue)).collect()
}

fn told(api: &Api, site: &Site, number: &Number, live: Option<&LiveQueue>) -> Queue {
    let (zone, now, directory) = (zone(site), api.now(), &site.directory);
    let name = directory.queues.get(number).map(|queue| queue.name.clone());
    let waiting = live.into_iter().flat_map(|live| &live.waiting);
    let agents = live.into_iter().flat_map(|live| &live.agents);
    Queue {
        number: *number,
        name: name.unwrap_or_default(),
        waiting: waiting
            .zip(1..)
            .map(|(one, position)| Waiting {
                ticket: one.ticket.0,
                position,
                number: one
                    .party
                    .number
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
                name: one.party.name.clone(),
                since: zone.written(one.since),
                seconds: u64::try_from((now.0 - one.since.0) / 1_000).unwrap_or_default(),
                ringing: one.rung.clone(),
            })
            .collect(),
        agents: agents
            .map(|agent| QueueAgent {
                number: agent.number,
                name: directory
                    .extension(&agent.number)
                    .map(|extension| extension.name.clone())
                    .unwrap_or_default(),
                state: agent.state,
                taken: agent.taken,
            })
            .collect(),
    }
}
