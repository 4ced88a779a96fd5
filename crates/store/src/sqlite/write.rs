//! What is written.

use crate::objects::{ObjectChanges, ObjectRow};
use crate::{BindingRow, OpenCall};
use model::{CallId, CallRecord, Number, RecordingId, Wall};
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Error, Row};
use std::collections::{BTreeMap, BTreeSet};

/// One connection that writes, within transactions that its owner begins and commits.
pub(crate) struct Session {
    connection: SqliteConnection,
    run: i64,
}

impl Session {
    /// Begins a run of the server.
    pub(crate) async fn begin_run(
        mut connection: SqliteConnection,
        now: Wall,
    ) -> Result<Self, Error> {
        let run = sqlx::query("INSERT INTO run (began_ms, alive_ms) VALUES (?1, ?1) RETURNING id")
            .bind(now.0)
            .fetch_one(&mut connection)
            .await?
            .try_get(0)?;
        Ok(Self { connection, run })
    }

    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.run_statement("BEGIN IMMEDIATE").await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.run_statement("COMMIT").await
    }

    /// Undoes the transaction. That none is open any more (a full disk ends it by itself) is no error.
    pub(crate) async fn roll_back(&mut self) {
        let _ = self.run_statement("ROLLBACK").await;
    }

    pub(super) const fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    pub(super) const fn run(&self) -> i64 {
        self.run
    }

    async fn run_statement(&mut self, statement: &'static str) -> Result<(), Error> {
        sqlx::query(statement)
            .execute(&mut self.connection)
            .await
            .map(drop)
    }

    /// Ends the run in the ordinary way and closes the database.
    pub(crate) async fn end_run(mut self, now: Wall) -> Result<(), Error> {
        sqlx::query("UPDATE run SET alive_ms = ?1, ended_ms = ?1 WHERE id = ?2")
            .bind(now.0)
            .bind(self.run)
            .execute(&mut self.connection)
            .await?;
        self.connection.close().await
    }

    /// Writes down that the server is alive.
    pub(crate) async fn alive(&mut self, now: Wall) -> Result<(), Error> {
        sqlx::query("UPDATE run SET alive_ms = ?1 WHERE id = ?2")
            .bind(now.0)
            .bind(self.run)
            .execute(&mut self.connection)
            .await
            .map(drop)
    }

    pub(crate) async fn put_open_calls(
        &mut self,
        calls: impl Iterator<Item = &OpenCall>,
    ) -> Result<(), Error> {
        let rows = calls
            .map(|call| {
                let answered = call.answered.map(|answered| answered.0);
                Ok((id(call.call), call.start.0, answered, json(call)?))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        sqlx::query(
            "INSERT INTO open_call (run, call, start_ms, answered_ms, body)
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?2) WHERE true
             ON CONFLICT (run, call) DO UPDATE SET answered_ms = excluded.answered_ms, body = excluded.body",
        )
        .bind(self.run)
        .bind(json(&rows)?)
        .execute(&mut self.connection)
        .await
        .map(drop)
    }

    pub(crate) async fn remove_open_calls(
        &mut self,
        calls: impl Iterator<Item = CallId>,
    ) -> Result<(), Error> {
        sqlx::query(
            "DELETE FROM open_call WHERE run = ?1 AND call IN (SELECT value FROM json_each(?2))",
        )
        .bind(self.run)
        .bind(json(&calls.map(id).collect::<Vec<_>>())?)
        .execute(&mut self.connection)
        .await
        .map(drop)
    }

    pub(crate) async fn put_records(
        &mut self,
        records: impl Iterator<Item = &CallRecord>,
    ) -> Result<(), Error> {
        self.insert_records(self.run, records).await
    }

    /// Writes the records of calls that an earlier run did not end, forgets those calls, and ends what they did in queues.
    pub(crate) async fn close_interrupted(&mut self) -> Result<usize, Error> {
        let left = sqlx::query(
            "SELECT o.run, o.body, r.alive_ms FROM open_call o JOIN run r ON r.id = o.run WHERE o.run <> ?1",
        )
        .bind(self.run)
        .fetch_all(&mut self.connection)
        .await?;
        self.begin().await?;
        let mut closed = 0;
        for row in left {
            let (run, body, alive): (i64, String, i64) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if let Ok(open) = serde_json::from_str::<OpenCall>(&body) {
                let record = open.interrupted(Wall(alive));
                self.insert_records(run, std::iter::once(&record)).await?;
                closed += 1;
            }
        }
        sqlx::query("DELETE FROM open_call WHERE run <> ?1")
            .bind(self.run)
            .execute(&mut self.connection)
            .await?;
        self.close_queue_calls().await?;
        self.commit().await?;
        Ok(closed)
    }

    /// Two statements, however many records: a statement costs more than a row.
    async fn insert_records(
        &mut self,
        run: i64,
        records: impl Iterator<Item = &CallRecord>,
    ) -> Result<(), Error> {
        let rows = records.map(record_row).collect::<Result<Vec<_>, _>>()?;
        let rows = json(&rows)?;
        sqlx::query(
            "INSERT INTO call_record (run, call, start_ms, end_ms, caller, caller_name, callee, final_callee,
                 talked_ms, call_type, status, cause, extensions, legs, recordings, quality)
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                 value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14
             FROM json_each(?2) WHERE true
             ON CONFLICT DO NOTHING",
        )
        .bind(run)
        .bind(&*rows)
        .execute(&mut self.connection)
        .await?;
        // CROSS JOIN keeps SQLite from walking through all records first.
        sqlx::query(
            "INSERT INTO call_number (number, took_part, start_ms, record)
             SELECT n.value ->> 0, n.value ->> 1, r.start_ms, r.id
             FROM json_each(?2) AS c
             CROSS JOIN call_record AS r
             CROSS JOIN json_each(c.value, '$[15]') AS n
             WHERE r.run = ?1 AND r.call = c.value ->> 0 AND r.start_ms = c.value ->> 1 AND r.callee = c.value ->> 5
             ON CONFLICT DO NOTHING",
        )
        .bind(run)
        .bind(&*rows)
        .execute(&mut self.connection)
        .await
        .map(drop)
    }

    pub(crate) async fn put_bindings(
        &mut self,
        bindings: impl Iterator<Item = &BindingRow>,
    ) -> Result<(), Error> {
        let rows: Vec<_> = bindings
            .map(|row| (&row.extension, &row.contact, row.expires.0, &row.body))
            .collect();
        sqlx::query(
            "INSERT INTO binding (extension, contact, expires_ms, body)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1) WHERE true
             ON CONFLICT (extension, contact) DO UPDATE SET expires_ms = excluded.expires_ms, body = excluded.body",
        )
        .bind(json(&rows)?)
        .execute(&mut self.connection)
        .await
        .map(drop)
    }

    pub(crate) async fn remove_bindings(
        &mut self,
        bindings: impl Iterator<Item = (&Number, &str)>,
    ) -> Result<(), Error> {
        sqlx::query(
            "DELETE FROM binding WHERE (extension, contact) IN
                 (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
        )
        .bind(json(&bindings.collect::<Vec<_>>())?)
        .execute(&mut self.connection)
        .await
        .map(drop)
    }

    /// Writes another configuration. Returns the files of messages and greetings that went with their owners.
    pub(crate) async fn change_objects(
        &mut self,
        changes: &ObjectChanges,
        removed_extensions: &BTreeSet<Number>,
    ) -> Result<Vec<RecordingId>, Error> {
        for (kind, name) in &changes.removed {
            sqlx::query("DELETE FROM object WHERE kind = ?1 AND name = ?2")
                .bind(*kind)
                .bind(&**name)
                .execute(&mut self.connection)
                .await?;
        }
        for row in &changes.put {
            self.put_object(row).await?;
        }
        let mut voices = Vec::new();
        for extension in removed_extensions {
            voices.extend(self.remove_mailbox(extension).await?);
            for statement in [
                "DELETE FROM binding WHERE extension = ?1",
                "DELETE FROM contact WHERE owner = ?1",
            ] {
                sqlx::query(statement)
                    .bind(extension.as_str())
                    .execute(&mut self.connection)
                    .await?;
            }
        }
        Ok(voices)
    }

    async fn put_object(&mut self, row: &ObjectRow) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO object (kind, name, position, body, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (kind, name) DO UPDATE SET position = excluded.position, body = excluded.body, sealed = excluded.sealed",
        )
        .bind(&*row.kind)
        .bind(&*row.name)
        .bind(row.position)
        .bind(&*row.body)
        .bind(row.sealed.as_deref())
        .execute(&mut self.connection)
        .await
        .map(drop)
    }
}

