//! An engine in virtual time with phones around it, each of which says its own tone and remembers what it hears.

use crate::Rate;
use crate::codec::{Decoder, Encoder, PAYLOAD_MAX};
use crate::dtmf::Generator;
use crate::ear;
use crate::engine::leg::Fades;
use crate::engine::{DICTATED_AT, Engine, MediaEvent, Out, Sounds};
use crate::g711::Law;
use crate::prompts::Library;
use crate::record::{Reel, Tape, tape};
use crate::wav::{Channels, Writer};
use model::{
    Digit, Effect, Group, Keys, LegEvent, LegId, MixPlan, PlayEnd, PlayId, RecordingFormat,
    RecordingId, RecordingLayout, RoomId, Sound,
};
use rtp::Security;
use rtp::event::{KeyReceiver, KeySender};
use rtp::srtp::{Inbound, MasterKey, Outbound, Suite};
use rtp::{
    Codec, Direction, Header, InBand, Marker, Packet, Source, Stream, TelephoneEvents, Time,
};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// All of it. Time goes on only in [`Studio::run`].
pub(super) struct Studio {
    pub(super) engine: Engine,
    pub(super) now: Time,
    pub(super) wire: Wire,
    phones: BTreeMap<LegId, Phone>,
    next_tick: Time,
    files: tempfile::TempDir,
}

/// What the engine gave out.
#[derive(Default)]
pub(super) struct Wire {
    rtp: Vec<(LegId, SocketAddr, Vec<u8>)>,
    pub(super) rtcp: Vec<(LegId, SocketAddr, Vec<u8>)>,
    pub(super) events: Vec<MediaEvent>,
    pub(super) recordings: BTreeMap<RecordingId, Taken>,
}

/// A recording as it is handed to the writer.
pub(super) struct Taken {
    pub(super) layout: RecordingLayout,
    pub(super) samples: Vec<i16>,
    pub(super) ended: usize,
    reel: Reel,
}

/// A telephone.
pub(super) struct Phone {
    pub(super) address: SocketAddr,
    pub(super) ssrc: u32,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    says: Says,
    /// Samples said so far, for the phase of the tone.
    said: u32,
    next: Time,
    codec: Codec,
    pub(super) rate: Rate,
    pub(super) level_dbfs: f64,
    encoder: Encoder,
    keys: KeySender,
    /// Keys that are pressed on a phone which sends them as tones.
    tones: Generator,
    /// Every packet that came, in order.
    pub(super) packets: Vec<Heard>,
    /// RTCP that came on the port of RTP.
    pub(super) reports: Vec<Vec<u8>>,
    /// What the phone sends and receives with, where that is protected.
    pub(super) protection: Option<(Outbound, Inbound)>,
}

/// What a phone sends.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    /// A tone.
    Tone(f64),
    /// No packets.
    Nothing,
}

/// A packet that a phone got.
#[derive(Clone)]
pub(super) struct Heard {
    pub(super) at: Time,
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
}

