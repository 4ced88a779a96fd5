//! Recordings: written by a thread of their own, so that no disk makes sound wait.
//!
//! - [`Tape`] is where media puts a recording, [`Reel`] where the thread takes it off. A recording that goes on with
//!   another leg has one after the other.
//! - [`OpusWriter`] and [`crate::wav::Writer`] are the formats, good at every moment up to what was last flushed.
//! - A file has a temporary name until it is complete; what an earlier run left behind is completed at the start.

pub(crate) mod course;
mod desk;
#[cfg(test)]
mod heard;
mod ogg;
mod opus;
mod sequel;
pub(crate) mod take;
mod tape;
#[cfg(test)]
mod tests;

use crate::Rate;
use crate::engine::DICTATED_AT;
use desk::Desk;
use model::{LegId, RecordingFormat, RecordingId, RecordingLayout};
pub use opus::OpusWriter;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
pub use tape::{Block, Reel, Tape, tape};

/// What is to be known of a recording when it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begins {
    pub(crate) kind: Kind,
    pub(crate) leg: LegId,
    pub(crate) recording: RecordingId,
    pub(crate) layout: RecordingLayout,
    pub(crate) format: RecordingFormat,
    pub(crate) rate: Rate,
}

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Both sides of a call.
    Conversation,
    /// What one party says: a message, a greeting.
    Dictation,
}

/// Where each kind is kept.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    pub(crate) recordings: PathBuf,
    pub(crate) voicemail: PathBuf,
}

impl Begins {
    /// What a leg says is to be taken down (VM-15).
    pub(crate) const fn dictation(leg: LegId, recording: RecordingId) -> Self {
        Self {
            kind: Kind::Dictation,
            leg,
            recording,
            layout: RecordingLayout::Mixed,
            format: RecordingFormat::Wav,
            rate: DICTATED_AT,
        }
    }

    /// Whether both become one file.
    fn is_of(&self, other: &Self) -> bool {
        (self.kind, self.recording, self.format) == (other.kind, other.recording, other.format)
    }
}

impl Folders {
    fn of(&self, kind: Kind) -> &Path {
        match kind {
            Kind::Conversation => &self.recordings,
            Kind::Dictation => &self.voicemail,
        }
    }

    /// The file of what was taken down.
    fn dictation(&self, recording: RecordingId) -> PathBuf {
        self.voicemail.join(format!("{recording}.wav"))
    }
}

/// What the writing thread has to do.
enum Job {
    Begin(Begins, Reel),
    WhenWritten(RecordingId, Then),
    Discard(RecordingId),
}

/// Told how long something is that was taken down; `None` when there is nothing of it.
pub(crate) type Then = Box<dyn FnOnce(Option<Duration>) + Send>;

/// The way to the writing thread. Copies lead to the same one.
#[derive(Clone)]
pub(crate) struct Recorder {
    jobs: SyncSender<Job>,
}

/// The writing thread; dropping it waits until all is written, which needs all [`Recorder`]s and [`Tape`]s dropped.
#[derive(Debug)]
pub(crate) struct Writing {
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Completes what an earlier run took down and did not live to end, and starts the thread, which first does the
    /// same with recordings. They become `<folder>/<id>.wav` or `.opus`; `failed` is called once for each that cannot
    /// be written.
    pub(crate) fn start(
        folders: Folders,
        failed: impl Fn(LegId, RecordingId) + Send + 'static,
    ) -> io::Result<(Self, Writing)> {
        let (jobs, queue) = sync_channel(JOBS_MAX);
        take::recover(&folders.voicemail);
        let desk = Desk::new(folders, failed);
        let thread = std::thread::Builder::new()
            .name(String::from("recorder"))
            .spawn(move || desk.work(&queue))?;
        let writing = Writing {
            thread: Some(thread),
        };
        Ok((Self { jobs }, writing))
    }

    /// Begins a recording, or goes on with one that is not over; `None` when too many begin at once.
    pub(crate) fn begin(&self, begins: Begins) -> Option<Tape> {
        let (tape, reel) = tape(begins.layout, begins.rate);
        let begun = self.jobs.try_send(Job::Begin(begins, reel));
        begun.ok().map(|()| tape)
    }

    /// Calls the function when what was taken down is complete, or at once when it is not being written.
    pub(crate) fn when_written(&self, recording: RecordingId, then: Then) {
        let job = Job::WhenWritten(recording, then);
        if let Err(TrySendError::Full(Job::WhenWritten(_, then))) = self.jobs.try_send(job) {
            tracing::error!(%recording, "the recorder does not keep up; something taken down is not waited for");
            then(None);
        }
    }

    /// Removes what was taken down, whether or not it is complete.
    pub(crate) fn discard(&self, recording: RecordingId) {
        if self.jobs.try_send(Job::Discard(recording)).is_err() {
            tracing::error!(%recording, "the recorder does not keep up; a file of no use stays until the next start");
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the recorder ended in a panic");
        }
    }
}

/// Recordings that begin, end their waiting or are discarded within the time in which the thread looks once.
const JOBS_MAX: usize = 1_024;
