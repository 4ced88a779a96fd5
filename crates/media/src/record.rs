//! Recordings: written by a thread of their own, so that no disk makes sound wait.

use crate::wav::{Channels, Writer};
use model::{RecordingId, RecordingLayout};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// A fifth of a second of a recording.
#[derive(Debug)]
pub struct Block {
    recording: RecordingId,
    /// Its samples; left and right in turn when it is stereo.
    pub samples: Vec<i16>,
}

impl Block {
    /// An empty block, with room for all that it will hold.
    #[must_use]
    pub fn new(recording: RecordingId) -> Self {
        Self {
            recording,
            samples: Vec::with_capacity(BLOCK * 2),
        }
    }

    /// The same memory for another block.
    pub(crate) fn again(mut self, recording: RecordingId) -> Self {
        self.samples.clear();
        Self { recording, ..self }
    }

    /// Whether it is time to hand it over.
    pub(crate) fn is_full(&self) -> bool {
        self.samples.len() >= BLOCK
    }
}

/// What the writing thread is told.
enum Job {
    Begin(RecordingId, RecordingLayout),
    Block(Block),
    End(RecordingId),
}

/// The way to the writing thread. Copies lead to the same one.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    jobs: SyncSender<Job>,
}

/// The writing thread; dropping it waits until all is written.
#[derive(Debug)]
pub(crate) struct Recording {
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread. Recordings become `<folder>/<id>.wav`. `failed` is called once for each that
    /// cannot be written; `again` gets the memory of blocks that were.
    pub(crate) fn start(
        folder: PathBuf,
        rate_hz: u32,
        failed: impl Fn(RecordingId, &io::Error) + Send + 'static,
        again: SyncSender<Block>,
    ) -> io::Result<(Self, Recording)> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let mut desk = Desk {
            folder,
            rate_hz,
            files: BTreeMap::new(),
            failed: Box::new(failed),
        };
        let thread = std::thread::Builder::new()
            .name(String::from("recorder"))
            .spawn(move || desk.work(&queue, &again))?;
        let recording = Recording {
            thread: Some(thread),
        };
        Ok((Self { jobs }, recording))
    }

    /// Begins a file.
    pub(crate) fn begin(&self, recording: RecordingId, layout: RecordingLayout) {
        self.put(Job::Begin(recording, layout));
    }

    /// Goes on with it.
    pub(crate) fn block(&self, block: Block) {
        self.put(Job::Block(block));
    }

    /// Closes it.
    pub(crate) fn end(&self, recording: RecordingId) {
        self.put(Job::End(recording));
    }

    /// Never waits: a disk that is so slow loses a piece of a recording.
    fn put(&self, job: Job) {
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(job) {
            tracing::error!("the disk is too slow for the recordings; a piece of one is lost");
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the recorder ended in a panic");
        }
    }
}

type Failed = Box<dyn Fn(RecordingId, &io::Error) + Send>;

/// The thread's side.
struct Desk {
    folder: PathBuf,
    rate_hz: u32,
    files: BTreeMap<RecordingId, Writer<File>>,
    failed: Failed,
}

impl Desk {
    fn work(&mut self, queue: &Receiver<Job>, again: &SyncSender<Block>) {
        while let Ok(job) = queue.recv() {
            match job {
                Job::Begin(recording, layout) => self.begin(recording, layout),
                Job::Block(block) => {
                    self.write(&block);
                    // Enough of them wait already.
                    let _ = again.try_send(block);
                }
                Job::End(recording) => self.end(recording),
            }
        }
        let open: Vec<_> = self.files.keys().copied().collect();
        for recording in open {
            self.end(recording);
        }
    }

    fn begin(&mut self, recording: RecordingId, layout: RecordingLayout) {
        let channels = match layout {
            RecordingLayout::Stereo => Channels::Stereo,
            RecordingLayout::Mixed => Channels::Mono,
        };
        let path = path(&self.folder, recording);
        let begun = fs::create_dir_all(&self.folder)
            .and_then(|()| Writer::create(&path, channels, self.rate_hz));
        match begun {
            Ok(writer) => drop(self.files.insert(recording, writer)),
            Err(error) => (self.failed)(recording, &error),
        }
    }

    fn write(&mut self, block: &Block) {
        let Some(file) = self.files.get_mut(&block.recording) else {
            return;
        };
        if let Err(error) = file.write(&block.samples) {
            self.files.remove(&block.recording);
            (self.failed)(block.recording, &error);
        }
    }

    fn end(&mut self, recording: RecordingId) {
        if let Some(file) = self.files.remove(&recording)
            && let Err(error) = file.finish()
        {
            (self.failed)(recording, &error);
        }
    }
}

/// Where a recording is.
fn path(folder: &Path, recording: RecordingId) -> PathBuf {
    folder.join(format!("{recording}.wav"))
}

/// 200 ms of one channel at 8000 Hz; a stereo block is handed over after 100 ms.
const BLOCK: usize = 1_600;
/// Blocks that wait for the disk: some seconds of a hundred recordings.
const QUEUE_MAX: usize = 4_096;