impl Studio {
    pub(super) fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let library = Arc::new(Library::open(files.path()));
        let country = String::from("cn");
        Self {
            engine: Engine::new(Sounds { library, country }),
            now: Time(1_000_000),
            wire: Wire::default(),
            phones: BTreeMap::new(),
            next_tick: Time(0),
            files,
        }
    }

    /// Phones that say [`TONES`] in A-law, every 20 ms, from the first on.
    pub(super) fn with_phones(count: u64) -> Self {
        let mut studio = Self::new();
        for (leg, hz) in (1..=count).zip(TONES) {
            studio.phone(LegId(leg), Codec::PCMA, hz);
        }
        studio
    }

    /// A phone that says a tone.
    pub(super) fn phone(&mut self, leg: LegId, codec: Codec, hz: f64) {
        self.engine
            .open(self.now, leg, leg.0.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.answer(leg, codec, hz);
    }

    /// The phone of a leg that is open says a tone.
    pub(super) fn answer(&mut self, leg: LegId, codec: Codec, hz: f64) {
        let stream = stream(leg, codec);
        self.engine.stream(self.now, leg, stream.clone());
        let phone = Phone {
            address: stream.remote,
            ssrc: 1_000 + leg.0 as u32,
            sequence: 65_500,
            timestamp: 0xffff_f000,
            says: Says::Tone(hz),
            said: 0,
            // Phones do not begin at the same moment.
            next: Time(self.now.0 + leg.0 * 3_000),
            rate: Decoder::native_rate(&codec).unwrap_or(Rate::Narrow),
            level_dbfs: LEVEL_DBFS,
            encoder: Encoder::of(&codec, Rate::Full).unwrap_or(Encoder::G711(Law::A)),
            codec,
            keys: KeySender::new(8_000),
            tones: Generator::default(),
            packets: Vec::new(),
            reports: Vec::new(),
            protection: None,
        };
        self.phones.insert(leg, phone);
    }

    /// What was agreed changes.
    pub(super) fn agree(&mut self, leg: LegId, change: impl FnOnce(&mut Stream)) {
        let mut stream = stream(leg, self.phones[&leg].codec);
        change(&mut stream);
        self.engine.stream(self.now, leg, stream);
    }

    pub(super) fn perform(&mut self, effect: &Effect) {
        self.engine.perform(self.now, effect, &mut self.wire);
        self.deliver();
    }

    /// Everybody hears everybody else.
    pub(super) fn talk(&mut self, room: u64, legs: &[u64]) {
        let plan = MixPlan::talk(legs.iter().copied().map(LegId));
        self.perform(&Effect::Mix(RoomId(room), plan));
    }

    /// A room with groups of speakers and listeners.
    pub(super) fn mix(&mut self, room: u64, seats: &[u64], groups: &[(&[u64], &[u64])]) {
        let legs = |legs: &[u64]| legs.iter().copied().map(LegId).collect();
        let groups = groups.iter().map(|(speakers, listeners)| Group {
            speakers: legs(speakers),
            listeners: legs(listeners),
        });
        let plan = MixPlan {
            seats: legs(seats),
            groups: groups.collect(),
        };
        self.perform(&Effect::Mix(RoomId(room), plan));
    }

    pub(super) fn play(&mut self, leg: u64, play: u64, sounds: Vec<Sound>, keys: Keys) {
        self.perform(&Effect::Play {
            leg: LegId(leg),
            play: PlayId(play),
            sounds,
            keys,
        });
    }

    /// A file with a tone in it.
    pub(super) fn file(&self, name: &str, hz: f64, ms: u32) -> Sound {
        let path = self.files.path().join(name);
        let mut writer = Writer::create(Path::new(&path), Channels::Mono, 8_000).unwrap();
        writer.write(&ear::sine(hz, LEVEL_DBFS, 8_000, ms)).unwrap();
        writer.finish().unwrap();
        Sound::File(name.into())
    }

    /// A file with a tone in it, in wideband.
    pub(super) fn wide_file(&self, name: &str, hz: f64, ms: u32) -> Sound {
        let path = self.files.path().join(name);
        let mut writer = Writer::create(Path::new(&path), Channels::Mono, 16_000).unwrap();
        let sine = ear::sine(hz, LEVEL_DBFS, 16_000, ms);
        writer.write(&sine).unwrap();
        writer.finish().unwrap();
        Sound::File(name.into())
    }

    /// Which legs are decoded because somebody wants them to be.
    pub(super) fn decoded(&self) -> Vec<u64> {
        let legs = self.engine.legs.iter();
        let decoded = legs.filter(|(_, leg)| leg.voice.is_some() && leg.fades == Fades::No);
        decoded.map(|(leg, _)| leg.0).collect()
    }

    pub(super) fn phone_of(&mut self, leg: u64) -> &mut Phone {
        self.phones.get_mut(&LegId(leg)).unwrap()
    }

    /// Packets between a leg and its phone are protected, with keys made of two bytes: ours and the phone's.
    pub(super) fn protect(&mut self, leg: u64, suite: Suite, [ours, theirs]: [u8; 2]) {
        let key = |byte| MasterKey::new(suite, &vec![byte; suite.key_and_salt_bytes()]).unwrap();
        let (sends, receives) = (key(ours), key(theirs));
        self.phone_of(leg).protection = Some((Outbound::new(&receives), Inbound::new(&sends)));
        self.agree(LegId(leg), |stream| {
            stream.security = Security::Sdes { sends, receives };
        });
    }

    /// A phone says nothing more: it sends no packets.
    pub(super) fn quiet(&mut self, leg: u64) {
        self.phone_of(leg).says = Says::Nothing;
    }

    /// A phone speaks again.
    pub(super) fn speak(&mut self, leg: u64, hz: f64) {
        let now = self.now;
        let phone = self.phone_of(leg);
        phone.says = Says::Tone(hz);
        phone.next = now;
    }

    /// A key is pressed on a phone for so long.
    pub(super) fn press(&mut self, leg: u64, key: char, ms: u64) {
        let event = Digit::parse(key).unwrap().event();
        let length = std::time::Duration::from_millis(ms);
        self.phone_of(leg).keys.push(event, length).unwrap();
    }

    /// Keys are pressed on a phone that sends them as tones, 100 ms each and 100 ms apart.
    pub(super) fn press_tones(&mut self, leg: u64, keys: &str) {
        for key in keys.chars() {
            let key = Digit::parse(key).unwrap();
            self.phone_of(leg).tones.push(key).unwrap();
        }
    }

    /// A datagram arrives.
    pub(super) fn receive(&mut self, leg: u64, from: SocketAddr, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        self.engine
            .receive(self.now, LegId(leg), from, &mut bytes, &mut self.wire);
        self.deliver();
    }

    /// Lets time go on.
    pub(super) fn run(&mut self, ms: u64) {
        self.run_through(ms, |_, _| Fate::Arrives);
    }

    /// Lets time go on; what phones send fares as `fate` says of each packet.
    pub(super) fn run_through(&mut self, ms: u64, mut fate: impl FnMut(LegId, &[u8]) -> Fate) {
        let end = self.now.0 + ms * 1_000;
        while self.now.0 < end {
            let now = self.now;
            let legs: Vec<_> = self.phones.keys().copied().collect();
            for leg in legs {
                while let Some(packet) = self.phones.get_mut(&leg).and_then(|phone| phone.say(now))
                {
                    let packet = self.phone_of(leg.0).protect(packet);
                    let from = self.phones[&leg].address;
                    let times = match fate(leg, &packet) {
                        Fate::Arrives => 1,
                        Fate::Lost => 0,
                        Fate::Doubled => 2,
                    };
                    for _ in 0..times {
                        self.receive(leg.0, from, &packet);
                    }
                }
            }
            if now >= self.next_tick {
                self.engine.tick(now, &mut self.wire);
                self.deliver();
                self.next_tick = Time(now.0 + 4_000);
            }
            self.now = Time(now.0 + 1_000);
        }
    }

    fn deliver(&mut self) {
        let now = self.now;
        self.wire.wind();
        for (leg, to, mut bytes) in self.wire.rtp.drain(..) {
            let Some(phone) = self.phones.get_mut(&leg) else {
                continue;
            };
            if to != phone.address {
                continue;
            }
            if let Some((_, inbound)) = &mut phone.protection {
                let length = match rtp::is_rtcp(&bytes) {
                    true => inbound.unprotect_rtcp(&mut bytes),
                    false => inbound.unprotect(&mut bytes),
                };
                bytes.truncate(length.expect("what is sent is protected, each with a new number"));
            }
            if rtp::is_rtcp(&bytes) {
                phone.reports.push(bytes);
                continue;
            }
            let packet = Packet::parse(&bytes).expect("what is sent is RTP");
            phone.packets.push(Heard {
                at: now,
                header: packet.header,
                payload: packet.payload.to_vec(),
            });
        }
    }

    /// Forgets what was heard so far.
    pub(super) fn listen(&mut self) {
        for phone in self.phones.values_mut() {
            phone.packets.clear();
        }
    }

    /// The level of a tone in what a phone heard since [`Self::listen`], in dBFS.
    pub(super) fn level(&self, leg: u64, hz: f64) -> f64 {
        let phone = &self.phones[&LegId(leg)];
        ear::tone_dbfs(&phone.sound(), phone.rate.hz(), hz)
    }

    /// That a phone hears these tones loud and clear, and none of the other phones'.
    #[track_caller]
    pub(super) fn assert_hears(&self, leg: u64, tones: &[f64]) {
        let phone = &self.phones[&LegId(leg)];
        let (sound, rate_hz) = (phone.sound(), phone.rate.hz());
        assert!(
            sound.len() > 1_600 || tones.is_empty(),
            "leg {leg} heard {} samples",
            sound.len()
        );
        if sound.is_empty() {
            return;
        }
        for hz in TONES.into_iter().take(self.phones.len().max(4)) {
            let level = ear::tone_dbfs(&sound, rate_hz, hz);
            if tones.contains(&hz) {
                assert!(
                    (level - LEVEL_DBFS).abs() < 0.5,
                    "leg {leg} hears {hz} Hz at {level} dBFS"
                );
            } else {
                assert!(level < -50.0, "leg {leg} hears {hz} Hz at {level} dBFS");
            }
        }
    }

    /// Takes the keys and ends of play-lists that were told of a leg so far.
    pub(super) fn told(&mut self, leg: u64) -> Vec<LegEvent> {
        let events = std::mem::take(&mut self.wire.events);
        let (ours, others): (Vec<_>, Vec<_>) = events
            .into_iter()
            .partition(|event| matches!(event, MediaEvent::Leg(of, _) if of.0 == leg));
        self.wire.events = others;
        ours.into_iter()
            .filter_map(|event| match event {
                MediaEvent::Leg(_, event) => Some(event),
                _ => None,
            })
            .collect()
    }

    /// The keys told of a leg so far.
    pub(super) fn keys_told(&mut self, leg: u64) -> String {
        self.told(leg)
            .into_iter()
            .filter_map(|event| match event {
                LegEvent::Digit(digit) => Some(digit.as_char()),
                _ => None,
            })
            .collect()
    }

    /// Under which number a phone is sent to.
    pub(super) fn ssrc_to(&self, leg: u64) -> u32 {
        self.phones[&LegId(leg)].packets[0].header.ssrc
    }

    /// A leg's sound ends.
    pub(super) fn close(&mut self, leg: u64) {
        self.engine.close(self.now, LegId(leg), &mut self.wire);
        self.deliver();
    }

    /// How often silence was told of a leg.
    pub(super) fn silences(&self, leg: u64) -> usize {
        let silent = MediaEvent::Silent(LegId(leg));
        self.wire
            .events
            .iter()
            .filter(|event| **event == silent)
            .count()
    }
}

