//! What is read.

use super::options;
use super::write::VOICEMAIL;
use crate::objects::ObjectRow;
use crate::{BindingRow, CallQuery, Page, ReadError, StoredCall};
use model::{CallId, CallRecord, Duration, FinalCallee, Number, Party, Wall};
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{QueryBuilder, Row, Sqlite};
use std::path::Path;

/// Every object of the configuration.
pub(crate) async fn objects(
    connection: &mut SqliteConnection,
) -> Result<Vec<ObjectRow>, sqlx::Error> {
    let rows = sqlx::query("SELECT kind, name, position, body, sealed FROM object")
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ObjectRow {
                kind: row.try_get(0)?,
                name: row.try_get(1)?,
                position: row.try_get(2)?,
                body: row.try_get(3)?,
                sealed: row.try_get(4)?,
            })
        })
        .collect()
}

/// Every registration that has not ended at that moment.
pub(crate) async fn bindings(
    connection: &mut SqliteConnection,
    now: Wall,
) -> Result<Vec<BindingRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT extension, contact, expires_ms, body FROM binding WHERE expires_ms > ?1 ORDER BY extension, contact",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let extension: String = row.try_get(0)?;
            Ok(BindingRow {
                extension: Number::parse(&extension)
                    .map_err(|error| sqlx::Error::Decode(error.into()))?,
                contact: row.try_get(1)?,
                expires: Wall(row.try_get(2)?),
                body: row.try_get(3)?,
            })
        })
        .collect()
}

/// Connections that only read, for questions that come from people.
#[derive(Clone, Debug)]
pub(crate) struct Reader(SqlitePool);

