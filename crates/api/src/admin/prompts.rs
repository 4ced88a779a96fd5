//! Prompts, announcements and music: what is heard, by whom it was brought, another in its place (AD-10).

use crate::account::Admin;
use crate::extract::{Asked, whole};
use crate::limits::{SOUND_BODY_MAX, SOUNDS_AT_ONCE_MAX};
use crate::page::{List, Paging};
use crate::problem::{FieldError, Problem, Refused};
use crate::state::{Api, zone};
use crate::studio::{SoundKind, SoundRefused, SoundRow, Studio};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Language;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Something that can be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Prompt {
    /// `zh-CN` and `en`: a built-in prompt in that language. `announcement`: what menus and queues name. `music`: what is
    /// heard on hold.
    #[schema(value_type = String, example = "zh-CN")]
    kind: &'static str,
    /// Its name there: the id of a prompt, the name in the site file. That of the built-in music is `default`.
    #[schema(example = "N-01")]
    name: String,
    /// What the built-in prompt says in Chinese; empty for announcements and music.
    text_zh: String,
    /// The same in English.
    text_en: String,
    /// `built-in` or `recording`.
    #[schema(value_type = String, example = "built-in")]
    source: &'static str,
    /// Who brought the recording; empty: nobody did, or nobody knows.
    made_by: String,
    /// When, RFC 3339; empty for what is built in.
    made_at: String,
    /// How long the recording is; 0 for what is built in.
    duration_ms: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PromptsQuery {
    /// Only of this kind.
    kind: Option<String>,
    /// Only those with this in their name or text.
    q: Option<String>,
    /// `true`: only those that somebody brought.
    recorded: Option<bool>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists what can be heard.
#[utoipa::path(get, path = "/admin/prompts", tag = "administration", params(PromptsQuery),
    responses((status = 200, body = List<Prompt>), Refused))]
pub(crate) async fn prompts(
    admin: Admin,
    State(api): State<Api>,
    Asked(query): Asked<PromptsQuery>,
) -> Result<Json<List<Prompt>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let kind = query.kind.as_deref().map(|kind| {
        let error = || {
            FieldError::new(
                "kind",
                "unknown-kind",
                "is zh-CN, en, announcement or music",
            )
        };
        read(kind).ok_or_else(|| Problem::invalid(vec![error()]))
    });
    let kind = kind.transpose()?;
    let wanted = query.q.unwrap_or_default().to_lowercase();
    let recorded = query.recorded.unwrap_or(false);
    let mut rows = at_work(&api, |studio| studio.sounds()).await?;
    rows.retain(|row| {
        let texts = [&row.name, &row.chinese, &row.english];
        kind.is_none_or(|kind| row.kind == kind)
            && (!recorded || row.recording.is_some())
            && texts
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
    });
    let List { items, total } = paging.cut(rows);
    let zone = zone(&admin.site);
    let items = items
        .into_iter()
        .map(|row| Prompt::of(row, &zone))
        .collect();
    Ok(Json(List { items, total }))
}

/// What is heard under a name.
#[utoipa::path(get, path = "/admin/prompts/{kind}/{name}/audio", tag = "administration",
    params(("kind" = String, Path), ("name" = String, Path)),
    responses((status = 200, content_type = "audio/wav", body = Vec<u8>), Refused))]
pub(crate) async fn prompt_audio(
    _: Admin,
    State(api): State<Api>,
    Path((kind, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (kind, name) = named(&kind, name)?;
    let heard = at_work(&api, move |studio| studio.heard(kind, &name)).await?;
    let heard = heard.ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], heard).into_response())
}

/// Puts a WAV file in place of what is heard: 8 or 16-bit PCM, A-law or µ-law, mono or stereo, 4 to 48 kHz. The next listener
/// hears it.
#[utoipa::path(put, path = "/admin/prompts/{kind}/{name}/audio", tag = "administration",
    params(("kind" = String, Path), ("name" = String, Path)),
    request_body(content = Vec<u8>, content_type = "audio/wav"),
    responses((status = 204),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "There are too many"),
        Refused))]
