//! One media thread: it sleeps for a tick, reads everything that came, sends everything that is due.

use super::Listener;
use super::ports::Pair;
use crate::Rate;
use crate::batch::{BATCH, Inbox, Outbox};
use crate::engine::{Counts, Engine, Leg, MediaEvent, Out, PlayList, Sounds};
use crate::record::{Begins, Recorder, Tape};
use model::{Digit, Effect, Keys, LegId, PlayId, RecordingFormat, RecordingId, RecordingLayout};
use rtp::{Stream, Time};
use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use rustix::fd::OwnedFd;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Command {
    /// A leg's ports; the number chooses what its packets begin with.
    Open(LegId, Box<Pair>, u64),
    /// What concerns one leg, which may still be on its way here.
    Leg(LegId, LegCommand),
    /// What concerns rooms and recordings.
    Perform(Box<Effect>),
    /// A leg comes from another worker: what is wanted of it waits for it.
    Expect(LegId, Receiver<Parcel>),
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
    /// It goes to another worker.
    Move(SyncSender<Parcel>),
}

/// A leg on its way to another worker, with all that it is doing. The way holds exactly one, so that nobody waits.
#[derive(Debug)]
pub(super) struct Parcel {
    leg: Box<Leg>,
    pair: Pair,
}

/// The way of a leg to another worker.
pub(super) fn way() -> (SyncSender<Parcel>, Receiver<Parcel>) {
    sync_channel(1)
}

/// A running worker. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Handle {
    commands: SyncSender<Command>,
    bell: Arc<OwnedFd>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    received: AtomicU64,
    sent: AtomicU64,
    lost: AtomicU64,
    refused: AtomicU64,
    /// Commands that wait.
    waiting: AtomicUsize,
    /// Set when the worker is to end.
    end: AtomicBool,
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

/// What all workers share.
#[derive(Clone)]
pub(super) struct Office {
    /// Where ports go of legs that are gone.
    pub(super) free: Sender<Pair>,
    pub(super) listener: Arc<dyn Listener>,
    pub(super) recorder: Recorder,
    /// When time began: legs that move take their times along.
    pub(super) began: Instant,
}

/// Starts a worker.
pub(super) fn start(number: usize, sounds: Sounds, office: Office) -> io::Result<Handle> {
    let (commands, queue) = sync_channel(COMMANDS_MAX);
    let bell = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(BELL);
    epoll::add(&poll, &*bell, data, epoll::EventFlags::IN)?;
    let shared = Arc::<Shared>::default();
    let (own_bell, own_shared) = (Arc::clone(&bell), Arc::clone(&shared));
    let thread = std::thread::Builder::new()
        .name(format!("media-{number}"))
        .spawn(move || {
            let worker = Worker {
                engine: Engine::new(sounds),
                sockets: BTreeMap::new(),
                expected: BTreeMap::new(),
                queue,
                poll,
                bell: own_bell,
                ready: Vec::with_capacity(READY_MAX),
                inbox: Inbox::default(),
                outgoing: Outgoing::default(),
                shared: own_shared,
                office,
            };
            worker.work();
        })?;
    Ok(Handle {
        commands,
        bell,
        shared,
        thread: Some(thread),
    })
}

/// Puts this thread before all that can wait, where that is allowed: sound that is late is lost.
fn hurry() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), PRIORITY) {
        tracing::debug!(%error, "media threads have the priority of everything else");
    }
}

struct Worker {
    engine: Engine,
    sockets: BTreeMap<LegId, Pair>,
    /// Legs on their way here, and what is wanted of them.
    expected: BTreeMap<LegId, Expected>,
    queue: Receiver<Command>,
    poll: OwnedFd,
    bell: Arc<OwnedFd>,
    ready: Vec<epoll::Event>,
    inbox: Inbox,
    outgoing: Outgoing,
    shared: Arc<Shared>,
    office: Office,
}

