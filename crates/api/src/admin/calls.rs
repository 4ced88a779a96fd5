//! All call records, with what happened in each call.

use crate::account::{Admin, Operator};
use crate::backend::Trace;
use crate::extract::{Asked, Id};
use crate::own::calls::{Call, CallsQuery, listed};
use crate::own::csv;
use crate::own::recording::{RecordingQuery, sound};
use crate::page::List;
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use store::StoredCall;

/// Lists all calls, the newest first.
#[utoipa::path(get, path = "/admin/calls", tag = "administration", params(CallsQuery),
    responses((status = 200, body = List<Call>), Refused))]
pub(crate) async fn admin_calls(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<CallsQuery>,
) -> Result<Json<List<Call>>, Problem> {
    let query = query.read(&operator.site, None)?;
    listed(&api, &operator.site, &query, ALL).await
}

/// All calls that the filters select, as a table for a spreadsheet.
#[utoipa::path(get, path = "/admin/calls.csv", tag = "administration", params(CallsQuery),
    responses((status = 200, content_type = "text/csv", body = String), Refused))]
pub(crate) async fn admin_calls_csv(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<CallsQuery>,
) -> Result<Response, Problem> {
    let query = query.read(&operator.site, None)?;
    Ok(csv(api, &operator.site, query, ALL))
}

/// Tells one call.
#[utoipa::path(get, path = "/admin/calls/{id}", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = Call), Refused))]
pub(crate) async fn admin_call(
    operator: Operator,
    State(api): State<Api>,
    Id(id): Id<i64>,
) -> Result<Json<Call>, Problem> {
    let stored = stored(&api, id).await?;
    Ok(Json(Call::of(&stored, &zone(&operator.site), (&api, ALL))))
}

/// The recording of a call. Administrators only: operators see that there is one.
#[utoipa::path(get, path = "/admin/calls/{id}/recording", tag = "administration",
    params(("id" = i64, Path), RecordingQuery,
        ("Range" = Option<String>, Header, description = "`bytes=FIRST-LAST`")),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", body = Vec<u8>, description = "The part"),
        Refused))]
pub(crate) async fn admin_recording(
    admin: Admin,
    State(api): State<Api>,
    Id(id): Id<i64>,
    Asked(query): Asked<RecordingQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stored = stored(&api, id).await?;
    tracing::info!(target: "audit", account = %admin.account, call = id, "a recording was listened to");
    sound(&api, &stored.record, &query, (&method, &headers)).await
}

/// The signalling of a call and what the switch did. Kept for a while after the call.
#[utoipa::path(get, path = "/admin/calls/{id}/trace", tag = "administration", params(("id" = i64, Path)),
    responses((status = 200, body = Trace), Refused))]
pub(crate) async fn admin_trace(
    _: Admin,
    State(api): State<Api>,
    Id(id): Id<i64>,
) -> Result<Json<Trace>, Problem> {
    let record = stored(&api, id).await?.record;
    let trace = api.backend().trace(record.call, record.start).await;
    trace.map(Json).ok_or_else(Problem::not_found)
}

async fn stored(api: &Api, id: i64) -> Result<StoredCall, Problem> {
    api.store().call(id).await?.ok_or_else(Problem::not_found)
}

/// Where all calls are.
const ALL: &str = "admin/calls";
