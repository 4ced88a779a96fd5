//! How a media worker is commanded: what it is told, and the places where that waits.

use super::ports::Pair;
use super::shared::{Door, Route};
use crate::browser::Way;
use crate::engine::{Counts, Gauge, Leg, PlayList};
use crate::record::course::Manner;
use model::{Digit, Effect, Keys, LegId, PlayId, RecordingId};
use rtp::Stream;
use rustix::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Command {
    /// A leg's ports, and where its figures are shown; the number chooses what its packets begin with.
    Open(LegId, Box<Pair>, u64, Arc<Gauge>),
    /// What concerns one leg, which may still be on its way here.
    Leg(LegId, LegCommand),
    /// What concerns rooms and recordings.
    Perform(Box<Effect>),
    /// A leg comes from another worker: what is wanted of it waits for it.
    Expect(LegId, Receiver<Parcel>),
    /// Whose datagrams on the browsers' port are, for the worker that reads it.
    Route(Route),
    /// The browsers' port is open at one more address.
    Door(Arc<Door>),
}

/// What is wanted of a leg.
#[derive(Debug)]
pub(super) enum LegCommand {
    /// What offer and answer came to.
    Stream(Box<Stream>),
    /// Its sound ends.
    Close,
    /// A key came by SIP INFO.
    Key(Digit),
    /// A key goes out.
    SendKey(Digit),
    /// Something is played to it.
    Play(PlayId, PlayList, Keys),
    /// What else the switch wants.
    Perform(Box<Effect>),
    /// It is recorded.
    Record(RecordingId, Manner),
    /// A recording goes on with another leg.
    LetGo(RecordingId),
    /// What it says is taken down; it may be silent for so long.
    TakeDown(RecordingId, Duration),
    /// It goes to another worker.
    Move(SyncSender<Parcel>),
}

/// A leg on its way to another worker, with all that it is doing. The way holds exactly one, so that nobody waits.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) leg: Box<Leg>,
    pub(super) pair: Pair,
    pub(super) way: Option<Box<Way>>,
}

/// The way of a leg to another worker.
pub(super) fn way() -> (SyncSender<Parcel>, Receiver<Parcel>) {
    sync_channel(1)
}

/// A running worker. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) commands: SyncSender<Command>,
    /// Wakes it.
    pub(super) bell: Arc<OwnedFd>,
    pub(super) shared: Arc<Tallies>,
    pub(super) thread: Option<JoinHandle<()>>,
}

/// What a worker and who commands it both see.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub(super) received: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) refused: AtomicU64,
    /// Commands that wait.
    pub(super) waiting: AtomicUsize,
    /// Set when the worker is to end.
    pub(super) end: AtomicBool,
}

impl Handle {
    /// Tells it something. It never waits: a worker that has not looked for so long that all places are taken is
    /// lost anyway, and the command with it. New legs stop well before, see [`Self::is_overloaded`].
    pub(super) fn send(&self, command: Command) {
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        match self.commands.try_send(command) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                tracing::error!("a media worker does not keep up; a command is lost");
            }
            // It ends with the server.
            Err(TrySendError::Disconnected(_)) => {}
        }
        self.ring();
    }

    /// Whether so many commands wait that no new leg is taken: the rest is for legs that are there.
    pub(super) fn is_overloaded(&self) -> bool {
        self.shared.waiting.load(Ordering::Relaxed) > COMMANDS_MAX / 2
    }

    /// What it has counted.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            received: self.shared.received.load(Ordering::Relaxed),
            sent: self.shared.sent.load(Ordering::Relaxed),
            lost: self.shared.lost.load(Ordering::Relaxed),
            refused: self.shared.refused.load(Ordering::Relaxed),
        }
    }

    fn ring(&self) {
        // A counter that is full rings all the same.
        let _ = rustix::io::write(&*self.bell, &1_u64.to_ne_bytes());
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Release);
        self.ring();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a media worker ended in a panic");
        }
    }
}

/// Commands that wait; a worker takes them all each tick.
pub(super) const COMMANDS_MAX: usize = 16_384;
