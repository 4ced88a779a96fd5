//! The thread that writes recordings.

use super::sequel::{Progress, Wound};
use super::take::{self, Take};
use super::{Begins, Folders, Job, Kind, Reel, Then};
use crate::wav;
use model::{LegId, RecordingId};
use std::fs;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What lies before the thread.
pub(super) struct Desk<F> {
    folders: Folders,
    pub(super) open: Vec<Open>,
    failed: F,
}

/// A recording in progress.
pub(super) struct Open {
    begins: Begins,
    wound: Wound,
    pub(super) take: Take,
    fate: Fate,
    /// Who waits for its end.
    then: Vec<Then>,
}

/// What becomes of a recording when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Discarded,
}

/// Whether what was taken must go to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Due,
    Later,
}

impl<F: Fn(LegId, RecordingId)> Desk<F> {
    pub(super) const fn new(folders: Folders, failed: F) -> Self {
        Self {
            folders,
            open: Vec::new(),
            failed,
        }
    }

    pub(super) fn work(mut self, queue: &Receiver<Job>) {
        take::recover(&self.folders.recordings);
        let mut flushed = Instant::now();
        loop {
            let job = if self.open.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(LOOK_EVERY)
            };
            match job {
                Ok(job) => self.serve(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if self.open.is_empty() => return,
                // The last tapes are about to be dropped, and nobody can go on with any.
                Err(RecvTimeoutError::Disconnected) => {
                    self.open.iter_mut().for_each(|open| open.wound.is_last());
                    std::thread::sleep(LOOK_EVERY);
                }
            }
            let flush = if flushed.elapsed() >= FLUSH_EVERY {
                flushed = Instant::now();
                Flush::Due
            } else {
                Flush::Later
            };
            self.write(flush);
        }
    }

    fn serve(&mut self, job: Job) {
        match job {
            Job::Begin(begins, reel) => self.begin(begins, reel),
            Job::WhenWritten(recording, then) => match self.dictation(recording) {
                Some(open) => open.then.push(then),
                None => then(wav::length(&self.folders.dictation(recording))),
            },
            Job::Discard(recording) => match self.dictation(recording) {
                Some(open) => open.fate = Fate::Discarded,
                None => self.remove(recording),
            },
        }
    }

    /// What is being taken down under that name.
    fn dictation(&mut self, recording: RecordingId) -> Option<&mut Open> {
        let is_it = |open: &&mut Open| {
            open.begins.kind == Kind::Dictation && open.begins.recording == recording
        };
        self.open.iter_mut().find(is_it)
    }

    fn remove(&self, recording: RecordingId) {
        match fs::remove_file(self.folders.dictation(recording)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, %recording, "a file of no use cannot be removed");
            }
            Ok(()) | Err(_) => {}
        }
    }

    pub(super) fn begin(&mut self, begins: Begins, reel: Reel) {
        let mut open = self.open.iter_mut();
        if let Some(open) = open.find(|open| open.begins.is_of(&begins)) {
            open.begins.leg = begins.leg;
            open.wound.go_on(reel, begins.rate);
            return;
        }
        let folder = self.folders.of(begins.kind);
        match Take::begin(folder, &begins) {
            Ok(take) => {
                let wound = Wound::new(reel, &begins);
                self.open.push(Open {
                    begins,
                    wound,
                    take,
                    fate: Fate::Kept,
                    then: Vec::new(),
                });
            }
            Err(error) => {
                let recording = begins.recording;
                tracing::error!(%error, %recording, folder = %folder.display(),
                    "a recording cannot be begun");
                // Torn first, so that whoever hears of it finds it so.
                drop(reel);
                (self.failed)(begins.leg, recording);
            }
        }
    }

    pub(super) fn write(&mut self, flush: Flush) {
        let mut place = 0;
        while let Some(open) = self.open.get_mut(place) {
            match open.write(flush) {
                Ok(Progress::GoesOn) => place += 1,
                Ok(Progress::IsOver) => {
                    let open = self.open.swap_remove(place);
                    self.end(open);
                }
                Err(error) => {
                    let open = self.open.swap_remove(place);
                    self.fail(open, &error);
                }
            }
        }
    }

    fn end(&self, open: Open) {
        let Begins { leg, recording, .. } = open.begins;
        let lost = open.wound.lost();
        if lost > 0 {
            tracing::warn!(%recording, lost, "the disk did not keep up: a recording has gaps");
        }
        if let Err(error) = open.take.complete() {
            tracing::error!(%error, %recording, "a recording cannot be completed");
            (self.failed)(leg, recording);
        }
        self.close(recording, open.fate, open.then);
    }

    fn fail(&self, open: Open, error: &io::Error) {
        let Begins { leg, recording, .. } = open.begins;
        tracing::error!(%error, %recording, "a recording cannot be written any further");
        drop(open.wound);
        if let Err(error) = open.take.salvage() {
            tracing::error!(%error, %recording, "what there is of a recording stays under its temporary name");
        }
        (self.failed)(leg, recording);
        self.close(recording, open.fate, open.then);
    }

    fn close(&self, recording: RecordingId, fate: Fate, then: Vec<Then>) {
        if fate == Fate::Discarded {
            self.remove(recording);
        }
        if !then.is_empty() {
            let length = wav::length(&self.folders.dictation(recording));
            then.into_iter().for_each(|then| then(length));
        }
    }
}

impl Open {
    /// Writes what is there.
    fn write(&mut self, flush: Flush) -> io::Result<Progress> {
        let progress = self.wound.take(|samples| self.take.write(samples))?;
        if flush == Flush::Due {
            self.take.flush()?;
        }
        Ok(progress)
    }
}

/// How often blocks are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often what was taken goes to the files. With what waits in a tape, and until it is looked for, less than a second
/// is lost when the process dies.
const FLUSH_EVERY: Duration = Duration::from_millis(800);
