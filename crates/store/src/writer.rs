//! The one thread that writes: many writes to a transaction, retained while the disk does not take them.

use crate::calls::OpenCalls;
use crate::completion::Done;
use crate::error::{Trouble, alarm};
use crate::keep::Keep;
use crate::objects::{self, ObjectChanges};
use crate::sqlite::{Reader, Session};
use crate::{BindingRow, Health, WriteError};
use model::{CallId, CallRecord, Fact, Number, Site, Wall};
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
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
}

/// Makes the new configuration from the current one; `None` leaves it as it is.
pub(crate) type Edit = Box<dyn FnOnce(&Site) -> Option<Site> + Send>;

/// Called with how long each commit took.
pub(crate) type Committed = Box<dyn Fn(Duration) + Send>;

pub(crate) struct Writer {
    pub(crate) session: Session,
    /// Closed with the writer, so that the database is left in one file.
    pub(crate) reader: Reader,
    pub(crate) queue: mpsc::Receiver<Job>,
    pub(crate) keep: Keep,
    pub(crate) site: Arc<RwLock<Arc<Site>>>,
    pub(crate) health: Health,
    pub(crate) file: PathBuf,
    pub(crate) committed: Committed,
    pub(crate) calls: OpenCalls,
    pub(crate) waiting: VecDeque<Step>,
    /// Set while the disk does not take writes.
    pub(crate) retry_at: Option<Instant>,
}

/// A job made ready: what it writes no longer depends on anything but the database.
pub(crate) enum Step {
    Record(Box<CallRecord>, Done),
    OpenCall(Box<crate::OpenCall>),
    CloseCall(CallId),
    PutBinding(BindingRow, Done),
    RemoveBinding(Number, String, Done),
    Site(Box<Replacement>, Done<Arc<Site>>),
}

/// A configuration and what must be written to get there.
pub(crate) struct Replacement {
    site: Arc<Site>,
    changes: ObjectChanges,
    removed: BTreeSet<Number>,
}

impl Writer {
    /// Writes until the queue is closed and empty; then ends the run.
    pub(crate) async fn work(mut self) {
        let mut last_alive = Instant::now();
        loop {
            let patience = self.retry_at.map_or(ALIVE_EVERY, |at| {
                at.saturating_duration_since(Instant::now())
            });
            match timeout(patience, self.queue.recv()).await {
                Ok(Some(job)) => self.gather(job).await,
                Ok(None) => break,
                Err(_) => {}
            }
            if self.retry_at.is_none_or(|at| at <= Instant::now()) {
                self.write().await;
            }
            if last_alive.elapsed() >= ALIVE_EVERY {
                last_alive = Instant::now();
                self.alive().await;
            }
        }
        self.write().await;
        self.give_up();
        self.reader.close().await;
        if let Err(error) = self.session.end_run(now()).await {
            tracing::error!(%error, "the database was not closed in order; nothing acknowledged is lost");
        }
    }

    /// Takes what arrives within a moment, so that one sync of the disk serves all of it.
    async fn gather(&mut self, first: Job) {
        self.prepare(first);
        let begin = Instant::now();
        while self.waiting.len() < BATCH_MAX {
            let left = GATHER.saturating_sub(begin.elapsed());
            match timeout(left, self.queue.recv()).await {
                Ok(Some(job)) => self.prepare(job),
                Ok(None) | Err(_) => break,
            }
        }
    }

    fn prepare(&mut self, job: Job) {
        match job {
            Job::Fact(at, fact) => {
                let site = self.current();
                if let Some(open) = self.calls.note(at, &fact, &site.directory) {
                    let step = Step::OpenCall(Box::new(open.clone()));
                    self.wait(step);
                }
            }
            Job::Record(record, done) => {
                let call = record.call;
                if self.calls.close(call) && !self.forget_unwritten(call) {
                    self.wait(Step::CloseCall(call));
                }
                self.wait(Step::Record(record, done));
            }
            Job::PutBinding(binding, done) => self.wait(Step::PutBinding(binding, done)),
            Job::RemoveBinding(extension, contact, done) => {
                self.wait(Step::RemoveBinding(extension, contact, done));
            }
            Job::Change(edit, done) => self.prepare_change(edit, done),
        }
    }

    fn prepare_change(&mut self, edit: Edit, done: Done<Arc<Site>>) {
        let base = self.tentative();
        let Some(site) = edit(&base).map(Arc::new) else {
            return done.tell(Ok(base));
        };
        match objects::changes(&self.keep, &base, &site) {
            Ok(changes) if changes == ObjectChanges::default() => done.tell(Ok(base)),
            Ok(changes) => {
                let removed = objects::removed_extensions(&base, &site);
                let replacement = Replacement {
                    site,
                    changes,
                    removed,
                };
                self.wait(Step::Site(Box::new(replacement), done));
            }
            Err(error) => done.tell(Err(WriteError::Refused(error.to_string()))),
        }
    }

