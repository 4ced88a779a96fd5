//! Changing one's own password.

use crate::account::{Account, Caller};
use crate::extract::Body;
use crate::limits::{LOGIN_TEXT_MAX, PASSWORD_MIN};
use crate::password::{self, Strength};
use crate::problem::{Problem, Refused};
use crate::session::login::prove;
use crate::state::Api;
use crate::web::Peer;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use model::{Secret, Site};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// The one that is to be replaced.
    #[schema(write_only)]
    current: String,
    /// At least 8 characters, and none that everybody would try.
    #[schema(write_only)]
    new: String,
}

/// Changes one's own password.
///
/// That of an extension is also its SIP password: phones must be told the new one. Other sessions end; this one, and the pages
/// that are phones by it, go on.
#[utoipa::path(put, path = "/password", tag = "session", request_body = Changed,
    responses((status = 204),
        (status = 429, body = Problem, content_type = "application/problem+json",
            description = "Too many wrong passwords"),
        Refused))]
pub(crate) async fn set_password(
    caller: Caller,
    State(api): State<Api>,
    peer: Option<Extension<Peer>>,
    Body(changed): Body<Changed>,
) -> Result<StatusCode, Problem> {
    let hash = caller.session.as_deref().ok_or_else(|| {
        Problem::forbidden("a token has no password; an administrator makes another")
    })?;
    let account = caller.account.to_string();
    let peer = peer.map_or(Peer::UNKNOWN, |Extension(peer)| peer);
    let attempt = api
        .throttle()
        .attempt(api.now(), peer.network(), &account)
        .map_err(Problem::throttled)?;
    let known = (account.clone(), changed.current.clone());
    if prove(&api, Arc::clone(&caller.site), known).await?.as_ref() != Some(&caller.account) {
        return Err(Problem::field(
            "current",
            "wrong-credentials",
            "is not your password",
        ));
    }
    api.throttle().succeeded(attempt);
    check(&account, &changed)?;
    let made = make(&api, &caller.account, changed.new).await?;
    api.sessions().expect(hash, made.bytes());
    let account = caller.account.clone();
    let saved = api.store().change(move |site| made.put(site, &account));
    let saved = saved.await.map_err(Problem::from);
    let site = saved.as_ref().map_or(&caller.site, |site| site);
    api.sessions().settle(hash, site).await?;
    saved?;
    tracing::info!(target: "audit", account = %caller.account, "the password was changed");
    Ok(StatusCode::NO_CONTENT)
}

fn check(account: &str, changed: &Changed) -> Result<(), Problem> {
    let refused = |code, detail: &str| Err(Problem::field("new", code, detail));
    let length = changed.new.chars().count();
    if length < PASSWORD_MIN {
        return refused("too-short", "is shorter than 8 characters");
    }
    if changed.new.len() > LOGIN_TEXT_MAX {
        return refused("too-long", "is too long");
    }
    if changed.new.chars().any(char::is_control) || changed.new.trim() != changed.new {
        return refused(
            "control-character",
            "begins or ends with a space, or has control characters in it",
        );
    }
    if Strength::of(account, &changed.new) == Strength::Weak {
        return refused("weak", "is among the first that anybody would try");
    }
    if changed.new == changed.current {
        return refused("unchanged", "is the one that you have");
    }
    Ok(())
}

/// What is kept of a password.
enum Made {
    Extension(Secret),
    User(String),
}

async fn make(api: &Api, account: &Account, new: String) -> Result<Made, Problem> {
    if let Account::Extension(number) = account {
        return Ok(Made::Extension(api.backend().secret(number, &new)));
    }
    let hash = tokio::task::spawn_blocking(move || password::hash(&new)).await;
    let hash = hash.ok().flatten();
    hash.map(Made::User)
        .ok_or_else(|| Problem::busy("the password cannot be kept; try again"))
}

impl Made {
    /// What sessions are bound to.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Extension(secret) => &secret.sha256,
            Self::User(hash) => hash.as_bytes(),
        }
    }

    fn put(self, site: &Site, account: &Account) -> Option<Site> {
        let mut site = site.clone();
        match (self, account) {
            (Self::Extension(secret), Account::Extension(number)) => {
                let mut directory = (*site.directory).clone();
                Arc::make_mut(directory.extensions.get_mut(number)?).secret = secret;
                site.directory = Arc::new(directory);
            }
            (Self::User(hash), Account::User(name)) => {
                Arc::make_mut(site.users.get_mut(name)?).password = hash;
            }
            (Self::Extension(_) | Self::User(_), _) => return None,
        }
        Some(site)
    }
}
