//! Callers from outside that are refused (manual §2.5, BL-07).

use crate::account::{Account, Operator};
use crate::extract::{Asked, Body, Id};
use crate::limits::BLACKLIST_MAX;
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use crate::text::Checks;
use crate::time::Zone;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{Blacklisted, Change, Directory, Number, Numbering, Site};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A caller that is refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Blocked {
    /// The number.
    #[schema(value_type = String, example = "02800000000")]
    number: Number,
    /// Why, in the words of who listed it.
    note: String,
    /// Who listed it: an extension's number or a user's name; empty: the site file.
    added_by: String,
    /// When, RFC 3339; null when that is not known.
    added_at: Option<String>,
    /// How many calls were refused.
    hits: u64,
}

/// A caller that shall be refused. What only we say may be given back; it does not count.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    /// The number, as people paste it.
    #[schema(example = "028 0000-0000")]
    number: String,
    /// Why.
    #[serde(default)]
    note: String,
    #[serde(default, rename = "added_by")]
    _added_by: Option<String>,
    #[serde(default, rename = "added_at")]
    _added_at: Option<String>,
    #[serde(default, rename = "hits")]
    _hits: Option<u64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BlacklistQuery {
    /// Part of a number or note.
    q: Option<String>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists who is refused, by number.
#[utoipa::path(get, path = "/admin/blacklist", tag = "administration", params(BlacklistQuery),
    responses((status = 200, body = List<Blocked>), Refused))]
pub(crate) async fn blacklist(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<BlacklistQuery>,
) -> Result<Json<List<Blocked>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let wanted = query.q.unwrap_or_default().trim().to_lowercase();
    let listed = operator.site.directory.blacklist.values();
    let listed = listed.filter(|listed| {
        listed.number.contains(&*wanted) || listed.note.to_lowercase().contains(&wanted)
    });
    let List { items, total } = paging.cut(listed.collect());
    let hits = api.store().blacklist_hits().await?;
    let zone = zone(&operator.site);
    Ok(Json(List {
        items: items
            .into_iter()
            .map(|listed| told(listed, &hits, &zone))
            .collect(),
        total,
    }))
}

/// Refuses a caller from here on.
#[utoipa::path(post, path = "/admin/blacklist", tag = "administration", request_body = Block,
    responses((status = 201, body = Blocked),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "It is listed already"),
        Refused))]
pub(crate) async fn block(
    operator: Operator,
    State(api): State<Api>,
    Body(block): Body<Block>,
) -> Result<(StatusCode, Json<Blocked>), Problem> {
    let directory = &operator.site.directory;
    let (number, note) = block.read(directory)?;
    let spellings = Numbering::of(directory, None).spellings(&number);
    if spellings
        .iter()
        .any(|number| directory.blacklist.contains_key(number))
    {
        return Err(Problem::conflict(
            "already-listed",
            "the number is on the list already",
        ));
    }
    if directory.blacklist.len() >= BLACKLIST_MAX {
        return Err(Problem::too_many("the list is full; remove some first"));
    }
    let listed = Blacklisted {
        number,
        note,
        added_by: by(&operator.account),
        added_at: Some(api.now()),
    };
    let site = api.change(Change::Block(listed)).await?;
    tracing::info!(target: "audit", account = %operator.account, %number, "a number was blocked");
    let blocked = one(&api, &site, &number).await?;
    Ok((StatusCode::CREATED, Json(blocked)))
}

/// Edits the note of a caller that is refused.
#[utoipa::path(put, path = "/admin/blacklist/{number}", tag = "administration", params(("number" = String, Path)),
    request_body = Block, responses((status = 200, body = Blocked), Refused))]
pub(crate) async fn edit_blocked(
    operator: Operator,
    State(api): State<Api>,
    Id(number): Id<String>,
    Body(block): Body<Block>,
) -> Result<Json<Blocked>, Problem> {
    let number = listed(&operator, &number)?;
    let (given, note) = block.read(&operator.site.directory)?;
    if given != number {
        return Err(Problem::field(
            "number",
            "read-only",
            "cannot be changed; add the other number",
        ));
    }
    let saved = api.store().change(move |site| {
        let mut directory = (*site.directory).clone();
        let listed = directory.blacklist.get_mut(&number)?;
        Arc::make_mut(listed).note = note;
        Some(Site {
            directory: Arc::new(directory),
            ..site.clone()
        })
    });
    Ok(Json(one(&api, &*saved.await?, &number).await?))
}

/// Lets a caller through again.
#[utoipa::path(delete, path = "/admin/blacklist/{number}", tag = "administration", params(("number" = String, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn unblock(
    operator: Operator,
    State(api): State<Api>,
    Id(number): Id<String>,
) -> Result<StatusCode, Problem> {
    let number = listed(&operator, &number)?;
    api.change(Change::Unblock(number)).await?;
    tracing::info!(target: "audit", account = %operator.account, %number, "a number was unblocked");
    Ok(StatusCode::NO_CONTENT)
}

impl Block {
    /// Numbers inside cannot be listed (BL-06), nor can the site's own.
    fn read(&self, directory: &Directory) -> Result<(Number, String), Problem> {
        let mut checks = Checks::default();
        let number = checks.number("number", &self.number);
        let note = checks.line("note", &self.note);
        if let Some(number) = &number {
            let numbering = Numbering::of(directory, None);
            let mut own = directory.trunks.values().flat_map(|trunk| &trunk.numbers);
            if directory.extensions.contains_key(number) {
                checks.add("number", "internal-number", "is an extension");
            } else if own.any(|own| numbering.same(own, number)) {
                checks.add("number", "own-number", "is a number of this site");
            } else if directory.is_emergency(number) {
                checks.add("number", "emergency-number", "is an emergency number");
            } else if number.contains(['*', '#']) {
                checks.add("number", "not-a-number", "is no number of a caller");
            }
        }
        checks.done()?;
        let number = number.ok_or_else(Problem::not_found)?;
        Ok((number, note))
    }
}

fn by(account: &Account) -> String {
    match account {
        Account::Extension(number) => number.to_string(),
        Account::User(name) | Account::Token(name) => name.clone(),
    }
}

/// A number of the path that is on the list.
fn listed(operator: &Operator, text: &str) -> Result<Number, Problem> {
    let number = Number::parse(text).map_err(|_| Problem::not_found())?;
    let is_listed = operator.site.directory.blacklist.contains_key(&number);
    is_listed.then_some(number).ok_or_else(Problem::not_found)
}

async fn one(api: &Api, site: &Site, number: &Number) -> Result<Blocked, Problem> {
    let listed = site.directory.blacklist.get(number);
    let listed = listed.ok_or_else(Problem::not_found)?;
    let hits = api.store().blacklist_hits().await?;
    Ok(told(listed, &hits, &zone(site)))
}

fn told(listed: &Blacklisted, hits: &BTreeMap<Number, u64>, zone: &Zone) -> Blocked {
    Blocked {
        number: listed.number,
        note: listed.note.clone(),
        added_by: listed.added_by.clone(),
        added_at: listed.added_at.map(|at| zone.written(at)),
        hits: hits.get(&listed.number).copied().unwrap_or_default(),
    }
}
