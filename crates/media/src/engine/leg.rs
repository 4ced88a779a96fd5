//! One leg: what its party says, and what is sent to it.

use super::dictation::{Dictation, Heard};
use super::guard::Guard;
use super::keys::Keys;
use super::limiter::Limiter;
use super::line::{Line, Port, Received};
use super::mix::{Standing, Ticket};
use super::packer::{Form, Packer, Slots};
use super::player::{Player, Progress};
use super::relay::Payload;
use super::sender::Sender;
use super::slot::{Converter, Slot};
use super::voice::Voice;
use super::{Counts, Gauge, MediaEvent, Out, Quality};
use crate::Rate;
use crate::codec::PAYLOAD_MAX;
use crate::dtmf::Generator;
use crate::record::Tape;
use crate::record::course::{Manner, Sides};
use model::{Digit, LegEvent, LegId, PlayEnd, RecordingId, Switched};
use rtp::event::{KeyReceiver, KeySender};
use rtp::rtcp::{Farewell, REPORT_EVERY, Report};
use rtp::{Header, InBand, Packet, Stream, Time};
use std::net::SocketAddr;
use std::sync::Arc;

/// One leg.
#[derive(Debug)]
pub(crate) struct Leg {
    /// `None` until something is agreed.
    pub(super) line: Option<Line>,
    pub(super) guard: Guard,
    pub(super) sender: Sender,
    pub(super) keys: Keys,
    /// How it gets what it hears.
    pub(super) source: Source,
    /// Who gets its packets without their being decoded.
    pub(super) relays_to: Vec<LegId>,
    /// How it gets a mix.
    pub(super) ticket: Option<Ticket>,
    /// What others want of it.
    pub(super) wanted: Wanted,
    /// The rate that its room is mixed at.
    pub(super) rate: Rate,
    pub(super) shift: Shift,
    pub(super) player: Option<Player>,
    /// Keys that are sent to it as tones; only while some are.
    tones: Option<Box<Generator>>,
    pub(super) echo: Switched,
    pub(super) tap: Option<Tap>,
    pub(super) dictation: Option<Box<Dictation>>,
    /// What it says; only while it is decoded.
    pub(super) voice: Option<Box<Voice>>,
    /// Whether nobody wants it decoded any more. It goes on until the next look: whoever wants it by then, as does a
    /// recording that goes on with another leg, finds it in full flow.
    pub(super) fades: Fades,
    /// Its own packets; only while some may be made.
    pub(super) packer: Option<Box<Packer>>,
    pub(super) limiter: Limiter,
    /// Where others see how it fares.
    pub(super) gauge: Option<Arc<Gauge>>,
    random: u64,
    next_report: Time,
    has_reported: bool,
}

/// How a leg gets what it hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing comes.
    #[default]
    None,
    /// Another's packets, or its own.
    Relayed(LegId, Payload),
    /// Packets made of what it says itself.
    Echoed,
    /// Packets made of what others say.
    Mixed,
}

/// What others want of a leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// That it is decoded.
    pub(super) voice: Want,
    /// That it can be sent packets of its own at any moment.
    pub(super) packer: Want,
}

/// Whether something is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Want {
    #[default]
    No,
    Yes,
}

/// Whether a voice is decoded that nobody wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fades {
    /// It is wanted, or there is none.
    #[default]
    No,
    /// Somebody may want it again.
    Soon,
    /// It was long enough.
    Out,
}

/// When a leg's slots are: legs of a room have theirs together, and rooms have them at different moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shift {
    /// The first or the second half of 10 ms.
    pub(super) half: usize,
    /// What is put to the number of a slot.
    offset: u64,
}

impl Shift {
    /// That of a room, or of a leg without one, by its number.
    pub(super) const fn of(number: u64) -> Self {
        // Fibonacci hashing: neighbours are far apart.
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            half: (spread >> 63) as usize,
            offset: (spread >> 32) % 60,
        }
    }

    /// The number of a slot here.
    pub(super) const fn number(self, slot: u64) -> u64 {
        slot + self.offset
    }
}

/// A recording in progress.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) recording: RecordingId,
    pub(super) tape: Tape,
    pub(super) rate: Rate,
    pub(super) paused: Switched,
    sides: Sides,
    said: Converter,
    heard: Converter,
}

