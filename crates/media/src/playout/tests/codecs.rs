//! What is heard of real codecs: losses that are made up for, and senders that count by another clock.

use super::super::{Decode, Figures, Playout};
use crate::Rate;
use crate::codec::{Decoder, Encoder, PAYLOAD_MAX};
use rtp::{Codec, Header, Opus, Packet, Time};

/// SI-05
#[test]
fn of_opus_most_lost_packets_are_heard_from_those_that_follow() {
    let codec = Codec {
        opus: Opus {
            inband_fec: true,
            ..Opus::default()
        },
        ..Codec::OPUS
    };
    for rate in [Rate::Wide, Rate::Full] {
        let mut encoder = Encoder::of(&codec, rate).unwrap();
        encoder.set_expected_loss(10);
        let sent = encode(&mut encoder, &voice(rate, 500));
        // One in ten, never two in a row, as chance would have it.
        let is_lost = |packet: usize| packet > 50 && packet % 10 == 3 + packet / 10 % 5;
        let lost: Vec<_> = (0..sent.len()).filter(|packet| is_lost(*packet)).collect();
        let clean: Vec<_> = sent.iter().flat_map(decoder(&codec, rate)).collect();
        let mut decoder = Decoder::of(&codec, rate).unwrap();
        let ours = hear(rate, &codec, &sent, 960, is_lost, &mut decoder);
        let mut without = Forgetful(Decoder::of(&codec, rate).unwrap());
        let without = hear(rate, &codec, &sent, 960, is_lost, &mut without);
        let snr = |heard: &Heard| snr_where_lost(rate, &clean, &heard.sound, &lost);
        println!(
            "{rate:?}: of {} lost {} recovered; SNR there {:.1} dB, concealed {:.1} dB",
            lost.len(),
            ours.figures.recovered.as_millis() / 20,
            snr(&ours),
            snr(&without),
        );
        let recovered = ours.figures.recovered.as_millis() / 20;
        assert!(
            recovered as usize > lost.len() * 3 / 4,
            "{:?}",
            ours.figures
        );
        assert!(without.figures.recovered.is_zero());
        assert!(snr(&ours) > snr(&without) + 3.0);
    }
}

/// SI-05
#[test]
fn a_sender_that_counts_by_another_clock_is_heard_without_gaps() {
    let cases = [
        (Codec::G722, 320),
        (Codec::OPUS, 480),
        (Codec::OPUS, 320),
        (Codec::OPUS, 160),
        (Codec::G722, 160),
        (Codec::OPUS, 960),
    ];
    for (codec, step) in cases {
        let rate = Rate::Wide;
        let mut encoder = Encoder::of(&codec, rate).unwrap();
        let sent = encode(&mut encoder, &hum(rate, 500));
        let mut decoder = Decoder::of(&codec, rate).unwrap();
        // One is lost, late enough that the clock is known.
        let heard = hear(
            rate,
            &codec,
            &sent,
            step,
            |packet| packet == 300,
            &mut decoder,
        );
        let slots = heard.sound.chunks_exact(rate.slot());
        let quiet: Vec<_> = slots
            .map(|slot| slot.iter().map(|sample| sample.unsigned_abs()).max())
            .enumerate()
            .skip(50)
            .filter(|(_, loudest)| loudest.unwrap() < 1_000)
            .collect();
        assert!(quiet.is_empty(), "{codec:?} by {step}: {quiet:?}");
        let figures = heard.figures;
        assert!(
            figures.concealed.as_millis() <= 60,
            "by {step}: {figures:?}"
        );
        assert!(
            figures.shortened.as_millis() <= 120,
            "by {step}: {figures:?}"
        );
        assert!(figures.delay.as_millis() <= 60, "by {step}: {figures:?}");
        assert_eq!(figures.discarded, 0, "by {step}: {figures:?}");
    }
}

struct Heard {
    sound: Vec<i16>,
    figures: Figures,
}

