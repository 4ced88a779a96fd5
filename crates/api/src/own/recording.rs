//! The sound of recorded calls.

use super::calls::own;
use super::sound_file::SoundFile;
use crate::account::Owner;
use crate::extract::{Asked, Id};
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use model::{CallRecord, RecordingId};
use serde::Deserialize;
use std::path::PathBuf;
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
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let saved_as = (query.download == Some(1)).then(|| name.to_owned());
    let file = SoundFile {
        path: path.clone(),
        kind,
        saved_as,
    };
    file.send(method, headers).await
}

/// The file of a recording, which is named by a number of ours, and its kind.
fn found(api: &Api, recording: RecordingId) -> Option<(PathBuf, &'static str)> {
    let folder = api.files().join("recordings");
    KINDS.iter().find_map(|(ending, kind)| {
        let path = folder.join(format!("{recording}.{ending}"));
        path.is_file().then_some((path, *kind))
    })
}

/// Endings of files and what is in them.
const KINDS: [(&str, &str); 2] = [("wav", "audio/wav"), ("opus", "audio/ogg")];
