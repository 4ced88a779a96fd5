//! Wake-up calls of all extensions, for operators (WU-09).

use crate::account::Operator;
use crate::extract::{Asked, Body, Id};
use crate::own::wake_ups::{Book, WakeUp, booked, is_free, known, save};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use crate::text::Checks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{Change, Number, Weekday};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AllWakeUpsQuery {
    /// Only those of this extension.
    extension: Option<String>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Wake-up calls to book for several extensions.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookForAll {
    /// Who is called.
    #[schema(min_items = 1, example = json!(["101", "102"]))]
    extensions: Vec<String>,
    /// When, RFC 3339: in the future, and within a year.
    at: String,
    /// The days on which they come again at that time of day: `mon` to `sun`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    days: BTreeSet<Weekday>,
}

/// Lists the wake-up calls of all extensions, the next of them first.
#[utoipa::path(get, path = "/admin/wake-ups", tag = "administration", params(AllWakeUpsQuery),
    responses((status = 200, body = List<WakeUp>), Refused))]
pub(crate) async fn admin_wake_ups(
    operator: Operator,
    Asked(query): Asked<AllWakeUpsQuery>,
) -> Result<Json<List<WakeUp>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let zone = zone(&operator.site);
    let wanted = query.extension.unwrap_or_default();
    let all = operator.site.directory.wake_ups.values();
    let all = all.filter(|one| wanted.is_empty() || *one.extension == *wanted);
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|one| (one.at, one.id));
    let List { items, total } = paging.cut(all);
    let items = items.into_iter().map(|one| WakeUp::of(one, &zone));
    Ok(Json(List {
        items: items.collect(),
        total,
    }))
}

/// Books a wake-up call for each of several extensions; for all of them or none.
#[utoipa::path(post, path = "/admin/wake-ups", tag = "administration", request_body = BookForAll,
    responses((status = 201, body = List<WakeUp>),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "One of them has one at that time"),
        Refused))]
pub(crate) async fn admin_book_wake_ups(
    operator: Operator,
    State(api): State<Api>,
    Body(wanted): Body<BookForAll>,
) -> Result<(StatusCode, Json<List<WakeUp>>), Problem> {
    let zone = zone(&operator.site);
    let directory = &operator.site.directory;
    let extensions = wanted.extensions(directory)?;
    let book = Book {
        at: wanted.at,
        days: wanted.days,
    };
    let at = book.at(api.now(), &zone)?;
    for extension in &extensions {
        is_free(directory, *extension, at)?;
    }
    let mut items = Vec::new();
    for extension in extensions {
        let booked = booked(&api, extension, at, &book.days).await?;
        tracing::info!(target: "audit", account = %operator.account, %extension, "a wake-up call was booked");
        items.push(WakeUp::of(&booked, &zone));
    }
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Ok((StatusCode::CREATED, Json(List { items, total })))
}

/// Moves a wake-up call to another time or other days.
#[utoipa::path(put, path = "/admin/wake-ups/{id}", tag = "administration", params(("id" = u64, Path)),
    request_body = Book, responses((status = 200, body = WakeUp), Refused))]
pub(crate) async fn admin_move_wake_up(
    operator: Operator,
    State(api): State<Api>,
    Id(id): Id<u64>,
    Body(book): Body<Book>,
) -> Result<Json<WakeUp>, Problem> {
    let zone = zone(&operator.site);
    let was = known(&operator.site, id)?;
    let moved = model::WakeUp {
        at: book.at(api.now(), &zone)?,
        days: book.days,
        snoozed: 0,
        ..was.clone()
    };
    if moved.at != was.at {
        is_free(&operator.site.directory, was.extension, moved.at)?;
    }
    save(&api, &moved).await?;
    Ok(Json(WakeUp::of(&moved, &zone)))
}

/// Cancels a wake-up call.
#[utoipa::path(delete, path = "/admin/wake-ups/{id}", tag = "administration", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn admin_cancel_wake_up(
    operator: Operator,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    let found = known(&operator.site, id)?;
    api.change(Change::CancelWakeUp(found.id)).await?;
    tracing::info!(target: "audit", account = %operator.account, extension = %found.extension, "a wake-up call was cancelled");
    Ok(StatusCode::NO_CONTENT)
}

impl BookForAll {
    fn extensions(&self, directory: &model::Directory) -> Result<BTreeSet<Number>, Problem> {
        let mut checks = Checks::default();
        let mut extensions = BTreeSet::new();
        if self.extensions.is_empty() {
            checks.add("extensions", "empty", "names nobody");
        }
        for (place, extension) in self.extensions.iter().enumerate() {
            let field = format!("extensions[{place}]");
            let number = Number::parse(extension).ok();
            match number.filter(|number| directory.extensions.contains_key(number)) {
                Some(number) => {
                    extensions.insert(number);
                }
                None => checks.add(field, "unknown-extension", "is no extension"),
            }
        }
        checks.done()?;
        Ok(extensions)
    }
}
