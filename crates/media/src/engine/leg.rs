//! One leg: what its party says, and what is sent to it.

use super::keys::{Form, Keys};
use super::player::Player;
use super::playout::Listening;
use super::room::Hearing;
use super::sender::Sender;
use super::tap::Tap;
use super::{FRAME, FRAME_TIME};
use crate::codec::{self, Decoder, Encoder};
use crate::engine::playout::Playout;
use model::{Digit, LegId};
use rtp::event::{Heard, KeyReceiver, KeySender};
use rtp::{Codec, Gate, Header, Packet, Stream, Time, Verdict};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// One leg.
#[derive(Debug)]
pub(crate) struct Leg {
    /// What was agreed; `None` before that.
    line: Option<Line>,
    listening: Listening,
    sequence: Option<u16>,
    pub(super) sender: Sender,
    pub(super) keys: Keys,
    pub(super) hearing: Hearing,
    /// Whose sound reaches it at present, one way or the other.
    hooked: Vec<LegId>,
    /// Whether that sound is forwarded; otherwise it is made.
    pub(super) is_forwarded_to: bool,
    /// Who gets its packets as they are.
    pub(super) forwards_to: Vec<LegId>,
    /// Who hears it in a mix.
    pub(super) is_decoded_for: BTreeSet<LegId>,
    pub(super) player: Option<Player>,
    pub(super) echo: bool,
    pub(super) tap: Option<Tap>,
    playout: Playout,
    /// The 20 ms that it says at present.
    pub(super) said: [i16; FRAME],
    /// When its next frame is due.
    next_frame: Time,
    outgoing: Outgoing,
}

/// What offer and answer came to.
#[derive(Debug)]
struct Line {
    stream: Stream,
    gate: Gate,
    rtcp_gate: Gate,
    decoders: Vec<(u8, Decoder)>,
    encoder: Option<Encoder>,
    keys: Option<(KeyReceiver, KeySender)>,
}

/// Frames that wait for a packet to be full, and the packet.
#[derive(Debug)]
struct Outgoing {
    samples: [i16; SAMPLES_MAX],
    filled: usize,
    packet: [u8; PACKET_MAX],
}

/// A packet that was let in.
#[derive(Debug)]
pub(super) struct Received {
    /// What it carries.
    pub(super) what: What,
    /// Its header.
    header: Header,
    /// Packets before it that did not come.
    pub(super) lost: u16,
    codec: Codec,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Sound.
    Sound,
    /// A part of a key; the key if it is a new one.
    Key(Option<Digit>),
}

impl Leg {
    pub(super) fn new(now: Time, random: u64) -> Self {
        let [s0, s1, s2, s3, q0, q1, t0, t1] = random.to_ne_bytes();
        let ssrc = u32::from_ne_bytes([s0, s1, s2, s3]);
        // The upper half stays free: a sequence that soon wraps confuses some decrypters.
        let sequence = u16::from_ne_bytes([q0, q1]) >> 1;
        let timestamp = u32::from_ne_bytes([t0, t1, q0, s0]);
        Self {
            line: None,
            listening: Listening::from(now),
            sequence: None,
            sender: Sender::new(ssrc, sequence, timestamp),
            keys: Keys::default(),
            hearing: Hearing::Nothing,
            hooked: Vec::new(),
            is_forwarded_to: false,
            forwards_to: Vec::new(),
            is_decoded_for: BTreeSet::new(),
            player: None,
            echo: false,
            tap: None,
            playout: Playout::default(),
            said: [0; FRAME],
            next_frame: now,
            outgoing: Outgoing {
                samples: [0; SAMPLES_MAX],
                filled: 0,
                packet: [0; PACKET_MAX],
            },
        }
    }

