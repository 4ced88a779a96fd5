//! What callers left in one's own mailbox (manual §1.5).

use super::calls::rounded_seconds;
use super::sound_file::SoundFile;
use crate::account::Owner;
use crate::extract::{Asked, Body, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use model::{Directory, Heard, MailboxChange, Message, Number, RecordingId, Site, voice_file};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Voicemail {
    /// Its name, for ever.
    id: u64,
    /// When it was left, RFC 3339.
    #[schema(example = "2026-03-06T14:56:00+08:00")]
    time: String,
    /// The number of who left it; empty when nobody knows.
    #[schema(example = "02885337100")]
    from: String,
    /// His name, if one is known.
    from_name: String,
    /// How long it is.
    duration_seconds: u64,
    /// Whether it was heard, here or by telephone.
    read: bool,
}

/// What is to be changed of a message.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marked {
    /// Whether it counts as heard.
    read: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VoicemailQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AudioQuery {
    /// `1`: as a file to be saved.
    download: Option<u8>,
}

impl Voicemail {
    fn of(message: &Message, site: &Site) -> Self {
        let number = message.from.number;
        Self {
            id: message.id.0,
            time: zone(site).written(message.at),
            from: number.map(|number| number.to_string()).unwrap_or_default(),
            from_name: match &*message.from.name {
                "" => number.map_or_else(String::new, |number| name(&site.directory, &number)),
                name => name.to_owned(),
            },
            duration_seconds: rounded_seconds(message.length),
            read: message.heard == Heard::Old,
        }
    }
}

/// What the company calls a number; empty when it does not know it.
fn name(directory: &Directory, number: &Number) -> String {
    let mut contacts = directory.contacts.iter();
    let contact = contacts.find(|contact| contact.phone.as_ref() == Some(number));
    contact.map_or_else(String::new, |contact| contact.name.clone())
}

/// The messages in one's own mailbox, newest first.
#[utoipa::path(get, path = "/voicemail", tag = "voicemail", params(VoicemailQuery),
    responses((status = 200, body = List<Voicemail>), Refused))]
pub(crate) async fn voicemail(
    owner: Owner,
    State(api): State<Api>,
    Asked(query): Asked<VoicemailQuery>,
) -> Result<Json<List<Voicemail>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let mailbox = api.store().mailbox(&owner.number).await?;
    let site = api.store().site();
    let messages = mailbox.messages.iter().rev();
    let messages = messages.map(|message| Voicemail::of(message, &site));
    Ok(Json(paging.cut(messages.collect())))
}

/// Marks a message as heard or not; the lamps of the owner's phones follow at once (VMW-03).
#[utoipa::path(patch, path = "/voicemail/{id}", tag = "voicemail", request_body = Marked,
    params(("id" = u64, Path)),
    responses((status = 200, body = Voicemail), Refused))]
pub(crate) async fn mark_voicemail(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
    Body(marked): Body<Marked>,
) -> Result<Json<Voicemail>, Problem> {
    let mut message = own(&api, &owner, id).await?;
    message.heard = if marked.read { Heard::Old } else { Heard::New };
    let change = MailboxChange::Mark(vec![message.id], message.heard);
    api.store().change_mailbox(owner.number, change).await?;
    Ok(Json(Voicemail::of(&message, &api.store().site())))
}

/// Deletes a message (VMW-06).
#[utoipa::path(delete, path = "/voicemail/{id}", tag = "voicemail", params(("id" = u64, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn remove_voicemail(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
) -> Result<StatusCode, Problem> {
    let change = MailboxChange::Delete(vec![RecordingId(id)]);
    api.store().change_mailbox(owner.number, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sound of a message, whole or the part that `Range` names.
#[utoipa::path(get, path = "/voicemail/{id}/audio", tag = "voicemail",
    params(("id" = u64, Path), AudioQuery,
        ("Range" = Option<String>, Header, description = "`bytes=FIRST-LAST`")),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", body = Vec<u8>, description = "The part"),
        (status = 416, content_type = "application/problem+json", body = Problem, description = "There is no such part"),
        Refused))]
pub(crate) async fn voicemail_audio(
    owner: Owner,
    State(api): State<Api>,
    Id(id): Id<u64>,
    Asked(query): Asked<AudioQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let message = own(&api, &owner, id).await?;
    let saved_as = (query.download == Some(1)).then(|| {
        let told = Voicemail::of(&message, &api.store().site());
        saved_as(&owner.number, &told)
    });
    let file = SoundFile {
        path: api.files().join(voice_file(message.id)),
        kind: "audio/wav",
        saved_as,
    };
    file.send(&method, &headers).await
}

/// A message of one's own.
pub(super) async fn own(api: &Api, owner: &Owner, id: u64) -> Result<Message, Problem> {
    let mailbox = api.store().mailbox(&owner.number).await?;
    let mut messages = mailbox.messages.into_iter();
    let message = messages.find(|message| message.id.0 == id);
    message.ok_or_else(Problem::not_found)
}

/// `100-20260306-145600-王五.wav`: whose it is, when it came, and from whom (VMW-05).
fn saved_as(owner: &Number, message: &Voicemail) -> String {
    let digits = message.time.get(..TIME_LENGTH).unwrap_or_default();
    let time: String = digits
        .chars()
        .filter_map(|letter| match letter {
            'T' => Some('-'),
            digit => digit.is_ascii_digit().then_some(digit),
        })
        .collect();
    let from = [&*message.from_name, &*message.from, "unknown"];
    let from = from.into_iter().find(|from| !from.is_empty());
    let from: String = from
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control() && !"/\\:*?\"<>|".contains(*letter))
        .collect();
    format!("{owner}-{time}-{from}.wav")
}

/// `2026-03-06T14:56:00`.
const TIME_LENGTH: usize = 19;
