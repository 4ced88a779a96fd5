//! What hearing costs.

use media::Rate;
use media::codec::Decoder;
use media::playout::Playout;
use rtp::{Codec, Header, Packet, Time};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Prints the cost of a slot of 10 ms at 8 kHz, beyond decoding.
pub(crate) fn print() {
    let decoding = decoding();
    println!(
        "one slot of 10 ms at 8 kHz beyond decoding ({:.0} ns)",
        nanoseconds(decoding)
    );
    let rows: [(&str, Late, f64); 4] = [
        ("even packets", |_| Some(0), 1.0),
        (
            "jitter up to 30 ms",
            |packet| Some(u64::from(packet * 7 % 31) * 1_000),
            1.0,
        ),
        ("5 % lost", |packet| (packet % 20 != 0).then_some(0), 1.0),
        ("stretched by 3 %", |_| Some(0), 1.03),
    ];
    for (name, late, clock) in rows {
        let mut best = Duration::MAX;
        let mut note = String::new();
        for _ in 0..5 {
            let (time, figures) = hearing(late, clock);
            best = best.min(time);
            note = format!(
                "{} ms concealed, {} ms left out",
                figures.concealed.as_millis(),
                figures.shortened.as_millis()
            );
        }
        println!(
            "  {name:<24}{:>6.0} ns   {note}",
            nanoseconds(best.saturating_sub(decoding))
        );
    }
}

/// How many microseconds late a packet is; `None` for a lost one.
type Late = fn(u32) -> Option<u64>;

fn hearing(late: Late, clock: f64) -> (Duration, media::playout::Figures) {
    let mut playout = Playout::new(Rate::Narrow);
    let mut decoder = Decoder::of(&Codec::PCMU, Rate::Narrow).unwrap();
    let datagrams = datagrams();
    let mut slot = [0; 80];
    let mut sent = 0;
    let began = Instant::now();
    for number in 0..SLOTS {
        let now = u64::from(number) * 10_000;
        while (f64::from(sent) * 20_000.0 / clock) as u64 <= now {
            if let Some(late) = late(sent) {
                let datagram = &datagrams[sent as usize % datagrams.len()];
                let mut packet = Packet::parse(datagram).unwrap();
                packet.header.sequence = sent as u16;
                packet.header.timestamp = sent * 160;
                playout.push(Time(1_000_000 + now + late), &packet, &Codec::PCMU);
            }
            sent += 1;
        }
        playout.pull(Time(1_000_000 + now), &mut decoder, &mut slot);
        black_box(&mut slot);
    }
    let figures = playout.figures();
    (began.elapsed() / SLOTS, figures)
}

fn decoding() -> Duration {
    let mut decoder = Decoder::of(&Codec::PCMU, Rate::Narrow).unwrap();
    let datagrams = datagrams();
    let mut samples = [0; 160];
    let began = Instant::now();
    for number in 0..SLOTS / 2 {
        let packet = Packet::parse(&datagrams[number as usize % datagrams.len()]).unwrap();
        decoder.decode(black_box(packet.payload), &mut samples);
        black_box(&mut samples);
    }
    began.elapsed() / SLOTS
}

/// A voice-like sound: 150 Hz with its harmonics.
fn datagrams() -> Vec<Vec<u8>> {
    let sample = |at: usize| {
        let turn = std::f64::consts::TAU * 150.0 * at as f64 / 8_000.0;
        let sum: f64 = (1..8)
            .map(|nth| (turn * f64::from(nth)).sin() / f64::from(nth))
            .sum();
        (sum * 6_000.0) as i16
    };
    let sound: Vec<_> = (0..160 * 40).map(sample).collect();
    let packets = sound.chunks(160).map(|samples| {
        let mut payload = [0; 160];
        media::g711::encode(media::g711::Law::Mu, samples, &mut payload);
        [&Header::default().to_bytes()[..], &payload].concat()
    });
    packets.collect()
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

const SLOTS: u32 = 200_000;
