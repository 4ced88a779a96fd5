//! Writing, in a thread of its own.

use super::{Entry, Header};
use model::{CallRecord, Input, Now};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Takes inputs without ever making the switch wait: what does not fit is counted as lost.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    lost: Arc<AtomicU64>,
    full: Arc<AtomicBool>,
    /// Another file was begun, but the thread has not come to it.
    turning: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The size from which on another file is wanted. A file is never more than twice as long.
    pub(crate) file_bytes: u64,
    /// The size of all files together; the oldest go first.
    pub(crate) total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            total_bytes: 1 << 30,
        }
    }
}

enum Job {
    Begin(Box<Header>),
    Entry(Entry),
}

impl Writer {
    /// Begins a new file in the folder, which is made when it is missing.
    pub(crate) fn begin(folder: &Path, header: Header, limits: Limits) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let (queue, jobs) = sync_channel(QUEUE_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let (full, turning) = (Arc::default(), Arc::default());
        let mut scribe = Scribe {
            folder: folder.to_owned(),
            limits,
            file: None,
            bytes: 0,
            lost: Arc::clone(&lost),
            full: Arc::clone(&full),
            turning: Arc::clone(&turning),
            retry: None,
        };
        // The first file is made here, so that a folder that cannot be written is told at once.
        scribe.begin(&header)?;
        let thread = std::thread::Builder::new()
            .name(String::from("journal"))
            .spawn(move || scribe.work(&jobs))?;
        Ok(Self {
            queue: Some(queue),
            lost,
            full,
            turning,
            thread: Some(thread),
        })
    }

    /// Writes an input down, before the switch handles it.
    pub(crate) fn put(&self, now: Now, input: &Input) {
        let input = input.clone();
        self.send(Job::Entry(Entry::Input { now, input }));
    }

    /// Writes down how a call sounded that ended, if that is known and there is room.
    pub(crate) fn rate(&self, now: Now, record: &CallRecord) {
        if record.quality.is_empty() {
            return;
        }
        let (call, quality) = (record.call, record.quality.clone());
        self.offer(Job::Entry(Entry::Rated { now, call, quality }));
    }

    /// Whether another file is wanted: then [`Writer::next_file`] is to be called with the switch's state.
    pub(crate) fn wants_next_file(&self) -> bool {
        self.full.load(Ordering::Acquire) && !self.turning.load(Ordering::Acquire)
    }

    /// Begins another file. What was put before stands in the old one.
    pub(crate) fn next_file(&self, header: Header) {
        self.turning.store(true, Ordering::Release);
        if !self.send(Job::Begin(Box::new(header))) {
            self.turning.store(false, Ordering::Release);
        }
    }

    /// Returns whether there was room; if not, the job is missing from what can be replayed.
    fn send(&self, job: Job) -> bool {
        let sent = self.offer(job);
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        sent
    }

    /// Returns whether there was room.
    fn offer(&self, job: Job) -> bool {
        let queue = self.queue.as_ref();
        queue.is_some_and(|queue| match queue.try_send(job) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        })
    }
}

impl Drop for Writer {
    /// Waits until everything is written.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the journal ended in a panic");
        }
    }
}

/// The thread's side.
struct Scribe {
    folder: PathBuf,
    limits: Limits,
    /// `None` while nothing can be written.
    file: Option<BufWriter<File>>,
    bytes: u64,
    lost: Arc<AtomicU64>,
    full: Arc<AtomicBool>,
    turning: Arc<AtomicBool>,
    /// When another file is tried after one could not be written.
    retry: Option<Instant>,
}

impl Scribe {
    fn work(mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(FLUSH_AFTER) {
                Ok(first) => self.gather(first, jobs),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = self.flush() {
                        self.fail(&error);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.retry.is_some_and(|at| at <= Instant::now()) {
                self.retry = None;
                self.full.store(true, Ordering::Release);
            }
        }
        if let Err(error) = self.flush() {
            self.fail(&error);
        }
    }

    /// Takes what arrives within a moment. A thread that waits must be woken for each input, one that sleeps
    /// for none.
    fn gather(&mut self, first: Job, jobs: &Receiver<Job>) {
        self.job(first);
        std::thread::sleep(GATHER);
        for _ in 0..QUEUE_MAX {
            match jobs.try_recv() {
                Ok(job) => self.job(job),
                Err(_) => return,
            }
        }
    }

    fn job(&mut self, job: Job) {
        let written = match job {
            Job::Entry(entry) => self.entry(&entry),
            Job::Begin(header) => self.begin(&header),
        };
        if let Err(error) = written {
            self.fail(&error);
        }
    }

    /// Begins a file, and removes the oldest while there are too many.
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.flush()?;
        self.file = None;
        self.remove_oldest()?;
        let name = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S.%6fZ");
        let path = self.folder.join(format!("{name}{ENDING}"));
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        self.file = Some(BufWriter::with_capacity(BUFFER, file));
        self.bytes = 0;
        self.full.store(false, Ordering::Release);
        self.turning.store(false, Ordering::Release);
        // What was lost before does not matter to a file that begins with the state.
        self.lost.store(0, Ordering::Relaxed);
        self.line(header)?;
        self.flush()
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        if self.file.is_none() || self.bytes >= self.limits.file_bytes.saturating_mul(2) {
            let inputs = u64::from(matches!(entry, Entry::Input { .. }));
            self.lost.fetch_add(inputs, Ordering::Relaxed);
            return Ok(());
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            self.line(&Entry::Lost { lost })?;
        }
        self.line(entry)
    }

    fn line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        file.write_all(&line)?;
        self.bytes += u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.bytes >= self.limits.file_bytes {
            self.full.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Nothing more is written until another file can be begun; calls go on.
    fn fail(&mut self, error: &io::Error) {
        tracing::warn!(%error, "the journal cannot be written; calls go on without it");
        if let Some(file) = self.file.take() {
            // What is buffered could not be written either: it must not be tried again here.
            let (_, _) = file.into_parts();
        }
        self.retry = Some(Instant::now() + RETRY_AFTER);
        self.full.store(false, Ordering::Release);
        self.turning.store(false, Ordering::Release);
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.path().to_string_lossy().ends_with(ENDING) {
                files.push((entry.path(), entry.metadata()?.len()));
            }
        }
        // Their names begin with their time.
        files.sort();
        let mut total: u64 = files.iter().map(|(_, bytes)| bytes).sum();
        for (path, bytes) in files {
            if total <= self.limits.total_bytes {
                break;
            }
            fs::remove_file(path)?;
            total -= bytes;
        }
        Ok(())
    }
}

/// Inputs that wait to be written: a second of a very busy server. More are counted as lost.
const QUEUE_MAX: usize = 65_536;
/// How long the first input waits for others.
const GATHER: Duration = Duration::from_millis(5);
/// How long an input may be in memory only.
const FLUSH_AFTER: Duration = Duration::from_millis(100);
/// How long a disk that refused is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(10);
const BUFFER: usize = 64 << 10;
/// How the files' names end.
const ENDING: &str = ".journal";
