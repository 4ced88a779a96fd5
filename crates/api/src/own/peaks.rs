//! The picture of a message: how loud it is from beginning to end.

use super::voicemail::own;
use crate::account::Owner;
use crate::extract::Id;
use crate::limits::PEAKS;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use model::voice_file;
use serde::Serialize;
use std::path::Path;
use utoipa::ToSchema;

/// How loud a sound is, piece by piece.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Peaks {
    /// The loudest of each piece, 255 being as loud as can be: 200 pieces of equal length, fewer of what is very short.
    peaks: Vec<u8>,
}

/// The picture of a message: 200 bars.
#[utoipa::path(get, path = "/voicemail/{id}/peaks", tag = "voicemail", params(("id" = u64, Path)),
    responses((status = 200, body = Peaks), Refused))]
pub(crate) async fn voicemail_peaks(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<Json<Peaks>, Problem> {
    let message = own(&api, &owner, id).await?;
    let path = api.files().join(voice_file(message.id));
    let peaks = tokio::task::spawn_blocking(move || read(&path)).await;
    let peaks = peaks.ok().flatten().ok_or_else(Problem::not_found)?;
    Ok(Json(Peaks { peaks }))
}

/// `None` when it is not there, or is no PCM of 16 bits.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut file = hound::WavReader::open(path).ok()?;
    let length = file.len() as usize;
    let mut peaks = Vec::with_capacity(PEAKS);
    let mut loudest = 0;
    for (place, sample) in file.samples::<i16>().enumerate() {
        loudest = loudest.max(sample.ok()?.unsigned_abs());
        let piece = |place: usize| place * PEAKS / length.max(1);
        if piece(place) != piece(place + 1) {
            // As loud as can be is 2^15.
            peaks.push(u8::try_from(loudest >> 7).unwrap_or(u8::MAX));
            loudest = 0;
        }
    }
    Some(peaks)
}
