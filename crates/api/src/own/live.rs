//! One's own calls of this moment, and what can be done in them without a key (DIAL-06).

use crate::account::{May, Owner};
use crate::events::Shown;
use crate::extract::{Asked, Body, Id};
use crate::page::List;
use crate::problem::{Problem, Refused};
use crate::session::Pages;
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{CallId, Command, Number, TalkCommand};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is to be done in a conversation.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LiveAction {
    /// The other party goes to a `number` (`#`).
    Transfer,
    /// The other party waits while one asks at a `number` (`*2`): `*` comes back, hanging up connects the two.
    Consult,
    /// The other party waits in a parking slot, which is said (`*4`).
    Park,
    /// A recording begins, or ends (`*1`).
    Record,
    /// It becomes a conference (`*0`).
    Confer,
}

/// What somebody asks of his own conversation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskLive {
    /// What is to be done.
    action: LiveAction,
    /// Where to: `transfer` and `consult`; as people paste it.
    #[serde(default)]
    number: Option<String>,
}

/// Lists one's own calls in progress, the oldest first, on whichever phone.
#[utoipa::path(get, path = "/live", tag = "calls", params(Pages),
    responses((status = 200, body = List<Shown>), Refused))]
pub(crate) async fn own_live(
    owner: Owner,
    State(api): State<Api>,
    Asked(pages): Asked<Pages>,
) -> Result<Json<List<Shown>>, Problem> {
    let paging = pages.read()?;
    Ok(Json(paging.cut(api.hub().calls(May::Own(owner.number)))))
}

/// Does in one's own conversation what the keys of a phone do, whichever phone it is on and also where keys are the other
/// party's. What comes of it is told by events; what cannot be done is said to whoever asked, and the conversation goes on.
#[utoipa::path(post, path = "/live/{id}", tag = "calls", params(("id" = u64, Path)), request_body = AskLive,
    responses((status = 204), Refused))]
pub(crate) async fn ask_live(
    owner: Owner,
    State(api): State<Api>,
    Id(call): Id<u64>,
    Body(ask): Body<AskLive>,
) -> Result<StatusCode, Problem> {
    let own = api.hub().calls(May::Own(owner.number));
    if !own.iter().any(|shown| shown.is(CallId(call))) {
        return Err(Problem::not_found());
    }
    let number = || {
        let number = ask.number.as_deref().unwrap_or_default();
        Number::parse_pasted(number)
            .map_err(|error| Problem::field("number", "not-a-number", error))
    };
    let what = match ask.action {
        LiveAction::Transfer => TalkCommand::Transfer(number()?),
        LiveAction::Consult => TalkCommand::Consult(number()?),
        LiveAction::Park => TalkCommand::Park,
        LiveAction::Record if !owner.extension.may_record => {
            return Err(Problem::forbidden(
                "this extension may not record its calls",
            ));
        }
        LiveAction::Record => TalkCommand::Record,
        LiveAction::Confer => TalkCommand::Confer,
    };
    api.backend().command(Command::Talk {
        by: owner.number,
        call: CallId(call),
        what,
    });
    Ok(StatusCode::NO_CONTENT)
}
