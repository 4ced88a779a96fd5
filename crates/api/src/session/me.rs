//! Who one is.

use crate::account::{Account, Caller, May};
use crate::problem::{Problem, Refused};
use axum::Json;
use model::{Language, Number, Role, Site};
use serde::Serialize;
use utoipa::ToSchema;

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Me {
    /// What was logged in with: a number, a user's name, a token's name.
    account: String,
    /// `extension`, `operator` or `admin`.
    #[schema(value_type = String, example = "extension")]
    role: &'static str,
    /// The extension; null for users and tokens.
    #[schema(value_type = Option<String>)]
    number: Option<Number>,
    /// The name to show.
    name: String,
    /// `zh-CN` or `en`.
    #[schema(value_type = String, example = "zh-CN")]
    language: &'static str,
    /// The site's time zone, by its IANA name.
    timezone: String,
    /// The site's name.
    site: String,
    /// Whether it may listen to others' calls.
    may_monitor: bool,
}

/// Tells who is logged in.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = Me), Refused))]
pub(crate) async fn me(caller: Caller) -> Result<Json<Me>, Problem> {
    Ok(Json(told(&caller.account, caller.may, &caller.site)?))
}

/// Whoever has just logged in.
pub(super) fn of(account: &Account, site: &Site) -> Result<Me, Problem> {
    let may = match account {
        Account::Extension(number) => May::Own(*number),
        Account::User(name) => match site.users.get(name).map(|user| user.role) {
            Some(Role::Admin) => May::Administer,
            Some(Role::Operator) => May::Operate,
            None => return Err(Problem::not_authenticated()),
        },
        Account::Token(_) => return Err(Problem::not_authenticated()),
    };
    told(account, may, site)
}

fn told(account: &Account, may: May, site: &Site) -> Result<Me, Problem> {
    let directory = &site.directory;
    let plain = match account {
        Account::Extension(number) => number.to_string(),
        Account::User(name) | Account::Token(name) => name.clone(),
    };
    let (role, number) = match may {
        May::Own(number) => ("extension", Some(number)),
        May::Operate => ("operator", None),
        May::Administer => ("admin", None),
    };
    let extension = match number {
        Some(number) => Some(
            directory
                .extension(&number)
                .ok_or_else(Problem::not_authenticated)?,
        ),
        None => None,
    };
    Ok(Me {
        role,
        number,
        name: extension.map_or_else(|| plain.clone(), |extension| extension.name.clone()),
        language: match directory.language(number.as_ref()) {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        },
        timezone: directory.system.timezone.clone(),
        site: directory.system.name.clone(),
        may_monitor: extension.is_some_and(|extension| extension.may_monitor),
        account: plain,
    })
}
