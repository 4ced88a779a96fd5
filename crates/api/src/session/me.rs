//! Who one is.

use crate::account::{Account, Caller, May, Owner};
use crate::extract::Body;
use crate::own::agent::Agent;
use crate::password::Strength;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use model::{Language, Number, Role, Site};
use serde::{Deserialize, Serialize};
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
    /// Whether it may record its own calls.
    may_record: bool,
    /// Whether it answers calls of a queue, or could (`agent`).
    is_agent: bool,
    /// Whether it has conference rooms to go to.
    may_confer: bool,
    /// Whether the mailbox still has the PIN that everybody knows (SET-05).
    voicemail_pin_is_default: bool,
    /// Whether the password is among the first that anybody would try; it should be changed before anything else.
    password_is_weak: bool,
}

/// What one wishes to change of oneself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wished {
    /// `zh-CN`, `en`, or empty for the site's: of the portal, and of what one's phone is told.
    #[schema(example = "zh-CN")]
    language: String,
}

/// Tells who is logged in.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = Me), Refused))]
pub(crate) async fn me(caller: Caller, State(api): State<Api>) -> Result<Json<Me>, Problem> {
    Ok(Json(asking(&api, &caller, &caller.site)?))
}

/// Changes the language of an extension.
#[utoipa::path(patch, path = "/me", tag = "session", request_body = Wished,
    responses((status = 200, body = Me), Refused))]
pub(crate) async fn wish(
    caller: Caller,
    owner: Owner,
    State(api): State<Api>,
    Body(wished): Body<Wished>,
) -> Result<Json<Me>, Problem> {
    let language = match &*wished.language {
        "" => None,
        "zh-CN" => Some(Language::Chinese),
        "en" => Some(Language::English),
        _ => {
            let detail = "must be zh-CN, en, or empty";
            return Err(Problem::field("language", "unknown-language", detail));
        }
    };
    api.edit(owner.number, move |extension| extension.language = language)
        .await?;
    Ok(Json(asking(&api, &caller, &api.store().site())?))
}

fn asking(api: &Api, caller: &Caller, site: &Site) -> Result<Me, Problem> {
    let session = caller.session.as_deref();
    let strength = session.map(|hash| api.sessions().password(hash));
    told(
        &caller.account,
        caller.may,
        site,
        strength.unwrap_or_default(),
    )
}

/// Whoever has just logged in.
pub(super) fn of(account: &Account, site: &Site, strength: Strength) -> Result<Me, Problem> {
    let may = match account {
        Account::Extension(number) => May::Own(*number),
        Account::User(name) => match site.users.get(name).map(|user| user.role) {
            Some(Role::Admin) => May::Administer,
            Some(Role::Operator) => May::Operate,
            None => return Err(Problem::not_authenticated()),
        },
        Account::Token(_) => return Err(Problem::not_authenticated()),
    };
    told(account, may, site, strength)
}

fn told(account: &Account, may: May, site: &Site, strength: Strength) -> Result<Me, Problem> {
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
        may_record: extension.is_some_and(|extension| extension.may_record),
        is_agent: number.is_some_and(|number| Agent::of(directory, number).is_any()),
        may_confer: extension.is_some() && !directory.rooms.is_empty(),
        voicemail_pin_is_default: extension
            .is_some_and(|extension| extension.voicemail && extension.voicemail_pin == DEFAULT_PIN),
        password_is_weak: strength == Strength::Weak,
        account: plain,
    })
}

/// The manual's PIN of every mailbox (§1.9).
const DEFAULT_PIN: &str = "1234";
