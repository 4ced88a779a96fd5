//! Mailboxes, and the mail that tells of them.

use super::read::{Reader, bad_row, word as from_word};
use super::write::{Session, json, word};
use crate::ReadError;
use crate::mail::{MailAbout, MailRow, MailWrite};
use crate::voicemail::{Changed, Unchanged, VoiceFolder, VoiceWrite};
use model::{
    Duration, GreetingKind, Heard, MESSAGES_MAX, Mailbox, MailboxChange, Message, MessageCounts,
    Number, Party, RecordingId, Site, Wall,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Error, Row};
use std::collections::{BTreeMap, BTreeSet};

/// What is known besides the database when mailboxes are written.
pub(crate) struct Context<'a> {
    pub(crate) folder: Option<&'a VoiceFolder>,
    pub(crate) site: &'a Site,
    pub(crate) now: Wall,
}

/// What writing came to; the outer error has it tried again.
type Outcome = Result<Result<Changed, Unchanged>, Error>;

impl Session {
    /// Writes something of mailboxes.
    pub(crate) async fn write_voice(&mut self, cx: &Context<'_>, write: &VoiceWrite) -> Outcome {
        match write {
            VoiceWrite::Begin(mailbox, message) => {
                self.put_message(mailbox, message, Draft::Yes).await?;
                Ok(Ok(Changed::default()))
            }
            VoiceWrite::Discard(recording) => {
                sqlx::query("DELETE FROM message WHERE id = ?1 AND draft = 1")
                    .bind(id(*recording))
                    .execute(self.connection())
                    .await?;
                Ok(Ok(Changed::default()))
            }
            VoiceWrite::Change(mailbox, change) => self.change_mailbox(cx, mailbox, change).await,
            VoiceWrite::Recover => self.recover(cx).await.map(Ok),
        }
    }

    async fn change_mailbox(
        &mut self,
        cx: &Context<'_>,
        mailbox: &Number,
        change: &MailboxChange,
    ) -> Outcome {
        let mut changed = Changed::default();
        match change {
            MailboxChange::Deliver(message) => {
                if !cx.site.directory.extensions.contains_key(mailbox) {
                    return Ok(Err(Unchanged::Gone));
                }
                self.put_message(mailbox, message, Draft::No).await?;
                self.put_mail(cx, mailbox, message.id).await?;
            }
            MailboxChange::Mark(messages, heard) => {
                let found = sqlx::query(
                    "UPDATE message SET heard = ?3 WHERE mailbox = ?1 AND draft = 0
                         AND id IN (SELECT value FROM json_each(?2))",
                )
                .bind(mailbox.as_str())
                .bind(ids(messages)?)
                .bind(word(heard)?)
                .execute(self.connection())
                .await?;
                if found.rows_affected() == 0 {
                    return Ok(Err(Unchanged::Gone));
                }
            }
            MailboxChange::Delete(messages) => {
                let found = sqlx::query(
                    "DELETE FROM message WHERE mailbox = ?1 AND draft = 0
                         AND id IN (SELECT value FROM json_each(?2)) RETURNING id",
                )
                .bind(mailbox.as_str())
                .bind(ids(messages)?)
                .fetch_all(self.connection())
                .await?;
                changed.removed = recordings(&found)?;
                if changed.removed.is_empty() {
                    return Ok(Err(Unchanged::Gone));
                }
            }
            MailboxChange::Forward { message, to } => {
                return self.forward(cx, mailbox, *message, to).await;
            }
            MailboxChange::Greet(kind, greeting) => {
                changed.removed = self.greet(mailbox, *kind, *greeting).await?;
                return Ok(Ok(changed));
            }
        }
        let counts = self.counts(mailbox).await?;
        changed.counts.push((*mailbox, counts));
        Ok(Ok(changed))
    }

    async fn forward(
        &mut self,
        cx: &Context<'_>,
        from: &Number,
        message: RecordingId,
        to: &Number,
    ) -> Outcome {
        let known = sqlx::query(
            "SELECT id, at_ms, number, name, length_ms, heard FROM message
             WHERE id = ?1 AND mailbox = ?2 AND draft = 0",
        )
        .bind(id(message))
        .bind(from.as_str())
        .fetch_optional(self.connection())
        .await?;
        let (Some(row), Some(folder), Some(_)) =
            (known, cx.folder, cx.site.directory.extension(to))
        else {
            return Ok(Err(Unchanged::Gone));
        };
        let counts = self.counts(to).await?;
        if counts.new + counts.old >= MESSAGES_MAX as u32 {
            return Ok(Err(Unchanged::Full));
        }
        let mut copy = read_message(&row).map_err(|error| Error::Decode(error.into()))?;
        copy.heard = Heard::New;
        copy.id = self.unused(cx.now).await?;
        if let Err(error) = folder.copy(message, copy.id) {
            tracing::error!(%error, %message, "a message cannot be forwarded");
            return Ok(Err(Unchanged::NoFile));
        }
        self.put_message(to, &copy, Draft::No).await?;
        self.put_mail(cx, to, copy.id).await?;
        let counts = self.counts(to).await?;
        Ok(Ok(Changed {
            counts: vec![(*to, counts)],
            ..Changed::default()
        }))
    }

