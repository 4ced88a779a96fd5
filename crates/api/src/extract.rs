//! Bodies, queries and paths, with errors that name the field.

use crate::limits::{BODY_MAX, BODY_WITHIN};
use crate::problem::{FieldError, Problem};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// A body of JSON.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "send JSON, with Content-Type: application/json",
            ));
        }
        let bytes = whole(request, BODY_MAX).await?;
        read(&bytes).map(Self)
    }
}

/// All of a body that is not longer than that.
pub(crate) async fn whole(request: Request, most: usize) -> Result<Bytes, Problem> {
    match timeout(BODY_WITHIN, axum::body::to_bytes(request.into_body(), most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format_args!("the body is longer than {most} bytes, or was cut off"),
        )),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too-slow",
            "the body did not come in time",
        )),
    }
}

/// Only JSON is taken: a form of another site can be sent without asking, JSON cannot.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// Reads JSON; what is wrong is told by field.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            let told = error.to_string();
            // serde_json adds where in the text it was.
            let told = told
                .rsplit_once(" at line ")
                .map_or(&*told, |(told, _)| told);
            return Problem::invalid(vec![named(&path, told)]);
        }
        malformed(&error)
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed-json",
        format_args!("the body is no JSON: {error}"),
    )
}

/// serde's own words, by the field that they are about.
fn named(path: &str, told: &str) -> FieldError {
    let parent = if path == "." { "" } else { path };
    for (words, code, detail) in [
        ("unknown field `", "unknown-field", "is no field of this"),
        ("missing field `", "missing-field", "is missing"),
        ("duplicate field `", "duplicate-field", "stands there twice"),
    ] {
        let field = told
            .strip_prefix(words)
            .and_then(|rest| rest.split_once('`'));
        if let Some((field, _)) = field {
            let inside = parent.strip_suffix(field).unwrap_or(parent);
            let dot = if inside.is_empty() || inside.ends_with('.') {
                ""
            } else {
                "."
            };
            return FieldError::new(format!("{inside}{dot}{field}"), code, detail);
        }
    }
    FieldError::new(parent, "wrong-type", told)
}

/// The query of an address.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(asked)| Self(asked)).map_err(|rejection| {
            let told = std::error::Error::source(&rejection)
                .map_or_else(|| rejection.to_string(), ToString::to_string);
            // The path stands in front of what is wrong: `page: invalid digit found in string`.
            let known = ["unknown field `", "missing field `", "duplicate field `"];
            let plain = known.iter().find_map(|words| told.find(words));
            let error = match (plain, told.split_once(": ")) {
                (Some(at), _) => named("", told.get(at..).unwrap_or_default()),
                (None, Some((field, what))) => FieldError::new(field, "wrong-type", what),
                (None, None) => FieldError::new("query", "wrong-type", told),
            };
            Problem::invalid(vec![error])
        })
    }
}

/// A number in the path; what is none names nothing.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(id)| Self(id))
            .map_err(|_| Problem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code, reason = "only read")]
        rules: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code, reason = "only read")]
        to: u8,
    }

    #[test]
    fn what_is_wrong_with_a_body_names_the_field() {
        for (body, wanted) in [
            (
                r#"{"rules":[],"colour":1}"#,
                Some(("colour", "unknown-field")),
            ),
            (
                r#"{"rules":[{"to":1},{"to":2,"x":3}]}"#,
                Some(("rules[1].x", "unknown-field")),
            ),
            (r#"{}"#, Some(("rules", "missing-field"))),
            (r#"{"rules":[{}]}"#, Some(("rules[0].to", "missing-field"))),
            (
                r#"{"rules":[{"to":"a"}]}"#,
                Some(("rules[0].to", "wrong-type")),
            ),
            (
                r#"{"rules":[{"to":1,"to":2}]}"#,
                Some(("rules[0].to", "duplicate-field")),
            ),
            (
                r#"{"rules":[{"to":300}]}"#,
                Some(("rules[0].to", "wrong-type")),
            ),
            ("{", None),
            ("", None),
            (r#"{"rules":[]} x"#, None),
        ] {
            let problem = read::<Outer>(body.as_bytes()).expect_err(body);
            let told = serde_json::to_value(&problem).expect("JSON");
            let (field, code) = (&told["errors"][0]["field"], &told["errors"][0]["code"]);
            match wanted {
                Some(wanted) => assert_eq!(
                    (field.as_str(), code.as_str()),
                    (Some(wanted.0), Some(wanted.1)),
                    "{body}"
                ),
                None => assert_eq!(told["code"], "malformed-json", "{body}"),
            }
        }
    }
}
