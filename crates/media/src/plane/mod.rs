//! Media as the signalling thread commands it: ports, workers, recordings.

mod handle;
mod link;
mod loader;
mod ports;
mod shared;
#[cfg(test)]
mod tests;
mod worker;

use crate::Rate;
use crate::browser::Identity;
use crate::codec::Decoder;
use crate::engine::{Counts, MediaEvent, Sounds};
use crate::ratings::Ratings;
use crate::record::course::{Courses, Step};
use crate::record::{Folders, Recorder, Writing};
use handle::{Command, Handle, LegCommand};
use loader::Loader;
use model::{
    Digit, Effect, LegEvent, LegId, LegQuality, MixPlan, PlayEnd, RecordingFormat, RecordingId,
    RecordingLayout, RoomId,
};
use ports::{Pair, Ports};
use rtp::{Security, Stream};
use shared::{DOORS_MAX, Door, Route};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use worker::{Desk, Office};

/// How media is carried.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on and to write into SDP; `None`: all, and whichever the phone speaks to.
    pub address: Option<IpAddr>,
    /// Ports for RTP (even) and RTCP (the next odd one).
    pub rtp_ports: RangeInclusive<u16>,
    /// The one port of all browsers, and what they are shown there; `None` carries no browsers' sound.
    pub browsers: Option<(u16, Arc<Identity>)>,
    /// Threads; 0 is one a core.
    pub workers: usize,
    /// What can be played.
    pub sounds: Sounds,
    /// Where recordings are written, as `<id>.wav` or `<id>.opus`.
    pub recordings: PathBuf,
    /// Where it is written what one party says, as `<id>.wav`.
    pub voicemail: PathBuf,
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
pub struct Plane {
    ports: Ports,
    /// Ports of legs that are closed.
    freed: mpsc::Receiver<Pair>,
    workers: Vec<Handle>,
    /// How many legs each worker has.
    load: Vec<usize>,
    legs: BTreeMap<LegId, Place>,
    browsers_at: Option<SocketAddr>,
    /// At which addresses their port was opened, or cannot be.
    doors: BTreeSet<IpAddr>,
    /// Which of the legs are browsers'.
    browsers: BTreeSet<LegId>,
    rooms: BTreeMap<RoomId, usize>,
    recordings: Courses,
    /// Whose words are taken down.
    dictations: BTreeMap<RecordingId, LegId>,
    recorder: Recorder,
    /// At which rate each leg is played to.
    rates: BTreeMap<LegId, Rate>,
    ratings: Ratings,
    seed: u64,
    listener: Arc<dyn Listener>,
    loader: Loader,
    /// Ends after the workers, which record until they end.
    _writing: Writing,
}

impl std::fmt::Debug for Plane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let legs = self.legs.len();
        f.debug_struct("Plane")
            .field("legs", &legs)
            .finish_non_exhaustive()
    }
}

/// Where a leg is.
#[derive(Debug)]
enum Place {
    /// Nobody knows yet with whom it will be in a room: what is wanted of it waits. Two legs that are put together
    /// for the first time come to one worker without a move.
    Waiting(Box<Pair>, Vec<LegCommand>),
    /// On this worker.
    On(usize),
}

