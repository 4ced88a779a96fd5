//! One leg: what its party says, and what is sent to it.

use super::keys::Keys;
use super::line::{Line, Port, Received};
use super::player::Player;
use super::playout::Playout;
use super::sender::Sender;
use super::{Hearing, Out, RATE_HZ, SAMPLES_MAX, SLOT};
use crate::record::Tape;
use model::{Digit, LegId, RecordingId, Switched};
use rtp::event::KeySender;
use rtp::rtcp::{Farewell, REPORT_EVERY, Report};
use rtp::{Header, Packet, Stream, Time};
use std::net::SocketAddr;

/// One leg.
#[derive(Debug)]
pub(crate) struct Leg {
    /// `None` until something is agreed.
    pub(super) line: Option<Line>,
    pub(super) sender: Sender,
    pub(super) keys: Keys,
    /// What the room lets it hear.
    pub(super) hearing: Hearing,
    /// How it gets that.
    pub(super) source: Source,
    /// Who gets its packets as they are.
    pub(super) relays_to: Vec<LegId>,
    /// For whom it is decoded; itself, when it is recorded.
    pub(super) decoded_for: Vec<LegId>,
    pub(super) player: Option<Player>,
    pub(super) echo: Switched,
    pub(super) tap: Option<Tap>,
    /// What it says; only while it is decoded.
    voice: Option<Box<Voice>>,
    /// The packet that is being made; only while some are.
    frame: Option<Box<Frame>>,
    random: u64,
    next_report: Time,
}

/// How a leg gets what it hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing comes.
    #[default]
    None,
    /// Another's packets, as they are.
    Relayed(LegId),
    /// Packets made of what others say.
    Made(Vec<LegId>),
}

impl Source {
    /// From whom it comes.
    pub(super) fn speakers(&self) -> &[LegId] {
        match self {
            Self::None => &[],
            Self::Relayed(speaker) => std::slice::from_ref(speaker),
            Self::Made(speakers) => speakers,
        }
    }
}

/// A recording in progress.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) recording: RecordingId,
    pub(super) tape: Tape,
}

#[derive(Debug)]
struct Voice {
    playout: Playout,
    said: [i16; SLOT],
}

#[derive(Debug)]
struct Frame {
    samples: [i16; SAMPLES_MAX + SLOT],
    filled: usize,
    packet: [u8; PACKET_MAX],
}

/// Whether a slot has sound for a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sounds {
    /// It has.
    Yes,
    /// The leg is sent nothing.
    No,
}

impl Leg {
    /// A leg whose ports are open. `random` chooses the numbers that its packets begin with.
    pub(super) fn new(now: Time, random: u64) -> Self {
        Self {
            line: None,
            sender: Sender::new(random),
            keys: Keys::default(),
            hearing: Hearing::default(),
            source: Source::None,
            relays_to: Vec::new(),
            decoded_for: Vec::new(),
            player: None,
            echo: Switched::Off,
            tap: None,
            voice: None,
            frame: None,
            random,
            next_report: now,
        }
    }

    /// Takes over what was agreed, the first time or again.
    pub(super) fn agree(&mut self, now: Time, stream: Stream) {
        self.sender.set_clock_rate(stream.codec.clock_rate);
        match &mut self.line {
            Some(line) => {
                line.update(now, stream);
                line.renew(now);
            }
            None => {
                self.line = Some(Line::new(now, stream));
                self.next_report = now + REPORT_EVERY / 2;
            }
        }
    }

    /// Whether slots must be made of it or for it.
    pub(super) fn is_active(&self) -> bool {
        let Some(line) = &self.line else { return false };
        self.player.is_some()
            || self.tap.is_some()
            || matches!(self.source, Source::Made(_))
            || !self.decoded_for.is_empty()
            || line.key_sender.as_ref().is_some_and(|keys| !keys.is_idle())
    }