/// What is heard of packets that come evenly, where none is lost, and whose timestamps grow by `step`.
fn hear(
    rate: Rate,
    codec: &Codec,
    sent: &[Vec<u8>],
    step: u32,
    is_lost: impl Fn(usize) -> bool,
    decoder: &mut impl Decode,
) -> Heard {
    let mut playout = Playout::new(rate);
    let mut sound = Vec::new();
    for (number, payload) in sent.iter().enumerate() {
        let now = Time(1_000_000 + number as u64 * 20_000);
        let header = Header {
            payload_type: codec.payload_type,
            sequence: number as u16,
            timestamp: (number as u32).wrapping_mul(step),
            ..Header::default()
        };
        let datagram = [&header.to_bytes()[..], payload].concat();
        if !is_lost(number) {
            playout.push(now, &Packet::parse(&datagram).unwrap(), codec);
        }
        for slot in 0..2 {
            let mut samples = vec![0; rate.slot()];
            playout.pull(Time(now.0 + slot * 10_000), decoder, &mut samples);
            sound.append(&mut samples);
        }
    }
    let figures = playout.figures();
    Heard { sound, figures }
}

/// A decoder that takes no packet for another.
struct Forgetful(Decoder);

impl Decode for Forgetful {
    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        self.0.decode(payload, samples)
    }

    fn recover(&mut self, _next_payload: &[u8], _samples: &mut [i16]) -> usize {
        0
    }

    fn tells_of_the_one_before(&self, _payload: &[u8]) -> bool {
        false
    }

    fn conceals(&self) -> bool {
        self.0.conceals()
    }

    fn conceal(&mut self, samples: &mut [i16]) -> usize {
        self.0.conceal(samples)
    }
}

/// The signal-to-noise ratio of packets that were lost, each found where it fits best, for the wait changes.
fn snr_where_lost(rate: Rate, clean: &[i16], heard: &[i16], lost: &[usize]) -> f64 {
    let packet = rate.samples(20);
    let (mut signal, mut noise) = (0.0, 0.0);
    for number in lost
        .iter()
        .filter(|number| **number + 8 < clean.len() / packet)
    {
        let from = number * packet;
        let said = &clean[from - packet..from + 2 * packet];
        let error = |lag: usize| {
            let heard = &heard[from - packet + lag..];
            let pairs = said.iter().zip(heard);
            pairs.map(|(one, other)| (f64::from(*one) - f64::from(*other)).powi(2))
        };
        let errors = (0..rate.samples(80)).map(|lag| (error(lag).sum::<f64>(), lag));
        let (_, best) = errors
            .min_by(|one, other| one.0.total_cmp(&other.0))
            .unwrap();
        noise += error(best).skip(packet).take(packet).sum::<f64>();
        signal += said[packet..2 * packet]
            .iter()
            .map(|sample| f64::from(*sample).powi(2))
            .sum::<f64>();
    }
    10.0 * (signal / noise).log10()
}

fn decoder(codec: &Codec, rate: Rate) -> impl FnMut(&Vec<u8>) -> Vec<i16> {
    let mut decoder = Decoder::of(codec, rate).unwrap();
    move |packet| {
        let mut samples = vec![0; rate.samples(60)];
        let count = decoder.decode(packet, &mut samples);
        samples.truncate(count);
        samples
    }
}

fn encode(encoder: &mut Encoder, sound: &[i16]) -> Vec<Vec<u8>> {
    let length = encoder.rate().samples(20);
    let packet = |samples: &[i16]| {
        let mut payload = [0; PAYLOAD_MAX];
        let bytes = encoder.encode(samples, &mut payload);
        payload[..bytes].to_vec()
    };
    sound.chunks_exact(length).map(packet).collect()
}

/// So many times 20 ms of syllables.
fn voice(rate: Rate, packets: usize) -> Vec<i16> {
    let mut phase = 0.0_f64;
    let sample = |at: usize| {
        let time = at as f64 / f64::from(rate.hz());
        phase += (140.0 + 30.0 * (time * 5.0).sin()) / f64::from(rate.hz());
        let turn = phase * std::f64::consts::TAU;
        let tones = (1..18).map(|n| (turn * f64::from(n)).sin() / f64::from(n));
        (tones.sum::<f64>() * 5_000.0 * (time * 12.0).sin().abs()) as i16
    };
    (0..packets * rate.samples(20)).map(sample).collect()
}

/// So many times 20 ms of a voice that never pauses.
fn hum(rate: Rate, packets: usize) -> Vec<i16> {
    let sample = |at: usize| {
        let turn = at as f64 / f64::from(rate.hz()) * 200.0 * std::f64::consts::TAU;
        let tones = (1..10).map(|n| (turn * f64::from(n)).sin() / f64::from(n));
        (tones.sum::<f64>() * 5_000.0) as i16
    };
    (0..packets * rate.samples(20)).map(sample).collect()
}