/// How a packet fares.
pub(super) enum Fate {
    Arrives,
    Lost,
    Doubled,
}

impl Phone {
    /// A packet as it goes over the network.
    pub(super) fn protect(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        if let Some((outbound, _)) = &mut self.protection {
            let length = packet.len();
            packet.resize(length + Suite::OVERHEAD_MAX, 0);
            let length = outbound.protect(&mut packet, length).unwrap();
            packet.truncate(length);
        }
        packet
    }

    /// The packet that is due.
    fn say(&mut self, now: Time) -> Option<Vec<u8>> {
        let Says::Tone(hz) = self.says else {
            return None;
        };
        if self.next > now {
            return None;
        }
        let ticks = self.codec.ticks_per_packet();
        let key = self.keys.next(self.timestamp, ticks);
        let mut header = Header {
            marker: Marker::Clear,
            payload_type: self.codec.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        let payload = match key {
            Some(key) => {
                header.marker = key.marker;
                header.payload_type = EVENTS;
                header.timestamp = key.timestamp;
                key.payload.to_vec()
            }
            None => self.tone(hz),
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(ticks);
        self.said += self.rate.samples(self.codec.ptime_ms) as u32;
        self.next = Time(self.next.0 + u64::from(self.codec.ptime_ms) * 1_000);
        Some([&header.to_bytes()[..], &payload].concat())
    }

    fn tone(&mut self, hz: f64) -> Vec<u8> {
        let samples = self.rate.samples(self.codec.ptime_ms) as u32;
        let turn = std::f64::consts::TAU * hz / f64::from(self.rate.hz());
        let peak = 32_767.0 * 10_f64.powf(self.level_dbfs / 20.0);
        let mut samples: Vec<i16> = (self.said..self.said + samples)
            .map(|at| (peak * (turn * f64::from(at)).sin()) as i16)
            .collect();
        // Nothing else is heard of a phone whose keys are pressed.
        if !self.tones.is_idle() {
            self.tones.fill(self.rate, &mut samples);
        }
        let mut bytes = vec![0; PAYLOAD_MAX];
        let length = self.encoder.encode(&samples, &mut bytes);
        bytes.truncate(length);
        bytes
    }

    /// All that was heard, decoded in the order of arrival.
    pub(super) fn sound(&self) -> Vec<i16> {
        let packets = self
            .packets
            .iter()
            .filter(|heard| heard.header.payload_type != EVENTS);
        let decoder = Decoder::of(&self.codec, Rate::Full);
        let mut decoder = decoder.unwrap_or(Decoder::G711(Law::A));
        packets
            .flat_map(|heard| {
                let mut samples = vec![0; Rate::Full.samples(60)];
                let count = decoder.decode(&heard.payload, &mut samples);
                samples.truncate(count);
                samples
            })
            .collect()
    }

    /// The keys that came as events.
    pub(super) fn keys_heard(&self) -> String {
        let mut receiver = KeyReceiver::new(8_000);
        let packets = self
            .packets
            .iter()
            .filter(|heard| heard.header.payload_type == EVENTS);
        packets
            .flat_map(|packet| receiver.receive(packet.at, &packet.header, &packet.payload))
            .filter_map(|heard| match heard {
                rtp::event::Heard::Pressed { event, .. } => rtp::event::key_of(event),
                rtp::event::Heard::Released { .. } => None,
            })
            .collect()
    }

    /// That its packets are one stream: one sender, no number missing, timestamps that go with the sound.
    #[track_caller]
    pub(super) fn assert_seamless(&self) {
        let sound = |heard: &&Heard| heard.header.payload_type != EVENTS;
        for pair in self.packets.windows(2) {
            let [one, next] = pair else {
                unreachable!("windows of two")
            };
            assert_eq!(one.header.ssrc, next.header.ssrc);
            let expected = one.header.sequence.wrapping_add(1);
            assert_eq!(next.header.sequence, expected, "at {:?}", next.at);
        }
        let packets: Vec<_> = self.packets.iter().filter(sound).collect();
        for pair in packets.windows(2) {
            let [one, next] = pair else {
                unreachable!("windows of two")
            };
            let ahead = next.header.timestamp.wrapping_sub(one.header.timestamp);
            let by_clock = (next.at.0 - one.at.0) * u64::from(self.codec.clock_rate) / 1_000_000;
            let length = match self.encoder {
                Encoder::G711(_) => one.payload.len() as u32,
                _ => self.codec.ticks_per_packet(),
            };
            assert!(ahead >= length, "timestamps overlap at {:?}", next.at);
            let apart = u64::from(ahead).abs_diff(by_clock);
            assert!(
                apart <= u64::from(self.codec.clock_rate) * 60 / 1_000,
                "timestamp and clock are {apart} apart at {:?}",
                next.at
            );
            let begins = next.header.marker == Marker::Set;
            assert!(begins || ahead <= 10 * length, "no marker at {:?}", next.at);
        }
    }
}

impl Out for Wire {
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.rtp.push((leg, to, packet.to_vec()));
    }

    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.rtcp.push((leg, to, packet.to_vec()));
    }

