//! What recording costs: `cargo run --release -p bellwire-media --example recording [media]`; `media` leaves the writing
//! thread out, as profilers like it.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement, not the product"
)]

use media::engine::{DICTATED_AT, Engine, Out};
use media::prompts::Library;
use media::wav::{Channels, Writer};
use media::{MediaEvent, OpusWriter, Rate, Reel, Sounds, Tape};
use model::{Effect, LegId, MixPlan, RecordingFormat, RecordingId, RecordingLayout, RoomId};
use rtp::{Codec, Direction, Header, InBand, Security, Source, Stream, Time};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    if std::env::args().nth(1).as_deref() != Some("media") {
        writing();
    }
    calls();
}

fn writing() {
    println!("writing thread: µs for each second of a recording");
    println!(
        "{:<10}{:>8}{:>10}{:>10}{:>12}",
        "", "rate", "mono", "stereo", "kbit/s both"
    );
    for rate in Rate::ALL {
        let costs = [Channels::Mono, Channels::Stereo].map(|channels| wav(channels, rate));
        print("wav", rate, costs);
        let costs = [Channels::Mono, Channels::Stereo].map(|channels| opus(channels, rate));
        print("opus", rate, costs);
    }
}

fn calls() {
    println!("media thread, without sockets: µs for each second of a call of two on G.711");
    let relayed = call(Case::Relayed);
    println!("{:<30}{relayed:>8.1}", "Relayed");
    for case in [
        Case::Recorded(RecordingLayout::Stereo),
        Case::Recorded(RecordingLayout::Mixed),
        Case::Monitored,
        Case::Messages(MESSAGES),
    ] {
        let took = match case {
            // Each message by itself.
            Case::Messages(count) => call(case) / count as f64,
            Case::Relayed | Case::Recorded(_) | Case::Monitored => call(case),
        };
        let ratio = took / relayed;
        println!("{:<30}{took:>8.1}   {ratio:.2} x", format!("{case:?}"));
    }
}

fn print(format: &str, rate: Rate, [mono, stereo]: [(f64, usize); 2]) {
    let kbit = stereo.1 as f64 * 8.0 / 1_000.0 / SECONDS as f64;
    println!(
        "{format:<10}{:>8}{:>10.0}{:>10.0}{kbit:>12.0}",
        rate.hz(),
        mono.0,
        stereo.0
    );
}

/// Time for a second, and bytes in all.
fn wav(channels: Channels, rate: Rate) -> (f64, usize) {
    let (sound, file) = (sound(channels, rate), tempfile::tempfile().unwrap());
    let begun = Instant::now();
    let mut writer = Writer::new(file, channels, rate.hz()).unwrap();
    for second in sound.chunks(sound.len() / SECONDS) {
        writer.write(second).unwrap();
        writer.flush().unwrap();
    }
    let file = writer.finish().unwrap();
    let bytes = file.metadata().unwrap().len();
    (micros(begun.elapsed()) / SECONDS as f64, bytes as usize)
}

fn opus(channels: Channels, rate: Rate) -> (f64, usize) {
    let (sound, file) = (sound(channels, rate), tempfile::tempfile().unwrap());
    let begun = Instant::now();
    let mut writer = OpusWriter::new(file, channels, rate, 1).unwrap();
    for second in sound.chunks(sound.len() / SECONDS) {
        writer.write(second).unwrap();
        writer.flush().unwrap();
    }
    let file = writer.finish().unwrap();
    let bytes = file.metadata().unwrap().len();
    (micros(begun.elapsed()) / SECONDS as f64, bytes as usize)
}

/// Something like vowels: a saw-tooth whose pitch and loudness wander, the sides unlike each other.
fn sound(channels: Channels, rate: Rate) -> Vec<i16> {
    let width = usize::from(channels.count());
    let mut phases = [0.0_f64; 2];
    let moments = (0..rate.hz() as usize * SECONDS).flat_map(|at| {
        let now = at as f64 / f64::from(rate.hz());
        for (phase, base) in phases.iter_mut().zip([110.0, 190.0]) {
            *phase =
                (*phase + base * (1.0 + 0.2 * (now * 3.0).sin()) / f64::from(rate.hz())).fract();
        }
        let loud = (now * 9.0).sin().abs() * 9_000.0;
        phases
            .map(|phase| ((phase - 0.5) * loud) as i16)
            .into_iter()
            .take(width)
    });
    moments.collect()
}