pub(crate) async fn put_prompt_audio(
    admin: Admin,
    State(api): State<Api>,
    Path((kind, name)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (at, sound) = named(&kind, name)?;
    let _turn = UPLOADS.try_acquire().map_err(|_| {
        Problem::busy("several sounds are being uploaded at this moment; try again")
    })?;
    let wav = whole(request, SOUND_BODY_MAX).await?;
    let by = admin.account.to_string();
    let name = sound.clone();
    let put = at_work(&api, move |studio| studio.put_in(at, &name, &wav, &by)).await?;
    put.map_err(refused)?;
    tracing::info!(target: "audit", account = %admin.account, kind, name = sound, "a sound was put in");
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a recording away: what is built in is heard again, where there is such a thing.
#[utoipa::path(delete, path = "/admin/prompts/{kind}/{name}/audio", tag = "administration",
    params(("kind" = String, Path), ("name" = String, Path)),
    responses((status = 204), Refused))]
pub(crate) async fn remove_prompt_audio(
    admin: Admin,
    State(api): State<Api>,
    Path((kind, name)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (at, sound) = named(&kind, name)?;
    let name = sound.clone();
    let was_there = at_work(&api, move |studio| studio.take_out(at, &name)).await?;
    if !was_there.map_err(refused)? {
        return Err(Problem::not_found());
    }
    tracing::info!(target: "audit", account = %admin.account, kind, name = sound, "a sound was taken out");
    Ok(StatusCode::NO_CONTENT)
}

impl Prompt {
    fn of(row: SoundRow, zone: &crate::time::Zone) -> Self {
        let recording = row.recording.as_ref();
        Self {
            kind: written(row.kind),
            source: recording.map_or("built-in", |_| "recording"),
            made_by: recording.map(|it| it.by.clone()).unwrap_or_default(),
            made_at: recording.map(|it| zone.written(it.at)).unwrap_or_default(),
            duration_ms: recording.map_or(0, |it| it.length_ms),
            name: match &*row.name {
                "" => String::from(DEFAULT),
                _ => row.name,
            },
            text_zh: row.chinese,
            text_en: row.english,
        }
    }
}

/// Asks the studio where waiting for the disk disturbs nobody.
async fn at_work<T: Send + 'static>(
    api: &Api,
    what: impl FnOnce(&dyn Studio) -> T + Send + 'static,
) -> Result<T, Problem> {
    let studio: Arc<dyn Studio> = api.backend().studio();
    let asked = tokio::task::spawn_blocking(move || what(&*studio)).await;
    asked.map_err(|_| Problem::busy("the sounds cannot be reached; try again"))
}

/// A sound by its address.
fn named(kind: &str, name: String) -> Result<(SoundKind, String), Problem> {
    let kind = read(kind).ok_or_else(Problem::not_found)?;
    Ok(match (kind, &*name) {
        (SoundKind::Music, DEFAULT) => (kind, String::new()),
        _ => (kind, name),
    })
}

fn read(kind: &str) -> Option<SoundKind> {
    KINDS.into_iter().find(|known| written(*known) == kind)
}

const fn written(kind: SoundKind) -> &'static str {
    match kind {
        SoundKind::Prompt(Language::Chinese) => "zh-CN",
        SoundKind::Prompt(Language::English) => "en",
        SoundKind::Announcement => "announcement",
        SoundKind::Music => "music",
    }
}

fn refused(why: SoundRefused) -> Problem {
    match why {
        SoundRefused::Unknown(_) => Problem::not_found(),
        SoundRefused::Unusable(why) => {
            Problem::invalid(vec![FieldError::new("audio", "unusable-sound", why)])
        }
        SoundRefused::Full(why) => Problem::too_many(why),
        SoundRefused::NotSaved(why) => {
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, "not-saved", why)
        }
    }
}

const KINDS: [SoundKind; 4] = [
    SoundKind::Prompt(Language::Chinese),
    SoundKind::Prompt(Language::English),
    SoundKind::Announcement,
    SoundKind::Music,
];
/// The built-in music in an address.
const DEFAULT: &str = "default";
/// Uploads that are taken at the same time: each is held in memory.
static UPLOADS: Semaphore = Semaphore::const_new(SOUNDS_AT_ONCE_MAX);
