//! Measures calls and rooms beside a bare loop, in one run.

use crate::bare::{self, Bare};
use crate::phones::{Phones, Seen};
use crate::process::{cpu_of, own_cpu, resident};
use crate::voice::{OPUS, Voice};
use media::codec::{Decoder, Encoder, PAYLOAD_MAX};
use media::prompts::Library;
use media::{Listener, MediaEvent, Plane, Rate, Settings, Sounds};
use model::{Effect, LegId, MixPlan, RoomId};
use rtp::{Codec, Direction, InBand, Security, Source, Stream};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// In which unit.
    pub(crate) unit: &'static str,
    /// What came out.
    pub(crate) figure: f64,
    /// What it may be at most.
    pub(crate) limit: f64,
}

impl Row {
    pub(crate) fn new(
        what: impl Into<String>,
        unit: &'static str,
        figure: f64,
        limit: f64,
    ) -> Self {
        Self {
            what: what.into(),
            unit,
            figure,
            limit,
        }
    }

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
    let voices = vec![Voice::stamped(); calls * 2];
    let ours = media_worker(&voices, 2, lasting)?;
    let bare = bare_loop(voices, lasting)?;
    let per_call = |measured: &Measured| measured.cpu_us / calls as f64;
    Ok(vec![
        Row::new(
            "relayed G.711 call, processor time a second (limit: 1.2 x bare loop)",
            "us",
            per_call(&ours),
            1.2 * per_call(&bare),
        ),
        Row::new(
            "delay of a relayed packet, 99 of 100",
            "ms",
            percentile(&ours.seen.delays_us, 99.0),
            6.0,
        ),
        Row::new(
            "delay in the bare loop, 99 of 100",
            "ms",
            percentile(&bare.seen.delays_us, 99.0),
            6.0,
        ),
        Row::new(
            "packets lost on the way",
            "of 1000",
            lost_permille(&ours.seen),
            1.0,
        ),
        Row::new(
            "memory of a relayed call, with what its phones remember here",
            "KiB",
            ours.memory_bytes as f64 / 1024.0 / calls as f64,
            40.0,
        ),
    ])
}

/// Lets calls between phones of different codecs be translated.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn translate(calls: usize, lasting: Duration) -> io::Result<Vec<Row>> {
    let opus_us = opus_alone_us(calls)?;
    let call_us = |codec| {
        let measured = media_worker(&talking(codec, calls), 2, lasting)?;
        io::Result::Ok(measured.cpu_us / calls as f64)
    };
    let relayed_us = call_us(Codec::PCMU)?;
    let limits = [
        ("PCMA", Codec::PCMA, 1.3 * relayed_us, "1.3 x relayed"),
        ("G722", Codec::G722, 4.0 * relayed_us, "4 x relayed"),
        (
            "Opus",
            OPUS,
            1.15 * relayed_us + opus_us,
            "libopus alone + 1.15 x relayed",
        ),
    ];
    let mut rows = Vec::new();
    for (name, codec, limit_us, by) in limits {
        let what = format!("PCMU<->{name} call, processor time a second (limit: {by})");
        rows.push(Row::new(what, "us", call_us(codec)?, limit_us));
    }
    let opus_call_us = rows.last().map_or(f64::NAN, |row| row.figure);
    rows.push(under_load(opus_call_us, lasting)?);
    Ok(rows)
}

/// The phones of so many calls between G.711 and a codec.
fn talking(codec: Codec, calls: usize) -> Vec<Voice> {
    let pair = [
        Voice::talking(Codec::PCMU, 140.0),
        Voice::talking(codec, 190.0),
    ];
    pair.into_iter().cycle().take(calls * 2).collect()
}

