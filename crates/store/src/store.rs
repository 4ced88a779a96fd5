//! The face of the store.

use crate::batch::Batch;
use crate::calls::OpenCalls;
use crate::completion::Done;
use crate::keep::Keep;
use crate::mail::MailWrite;
use crate::objects::{self, BadRow};
use crate::row::RowWrite;
use crate::sqlite::{self, Reader, Session};
use crate::voicemail::{MessageListener, VoiceFolder, VoiceWrite};
use crate::writer::{Due, Job, QUEUE_MAX, SiteListener, Writer, now};
use crate::{
    BindingRow, CallQuery, Completion, ContactRow, DataFolder, Health, MailRow, OpenError, Page,
    QueueQuery, QueueStatistics, ReadError, SessionRow, StoredCall, TokenRow, WriteError,
};
use aws_lc_rs::hmac;
use model::{
    CallRecord, Change, Fact, Mailbox, MailboxChange, MessageCounts, Number, Party, RecordingId,
    Site, Wall,
};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Writes and reads what lasts. Copies speak to the same database.
///
/// No method that puts something blocks: it is handed to the writer's thread, and the [`Completion`] (or
/// the function given with `_then`) tells when it is on disk.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

struct Inner {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    reader: Reader,
    site: Arc<RwLock<Arc<Site>>>,
    listeners: Arc<Mutex<Vec<SiteListener>>>,
    message_listeners: Arc<Mutex<Vec<MessageListener>>>,
    health: Health,
    derive: hmac::Key,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// What was found when the store was opened.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The configuration.
    pub site: Arc<Site>,
    /// Registered phones whose registration has not ended.
    pub bindings: Vec<BindingRow>,
    /// Calls that an earlier run did not end; their records are written.
    pub interrupted: usize,
}

impl Store {
    /// Opens the database, makes it when it is missing, and begins a run. Blocks until it is open.
    /// `committed` is called with the time that each commit took.
    pub fn open(
        folder: &DataFolder,
        database: &Path,
        committed: impl Fn(Duration) + Send + 'static,
    ) -> Result<Opened, OpenError> {
        let keep = Keep::open(&folder.join(DataFolder::KEY))?;
        let key_file = folder.join(DataFolder::KEY);
        let file = folder.join(database);
        let derive = keep.derive();
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        let (opened, found) = oneshot::channel();
        let health = Health::default();
        let start = Start {
            keep,
            key_file,
            file: file.clone(),
            queue,
            health: health.clone(),
            committed: Box::new(committed),
        };
        let thread = std::thread::Builder::new()
            .name(String::from("store"))
            .spawn(move || start.run(opened))
            .map_err(|source| OpenError::Folder {
                folder: folder.path().to_owned(),
                source,
            })?;
        let found = found
            .blocking_recv()
            .unwrap_or_else(|_| Err(OpenError::of(&file, sqlx::Error::WorkerCrashed)))?;
        let inner = Inner {
            queue: Mutex::new(Some(sender)),
            reader: found.reader,
            site: found.shared,
            listeners: found.listeners,
            message_listeners: found.message_listeners,
            health,
            derive,
            thread: Mutex::new(Some(thread)),
        };
        Ok(Opened {
            store: Self(Arc::new(inner)),
            site: found.site,
            bindings: found.bindings,
            interrupted: found.interrupted,
        })
    }

    /// The configuration that is on disk.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.0.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls the function with each configuration that is put in force from here on, whoever changed it, once it is on
    /// disk and before whoever changed it hears so; in the order of the changes, on the writer's thread: it must not
    /// block.
    pub fn on_site(&self, listener: impl Fn(&Arc<Site>) + Send + 'static) {
        let mut listeners = self
            .0
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.push(Box::new(listener));
    }

