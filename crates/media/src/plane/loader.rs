//! Loads what is played on a thread of its own: media threads neither decode nor wait for a disk, and the signalling
//! thread does not either.

use crate::Rate;
use crate::engine::{Place, PlayList, Sounds};
use model::Sound;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// The way to the thread; dropping it ends it.
#[derive(Debug)]
pub(super) struct Loader {
    sounds: Sounds,
    jobs: Option<SyncSender<(Sound, Rate, Place)>>,
    thread: Option<JoinHandle<()>>,
}

impl Loader {
    /// Starts the thread.
    pub(super) fn start(sounds: Sounds) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let own = sounds.clone();
        let thread = std::thread::Builder::new()
            .name(String::from("sounds"))
            .spawn(move || load(&own, &queue))?;
        Ok(Self {
            sounds,
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Sounds that can be played at once, although some may still be underway.
    pub(super) fn open(&self, sounds: &[Sound], rate: Rate) -> PlayList {
        let load = |sound, rate, place: Place| {
            let sent = self
                .jobs
                .as_ref()
                .map(|jobs| jobs.try_send((sound, rate, place)));
            if !matches!(sent, Some(Ok(()))) {
                tracing::error!("too many sounds are to be loaded at once; one is left out");
            }
        };
        let opened = sounds
            .iter()
            .map(|sound| self.sounds.open_later(sound, rate, load));
        let pieces = opened.collect();
        PlayList { rate, pieces }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the loader of sounds ended in a panic");
        }
    }
}

fn load(sounds: &Sounds, queue: &Receiver<(Sound, Rate, Place)>) {
    for (sound, rate, place) in queue {
        // Nobody else fills this place.
        let _ = place.set(sounds.load(&sound, rate));
    }
}

/// Sounds that wait to be loaded. When there are more, a sound is left out of its play-list.
const JOBS_MAX: usize = 1_024;
