//! What a packet costs in allocations: none, once a call is set up.
#![allow(clippy::unwrap_used, reason = "what does not hold here fails the test")]
#![allow(
    unsafe_code,
    reason = "an allocator that counts is `unsafe` by its trait; it only counts and passes on"
)]

use media::engine::{DICTATED_AT, Engine, Out};
use media::prompts::Library;
use media::{MediaEvent, Rate, Reel, Sounds, Tape};
use model::{
    Effect, Keys, LegId, MixPlan, PlayId, RecordingFormat, RecordingId, RecordingLayout, RoomId,
    Sound, Tone,
};
use rtp::srtp::{MasterKey, Outbound, Suite};
use rtp::{
    Codec, Direction, Encoding, Header, InBand, Security, Source, Stream, TelephoneEvents, Time,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

#[test]
fn a_relayed_call_allocates_nothing() {
    let mut call = Call::new(&[Codec::PCMA, Codec::PCMA]);
    call.run(500);
    assert_eq!(call.allocations_in(60_000), 0);
    assert!(call.wire.sent >= 5_900, "{} packets", call.wire.sent);
}

#[test]
fn a_relayed_call_with_a_key_on_each_side_allocates_nothing() {
    for suite in Suite::BEST_FIRST {
        let mut call = Call::new(&[Codec::PCMA, Codec::PCMA]);
        call.protect(suite);
        call.run(500);
        assert_eq!(call.allocations_in(20_000), 0, "{suite:?}");
        assert!(call.wire.sent >= 1_900, "{} packets", call.wire.sent);
        assert_eq!(call.engine.counts().refused, 0);
    }
}

#[test]
fn a_conference_of_different_codecs_allocates_nothing() {
    let mut call = Call::new(&[Codec::PCMA, Codec::PCMU, Codec::PCMA]);
    call.run(500);
    assert_eq!(call.allocations_in(20_000), 0);
    assert!(call.wire.sent >= 2_900, "{} packets", call.wire.sent);
}

#[test]
fn calls_between_different_codecs_allocate_nothing() {
    for codecs in [
        [Codec::PCMA, Codec::PCMU],
        [Codec::PCMU, Codec::G722],
        [Codec::PCMU, OPUS],
        [Codec::G722, OPUS],
    ] {
        let mut call = Call::new(&codecs);
        call.run(500);
        assert_eq!(call.allocations_in(5_000), 0, "{codecs:?}");
        assert!(call.wire.sent >= 490, "{} packets", call.wire.sent);
    }
}

/// Who is heard changes all the time, and with it who gets packets of his own.
#[test]
fn a_big_conference_allocates_nothing() {
    for codec in [Codec::PCMA, Codec::G722] {
        let mut call = Call::new(&[codec; 40]);
        call.turns = Turns::Taken;
        call.run(4_000);
        assert_eq!(call.allocations_in(8_000), 0, "{codec:?}");
        assert!(call.wire.sent >= 15_900, "{} packets", call.wire.sent);
    }
}

#[test]
fn a_call_that_is_relayed_and_recorded_allocates_nothing() {
    let mut call = Call::new(&[Codec::PCMA, Codec::PCMU]);
    let record = Effect::Record {
        leg: LegId(1),
        recording: RecordingId(1),
        layout: RecordingLayout::Mixed,
        format: RecordingFormat::Wav,
    };
    let now = call.now;
    call.engine.perform(now, &record, &mut call.wire);
    call.run(500);
    assert_eq!(call.allocations_in(3_000), 0);
    assert!(call.wire.sent >= 290, "{} packets", call.wire.sent);
}

#[test]
fn what_is_played_and_recorded_allocates_nothing() {
    let mut call = Call::new(&[Codec::PCMA, Codec::PCMA]);
    let now = call.now;
    let play = Effect::Play {
        leg: LegId(1),
        play: PlayId(1),
        sounds: vec![Sound::Tone(Tone::Dial)],
        keys: Keys::Report,
    };
    let record = Effect::Record {
        leg: LegId(2),
        recording: RecordingId(1),
        layout: RecordingLayout::Stereo,
        format: RecordingFormat::Wav,
    };
    for effect in [play, record] {
        call.engine.perform(now, &effect, &mut call.wire);
    }
    call.run(500);
    assert_eq!(call.allocations_in(3_000), 0);
    assert!(call.wire.sent >= 290, "{} packets", call.wire.sent);
}

#[test]
fn listening_for_keys_allocates_nothing() {
    let mut call = Call::new(&[Codec::PCMA, Codec::PCMU]);
    for leg in 1..=2 {
        let in_band = Stream {
            telephone_event: None,
            in_band: InBand::Heard,
            ..stream(LegId(leg), call.codecs[leg as usize - 1])
        };
        call.engine.stream(call.now, LegId(leg), in_band);
    }
    call.run(500);
    assert_eq!(call.allocations_in(20_000), 0);
    assert!(call.wire.sent >= 1_900, "{} packets", call.wire.sent);
}

/// Phones in one room that say the same byte all the time.
struct Call {
    engine: Engine,
    wire: Wire,
    now: Time,
    codecs: Vec<Codec>,
    packets: u32,
    /// What each phone protects with.
    outbound: Vec<Outbound>,
    turns: Turns,
}

/// Whether all talk all the time.
#[derive(PartialEq)]
enum Turns {
    All,
    /// A third of them talks, for a second.
    Taken,
}

/// Counts what is sent.
#[derive(Default)]
struct Wire {
    sent: u64,
    reels: Vec<Reel>,
}

impl Out for Wire {
    fn rtp(&mut self, _leg: LegId, _to: SocketAddr, _packet: &[u8]) {
        self.sent += 1;
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

impl Call {
    fn new(codecs: &[Codec]) -> Self {
        let library = Arc::new(Library::open(Path::new("/nonexistent")));
        let country = String::from("cn");
        let mut engine = Engine::new(Sounds { library, country });
        let mut wire = Wire::default();
        let now = Time(1_000_000);
        let legs = || (1..=codecs.len() as u64).map(LegId);
        for (leg, codec) in legs().zip(codecs) {
            engine.open(now, leg, leg.0);
            engine.show(leg, Arc::default());
            engine.stream(now, leg, stream(leg, *codec));
        }
        let plan = MixPlan::talk(legs());
        engine.perform(now, &Effect::Mix(RoomId(1), plan), &mut wire);
        Self {
            engine,
            wire,
            now,
            codecs: codecs.to_vec(),
            packets: 0,
            turns: Turns::All,
            outbound: Vec::new(),
        }
    }

    fn protect(&mut self, suite: Suite) {
        let key = |byte| {
            MasterKey::new(suite, &vec![byte; suite.key_and_salt_bytes()])
                .expect("the key is as long as it must be")
        };
        for (leg, codec) in (1..).zip(&self.codecs) {
            let (sends, receives) = (key(leg), key(leg + 100));
            self.outbound.push(Outbound::new(&receives));
            let leg = LegId(leg.into());
            let mut stream = stream(leg, *codec);
            stream.security = Security::Sdes { sends, receives };
            self.engine.stream(self.now, leg, stream);
        }
    }

    fn allocations_in(&mut self, ms: u64) -> usize {
        self.wire.sent = 0;
        let before = ALLOCATIONS.get();
        self.run(ms);
        ALLOCATIONS.get() - before
    }

    fn run(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            for (leg, codec) in (1..).zip(&self.codecs) {
                let header = Header {
                    payload_type: codec.payload_type,
                    sequence: self.packets as u16,
                    timestamp: self.packets.wrapping_mul(codec.ticks_per_packet()),
                    ssrc: leg as u32 + 100,
                    ..Header::default()
                };
                let talks =
                    self.turns == Turns::All || (self.packets / 50 + leg as u32).is_multiple_of(3);
                let mut packet =
                    [if talks { 0x2a } else { 0xd5 }; Header::SIZE + 160 + Suite::OVERHEAD_MAX];
                packet[..Header::SIZE].copy_from_slice(&header.to_bytes());
                let mut length = Header::SIZE + 160;
                if let Some(outbound) = self.outbound.get_mut(leg as usize - 1) {
                    length = outbound
                        .protect(&mut packet, length)
                        .expect("there is room for the tag");
                }
                let (from, packet) = (address(LegId(leg)), &mut packet[..length]);
                self.engine
                    .receive(self.now, LegId(leg), from, packet, &mut self.wire);
            }
            self.packets += 1;
            for _ in 0..5 {
                self.engine.tick(self.now, &mut self.wire);
                self.now = Time(self.now.0 + 4_000);
            }
        }
    }
}

const OPUS: Codec = Codec::new(Encoding::Opus, 96, 48_000, 2);

fn stream(leg: LegId, codec: Codec) -> Stream {
    let remote = address(leg);
    Stream {
        remote,
        remote_rtcp: SocketAddr::new(remote.ip(), 4_001),
        direction: Direction::SendRecv,
        codec,
        receives: vec![codec],
        telephone_event: Some(TelephoneEvents {
            send: 101,
            receive: 101,
            clock_rate: 8_000,
        }),
        in_band: InBand::Ignored,
        metrics: rtp::Metrics::Unasked,
        source: Source::Signalled,
        security: Security::Plain,
    }
}

fn address(leg: LegId) -> SocketAddr {
    ([192, 0, 2, leg.0 as u8], 4_000).into()
}

thread_local!(static ALLOCATIONS: Cell<usize> = const { Cell::new(0) });

struct Counting;

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending has no count any more, and is nobody's test.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