/// A record's columns after the run, and at the end the numbers that it names, each with whether it took part.
fn record_row(record: &CallRecord) -> Result<impl Serialize + use<>, Error> {
    let (final_callee, final_number) = final_callee(record);
    let took_part: BTreeSet<&str> = record.extensions.iter().map(Number::as_str).collect();
    let named = [
        record.caller.as_str(),
        record.callee.as_str(),
        final_number.as_str(),
    ];
    let named = named.into_iter().filter(|number| !number.is_empty());
    let numbers: BTreeMap<String, u8> = named
        .chain(took_part.iter().copied())
        .map(|number| (number.to_owned(), u8::from(took_part.contains(number))))
        .collect();
    Ok((
        id(record.call),
        record.start.0,
        record.end.0,
        record.caller.clone(),
        record.caller_name.clone(),
        record.callee,
        final_callee,
        i64::try_from(record.talked.as_millis()).unwrap_or(i64::MAX),
        word(&record.call_type)?,
        word(&record.status)?,
        word(&record.cause)?,
        json(&record.extensions)?,
        json(&record.legs)?,
        json(&record.recordings)?,
        json(&record.quality)?,
        numbers.into_iter().collect::<Vec<_>>(),
    ))
}

/// The text of the final callee, and the number in it.
fn final_callee(record: &CallRecord) -> (String, Number) {
    match record.final_callee {
        model::FinalCallee::Number(number) => (number.to_string(), number),
        model::FinalCallee::Voicemail(number) => (format!("{VOICEMAIL}{number}"), number),
    }
}

/// Ids count up from one in each run: they stay far below the sign bit.
fn id(call: CallId) -> i64 {
    call.0.cast_signed()
}

pub(super) fn json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Encode(error.into()))
}

/// A unit variant as its bare name.
pub(super) fn word(value: &impl Serialize) -> Result<String, Error> {
    json(value).map(|quoted| quoted.trim_matches('"').to_owned())
}

/// What stands before the number of a mailbox that took a call.
pub(crate) const VOICEMAIL: &str = "voicemail:";