struct Expected {
    way: Receiver<Parcel>,
    waiting: Vec<LegCommand>,
}

/// The thread.
impl Worker {
    fn work(mut self) {
        hurry();
        let mut next = Instant::now();
        while !self.shared.end.load(Ordering::Acquire) {
            self.commands();
            self.arrivals();
            self.packets();
            self.tick();
            if self.engine.leg_count() == 0 && self.expected.is_empty() {
                self.wait(None);
                next = Instant::now();
                continue;
            }
            next += TICK;
            if let Some(rest) = next.checked_duration_since(Instant::now()) {
                std::thread::sleep(rest);
            }
            let late = next.elapsed();
            self.office.listener.late(late);
            // Whoever is far too late does not run after the time.
            if late > TICK {
                next += late;
            }
        }
        let legs: Vec<_> = self.sockets.keys().copied().collect();
        for leg in legs {
            self.leg_command(leg, LegCommand::Close);
        }
    }

    fn commands(&mut self) {
        // It may be quiet already.
        let _ = rustix::io::read(&*self.bell, &mut [0; 8]);
        for _ in 0..COMMANDS_MAX {
            match self.queue.try_recv() {
                Ok(command) => {
                    self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                    self.command(command);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Open(leg, pair, random) => {
                self.listen(leg, *pair, Backlog::Stale);
                self.engine.open(self.now(), leg, random);
            }
            Command::Leg(leg, command) => match self.expected.get_mut(&leg) {
                Some(expected) => expected.waiting.push(command),
                None => self.leg_command(leg, command),
            },
            Command::Perform(effect) => {
                self.with_engine(None, |engine, now, link| engine.perform(now, &effect, link));
            }
            Command::Expect(leg, way) => {
                let waiting = Vec::new();
                self.expected.insert(leg, Expected { way, waiting });
            }
        }
    }

    fn leg_command(&mut self, leg: LegId, command: LegCommand) {
        match command {
            LegCommand::Move(way) => {
                if let (Some(moved), Some(pair)) = (self.engine.take(leg), self.deafen(leg)) {
                    // It has room for this one parcel.
                    let _ = way.try_send(Parcel { leg: moved, pair });
                }
            }
            LegCommand::Close => {
                self.with_engine(None, |engine, now, link| engine.close(now, leg, link));
                self.free(leg);
            }
            command => self.with_engine(Some(leg), |engine, now, link| match command {
                LegCommand::Stream(stream) => engine.stream(now, leg, *stream),
                LegCommand::Key(digit) => engine.key(now, leg, digit, link),
                LegCommand::SendKey(digit) => engine.send_key(now, leg, digit),
                LegCommand::Play(play, list, keys) => {
                    engine.play(now, leg, play, list, keys, link);
                }
                LegCommand::Perform(effect) => engine.perform(now, &effect, link),
                LegCommand::Move(_) | LegCommand::Close => {}
            }),
        }
    }

    /// Takes in legs that have come from other workers.
    fn arrivals(&mut self) {
        let arrived = |expected: &Expected| match expected.way.try_recv() {
            Ok(parcel) => Some(Some(parcel)),
            // The leg was gone before it could be moved.
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => None,
        };
        let expected = self.expected.iter();
        let found: Vec<_> = expected
            .filter_map(|(leg, expected)| Some((*leg, arrived(expected)?)))
            .collect();
        for (leg, parcel) in found {
            let expected = self.expected.remove(&leg);
            if let Some(parcel) = parcel {
                self.listen(leg, parcel.pair, Backlog::Fresh);
                self.engine.adopt(self.now(), leg, parcel.leg);
            }
            for command in expected.into_iter().flat_map(|expected| expected.waiting) {
                self.leg_command(leg, command);
            }
        }
    }

    /// Reads a leg's sockets from here on.
    fn listen(&mut self, leg: LegId, pair: Pair, backlog: Backlog) {
        for (socket, port) in [(&pair.rtp, Port::Rtp), (&pair.rtcp, Port::Rtcp)] {
            let data = epoll::EventData::new_u64(token(leg, port));
            if let Err(error) = epoll::add(&self.poll, socket, data, epoll::EventFlags::IN) {
                tracing::error!(%error, %leg, "a media socket cannot be read");
            }
        }
        if backlog == Backlog::Stale {
            for socket in [&pair.rtp, &pair.rtcp] {
                let mut rounds = 0..STALE_ROUNDS_MAX;
                while rounds.next().is_some() && matches!(self.inbox.receive(socket), Ok(1..)) {}
            }
        }
        self.sockets.insert(leg, pair);
    }

    /// Gives a leg's ports back.
    fn free(&mut self, leg: LegId) {
        if let Some(pair) = self.deafen(leg) {
            // At the end nobody needs them any more.
            let _ = self.office.free.send(pair);
        }
    }

    fn deafen(&mut self, leg: LegId) -> Option<Pair> {
        let pair = self.sockets.remove(&leg)?;
        for socket in [&pair.rtp, &pair.rtcp] {
            // One that could not be added cannot be removed either.
            let _ = epoll::delete(&self.poll, socket);
        }
        Some(pair)
    }

    fn packets(&mut self) {
        // More than one round only when more sockets are ready than fit.
        for _ in 0..ROUNDS_MAX {
            self.wait(Some(Duration::ZERO));
            for place in 0..self.ready.len() {
                let token = self.ready.get(place).map(|event| event.data.u64());
                if let Some(token) = token.filter(|token| *token != BELL) {
                    self.read(token);
                }
            }
            if self.ready.len() < READY_MAX {
                return;
            }
        }
    }

    fn read(&mut self, token: u64) {
        let (leg, port) = from_token(token);
        for _ in 0..BATCHES_AT_ONCE {
            let Some(pair) = self.sockets.get(&leg) else {
                return;
            };
            let socket = match port {
                Port::Rtp => &pair.rtp,
                Port::Rtcp => &pair.rtcp,
            };
            let count = self.inbox.receive(socket).unwrap_or(0);
            if count == 0 {
                return;
            }
            let mut inbox = std::mem::take(&mut self.inbox);
            self.with_engine(Some(leg), |engine, now, link| {
                for place in 0..count {
                    let Some((from, datagram)) = inbox.datagram(place) else {
                        continue;
                    };
                    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
                    match port {
                        Port::Rtp => engine.receive(now, leg, from, datagram, link),
                        Port::Rtcp => engine.receive_rtcp(now, leg, from, datagram),
                    }
                }
            });
            self.inbox = inbox;
            if count < BATCH {
                return;
            }
        }
    }

    fn tick(&mut self) {
        self.with_engine(None, |engine, now, link| engine.tick(now, link));
        let counts = self.engine.counts();
        let shared = &self.shared;
        shared.received.store(counts.received, Ordering::Relaxed);
        shared.sent.store(counts.sent, Ordering::Relaxed);
        shared.lost.store(counts.lost, Ordering::Relaxed);
        shared.refused.store(counts.refused, Ordering::Relaxed);
    }

    /// Lets the engine do something. A panic costs the leg that it was about, and not the others of this worker.
    fn with_engine(
        &mut self,
        about: Option<LegId>,
        act: impl FnOnce(&mut Engine, Time, &mut Link<'_>),
    ) {
        let now = self.now();
        let mut link = Link {
            sockets: &self.sockets,
            office: &self.office,
            outgoing: &mut self.outgoing,
        };
        let engine = &mut self.engine;
        let done = catch_unwind(AssertUnwindSafe(|| act(engine, now, &mut link)));
        link.flush();
        if done.is_err() {
            tracing::error!(leg = ?about, "a media worker panicked");
            if let Some(leg) = about {
                drop(self.engine.take(leg));
                self.free(leg);
                self.office.listener.event(MediaEvent::Silent(leg));
            }
        }
    }

    fn now(&self) -> Time {
        let micros = self.office.began.elapsed().as_micros();
        Time(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Waits for packets or commands, for ever when `patience` is `None`.
    fn wait(&mut self, patience: Option<Duration>) {
        self.ready.clear();
        let timeout = patience.map(|patience| Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        });
        let room = spare_capacity(&mut self.ready);
        if let Err(error) = epoll::wait(&self.poll, room, timeout.as_ref())
            && error != rustix::io::Errno::INTR
        {
            tracing::error!(%error, "media sockets cannot be waited for");
        }
    }
}

/// What a socket has when a worker gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backlog {
    /// Packets that nobody has read for long: they would all come at once.
    Stale,
    /// Packets of the last moment.
    Fresh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    Rtp,
    Rtcp,
}

const fn token(leg: LegId, port: Port) -> u64 {
    let port = match port {
        Port::Rtp => 0,
        Port::Rtcp => 1,
    };
    leg.0 << 1 | port
}

const fn from_token(token: u64) -> (LegId, Port) {
    let port = match token & 1 {
        0 => Port::Rtp,
        _ => Port::Rtcp,
    };
    (LegId(token >> 1), port)
}

/// Packets on their way out: those that follow each other through one socket go with one call.
#[derive(Debug, Default)]
struct Outgoing {
    through: Option<(LegId, Port)>,
    outbox: Outbox,
}

/// Where an engine's output goes.
struct Link<'w> {
    sockets: &'w BTreeMap<LegId, Pair>,
    office: &'w Office,
    outgoing: &'w mut Outgoing,
}

impl Link<'_> {
    fn send(&mut self, leg: LegId, port: Port, to: SocketAddr, packet: &[u8]) {
        if self.outgoing.through != Some((leg, port)) {
            self.flush();
            self.outgoing.through = Some((leg, port));
        }
        let Some(pair) = self.sockets.get(&leg) else {
            return;
        };
        let to = pair.reachable(to);
        if let Err(packet) = self.outgoing.outbox.push(to, packet) {
            self.flush();
            self.outgoing.through = Some((leg, port));
            // An empty box has room for whatever an engine makes.
            let _ = self.outgoing.outbox.push(to, packet);
        }
    }

    fn flush(&mut self) {
        let Some((leg, port)) = self.outgoing.through.take() else {
            return;
        };
        if let Some(pair) = self.sockets.get(&leg) {
            let socket = match port {
                Port::Rtp => &pair.rtp,
                Port::Rtcp => &pair.rtcp,
            };
            self.outgoing.outbox.send(socket);
        }
    }
}

impl Out for Link<'_> {
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.send(leg, Port::Rtp, to, packet);
    }

    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.send(leg, Port::Rtcp, to, packet);
    }

    fn event(&mut self, event: MediaEvent) {
        self.office.listener.event(event);
    }

    fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape> {
        let begins = Begins {
            leg,
            recording,
            layout,
            format,
            rate,
        };
        self.office.recorder.begin(begins)
    }
}

/// How long a worker sleeps: what a relayed packet is delayed by at most. A fifth of 20 ms, so that packets made
/// every 20 ms leave evenly.
const TICK: Duration = Duration::from_millis(4);
/// As the kernel counts: −20 before all, 0 like others.
const PRIORITY: i32 = -11;
/// Commands that wait; a worker takes them all each tick.
const COMMANDS_MAX: usize = 16_384;
/// Sockets that are looked at in one round.
const READY_MAX: usize = 1_024;
const ROUNDS_MAX: usize = 16;
/// Batches of one socket that are read before the next socket gets its turn.
const BATCHES_AT_ONCE: usize = 4;
/// What a socket's buffer holds at most is read in fewer.
const STALE_ROUNDS_MAX: usize = 1_024;
/// No leg has this token.
const BELL: u64 = u64::MAX;
