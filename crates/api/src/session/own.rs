//! Where one is logged in.

use crate::account::Caller;
use crate::extract::{Asked, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A session of one's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OwnSession {
    /// Names it.
    id: u64,
    /// When it began, RFC 3339.
    created: String,
    /// When it was last used, RFC 3339.
    seen: String,
    /// Where the login came from.
    address: String,
    /// What the browser calls itself.
    agent: String,
    /// Whether it is the one of this request.
    current: bool,
}

/// Which page of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Pages {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

impl Pages {
    pub(crate) fn read(&self) -> Result<Paging, Problem> {
        Paging::read(self.page, self.per_page)
    }
}

/// Lists where one is logged in, the last used first.
#[utoipa::path(get, path = "/sessions", tag = "session", params(Pages),
    responses((status = 200, body = List<OwnSession>), Refused))]
pub(crate) async fn sessions(
    caller: Caller,
    State(api): State<Api>,
    Asked(pages): Asked<Pages>,
) -> Result<Json<List<OwnSession>>, Problem> {
    let paging = pages.read()?;
    let zone = zone(&caller.site);
    let mut own = api.sessions().of(&caller.account);
    own.sort_by_key(|(_, session)| std::cmp::Reverse(session.seen));
    let own = own.into_iter().map(|(hash, session)| OwnSession {
        id: session.kept.id,
        created: zone.written(session.kept.created),
        seen: zone.written(session.seen),
        address: session.kept.address,
        agent: session.kept.agent,
        current: caller.session.as_ref() == Some(&hash),
    });
    Ok(Json(paging.cut(own.collect())))
}

/// Ends a session of one's own, on whichever machine it is.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn revoke(
    caller: Caller,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    let own = api.sessions().of(&caller.account);
    let (hash, _) = own
        .into_iter()
        .find(|(_, session)| session.kept.id == id)
        .ok_or_else(Problem::not_found)?;
    api.sessions().close(&hash).await?;
    tracing::info!(target: "audit", account = %caller.account, session = id, "a session was ended");
    Ok(StatusCode::NO_CONTENT)
}
