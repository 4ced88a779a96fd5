//! Media as the signalling thread commands it: ports, workers, recordings.

mod ports;
mod worker;

use crate::engine::{Counts, MediaEvent, RATE_HZ, Sounds};
use crate::record::{Block, Recorder, Recording};
use model::{Digit, Effect, LegEvent, LegId, MixPlan, RoomId};
use ports::{Pair, Ports};
use rtp::Stream;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use worker::{Command, Handle, Office, Owners};

/// How media is carried.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on and to write into SDP; `None`: all, and whichever the phone speaks to.
    pub address: Option<IpAddr>,
    /// Ports for RTP (even) and RTCP (the next odd one).
    pub rtp_ports: RangeInclusive<u16>,
    /// Threads; 0 is one a core.
    pub workers: usize,
    /// What can be played.
    pub sounds: Sounds,
    /// Where recordings are written, as `<id>.wav`.
    pub recordings: PathBuf,
    /// Chooses what strangers must not guess.
    pub seed: u64,
}

/// Whom media tells what; called on its own threads, and must not block.
pub trait Listener: Send + Sync + 'static {
    /// Something happened.
    fn event(&self, event: MediaEvent);
    /// A worker began so much later than it meant to.
    fn late(&self, by: Duration);
}

/// All of media. Dropping it ends the workers and completes the recordings.
#[derive(Debug)]
pub struct Plane {
    ports: Ports,
    workers: Vec<Handle>,
    legs: BTreeMap<LegId, Place>,
    rooms: BTreeMap<RoomId, usize>,
    seed: u64,
    /// Ends after the workers, which record until they end.
    _recording: Recording,
}

/// Where a leg is.
#[derive(Debug)]
enum Place {
    /// Nobody knows yet with whom it will be in a room: what is wanted of it waits.
    Waiting(Pair, Vec<Command>),
    /// On this worker, with this port.
    On(usize, u16),
}

