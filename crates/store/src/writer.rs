//! The one thread that writes: many writes to a transaction, retained while the disk does not take them.

use crate::batch::{Batch, Replacement, Written};
use crate::calls::OpenCalls;
use crate::completion::Done;
use crate::error::alarm;
use crate::keep::Keep;
use crate::objects::{self, ObjectChanges};
use crate::row::RowWrite;
use crate::sqlite::{Context, Reader, Session};
use crate::voicemail::{Changed, MessageListener, VoiceFolder, VoiceWrite};
use crate::{BindingRow, Health, WriteError};
use model::{CallRecord, Fact, Number, Site, Wall};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Something to be written.
pub(crate) enum Job {
    /// A call ended.
    Record(Box<CallRecord>, Done),
    /// Something happened in a call that goes on.
    Fact(Wall, Box<Fact>),
    PutBinding(BindingRow, Done),
    RemoveBinding(Number, String, Done),
    /// A new configuration, made from the current one.
    Change(Edit, Done<Arc<Site>>),
    /// A row that has no part in calls.
    Row(RowWrite, Done),
    /// Something of mailboxes.
    Voice(VoiceWrite, Done),
    /// Where messages and greetings are kept from here on.
    VoiceFolder(VoiceFolder),
    /// Tells when everything before it is on disk.
    Barrier(Done),
}

/// Makes the new configuration from the current one; `None` leaves it as it is.
pub(crate) type Edit = Box<dyn FnOnce(&Site) -> Option<Site> + Send>;

/// Called with each new configuration once it is on disk, in the order of the commits.
pub(crate) type SiteListener = Box<dyn Fn(&Arc<Site>) + Send>;

/// Called with how long each commit took.
pub(crate) type Committed = Box<dyn Fn(Duration) + Send>;

pub(crate) struct Writer {
    pub(crate) session: Session,
    /// Closed with the writer, so that the database is left in one file.
    pub(crate) reader: Reader,
    pub(crate) queue: mpsc::Receiver<Job>,
    pub(crate) keep: Keep,
    pub(crate) site: Arc<RwLock<Arc<Site>>>,
    pub(crate) listeners: Arc<Mutex<Vec<SiteListener>>>,
    /// Where messages and greetings are kept.
    pub(crate) voicemail: Option<VoiceFolder>,
    pub(crate) message_listeners: Arc<Mutex<Vec<MessageListener>>>,
    pub(crate) health: Health,
    pub(crate) file: PathBuf,
    pub(crate) committed: Committed,
    pub(crate) calls: OpenCalls,
    pub(crate) waiting: Batch,
    pub(crate) due: Due,
}

/// When something must be done though nothing arrives.
pub(crate) struct Due {
    /// A disk that refused is tried again.
    retry: Option<Instant>,
    /// Calls in progress are written down.
    open_calls: Option<Instant>,
    /// A sign of life is written.
    alive: Instant,
}

impl Writer {
    /// Writes until the queue is closed and empty; then ends the run.
    pub(crate) async fn work(mut self) {
        loop {
            let patience = self.due.next().saturating_duration_since(Instant::now());
            match timeout(patience, self.queue.recv()).await {
                Ok(Some(job)) => self.gather(job).await,
                Ok(None) => break,
                Err(_) => {}
            }
            let now = Instant::now();
            if self.due.retry.is_none_or(|at| at <= now) {
                self.write(now).await;
            }
            if self.due.alive <= now {
                self.due.alive = now + ALIVE_EVERY;
                self.alive().await;
            }
        }
        self.due.open_calls = Some(Instant::now());
        self.write(Instant::now()).await;
        if !self.waiting.is_empty() {
            let lost = self.waiting.len();
            tracing::error!(lost, "the disk did not take the last writes");
        }
        self.reader.close().await;
        if let Err(error) = self.session.end_run(now()).await {
            tracing::error!(%error, "the database was not closed in order; nothing acknowledged is lost");
        }
    }

    /// Takes what arrives within a moment, so that one sync of the disk serves all of it.
    async fn gather(&mut self, first: Job) {
        self.prepare(first);
        // Sleeping costs one wake-up; receiving would cost one for each write.
        tokio::time::sleep(GATHER).await;
        for _ in 0..BATCH_MAX {
            match self.queue.try_recv() {
                Ok(job) => self.prepare(job),
                Err(_) => break,
            }
        }
    }

    fn prepare(&mut self, job: Job) {
        let has_room = self.waiting.len() < RETAINED_MAX;
        match job {
            Job::Fact(at, fact) => {
                if let Fact::Queue(fact) = &*fact
                    && has_room
                {
                    self.waiting.queue(at, fact.clone());
                }
                let site = self.current();
                self.calls.note(at, &fact, &site.directory);
                self.due
                    .open_calls
                    .get_or_insert_with(|| Instant::now() + OPEN_CALLS_AFTER);
            }
            Job::Record(record, done) if has_room => {
                self.calls.close(record.call);
                self.waiting.record(record, done);
            }
            Job::PutBinding(row, done) if has_room => {
                let key = (row.extension, row.contact.clone());
                self.waiting.binding(key, Some(row), done);
            }
            Job::RemoveBinding(extension, contact, done) if has_room => {
                self.waiting.binding((extension, contact), None, done);
            }
            Job::Row(row, done) if has_room => self.waiting.row(row, done),
            Job::Voice(write, done) if has_room => self.waiting.voice(write, done),
            Job::VoiceFolder(folder) => self.voicemail = Some(folder),
            Job::Change(edit, done) => self.prepare_change(edit, done),
            Job::Barrier(done) if self.waiting.is_empty() => done.tell(Ok(())),
            Job::Barrier(done) => self.waiting.barrier(done),
            refused => refused.refuse(),
        }
    }