    /// Takes over what was agreed, the first time or again.
    pub(super) fn agree(&mut self, now: Time, stream: Stream) {
        let (gate, rtcp_gate) = match self.line.take() {
            Some(mut line) => {
                line.gate.update(now, stream.remote, stream.source);
                line.gate.renew(now);
                line.rtcp_gate
                    .update(now, stream.remote_rtcp, stream.source);
                line.rtcp_gate.renew(now);
                (line.gate, line.rtcp_gate)
            }
            None => (
                Gate::new(now, stream.remote, stream.source),
                Gate::new(now, stream.remote_rtcp, stream.source),
            ),
        };
        self.sender.set_clock_rate(stream.codec.clock_rate);
        self.listening.heard(now);
        self.outgoing.filled = 0;
        let decoders = stream.receives.iter();
        let keys = stream.telephone_event;
        self.line = Some(Line {
            decoders: decoders
                .filter_map(|codec| Some((codec.payload_type, codec::decoder(codec)?)))
                .collect(),
            encoder: codec::encoder(&stream.codec),
            keys: keys.map(|events| {
                let receiver = KeyReceiver::new(events.clock_rate);
                (receiver, KeySender::new(events.clock_rate))
            }),
            gate,
            rtcp_gate,
            stream,
        });
    }

    /// Looks at a datagram; `None` when it is not let in or means nothing.
    pub(super) fn receive(
        &mut self,
        now: Time,
        from: SocketAddr,
        datagram: &[u8],
    ) -> Option<Received> {
        let line = self.line.as_mut()?;
        let packet = Packet::parse(datagram).ok()?;
        let header = packet.header;
        let own = self.sender.ssrc();
        let verdict = line.gate.check(now, from, header.ssrc, own);
        if !verdict.accepts() {
            return None;
        }
        self.listening.heard(now);
        if matches!(verdict, Verdict::Latched | Verdict::NewSender) {
            self.sequence = None;
            self.playout.clear();
        }
        let lost = self.sequence.map_or(0, |last| {
            let gap = header.sequence.wrapping_sub(last).wrapping_sub(1);
            if gap < LOST_MAX { gap } else { 0 }
        });
        self.sequence = Some(header.sequence);
        if !line.stream.direction.receives() {
            return None;
        }
        let events = line.stream.telephone_event;
        if events.is_some_and(|events| events.receive == header.payload_type) {
            let (receiver, _) = line.keys.as_mut()?;
            let mut pressed = None;
            for heard in receiver.receive(now, &header, packet.payload) {
                if let Heard::Pressed { event, .. } = heard {
                    pressed = Digit::of_event(event);
                }
            }
            let new = pressed.filter(|digit| self.keys.is_new(now, *digit, Form::Event));
            let codec = line.stream.codec;
            return Some(Received {
                what: What::Key(new),
                header,
                lost,
                codec,
            });
        }
        let codec = *line.stream.received(header.payload_type)?;
        if !self.is_decoded_for.is_empty() || self.tap.is_some() {
            self.decode(&header, packet.payload);
        }
        Some(Received {
            what: What::Sound,
            header,
            lost,
            codec,
        })
    }

    fn decode(&mut self, header: &Header, payload: &[u8]) {
        let Some(line) = &mut self.line else { return };
        let decoder = line
            .decoders
            .iter_mut()
            .find(|(payload_type, _)| *payload_type == header.payload_type);
        let Some((_, decoder)) = decoder else { return };
        let mut samples = [0; SAMPLES_MAX];
        let count = decoder.decode(payload, &mut samples);
        let samples = samples.get(..count).unwrap_or_default();
        if !self.is_decoded_for.is_empty() {
            self.playout.push(header.timestamp, samples);
        }
        if let Some(tap) = &mut self.tap {
            tap.said.push(header.timestamp, samples);
        }
    }

    /// Takes an RTCP packet's address into account.
    pub(super) fn receive_rtcp(&mut self, now: Time, from: SocketAddr) {
        if let Some(line) = &mut self.line {
            line.rtcp_gate.check_address(now, from);
        }
    }

