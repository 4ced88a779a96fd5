//! What a voice becomes on its way from each codec to each other: heard by ear, not by the look of packets.

use media::codec::{Decoder, Encoder, PAYLOAD_MAX};
use media::engine::{Engine, Out};
use media::prompts::Library;
use media::{MediaEvent, Rate, Sounds, Tape};
use model::{Effect, LegId, MixPlan, RecordingFormat, RecordingId, RecordingLayout, RoomId};
use rtp::{Codec, Direction, Encoding, Header, InBand, Packet, Security, Source, Stream, Time};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// SI-05
#[test]
fn what_each_codec_says_is_heard_in_each_other_at_its_level() {
    let l16 = Codec::new(Encoding::L16, 97, 16_000, 1);
    let codecs = [Codec::PCMU, Codec::PCMA, Codec::G722, Codec::OPUS, l16];
    for from in codecs {
        for to in codecs {
            let heard = call(from, to);
            println!(
                "{:>5} -> {:<5} {:+.2} dB, SNR {:.1} dB",
                from.encoding, to.encoding, heard.level_db, heard.snr_db
            );
            assert!(
                heard.level_db.abs() <= 0.5,
                "{} to {}",
                from.encoding,
                to.encoding
            );
            assert!(heard.snr_db > 10.0, "{} to {}", from.encoding, to.encoding);
        }
    }
}

/// SI-05
#[test]
fn packets_of_other_lengths_than_those_that_are_sent_are_heard_as_well() {
    for (says, hears) in [(10, 60), (60, 10), (30, 20), (20, 40)] {
        for codec in [Codec::PCMA, Codec::G722] {
            let of = |ptime_ms| Codec { ptime_ms, ..codec };
            let heard = call(
                of(says),
                Codec {
                    ptime_ms: hears,
                    ..Codec::PCMU
                },
            );
            assert!(
                heard.level_db.abs() <= 0.5,
                "{says} ms to {hears} ms: {}",
                heard.level_db
            );
        }
    }
    let of = |ptime_ms| Codec {
        ptime_ms,
        ..Codec::OPUS
    };
    for (says, hears) in [(60, 20), (10, 40), (20, 60)] {
        let heard = call(of(says), of(hears));
        assert!(
            heard.level_db.abs() <= 0.5,
            "Opus, {says} ms to {hears} ms: {}",
            heard.level_db
        );
    }
}

/// SI-05
#[test]
fn where_silence_is_left_out_noise_of_the_level_that_was_said_is_heard() {
    for to in [Codec::G722, Codec::new(Encoding::L16, 97, 16_000, 1)] {
        let mut call = Call::new(Codec::PCMA, to);
        call.speak(1_000);
        let noise = Header {
            payload_type: 13,
            sequence: 50,
            timestamp: 8_000,
            ssrc: SSRC,
            ..Header::default()
        };
        let mut datagram = noise.to_bytes().to_vec();
        datagram.push(50);
        call.receive(&mut datagram);
        call.run(1_000);
        let slots = call.ear.decoder.rate().slot() * 50;
        let heard = &call.ear.samples[call.ear.samples.len() - slots..];
        let level_db = 10.0 * power(heard).log10() - 20.0 * 32_767_f64.log10();
        println!("{}: {level_db:.1} dB", to.encoding);
        assert!(
            (level_db + 50.0).abs() < 3.0,
            "{}: {level_db} dB",
            to.encoding
        );
    }
}

/// SI-05
#[test]
fn what_says_how_silence_sounds_is_not_sent_on_and_not_missed() {
    let mut call = Call::new(Codec::PCMA, Codec::PCMA);
    call.speak(1_000);
    for (payload_type, sequence) in [(13, 50), (8, 51)] {
        let header = Header {
            payload_type,
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc: SSRC,
            ..Header::default()
        };
        let mut datagram = header.to_bytes().to_vec();
        datagram.extend_from_slice(&[0x55; 160]);
        call.receive(&mut datagram);
    }
    let numbers: Vec<_> = call
        .ear
        .sequences
        .iter()
        .map(|number| number.wrapping_sub(call.ear.sequences[0]))
        .collect();
    assert_eq!(numbers, (0..51).collect::<Vec<_>>());
}

struct Heard {
    level_db: f64,
    snr_db: f64,
}

/// One phone speaks for 2 s; what the other is sent.
fn call(from: Codec, to: Codec) -> Heard {
    let mut call = Call::new(from, to);
    call.speak(2_000);
    call.ear.judge()
}

/// One phone speaks, and the other listens.
struct Call {
    engine: Engine,
    now: Time,
    mouth: Mouth,
    ear: Ear,
}

impl Call {
    fn new(from: Codec, to: Codec) -> Self {
        let mut engine = Engine::new(Sounds {
            library: Arc::new(Library::open(Path::new("/nonexistent"))),
            country: String::from("cn"),
        });
        let mut ear = Ear::new(to);
        let now = Time(1_000_000);
        for (leg, codec) in [(SPEAKER, from), (LISTENER, to)] {
            engine.open(now, leg, leg.0);
            engine.stream(now, leg, stream(leg, codec));
        }
        let plan = MixPlan::talk([SPEAKER, LISTENER]);
        engine.perform(now, &Effect::Mix(RoomId(1), plan), &mut ear);
        Self {
            engine,
            now,
            mouth: Mouth::new(from),
            ear,
        }
    }

    fn speak(&mut self, ms: u64) {
        let ptime_ms = u64::from(self.mouth.codec.ptime_ms);
        for packet in 0..ms / ptime_ms {
            let mut datagram = self.mouth.say(packet);
            self.receive(&mut datagram);
            self.run(ptime_ms);
        }
    }

