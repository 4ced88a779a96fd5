//! One media thread: it sleeps for a tick, reads everything that came, sends everything that is due.

use super::Listener;
use super::ports::Pair;
use crate::engine::{Counts, Engine, Leg, MediaEvent, Out, Sounds};
use crate::record::{Block, Recorder};
use model::{Digit, Effect, LegId, RecordingId, RecordingLayout};
use rtp::{Stream, Time};
use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use rustix::fd::OwnedFd;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Command {
    /// A leg's ports; the number chooses what its packets begin with.
    Open(LegId, Box<Pair>, u64),
    /// What offer and answer came to.
    Stream(LegId, Box<Stream>),
    /// A leg's sound ends.
    Close(LegId),
    /// A key came by SIP INFO.
    Key(LegId, Digit),
    /// A key goes out.
    SendKey(LegId, Digit),
    /// What the switch wants.
    Perform(Box<Effect>),
    /// A leg is on its way here: what is wanted of it waits for it.
    Expect(LegId),
    /// A leg goes to another worker.
    Move(LegId, Sender),
    /// It has arrived.
    Adopt(LegId, Box<Leg>, Box<Pair>),
}

impl Command {
    /// The leg that it is about, if it must wait for that leg.
    fn leg(&self) -> Option<LegId> {
        match self {
            Self::Stream(leg, _)
            | Self::Close(leg)
            | Self::Key(leg, _)
            | Self::SendKey(leg, _)
            | Self::Move(leg, _) => Some(*leg),
            Self::Perform(effect) => match &**effect {
                Effect::Play { leg, .. }
                | Effect::Silence(leg)
                | Effect::Echo(leg, _)
                | Effect::Record { leg, .. } => Some(*leg),
                _ => None,
            },
            Self::Open(..) | Self::Expect(_) | Self::Adopt(..) => None,
        }
    }
}

/// The way to a worker.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    commands: SyncSender<Command>,
    bell: Arc<OwnedFd>,
}

impl Sender {
    fn send(&self, command: Command) {
        match self.commands.try_send(command) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::error!("a media worker does not keep up; a command was lost");
            }
            // It ends with the server.
            Err(TrySendError::Disconnected(_)) => {}
        }
        self.ring();
    }

    fn ring(&self) {
        // A counter that is full rings all the same.
        let _ = rustix::io::write(&*self.bell, &1_u64.to_ne_bytes());
    }
}

/// A running worker. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Handle {
    sender: Sender,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    received: AtomicU64,
    sent: AtomicU64,
    lost: AtomicU64,
    /// Set when the worker is to end.
    end: std::sync::atomic::AtomicBool,
}

impl Handle {
    /// Tells it something.
    pub(super) fn send(&self, command: Command) {
        self.sender.send(command);
    }

    /// The way to it, for another worker.
    pub(super) fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// What it has counted.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            received: self.shared.received.load(Ordering::Relaxed),
            sent: self.shared.sent.load(Ordering::Relaxed),
            lost: self.shared.lost.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Release);
        self.sender.ring();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a media worker ended in a panic");
        }
    }
}

/// Whose recordings are being written, to tell whose failed.
#[derive(Debug, Default)]
pub(super) struct Owners(Mutex<BTreeMap<RecordingId, LegId>>);

impl Owners {
    /// The leg of a recording.
    pub(super) fn of(&self, recording: RecordingId) -> Option<LegId> {
        self.lock().get(&recording).copied()
    }

    fn begin(&self, recording: RecordingId, leg: LegId) {
        self.lock().insert(recording, leg);
    }

    fn end(&self, recording: RecordingId) {
        self.lock().remove(&recording);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RecordingId, LegId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all workers share.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) listener: Arc<dyn Listener>,
    pub(super) recorder: Recorder,
    /// Memory of pieces of recordings that have been written.
    pub(super) blocks: Arc<Mutex<Receiver<Block>>>,
    pub(super) owners: Arc<Owners>,
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
                buffer: Box::new([0; DATAGRAM_MAX]),
                shared: own_shared,
                office,
                began: Instant::now(),
            };
            worker.work();
        })?;
    Ok(Handle {
        sender: Sender { commands, bell },
        shared,
        thread: Some(thread),
    })
}

struct Worker {
    engine: Engine,
    sockets: BTreeMap<LegId, Pair>,
    /// Legs on their way here, and what is wanted of them.
    expected: BTreeMap<LegId, Vec<Command>>,
    queue: Receiver<Command>,
    poll: OwnedFd,
    bell: Arc<OwnedFd>,
    ready: Vec<epoll::Event>,
    buffer: Box<[u8; DATAGRAM_MAX]>,
    shared: Arc<Shared>,
    office: Office,
    began: Instant,
}

impl Worker {
    fn work(mut self) {
        let mut next = Instant::now();
        while !self.shared.end.load(Ordering::Acquire) {
            self.commands();
            self.packets();
            self.tick();
            if self.engine.leg_count() == 0 {
                self.wait(None);
                next = Instant::now();
                continue;
            }
            next += TICK;
            let now = Instant::now();
            if let Some(rest) = next.checked_duration_since(now) {
                std::thread::sleep(rest);
            }
            let late = Instant::now().saturating_duration_since(next);
            self.office.listener.late(late);
            // Whoever is far too late does not run after the time.
            if late > TICK {
                next += late;
            }
        }
        let legs: Vec<_> = self.sockets.keys().copied().collect();
        for leg in legs {
            self.command(Command::Close(leg));
        }
    }