impl Plane {
    /// Starts the threads.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn start(settings: Settings, listener: impl Listener) -> io::Result<Self> {
        let listener: Arc<dyn Listener> = Arc::new(listener);
        let owners = Arc::<Owners>::default();
        let (again, blocks) = sync_channel::<Block>(BLOCKS_KEPT);
        let (told, whose) = (Arc::clone(&listener), Arc::clone(&owners));
        let failed = move |recording, error: &io::Error| {
            tracing::error!(%error, %recording, "a recording cannot be written");
            if let Some(leg) = whose.of(recording) {
                let event = LegEvent::RecordingFailed(recording);
                told.event(MediaEvent::Leg(leg, event));
            }
        };
        let (recorder, recording) = Recorder::start(settings.recordings, RATE_HZ, failed, again)?;
        let office = Office {
            listener,
            recorder,
            blocks: Arc::new(Mutex::new(blocks)),
            owners,
        };
        let count = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let workers =
            (0..count).map(|number| worker::start(number, settings.sounds.clone(), office.clone()));
        let address = settings
            .address
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Self {
            ports: Ports::new(address, settings.rtp_ports, settings.seed),
            workers: workers.collect::<io::Result<_>>()?,
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            seed: settings.seed,
            _recording: recording,
        })
    }

    /// Opens the ports of a leg; `None` when there are none left. The address is unspecified where the
    /// one that the phone speaks to is meant.
    pub fn open(&mut self, leg: LegId) -> Option<SocketAddr> {
        let pair = self.ports.open()?;
        let address = pair.address();
        self.legs.insert(leg, Place::Waiting(pair, Vec::new()));
        Some(address)
    }

    /// What offer and answer came to for a leg.
    pub fn stream(&mut self, leg: LegId, stream: Stream) {
        self.command(leg, Command::Stream(leg, Box::new(stream)));
    }

    /// Ends a leg's sound.
    pub fn close(&mut self, leg: LegId) {
        match self.legs.remove(&leg) {
            Some(Place::On(worker, port)) => {
                self.send(worker, Command::Close(leg));
                self.ports.close(port);
            }
            Some(Place::Waiting(pair, _)) => self.ports.close(pair.port()),
            None => {}
        }
    }

    /// A leg's party pressed a key and said so by SIP INFO.
    pub fn key(&mut self, leg: LegId, digit: Digit) {
        self.assign(leg);
        self.command(leg, Command::Key(leg, digit));
    }

    /// Sends a key to a leg's party as RTP events.
    pub fn send_key(&mut self, leg: LegId, digit: Digit) {
        self.assign(leg);
        self.command(leg, Command::SendKey(leg, digit));
    }

    /// Does what the switch wants of sound; other effects are ignored.
    pub fn perform(&mut self, effect: &Effect) {
        match effect {
            Effect::Mix(room, plan) => self.mix(*room, plan),
            Effect::Play { leg, .. }
            | Effect::Silence(leg)
            | Effect::Echo(leg, _)
            | Effect::Record { leg, .. } => {
                self.assign(*leg);
                self.command(*leg, Command::Perform(Box::new(effect.clone())));
            }
            Effect::StopRecording(_) => {
                for worker in &self.workers {
                    worker.send(Command::Perform(Box::new(effect.clone())));
                }
            }
            Effect::Ring(_)
            | Effect::Alert(_)
            | Effect::Progress(_)
            | Effect::Answer(_)
            | Effect::HangUp(..)
            | Effect::Identify(..)
            | Effect::SendDigit(..)
            | Effect::Ask(..)
            | Effect::Fact(_) => {}
        }
    }

    /// What all workers have counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counts = self.workers.iter().map(Handle::counts);
        counts.fold(Counts::default(), |sum, counts| Counts {
            received: sum.received + counts.received,
            sent: sum.sent + counts.sent,
            lost: sum.lost + counts.lost,
        })
    }

    /// All legs of a room come to one worker: that which has most of them.
    fn mix(&mut self, room: RoomId, plan: &MixPlan) {
        let kept = self.rooms.get(&room).copied();
        let worker = self
            .with_most(plan)
            .or(kept)
            .unwrap_or_else(|| self.idlest());
        if let Some(before) = kept.filter(|before| *before != worker) {
            let nothing = Effect::Mix(room, MixPlan::default());
            self.send(before, Command::Perform(Box::new(nothing)));
        }
        for leg in &plan.seats {
            self.bring(*leg, worker);
        }
        if plan.seats.is_empty() {
            self.rooms.remove(&room);
        } else {
            self.rooms.insert(room, worker);
        }
        let mix = Effect::Mix(room, plan.clone());
        self.send(worker, Command::Perform(Box::new(mix)));
    }

    /// The worker that has most of a plan's legs, if any has one.
    fn with_most(&self, plan: &MixPlan) -> Option<usize> {
        let mut counts = vec![0_usize; self.workers.len()];
        for leg in &plan.seats {
            if let Some(Place::On(worker, _)) = self.legs.get(leg)
                && let Some(count) = counts.get_mut(*worker)
            {
                *count += 1;
            }
        }
        let most = counts.iter().enumerate().max_by_key(|(_, count)| **count);
        most.filter(|(_, count)| **count > 0)
            .map(|(worker, _)| worker)
    }

    /// Sees to it that a leg is on some worker.
    fn assign(&mut self, leg: LegId) {
        if matches!(self.legs.get(&leg), Some(Place::Waiting(..))) {
            let worker = self.idlest();
            self.bring(leg, worker);
        }
    }

    /// Brings a leg to a worker, from wherever it is.
    fn bring(&mut self, leg: LegId, to: usize) {
        let port = match self.legs.remove(&leg) {
            Some(Place::Waiting(pair, commands)) => {
                let port = pair.port();
                let random = self.random();
                self.send(to, Command::Open(leg, Box::new(pair), random));
                for command in commands {
                    self.send(to, command);
                }
                port
            }
            Some(Place::On(from, port)) => {
                if from != to
                    && let Some(there) = self.workers.get(to).map(Handle::sender)
                {
                    self.send(to, Command::Expect(leg));
                    self.send(from, Command::Move(leg, there));
                }
                port
            }
            None => return,
        };
        self.legs.insert(leg, Place::On(to, port));
    }

    fn command(&mut self, leg: LegId, command: Command) {
        match self.legs.get_mut(&leg) {
            Some(Place::Waiting(_, commands)) if commands.len() < WAITING_MAX => {
                commands.push(command);
            }
            Some(Place::On(worker, _)) => {
                let worker = *worker;
                self.send(worker, command);
            }
            Some(Place::Waiting(..)) | None => {}
        }
    }

    fn send(&self, worker: usize, command: Command) {
        if let Some(worker) = self.workers.get(worker) {
            worker.send(command);
        }
    }

    /// The worker with the fewest legs.
    fn idlest(&self) -> usize {
        let mut counts = vec![0_usize; self.workers.len()];
        for place in self.legs.values() {
            if let Place::On(worker, _) = place
                && let Some(count) = counts.get_mut(*worker)
            {
                *count += 1;
            }
        }
        let idlest = counts.iter().enumerate().min_by_key(|(_, count)| **count);
        idlest.map_or(0, |(worker, _)| worker)
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    const fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Commands that wait for a leg to get a worker.
const WAITING_MAX: usize = 64;
/// Empty pieces of recordings that are kept for the next ones.
const BLOCKS_KEPT: usize = 256;
