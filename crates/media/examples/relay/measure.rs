//! Measures the relay beside a bare loop, in one run.

use crate::bare::{self, Bare};
use crate::phones::{Phones, Seen};
use crate::process::{cpu_of, resident};
use media::prompts::Library;
use media::{Listener, MediaEvent, Plane, Settings, Sounds};
use model::{Effect, LegId, MixPlan, RoomId};
use rtp::{Codec, Direction, InBand, Source, Stream};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: &'static str,
    /// In which unit.
    pub(crate) unit: &'static str,
    /// What came out.
    pub(crate) figure: f64,
    /// What it may be at most.
    pub(crate) limit: f64,
}

impl Row {
    /// The figure as a share of the limit; above 1 it is missed.
    #[must_use]
    pub(crate) fn ratio(&self) -> f64 {
        self.figure / self.limit
    }
}

/// Lets so many calls of G.711 be relayed for so long, by a bare loop of `recvmmsg` and `sendmmsg` with a socket a leg
/// and the same tick, and by one media worker, which comes first: its memory is all that the process has grown by.
///
/// # Errors
/// Those of the operating system: two phones and two pairs of ports a call must be had.
pub(crate) fn relay(calls: usize, lasting: Duration) -> io::Result<Vec<Row>> {
    let ours = media_worker(calls, lasting)?;
    let bare = bare_loop(calls, lasting)?;
    Ok(vec![
        Row {
            what: "relayed G.711 call, processor time a second (limit: 1.5 x bare loop)",
            unit: "us",
            figure: ours.cpu_us,
            limit: 1.5 * bare.cpu_us,
        },
        Row {
            what: "delay of a relayed packet, 99 of 100",
            unit: "ms",
            figure: percentile(&ours.seen, 99.0),
            limit: 6.0,
        },
        Row {
            what: "delay in the bare loop, 99 of 100",
            unit: "ms",
            figure: percentile(&bare.seen, 99.0),
            limit: 6.0,
        },
        Row {
            what: "packets lost on the way",
            unit: "of 1000",
            figure: lost_permille(&ours.seen),
            limit: 1.0,
        },
        Row {
            what: "memory of a relayed call, with what its phones remember here",
            unit: "KiB",
            figure: ours.memory_bytes as f64 / 1024.0 / calls as f64,
            limit: 40.0,
        },
    ])
}

struct Measured {
    /// Of one call, in a second.
    cpu_us: f64,
    memory_bytes: u64,
    seen: Seen,
}

fn bare_loop(calls: usize, lasting: Duration) -> io::Result<Measured> {
    let phones = Phones::open(calls)?;
    let bare = Bare::start(phones.addresses()?, TICK)?;
    let addresses = bare.addresses.clone();
    run(&phones, addresses, bare::THREAD, calls, lasting)
}

fn media_worker(calls: usize, lasting: Duration) -> io::Result<Measured> {
    let phones = Phones::open(calls)?;
    let folder = Path::new("/nonexistent");
    let settings = Settings {
        address: Some(Ipv4Addr::LOCALHOST.into()),
        rtp_ports: 10_000..=59_999,
        workers: 1,
        sounds: Sounds {
            library: Arc::new(Library::open(folder)),
            country: String::from("cn"),
        },
        recordings: folder.into(),
        seed: u64::from(std::process::id()),
    };
    let mut plane = Plane::start(settings, Nobody)?;
    let before = resident()?;
    let mut relay = Vec::new();
    for (leg, phone) in (1..).map(LegId).zip(phones.addresses()?) {
        let address = plane.open(leg).ok_or(io::ErrorKind::AddrNotAvailable)?;
        plane.stream(leg, stream(phone));
        relay.push(address);
    }
    for call in 0..calls as u64 {
        let [one, other] = [call * 2 + 1, call * 2 + 2].map(LegId);
        let plan = MixPlan::talk([one, other]);
        plane.perform(&Effect::Mix(RoomId(call), plan));
    }
    let mut measured = run(&phones, relay, "media-", calls, lasting)?;
    // With what the phones remember, which is a part of it too.
    measured.memory_bytes = resident()?.saturating_sub(before);
    Ok(measured)
}

fn run(
    phones: &Phones,
    relay: Vec<SocketAddr>,
    thread: &str,
    calls: usize,
    lasting: Duration,
) -> io::Result<Measured> {
    let talking = phones.talk(relay)?;
    std::thread::sleep(WARM_UP);
    let before = cpu_of(thread)?;
    std::thread::sleep(lasting);
    let cpu = cpu_of(thread)?.saturating_sub(before);
    let seen = talking.end()?;
    Ok(Measured {
        cpu_us: cpu.as_secs_f64() * 1e6 / lasting.as_secs_f64() / calls as f64,
        memory_bytes: 0,
        seen,
    })
}

fn stream(phone: SocketAddr) -> Stream {
    Stream {
        remote: phone,
        // Nobody listens there, as with many phones.
        remote_rtcp: SocketAddr::new(phone.ip(), 9),
        direction: Direction::SendRecv,
        codec: Codec::PCMA,
        receives: vec![Codec::PCMA],
        telephone_event: None,
        in_band: InBand::Ignored,
        source: Source::Signalled,
        security: rtp::Security::Plain,
    }
}

/// In milliseconds.
fn percentile(seen: &Seen, share: f64) -> f64 {
    let place = (seen.delays_us.len() as f64 * share / 100.0) as usize;
    let place = place.min(seen.delays_us.len().saturating_sub(1));
    seen.delays_us
        .get(place)
        .map_or(f64::NAN, |us| f64::from(*us) / 1e3)
}

fn lost_permille(seen: &Seen) -> f64 {
    let arrived = seen.delays_us.len() as f64;
    let sent = seen.sent as f64;
    ((sent - arrived) * 1e3 / sent).max(0.0)
}

struct Nobody;

impl Listener for Nobody {
    fn event(&self, _event: MediaEvent) {}

    fn late(&self, _by: Duration) {}
}

/// That of a media worker.
const TICK: Duration = Duration::from_millis(4);
const WARM_UP: Duration = Duration::from_secs(1);
