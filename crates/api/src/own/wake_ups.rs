//! Wake-up calls (manual §2.9): what `*55` books, as a list.

use crate::account::Owner;
use crate::extract::{Asked, Body, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::session::random_id;
use crate::state::{Api, zone};
use crate::time::Zone;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{Change, Directory, Number, Site, WakeUpId, Wall, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// A wake-up call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct WakeUp {
    /// Its name, for ever.
    pub(crate) id: u64,
    /// Who is called.
    #[schema(value_type = String, example = "101")]
    pub(crate) extension: Number,
    /// When; of one that repeats, the next time. RFC 3339.
    #[schema(example = "2026-03-06T14:56:00+08:00")]
    pub(crate) at: String,
    /// The days on which it comes again at that time of day: `mon` to `sun`; empty: it comes once.
    #[schema(value_type = Vec<String>)]
    pub(crate) days: BTreeSet<Weekday>,
}

/// A wake-up call to book.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    /// When, RFC 3339: in the future, and within a year.
    #[schema(example = "2026-03-06T14:56:00+08:00")]
    pub(crate) at: String,
    /// The days on which it comes again at that time of day: `mon` to `sun`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub(crate) days: BTreeSet<Weekday>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WakeUpQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

impl WakeUp {
    pub(crate) fn of(wake_up: &model::WakeUp, zone: &Zone) -> Self {
        Self {
            id: wake_up.id.0,
            extension: wake_up.extension,
            at: zone.written(wake_up.at),
            days: wake_up.days.clone(),
        }
    }
}

impl Book {
    /// The moment, if somebody can be woken then.
    pub(crate) fn at(&self, now: Wall, zone: &Zone) -> Result<Wall, Problem> {
        let wrong = |code, detail| Problem::field("at", code, detail);
        let at = zone.beginning(&self.at).map_err(|_| {
            wrong(
                "not-a-time",
                "is no time of the form 2026-03-06T14:56:00+08:00",
            )
        })?;
        if at <= now {
            return Err(wrong("past", "is not in the future"));
        }
        if at.0 - now.0 > A_YEAR_MS {
            return Err(wrong("too-late", "is more than a year ahead"));
        }
        Ok(at)
    }
}

/// Whether an extension can be woken at a moment: it has no other call then, and not too many (WU-09).
pub(crate) fn is_free(directory: &Directory, extension: Number, at: Wall) -> Result<(), Problem> {
    let known = directory.wake_ups_of(&extension);
    if known.iter().any(|known| known.at == at) {
        return Err(taken(extension));
    }
    if known.len() >= model::WakeUp::MAX {
        let count = known.len();
        let detail = format_args!("{extension} has {count} wake-up calls; cancel some first");
        return Err(Problem::too_many(detail));
    }
    Ok(())
}

/// Books a wake-up call.
pub(crate) async fn booked(
    api: &Api,
    extension: Number,
    at: Wall,
    days: &BTreeSet<Weekday>,
) -> Result<model::WakeUp, Problem> {
    let wake_up = model::WakeUp {
        id: WakeUpId(random_id()?),
        extension,
        at,
        days: days.clone(),
        snoozed: 0,
    };
    save(api, &wake_up).await?;
    Ok(wake_up)
}

/// Saves a wake-up call, unless somebody was quicker and booked that moment.
pub(crate) async fn save(api: &Api, wake_up: &model::WakeUp) -> Result<(), Problem> {
    let site = api.change(Change::BookWakeUp(wake_up.clone())).await?;
    let saved = site.directory.wake_ups.get(&wake_up.id);
    let is_saved = saved.is_some_and(|saved| **saved == *wake_up);
    is_saved
        .then_some(())
        .ok_or_else(|| taken(wake_up.extension))
}

fn taken(extension: Number) -> Problem {
    let detail = format_args!("{extension} has a wake-up call at that time");
    Problem::conflict("already-booked", detail)
}

/// Lists the wake-up calls of an extension, the next of them first.
#[utoipa::path(get, path = "/wake-ups", tag = "wake-up calls", params(WakeUpQuery),
    responses((status = 200, body = List<WakeUp>), Refused))]
pub(crate) async fn wake_ups(
    owner: Owner,
    Asked(query): Asked<WakeUpQuery>,
) -> Result<Json<List<WakeUp>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let zone = zone(&owner.site);
    let own = owner.site.directory.wake_ups_of(&owner.number);
    let List { items, total } = paging.cut(own);
    let items = items.into_iter().map(|one| WakeUp::of(one, &zone));
    Ok(Json(List {
        items: items.collect(),
        total,
    }))
}

/// Books a wake-up call.
#[utoipa::path(post, path = "/wake-ups", tag = "wake-up calls", request_body = Book,
    responses((status = 201, body = WakeUp),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "There is one at that time"),
        Refused))]
pub(crate) async fn book_wake_up(
    owner: Owner,
    State(api): State<Api>,
    Body(book): Body<Book>,
) -> Result<(StatusCode, Json<WakeUp>), Problem> {
    let zone = zone(&owner.site);
    let at = book.at(api.now(), &zone)?;
    is_free(&owner.site.directory, owner.number, at)?;
    let booked = booked(&api, owner.number, at, &book.days).await?;
    Ok((StatusCode::CREATED, Json(WakeUp::of(&booked, &zone))))
}

/// Cancels a wake-up call.
#[utoipa::path(delete, path = "/wake-ups/{id}", tag = "wake-up calls", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn cancel_wake_up(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    let found = known(&owner.site, id)?;
    if found.extension != owner.number {
        return Err(Problem::not_found());
    }
    api.change(Change::CancelWakeUp(found.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A wake-up call of a configuration.
pub(crate) fn known(site: &Site, id: u64) -> Result<&model::WakeUp, Problem> {
    let found = site.directory.wake_ups.get(&model::WakeUpId(id));
    found.map(|found| &**found).ok_or_else(Problem::not_found)
}

const A_YEAR_MS: i64 = 366 * 24 * 60 * 60 * 1_000;