    /// Whether the call's row has not reached the disk: then it need not be written, nor removed.
    fn forget_unwritten(&mut self, call: CallId) -> bool {
        let of_call = |step: &Step| match step {
            Step::OpenCall(open) if open.call == call => Some(open.begins),
            _ => None,
        };
        let unwritten = self.waiting.iter().filter_map(of_call).any(|begins| begins);
        self.waiting.retain(|step| of_call(step).is_none());
        unwritten
    }

    /// Retains a step until it is written, or refuses it when too many are.
    fn wait(&mut self, step: Step) {
        if self.waiting.len() < RETAINED_MAX {
            self.waiting.push_back(step);
        } else {
            step.tell(Err(WriteError::Busy));
        }
    }

    /// One transaction with everything that waits.
    async fn write(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let begin = Instant::now();
        match self.transaction().await {
            Ok(refused) => {
                self.retry_at = None;
                (self.committed)(begin.elapsed());
                self.acknowledge(refused);
            }
            Err(error) => {
                self.session.roll_back().await;
                self.retain(&error);
                self.retry_at = Some(Instant::now() + RETRY_AFTER);
            }
        }
    }

    /// Returns the places of steps that the database refuses for what they are.
    async fn transaction(&mut self) -> Result<BTreeSet<usize>, sqlx::Error> {
        let mut refused = BTreeSet::new();
        self.session.begin().await?;
        for (place, step) in self.waiting.iter().enumerate() {
            if let Err(error) = step.write(&mut self.session).await {
                if Trouble::of(&error) != Trouble::Statement {
                    return Err(error);
                }
                tracing::error!(%error, "a row was refused by the database and is lost");
                refused.insert(place);
            }
        }
        self.session.commit().await?;
        Ok(refused)
    }

    fn acknowledge(&mut self, refused: BTreeSet<usize>) {
        if self.health.set(None, 0) {
            tracing::info!("the database takes writes again");
        }
        for (place, step) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            if refused.contains(&place) {
                step.tell(Err(WriteError::Refused(String::from(
                    "the database refuses the row; the log says why",
                ))));
                continue;
            }
            if let Step::Site(replacement, _) = &step {
                *self.site.write().unwrap_or_else(PoisonError::into_inner) =
                    Arc::clone(&replacement.site);
            }
            step.tell(Ok(()));
        }
    }

    /// Keeps what must not be lost for the next try. A change of the configuration is refused instead:
    /// somebody waits to hear whether it was saved.
    fn retain(&mut self, error: &sqlx::Error) {
        let alarm = alarm(&self.file, error);
        for step in std::mem::take(&mut self.waiting) {
            match step {
                Step::Site(..) => step.tell(Err(WriteError::Refused(alarm.clone()))),
                other => self.waiting.push_back(other),
            }
        }
        if self.health.set(Some(&alarm), self.waiting.len()) {
            tracing::error!(retained = self.waiting.len(), "{alarm}");
        }
    }

    /// The end has come: what is still not on disk will not be.
    fn give_up(&mut self) {
        let lost = self.waiting.len();
        if lost > 0 {
            tracing::error!(lost, "the disk did not take the last writes");
        }
        for step in std::mem::take(&mut self.waiting) {
            step.tell(Err(WriteError::Closed));
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

    /// The configuration as it is once everything that waits is written.
    fn tentative(&self) -> Arc<Site> {
        let waiting = self.waiting.iter().rev().find_map(|step| match step {
            Step::Site(replacement, _) => Some(Arc::clone(&replacement.site)),
            _ => None,
        });
        waiting.unwrap_or_else(|| self.current())
    }
}

impl Step {
    async fn write(&self, session: &mut Session) -> Result<(), sqlx::Error> {
        match self {
            Self::Record(record, _) => session.put_record(record).await,
            Self::OpenCall(call) => session.put_open_call(call).await,
            Self::CloseCall(call) => session.remove_open_call(*call).await,
            Self::PutBinding(binding, _) => session.put_binding(binding).await,
            Self::RemoveBinding(extension, contact, _) => {
                session.remove_binding(extension, contact).await
            }
            Self::Site(replacement, _) => {
                session
                    .change_objects(&replacement.changes, &replacement.removed)
                    .await
            }
        }
    }

    fn tell(self, outcome: Result<(), WriteError>) {
        match self {
            Self::Record(_, done) | Self::PutBinding(_, done) | Self::RemoveBinding(_, _, done) => {
                done.tell(outcome)
            }
            Self::Site(replacement, done) => done.tell(outcome.map(|()| replacement.site)),
            Self::OpenCall(_) | Self::CloseCall(_) => {}
        }
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
const GATHER: Duration = Duration::from_millis(5);
/// How long a disk that refused is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a sign of life is written while calls are in progress: how exact the end of a call that a
/// crash ended can be.
const ALIVE_EVERY: Duration = Duration::from_secs(10);