impl Tap {
    pub(super) fn new(recording: RecordingId, tape: Tape, rate: Rate, manner: Manner) -> Self {
        Self {
            recording,
            tape,
            rate,
            paused: manner.paused,
            sides: manner.sides,
            said: Converter::default(),
            heard: Converter::default(),
        }
    }
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
            guard: Guard::Off,
            sender: Sender::new(random),
            keys: Keys::default(),
            source: Source::None,
            relays_to: Vec::new(),
            ticket: None,
            wanted: Wanted::default(),
            rate: Rate::Narrow,
            shift: Shift::default(),
            player: None,
            tones: None,
            echo: Switched::Off,
            tap: None,
            dictation: None,
            voice: None,
            fades: Fades::No,
            packer: None,
            limiter: Limiter::default(),
            gauge: None,
            random,
            next_report: now,
            has_reported: false,
        }
    }

    /// Takes over what was agreed, the first time or again.
    pub(super) fn agree(&mut self, now: Time, stream: Stream) {
        self.guard.agree(&stream.security);
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

    /// How it fares; `None` before anything was agreed.
    pub(super) fn quality(&self) -> Option<Quality> {
        Some(Quality {
            playout: self.voice.as_ref().map(|voice| voice.figures()),
            ..self.line.as_ref()?.quality()
        })
    }

    /// Lets others see how it fares.
    pub(super) fn show(&self) {
        if let (Some(gauge), Some(quality)) = (&self.gauge, self.quality()) {
            gauge.set(&quality);
        }
    }

    /// Whether something is played to it alone.
    pub(super) const fn has_own_sound(&self) -> bool {
        self.player.is_some() || self.tones.is_some()
    }

    /// Whether what it says is written down, be it with what it hears or without.
    pub(super) const fn is_taken_down(&self) -> bool {
        self.tap.is_some() || self.dictation.is_some()
    }

    /// Whether it has slots of its own. A mix gives its listeners theirs.
    pub(super) fn is_active(&self) -> bool {
        let Some(line) = &self.line else { return false };
        let has_own = self.has_own_sound()
            || self.is_taken_down()
            || self.source == Source::Echoed
            || line.key_sender.as_ref().is_some_and(|keys| !keys.is_idle());
        has_own && self.source != Source::Mixed
    }

    /// Gets or gives back what decoding and making packets need.
    pub(super) fn equip(&mut self) {
        let Some(line) = &self.line else { return };
        let is_echoed = self.source == Source::Echoed;
        let rate = self.rate;
        let hears_keys = line.hears_keys();
        if self.wanted.voice == Want::Yes || self.is_taken_down() || is_echoed || hears_keys {
            let keys = if hears_keys {
                InBand::Heard
            } else {
                InBand::Ignored
            };
            let suits = |voice: &mut Box<Voice>| voice.suits(&line.says, rate);
            if !self.voice.as_mut().is_some_and(suits) {
                self.voice = Voice::new(line.says, rate, keys).map(Box::new);
            } else if let Some(voice) = &mut self.voice {
                voice.listen_for_keys(keys);
            }
            self.fades = Fades::No;
        } else if self.fades == Fades::Out {
            self.voice = None;
            self.fades = Fades::No;
        } else if self.voice.is_some() {
            self.fades = Fades::Soon;
        }
        let is_apart = self.has_own_sound()
            || self.is_taken_down()
            || is_echoed
            || (self.ticket.is_some() && !self.is_together());
        if self.wanted.packer == Want::Yes || is_apart {
            let form = Form::new(line.stream.codec, rate);
            let is_right = self.packer.as_ref().map(|packer| *packer.form() == form);
            if is_right != Some(true) {
                self.packer = Packer::new(form).map(Box::new);
            }
        } else {
            self.packer = None;
        }
    }

    /// Gives back a voice that nobody has wanted for a while; says whether that was so.
    pub(super) fn fade_out(&mut self) -> bool {
        match self.fades {
            Fades::No => return false,
            Fades::Soon => self.fades = Fades::Out,
            Fades::Out => self.equip(),
        }
        self.voice.is_none()
    }

    /// The highest rate that it can be heard or hear at; `None` when nobody here understands it.
    pub(super) fn native_rate(&self) -> Option<Rate> {
        let line = self.line.as_ref()?;
        line.hears.max(line.speaks)
    }

    /// It hears something from there.
    pub(super) fn hear_from(&mut self, source: Source) {
        if self.source != source {
            // What comes next has nothing to do with what was relayed before.
            self.sender.break_off();
            self.source = source;
        }
    }

    /// Of a hundred packets that it is sent so many will be lost.
    pub(super) fn expected_loss(&self) -> u8 {
        self.line.as_ref().map_or(0, Line::expected_loss)
    }

    /// The packets that a mix makes for it.
    pub(super) fn form(&self) -> Option<Form> {
        let line = self.line.as_ref()?;
        line.hears?;
        Some(Form::new(line.stream.codec, self.rate))
    }

    /// Whether it gets packets that others get too.
    pub(super) fn is_together(&self) -> bool {
        let ticket = self.ticket.as_ref();
        ticket.is_some_and(|ticket| ticket.standing == Standing::Together)
    }

    /// Another begins to speak on this leg.
    pub(super) fn forget_said(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.clear();
        }
    }

    /// Keeps what a packet brought until it is its turn.
    pub(super) fn hear(&mut self, now: Time, packet: &Packet<'_>) {
        if let Some(voice) = &mut self.voice {
            voice.hear(now, packet);
        }
    }

    /// The peer says how the silence sounds that it begins to leave out.
    pub(super) fn fall_silent(&mut self, now: Time, packet: &Packet<'_>) {
        if let Some(voice) = &mut self.voice {
            voice.fall_silent(now, packet);
        }
    }

    /// A packet was not sound: it is not missing.
    pub(super) fn skip(&mut self, now: Time, packet: &Packet<'_>) {
        if let Some(voice) = &mut self.voice {
            voice.skip(now, packet);
        }
    }

    /// Puts this leg's header over another's packet; says where to send it, if it is to be sent, and as what.
    pub(super) fn relay(
        &mut self,
        now: Time,
        received: &Received,
        (ticks, bytes): (u32, usize),
    ) -> Option<(SocketAddr, Header, Payload)> {
        let Source::Relayed(_, payload) = self.source else {
            return None;
        };
        let line = self.line.as_ref()?;
        let keys_go = line.key_sender.as_ref().is_some_and(|keys| !keys.is_idle());
        if keys_go || self.has_own_sound() {
            return None;
        }
        let to = line.remote()?;
        let header = self.sender.relay(
            now,
            line.stream.codec.payload_type,
            &received.header,
            received.place,
            (ticks, bytes),
        )?;
        Some((to, header, payload))
    }

    /// Puts a key behind those that are sent: as events where they were agreed on, else as tones.
    pub(super) fn send_key(&mut self, digit: Digit) {
        let Some(line) = &mut self.line else { return };
        let is_queued = match line.stream.telephone_event {
            Some(events) => {
                let beside = line.stream.codec.clock_rate;
                let keys = line
                    .key_sender
                    .get_or_insert_with(|| KeySender::new(events.clock_rate).beside(beside));
                keys.push(digit.event(), KeySender::LENGTH).is_ok()
            }
            None => self.tones.get_or_insert_default().push(digit).is_ok(),
        };
        if !is_queued {
            tracing::warn!("too many keys wait to be sent; one is lost");
        }
    }

    /// One slot of a leg that gets packets of its own: what is played to it, else what it hears.
    pub(super) fn listen(
        &mut self,
        (now, number): (Time, u64),
        id: LegId,
        heard: &Slot,
        sounds: Sounds,
        counts: &mut Counts,
        out: &mut impl Out,
    ) {
        let mut packer = self.packer.take();
        let rate = packer.as_ref().map_or(self.rate, |packer| packer.rate());
        let keys = self.play_keys(rate);
        let player = self.player.as_mut().filter(|_| keys.is_none());
        let played = player.map(|player| player.play(rate));
        let (slot, sounds) = match (&keys, &played) {
            (Some(slot), _) | (None, Some((slot, _))) => (slot, Sounds::Yes),
            (None, None) => (heard, sounds),
        };
        self.record(slot);
        self.take_down(id, out);
        match (sounds, &mut packer) {
            (Sounds::Yes, Some(packer)) => {
                packer.expect_loss(self.expected_loss());
                if let Some(due) = packer.put(number, slot) {
                    self.send(now, id, due.payload, counts, out);
                }
            }
            (Sounds::Yes, None) | (Sounds::No, _) => {
                let line = self.line.as_ref();
                let slots = line.map(|line| Slots::of(&line.stream.codec));
                if slots.is_some_and(|slots| slots.end_with(number)) {
                    self.send(now, id, None, counts, out);
                }
            }
        }
        self.packer = packer;
        if let Some((_, Progress::Ended)) = played {
            self.stop_playing(id, PlayEnd::Finished, out);
        }
    }

    /// The next slot of keys that are sent as tones, instead of all else.
    fn play_keys(&mut self, rate: Rate) -> Option<Slot> {
        let tones = self.tones.as_mut()?;
        let mut slot = Slot::silence(rate);
        tones.fill(rate, slot.samples_mut());
        if tones.is_idle() {
            self.tones = None;
        }
        Some(slot)
    }

    /// Ends what is played, and tells of it.
    pub(super) fn stop_playing(&mut self, id: LegId, end: PlayEnd, out: &mut impl Out) {
        if let Some(player) = self.player.take() {
            let event = LegEvent::Played(player.name(), end);
            out.event(MediaEvent::Leg(id, event));
        }
    }

    fn record(&mut self, heard: &Slot) {
        let Some(tap) = &mut self.tap else { return };
        if tap.paused == Switched::On {
            return;
        }
        let heard = tap.heard.convert(heard, tap.rate);
        let silence;
        let said = match &self.voice {
            Some(voice) => tap.said.convert(voice.said(), tap.rate),
            None => {
                silence = Slot::silence(tap.rate);
                &silence
            }
        };
        match tap.sides {
            Sides::SaidHeard => tap.tape.record(said, heard),
            Sides::HeardSaid => tap.tape.record(heard, said),
        }
        if tap.tape.is_torn() {
            self.tap = None;
        }
    }

    /// Takes down what it says in this slot, and tells when it has been silent for long.
    fn take_down(&mut self, id: LegId, out: &mut impl Out) {
        let Some(dictation) = &mut self.dictation else {
            return;
        };
        let line = self.line.as_ref();
        let presses = line.and_then(|line| line.key_receiver.as_ref());
        let presses = presses.is_some_and(KeyReceiver::is_down);
        let said = self.voice.as_ref().map(|voice| voice.said());
        if dictation.take(said.filter(|_| !presses)) == Heard::LongSilence {
            let event = LegEvent::Silent(dictation.recording);
            out.event(MediaEvent::Leg(id, event));
        }
        if dictation.is_torn() {
            self.dictation = None;
        }
    }

    /// Sends a packet that is due: its sound, or a key in its place.
    pub(super) fn send(
        &mut self,
        now: Time,
        id: LegId,
        payload: Option<&[u8]>,
        counts: &mut Counts,
        out: &mut impl Out,
    ) {
        let Some(line) = &mut self.line else { return };
        let codec = line.stream.codec;
        let ticks = Slots::of(&codec).ticks(codec.clock_rate);
        let keys = line.key_sender.as_mut().filter(|keys| !keys.is_idle());
        let key = keys.and_then(|keys| {
            let events = line.stream.telephone_event?;
            let (timestamp, _) = self.sender.next_timestamp(now, ticks);
            let event_ticks = u64::from(ticks) * u64::from(events.clock_rate)
                / u64::from(codec.clock_rate.max(1));
            let ticks = u32::try_from(event_ticks).unwrap_or(ticks);
            Some((keys.next(timestamp, ticks)?, events.send))
        });
        let Some(to) = line.remote() else { return };
        let (header, payload) = match (&key, payload) {
            (Some((key, payload_type)), _) => {
                let header = self.sender.event(now, *payload_type, key, ticks);
                (header, &key.payload[..])
            }
            (None, Some(payload)) => {
                let header = self
                    .sender
                    .make(now, codec.payload_type, ticks, payload.len());
                (header, payload)
            }
            (None, None) => return,
        };
        let mut packet = [0; PACKET_MAX];
        if let Some(packet) = write(&header, payload, &mut packet) {
            self.guard.send(id, (to, Port::Rtp), packet, out);
            counts.sent += 1;
        }
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

    /// Says farewell to a peer that has heard of this leg at all (RFC 3550 §6.3.7).
    pub(super) fn say_farewell(&mut self, now: Time, leg: LegId, out: &mut impl Out) {
        if self.has_reported || self.sender.has_sent() {
            self.report(now, leg, Farewell::Bye, out);
        }
    }

    fn report(&mut self, now: Time, leg: LegId, farewell: Farewell, out: &mut impl Out) {
        let Some(line) = &mut self.line else { return };
        let Some((to, port)) = line.remote_rtcp() else {
            return;
        };
        let figures = self.voice.as_ref().map(|voice| voice.figures());
        let received = line.reception.report(now);
        let report = Report {
            ssrc: self.sender.ssrc(),
            sent: self.sender.report(now),
            received,
            voice: received.and_then(|block| line.voice(block.ssrc, figures)),
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
        self.guard.send(leg, (to, port), bytes, out);
        self.has_reported = true;
    }

    /// Checks and decrypts what arrived at one of its ports; `None` when it is dropped.
    pub(super) fn open<'d>(
        &mut self,
        now: Time,
        (from, port): (SocketAddr, Port),
        datagram: &'d mut [u8],
    ) -> Option<&'d mut [u8]> {
        if matches!(self.guard, Guard::Off) {
            return Some(datagram);
        }
        let line = self.line.as_mut()?;
        if line.turns_away(now, from, port) {
            return None;
        }
        self.guard.open(datagram)
    }
}

/// Puts a packet together.
fn write<'p>(header: &Header, payload: &[u8], packet: &'p mut [u8]) -> Option<&'p [u8]> {
    let packet = packet.get_mut(..Header::SIZE + payload.len())?;
    let (head, rest) = packet.split_first_chunk_mut()?;
    *head = header.to_bytes();
    rest.copy_from_slice(payload);
    Some(packet)
}

/// The lasting name of all legs. It tells nothing of the machine (RFC 7022 §4.2), and each session has one peer.
const CNAME: &str = "bellwire";
/// The longest packet that is made here.
pub(super) const PACKET_MAX: usize = Header::SIZE + PAYLOAD_MAX;