    /// Puts this leg's header over another's packet; says where to send it.
    pub(super) fn forward(
        &mut self,
        now: Time,
        received: &Received,
        datagram: &mut [u8],
    ) -> Option<SocketAddr> {
        let line = self.line.as_mut()?;
        if line.keys.as_ref().is_some_and(|(_, keys)| !keys.is_idle()) {
            return None;
        }
        if !line.stream.direction.sends() || !received.codec.matches(&line.stream.codec) {
            return None;
        }
        let ticks = received.codec.ticks_per_packet();
        let payload_type = line.stream.codec.payload_type;
        let header = self
            .sender
            .forward(now, payload_type, &received.header, ticks);
        if let Some(tap) = &mut self.tap
            && let Some(encoder) = &line.encoder
            && let Ok(packet) = Packet::parse(datagram)
        {
            let mut samples = [0; SAMPLES_MAX];
            let count = encoder.undo(packet.payload, &mut samples);
            let samples = samples.get(..count).unwrap_or_default();
            tap.heard.push(header.timestamp, samples);
        }
        header.overwrite(datagram).ok()?;
        Some(line.gate.remote())
    }

    /// Whether what another says can be forwarded to it as it is.
    pub(super) const fn can_be_forwarded_to(&self) -> bool {
        self.player.is_none() && !self.echo && self.line.is_some()
    }

    /// Whether its packets are what `listener` wants.
    pub(super) fn sounds_like(&self, listener: &Self) -> bool {
        let (Some(ours), Some(theirs)) = (&self.line, &listener.line) else {
            return false;
        };
        let wanted = &theirs.stream.codec;
        let first = ours.stream.receives.first();
        let same =
            first.is_some_and(|says| says.matches(wanted) && says.ptime_ms == wanted.ptime_ms);
        // What nobody here can decode goes as it is, or not at all.
        same || theirs.encoder.is_none()
    }

    /// Takes note of whose sound reaches it.
    pub(super) fn hook(&mut self, speakers: Vec<LegId>, forwarded: bool) {
        self.hooked = speakers;
        self.is_forwarded_to = forwarded;
        self.sender.break_off();
    }

    /// Whose sound has reached it so far.
    pub(super) fn unhook(&mut self) -> Vec<LegId> {
        self.is_forwarded_to = false;
        std::mem::take(&mut self.hooked)
    }

    /// Whether frames must be made of it or for it.
    pub(super) fn is_busy(&self) -> bool {
        let makes = !self.hooked.is_empty() && !self.is_forwarded_to;
        let keys = self.line.as_ref().and_then(|line| line.keys.as_ref());
        self.player.is_some()
            || self.tap.is_some()
            || makes
            || !self.is_decoded_for.is_empty()
            || keys.is_some_and(|(_, keys)| !keys.is_idle())
    }

    /// When its next frame is due.
    pub(super) fn next(&self) -> Option<Time> {
        self.is_busy().then_some(self.next_frame)
    }

    /// The time of its next frame, if that has come.
    pub(super) fn due(&self, now: Time) -> Option<Time> {
        (self.is_busy() && self.next_frame <= now).then_some(self.next_frame)
    }

    /// Frames begin here, unless they go on already.
    pub(super) fn begin_frames(&mut self, now: Time) {
        if now.since(self.next_frame) > FRAME_TIME {
            self.next_frame = now;
        }
    }

    pub(super) fn frame_done(&mut self) {
        self.next_frame = self.next_frame + FRAME_TIME;
    }

    /// Takes the next 20 ms of what it says out of the playout.
    pub(super) fn pull_said(&mut self) {
        if !self.is_decoded_for.is_empty() {
            let mut said = [0; FRAME];
            self.playout.pull(&mut said);
            self.said = said;
        }
    }

    /// Plays the next 20 ms; returns the player when its list has ended.
    pub(super) fn play(&mut self, frame: &mut [i16; FRAME]) -> Option<Player> {
        let player = self.player.as_mut()?;
        let filled = player.fill(frame);
        (filled < FRAME).then(|| self.player.take()).flatten()
    }

