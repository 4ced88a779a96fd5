//! Recordings: written by a thread of their own, so that no disk makes sound wait.
//!
//! - [`Tape`] is where media puts a recording, [`Reel`] where the thread takes it off. A recording that goes on with
//!   another leg has one after the other.
//! - [`OpusWriter`] and [`crate::wav::Writer`] are the formats, good at every moment up to what was last flushed.
//! - A file has a temporary name until it is complete; what an earlier run left behind is completed at the start.

pub(crate) mod course;
#[cfg(test)]
mod heard;
mod ogg;
mod opus;
mod sequel;
mod take;
mod tape;
#[cfg(test)]
mod tests;

use crate::Rate;
use model::{LegId, RecordingFormat, RecordingId, RecordingLayout};
pub use opus::OpusWriter;
use sequel::{Progress, Wound};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use take::Take;
pub use tape::{Block, Reel, Tape, tape};

/// What is to be known of a recording when it begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begins {
    pub(crate) leg: LegId,
    pub(crate) recording: RecordingId,
    pub(crate) layout: RecordingLayout,
    pub(crate) format: RecordingFormat,
    pub(crate) rate: Rate,
}

impl Begins {
    /// Whether both become one file.
    fn is_of(&self, other: &Self) -> bool {
        (self.recording, self.format) == (other.recording, other.format)
    }
}

/// The way to the writing thread. Copies lead to the same one.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    jobs: SyncSender<(Begins, Reel)>,
}

/// The writing thread; dropping it waits until all is written, which needs all [`Recorder`]s and [`Tape`]s dropped.
#[derive(Debug)]
pub(crate) struct Writing {
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread, which first completes what an earlier run left in the folder. Recordings become
    /// `<folder>/<id>.wav` or `.opus`; `failed` is called once for each that cannot be written.
    pub(crate) fn start(
        folder: PathBuf,
        failed: impl Fn(LegId, RecordingId) + Send + 'static,
    ) -> io::Result<(Self, Writing)> {
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let desk = Desk {
            folder,
            open: Vec::new(),
            failed,
        };
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
        self.jobs.try_send((begins, reel)).ok().map(|()| tape)
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

/// The thread's side.
struct Desk<F> {
    folder: PathBuf,
    open: Vec<Open>,
    failed: F,
}

struct Open {
    begins: Begins,
    wound: Wound,
    take: Take,
}

/// Whether what was taken must go to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flush {
    Due,
    Later,
}

impl<F: Fn(LegId, RecordingId)> Desk<F> {
    fn work(mut self, queue: &Receiver<(Begins, Reel)>) {
        take::recover(&self.folder);
        let mut flushed = Instant::now();
        loop {
            let job = if self.open.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(LOOK_EVERY)
            };
            match job {
                Ok((begins, reel)) => self.begin(begins, reel),
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

    fn begin(&mut self, begins: Begins, reel: Reel) {
        let mut open = self.open.iter_mut();
        if let Some(open) = open.find(|open| open.begins.is_of(&begins)) {
            open.begins.leg = begins.leg;
            open.wound.go_on(reel, begins.rate);
            return;
        }
        match Take::begin(&self.folder, &begins) {
            Ok(take) => {
                let wound = Wound::new(reel, &begins);
                self.open.push(Open {
                    begins,
                    wound,
                    take,
                });
            }
            Err(error) => {
                let recording = begins.recording;
                tracing::error!(%error, %recording, folder = %self.folder.display(),
                    "a recording cannot be begun");
                // Torn first, so that whoever hears of it finds it so.
                drop(reel);
                (self.failed)(begins.leg, recording);
            }
        }
    }

    fn write(&mut self, flush: Flush) {
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
    }

    fn fail(&self, open: Open, error: &io::Error) {
        let Begins { leg, recording, .. } = open.begins;
        tracing::error!(%error, %recording, "a recording cannot be written any further");
        drop(open.wound);
        if let Err(error) = open.take.salvage() {
            tracing::error!(%error, %recording, "what there is of a recording stays under its temporary name");
        }
        (self.failed)(leg, recording);
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

/// Recordings that begin within [`LOOK_EVERY`].
const JOBS_MAX: usize = 256;
/// How often blocks are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often what was taken goes to the files. With what waits in a tape, and until it is looked for, less than a second
/// is lost when the process dies.
const FLUSH_EVERY: Duration = Duration::from_millis(800);