    fn event(&mut self, event: MediaEvent) {
        self.events.push(event);
    }

    fn record(
        &mut self,
        _leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        _format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape> {
        self.wind();
        let (tape, reel) = tape(layout, rate);
        if let Some(taken) = self.recordings.get_mut(&recording) {
            assert!(!taken.reel.is_over(), "begun twice");
            (taken.reel, taken.ended) = (reel, 0);
            return Some(tape);
        }
        let taken = Taken {
            layout,
            samples: Vec::new(),
            ended: 0,
            reel,
        };
        self.recordings.insert(recording, taken);
        Some(tape)
    }

    fn take_down(&mut self, leg: LegId, recording: RecordingId) -> Option<Tape> {
        let (layout, format) = (RecordingLayout::Mixed, RecordingFormat::Wav);
        self.record(leg, recording, layout, format, DICTATED_AT)
    }
}

impl Wire {
    /// Takes what was recorded off the tapes.
    fn wind(&mut self) {
        for taken in self
            .recordings
            .values_mut()
            .filter(|taken| taken.ended == 0)
        {
            let goes_on = taken.reel.take(|samples| {
                taken.samples.extend_from_slice(samples);
                Ok(())
            });
            taken.ended += usize::from(!goes_on.unwrap());
        }
    }
}

/// What is agreed with a phone at an address of its own.
pub(super) fn stream(leg: LegId, codec: Codec) -> Stream {
    let remote = address(leg);
    Stream {
        remote,
        remote_rtcp: SocketAddr::new(remote.ip(), remote.port() + 1),
        direction: Direction::SendRecv,
        codec,
        receives: vec![codec],
        telephone_event: Some(TelephoneEvents {
            send: EVENTS,
            receive: EVENTS,
            clock_rate: 8_000,
        }),
        in_band: InBand::Ignored,
        metrics: rtp::Metrics::Unasked,
        source: Source::Signalled,
        security: Security::Plain,
    }
}

/// Where a phone is.
pub(super) fn address(leg: LegId) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, leg.0 as u8), 4_000).into()
}

pub(super) fn digit(key: char) -> LegEvent {
    LegEvent::Digit(Digit::parse(key).unwrap())
}

pub(super) const fn finished(play: u64) -> LegEvent {
    LegEvent::Played(PlayId(play), PlayEnd::Finished)
}

pub(super) const fn cut_short(play: u64) -> LegEvent {
    LegEvent::Played(PlayId(play), PlayEnd::CutShort)
}

/// Clear of progress tones and of keys (CHECKLIST §4).
pub(super) const TONES: [f64; 4] = [520.0, 1_150.0, 1_790.0, 2_330.0];
/// How loud phones and files are.
pub(super) const LEVEL_DBFS: f64 = -20.0;
/// The payload type of keys.
pub(super) const EVENTS: u8 = 101;