/// What becomes of a call besides.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Case {
    Relayed,
    Recorded(RecordingLayout),
    /// A third hears both.
    Monitored,
    /// Each of so many says a message.
    Messages(u64),
}

/// The time that an engine takes for a second of a call.
fn call(case: Case) -> f64 {
    let library = Arc::new(Library::open(Path::new("/nonexistent")));
    let country = String::from("cn");
    let mut engine = Engine::new(Sounds { library, country });
    let (mut wire, mut now) = (Wire::default(), Time(1_000_000));
    let (parties, rounds) = match case {
        Case::Monitored => (3, ROUNDS),
        Case::Relayed | Case::Recorded(_) => (2, ROUNDS),
        Case::Messages(count) => (count, 1),
    };
    let legs = || (1..=parties).map(LegId);
    for leg in legs() {
        engine.open(now, leg, leg.0);
        engine.stream(now, leg, stream(leg));
    }
    match case {
        Case::Messages(_) => {
            for leg in legs() {
                engine.perform(now, &take_down(leg), &mut wire);
            }
        }
        Case::Relayed | Case::Recorded(_) | Case::Monitored => {
            let mut plan = MixPlan::talk(legs());
            for group in &mut plan.groups {
                group.speakers.remove(&LegId(3));
            }
            engine.perform(now, &Effect::Mix(RoomId(1), plan), &mut wire);
        }
    }
    if let Case::Recorded(layout) = case {
        let record = Effect::Record {
            leg: LegId(1),
            recording: RecordingId(1),
            layout,
            format: RecordingFormat::Wav,
        };
        engine.perform(now, &record, &mut wire);
    }
    let mut spent = Duration::ZERO;
    for number in 0..SECONDS as u32 * 50 * rounds {
        let begun = Instant::now();
        for leg in legs() {
            let header = Header {
                payload_type: Codec::PCMA.payload_type,
                sequence: number as u16,
                timestamp: number.wrapping_mul(160),
                ssrc: leg.0 as u32,
                ..Header::default()
            };
            let mut packet = [number as u8; Header::SIZE + 160];
            packet[..Header::SIZE].copy_from_slice(&header.to_bytes());
            engine.receive(now, leg, address(leg), &mut packet, &mut wire);
        }
        for _ in 0..5 {
            engine.tick(now, &mut wire);
            now = Time(now.0 + 4_000);
        }
        spent += begun.elapsed();
        // The writing thread's part.
        for reel in &mut wire.reels {
            reel.take(|_| Ok(())).unwrap();
        }
    }
    micros(spent) / (SECONDS as f64 * f64::from(rounds))
}

fn take_down(leg: LegId) -> Effect {
    Effect::TakeDown {
        leg,
        recording: RecordingId(leg.0),
        silence: Duration::from_secs(10),
    }
}

fn stream(leg: LegId) -> Stream {
    let remote = address(leg);
    Stream {
        remote,
        remote_rtcp: SocketAddr::new(remote.ip(), 4_001),
        direction: Direction::SendRecv,
        codec: Codec::PCMA,
        receives: vec![Codec::PCMA],
        telephone_event: None,
        in_band: InBand::Ignored,
        metrics: rtp::Metrics::Unasked,
        source: Source::Signalled,
        security: Security::Plain,
    }
}

fn address(leg: LegId) -> SocketAddr {
    ([192, 0, 2, leg.0 as u8], 4_000).into()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[derive(Default)]
struct Wire {
    reels: Vec<Reel>,
}

impl Out for Wire {
    fn rtp(&mut self, _leg: LegId, _to: SocketAddr, packet: &[u8]) {
        std::hint::black_box(packet);
    }

    fn rtcp(&mut self, _leg: LegId, _to: SocketAddr, _packet: &[u8]) {}

    fn event(&mut self, _event: MediaEvent) {}

    fn record(
        &mut self,
        _leg: LegId,
        _recording: RecordingId,
        layout: RecordingLayout,
        _format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape> {
        let (tape, reel) = media::tape(layout, rate);
        self.reels.push(reel);
        Some(tape)
    }

    fn take_down(&mut self, leg: LegId, recording: RecordingId) -> Option<Tape> {
        let (layout, format) = (RecordingLayout::Mixed, RecordingFormat::Wav);
        self.record(leg, recording, layout, format, DICTATED_AT)
    }
}

/// Messages that are left at once.
const MESSAGES: u64 = 200;
const SECONDS: usize = 20;
/// How often so many seconds of calls.
const ROUNDS: u32 = 10;
