//! One media thread: it sleeps for a tick, reads everything that came, sends everything that is due.

use super::Listener;
use super::handle::{COMMANDS_MAX, Command, Handle, LegCommand, Parcel, Tallies};
use super::link::{Link, Outgoing};
use super::ports::{Pair, Port};
use super::shared::{Door, Inward, Outward, Route};
use crate::batch::{BATCH, Inbox};
use crate::browser::{Identity, Router, Ways};
use crate::engine::{Engine, MediaEvent, Sounds};
use crate::record::Recorder;
use model::LegId;
use rtp::Time;
use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use rustix::fd::OwnedFd;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

/// What all workers share.
#[derive(Clone)]
pub(super) struct Office {
    /// Where ports go of legs that are gone.
    pub(super) free: Sender<Pair>,
    pub(super) listener: Arc<dyn Listener>,
    pub(super) recorder: Recorder,
    /// The port of the browsers, if there is one, and what they are shown there.
    pub(super) browsers: Option<(Arc<Door>, Arc<Identity>)>,
    /// When time began: legs that move take their times along.
    pub(super) began: Instant,
}

/// Starts a worker.
///
/// What comes to the port of the browsers goes `desk`'s way.
pub(super) fn start(
    number: usize,
    sounds: Sounds,
    office: Office,
    desk: Desk,
) -> io::Result<Handle> {
    let (commands, queue) = sync_channel(COMMANDS_MAX);
    let bell = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(BELL);
    epoll::add(&poll, &*bell, data, epoll::EventFlags::IN)?;
    let first = office.browsers.as_ref().map(|(door, _)| Arc::clone(door));
    let shared = Arc::<Tallies>::default();
    let (own_bell, own_shared) = (Arc::clone(&bell), Arc::clone(&shared));
    let thread = std::thread::Builder::new()
        .name(format!("media-{number}"))
        .spawn(move || {
            let mut worker = Worker {
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
                ways: Ways::new(
                    office
                        .browsers
                        .as_ref()
                        .map(|(_, identity)| Arc::clone(identity)),
                ),
                office,
                number,
                router: Router::default(),
                doors: Vec::new(),
                desk,
            };
            if let Some(door) = first {
                worker.open_door(door);
            }
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
    shared: Arc<Tallies>,
    office: Office,
    number: usize,
    ways: Ways,
    router: Router,
    /// The sockets of the browsers' port; the first is for all addresses that have none of their own.
    doors: Vec<Arc<Door>>,
    desk: Desk,
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
            if self.engine.leg_count() == 0 && self.expected.is_empty() && self.router.is_empty() {
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
            Command::Open(leg, pair, random, gauge) => {
                self.listen(leg, *pair, Backlog::Stale);
                self.engine.open(self.now(), leg, random);
                self.engine.show(leg, gauge);
            }
            Command::Leg(leg, command) => match self.expected.get_mut(&leg) {
                Some(expected) => expected.waiting.push(command),
                None => self.leg_command(leg, command),
            },
            Command::Perform(effect) => {
                self.with_engine(None, |engine, now, link| engine.perform(now, &effect, link));
            }
            Command::Door(door) => self.open_door(door),
            Command::Route(route) => match route {
                Route::Put(leg, place, agreed) => self.router.put(leg, place, &agreed),
                Route::Moved(leg, place) => self.router.moved(leg, place),
                Route::Remove(leg) => self.router.remove(leg),
            },
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
                    let parcel = Parcel {
                        leg: moved,
                        pair,
                        way: self.ways.take(leg),
                    };
                    let _ = way.try_send(parcel);
                }
            }
            LegCommand::Close => {
                self.with_engine(None, |engine, now, link| engine.close(now, leg, link));
                self.free(leg);
                self.ways.take(leg);
            }
            command => self.with_engine(Some(leg), |engine, now, link| match command {
                LegCommand::Stream(stream) => {
                    link.agree(now, leg, &stream);
                    engine.stream(now, leg, *stream);
                    link.take_up(engine, leg);
                }
                LegCommand::Key(digit) => engine.key(now, leg, digit, link),
                LegCommand::SendKey(digit) => engine.send_key(now, leg, digit),
                LegCommand::Play(play, list, keys) => {
                    engine.play(now, leg, play, list, keys, link);
                }
                LegCommand::Perform(effect) => engine.perform(now, &effect, link),
                LegCommand::Record(recording, manner) => {
                    engine.record(now, leg, recording, manner, link);
                }
                LegCommand::LetGo(recording) => engine.let_go(leg, recording),
                LegCommand::TakeDown(recording, silence) => {
                    engine.take_down(now, leg, (recording, silence), link);
                }
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
                if let Some(way) = parcel.way {
                    self.ways.put(leg, way);
                }
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
        self.handed();
        // More than one round only when more sockets are ready than fit.
        for _ in 0..ROUNDS_MAX {
            self.wait(Some(Duration::ZERO));
            for place in 0..self.ready.len() {
                let token = self.ready.get(place).map(|event| event.data.u64());
                match token {
                    None | Some(BELL) => {}
                    Some(token) if token > BROWSERS => self.read_browsers(token),
                    Some(token) => self.read(token),
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
            let count = self.inbox.receive(pair.socket(port)).unwrap_or(0);
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

    /// The browsers' port is open at one more address.
    fn open_door(&mut self, door: Arc<Door>) {
        self.doors.push(door);
        let token = BROWSERS + self.doors.len() as u64;
        if let (Desk::Reads(_), Some(door)) = (&self.desk, self.doors.last()) {
            let data = epoll::EventData::new_u64(token);
            if let Err(error) = epoll::add(&self.poll, &door.socket, data, epoll::EventFlags::IN) {
                tracing::error!(%error, "the port of the browsers cannot be read");
            }
        }
    }

    /// Reads the port of the browsers, and hands on what belongs to legs of other workers.
    fn read_browsers(&mut self, token: u64) {
        let place = usize::try_from(token - BROWSERS).unwrap_or(usize::MAX);
        let Some(door) = place.checked_sub(1).and_then(|place| self.doors.get(place)) else {
            return;
        };
        let door = Arc::clone(door);
        for _ in 0..BATCHES_AT_ONCE {
            let count = self.inbox.receive(&door.socket).unwrap_or(0);
            let mut inbox = std::mem::take(&mut self.inbox);
            for place in 0..count {
                let Some((from, datagram)) = inbox.datagram(place) else {
                    continue;
                };
                let from = SocketAddr::new(from.ip().to_canonical(), from.port());
                let router = &mut self.router;
                let route = AssertUnwindSafe(|| router.route(from, datagram));
                let Ok(Some((leg, worker))) = catch_unwind(route) else {
                    continue;
                };
                if worker == self.number {
                    self.take_in(leg, from, datagram);
                } else if let Desk::Reads(others) = &mut self.desk
                    && let Some(Some(other)) = others.get_mut(worker)
                {
                    other.push(leg, from, datagram);
                }
            }
            self.inbox = inbox;
            if count < BATCH {
                break;
            }
        }
        if let Desk::Reads(others) = &mut self.desk {
            others.iter_mut().flatten().for_each(Outward::flush);
        }
    }

    /// Takes what the reader of the browsers' port handed on.
    fn handed(&mut self) {
        while let Desk::IsHanded(way) = &self.desk
            && let Some(mut sack) = way.take()
        {
            for place in 0..sack.len() {
                if let Some((leg, from, datagram)) = sack.datagram(place) {
                    self.take_in(leg, from, datagram);
                }
            }
            if let Desk::IsHanded(way) = &self.desk {
                way.give_back(sack);
            }
        }
    }

    /// Takes in a datagram of a browser's leg.
    fn take_in(&mut self, leg: LegId, from: SocketAddr, datagram: &mut [u8]) {
        self.with_engine(Some(leg), |engine, now, link| {
            let length = link.open(now, leg, from, datagram);
            link.take_up(engine, leg);
            if let Some(packet) = length.and_then(|length| datagram.get_mut(..length)) {
                engine.receive(now, leg, from, packet, link);
            }
        });
    }

    fn tick(&mut self) {
        self.with_engine(None, |engine, now, link| {
            link.timeout(now, engine);
            engine.tick(now, link);
        });
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
            doors: &self.doors,
            ways: &mut self.ways,
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
                self.ways.take(leg);
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

/// What a worker has to do with the port of the browsers.
#[derive(Debug)]
pub(super) enum Desk {
    /// It reads it, and hands on to the others.
    Reads(Vec<Option<Outward>>),
    /// It is handed what belongs to its legs.
    IsHanded(Inward),
}

/// How long a worker sleeps: what a relayed packet is delayed by at most. A fifth of 20 ms, so that packets made
/// every 20 ms leave evenly.
const TICK: Duration = Duration::from_millis(4);
/// As the kernel counts: −20 before all, 0 like others.
const PRIORITY: i32 = -11;
/// Sockets that are looked at in one round.
const READY_MAX: usize = 1_024;
const ROUNDS_MAX: usize = 16;
/// Batches of one socket that are read before the next socket gets its turn.
const BATCHES_AT_ONCE: usize = 4;
/// What a socket's buffer holds at most is read in fewer.
const STALE_ROUNDS_MAX: usize = 1_024;
/// No leg has this token, nor one above [`BROWSERS`].
const BELL: u64 = u64::MAX;
/// The doors have the tokens after this.
const BROWSERS: u64 = u64::MAX - 1_024;
