//! Recordings: written by a thread of their own, so that no disk makes sound wait.
//!
//! Each recording is a channel of blocks: media puts them into a [`Tape`], the thread takes them off the [`Reel`].
//! Dropping the tape ends the recording.

use crate::Rate;
use crate::wav::{Channels, Writer};
use model::{LegId, RecordingId, RecordingLayout};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel,
};
use std::thread::JoinHandle;
use std::time::Duration;

/// A piece of a recording.
#[derive(Clone, Debug)]
pub struct Block {
    /// How many moments of the recording came before it, also those that were lost.
    at: u64,
    samples: [i16; BLOCK_SAMPLES],
    filled: usize,
}

impl Block {
    const fn new(at: u64) -> Self {
        Self {
            at,
            samples: [0; BLOCK_SAMPLES],
            filled: 0,
        }
    }

    fn samples(&self) -> &[i16] {
        self.samples.get(..self.filled).unwrap_or_default()
    }
}

/// Where media puts a recording.
#[derive(Debug)]
pub struct Tape {
    layout: RecordingLayout,
    block: Block,
    blocks: SyncSender<Block>,
    torn: Arc<AtomicBool>,
}

/// Where a recording is taken off.
#[derive(Debug)]
pub struct Reel {
    layout: RecordingLayout,
    blocks: Receiver<Block>,
    torn: Arc<AtomicBool>,
    /// Moments taken off so far.
    at: u64,
}

/// A tape for sound at a rate, and the reel that it winds up on.
#[must_use]
pub fn tape(layout: RecordingLayout, rate: Rate) -> (Tape, Reel) {
    let (sender, receiver) = sync_channel(blocks(layout, rate));
    let torn = Arc::<AtomicBool>::default();
    let tape = Tape {
        layout,
        block: Block::new(0),
        blocks: sender,
        torn: Arc::clone(&torn),
    };
    let reel = Reel {
        layout,
        blocks: receiver,
        torn,
        at: 0,
    };
    (tape, reel)
}

impl Tape {
    /// Records what was said and heard in the same moments. Never waits: when the disk has not kept up for seconds, a
    /// piece is lost and becomes silence.
    pub(crate) fn record(&mut self, said: &[i16], heard: &[i16]) {
        for (&said, &heard) in said.iter().zip(heard) {
            let moment = match self.layout {
                RecordingLayout::Stereo => &[said, heard][..],
                RecordingLayout::Mixed => &[said.saturating_add(heard)],
            };
            let end = self.block.filled + moment.len();
            if let Some(room) = self.block.samples.get_mut(self.block.filled..end) {
                room.copy_from_slice(moment);
                self.block.filled = end;
            }
            if end + moment.len() > BLOCK_SAMPLES {
                self.wind_on();
            }
        }
    }

    /// Whether it cannot be written any more.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn.load(Ordering::Relaxed)
    }

    fn wind_on(&mut self) {
        let moments = self.block.filled / channels(self.layout);
        let next = Block::new(self.block.at + moments as u64);
        let full = std::mem::replace(&mut self.block, next);
        // Full, or torn: the reel sees from the next block what is missing.
        let _ = self.blocks.try_send(full);
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.wind_on();
    }
}

impl Reel {
    /// Takes off what is there, silence for what was lost. `false`: the recording is over.
    ///
    /// # Errors
    /// Those of `take`; what was given to it before remains.
    pub fn take(&mut self, mut take: impl FnMut(&[i16]) -> io::Result<()>) -> io::Result<bool> {
        loop {
            let block = match self.blocks.try_recv() {
                Ok(block) => block,
                Err(TryRecvError::Empty) => return Ok(true),
                Err(TryRecvError::Disconnected) => return Ok(false),
            };
            let channels = channels(self.layout);
            let mut missing = block.at.saturating_sub(self.at) * channels as u64;
            while missing > 0 {
                let count = missing.min(BLOCK_SAMPLES as u64);
                take([0; BLOCK_SAMPLES].get(..count as usize).unwrap_or_default())?;
                missing -= count;
            }
            take(block.samples())?;
            self.at = block.at + (block.filled / channels) as u64;
        }
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        self.torn.store(true, Ordering::Relaxed);
    }
}

