//! Mail to owners of mailboxes (VM-12): what the store has put out is sent, for as long as that takes.
//!
//! - [`letter`]: what a mail says.
//! - [`delivery`]: the way to the mail server.
//!
//! A mail that cannot be sent waits, longer each time, and none waits for another. One that was sent when the server was
//! killed before it could write that down is sent again, under the same Message-ID.

mod delivery;
mod letter;
#[cfg(test)]
mod tests;

use super::clock::Clock;
pub(super) use delivery::Delivery;
use delivery::Failure;
use letter::Letter;
use model::{Extension, MailboxChange, Site, Wall};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{MailAbout, MailRow, ReadError, Store};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Sends what waits.
#[derive(Clone, Debug)]
pub(super) struct Postman {
    pub(super) store: Store,
    /// The files folder.
    pub(super) files: PathBuf,
    pub(super) clock: Clock,
    pub(super) delivery: Delivery,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It was sent, or there is nothing to send any more.
    Done,
    /// It is tried again.
    Waits,
}

impl Postman {
    /// Sends for as long as the server runs; `news` tells that something may have been put out.
    pub(super) async fn work(self, news: Arc<Notify>) {
        loop {
            let next = match self.round(self.clock.now().wall).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the mail that waits cannot be read");
                    None
                }
            };
            let now = self.clock.now().wall;
            let wait = next.map_or(LOOK_EVERY, |at| {
                Duration::from_millis(u64::try_from(at.0 - now.0).unwrap_or(0)).min(LOOK_EVERY)
            });
            tokio::select! {
                () = news.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Tries all that is due; says when the next is.
    async fn round(&self, now: Wall) -> Result<Option<Wall>, ReadError> {
        loop {
            let due = self.store.due_mail(now, AT_ONCE).await?;
            if due.is_empty() {
                return self.store.next_mail().await;
            }
            let mut underway = JoinSet::new();
            for mail in due {
                let postman = self.clone();
                underway.spawn(async move { postman.carry(now, &mail).await });
            }
            let outcomes = underway.join_all().await;
            if outcomes.contains(&Err(NotWritten)) {
                // Rather late than twice.
                return Ok(None);
            }
        }
    }

    /// Tries one, and writes down what became of it.
    async fn carry(&self, now: Wall, mail: &MailRow) -> Result<(), NotWritten> {
        let written = match self.send(now, mail).await {
            Fate::Done => self.store.remove_mail(mail.id).await,
            Fate::Waits => {
                let wait = FIRST_WAIT_MS.saturating_mul(1 << mail.tries.min(10));
                let due = Wall(now.0 + wait.min(LAST_WAIT_MS));
                self.store.retry_mail(mail.id, due).await
            }
        };
        written.map_err(|_| NotWritten)
    }

    async fn send(&self, now: Wall, mail: &MailRow) -> Fate {
        let site = self.store.site();
        let mailbox = &mail.mailbox;
        let letter = match self.letter(&site, mail).await {
            Ok(Some(letter)) => letter,
            Ok(None) => return Fate::Done,
            Err(error) => {
                tracing::error!(%mailbox, %error, "a message to be mailed cannot be read, and waits");
                return Fate::Waits;
            }
        };
        match self.delivery.send(&site.mail, &letter).await {
            Ok(()) => {
                tracing::info!(%mailbox, "mail was sent");
                self.clear_away(&site, mail).await;
                Fate::Done
            }
            Err(Failure::Refused(why)) => {
                tracing::error!(%mailbox, "the mail server refuses mail for good: {why}");
                Fate::Done
            }
            Err(Failure::Passing(why)) if now.0 - mail.created.0 >= GIVEN_UP_AFTER_MS => {
                tracing::error!(%mailbox, tries = mail.tries, "mail is given up: {why}");
                Fate::Done
            }
            Err(Failure::Passing(why)) => {
                tracing::warn!(%mailbox, tries = mail.tries, "mail was not sent and waits: {why}; `bellwire doctor` looks at the server");
                Fate::Waits
            }
        }
    }

    /// Deletes a message that its owner wants by mail alone.
    async fn clear_away(&self, site: &Site, mail: &MailRow) {
        let owner = site.directory.extension(&mail.mailbox);
        let MailAbout::Message(recording) = mail.about else {
            return;
        };
        if owner.is_some_and(|owner| owner.voicemail_mail_only) {
            let delete = MailboxChange::Delete(vec![recording]);
            if let Err(error) = self.store.change_mailbox(mail.mailbox, delete).await {
                tracing::error!(mailbox = %mail.mailbox, %error, "a message that was mailed is kept");
            }
        }
    }

    /// What a mail says; `None` when there is nobody to read it, or nothing left to tell of.
    async fn letter(&self, site: &Site, mail: &MailRow) -> Result<Option<Letter>, Unread> {
        let owner = site.directory.extension(&mail.mailbox);
        let reads = |owner: &&Extension| !owner.email.is_empty() && !site.mail.host.is_empty();
        let Some(owner) = owner.filter(reads) else {
            return Ok(None);
        };
        let MailAbout::Message(recording) = mail.about else {
            return Ok(Some(Letter::of_full(site, owner, mail)));
        };
        let mailbox = self.store.mailbox(&mail.mailbox).await?;
        let mut messages = mailbox.messages.iter();
        let Some(message) = messages.find(|message| message.id == recording) else {
            return Ok(None);
        };
        let file = self.files.join(model::voice_file(recording));
        match tokio::fs::read(file).await {
            Ok(sound) => Ok(Some(Letter::of_message(site, owner, mail, message, sound))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a mail is about could not be read.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error(transparent)]
    Store(#[from] ReadError),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// What became of a mail could not be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NotWritten;

/// Mail that is tried at the same time.
const AT_ONCE: u32 = 8;
/// How often it is looked for mail that is due, should nobody tell of any.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long a mail waits that could not be sent once; twice as long each time after.
const FIRST_WAIT_MS: i64 = 60_000;
const LAST_WAIT_MS: i64 = 3_600_000;
/// When nobody waits for it any more.
const GIVEN_UP_AFTER_MS: i64 = 3 * 24 * 3_600_000;
