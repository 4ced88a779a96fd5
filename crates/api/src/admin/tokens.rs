//! Tokens for scripts.

use crate::account::Admin;
use crate::extract::{Asked, Body, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::session::Token as NewToken;
use crate::state::{Api, zone};
use crate::text::Checks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::Role;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A token.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// Its name.
    name: String,
    /// `admin` or `operator`.
    #[schema(value_type = String, example = "operator")]
    role: Role,
    /// When it was made, RFC 3339.
    created: String,
    /// The token itself: told this once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// A token that is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedToken {
    /// Its name, which no other has.
    name: String,
    /// `admin` or `operator`.
    #[schema(value_type = String, example = "operator")]
    role: Role,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TokensQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists the tokens by name.
#[utoipa::path(get, path = "/admin/tokens", tag = "administration", params(TokensQuery),
    responses((status = 200, body = List<Token>), Refused))]
pub(crate) async fn tokens(
    admin: Admin,
    State(api): State<Api>,
    Asked(query): Asked<TokensQuery>,
) -> Result<Json<List<Token>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let zone = zone(&admin.site);
    let all = api.tokens().all().into_iter();
    let all = all.map(|row| Token {
        created: zone.written(row.created),
        name: row.name,
        role: row.role,
        token: None,
    });
    Ok(Json(paging.cut(all.collect())))
}

/// Makes a token. It is told this once: only a hash of it is kept.
#[utoipa::path(post, path = "/admin/tokens", tag = "administration", request_body = WantedToken,
    responses((status = 201, body = Token),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "Another token has that name"),
        Refused))]
pub(crate) async fn add_token(
    admin: Admin,
    State(api): State<Api>,
    Body(wanted): Body<WantedToken>,
) -> Result<(StatusCode, Json<Token>), Problem> {
    let mut checks = Checks::default();
    let name = checks.filled("name", &wanted.name);
    checks.done()?;
    let new = NewToken::new(&name, wanted.role, api.now())
        .ok_or_else(|| Problem::busy("this machine has no random numbers"))?;
    let created = zone(&admin.site).written(new.row.created);
    api.tokens().add(new.row).await?;
    tracing::info!(target: "audit", account = %admin.account, token = name, "a token was made");
    let token = Token {
        name,
        role: wanted.role,
        created,
        token: Some(new.secret),
    };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Removes a token; whoever uses it is nobody from here on.
#[utoipa::path(delete, path = "/admin/tokens/{name}", tag = "administration", params(("name" = String, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn remove_token(
    admin: Admin,
    State(api): State<Api>,
    Id(name): Id<String>,
) -> Result<StatusCode, Problem> {
    if !api.tokens().remove(&name).await? {
        return Err(Problem::not_found());
    }
    tracing::info!(target: "audit", account = %admin.account, token = name, "a token was removed");
    Ok(StatusCode::NO_CONTENT)
}
