//! Logging in and out.

use crate::account::{Account, Caller};
use crate::extract::Body;
use crate::limits::{CHECK_WITHIN, LOGIN_TEXT_MAX};
use crate::password::{self, Strength};
use crate::problem::{Problem, Refused};
use crate::session::me::{Me, of};
use crate::session::sessions::{From, Stays};
use crate::state::Api;
use crate::web::{Peer, set_cookie, set_lasting_cookie, unset_cookie};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use model::{Number, Site};
use serde::Deserialize;
use std::sync::Arc;
use tokio::time::timeout;
use utoipa::ToSchema;

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// An extension's number, or the name of a user.
    #[schema(example = "100")]
    account: String,
    /// The extension's SIP password, or the user's.
    password: String,
    /// Whether to stay logged in on this device: 30 days without a request in place of 30 minutes.
    #[serde(default)]
    stay: bool,
}

/// Logs in: an extension with its number and SIP password, somebody who administers with his name and password.
#[utoipa::path(post, path = "/session", tag = "session", security(()),
    responses(
        (status = 200, body = Me, description = "The cookie names the session; it ends 30 minutes after its last request",
            headers(("set-cookie" = String))),
        (status = 429, body = Problem, content_type = "application/problem+json",
            description = "Five wrong passwords within five minutes"),
        Refused))]
pub(crate) async fn login(
    State(api): State<Api>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    let peer = peer.map_or(Peer::UNKNOWN, |Extension(peer)| peer);
    let site = api.store().site();
    let number = Number::parse(&login.account).ok();
    // Where the portal is off, extensions have no login at all, and nothing is told of who exists (GEN-01).
    let user = site.users.contains_key(&login.account);
    if number.is_some() && !user && !site.directory.system.portal {
        return Err(Problem::portal_off());
    }
    if login.account.len() > LOGIN_TEXT_MAX || login.password.len() > LOGIN_TEXT_MAX {
        return Err(Problem::wrong_credentials());
    }
    let attempt = api
        .throttle()
        .attempt(api.now(), peer.network(), &login.account)
        .map_err(|seconds| {
            tracing::warn!(target: "audit", account = %login.account, address = %peer.0.ip(), "login refused: too many attempts");
            Problem::throttled(seconds)
        })?;
    let proof = (login.account.clone(), login.password.clone());
    let Some(account) = prove(&api, Arc::clone(&site), proof).await? else {
        tracing::warn!(target: "audit", account = %login.account, address = %peer.0.ip(), "login refused: wrong account or password");
        return Err(Problem::wrong_credentials());
    };
    api.throttle().succeeded(attempt);
    if let Account::Extension(number) = &account
        && !site
            .directory
            .extension(number)
            .is_some_and(|extension| extension.portal)
    {
        return Err(Problem::portal_off());
    }
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default().chars().take(AGENT_MAX).collect();
    let from = From {
        address: peer.0.ip().to_canonical().to_string(),
        agent,
        stays: match login.stay {
            true => Stays::Long,
            false => Stays::Awhile,
        },
        password: Strength::of(&login.account, &login.password),
    };
    let (stays, strength) = (from.stays, from.password);
    let token = api
        .sessions()
        .begin(api.now(), account.clone(), &site, from)
        .await?;
    tracing::info!(target: "audit", %account, address = %peer.0.ip(), "logged in");
    let me = of(&account, &site, strength)?;
    let cookie = match stays {
        Stays::Long => set_lasting_cookie(&token),
        Stays::Awhile => set_cookie(&token),
    };
    Ok(([(header::SET_COOKIE, cookie)], Json(me)).into_response())
}

/// Who somebody is, if the password is right. Takes as long for nobody as for a user and for an extension.
pub(super) async fn prove(
    api: &Api,
    site: Arc<Site>,
    (account, password): (String, String),
) -> Result<Option<Account>, Problem> {
    let turn = timeout(CHECK_WITHIN, api.checks().acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Problem::busy(
            "too many people log in at this moment; try again",
        ));
    };
    let check = tokio::task::spawn_blocking(move || {
        let user = site.users.get(&account);
        let is_user = password::is_of_somebody(&password, user.map(|user| &*user.password));
        // Nobody's number takes as long as somebody's.
        let number = Number::parse(&account).ok();
        let extension = number.and_then(|number| site.directory.extension(&number));
        let secret = extension.map(|extension| &extension.secret);
        let tried = number.or_else(|| Number::parse("0").ok())?;
        let is_extension = password::is_of_extension(&password, &tried, secret);
        match (is_user, is_extension, number) {
            (true, _, _) => Some(Account::User(account)),
            (false, true, Some(number)) => Some(Account::Extension(number)),
            (false, _, _) => None,
        }
    });
    Ok(check.await.unwrap_or_default())
}

/// Logs out.
#[utoipa::path(delete, path = "/session", tag = "session",
    responses((status = 204, description = "The cookie names nothing any more"), Refused))]
pub(crate) async fn logout(caller: Caller, State(api): State<Api>) -> Result<Response, Problem> {
    if let Some(hash) = &caller.session {
        api.sessions().close(hash).await?;
        tracing::info!(target: "audit", account = %caller.account, "logged out");
    }
    let unset = [(header::SET_COOKIE, unset_cookie())];
    Ok((StatusCode::NO_CONTENT, unset).into_response())
}

/// So much is kept of what a browser calls itself.
const AGENT_MAX: usize = 200;