    fn now(&self) -> Time {
        let micros = self.began.elapsed().as_micros();
        Time(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    fn commands(&mut self) {
        let mut count = [0; 8];
        // It may be quiet already.
        let _ = rustix::io::read(&*self.bell, &mut count);
        loop {
            match self.queue.try_recv() {
                Ok(command) => self.command(command),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn command(&mut self, command: Command) {
        if let Some(waiting) = command.leg().and_then(|leg| self.expected.get_mut(&leg)) {
            waiting.push(command);
            return;
        }
        let now = self.now();
        let mut link = Link {
            sockets: &self.sockets,
            office: &self.office,
        };
        match command {
            Command::Open(leg, pair, random) => {
                self.listen(leg, *pair, Backlog::Stale);
                self.engine.open(now, leg, random);
            }
            Command::Stream(leg, stream) => self.engine.stream(now, leg, *stream),
            Command::Close(leg) => {
                self.engine.close(leg, &mut link);
                self.deafen(leg);
            }
            Command::Key(leg, digit) => self.engine.key(now, leg, digit, &mut link),
            Command::SendKey(leg, digit) => self.engine.send_key(now, leg, digit),
            Command::Perform(effect) => {
                if let Effect::Record { leg, recording, .. } = &*effect {
                    self.office.owners.begin(*recording, *leg);
                }
                self.engine.perform(now, &effect, &mut link);
            }
            Command::Expect(leg) => drop(self.expected.insert(leg, Vec::new())),
            Command::Move(leg, to) => {
                if let (Some(moved), Some(pair)) = (self.engine.take(leg), self.deafen(leg)) {
                    to.send(Command::Adopt(leg, Box::new(moved), Box::new(pair)));
                }
            }
            Command::Adopt(leg, moved, pair) => {
                self.listen(leg, *pair, Backlog::Fresh);
                self.engine.adopt(now, leg, *moved);
                for command in self.expected.remove(&leg).unwrap_or_default() {
                    self.command(command);
                }
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
            while pair.rtp.recv_from(&mut *self.buffer).is_ok() {}
        }
        self.sockets.insert(leg, pair);
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
        let now = self.now();
        let Some(pair) = self.sockets.get(&leg) else {
            return;
        };
        let socket = match port {
            Port::Rtp => &pair.rtp,
            Port::Rtcp => &pair.rtcp,
        };
        let mut link = Link {
            sockets: &self.sockets,
            office: &self.office,
        };
        for _ in 0..DATAGRAMS_AT_ONCE {
            let Some((length, from)) = receive(socket, &mut self.buffer) else {
                return;
            };
            let Some(datagram) = self.buffer.get_mut(..length) else {
                continue;
            };
            match port {
                Port::Rtp => self.engine.receive(now, leg, from, datagram, &mut link),
                Port::Rtcp => self.engine.receive_rtcp(now, leg, from, datagram),
            }
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        let mut link = Link {
            sockets: &self.sockets,
            office: &self.office,
        };
        self.engine.tick(now, &mut link);
        let counts = self.engine.counts();
        let shared = &self.shared;
        shared.received.store(counts.received, Ordering::Relaxed);
        shared.sent.store(counts.sent, Ordering::Relaxed);
        shared.lost.store(counts.lost, Ordering::Relaxed);
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

/// One datagram, if there is one.
fn receive(socket: &UdpSocket, buffer: &mut [u8; DATAGRAM_MAX]) -> Option<(usize, SocketAddr)> {
    loop {
        match socket.recv_from(buffer) {
            Ok(received) => return Some(received),
            // The port that was sent to is closed, which is told with the next call.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
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

/// Where an engine's output goes.
struct Link<'w> {
    sockets: &'w BTreeMap<LegId, Pair>,
    office: &'w Office,
}

impl Out for Link<'_> {
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        if let Some(pair) = self.sockets.get(&leg) {
            // A packet that cannot be sent is lost, as on any network.
            let _ = pair.rtp.send_to(packet, to);
        }
    }

    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        if let Some(pair) = self.sockets.get(&leg) {
            let _ = pair.rtcp.send_to(packet, to);
        }
    }

    fn event(&mut self, event: MediaEvent) {
        self.office.listener.event(event);
    }

    fn record(&mut self, recording: RecordingId, layout: RecordingLayout) {
        self.office.recorder.begin(recording, layout);
    }

    fn recorded(&mut self, block: Block) {
        self.office.recorder.block(block);
    }

    fn recorded_all(&mut self, recording: RecordingId) {
        self.office.recorder.end(recording);
        self.office.owners.end(recording);
    }

    fn empty_block(&mut self, recording: RecordingId) -> Block {
        // While another worker takes one, a new one is made rather than waited for.
        let used = self.office.blocks.try_lock();
        match used.ok().and_then(|blocks| blocks.try_recv().ok()) {
            Some(block) => block.again(recording),
            None => Block::new(recording),
        }
    }
}

/// How long a worker sleeps: what a relayed packet is delayed by at most.
const TICK: Duration = Duration::from_millis(5);
/// Commands that wait; a worker takes them each tick.
const COMMANDS_MAX: usize = 16_384;
/// Sockets that are looked at in one round.
const READY_MAX: usize = 1_024;
const ROUNDS_MAX: usize = 16;
/// Datagrams of one socket that are read before the next socket gets its turn.
const DATAGRAMS_AT_ONCE: usize = 16;
/// Longer ones are cut off, and no RTP.
const DATAGRAM_MAX: usize = 2_048;
/// No leg has this token.
const BELL: u64 = u64::MAX;