    /// A name that no message has, nor any that the switch gives out in the same millisecond: it counts from one.
    async fn unused(&mut self, now: Wall) -> Result<RecordingId, Error> {
        let millisecond = RecordingId::begun(now, 0).0.cast_signed();
        let first = millisecond + COPIES_FROM;
        let row = sqlx::query(
            "SELECT max(id) FROM (SELECT id FROM message UNION ALL SELECT recording AS id FROM greeting)
             WHERE id >= ?1 AND id < ?2",
        )
        .bind(first)
        .bind(millisecond + IN_ONE_MS)
        .fetch_one(self.connection())
        .await?;
        let last: Option<i64> = row.try_get(0)?;
        let next = last.map_or(first, |last| last + 1);
        Ok(RecordingId(next.unsigned_abs()))
    }

    /// Sets a greeting; returns the one before.
    async fn greet(
        &mut self,
        mailbox: &Number,
        kind: GreetingKind,
        greeting: Option<RecordingId>,
    ) -> Result<Vec<RecordingId>, Error> {
        let before = sqlx::query(
            "DELETE FROM greeting WHERE mailbox = ?1 AND kind = ?2 RETURNING recording",
        )
        .bind(mailbox.as_str())
        .bind(word(&kind)?)
        .fetch_all(self.connection())
        .await?;
        if let Some(greeting) = greeting {
            sqlx::query("INSERT INTO greeting (mailbox, kind, recording) VALUES (?1, ?2, ?3)")
                .bind(mailbox.as_str())
                .bind(word(&kind)?)
                .bind(id(greeting))
                .execute(self.connection())
                .await?;
        }
        let mut before = recordings(&before)?;
        before.retain(|before| Some(*before) != greeting);
        Ok(before)
    }