    fn receive(&mut self, datagram: &mut [u8]) {
        let from = address(SPEAKER);
        self.engine
            .receive(self.now, SPEAKER, from, datagram, &mut self.ear);
    }

    fn run(&mut self, ms: u64) {
        for _ in 0..ms / 2 {
            self.engine.tick(self.now, &mut self.ear);
            self.now = Time(self.now.0 + 2_000);
        }
    }
}

struct Mouth {
    codec: Codec,
    encoder: Encoder,
    samples: usize,
}

impl Mouth {
    fn new(codec: Codec) -> Self {
        let encoder = Encoder::of(&codec, Rate::Full).expect("a codec of ours");
        Self {
            codec,
            encoder,
            samples: 0,
        }
    }

    fn say(&mut self, packet: u64) -> Vec<u8> {
        let rate = self.encoder.rate();
        let sample = |at: usize| voice(at, rate) as i16;
        let end = self.samples + rate.samples(self.codec.ptime_ms);
        let samples: Vec<_> = (self.samples..end).map(sample).collect();
        self.samples = end;
        let header = Header {
            payload_type: self.codec.payload_type,
            sequence: packet as u16,
            timestamp: packet as u32 * self.codec.ticks_per_packet(),
            ssrc: SSRC,
            ..Header::default()
        };
        let mut datagram = header.to_bytes().to_vec();
        let mut payload = [0; PAYLOAD_MAX];
        let bytes = self.encoder.encode(&samples, &mut payload);
        datagram.extend_from_slice(&payload[..bytes]);
        datagram
    }
}

/// Decodes what the listener is sent.
struct Ear {
    decoder: Decoder,
    samples: Vec<f64>,
    sequences: Vec<u16>,
}

impl Ear {
    fn new(codec: Codec) -> Self {
        let decoder = Decoder::of(&codec, Rate::Full).expect("a codec of ours");
        Self {
            decoder,
            samples: Vec::new(),
            sequences: Vec::new(),
        }
    }

    /// Level of what is heard at the end, and how far what is not the vowel lies below the vowel: at most 23 dB, for
    /// the loudness changes within a piece.
    fn judge(&self) -> Heard {
        let rate = self.decoder.rate();
        let second = rate.hz() as usize;
        assert!(
            self.samples.len() > second * 3 / 2,
            "{} samples",
            self.samples.len()
        );
        let heard = &self.samples[self.samples.len() - second / 2..];
        let all = power(heard);
        // In short pieces of whole turns of all tones, for playout may shift the phase between them.
        let pieces = heard.chunks_exact(rate.samples(20));
        let count = pieces.len() as f64;
        let vowel = pieces.map(|piece| vowel_in(piece, rate)).sum::<f64>() / count;
        let said: Vec<_> = (0..second / 2).map(|at| voice(at, rate)).collect();
        let said = power(&said);
        Heard {
            level_db: 10.0 * (all / said).log10(),
            snr_db: 10.0 * (vowel / (all - vowel).max(1e-9)).log10(),
        }
    }
}

/// The power of the vowel's tones in a piece of sound.
fn vowel_in(piece: &[f64], rate: Rate) -> f64 {
    let count = piece.len() as f64;
    let tone = |hz: f64| {
        let turn = std::f64::consts::TAU * hz / f64::from(rate.hz());
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (at, sample) in piece.iter().enumerate() {
            sine += sample * (at as f64 * turn).sin();
            cosine += sample * (at as f64 * turn).cos();
        }
        2.0 * (sine * sine + cosine * cosine) / (count * count)
    };
    tones().map(tone).sum()
}

fn power(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64
}

impl Out for Ear {
    fn rtp(&mut self, leg: LegId, _to: SocketAddr, packet: &[u8]) {
        if leg == LISTENER
            && let Ok(packet) = Packet::parse(packet)
        {
            self.sequences.push(packet.header.sequence);
            let mut out = [0; 2_880];
            let count = self.decoder.decode(packet.payload, &mut out);
            self.samples
                .extend(out[..count].iter().map(|sample| f64::from(*sample)));
        }
    }

    fn rtcp(&mut self, _leg: LegId, _to: SocketAddr, _packet: &[u8]) {}

    fn event(&mut self, _event: MediaEvent) {}

    fn record(
        &mut self,
        _leg: LegId,
        _recording: RecordingId,
        _layout: RecordingLayout,
        _format: RecordingFormat,
        _rate: Rate,
    ) -> Option<Tape> {
        None
    }

    fn take_down(&mut self, _leg: LegId, _recording: RecordingId) -> Option<Tape> {
        None
    }
}

fn stream(leg: LegId, codec: Codec) -> Stream {
    let remote = address(leg);
    Stream {
        remote,
        remote_rtcp: SocketAddr::new(remote.ip(), 4_001),
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

fn address(leg: LegId) -> SocketAddr {
    ([192, 0, 2, leg.0 as u8], 4_000).into()
}

/// A syllable each half second: what codecs for speech are made for. What does not change they take for noise.
fn voice(at: usize, rate: Rate) -> f64 {
    let time = at as f64 / f64::from(rate.hz());
    let vowel = tones().map(|hz| (std::f64::consts::TAU * hz * time + hz).sin() * 400.0 / hz);
    let loudness = (std::f64::consts::TAU * 2.0 * time).sin().max(0.0);
    vowel.sum::<f64>() * loudness * AMPLITUDE
}

/// What a vowel is made of.
fn tones() -> impl Iterator<Item = f64> {
    (2..=12).map(|harmonic| f64::from(harmonic) * 200.0)
}

const SPEAKER: LegId = LegId(1);
const LISTENER: LegId = LegId(2);
const SSRC: u32 = 77;
const AMPLITUDE: f64 = 6_000.0;