    /// How the store is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.health.clone()
    }

    /// A key for one purpose, the same at every start and on no other machine.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.0.derive, purpose.as_bytes());
        // The length is that of the algorithm.
        tag.as_ref().try_into().unwrap_or_default()
    }

    /// Writes the record of a call that ended.
    pub fn put_record(&self, record: CallRecord) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::Record(Box::new(record), done));
        completion
    }

    /// As [`Store::put_record`]; the function is called on the writer's thread and must not block.
    pub fn put_record_then(
        &self,
        record: CallRecord,
        then: impl FnOnce(Result<(), WriteError>) + Send + 'static,
    ) {
        self.put(Job::Record(Box::new(record), Done::call(then)));
    }

    /// Notes what happens in calls, so that a call that a crash ends has a record too, what becomes of callers of queues,
    /// and counts who is refused. Other facts are ignored.
    pub fn note(&self, now: Wall, fact: &Fact) {
        match fact {
            Fact::Began { .. }
            | Fact::Joined { .. }
            | Fact::Entered { .. }
            | Fact::Recording { .. }
            | Fact::Merged { .. }
            | Fact::Queue(_) => {
                self.put(Job::Fact(now, Box::new(fact.clone())));
            }
            Fact::Blocked(number) => drop(self.put_row(RowWrite::Blocked(*number))),
            Fact::MessageBegun { mailbox, message } => {
                drop(self.put_voice(VoiceWrite::Begin(*mailbox, message.clone())));
            }
            Fact::Extension(..)
            | Fact::RecordingEnded { .. }
            | Fact::Lamp(..)
            | Fact::Emergency { .. }
            | Fact::Room(..)
            | Fact::CodeUsed { .. }
            | Fact::WokenUp { .. }
            | Fact::MailboxFull(_)
            | Fact::PinRefused { .. }
            | Fact::Ended(_) => {}
        }
    }

    /// Keeps a registration, in place of what was kept of the same contact.
    pub fn put_binding(&self, binding: BindingRow) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::PutBinding(binding, done));
        completion
    }

    /// Forgets a registration.
    pub fn remove_binding(&self, extension: Number, contact: String) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::RemoveBinding(extension, contact, done));
        completion
    }

    /// Completes when everything that was put before is on disk. While the disk takes no writes it waits with them.
    pub fn barrier(&self) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::Barrier(done));
        completion
    }

    /// Calls the function when everything that was put before is on disk, on the writer's thread: it must
    /// not block. While the disk takes no writes it waits with them.
    pub fn barrier_then(&self, then: impl FnOnce(Result<(), WriteError>) + Send + 'static) {
        self.put(Job::Barrier(Done::call(then)));
    }

    /// Saves a setting that was changed by telephone; completes with the new configuration.
    pub fn save_change(&self, change: Change) -> Completion<Arc<Site>> {
        self.change(move |site| changed(site, &change))
    }

    /// As [`Store::save_change`]; the function is called on the writer's thread and must not block.
    pub fn save_change_then(
        &self,
        change: Change,
        then: impl FnOnce(Result<Arc<Site>, WriteError>) + Send + 'static,
    ) {
        let edit = Box::new(move |site: &Site| changed(site, &change));
        self.put(Job::Change(edit, Done::call(then)));
    }

    /// Replaces the configuration, in one transaction. The function gets the configuration as it is at
    /// that moment, on the writer's thread; `None` leaves it as it is.
    pub fn change(
        &self,
        edit: impl FnOnce(&Site) -> Option<Site> + Send + 'static,
    ) -> Completion<Arc<Site>> {
        let (done, completion) = Done::awaited();
        self.put(Job::Change(Box::new(edit), done));
        completion
    }

    /// Keeps somebody logged in, in place of what was kept under the same hash.
    pub fn put_session(&self, session: SessionRow) -> Completion {
        self.put_row(RowWrite::PutSession(session))
    }

    /// Forgets that somebody was logged in.
    pub fn remove_session(&self, hash: String) -> Completion {
        self.put_row(RowWrite::RemoveSession(hash))
    }

    /// Keeps a token, in place of the one of that name.
    pub fn put_token(&self, token: TokenRow) -> Completion {
        self.put_row(RowWrite::PutToken(token))
    }

    /// Forgets a token.
    pub fn remove_token(&self, name: String) -> Completion {
        self.put_row(RowWrite::RemoveToken(name))
    }

    /// Keeps an extension's contact, in place of the one of that id.
    pub fn put_contact(&self, contact: ContactRow) -> Completion {
        self.put_row(RowWrite::PutContact(contact))
    }

    /// Forgets an extension's contact.
    pub fn remove_contact(&self, id: u64) -> Completion {
        self.put_row(RowWrite::RemoveContact(id))
    }

    /// Keeps messages and greetings in a folder from here on, where nobody writes yet. What was being left when an earlier
    /// run was killed becomes messages as long as their files; files that belong to nothing are removed.
    pub fn keep_voicemail_in(&self, folder: PathBuf) -> Completion {
        self.put(Job::VoiceFolder(VoiceFolder::new(folder)));
        self.put_voice(VoiceWrite::Recover)
    }

    /// Calls the function whenever a mailbox may have other messages than before, once that is on disk and before whoever
    /// changed it hears so; on the writer's thread: it must not block.
    pub fn on_messages(&self, listener: impl Fn(Number, MessageCounts) + Send + 'static) {
        let mut listeners = self
            .0
            .message_listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.push(Box::new(listener));
    }

    /// Changes a mailbox, and has its owner mailed of new messages.
    pub fn change_mailbox(&self, mailbox: Number, change: MailboxChange) -> Completion {
        self.put_voice(VoiceWrite::Change(mailbox, change))
    }

    /// As [`Store::change_mailbox`]; the function is called on the writer's thread and must not block.
    pub fn change_mailbox_then(
        &self,
        mailbox: Number,
        change: MailboxChange,
        then: impl FnOnce(Result<(), WriteError>) + Send + 'static,
    ) {
        let write = VoiceWrite::Change(mailbox, change);
        self.put(Job::Voice(write, Done::call(then)));
    }

    /// Forgets a message that was being left; its file is removed by whoever writes it.
    pub fn discard_message(&self, recording: RecordingId) {
        drop(self.put_voice(VoiceWrite::Discard(recording)));
    }

    /// What is in a mailbox.
    pub async fn mailbox(&self, mailbox: &Number) -> Result<Mailbox, ReadError> {
        self.0.reader.mailbox(mailbox).await
    }

    /// How many messages each mailbox has that has any.
    pub async fn message_counts(&self) -> Result<BTreeMap<Number, MessageCounts>, ReadError> {
        self.0.reader.message_counts().await
    }

    /// Mail that is due by then, the oldest first.
    pub async fn due_mail(&self, now: Wall, most: u32) -> Result<Vec<MailRow>, ReadError> {
        self.0.reader.due_mail(now, most).await
    }

    /// When the next mail is due; `None`: none waits.
    pub async fn next_mail(&self) -> Result<Option<Wall>, ReadError> {
        self.0.reader.next_mail().await
    }

    /// A mail is done with: sent, given up, or of no use.
    pub fn remove_mail(&self, mail: i64) -> Completion {
        self.put_row(RowWrite::Mail(mail, MailWrite::Remove))
    }

    /// A mail could not be sent, and is tried again then.
    pub fn retry_mail(&self, mail: i64, due: Wall) -> Completion {
        self.put_row(RowWrite::Mail(mail, MailWrite::Retry(due)))
    }

    /// Everybody who is logged in.
    pub async fn sessions(&self) -> Result<Vec<SessionRow>, ReadError> {
        self.0.reader.sessions().await
    }

    /// Every token.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, ReadError> {
        self.0.reader.tokens().await
    }

    /// The contacts of one extension, or of all.
    pub async fn contacts(&self, owner: Option<&Number>) -> Result<Vec<ContactRow>, ReadError> {
        self.0.reader.contacts(owner).await
    }

    /// How often each blacklisted caller was refused (BL-07).
    pub async fn blacklist_hits(&self) -> Result<BTreeMap<Number, u64>, ReadError> {
        self.0.reader.blacklist_hits().await
    }

    /// The call record of that id.
    pub async fn call(&self, id: i64) -> Result<Option<StoredCall>, ReadError> {
        self.0.reader.call(id).await
    }

    /// Some of the call records that a question asks for, newest first, that are older than another one: how all of them
    /// are read, however many there are and whatever is added meanwhile. The question's pages do not count.
    pub async fn calls_before(
        &self,
        query: &CallQuery,
        before: Option<&StoredCall>,
    ) -> Result<Vec<StoredCall>, ReadError> {
        self.0.reader.calls_before(query, before).await
    }

    /// The call records that a question asks for, newest first.
    pub async fn calls(&self, query: &CallQuery) -> Result<Page<StoredCall>, ReadError> {
        self.0.reader.calls(query).await
    }

    /// What happened in a queue (QU-13).
    pub async fn queue_statistics(&self, query: &QueueQuery) -> Result<QueueStatistics, ReadError> {
        self.0.reader.queue_statistics(query).await
    }

    /// Who called in the last call that an extension took part in and did not make itself; without a number when he
    /// showed none.
    pub async fn last_caller(&self, extension: &Number) -> Result<Option<Party>, ReadError> {
        self.0.reader.last_caller(extension).await
    }

    /// Copies the database as it is at this moment into a file that does not exist yet, while calls go on.
    pub async fn copy_to(&self, file: &Path) -> Result<(), ReadError> {
        let Some(name) = file.to_str() else {
            return Err(ReadError::Row {
                what: String::from("the name of the copy"),
                detail: String::from("it is not UTF-8"),
            });
        };
        self.0.reader.copy_to(name).await
    }

    /// Looks at every page of the database; the error says what is wrong with it.
    pub async fn check(&self) -> Result<(), ReadError> {
        self.0.reader.check().await
    }

    /// Writes what waits, ends the run and closes the database. Blocks until that is done; writes that the
    /// disk still refuses are told so.
    pub fn close(&self) {
        let queue = self.lock_queue().take();
        drop(queue);
        let thread = self
            .0
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database ended in a panic");
        }
    }

    fn put_row(&self, row: RowWrite) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::Row(row, done));
        completion
    }

    fn put_voice(&self, write: VoiceWrite) -> Completion {
        let (done, completion) = Done::awaited();
        self.put(Job::Voice(write, done));
        completion
    }

    /// Never waits: when the queue is full, dropping the job tells whoever waits for it.
    fn put(&self, job: Job) {
        let queue = self.lock_queue().clone();
        if let Some(queue) = queue
            && let Err(mpsc::error::TrySendError::Full(job)) = queue.try_send(job)
        {
            job.refuse();
        }
    }

    fn lock_queue(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Job>>> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The configuration with one setting changed; `None` when there is nothing to change.
fn changed(site: &Site, change: &Change) -> Option<Site> {
    Some(Site {
        directory: Arc::new(change.made_in(&site.directory)?),
        ..site.clone()
    })
}

impl Job {
    /// There is no room for it.
    pub(crate) fn refuse(self) {
        match self {
            Self::Record(_, done)
            | Self::PutBinding(_, done)
            | Self::RemoveBinding(_, _, done)
            | Self::Row(_, done)
            | Self::Voice(_, done)
            | Self::Barrier(done) => done.tell(Err(WriteError::Busy)),
            Self::Change(_, done) => done.tell(Err(WriteError::Busy)),
            Self::Fact(..) | Self::VoiceFolder(_) => {}
        }
    }
}

/// What the writer's thread begins with.
struct Start {
    keep: Keep,
    key_file: PathBuf,
    file: PathBuf,
    queue: mpsc::Receiver<Job>,
    health: Health,
    committed: crate::writer::Committed,
}

/// What it found.
struct Found {
    reader: Reader,
    site: Arc<Site>,
    shared: Arc<RwLock<Arc<Site>>>,
    listeners: Arc<Mutex<Vec<SiteListener>>>,
    message_listeners: Arc<Mutex<Vec<MessageListener>>>,
    bindings: Vec<BindingRow>,
    interrupted: usize,
}

impl Start {
    fn run(self, opened: oneshot::Sender<Result<Found, OpenError>>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(source) => {
                let folder = self.file;
                let _ = opened.send(Err(OpenError::Folder { folder, source }));
                return;
            }
        };
        runtime.block_on(async move {
            match self.open().await {
                Ok((writer, found)) => {
                    if opened.send(Ok(found)).is_ok() {
                        writer.work().await;
                    }
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            }
        });
    }

    async fn open(self) -> Result<(Writer, Found), OpenError> {
        let file = self.file;
        let trouble = |source| OpenError::of(&file, source);
        let mut connection = sqlite::open(&file).await?;
        let rows = sqlite::objects(&mut connection).await.map_err(trouble)?;
        let site = objects::site(&self.keep, rows).map_err(|bad| match bad {
            BadRow::Sealed { .. } => OpenError::Key {
                file: self.key_file,
                detail: bad.to_string(),
            },
            BadRow::Unreadable { .. } => OpenError::Damaged {
                file: file.clone(),
                detail: bad.to_string(),
            },
        })?;
        let bindings = sqlite::bindings(&mut connection, now())
            .await
            .map_err(trouble)?;
        let mut session = Session::begin_run(connection, now())
            .await
            .map_err(trouble)?;
        let interrupted = session.close_interrupted().await.map_err(trouble)?;
        let site = Arc::new(site);
        let shared = Arc::new(RwLock::new(Arc::clone(&site)));
        let reader = Reader::new(&file);
        let listeners = Arc::default();
        let message_listeners = Arc::default();
        let writer = Writer {
            session,
            reader: reader.clone(),
            queue: self.queue,
            keep: self.keep,
            site: Arc::clone(&shared),
            listeners: Arc::clone(&listeners),
            voicemail: None,
            message_listeners: Arc::clone(&message_listeners),
            health: self.health,
            file: file.clone(),
            committed: self.committed,
            calls: OpenCalls::default(),
            waiting: Batch::default(),
            due: Due::new(),
        };
        let found = Found {
            reader,
            site,
            shared,
            listeners,
            message_listeners,
            bindings,
            interrupted,
        };
        Ok((writer, found))
    }
}
