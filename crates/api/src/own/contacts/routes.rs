//! Contacts as the owner of an extension sees them.

use super::{Book, Contact, ContactsQuery, Given};
use crate::account::Owner;
use crate::extract::{Asked, Body, Id};
use crate::page::List;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// Lists the company's contacts and one's own, by name.
#[utoipa::path(get, path = "/contacts", tag = "people", params(ContactsQuery),
    responses((status = 200, body = List<Contact>), Refused))]
pub(crate) async fn contacts(
    owner: Owner,
    State(api): State<Api>,
    Asked(query): Asked<ContactsQuery>,
) -> Result<Json<List<Contact>>, Problem> {
    let book = Book::of(&api, &owner.site, owner.number);
    Ok(Json(book.list(&query).await?))
}

/// Adds a contact that other extensions do not see.
#[utoipa::path(post, path = "/contacts", tag = "people", request_body = Given,
    responses((status = 201, body = Contact), Refused))]
pub(crate) async fn add_contact(
    owner: Owner,
    State(api): State<Api>,
    Body(given): Body<Given>,
) -> Result<(StatusCode, Json<Contact>), Problem> {
    let book = Book::of(&api, &owner.site, owner.number);
    Ok((StatusCode::CREATED, Json(book.add(given).await?)))
}

/// Edits one's own contact.
#[utoipa::path(put, path = "/contacts/{id}", tag = "people", params(("id" = u64, Path)), request_body = Given,
    responses((status = 200, body = Contact), Refused))]
pub(crate) async fn edit_contact(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
    Body(given): Body<Given>,
) -> Result<Json<Contact>, Problem> {
    let book = Book::of(&api, &owner.site, owner.number);
    Ok(Json(book.edit(id, given).await?))
}

/// Removes one's own contact.
#[utoipa::path(delete, path = "/contacts/{id}", tag = "people", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn remove_contact(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    let book = Book::of(&api, &owner.site, owner.number);
    book.remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