/// As many as hold [`TAPE_SECONDS`].
const fn blocks(layout: RecordingLayout, rate: Rate) -> usize {
    rate.hz() as usize * channels(layout) * TAPE_SECONDS / BLOCK_SAMPLES
}

const fn channels(layout: RecordingLayout) -> usize {
    match layout {
        RecordingLayout::Stereo => 2,
        RecordingLayout::Mixed => 1,
    }
}

/// A recording that begins.
struct Job {
    rate: Rate,
    leg: LegId,
    recording: RecordingId,
    reel: Reel,
}

/// The way to the writing thread. Copies lead to the same one.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    jobs: SyncSender<Job>,
}

/// The writing thread; dropping it waits until all is written, which needs all [`Recorder`]s and [`Tape`]s dropped.
#[derive(Debug)]
pub(crate) struct Writing {
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread. Recordings become `<folder>/<id>.wav`; `failed` is called once for each that cannot be
    /// written.
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

    /// Begins a recording; `None` when too many begin at once.
    pub(crate) fn begin(
        &self,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        rate: Rate,
    ) -> Option<Tape> {
        let (tape, reel) = tape(layout, rate);
        let job = Job {
            rate,
            leg,
            recording,
            reel,
        };
        match self.jobs.try_send(job) {
            Ok(()) => Some(tape),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => None,
        }
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
    leg: LegId,
    recording: RecordingId,
    reel: Reel,
    writer: Writer<File>,
}

impl<F: Fn(LegId, RecordingId)> Desk<F> {
    fn work(mut self, queue: &Receiver<Job>) {
        loop {
            let job = if self.open.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(LOOK_EVERY)
            };
            match job {
                Ok(job) => self.begin(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if self.open.is_empty() => return,
                // The last tapes are about to be dropped.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(LOOK_EVERY),
            }
            self.write();
        }
    }

    fn begin(&mut self, job: Job) {
        let channels = match job.reel.layout {
            RecordingLayout::Stereo => Channels::Stereo,
            RecordingLayout::Mixed => Channels::Mono,
        };
        let path = self.folder.join(format!("{}.wav", job.recording));
        let begun = fs::create_dir_all(&self.folder)
            .and_then(|()| Writer::create(&path, channels, job.rate.hz()));
        match begun {
            Ok(writer) => self.open.push(Open {
                leg: job.leg,
                recording: job.recording,
                reel: job.reel,
                writer,
            }),
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "a recording cannot be begun");
                // Torn first, so that whoever hears of it finds it so.
                drop(job.reel);
                (self.failed)(job.leg, job.recording);
            }
        }
    }

    fn write(&mut self) {
        let mut place = 0;
        while let Some(open) = self.open.get_mut(place) {
            let written = open.reel.take(|samples| open.writer.write(samples));
            if matches!(written, Ok(true)) {
                place += 1;
                continue;
            }
            let Open {
                leg,
                recording,
                writer,
                ..
            } = self.open.swap_remove(place);
            let finished = written.and_then(|_| writer.finish()?.sync_all());
            if let Err(error) = finished {
                tracing::error!(%error, %recording, "a recording cannot be written");
                (self.failed)(leg, recording);
            }
        }
    }
}

