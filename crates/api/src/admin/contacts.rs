//! All contacts: the company's, and each extension's own with its owner (CON-08).

use crate::account::Operator;
use crate::extract::{Asked, Body, Id};
use crate::own::contacts::{Book, Contact, ContactsQuery, Given};
use crate::page::List;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// Lists all contacts by name.
#[utoipa::path(get, path = "/admin/contacts", tag = "administration", params(ContactsQuery),
    responses((status = 200, body = List<Contact>), Refused))]
pub(crate) async fn admin_contacts(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<ContactsQuery>,
) -> Result<Json<List<Contact>>, Problem> {
    Ok(Json(Book::of_all(&api, &operator.site).list(&query).await?))
}

/// Adds a contact of the company, which all extensions see (CON-07).
#[utoipa::path(post, path = "/admin/contacts", tag = "administration", request_body = Given,
    responses((status = 201, body = Contact), Refused))]
pub(crate) async fn admin_add_contact(
    operator: Operator,
    State(api): State<Api>,
    Body(given): Body<Given>,
) -> Result<(StatusCode, Json<Contact>), Problem> {
    let added = Book::of_all(&api, &operator.site).add(given).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Edits a contact, whosever it is.
#[utoipa::path(put, path = "/admin/contacts/{id}", tag = "administration", params(("id" = u64, Path)),
    request_body = Given, responses((status = 200, body = Contact), Refused))]
pub(crate) async fn admin_edit_contact(
    operator: Operator,
    State(api): State<Api>,
    Id(id): Id<u64>,
    Body(given): Body<Given>,
) -> Result<Json<Contact>, Problem> {
    Ok(Json(
        Book::of_all(&api, &operator.site).edit(id, given).await?,
    ))
}

/// Removes a contact, whosever it is.
#[utoipa::path(delete, path = "/admin/contacts/{id}", tag = "administration", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn admin_remove_contact(
    operator: Operator,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    Book::of_all(&api, &operator.site).remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
