//! Errors as the interface tells them (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt;
use store::{ReadError, WriteError};
use utoipa::ToSchema;

/// Why a request was refused. `code` never changes its meaning, so that programs and translations can rely on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: `code` says more than a page could.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// The status in words.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, for programs.
    #[schema(value_type = String, example = "not-found")]
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
    /// What is wrong with each field, for `invalid`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field: `rules[0].to`; a query parameter by its name.
    field: String,
    /// What is wrong, for programs.
    #[schema(value_type = String, example = "own-number")]
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
}

impl FieldError {
    pub(crate) fn new(
        field: impl Into<String>,
        code: &'static str,
        detail: impl fmt::Display,
    ) -> Self {
        Self {
            field: field.into(),
            code,
            detail: detail.to_string(),
        }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl fmt::Display) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.to_string(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// Nobody is logged in, or no longer.
    pub(crate) fn not_authenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not-authenticated",
            "log in first: POST /api/v1/session, or send Authorization: Bearer TOKEN",
        )
    }

    /// One answer for unknown accounts and for wrong passwords (GEN-05).
    pub(crate) fn wrong_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong-credentials",
            "account or password is wrong",
        )
    }

    /// One answer for every PIN that is not the right one.
    pub(crate) fn wrong_pin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "wrong-pin", "the PIN is wrong")
    }

    pub(crate) fn portal_off() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "portal-off",
            "the extension portal is switched off; please contact your administrator",
        )
    }

    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// Nothing is there, or nothing that concerns whoever asks (GEN-15).
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is no such thing")
    }

    pub(crate) fn conflict(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub(crate) fn too_many(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, "too-many", detail)
    }

    pub(crate) fn throttled(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-attempts",
                "too many wrong passwords; wait some minutes and try again",
            )
        }
    }

    pub(crate) fn busy(detail: &str) -> Self {
        Self {
            retry_after_s: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
        }
    }

    /// The fields are not as they must be; none of the request was done.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let first = errors.first();
        let detail = first.map_or_else(String::new, |error| {
            format!("`{}` {}", error.field, error.detail)
        });
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
        }
    }

    /// One field is not as it must be.
    pub(crate) fn field(field: &str, code: &'static str, detail: impl fmt::Display) -> Self {
        Self::invalid(vec![FieldError::new(field, code, detail)])
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        tracing::error!(%error, "a change made through the API was not saved");
        match error {
            WriteError::Busy => Self::busy("too much waits for the disk; try again"),
            WriteError::Gone => Self::not_found(),
            WriteError::Refused(_) | WriteError::Closed => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "not-saved",
                "the change could not be saved, nothing was changed; the server's log says why",
            ),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a question asked through the API was not answered");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the question could not be answered; the server's log says why",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What is refused, as every route tells it.
#[derive(utoipa::IntoResponses)]
pub(crate) enum Refused {
    /// Nobody is logged in, or no longer.
    #[response(status = 401, content_type = "application/problem+json")]
    #[allow(dead_code, reason = "only describes")]
    NotAuthenticated(Problem),
    /// It concerns whoever asks, but he may not.
    #[response(status = 403, content_type = "application/problem+json")]
    #[allow(dead_code, reason = "only describes")]
    Forbidden(Problem),
    /// There is no such thing, or it does not concern whoever asks.
    #[response(status = 404, content_type = "application/problem+json")]
    #[allow(dead_code, reason = "only describes")]
    NotFound(Problem),
    /// Something is wrong with the fields in `errors`.
    #[response(status = 422, content_type = "application/problem+json")]
    #[allow(dead_code, reason = "only describes")]
    Invalid(Problem),
}
