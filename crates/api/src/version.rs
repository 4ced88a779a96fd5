//! Two windows on one resource: what one of them saved is not overwritten by the other without being seen (CFW-06).
//!
//! `GET` gives a version as `ETag`; a `PUT` that names it in `If-Match` is refused when something else was saved meanwhile
//! (RFC 9110 §13.1.1). A `PUT` that names none overwrites.

use crate::problem::Problem;
use crate::session::hash;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::convert::Infallible;

/// An answer of JSON with its version.
#[derive(Debug)]
pub(crate) struct Versioned<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let version = HeaderValue::from_str(&version(&self.0));
        let mut response = Json(self.0).into_response();
        if let Ok(version) = version {
            response.headers_mut().insert(header::ETAG, version);
        }
        response
    }
}

/// The versions that a request is meant for; none: whichever there is.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<String>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let wanted = parts.headers.get(header::IF_MATCH);
        let wanted = wanted.map(|wanted| String::from_utf8_lossy(wanted.as_bytes()).into_owned());
        Ok(Self(wanted))
    }
}

impl IfMatch {
    /// Whether the request is meant for what there is.
    pub(crate) fn holds(&self, current: &impl Serialize) -> Result<(), Problem> {
        let Some(wanted) = &self.0 else {
            return Ok(());
        };
        let version = version(current);
        let meant = |wanted: &str| wanted == "*" || wanted == version;
        if wanted.split(',').map(str::trim).any(meant) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed-meanwhile",
            "this was changed elsewhere meanwhile; read it again",
        ))
    }
}

/// Equal for equal content only.
fn version(content: &impl Serialize) -> String {
    let content = serde_json::to_string(content).unwrap_or_default();
    let digest = hash(&content);
    let short = digest.get(..VERSION_LENGTH).unwrap_or_default();
    format!("\"{short}\"")
}

/// Hexadecimal digits of a version: 64 bits tell those of one resource apart.
const VERSION_LENGTH: usize = 16;