    /// Sends a frame, or a key in its place; `None` when there is nothing to send, or the packet is not
    /// full yet.
    pub(super) fn send_frame(
        &mut self,
        now: Time,
        frame: &[i16; FRAME],
        sounds: bool,
    ) -> Option<(SocketAddr, &[u8])> {
        let line = self.line.as_mut()?;
        if !line.stream.direction.sends() {
            return None;
        }
        let to = line.gate.remote();
        if let (Some((_, keys)), Some(events)) = (&mut line.keys, line.stream.telephone_event)
            && !keys.is_idle()
        {
            let ticks = events.clock_rate / FRAMES_A_SECOND;
            let timestamp = self.sender.timestamp(now, ticks);
            if let Some(key) = keys.next(timestamp, ticks) {
                let header = self
                    .sender
                    .event(now, events.send, key.marker, key.timestamp, ticks);
                let packet = self.outgoing.write(&header, &key.payload)?;
                return Some((to, packet));
            }
        }
        if !sounds {
            return None;
        }
        if let Some(tap) = &mut self.tap {
            let timestamp = self.sender.timestamp(now, FRAME_TICKS);
            tap.heard.push(timestamp, frame);
        }
        let wanted = usize::from(line.stream.codec.ptime_ms).max(20) * FRAME / 20;
        let samples = self.outgoing.gather(frame, wanted)?;
        let encoder = line.encoder.as_mut()?;
        let header = self.sender.make(
            now,
            line.stream.codec.payload_type,
            line.stream.codec.ticks_per_packet(),
        );
        let packet = self.outgoing.encode(&header, samples, encoder)?;
        Some((to, packet))
    }

    /// Sends a key as events, if the party knows them.
    pub(super) fn send_key(&mut self, now: Time, digit: Digit) {
        let keys = self.line.as_mut().and_then(|line| line.keys.as_mut());
        if let Some((_, keys)) = keys {
            // As many wait as anybody can have meant.
            let _ = keys.push(digit.event(), KeySender::LENGTH);
            self.begin_frames(now);
        }
    }

    /// Whether its party should send and does not; said once.
    pub(super) fn is_silent(&mut self, now: Time) -> bool {
        let line = self.line.as_ref();
        let expected = line.is_some_and(|line| line.stream.direction.receives());
        if !expected {
            self.listening.heard(now);
        }
        self.listening.is_silent(now)
    }
}

impl Outgoing {
    /// Puts a frame behind those that wait; says how many samples make the packet that is full then.
    fn gather(&mut self, frame: &[i16; FRAME], wanted: usize) -> Option<usize> {
        let room = self.samples.get_mut(self.filled..)?.get_mut(..FRAME)?;
        room.copy_from_slice(frame);
        self.filled += FRAME;
        if self.filled < wanted {
            return None;
        }
        Some(std::mem::take(&mut self.filled))
    }

    fn encode(&mut self, header: &Header, samples: usize, encoder: &mut Encoder) -> Option<&[u8]> {
        let (head, payload) = self.packet.split_at_mut_checked(Header::SIZE)?;
        head.copy_from_slice(&header.to_bytes());
        let length = encoder.encode(self.samples.get(..samples)?, payload);
        self.packet.get(..Header::SIZE + length)
    }

    fn write(&mut self, header: &Header, payload: &[u8]) -> Option<&[u8]> {
        let length = Header::SIZE + payload.len();
        let packet = self.packet.get_mut(..length)?;
        let (head, rest) = packet.split_at_mut_checked(Header::SIZE)?;
        head.copy_from_slice(&header.to_bytes());
        rest.copy_from_slice(payload);
        self.packet.get(..length)
    }
}

/// 60 ms, the longest packet that is agreed to.
const SAMPLES_MAX: usize = FRAME * 3;
/// The longest packet that is made.
const PACKET_MAX: usize = Header::SIZE + SAMPLES_MAX;
/// A greater gap is no loss but another beginning.
const LOST_MAX: u16 = 1_000;
const FRAMES_A_SECOND: u32 = 50;
const FRAME_TICKS: u32 = 160;
