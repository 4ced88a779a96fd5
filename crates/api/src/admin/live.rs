//! The calls of this moment (AD-16).

use crate::account::Admin;
use crate::extract::{Asked, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{CallId, Command, Number};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A call in progress.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LiveCall {
    /// Its number in this run of the server.
    call: u64,
    /// When it came in, RFC 3339 in the site's zone.
    start: String,
    /// The caller's number; empty when he does not show it.
    caller: String,
    /// The caller's name.
    caller_name: String,
    /// What was dialled.
    #[schema(value_type = String)]
    callee: Number,
    /// The phase it is in: `dial`, `talk`.
    state: String,
    /// Whole seconds since it came in.
    seconds: u64,
    /// Who is in it.
    parties: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Ends a call.
#[utoipa::path(delete, path = "/admin/live/{id}", tag = "administration", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn end_live(
    admin: Admin,
    State(api): State<Api>,
    Id(call): Id<u64>,
) -> Result<StatusCode, Problem> {
    let calls = api.backend().calls().await;
    if !calls.iter().any(|live| live.call == CallId(call)) {
        return Err(Problem::not_found());
    }
    tracing::info!(target: "audit", account = %admin.account, call, "a call was ended");
    api.backend().command(Command::End(CallId(call)));
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the calls in progress, the oldest first.
#[utoipa::path(get, path = "/admin/live", tag = "administration", params(LiveQuery),
    responses((status = 200, body = List<LiveCall>), Refused))]
pub(crate) async fn live(
    admin: Admin,
    State(api): State<Api>,
    Asked(query): Asked<LiveQuery>,
) -> Result<Json<List<LiveCall>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let (zone, now) = (zone(&admin.site), api.now());
    let calls = api.backend().calls().await.into_iter();
    let calls = calls.map(|call| LiveCall {
        call: call.call.0,
        start: zone.written(call.start),
        caller: call.caller,
        caller_name: call.caller_name,
        callee: call.callee,
        state: call.state,
        seconds: u64::try_from((now.0 - call.start.0) / 1_000).unwrap_or_default(),
        parties: call.parties,
    });
    Ok(Json(paging.cut(calls.collect())))
}
