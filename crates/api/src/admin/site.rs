//! The site file: everything that an administrator sets up, as one text.

use crate::account::Admin;
use crate::backend::{Applied, Mode, NotApplied};
use crate::extract::{Asked, whole};
use crate::limits::SITE_BODY_MAX;
use crate::problem::{FieldError, Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

/// The configuration as a site file. Passwords are not in it: applied again, it changes nothing.
#[utoipa::path(get, path = "/admin/site", tag = "administration",
    responses((status = 200, content_type = "application/toml", body = String), Refused))]
pub(crate) async fn site_file(_: Admin, State(api): State<Api>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/toml; charset=utf-8")];
    (kind, api.backend().site_text()).into_response()
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SiteQuery {
    /// Only tells what would change.
    dry_run: Option<bool>,
}

/// Makes the system equal to a site file, in one transaction. What is wrong with it is told line by line, and nothing of it
/// is applied then.
#[utoipa::path(put, path = "/admin/site", tag = "administration", params(SiteQuery),
    request_body(content = String, content_type = "application/toml"),
    responses((status = 200, body = Applied),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "Something else was changed meanwhile"),
        Refused))]
pub(crate) async fn apply_site(
    admin: Admin,
    State(api): State<Api>,
    Asked(query): Asked<SiteQuery>,
    request: Request,
) -> Result<Json<Applied>, Problem> {
    let bytes = whole(request, SITE_BODY_MAX).await?;
    let text = String::from_utf8(bytes.into()).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "not-utf-8",
            "a site file is text in UTF-8",
        )
    })?;
    let mode = match query.dry_run {
        Some(true) => Mode::DryRun,
        Some(false) | None => Mode::Apply,
    };
    let applied = api
        .backend()
        .apply_site(text, mode)
        .await
        .map_err(refused)?;
    if mode == Mode::Apply {
        tracing::info!(target: "audit", account = %admin.account, changes = applied.changes.len(), "a site file was applied");
    }
    Ok(Json(applied))
}

fn refused(why: NotApplied) -> Problem {
    match why {
        NotApplied::Content(lines) => {
            let lines = lines.into_iter();
            let errors = lines.map(|line| FieldError::new("site", "wrong-line", line));
            Problem::invalid(errors.collect())
        }
        NotApplied::Raced => Problem::conflict("raced", why),
        NotApplied::NotSaved(_) => Problem::new(StatusCode::INSUFFICIENT_STORAGE, "not-saved", why),
    }
}
