//! The socket and its routes.

use super::people::{NewToken, PasswordSet};
use super::{Live, LiveCall, LiveChannel, LiveRegistration, LiveTrunk, Trace};
use crate::backup::{BackupOf, Saved};
use crate::document::SecretsFrom;
use crate::explain::Question;
use crate::site::{Applied, ApplyError, Mode, apply, export};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use model::{Number, Role};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use store::Store;
use tokio::net::UnixListener;

/// What the routes work with.
#[derive(Clone)]
pub(crate) struct Admin {
    /// What is live.
    pub(crate) live: Arc<dyn Live>,
    /// What lasts.
    pub(crate) store: Store,
    /// The folder with everything that lasts.
    pub(crate) data: PathBuf,
    /// The database's file.
    pub(crate) database: PathBuf,
    /// The folder of voicemail, recordings, faxes and prompts.
    pub(crate) files: PathBuf,
}

/// Why a request was refused: one sentence each.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errors {
    /// The sentences.
    pub(crate) errors: Vec<String>,
}

/// Makes the socket. Only the owner of the data folder can open it. Must be called within a runtime.
pub(crate) fn listen(socket: &FilePath) -> io::Result<UnixListener> {
    // The data folder is taken: whatever is there was left behind by a server that was killed.
    match std::fs::remove_file(socket) {
        Ok(()) => {}
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
        Err(other) => return Err(other),
    }
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until `end` resolves.
pub(crate) async fn serve(
    listener: UnixListener,
    admin: Admin,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(admin))
        .with_graceful_shutdown(end)
        .await
}

/// The routes.
fn router(admin: Admin) -> Router {
    Router::new()
        .route("/calls", get(calls))
        .route("/registrations", get(registrations))
        .route("/trunks", get(trunks))
        .route("/channels", get(channels))
        .route("/trace/{call}", get(trace))
        .route("/explain", get(explain))
        .route("/sound-check/{extension}", post(sound_check))
        .route("/site", get(site_text).put(site_apply))
        .route("/backup", post(backup))
        .route("/users/{name}/password", put(set_password))
        .route("/tokens/{name}", put(put_token))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_MAX))
        .with_state(admin)
}

async fn calls(State(admin): State<Admin>) -> Json<Vec<LiveCall>> {
    Json(admin.live.calls().await)
}

async fn registrations(State(admin): State<Admin>) -> Json<Vec<LiveRegistration>> {
    Json(admin.live.registrations().await)
}

async fn trunks(State(admin): State<Admin>) -> Json<Vec<LiveTrunk>> {
    Json(admin.live.trunks().await)
}

async fn channels(State(admin): State<Admin>) -> Json<Vec<LiveChannel>> {
    Json(admin.live.channels().await)
}

async fn trace(
    State(admin): State<Admin>,
    Path(call): Path<String>,
) -> Result<Json<Trace>, Refusal> {
    let sentence = format!(
        "nothing is known of call {call}; `bellwire calls` lists calls, and traces are kept for a while after their end"
    );
    match admin.live.trace(call).await {
        Some(trace) => Ok(Json(trace)),
        None => Err(Refusal(StatusCode::NOT_FOUND, vec![sentence])),
    }
}

async fn explain(
    State(admin): State<Admin>,
    Query(question): Query<Question>,
) -> Result<Json<Vec<String>>, Refusal> {
    match admin.live.explain(question).await {
        Some(Ok(lines)) => Ok(Json(lines)),
        Some(Err(sentence)) => Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, vec![sentence])),
        None => Err(Refusal::inside("the server ends")),
    }
}

async fn sound_check(
    State(admin): State<Admin>,
    Path(extension): Path<String>,
) -> Result<Json<()>, Refusal> {
    let directory = &admin.store.site().directory;
    let number = Number::parse(&extension).ok();
    let known = number.filter(|number| directory.extension(number).is_some());
    let sentence =
        format!("there is no extension {extension}; `bellwire site export` shows which there are");
    let known = known.ok_or_else(|| Refusal(StatusCode::NOT_FOUND, vec![sentence]))?;
    admin.live.check_sound(known);
    Ok(Json(()))
}

async fn site_text(State(admin): State<Admin>) -> String {
    export(&admin.store.site())
}

#[derive(Deserialize)]
struct ApplyQuery {
    /// How the errors name the file.
    #[serde(default)]
    name: String,
    #[serde(default)]
    dry_run: bool,
}

async fn site_apply(
    State(admin): State<Admin>,
    Query(query): Query<ApplyQuery>,
    text: String,
) -> Result<Json<Applied>, Refusal> {
    let mode = if query.dry_run {
        Mode::DryRun
    } else {
        Mode::Apply
    };
    let store = admin.store.clone();
    let work = tokio::task::spawn_blocking(move || {
        apply(&store, &query.name, &text, SecretsFrom::Text, mode)
    });
    let (applied, _) = work
        .await
        .map_err(|_| Refusal::inside("the site file could not be read"))??;
    Ok(Json(applied))
}

#[derive(Deserialize)]
struct BackupQuery {
    /// The file to make, by its absolute path.
    file: PathBuf,
}

async fn backup(
    State(admin): State<Admin>,
    Query(query): Query<BackupQuery>,
) -> Result<Json<Saved>, Refusal> {
    let what = BackupOf {
        data: admin.data.clone(),
        database: admin.database.clone(),
        files: admin.files.clone(),
        store: admin.store.clone(),
    };
    let saved = crate::backup::save(what, query.file).await;
    saved
        .map(Json)
        .map_err(|error| Refusal::inside(&error.to_string()))
}

async fn set_password(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    password: String,
) -> Result<Json<PasswordSet>, Refusal> {
    let set = super::people::set_password(&admin.store, &name, &password).await;
    set.map(Json)
        .map_err(|error| Refusal(StatusCode::UNPROCESSABLE_ENTITY, vec![error.to_string()]))
}

#[derive(Deserialize)]
struct TokenQuery {
    role: Role,
}

async fn put_token(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    Query(query): Query<TokenQuery>,
) -> Result<Json<NewToken>, Refusal> {
    let token = super::people::new_token(&name, query.role)
        .map_err(|error| Refusal(StatusCode::UNPROCESSABLE_ENTITY, vec![error.to_string()]))?;
    let put = admin.live.put_token(token.row).await;
    put.map_err(|error| Refusal(StatusCode::INSUFFICIENT_STORAGE, vec![error.to_string()]))?;
    Ok(Json(NewToken {
        token: token.secret,
    }))
}

/// A status and sentences for people.
struct Refusal(StatusCode, Vec<String>);

impl Refusal {
    fn inside(sentence: &str) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, vec![sentence.to_owned()])
    }
}

impl From<ApplyError> for Refusal {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Content(lines) => Self(StatusCode::UNPROCESSABLE_ENTITY, lines),
            ApplyError::Store(_) => Self(StatusCode::INSUFFICIENT_STORAGE, vec![error.to_string()]),
            ApplyError::Raced => Self(StatusCode::CONFLICT, vec![error.to_string()]),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(Errors { errors: self.1 })).into_response()
    }
}

/// The longest site file that is taken.
const BODY_MAX: usize = 64 << 20;