    /// Gets or gives back what decoding and making packets need.
    pub(super) fn equip(&mut self) {
        if self.decoded_for.is_empty() {
            self.voice = None;
        } else if self.voice.is_none() {
            self.voice = Some(Box::new(Voice {
                playout: Playout::new(),
                said: [0; SLOT],
            }));
        }
        if !self.is_active() {
            self.frame = None;
        } else if self.frame.is_none() {
            self.frame = Some(Box::new(Frame {
                samples: [0; SAMPLES_MAX + SLOT],
                filled: 0,
                packet: [0; PACKET_MAX],
            }));
        }
    }

    /// Another begins to speak on this leg.
    pub(super) fn forget_said(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.playout.clear();
        }
    }

    /// Keeps what a packet brought until it is its turn.
    pub(super) fn hear(&mut self, packet: &Packet<'_>) {
        if let (Some(voice), Some(line)) = (&mut self.voice, &mut self.line) {
            let mut samples = [0; SAMPLES_MAX];
            if let Some(samples) = line.decode(packet.payload, &mut samples) {
                voice.playout.push(packet.header.timestamp, samples);
            }
        }
    }

    /// The next slot of what it says begins.
    pub(super) fn pull(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.playout.pull(&mut voice.said);
        }
    }

    /// What it says in this slot.
    pub(super) fn said(&self) -> Option<&[i16; SLOT]> {
        self.voice.as_ref().map(|voice| &voice.said)
    }

    /// Puts this leg's header over another's packet; says where to send it, if it is to be sent.
    pub(super) fn relay(
        &mut self,
        now: Time,
        received: &Received,
        datagram: &mut [u8],
        bytes: usize,
    ) -> Option<SocketAddr> {
        let line = self.line.as_ref()?;
        let keys_go = line.key_sender.as_ref().is_some_and(|keys| !keys.is_idle());
        if keys_go || self.player.is_some() {
            return None;
        }
        let to = line.remote()?;
        let codec = &line.stream.codec;
        let header = self.sender.relay(
            now,
            codec.payload_type,
            &received.header,
            received.place,
            (codec.ticks_per_packet(), bytes),
        )?;
        header.overwrite(datagram).ok()?;
        Some(to)
    }

    /// Puts a key behind those that are sent; without events agreed on, there is no way for it.
    pub(super) fn send_key(&mut self, digit: Digit) {
        let Some(line) = &mut self.line else { return };
        let Some(events) = line.stream.telephone_event else {
            tracing::debug!("a key was to be sent to a phone that knows none");
            return;
        };
        let keys = line
            .key_sender
            .get_or_insert_with(|| KeySender::new(events.clock_rate));
        if keys.push(digit.event(), KeySender::LENGTH).is_err() {
            tracing::warn!("too many keys wait to be sent; one is lost");
        }
    }

    /// Puts a slot into the packet that is being made, and sends it once it is full: sound, or a key in its place.
    pub(super) fn send_slot(
        &mut self,
        now: Time,
        slot: &[i16; SLOT],
        sounds: Sounds,
    ) -> Option<(SocketAddr, &[u8])> {
        let (Some(line), Some(frame)) = (&mut self.line, &mut self.frame) else {
            return None;
        };
        let keys = line.key_sender.as_mut().filter(|keys| !keys.is_idle());
        if sounds == Sounds::No && keys.is_none() {
            frame.filled = 0;
            return None;
        }
        let codec = line.stream.codec;
        let samples = frame.gather(slot, codec.ptime_ms)?;
        let ticks = codec.ticks_per_packet();
        let key = keys.and_then(|keys| {
            let events = line.stream.telephone_event?;
            let (timestamp, _) = self.sender.next_timestamp(now, ticks);
            let event_ticks = u64::from(ticks) * u64::from(events.clock_rate)
                / u64::from(codec.clock_rate.max(1));
            let ticks = u32::try_from(event_ticks).unwrap_or(ticks);
            Some((keys.next(timestamp, ticks)?, events.send))
        });
        let to = line.remote();
        if let Some((key, payload_type)) = key {
            let to = to?;
            let header = self.sender.event(now, payload_type, &key, ticks);
            return Some((to, frame.write(&header, &key.payload)?));
        }
        let (Sounds::Yes, Some(to), Some(encoder)) = (sounds, to, &mut line.encoder) else {
            frame.done(samples);
            return None;
        };
        let (_, payload) = frame.packet.split_at_mut_checked(Header::SIZE)?;
        let bytes = encoder.encode(frame.samples.get(..samples)?, payload);
        frame.done(samples);
        let header = self.sender.make(now, codec.payload_type, ticks, bytes);
        Some((to, frame.finish(&header, bytes)?))
    }

    /// Sends a report when one is due.
    pub(super) fn report_if_due(&mut self, now: Time, leg: LegId, out: &mut impl Out) {
        if self.line.is_some() && now >= self.next_report {
            // 0.75 to 1.25 of the interval, so that the legs' reports spread (RFC 3550 §6.2).
            self.random = self
                .random
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(1);
            let share = u32::try_from(self.random >> 33).unwrap_or(0) % 512;
            self.next_report = now + REPORT_EVERY * (768 + share) / 1024;
            self.report(now, leg, Farewell::None, out);
        }
    }

    /// Sends a report, and says farewell at the end.
    pub(super) fn report(&mut self, now: Time, leg: LegId, farewell: Farewell, out: &mut impl Out) {
        let Some(line) = &mut self.line else { return };
        let Some((to, port)) = line.remote_rtcp() else {
            return;
        };
        let report = Report {
            ssrc: self.sender.ssrc(),
            sent: self.sender.report(now),
            received: line.reception.report(now),
            cname: CNAME,
            farewell,
        };
        let mut bytes = [0; Report::BYTES_MAX];
        let Some(bytes) = report
            .write(&mut bytes)
            .ok()
            .and_then(|length| bytes.get(..length))
        else {
            return;
        };
        match port {
            Port::Rtp => out.rtp(leg, to, bytes),
            Port::Rtcp => out.rtcp(leg, to, bytes),
        }
    }
}

