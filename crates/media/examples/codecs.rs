//! What codecs cost by themselves: `cargo run --release -p bellwire-media --example codecs`.
#![allow(clippy::print_stdout, reason = "a measurement, not the product")]

use media::Rate;
use media::codec::{Decoder, Encoder, PAYLOAD_MAX};
use rtp::{Codec, Encoding, Opus};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    println!(
        "{:<44}{:>12}{:>12}",
        "one packet of 20 ms [us]", "encode", "decode"
    );
    let l16 = Codec::new(Encoding::L16, 97, 16_000, 1);
    for (name, codec) in [
        ("PCMU", Codec::PCMU),
        ("PCMA", Codec::PCMA),
        ("G722", Codec::G722),
        ("L16 16 kHz", l16),
    ] {
        row(name, &codec, Rate::Narrow, None);
    }
    for rate in Rate::ALL {
        for complexity in [0, 1, 2, 3, 4, 5, 6, 8, 10] {
            let name = format!("Opus {} kHz, complexity {complexity}", rate.hz() / 1_000);
            row(&name, &Codec::OPUS, rate, Some(complexity));
        }
        let opus = Opus {
            inband_fec: true,
            ..Opus::default()
        };
        let codec = Codec {
            opus,
            ..Codec::OPUS
        };
        row(
            &format!("Opus {} kHz as set, with FEC", rate.hz() / 1_000),
            &codec,
            rate,
            None,
        );
    }
}

fn row(name: &str, codec: &Codec, wanted: Rate, complexity: Option<u8>) {
    let mut encoding = [Duration::MAX; PACKETS];
    let mut decoding = [Duration::MAX; PACKETS];
    for _ in 0..PASSES {
        let coders = (Encoder::of(codec, wanted), Decoder::of(codec, wanted));
        let (Some(mut encoder), Some(mut decoder)) = coders else {
            return println!("{name:<44}{:>12}", "none");
        };
        if let Some(complexity) = complexity {
            encoder.set_complexity(complexity);
        }
        let said = voice(encoder.rate());
        let packets = said.chunks(encoder.rate().samples(20));
        for ((samples, encoding), decoding) in packets.zip(&mut encoding).zip(&mut decoding) {
            let (mut payload, mut out) = ([0; PAYLOAD_MAX], [0; 960]);
            let begun = Instant::now();
            let bytes = encoder.encode(black_box(samples), &mut payload);
            *encoding = begun.elapsed().min(*encoding);
            let payload = payload.get(..bytes).unwrap_or_default();
            let begun = Instant::now();
            black_box(decoder.decode(black_box(payload), &mut out));
            *decoding = begun.elapsed().min(*decoding);
        }
    }
    println!(
        "{name:<44}{:>12.2}{:>12.2}",
        mean_us(&encoding),
        mean_us(&decoding)
    );
}

fn mean_us(times: &[Duration]) -> f64 {
    times.iter().sum::<Duration>().as_secs_f64() * 1e6 / times.len() as f64
}

/// Syllables with pauses between, and a little noise.
fn voice(rate: Rate) -> Vec<i16> {
    let (mut phase, mut noise) = (0.0_f64, 1_u32);
    let sample = |at: usize| {
        let time = at as f64 / f64::from(rate.hz());
        phase += (140.0 + 30.0 * (time * 5.0).sin()) / f64::from(rate.hz());
        let turn = phase * std::f64::consts::TAU;
        let tones = (1..18).map(|n| (turn * f64::from(n)).sin() / f64::from(n));
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(noise >> 16) / 65_536.0 - 0.5;
        ((tones.sum::<f64>() + hiss * 0.2) * 5_000.0 * (time * 12.0).sin().max(0.0)) as i16
    };
    (0..PACKETS * rate.samples(20)).map(sample).collect()
}

/// 4 s.
const PACKETS: usize = 200;
/// Of each packet the fastest of so many times counts, which other programs of the machine hardly move.
const PASSES: usize = 5;