impl Reader {
    pub(crate) fn new(file: &Path) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .min_connections(0)
            .idle_timeout(READER_IDLE);
        Self(pool.connect_lazy_with(options(file).read_only(true)))
    }

    pub(crate) async fn calls(&self, query: &CallQuery) -> Result<Page<StoredCall>, ReadError> {
        let mut count = QueryBuilder::new("SELECT count(*)");
        restrict(&mut count, query);
        let total: i64 = count.build().fetch_one(&self.0).await?.try_get(0)?;
        let mut list = QueryBuilder::new(SELECT);
        restrict(&mut list, query);
        list.push(match by_number(query) {
            Some(_) => " ORDER BY n.start_ms DESC, n.record DESC LIMIT ",
            None => " ORDER BY c.start_ms DESC, c.id DESC LIMIT ",
        });
        list.push_bind(i64::from(query.limit()));
        list.push(" OFFSET ").push_bind(query.offset());
        let rows = list.build().fetch_all(&self.0).await?;
        let items = rows.iter().map(stored_call).collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            total: total.unsigned_abs(),
        })
    }

    /// Who called in the last call that an extension took part in and did not make.
    pub(crate) async fn last_caller(&self, extension: &Number) -> Result<Option<Party>, ReadError> {
        let row = sqlx::query(
            "SELECT c.caller, c.caller_name FROM call_number n JOIN call_record c ON c.id = n.record \
             WHERE n.number = ?1 AND n.took_part = 1 AND c.caller <> ?1 \
             ORDER BY n.start_ms DESC, n.record DESC LIMIT 1",
        )
        .bind(extension.to_string())
        .fetch_optional(&self.0)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let number: String = row.try_get(0)?;
        Ok(Some(Party {
            number: Number::parse(&number).ok(),
            name: row.try_get(1)?,
        }))
    }

    /// Copies the database as it is at this moment into a file that does not exist yet.
    pub(crate) async fn copy_to(&self, file: &str) -> Result<(), ReadError> {
        sqlx::query("VACUUM INTO ?1")
            .bind(file)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Looks at every page; an error says what is wrong.
    pub(crate) async fn check(&self) -> Result<(), ReadError> {
        let rows = sqlx::query("PRAGMA quick_check(1)")
            .fetch_all(&self.0)
            .await?;
        let first: String = match rows.first() {
            Some(row) => row.try_get(0)?,
            None => String::from("it does not say whether it is sound"),
        };
        if first == "ok" {
            return Ok(());
        }
        Err(ReadError::Row {
            what: String::from("something"),
            detail: first,
        })
    }

    /// Up to [`BATCH`] records that are older than another.
    pub(crate) async fn calls_before(
        &self,
        query: &CallQuery,
        before: Option<&StoredCall>,
    ) -> Result<Vec<StoredCall>, ReadError> {
        let mut list = QueryBuilder::new(SELECT);
        restrict(&mut list, query);
        let (start, id) = match by_number(query) {
            Some(_) => ("n.start_ms", "n.record"),
            None => ("c.start_ms", "c.id"),
        };
        if let Some(before) = before {
            list.push(format_args!(" AND ({start}, {id}) < ("));
            list.push_bind(before.record.start.0);
            list.push(", ").push_bind(before.id).push(")");
        }
        list.push(format_args!(
            " ORDER BY {start} DESC, {id} DESC LIMIT {BATCH}"
        ));
        let rows = list.build().fetch_all(&self.0).await?;
        rows.iter().map(stored_call).collect()
    }

    /// The record of that id.
    pub(crate) async fn call(&self, id: i64) -> Result<Option<StoredCall>, ReadError> {
        let mut one = QueryBuilder::new(SELECT);
        one.push(" FROM call_record c WHERE c.id = ").push_bind(id);
        let row = one.build().fetch_optional(&self.0).await?;
        row.as_ref().map(stored_call).transpose()
    }

    pub(super) const fn pool(&self) -> &SqlitePool {
        &self.0
    }

    /// Answers no more questions.
    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

/// The number that leads through `call_number`: the extension if one is asked for, as it selects more.
const fn by_number(query: &CallQuery) -> Option<&Number> {
    match (&query.extension, &query.number) {
        (Some(extension), _) => Some(extension),
        (None, number) => number.as_ref(),
    }
}

/// Tables and conditions. The order of `call_number` and of the indexes of `call_record` is that of the
/// list, so that a page is read without sorting.
fn restrict(sql: &mut QueryBuilder<Sqlite>, query: &CallQuery) {
    let start = match by_number(query) {
        Some(number) => {
            sql.push(" FROM call_number n JOIN call_record c ON c.id = n.record WHERE n.number = ");
            sql.push_bind(number.to_string());
            if query.extension.is_some() {
                sql.push(" AND n.took_part = 1");
            }
            "n.start_ms"
        }
        None => {
            sql.push(" FROM call_record c WHERE 1 = 1");
            "c.start_ms"
        }
    };
    if let Some(from) = query.from {
        sql.push(format_args!(" AND {start} >= "));
        sql.push_bind(from.0);
    }
    if let Some(until) = query.until {
        sql.push(format_args!(" AND {start} < "));
        sql.push_bind(until.0);
    }
    if let Some(call_type) = query.call_type {
        let word = serde_json::to_string(&call_type).unwrap_or_default();
        sql.push(" AND c.call_type = ");
        sql.push_bind(word.trim_matches('"').to_owned());
    }
    if let Some(status) = query.status {
        let word = serde_json::to_string(&status).unwrap_or_default();
        sql.push(" AND c.status = ");
        sql.push_bind(word.trim_matches('"').to_owned());
    }
    if query.recorded {
        sql.push(" AND c.recordings <> '[]'");
    }
    if let (Some(_), Some(number)) = (&query.extension, &query.number) {
        sql.push(" AND EXISTS (SELECT 1 FROM call_number o WHERE o.record = c.id AND o.number = ");
        sql.push_bind(number.to_string());
        sql.push(")");
    }
}

fn stored_call(row: &SqliteRow) -> Result<StoredCall, ReadError> {
    let id: i64 = row.try_get(0)?;
    let text = |column: usize| row.try_get::<String, _>(column);
    let wall = |column: usize| row.try_get::<i64, _>(column).map(Wall);
    let bad = |detail: String| ReadError::Row {
        what: format!("call record {id}"),
        detail,
    };
    let number = |text: String| Number::parse(&text).map_err(|error| bad(error.to_string()));
    let final_callee = text(7)?;
    let record = CallRecord {
        call: CallId(row.try_get::<i64, _>(1)?.cast_unsigned()),
        start: wall(2)?,
        end: wall(3)?,
        caller: text(4)?,
        caller_name: text(5)?,
        callee: number(text(6)?)?,
        final_callee: match final_callee.strip_prefix(VOICEMAIL) {
            Some(mailbox) => FinalCallee::Voicemail(number(mailbox.to_owned())?),
            None => FinalCallee::Number(number(final_callee)?),
        },
        talked: Duration::from_millis(row.try_get::<i64, _>(8)?.unsigned_abs()),
        call_type: word(&text(9)?).map_err(bad)?,
        status: word(&text(10)?).map_err(bad)?,
        cause: word(&text(11)?).map_err(bad)?,
        extensions: json(&text(12)?).map_err(bad)?,
        legs: json(&text(13)?).map_err(bad)?,
        recordings: json(&text(14)?).map_err(bad)?,
        quality: json(&text(15)?).map_err(bad)?,
    };
    Ok(StoredCall { id, record })
}

/// A row that does not say what it must.
pub(super) const fn bad_row(what: String, detail: String) -> ReadError {
    ReadError::Row { what, detail }
}

pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    json(&format!("\"{text}\""))
}

/// The columns of [`stored_call`].
const SELECT: &str = "SELECT c.id, c.call, c.start_ms, c.end_ms, c.caller, c.caller_name, c.callee, c.final_callee, \
     c.talked_ms, c.call_type, c.status, c.cause, c.extensions, c.legs, c.recordings, c.quality";
/// So many records are read at a time.
const BATCH: u32 = 1_000;
/// Questions answered at the same time; more wait.
const READERS_MAX: u32 = 4;
/// How long a connection without questions is kept.
const READER_IDLE: Duration = Duration::from_secs(60);