/// Lets rooms be mixed.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn rooms(lasting: Duration) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for parties in [50, 100, 200] {
        let voices = (0..parties)
            .map(|party| Voice::talking(Codec::PCMA, 100.0 + f64::from(party)))
            .collect::<Vec<_>>();
        let measured = media_worker(&voices, voices.len(), lasting)?;
        rows.push(Row::new(
            format!("conference of {parties} who all talk, G.711 (limit: 12 % for each 100)"),
            "% of a core",
            measured.cpu_us / 1e4,
            0.12 * f64::from(parties),
        ));
    }
    let silent = Voice::silent(Codec::PCMA);
    let mut voices = vec![silent; 1_000];
    for (voice, pitch_hz) in voices.iter_mut().step_by(300).zip([120.0, 170.0, 230.0]) {
        *voice = Voice::talking(Codec::PCMA, pitch_hz);
    }
    let measured = media_worker(&voices, voices.len(), lasting)?;
    rows.push(Row::new(
        "conference of 1000 of whom 3 talk, G.711",
        "% of a core",
        measured.cpu_us / 1e4,
        60.0,
    ));
    Ok(rows)
}

/// How late a worker begins its rounds, with as many translated calls as take 70 % of a core.
fn under_load(call_us: f64, lasting: Duration) -> io::Result<Row> {
    let calls = (0.7e6 / call_us) as usize;
    let measured = media_worker(&talking(OPUS, calls), 2, lasting)?;
    let mut late_us = measured.late_us;
    late_us.sort_unstable();
    Ok(Row::new(
        format!(
            "lateness of a worker's tick, 999 of 1000, at a load of {:.0} %",
            measured.cpu_us / 1e4
        ),
        "ms",
        percentile(&late_us, 99.9),
        5.0,
    ))
}

/// What libopus alone takes of a call's second: 50 packets decoded and 50 encoded, at the rate of G.711. As many calls
/// take turns as there are, for each finds the processor's memory full of the others.
fn opus_alone_us(calls: usize) -> io::Result<f64> {
    let voice = Voice::talking(OPUS, 190.0);
    let codecs = || {
        let decoder = Decoder::of(&OPUS, Rate::Narrow)?;
        Some((decoder, Encoder::of(&OPUS, Rate::Narrow)?))
    };
    let mut codecs: Vec<_> = (0..calls)
        .map(|_| codecs().expect("Opus is known"))
        .collect();
    let mut samples = [0; Rate::Narrow.samples(20)];
    let mut payload = [0; PAYLOAD_MAX];
    let before = own_cpu()?;
    for packet in voice.payloads.iter() {
        for (decoder, encoder) in &mut codecs {
            decoder.decode(packet, &mut samples);
            encoder.encode(&samples, &mut payload);
        }
    }
    let took = own_cpu()?.saturating_sub(before);
    Ok(took.as_secs_f64() * 1e6 / calls as f64)
}

/// What came out of a run.
pub(crate) struct Measured {
    /// Of all calls, in a second.
    pub(crate) cpu_us: f64,
    memory_bytes: u64,
    seen: Seen,
    late_us: Vec<u32>,
}

fn bare_loop(voices: Vec<Voice>, lasting: Duration) -> io::Result<Measured> {
    let phones = Phones::open(voices)?;
    let bare = Bare::start(phones.addresses()?, TICK)?;
    let addresses = bare.addresses.clone();
    run(&phones, addresses, &[bare::THREAD], lasting, || {})
}

/// One worker with a leg for each voice, so many to a room in which everybody hears everybody.
pub(crate) fn media_worker(
    voices: &[Voice],
    parties: usize,
    lasting: Duration,
) -> io::Result<Measured> {
    let everybody = |plane: &mut Plane, room, legs: &[LegId]| {
        let plan = MixPlan::talk(legs.iter().copied());
        plane.perform(&Effect::Mix(room, plan));
    };
    media_worker_with(voices, parties, lasting, everybody)
}

