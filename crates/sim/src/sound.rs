//! The media engine of an office, and its ports. Nothing else here knows the engine.

use crate::dictations::Dictations;
use media::engine::{Engine, Out};
use media::prompts::Library;
use media::{MediaEvent, Rate, Ratings, Sounds, Tape};
use model::{
    Digit, Effect, LegId, LegQuality, RecordingFormat, RecordingId, RecordingLayout, Time,
};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The media engine with its ports.
#[derive(Debug)]
pub(crate) struct Sound {
    engine: Engine,
    ip: IpAddr,
    now: Time,
    legs: BTreeMap<u16, LegId>,
    ratings: Ratings,
    made: Made,
    last_port: u16,
    random: crate::Random,
}

/// What the engine made and nobody has taken yet.
#[derive(Debug)]
struct Made {
    ports: BTreeMap<LegId, u16>,
    packets: VecDeque<Packet>,
    events: VecDeque<MediaEvent>,
    dictations: Dictations,
}

/// A packet that leaves an office.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) port: u16,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

impl Sound {
    /// Plays and keeps messages and greetings in the folder `files`.
    pub(crate) fn new(ip: IpAddr, country: &str, files: &Path, seed: u64) -> Self {
        let sounds = Sounds {
            library: Arc::new(library().with_files(files)),
            country: country.to_owned(),
        };
        Self {
            engine: Engine::new(sounds),
            ip,
            now: Time(0),
            legs: BTreeMap::new(),
            ratings: Ratings::default(),
            made: Made {
                ports: BTreeMap::new(),
                packets: VecDeque::new(),
                events: VecDeque::new(),
                dictations: Dictations::new(files.to_owned()),
            },
            last_port: 0,
            random: crate::Random::new(seed),
        }
    }

    /// How many legs there are, and how many ports are open.
    pub(crate) fn left(&self) -> (usize, usize) {
        (self.engine.leg_count(), self.legs.len())
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.engine.next_deadline().map(|at| Time(at.0))
    }

    pub(crate) fn tick(&mut self, now: Time) {
        self.now = now;
        self.engine.tick(time(now), &mut self.made);
        self.made.dictations.write();
    }

    pub(crate) fn receive(&mut self, now: Time, port: u16, from: SocketAddr, bytes: &mut [u8]) {
        self.now = now;
        if let Some(leg) = self.legs.get(&port) {
            self.engine
                .receive(time(now), *leg, from, bytes, &mut self.made);
        } else if let Some(leg) = port.checked_sub(1).and_then(|port| self.legs.get(&port)) {
            self.engine.receive_rtcp(time(now), *leg, from, bytes);
        }
    }

    pub(crate) fn perform(&mut self, now: Time, effect: &Effect) {
        self.now = now;
        self.engine.perform(time(now), effect, &mut self.made);
        self.made.dictations.write();
    }

    pub(crate) fn stream(&mut self, now: Time, leg: LegId, stream: rtp::Stream) {
        self.ratings.agreed(leg, &stream);
        self.engine.stream(time(now), leg, stream);
    }

    pub(crate) fn close(&mut self, leg: LegId) {
        self.engine.close(time(self.now), leg, &mut self.made);
        self.made.dictations.write();
        if let Some(port) = self.made.ports.remove(&leg) {
            self.legs.remove(&port);
            self.ratings.close(leg);
        }
    }

    /// How a leg fares or fared.
    pub(crate) fn quality(&self, leg: LegId) -> Option<LegQuality> {
        self.ratings.of(leg)
    }

    pub(crate) fn key(&mut self, now: Time, leg: LegId, digit: Digit) {
        self.engine.key(time(now), leg, digit, &mut self.made);
    }

    pub(crate) fn send_key(&mut self, now: Time, leg: LegId, digit: Digit) {
        self.engine.send_key(time(now), leg, digit);
    }

    pub(crate) fn packet(&mut self) -> Option<Packet> {
        self.made.packets.pop_front()
    }

    pub(crate) fn event(&mut self) -> Option<MediaEvent> {
        self.made.events.pop_front()
    }

    /// What the clock shows, for [`edge::Ports::open`].
    pub(crate) const fn set_now(&mut self, now: Time) {
        self.now = now;
    }
}

impl edge::Ports for Sound {
    fn open(&mut self, leg: LegId) -> Option<SocketAddr> {
        let free = (1..=PORTS).map(|step| FIRST_PORT + (self.last_port + step) % PORTS * 2);
        let port = free
            .into_iter()
            .find(|port| !self.legs.contains_key(port))?;
        self.last_port = (port - FIRST_PORT) / 2;
        self.legs.insert(port, leg);
        self.made.ports.insert(leg, port);
        self.engine.open(time(self.now), leg, self.random.any());
        self.ratings.open(leg);
        self.engine.show(leg, self.ratings.gauge(leg));
        Some(SocketAddr::new(self.ip, port))
    }
}

impl Made {
    fn packet(&mut self, leg: LegId, to: SocketAddr, packet: &[u8], offset: u16) {
        if let Some(port) = self.ports.get(&leg) {
            let (port, bytes) = (port + offset, packet.to_vec());
            self.packets.push_back(Packet { port, to, bytes });
        }
    }
}

impl Out for Made {
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.packet(leg, to, packet, 0);
    }

    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.packet(leg, to, packet, 1);
    }

    fn event(&mut self, event: MediaEvent) {
        self.events.push_back(event);
    }

    /// Nobody here keeps what is recorded: a tape whose reel is gone ends by itself.
    fn record(
        &mut self,
        _leg: LegId,
        _recording: RecordingId,
        layout: RecordingLayout,
        _format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape> {
        Some(media::tape(layout, rate).0)
    }

    fn take_down(&mut self, _leg: LegId, recording: RecordingId) -> Option<Tape> {
        self.dictations.begin(recording)
    }
}

/// What every office plays; opened once.
pub(crate) fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    let open = || Arc::new(Library::open(Path::new("/nonexistent")));
    Arc::clone(LIBRARY.get_or_init(open))
}

const fn time(at: Time) -> rtp::Time {
    rtp::Time(at.0)
}

const FIRST_PORT: u16 = 10_000;
/// Pairs of ports.
const PORTS: u16 = 10_000;
