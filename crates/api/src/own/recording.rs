//! The sound of recorded calls, whole or in parts (RFC 9110 §14).

use super::calls::own;
use crate::account::Owner;
use crate::extract::{Asked, Id};
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::{CallRecord, RecordingId};
use serde::Deserialize;
use std::io::SeekFrom;
use std::ops::Range;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordingQuery {
    /// Which of several recordings of the call, from 1.
    #[param(minimum = 1)]
    pub(crate) part: Option<usize>,
    /// `1`: as a file to be saved.
    pub(crate) download: Option<u8>,
}

/// The recording of one's own call, whole or the part that `Range` names.
#[utoipa::path(get, path = "/calls/{id}/recording", tag = "calls",
    params(("id" = i64, Path), RecordingQuery,
        ("Range" = Option<String>, Header, description = "`bytes=FIRST-LAST`")),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", body = Vec<u8>, description = "The part"),
        (status = 416, content_type = "application/problem+json", body = Problem, description = "There is no such part"),
        Refused))]
pub(crate) async fn call_recording(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<i64>,
    Asked(query): Asked<RecordingQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stored = own(&api, &owner, id).await?;
    sound(&api, &stored.record, &query, (&method, &headers)).await
}

/// Whether any recording of a call is still there.
pub(crate) fn is_there(api: &Api, record: &CallRecord) -> bool {
    record
        .recordings
        .iter()
        .any(|recording| found(api, *recording).is_some())
}

/// The recording of a call.
pub(crate) async fn sound(
    api: &Api,
    record: &CallRecord,
    query: &RecordingQuery,
    (method, headers): (&Method, &HeaderMap),
) -> Result<Response, Problem> {
    let part = query.part.unwrap_or(1).checked_sub(1);
    let recording = part.and_then(|part| record.recordings.get(part));
    let (path, kind) = recording
        .and_then(|recording| found(api, *recording))
        .ok_or_else(Problem::not_found)?;
    let file = File::open(&path).await.map_err(|_| Problem::not_found())?;
    let length = file
        .metadata()
        .await
        .map_err(|_| Problem::not_found())?
        .len();
    let wanted = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let (status, range) = match wanted.map_or(Wanted::All, |wanted| Wanted::read(wanted, length)) {
        Wanted::All => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Ok(unsatisfiable(length)),
    };
    let body = match *method {
        Method::HEAD => Body::empty(),
        _ => read(file, range.clone()),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(range.end - range.start),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        let told = format!("bytes {}-{last}/{length}", range.start);
        insert(headers, header::CONTENT_RANGE, &told);
    }
    if query.download == Some(1) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let told = format!("attachment; filename=\"{name}\"");
        insert(headers, header::CONTENT_DISPOSITION, &told);
    }
    Ok(response)
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn unsatisfiable(length: u64) -> Response {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "no-such-part",
        format_args!("the recording has {length} bytes"),
    );
    let mut response = problem.into_response();
    insert(
        response.headers_mut(),
        header::CONTENT_RANGE,
        &format!("bytes */{length}"),
    );
    response
}

/// The file of a recording, which is named by a number of ours, and its kind.
fn found(api: &Api, recording: RecordingId) -> Option<(PathBuf, &'static str)> {
    let folder = api.files().join("recordings");
    KINDS.iter().find_map(|(ending, kind)| {
        let path = folder.join(format!("{recording}.{ending}"));
        path.is_file().then_some((path, *kind))
    })
}

/// What of a file is wanted.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(Range<u64>),
    /// Nothing that there is.
    Nothing,
}

impl Wanted {
    /// Reads a `Range`. One that is not understood, or asks for several parts, asks for everything (RFC 9110 §14.2).
    fn read(text: &str, length: u64) -> Self {
        let Some((first, last)) = text
            .strip_prefix("bytes=")
            .and_then(|range| range.split_once('-'))
        else {
            return Self::All;
        };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let range = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
            (Some(first), None) if last.is_empty() => first..length,
            (None, Some(tail)) if first.is_empty() => length.saturating_sub(tail)..length,
            _ => return Self::All,
        };
        if range.start < range.end {
            Self::Part(range)
        } else {
            Self::Nothing
        }
    }
}

/// A part of a file, read while it is sent.
fn read(file: File, range: Range<u64>) -> Body {
    let left = range.end - range.start;
    Body::from_stream(unfold(
        (file, Some(range.start), left),
        async |(mut file, seek, left)| {
            if left == 0 {
                return None;
            }
            let piece = async {
                if let Some(start) = seek {
                    file.seek(SeekFrom::Start(start)).await?;
                }
                let size = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
                let mut piece = vec![0; size];
                let read = file.read(&mut piece).await?;
                piece.truncate(read);
                if read == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                Ok::<_, std::io::Error>(piece)
            };
            match piece.await {
                Ok(piece) => {
                    let left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
                    Some((Ok(Bytes::from(piece)), (file, None, left)))
                }
                Err(error) => Some((Err(error), (file, None, 0))),
            }
        },
    ))
}

/// Endings of files and what is in them.
const KINDS: [(&str, &str); 2] = [("wav", "audio/wav"), ("opus", "audio/ogg")];
/// So much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-13
    #[test]
    fn ranges_are_read_as_players_write_them() {
        for (text, wanted) in [
            ("bytes=0-", Wanted::Part(0..100)),
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=10-19", Wanted::Part(10..20)),
            ("bytes=90-1000", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=99999999999999999999-", Wanted::Nothing),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=20-10", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("pages=1-2", Wanted::All),
            ("bytes=+1-2", Wanted::All),
        ] {
            assert_eq!(Wanted::read(text, 100), wanted, "{text}");
        }
        assert_eq!(Wanted::read("bytes=0-", 0), Wanted::Nothing);
    }
}
