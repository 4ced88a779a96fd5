//! SQLite: how it is opened, and its migrations. The statements stand beside it.

mod queues;
mod read;
mod voicemail;
mod web;
mod write;

pub(crate) use read::{Reader, bindings, objects};
pub(crate) use voicemail::Context;
pub(crate) use write::Session;

use crate::OpenError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlSafeStr};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Opens the database for writing, makes it when it is missing, and brings its tables up to date.
pub(crate) async fn open(file: &Path) -> Result<SqliteConnection, OpenError> {
    let trouble = |source| OpenError::of(file, source);
    make(file).map_err(|source| OpenError::Folder {
        folder: file.to_owned(),
        source,
    })?;
    let mut connection = options(file).connect().await.map_err(trouble)?;
    migrator()
        .run(&mut connection)
        .await
        .map_err(|error| match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
                trouble(source)
            }
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => OpenError::Newer {
                file: file.to_owned(),
            },
            other => OpenError::Damaged {
                file: file.to_owned(),
                detail: other.to_string(),
            },
        })?;
    Ok(connection)
}

/// Makes an empty file that only its owner can read, if there is none. What SQLite makes beside it gets
/// the same rights.
fn make(file: &Path) -> std::io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

/// How every connection is made: a write-ahead log that is synced at each commit, so that a commit
/// outlasts a power cut (<https://sqlite.org/wal.html>).
pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .disable_statement_logging()
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, description, sql)| {
            Migration::new(
                *version,
                (*description).into(),
                MigrationType::Simple,
                (*sql).into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
}

/// Version, name, and statements. What was released is never changed, only added to.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "start",
        include_str!("../../migrations/sqlite/0001_start.sql"),
    ),
    (
        2,
        "quality",
        include_str!("../../migrations/sqlite/0002_quality.sql"),
    ),
    (
        3,
        "web",
        include_str!("../../migrations/sqlite/0003_web.sql"),
    ),
    (
        4,
        "voicemail",
        include_str!("../../migrations/sqlite/0004_voicemail.sql"),
    ),
    (
        5,
        "queues",
        include_str!("../../migrations/sqlite/0005_queues.sql"),
    ),
];
/// How long a statement waits for another connection, such as one that takes a backup.
const BUSY: Duration = Duration::from_secs(5);