/// One worker with a leg for each voice, so many to a room that is arranged as wanted.
pub(crate) fn media_worker_with(
    voices: &[Voice],
    parties: usize,
    lasting: Duration,
    arrange: impl Fn(&mut Plane, RoomId, &[LegId]),
) -> io::Result<Measured> {
    let phones = Phones::open(voices.to_vec())?;
    let folder = Path::new("/nonexistent");
    let recordings = tempfile::tempdir()?;
    let settings = Settings {
        address: Some(Ipv4Addr::LOCALHOST.into()),
        rtp_ports: 10_000..=59_999,
        browsers: None,
        workers: 1,
        sounds: Sounds {
            library: Arc::new(Library::open(folder)),
            country: String::from("cn"),
        },
        recordings: recordings.path().into(),
        voicemail: recordings.path().into(),
        seed: u64::from(std::process::id()),
    };
    let lateness = Lateness::default();
    let mut plane = Plane::start(settings, lateness.clone())?;
    let before = resident()?;
    let mut relay = Vec::new();
    for ((leg, phone), voice) in (1..).map(LegId).zip(phones.addresses()?).zip(voices) {
        let address = plane.open(leg).ok_or(io::ErrorKind::AddrNotAvailable)?;
        plane.stream(leg, stream(phone, voice.codec));
        relay.push(address);
    }
    let legs: Vec<_> = (1..=voices.len() as u64).map(LegId).collect();
    for (room, legs) in (0..).zip(legs.chunks(parties)) {
        arrange(&mut plane, RoomId(room), legs);
    }
    let mut measured = run(&phones, relay, &THREADS, lasting, || lateness.forget())?;
    measured.late_us = lateness.take();
    // With what the phones remember, which is a part of it too.
    measured.memory_bytes = resident()?.saturating_sub(before);
    Ok(measured)
}

fn run(
    phones: &Phones,
    relay: Vec<SocketAddr>,
    threads: &[&str],
    lasting: Duration,
    warm: impl FnOnce(),
) -> io::Result<Measured> {
    let talking = phones.talk(relay)?;
    std::thread::sleep(WARM_UP);
    warm();
    let spent = || -> io::Result<Duration> { threads.iter().map(|name| cpu_of(name)).sum() };
    let before = spent()?;
    let began = Instant::now();
    std::thread::sleep(lasting);
    let cpu = spent()?.saturating_sub(before);
    let lasted = began.elapsed();
    let seen = talking.end()?;
    let sent = seen.sent as f64 / phones.packets_in(WARM_UP + lasted);
    if sent < SENT_MIN {
        let percent = sent * 1e2;
        println!("the machine is busy: phones could send {percent:.0} % of what they should");
    }
    Ok(Measured {
        cpu_us: cpu.as_secs_f64() * 1e6 / lasted.as_secs_f64(),
        memory_bytes: 0,
        seen,
        late_us: Vec::new(),
    })
}

fn stream(phone: SocketAddr, codec: Codec) -> Stream {
    Stream {
        remote: phone,
        // Nobody listens there, as with many phones.
        remote_rtcp: SocketAddr::new(phone.ip(), 9),
        direction: Direction::SendRecv,
        codec,
        receives: vec![codec],
        telephone_event: None,
        in_band: InBand::Ignored,
        metrics: rtp::Metrics::Unasked,
        source: Source::Signalled,
        security: Security::Plain,
    }
}

/// In milliseconds, of microseconds in order of size.
fn percentile(sorted_us: &[u32], share: f64) -> f64 {
    let place = (sorted_us.len() as f64 * share / 100.0) as usize;
    let place = place.min(sorted_us.len().saturating_sub(1));
    sorted_us
        .get(place)
        .map_or(f64::NAN, |us| f64::from(*us) / 1e3)
}

fn lost_permille(seen: &Seen) -> f64 {
    let arrived = seen.delays_us.len() as f64;
    let sent = seen.sent as f64;
    ((sent - arrived) * 1e3 / sent).max(0.0)
}

/// How late the worker began each of its rounds, in microseconds.
#[derive(Clone, Default)]
struct Lateness(Arc<Mutex<Vec<u32>>>);

impl Lateness {
    fn forget(&self) {
        self.take();
    }

    fn take(&self) -> Vec<u32> {
        let mut late = self.0.lock().expect("nobody panics while he holds it");
        std::mem::take(&mut *late)
    }
}

impl Listener for Lateness {
    fn event(&self, _event: MediaEvent) {}

    fn late(&self, by: Duration) {
        let micros = u32::try_from(by.as_micros()).unwrap_or(u32::MAX);
        let mut late = self.0.lock().expect("nobody panics while he holds it");
        late.push(micros);
    }
}

/// The threads whose time is counted: the worker, and the one that writes recordings.
const THREADS: [&str; 2] = ["media-", "recorder"];
/// That of a media worker.
const TICK: Duration = Duration::from_millis(4);
/// With less, the figures say little.
const SENT_MIN: f64 = 0.95;
const WARM_UP: Duration = Duration::from_secs(1);
