//! Everybody inside, with what he is doing (manual §1.3).

use crate::account::Caller;
use crate::extract::Asked;
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use model::{ExtensionState, Number};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An extension as others see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Its number.
    #[schema(value_type = String, example = "100")]
    number: Number,
    /// Its owner's name; the number when there is none (EXT-02).
    name: String,
    /// `idle`, `ringing`, `in-use`, `unavailable` or `dnd`.
    #[schema(value_type = String, example = "idle")]
    state: ExtensionState,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DirectoryQuery {
    /// Part of a name or number.
    q: Option<String>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists all extensions by number, with their states at this moment.
#[utoipa::path(get, path = "/directory", tag = "people", params(DirectoryQuery),
    responses((status = 200, body = List<Entry>), Refused))]
pub(crate) async fn directory(
    caller: Caller,
    State(api): State<Api>,
    Asked(query): Asked<DirectoryQuery>,
) -> Result<Json<List<Entry>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let states = api.hub().states();
    let wanted = query.q.unwrap_or_default().trim().to_lowercase();
    let extensions = caller.site.directory.extensions.values();
    let entries = extensions
        .filter(|extension| {
            extension.number.contains(&*wanted) || extension.name.to_lowercase().contains(&wanted)
        })
        .map(|extension| Entry {
            number: extension.number,
            name: extension.name.clone(),
            state: states
                .get(&extension.number)
                .copied()
                .unwrap_or(ExtensionState::Unavailable),
        });
    Ok(Json(paging.cut(entries.collect())))
}