    /// Forgets all that is in a mailbox; returns the files of it.
    pub(crate) async fn remove_mailbox(
        &mut self,
        mailbox: &Number,
    ) -> Result<Vec<RecordingId>, Error> {
        let mut removed = Vec::new();
        for statement in [
            "DELETE FROM message WHERE mailbox = ?1 RETURNING id",
            "DELETE FROM greeting WHERE mailbox = ?1 RETURNING recording",
        ] {
            let rows = sqlx::query(statement)
                .bind(mailbox.as_str())
                .fetch_all(self.connection())
                .await?;
            removed.extend(recordings(&rows)?);
        }
        for statement in [
            "DELETE FROM mail WHERE mailbox = ?1",
            "DELETE FROM told_full WHERE mailbox = ?1",
        ] {
            sqlx::query(statement)
                .bind(mailbox.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(removed)
    }

    /// What was being left when the server was killed becomes messages; files that nobody knows are of no use.
    async fn recover(&mut self, cx: &Context<'_>) -> Result<Changed, Error> {
        let mut changed = Changed::default();
        let Some(folder) = cx.folder else {
            return Ok(changed);
        };
        let drafts = sqlx::query("SELECT id, mailbox FROM message WHERE draft = 1")
            .fetch_all(self.connection())
            .await?;
        for row in drafts {
            let recording = RecordingId(row.try_get::<i64, _>(0)?.unsigned_abs());
            let mailbox: String = row.try_get(1)?;
            match (folder.length(recording), Number::parse(&mailbox)) {
                (Some(length), Ok(mailbox)) => {
                    sqlx::query("UPDATE message SET draft = 0, length_ms = ?2 WHERE id = ?1")
                        .bind(id(recording))
                        .bind(millis(length))
                        .execute(self.connection())
                        .await?;
                    self.put_mail(cx, &mailbox, recording).await?;
                    let counts = self.counts(&mailbox).await?;
                    changed.counts.push((mailbox, counts));
                    changed.found += 1;
                }
                (None, _) | (_, Err(_)) => {
                    sqlx::query("DELETE FROM message WHERE id = ?1")
                        .bind(id(recording))
                        .execute(self.connection())
                        .await?;
                }
            }
        }
        let known = sqlx::query("SELECT id FROM message UNION ALL SELECT recording FROM greeting")
            .fetch_all(self.connection())
            .await?;
        let known: BTreeSet<_> = recordings(&known)?.into_iter().collect();
        changed.removed = folder.others(&known);
        Ok(changed)
    }

    async fn put_message(
        &mut self,
        mailbox: &Number,
        message: &Message,
        draft: Draft,
    ) -> Result<(), Error> {
        let number = message.from.number.as_ref();
        sqlx::query(
            "INSERT INTO message (id, mailbox, at_ms, number, name, length_ms, heard, draft)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET length_ms = excluded.length_ms, draft = excluded.draft",
        )
        .bind(id(message.id))
        .bind(mailbox.as_str())
        .bind(message.at.0)
        .bind(number.map_or("", Number::as_str))
        .bind(&*message.from.name)
        .bind(millis(message.length))
        .bind(word(&message.heard)?)
        .bind(draft as i64)
        .execute(self.connection())
        .await
        .map(drop)
    }

    async fn counts(&mut self, mailbox: &Number) -> Result<MessageCounts, Error> {
        let rows = sqlx::query(
            "SELECT mailbox, heard, count(*) FROM message WHERE mailbox = ?1 AND draft = 0 GROUP BY heard",
        )
        .bind(mailbox.as_str())
        .fetch_all(self.connection())
        .await?;
        let all = counts(&rows).map_err(|error| Error::Decode(error.into()))?;
        Ok(all.get(mailbox).copied().unwrap_or_default())
    }
}

/// Mail.
impl Session {
    /// Has the owner of a mailbox mailed of a message, and once a day that his mailbox is full (VM-04).
    async fn put_mail(
        &mut self,
        cx: &Context<'_>,
        mailbox: &Number,
        message: RecordingId,
    ) -> Result<(), Error> {
        let owner = cx.site.directory.extension(mailbox);
        let is_wanted = owner.is_some_and(|owner| !owner.email.is_empty());
        if !is_wanted || cx.site.mail.host.is_empty() {
            return Ok(());
        }
        self.put_mail_about(cx, mailbox, MailAbout::Message(message))
            .await?;
        let counts = self.counts(mailbox).await?;
        if counts.new + counts.old < MESSAGES_MAX as u32 {
            return Ok(());
        }
        let told = sqlx::query(
            "INSERT INTO told_full (mailbox, at_ms) VALUES (?1, ?2)
             ON CONFLICT (mailbox) DO UPDATE SET at_ms = excluded.at_ms WHERE at_ms <= ?3",
        )
        .bind(mailbox.as_str())
        .bind(cx.now.0)
        .bind(cx.now.0 - TOLD_FULL_EVERY_MS)
        .execute(self.connection())
        .await?;
        if told.rows_affected() > 0 {
            self.put_mail_about(cx, mailbox, MailAbout::Full).await?;
        }
        Ok(())
    }

    async fn put_mail_about(
        &mut self,
        cx: &Context<'_>,
        mailbox: &Number,
        about: MailAbout,
    ) -> Result<(), Error> {
        let message = match about {
            MailAbout::Message(message) => Some(id(message)),
            MailAbout::Full => None,
        };
        sqlx::query(
            "INSERT INTO mail (mailbox, message, created_ms, due_ms, tries) VALUES (?1, ?2, ?3, ?3, 0)",
        )
        .bind(mailbox.as_str())
        .bind(message)
        .bind(cx.now.0)
        .execute(self.connection())
        .await
        .map(drop)
    }

    /// Writes what became of a mail.
    pub(crate) async fn write_mail(&mut self, mail: i64, write: MailWrite) -> Result<(), Error> {
        match write {
            MailWrite::Remove => sqlx::query("DELETE FROM mail WHERE id = ?1").bind(mail),
            MailWrite::Retry(due) => {
                sqlx::query("UPDATE mail SET tries = tries + 1, due_ms = ?2 WHERE id = ?1")
                    .bind(mail)
                    .bind(due.0)
            }
        }
        .execute(self.connection())
        .await
        .map(drop)
    }
}

impl Reader {
    /// What is in a mailbox.
    pub(crate) async fn mailbox(&self, mailbox: &Number) -> Result<Mailbox, ReadError> {
        let messages = sqlx::query(
            "SELECT id, at_ms, number, name, length_ms, heard FROM message
             WHERE mailbox = ?1 AND draft = 0 ORDER BY at_ms, id",
        )
        .bind(mailbox.as_str())
        .fetch_all(self.pool())
        .await?;
        let greetings = sqlx::query("SELECT kind, recording FROM greeting WHERE mailbox = ?1")
            .bind(mailbox.as_str())
            .fetch_all(self.pool())
            .await?;
        let greetings = greetings.iter().map(|row| {
            let kind: String = row.try_get(0)?;
            let kind = from_word(&kind)
                .map_err(|detail| bad_row(format!("a greeting of {mailbox}"), detail))?;
            Ok((kind, RecordingId(row.try_get::<i64, _>(1)?.unsigned_abs())))
        });
        Ok(Mailbox {
            greetings: greetings.collect::<Result<_, ReadError>>()?,
            messages: messages
                .iter()
                .map(read_message)
                .collect::<Result<_, _>>()?,
        })
    }

    /// How many messages each mailbox has that has any.
    pub(crate) async fn message_counts(
        &self,
    ) -> Result<BTreeMap<Number, MessageCounts>, ReadError> {
        let rows = sqlx::query(
            "SELECT mailbox, heard, count(*) FROM message WHERE draft = 0 GROUP BY mailbox, heard",
        )
        .fetch_all(self.pool())
        .await?;
        counts(&rows)
    }

    /// Mail that is due by then, the oldest first.
    pub(crate) async fn due_mail(&self, now: Wall, most: u32) -> Result<Vec<MailRow>, ReadError> {
        let rows = sqlx::query(
            "SELECT id, mailbox, message, created_ms, tries FROM mail WHERE due_ms <= ?1 ORDER BY due_ms, id LIMIT ?2",
        )
        .bind(now.0)
        .bind(most)
        .fetch_all(self.pool())
        .await?;
        rows.iter()
            .map(|row| {
                let id: i64 = row.try_get(0)?;
                let mailbox: String = row.try_get(1)?;
                let message: Option<i64> = row.try_get(2)?;
                Ok(MailRow {
                    id,
                    mailbox: Number::parse(&mailbox)
                        .map_err(|error| bad_row(format!("mail {id}"), error.to_string()))?,
                    about: message.map_or(MailAbout::Full, |message| {
                        MailAbout::Message(RecordingId(message.unsigned_abs()))
                    }),
                    created: Wall(row.try_get(3)?),
                    tries: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// When the next mail is due.
    pub(crate) async fn next_mail(&self) -> Result<Option<Wall>, ReadError> {
        let row = sqlx::query("SELECT min(due_ms) FROM mail")
            .fetch_one(self.pool())
            .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(Wall))
    }
}

/// Whether a message is still being left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Draft {
    No = 0,
    Yes = 1,
}

/// Reads `id, at_ms, number, name, length_ms, heard`.
fn read_message(row: &SqliteRow) -> Result<Message, ReadError> {
    let id: i64 = row.try_get(0)?;
    let bad = |detail: String| bad_row(format!("message {id}"), detail);
    let (number, heard): (String, String) = (row.try_get(2)?, row.try_get(5)?);
    let number = match &*number {
        "" => None,
        number => Some(Number::parse(number).map_err(|error| bad(error.to_string()))?),
    };
    Ok(Message {
        id: RecordingId(id.unsigned_abs()),
        at: Wall(row.try_get(1)?),
        from: Party {
            number,
            name: row.try_get(3)?,
        },
        length: Duration::from_millis(row.try_get::<i64, _>(4)?.unsigned_abs()),
        heard: from_word(&heard).map_err(bad)?,
    })
}

fn counts(rows: &[SqliteRow]) -> Result<BTreeMap<Number, MessageCounts>, ReadError> {
    let mut all = BTreeMap::<Number, MessageCounts>::new();
    for row in rows {
        let (mailbox, heard): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let bad = |detail: String| bad_row(format!("the mailbox {mailbox:?}"), detail);
        let number = Number::parse(&mailbox).map_err(|error| bad(error.to_string()))?;
        let of = all.entry(number).or_default();
        match from_word(&heard).map_err(bad)? {
            Heard::New => of.new = row.try_get(2)?,
            Heard::Old => of.old = row.try_get(2)?,
        }
    }
    Ok(all)
}

fn recordings(rows: &[SqliteRow]) -> Result<Vec<RecordingId>, Error> {
    let ids = rows.iter().map(|row| row.try_get::<i64, _>(0));
    ids.map(|id| Ok(RecordingId(id?.unsigned_abs()))).collect()
}

/// Recordings stay below 2^53.
const fn id(recording: RecordingId) -> i64 {
    recording.0.cast_signed()
}

fn ids(recordings: &[RecordingId]) -> Result<String, Error> {
    json(&recordings)
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// Names for one millisecond, and those of them that are given to copies.
const IN_ONE_MS: i64 = 1_000;
const COPIES_FROM: i64 = 500;
/// How often somebody is told that his mailbox is full.
const TOLD_FULL_EVERY_MS: i64 = 24 * 3_600_000;