impl Plane {
    /// Starts the threads.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn start(settings: Settings, listener: impl Listener) -> io::Result<Self> {
        let listener: Arc<dyn Listener> = Arc::new(listener);
        let told = Arc::clone(&listener);
        let failed = move |leg, recording| {
            let event = LegEvent::RecordingFailed(recording);
            told.event(MediaEvent::Leg(leg, event));
        };
        let folders = Folders {
            recordings: settings.recordings,
            voicemail: settings.voicemail,
        };
        // Dropped last, also when something below fails: it waits until nobody has anything to be written.
        let writing;
        let recorder;
        (recorder, writing) = Recorder::start(folders, failed)?;
        let (free, freed) = mpsc::channel();
        let browsers = match settings.browsers {
            Some((port, identity)) => {
                Some((Arc::new(Door::bind(settings.address, port)?), identity))
            }
            None => None,
        };
        let browsers_at = match &browsers {
            Some((door, _)) => {
                let ip = settings
                    .address
                    .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
                Some(SocketAddr::new(ip, door.port()?))
            }
            None => None,
        };
        let office = Office {
            free,
            listener: Arc::clone(&listener),
            recorder: recorder.clone(),
            browsers,
            began: Instant::now(),
        };
        let count = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let workers = desks(count).into_iter().enumerate();
        let workers = workers.map(|(number, desk)| {
            worker::start(number, settings.sounds.clone(), office.clone(), desk)
        });
        Ok(Self {
            ports: Ports::new(settings.address, settings.rtp_ports, settings.seed),
            freed,
            workers: workers.collect::<io::Result<_>>()?,
            load: vec![0; count],
            legs: BTreeMap::new(),
            browsers_at,
            doors: BTreeSet::new(),
            browsers: BTreeSet::new(),
            rooms: BTreeMap::new(),
            recordings: Courses::default(),
            dictations: BTreeMap::new(),
            recorder,
            rates: BTreeMap::new(),
            ratings: Ratings::default(),
            seed: settings.seed,
            listener,
            loader: Loader::start(settings.sounds)?,
            _writing: writing,
        })
    }

    /// Where browsers are reached; the address is unspecified where the one that they speak to is meant.
    #[must_use]
    pub const fn browsers(&self) -> Option<SocketAddr> {
        self.browsers_at
    }

    /// Opens the ports of a leg; `None` when there are none left, or the workers do not keep up. The address is
    /// unspecified where the one that the phone speaks to is meant.
    pub fn open(&mut self, leg: LegId) -> Option<SocketAddr> {
        if self.workers.iter().any(Handle::is_overloaded) {
            tracing::error!("the media workers do not keep up; a leg is refused");
            return None;
        }
        self.close(leg);
        self.freed
            .try_iter()
            .for_each(|pair| self.ports.close(pair));
        let (pair, address) = self.ports.open()?;
        self.legs
            .insert(leg, Place::Waiting(Box::new(pair), Vec::new()));
        self.ratings.open(leg);
        Some(address)
    }

    /// What offer and answer came to for a leg.
    pub fn stream(&mut self, leg: LegId, stream: Stream) {
        if let Some(native) = Decoder::native_rate(&stream.codec)
            && self.legs.contains_key(&leg)
        {
            self.rates.insert(leg, played_at(native));
        }
        if let Some(Place::On(worker)) = self.legs.get(&leg) {
            self.route(leg, *worker, &stream);
        }
        self.ratings.agreed(leg, &stream);
        self.command(leg, LegCommand::Stream(Box::new(stream)));
    }

    /// Ends a leg's sound. How it fared is known for a while longer.
    pub fn close(&mut self, leg: LegId) {
        if self.browsers.remove(&leg) {
            self.send(READER, Command::Route(Route::Remove(leg)));
        }
        match self.legs.remove(&leg) {
            // Its worker gives the ports back.
            Some(Place::On(worker)) => {
                self.weigh(worker, -1);
                self.send(worker, Command::Leg(leg, LegCommand::Close));
            }
            Some(Place::Waiting(pair, _)) => self.ports.close(*pair),
            None => {}
        }
        self.recordings.close(leg);
        self.dictations.retain(|_, of| *of != leg);
        self.rates.remove(&leg);
        self.ratings.close(leg);
    }

    /// How a leg fares, or fared until it was closed, at most 250 ms ago; `None` when nothing was heard of it, or
    /// it was closed long ago.
    #[must_use]
    pub fn quality(&self, leg: LegId) -> Option<LegQuality> {
        self.ratings.of(leg)
    }

    /// A leg's party pressed a key and said so by SIP INFO.
    pub fn key(&mut self, leg: LegId, digit: Digit) {
        self.assign(leg);
        self.command(leg, LegCommand::Key(digit));
    }

    /// Sends a key to a leg's party as RTP events.
    pub fn send_key(&mut self, leg: LegId, digit: Digit) {
        self.assign(leg);
        self.command(leg, LegCommand::SendKey(digit));
    }

    /// Does what the switch wants of sound; other effects are ignored.
    pub fn perform(&mut self, effect: &Effect) {
        match effect {
            Effect::Mix(room, plan) => self.mix(*room, plan),
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                if !self.legs.contains_key(leg) {
                    let event = LegEvent::Played(*play, PlayEnd::CutShort);
                    return self.listener.event(MediaEvent::Leg(*leg, event));
                }
                self.assign(*leg);
                let rate = self.rates.get(leg).copied().unwrap_or(Rate::Wide);
                let list = self.loader.open(sounds, rate);
                self.command(*leg, LegCommand::Play(*play, list, *keys));
            }
            Effect::Silence(leg) | Effect::Echo(leg, _) => self.perform_on(*leg, effect),
            Effect::Record {
                leg,
                recording,
                layout,
                format,
            } => self.record(*leg, *recording, (*layout, *format)),
            Effect::PauseRecording(recording, paused) => {
                if let Some(leg) = self.recordings.pause(*recording, *paused) {
                    self.perform_on(leg, effect);
                }
            }
            Effect::TakeDown {
                leg,
                recording,
                silence,
            } => self.take_down(*leg, *recording, *silence),
            Effect::Discard(recording) => self.recorder.discard(*recording),
            Effect::StopRecording(recording) => {
                let dictated = self.dictations.remove(recording);
                if let Some(leg) = dictated.or_else(|| self.recordings.stop(*recording)) {
                    self.perform_on(leg, effect);
                }
            }
            Effect::Ring(_)
            | Effect::Alert(_)
            | Effect::Progress(_)
            | Effect::Answer(_)
            | Effect::HangUp(..)
            | Effect::Identify(..)
            | Effect::TransferProgress(..)
            | Effect::SendDigit(..)
            | Effect::Ask(..)
            | Effect::Fact(_) => {}
        }
    }

    /// Calls the function when what was taken down under that name is complete: with how long it is; `None` when there is
    /// nothing of it. On the thread that writes, which it must not keep.
    pub fn when_written(
        &self,
        recording: RecordingId,
        then: impl FnOnce(Option<Duration>) + Send + 'static,
    ) {
        self.recorder.when_written(recording, Box::new(then));
    }

    /// What all workers have counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counts = self.workers.iter().map(Handle::counts);
        counts.fold(Counts::default(), |sum, counts| Counts {
            received: sum.received + counts.received,
            sent: sum.sent + counts.sent,
            lost: sum.lost + counts.lost,
            refused: sum.refused + counts.refused,
        })
    }

    fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        form: (RecordingLayout, RecordingFormat),
    ) {
        if !self.legs.contains_key(&leg) {
            let event = LegEvent::RecordingFailed(recording);
            return self.listener.event(MediaEvent::Leg(leg, event));
        }
        let Step::Record { manner, before } = self.recordings.record(leg, recording, form) else {
            return;
        };
        if let Some(before) = before {
            self.command(before, LegCommand::LetGo(recording));
        }
        self.assign(leg);
        self.command(leg, LegCommand::Record(recording, manner));
    }

    fn take_down(&mut self, leg: LegId, recording: RecordingId, silence: Duration) {
        if !self.legs.contains_key(&leg) {
            let event = LegEvent::RecordingFailed(recording);
            return self.listener.event(MediaEvent::Leg(leg, event));
        }
        self.dictations.insert(recording, leg);
        self.assign(leg);
        self.command(leg, LegCommand::TakeDown(recording, silence));
    }

    fn perform_on(&mut self, leg: LegId, effect: &Effect) {
        self.assign(leg);
        self.command(leg, LegCommand::Perform(Box::new(effect.clone())));
    }

    /// All legs of a room come to one worker: that which has most of them.
    fn mix(&mut self, room: RoomId, plan: &MixPlan) {
        self.recordings.mix(plan);
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
        let here = plan.seats.iter().filter_map(|leg| self.worker_of(*leg));
        let counts = self.tally(here);
        let most = counts
            .into_iter()
            .enumerate()
            .max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count > 0)
            .map(|(worker, _)| worker)
    }

    /// The worker with the fewest legs.
    fn idlest(&self) -> usize {
        let load = self.load.iter().enumerate();
        let idlest = load.min_by_key(|(_, legs)| **legs);
        idlest.map_or(0, |(worker, _)| worker)
    }

    /// A worker has a leg more or less.
    fn weigh(&mut self, worker: usize, legs: isize) {
        if let Some(load) = self.load.get_mut(worker) {
            *load = load.saturating_add_signed(legs);
        }
    }

    /// How often each worker is named.
    fn tally(&self, workers: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut counts = vec![0; self.workers.len()];
        for worker in workers {
            if let Some(count) = counts.get_mut(worker) {
                *count += 1;
            }
        }
        counts
    }

    fn worker_of(&self, leg: LegId) -> Option<usize> {
        match self.legs.get(&leg)? {
            Place::On(worker) => Some(*worker),
            Place::Waiting(..) => None,
        }
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
        match self.legs.remove(&leg) {
            Some(Place::Waiting(pair, commands)) => {
                let random = self.random();
                self.weigh(to, 1);
                let gauge = self.ratings.gauge(leg);
                self.send(to, Command::Open(leg, pair, random, gauge));
                for command in commands {
                    if let LegCommand::Stream(stream) = &command {
                        self.route(leg, to, stream);
                    }
                    self.send(to, Command::Leg(leg, command));
                }
            }
            Some(Place::On(from)) => {
                if from != to {
                    self.weigh(from, -1);
                    self.weigh(to, 1);
                    let (out, into) = handle::way();
                    self.send(to, Command::Expect(leg, into));
                    self.send(from, Command::Leg(leg, LegCommand::Move(out)));
                    if self.browsers.contains(&leg) {
                        self.send(READER, Command::Route(Route::Moved(leg, to)));
                    }
                }
            }
            None => return,
        }
        self.legs.insert(leg, Place::On(to));
    }

    /// Opens the browsers' port at an address that a browser was told, unless it is open there.
    fn open_door(&mut self, ip: IpAddr) {
        let Some(at) = self.browsers_at else { return };
        let known = at.ip() == ip || self.doors.contains(&ip) || ip.is_unspecified();
        if known || self.doors.len() >= DOORS_MAX {
            return;
        }
        self.doors.insert(ip);
        match Door::beside(ip, at.port()) {
            Ok(door) => {
                let door = Arc::new(door);
                for worker in 0..self.workers.len() {
                    self.send(worker, Command::Door(Arc::clone(&door)));
                }
            }
            // Not an address of this machine, but of a translator before it.
            Err(error) => tracing::debug!(%error, %ip, "browsers are answered from any address"),
        }
    }

    /// Tells the reader of the browsers' port whose datagrams are this leg's, if it is a browser's.
    fn route(&mut self, leg: LegId, worker: usize, stream: &Stream) {
        if let Security::Dtls(agreed) = &stream.security {
            self.open_door(agreed.address.ip());
            let route = Route::Put(leg, worker, agreed.clone());
            self.browsers.insert(leg);
            self.send(READER, Command::Route(route));
        }
    }

    fn command(&mut self, leg: LegId, command: LegCommand) {
        match self.legs.get_mut(&leg) {
            // Each waits for its place only until the leg is wanted for something.
            Some(Place::Waiting(_, commands)) if commands.len() < WAITING_MAX => {
                commands.push(command);
            }
            Some(Place::On(worker)) => {
                let worker = *worker;
                self.send(worker, Command::Leg(leg, command));
            }
            Some(Place::Waiting(..)) | None => {}
        }
    }

    fn send(&self, worker: usize, command: Command) {
        if let Some(worker) = self.workers.get(worker) {
            worker.send(command);
        }
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

/// The rate at which a leg is played to. Nothing that is played has more in it than 16 kHz carry.
fn played_at(native: Rate) -> Rate {
    native.min(Rate::Wide)
}

/// What each of so many workers has to do with the port of the browsers: the first reads it for all.
fn desks(count: usize) -> Vec<Desk> {
    let (outward, inward): (Vec<_>, Vec<_>) = (1..count)
        .map(|_| shared::way())
        .map(|(outward, inward)| (Some(outward), Desk::IsHanded(inward)))
        .unzip();
    let others = std::iter::once(None).chain(outward).collect();
    std::iter::once(Desk::Reads(others)).chain(inward).collect()
}

/// The worker that reads the port of the browsers.
const READER: usize = 0;
/// Offers and answers that may come before a leg has a worker.
const WAITING_MAX: usize = 64;