impl Frame {
    /// Puts a slot behind those that are there; says how many samples make a packet once it is full.
    fn gather(&mut self, slot: &[i16; SLOT], ptime_ms: u8) -> Option<usize> {
        let wanted = usize::from(ptime_ms) * (RATE_HZ as usize / 1_000);
        let wanted = wanted.clamp(SLOT, SAMPLES_MAX);
        let end = self.filled + SLOT;
        self.samples
            .get_mut(self.filled..end)?
            .copy_from_slice(slot);
        self.filled = end;
        (self.filled >= wanted).then_some(wanted)
    }

    /// So many samples are in a packet; what is left begins the next.
    fn done(&mut self, samples: usize) {
        self.samples
            .copy_within(samples.min(self.filled)..self.filled, 0);
        self.filled -= samples.min(self.filled);
    }

    fn write(&mut self, header: &Header, payload: &[u8]) -> Option<&[u8]> {
        self.filled = 0;
        let place = self
            .packet
            .get_mut(Header::SIZE..Header::SIZE + payload.len())?;
        place.copy_from_slice(payload);
        self.finish(header, payload.len())
    }

    fn finish(&mut self, header: &Header, bytes: usize) -> Option<&[u8]> {
        let packet = self.packet.get_mut(..Header::SIZE + bytes)?;
        let (head, _) = packet.split_first_chunk_mut()?;
        *head = header.to_bytes();
        Some(packet)
    }
}

/// The lasting name of all legs. It tells nothing of the machine (RFC 7022 §4.2), and each session has one peer.
const CNAME: &str = "bellwire";
const PACKET_MAX: usize = Header::SIZE + SAMPLES_MAX;