    fn prepare_change(&mut self, edit: Edit, done: Done<Arc<Site>>) {
        let base = self.waiting.last_site().unwrap_or_else(|| self.current());
        let Some(mut site) = edit(&base) else {
            return done.tell(Ok(base));
        };
        let removed = objects::removed_extensions(&base, &site);
        if !removed.is_empty() {
            Arc::make_mut(&mut site.directory).forget_the_gone();
        }
        let site = Arc::new(site);
        match objects::changes(&self.keep, &base, &site) {
            Ok(changes) if changes == ObjectChanges::default() => done.tell(Ok(base)),
            Ok(changes) => {
                let replacement = Replacement {
                    site,
                    changes,
                    removed,
                };
                self.waiting.site(replacement, done);
            }
            Err(error) => done.tell(Err(WriteError::Refused(error.to_string()))),
        }
    }

    /// One transaction with everything that waits and is due.
    async fn write(&mut self, now: Instant) {
        let calls_are_due = self.due.open_calls.is_some_and(|at| at <= now);
        if calls_are_due && self.calls.is_fresh() && self.waiting.is_empty() {
            self.due.open_calls = None;
        }
        if !self.waiting.is_urgent() && self.due.open_calls.is_none_or(|at| at > now) {
            return;
        }
        match self.transaction(calls_are_due).await {
            Ok(written) => {
                (self.committed)(now.elapsed());
                self.calls.told_ended();
                if calls_are_due {
                    self.calls.told_changed();
                    self.due.open_calls = None;
                }
                self.acknowledge(&written);
            }
            Err(error) => {
                self.session.roll_back().await;
                self.retain(&error);
                self.due.retry = Some(Instant::now() + RETRY_AFTER);
            }
        }
    }

    async fn transaction(&mut self, calls_are_due: bool) -> Result<Written, sqlx::Error> {
        self.session.begin().await?;
        let site = self.waiting.last_site().unwrap_or_else(|| self.current());
        let cx = Context {
            folder: self.voicemail.as_ref(),
            site: &site,
            now: now(),
        };
        let written = self.waiting.write(&mut self.session, &cx).await?;
        let changed = self.calls.changed();
        if calls_are_due && changed.clone().next().is_some() {
            self.session.put_open_calls(changed).await?;
        }
        // With the call's record, or the call would have two after a crash.
        let ended = self.calls.ended();
        if ended.clone().next().is_some() {
            self.session.remove_open_calls(ended).await?;
        }
        self.session.commit().await?;
        Ok(written)
    }

    fn acknowledge(&mut self, written: &Written) {
        if self.health.set(None, 0) {
            tracing::info!("the database takes writes again");
        }
        self.due.retry = None;
        let waited = std::mem::take(&mut self.waiting);
        if let Some(site) = waited.last_site() {
            *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&site);
            let listeners = self.listeners.lock();
            for listener in listeners.unwrap_or_else(PoisonError::into_inner).iter() {
                listener(&site);
            }
        }
        self.change_voices(&written.changed);
        waited.acknowledge(written);
    }

    /// Mailboxes are other than before: files of no use go, and whoever listens is told.
    fn change_voices(&self, changed: &Changed) {
        if let Some(folder) = &self.voicemail {
            folder.remove(&changed.removed);
        }
        if changed.found > 0 {
            tracing::info!(
                messages = changed.found,
                "messages that were being left are kept"
            );
        }
        let listeners = self.message_listeners.lock();
        for listener in listeners.unwrap_or_else(PoisonError::into_inner).iter() {
            for (mailbox, counts) in &changed.counts {
                listener(*mailbox, *counts);
            }
        }
    }

    /// Keeps what must not be lost for the next try.
    fn retain(&mut self, error: &sqlx::Error) {
        let alarm = alarm(&self.file, error);
        self.waiting
            .refuse_people(&WriteError::Refused(alarm.clone()));
        if self.health.set(Some(&alarm), self.waiting.len()) {
            tracing::error!(retained = self.waiting.len(), "{alarm}");
        }
    }

    async fn alive(&mut self) {
        if self.calls.is_empty() {
            return;
        }
        if let Err(error) = self.session.alive(now()).await {
            tracing::debug!(%error, "the sign of life was not written");
        }
    }

    fn current(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Due {
    pub(crate) fn new() -> Self {
        Self {
            retry: None,
            open_calls: None,
            alive: Instant::now() + ALIVE_EVERY,
        }
    }

    fn next(&self) -> Instant {
        // While the disk refuses, nothing else is tried.
        self.retry
            .or(self.open_calls)
            .map_or(self.alive, |at| at.min(self.alive))
    }
}

/// The wall clock.
pub(crate) fn now() -> Wall {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Wall(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Writes that wait for the writer. When it is full, what is put is refused with [`WriteError::Busy`].
pub const QUEUE_MAX: usize = 16_384;
/// Writes that are kept in memory while the disk takes none; more are refused with [`WriteError::Busy`].
pub const RETAINED_MAX: usize = 65_536;
/// Writes in one transaction.
const BATCH_MAX: usize = 4_096;
/// How long the first write waits for others. With the sync itself it stays below the 20 ms in which
/// what was acknowledged must be on disk (DESIGN §11).
const GATHER: Duration = Duration::from_millis(10);
/// How long a call is in progress before it is written down: one that ends before is not written twice.
const OPEN_CALLS_AFTER: Duration = Duration::from_millis(250);
/// How long a disk that refused is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a sign of life is written while calls are in progress: how exact the end of a call that a
/// crash ended can be.
const ALIVE_EVERY: Duration = Duration::from_secs(10);
