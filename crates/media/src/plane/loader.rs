//! Loads what is played on threads of their own: media threads neither decode nor wait for a disk, and the signalling
//! thread does not either. Prompts, which are all but always in memory, do not wait behind files.

use crate::Rate;
use crate::engine::{Place, PlayList, Sounds};
use model::Sound;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The way to the threads; dropping it ends them.
#[derive(Debug)]
pub(super) struct Loader {
    sounds: Sounds,
    prompts: Desk,
    files: Desk,
}

/// The way to one thread.
#[derive(Debug)]
struct Desk {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// A sound to be loaded.
struct Job {
    sound: Sound,
    rate: Rate,
    place: Place,
}

impl Loader {
    /// Starts the threads.
    pub(super) fn start(sounds: Sounds) -> io::Result<Self> {
        let (own, of_files) = (sounds.clone(), sounds.clone());
        Ok(Self {
            prompts: Desk::start("sounds", move |jobs| load(&own, &jobs))?,
            files: Desk::start("files", move |jobs| load_files(&of_files, &jobs))?,
            sounds,
        })
    }

    /// Sounds that can be played at once, although some may still be underway.
    pub(super) fn open(&self, sounds: &[Sound], rate: Rate) -> PlayList {
        let load = |sound, rate, place| {
            let desk = match sound {
                Sound::File(_) | Sound::FileFrom(..) | Sound::MusicOf(_) => &self.files,
                Sound::Phrase(..) | Sound::Tone(_) | Sound::Music | Sound::Pause(_) => {
                    &self.prompts
                }
            };
            desk.put(Job { sound, rate, place });
        };
        let opened = sounds
            .iter()
            .map(|sound| self.sounds.open_later(sound, rate, load));
        let pieces = opened.collect();
        PlayList { rate, pieces }
    }
}

impl Desk {
    fn start(name: &str, work: impl FnOnce(Receiver<Job>) + Send + 'static) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let thread = std::thread::Builder::new().name(name.to_owned());
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread.spawn(move || work(queue))?),
        })
    }

    fn put(&self, job: Job) {
        let sent = self.jobs.as_ref().map(|jobs| jobs.try_send(job));
        if !matches!(sent, Some(Ok(()))) {
            tracing::error!("too many sounds are to be loaded at once; one is left out");
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a loader of sounds ended in a panic");
        }
    }
}

impl Job {
    fn fill(self, sounds: &Sounds) {
        // Nobody else fills this place.
        let _ = self.place.set(sounds.load(&self.sound, self.rate));
    }

    /// Whether its file is still being written: somebody hears at once what he has said.
    fn is_underway(&self, sounds: &Sounds) -> bool {
        match &self.sound {
            Sound::File(path) | Sound::FileFrom(path, _) => sounds.library.is_underway(path),
            Sound::Phrase(..)
            | Sound::Tone(_)
            | Sound::Music
            | Sound::MusicOf(_)
            | Sound::Pause(_) => false,
        }
    }
}

fn load(sounds: &Sounds, queue: &Receiver<Job>) {
    for job in queue {
        job.fill(sounds);
    }
}

/// As [`load`]; files that are still being written are waited for, without the others having to wait.
fn load_files(sounds: &Sounds, queue: &Receiver<Job>) {
    let mut waiting: Vec<(Instant, Job)> = Vec::new();
    loop {
        let job = if waiting.is_empty() {
            queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            queue.recv_timeout(LOOK_EVERY)
        };
        match job {
            Ok(job) => waiting.push((Instant::now(), job)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        for (since, job) in std::mem::take(&mut waiting) {
            if since.elapsed() < WRITTEN_WITHIN && job.is_underway(sounds) {
                waiting.push((since, job));
            } else {
                job.fill(sounds);
            }
        }
    }
}

/// Sounds that wait to be loaded. When there are more, a sound is left out of its play-list.
const JOBS_MAX: usize = 1_024;
/// How often it is looked for files that are still being written.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long such a file is waited for: the disk has so long to take the last second of it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);