/// At 8 kHz 20 ms in stereo, 40 ms in one channel.
const BLOCK_SAMPLES: usize = 320;
/// For so long a disk may stand still.
const TAPE_SECONDS: usize = 5;
/// Recordings that begin within [`LOOK_EVERY`].
const JOBS_MAX: usize = 256;
/// How often blocks are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wav;
    use std::sync::mpsc;

    #[test]
    fn both_sides_are_laid_out_as_asked() {
        for (layout, expected) in [
            (RecordingLayout::Stereo, [1, 10, 2, 20].repeat(400)),
            (RecordingLayout::Mixed, [11, 22].repeat(400)),
        ] {
            let (mut tape, reel) = tape(layout, Rate::Narrow);
            for _ in 0..400 {
                tape.record(&[1, 2], &[10, 20]);
            }
            drop(tape);
            assert_eq!(all(reel), expected);
        }
    }

    #[test]
    fn what_is_lost_while_the_disk_stands_still_is_silence() {
        let (mut tape, mut reel) = tape(RecordingLayout::Stereo, Rate::Narrow);
        for _ in 0..BLOCKS + 10 {
            tape.record(&[1; 160], &[2; 160]);
        }
        let mut got = Vec::new();
        let mut take = |samples: &[i16]| {
            got.extend_from_slice(samples);
            Ok(())
        };
        assert!(reel.take(&mut take).unwrap());
        tape.record(&[3; 160], &[4; 160]);
        drop(tape);
        assert!(!reel.take(&mut take).unwrap());
        assert_eq!(got.len(), (BLOCKS + 11) * BLOCK_SAMPLES);
        let (before, rest) = got.split_at(BLOCKS * BLOCK_SAMPLES);
        assert!(before.iter().all(|sample| [1, 2].contains(sample)));
        let (lost, after) = rest.split_at(10 * BLOCK_SAMPLES);
        assert!(lost.iter().all(|sample| *sample == 0));
        assert_eq!(after[..2], [3, 4]);
    }

    #[test]
    fn a_recording_becomes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recordings");
        let (recorder, writing) = Recorder::start(path.clone(), |_, _| {}).unwrap();
        let mut tape = recorder
            .begin(
                LegId(1),
                RecordingId(7),
                RecordingLayout::Mixed,
                Rate::Narrow,
            )
            .unwrap();
        tape.record(&[500; 12_345], &[0; 12_345]);
        drop((recorder, tape));
        drop(writing);
        let sound = wav::read_file(&path.join("7.wav"), 8_000).unwrap();
        assert_eq!(sound, [500; 12_345]);
    }

    /// MI-05
    #[test]
    fn one_that_cannot_be_written_is_told_of_once_and_the_others_go_on() {
        let folder = tempfile::tempdir().unwrap();
        // Where a folder is wanted there is a file.
        let path = folder.path().join("taken");
        fs::write(&path, "x").unwrap();
        let (failures, failed) = mpsc::channel();
        let tell = move |leg, recording| failures.send((leg, recording)).unwrap();
        let (recorder, writing) = Recorder::start(path, tell).unwrap();
        let mut tape = recorder
            .begin(
                LegId(1),
                RecordingId(7),
                RecordingLayout::Mixed,
                Rate::Narrow,
            )
            .unwrap();
        assert_eq!(failed.recv().unwrap(), (LegId(1), RecordingId(7)));
        tape.record(&[1; 8_000], &[1; 8_000]);
        assert!(tape.is_torn());
        drop((recorder, tape));
        drop(writing);
        assert_eq!(failed.iter().count(), 0);
    }

    /// MI-05: `/dev/full` is a disk that is full.
    #[test]
    fn a_full_disk_is_told_of_once() {
        let folder = tempfile::tempdir().unwrap();
        let (failures, failed) = mpsc::channel();
        let mut desk = Desk {
            folder: folder.path().into(),
            open: Vec::new(),
            failed: move |leg, recording| failures.send((leg, recording)).unwrap(),
        };
        let (mut tape, reel) = tape(RecordingLayout::Mixed, Rate::Narrow);
        let (leg, recording) = (LegId(1), RecordingId(7));
        desk.begin(Job {
            rate: Rate::Narrow,
            leg,
            recording,
            reel,
        });
        let full = File::options()
            .read(true)
            .write(true)
            .open("/dev/full")
            .unwrap();
        // The header of an empty file is written before the disk is full.
        desk.open[0].writer.replace_file(full);
        tape.record(&[1; 16_000], &[1; 16_000]);
        desk.write();
        desk.write();
        assert_eq!(failed.try_iter().collect::<Vec<_>>(), [(leg, recording)]);
        assert!(tape.is_torn() && desk.open.is_empty());
    }

    const BLOCKS: usize = blocks(RecordingLayout::Stereo, Rate::Narrow);

    fn all(mut reel: Reel) -> Vec<i16> {
        let mut got = Vec::new();
        let ended = reel.take(|samples| {
            got.extend_from_slice(samples);
            Ok(())
        });
        assert!(!ended.unwrap(), "it is over");
        got
    }
}
