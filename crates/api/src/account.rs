//! Who asks, and what he may.

use crate::problem::Problem;
use crate::state::Api;
use crate::web::{COOKIE, bearer, cookie};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use model::{Extension, Number, Role, Site};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Account {
    /// The owner of an extension.
    Extension(Number),
    /// Somebody who administers, by name.
    User(String),
    /// A script, by the name of its token.
    Token(String),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(number) => write!(f, "{number}"),
            Self::User(name) => f.write_str(name),
            Self::Token(name) => write!(f, "token {name}"),
        }
    }
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    /// See to his own extension.
    Own(Number),
    /// See to contacts, blacklist and records.
    Operate,
    /// Everything.
    Administer,
}

/// Whoever makes a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: Account,
    pub(crate) may: May,
    /// The hash of the cookie's token, when there is one.
    pub(crate) session: Option<String>,
    /// The configuration by which he was judged.
    pub(crate) site: Arc<Site>,
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let site = api.store().site();
        let headers = &parts.headers;
        if let Some(token) = bearer(headers) {
            let (name, role) = api
                .tokens()
                .of(token)
                .ok_or_else(Problem::not_authenticated)?;
            return Ok(Self {
                account: Account::Token(name),
                may: May::of(role),
                session: None,
                site,
            });
        }
        let token = cookie(headers, COOKIE).ok_or_else(Problem::not_authenticated)?;
        let found = api.sessions().seen(api.now(), token, &site);
        let (hash, account) = found.ok_or_else(Problem::not_authenticated)?;
        is_meant(&parts.method, headers)?;
        let may = match &account {
            Account::Extension(number) => May::Own(*number),
            Account::User(name) => {
                let user = site
                    .users
                    .get(name)
                    .ok_or_else(Problem::not_authenticated)?;
                May::of(user.role)
            }
            Account::Token(_) => return Err(Problem::not_authenticated()),
        };
        Ok(Self {
            account,
            may,
            session: Some(hash),
            site,
        })
    }
}

impl May {
    pub(crate) const fn of(role: Role) -> Self {
        match role {
            Role::Admin => Self::Administer,
            Role::Operator => Self::Operate,
        }
    }
}

/// A page of another origin can send a cookie, but not this header (GEN-06).
fn is_meant(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    if reads || headers.get("x-bellwire").is_some_and(|value| value == "1") {
        return Ok(());
    }
    let detail = "a request that changes something needs the header X-Bellwire: 1";
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "header-missing",
        detail,
    ))
}

/// The owner of an extension.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) number: Number,
    pub(crate) extension: Arc<Extension>,
    pub(crate) site: Arc<Site>,
}

impl FromRequestParts<Api> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, api).await?;
        let May::Own(number) = caller.may else {
            return Err(Problem::forbidden(
                "this belongs to an extension; log in with its number",
            ));
        };
        let extension = caller.site.directory.extensions.get(&number);
        let extension = extension.ok_or_else(Problem::not_authenticated)?;
        Ok(Self {
            number,
            extension: Arc::clone(extension),
            site: caller.site,
        })
    }
}

/// Somebody who operates or administers.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    pub(crate) account: Account,
    pub(crate) site: Arc<Site>,
}

impl FromRequestParts<Api> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, api).await?;
        match caller.may {
            May::Operate | May::Administer => Ok(Self {
                account: caller.account,
                site: caller.site,
            }),
            May::Own(_) => Err(Problem::forbidden(
                "this is for operators and administrators",
            )),
        }
    }
}

/// Somebody who administers.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) account: Account,
    pub(crate) site: Arc<Site>,
}

impl FromRequestParts<Api> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, api).await?;
        match caller.may {
            May::Administer => Ok(Self {
                account: caller.account,
                site: caller.site,
            }),
            May::Own(_) | May::Operate => Err(Problem::forbidden("this is for administrators")),
        }
    }
}
