//! The media engine: who sends what to whom, sans-IO.
//!
//! Two parties with one codec are relayed: packets are renumbered and go on without decoding, also from one law of G.711
//! to the other. Whoever hears several parties, another codec or a play-list gets packets made here, of slots of 10 ms
//! at the rate of the room. A recording takes copies; the sound of its call goes on as if it were not there.
//!
//! **Invariant:** time is a parameter. [`Engine::receive`] and [`Engine::tick`] take no lock, wait for nothing and,
//! once a call is set up, allocate nothing.

mod dictation;
mod floor;
mod gauge;
mod guard;
mod keys;
mod leg;
pub(crate) mod limiter;
mod line;
mod losses;
mod mix;
mod packer;
mod player;
mod relay;
mod rooms;
mod sender;
pub(crate) mod slot;
#[cfg(test)]
mod tests;
mod voice;

use crate::Rate;
use crate::dtmf;
use crate::record::Tape;
use crate::record::course::{Courses, Manner, Step};
pub use dictation::DICTATED_AT;
use dictation::Dictation;
pub use gauge::Gauge;
use keys::Form;
pub(crate) use leg::Leg;
use leg::{Sounds as Sounding, Source, Tap};
pub use line::Quality;
use line::{Port, Sender, What};
use model::{
    Digit, Effect, Keys, LegEvent, LegId, PlayEnd, PlayId, RecordingFormat, RecordingId,
    RecordingLayout, RoomId, Switched,
};
use player::Player;
pub use player::Sounds;
pub(crate) use player::{Place, PlayList};
use rooms::Room;
use rtp::event::Heard;
use rtp::{Encoding, Packet, Stream, Time, is_rtp_or_rtcp};
use slot::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// What media tells the rest of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// A key, the end of a play-list, or of a recording that cannot be written.
    Leg(LegId, LegEvent),
    /// Nothing was heard for 30 s from a party that should send (SI-07). Said again after each further 30 s, in case
    /// that nobody minded, because the call was not answered yet.
    Silent(LegId),
}

/// Where what an engine makes goes.
pub trait Out {
    /// A packet from a leg's RTP port.
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]);
    /// A packet from a leg's RTCP port.
    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]);
    /// Something to tell.
    fn event(&mut self, event: MediaEvent);
    /// A recording of a leg begins, at this rate, or goes on with another leg; `None` when it cannot.
    fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape>;
    /// What a leg says begins to be taken down, at [`DICTATED_AT`]; `None` when it cannot.
    fn take_down(&mut self, leg: LegId, recording: RecordingId) -> Option<Tape>;
}

/// Some legs and rooms. All legs of a room are in one engine.
#[derive(Debug)]
pub struct Engine {
    legs: Legs,
    rooms: BTreeMap<RoomId, Room>,
    /// In which room each leg is, also one that is not here yet.
    seats: BTreeMap<LegId, RoomId>,
    /// Big rooms in which somebody came or went: they are wired once for all of that, before the next slot.
    unwired: BTreeSet<RoomId>,
    /// Who has slots in the first and in the second half of 10 ms, so that not all work falls into one moment.
    halves: [Half; 2],
    /// The slot that is next, and in which half it is.
    slot: u64,
    half: usize,
    /// When it is; slots go on as long as any leg is active.
    next_slot: Time,
    /// When what happens seldom is looked after again.
    next_look: Time,
    sounds: Sounds,
    counts: Counts,
    courses: Courses,
    /// Keys heard in the slot that goes on; empty between slots.
    pressed: Vec<(LegId, Digit)>,
    /// Packets that legs lost which are closed.
    lost_before: u64,
}

type Legs = BTreeMap<LegId, Box<Leg>>;

/// Who has slots at one moment.
#[derive(Debug)]
struct Half {
    /// Legs that are decoded.
    voices: BTreeSet<LegId>,
    /// Rooms in which something is mixed.
    rooms: BTreeSet<RoomId>,
    /// Legs with slots of their own.
    legs: BTreeSet<LegId>,
}

impl Half {
    const fn new() -> Self {
        Self {
            voices: BTreeSet::new(),
            rooms: BTreeSet::new(),
            legs: BTreeSet::new(),
        }
    }

    fn is_idle(&self) -> bool {
        self.voices.is_empty() && self.rooms.is_empty() && self.legs.is_empty()
    }
}

/// What an engine has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// RTP packets that were let in.
    pub received: u64,
    /// RTP packets that were sent.
    pub sent: u64,
    /// RTP packets that never came, to any leg there is or was.
    pub lost: u64,
    /// RTP and RTCP packets of protected legs that were dropped: from elsewhere, with a wrong tag, or seen before.
    pub refused: u64,
}

impl Engine {
    /// An engine without legs.
    #[must_use]
    pub fn new(sounds: Sounds) -> Self {
        slot::prepare();
        Self {
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            seats: BTreeMap::new(),
            unwired: BTreeSet::new(),
            halves: [Half::new(), Half::new()],
            slot: 0,
            half: 0,
            next_slot: Time(0),
            next_look: Time(0),
            sounds,
            counts: Counts {
                received: 0,
                sent: 0,
                lost: 0,
                refused: 0,
            },
            courses: Courses::default(),
            pressed: Vec::new(),
            lost_before: 0,
        }
    }

    /// What has been counted; losses as they were when they were last looked at, at most 250 ms ago.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How a leg's sound fares on the network; `None` before anything was agreed.
    #[must_use]
    pub fn quality(&self, leg: LegId) -> Option<Quality> {
        self.legs.get(&leg)?.quality()
    }

    /// Keeps a leg's figures where another thread reads them: renewed each 250 ms, and when it closes.
    pub fn show(&mut self, leg: LegId, gauge: Arc<Gauge>) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.gauge = Some(gauge);
        }
    }

    /// How many legs there are.
    #[must_use]
    pub fn leg_count(&self) -> usize {
        self.legs.len()
    }

    /// A leg whose ports are open. `random` chooses the numbers that its packets begin with.
    pub fn open(&mut self, now: Time, leg: LegId, random: u64) {
        self.put(leg, Box::new(Leg::new(now, random)));
    }

    /// What offer and answer came to, the first time or again.
    pub fn stream(&mut self, now: Time, leg: LegId, stream: Stream) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.agree(now, stream);
            self.wire_around(leg);
            self.wake(now);
        }
    }

    /// Ends a leg's sound, with a farewell to the peer.
    pub fn close(&mut self, now: Time, leg: LegId, out: &mut impl Out) {
        self.courses.close(leg);
        if let Some(mut gone) = self.take(leg) {
            gone.say_farewell(now, leg, out);
            gone.show();
            if let Some(line) = &gone.line {
                self.lost_before += line.reception.lost();
            }
        }
    }

    /// Takes a leg out with all that it is doing, to go on in another engine.
    pub(crate) fn take(&mut self, leg: LegId) -> Option<Box<Leg>> {
        self.depart(leg);
        let mut gone = self.legs.remove(&leg)?;
        self.forget(leg);
        gone.relays_to.clear();
        // Who heard it has nobody to get it from.
        self.wire_around(leg);
        Some(gone)
    }

    /// Takes a leg in from another engine.
    pub(crate) fn adopt(&mut self, now: Time, leg: LegId, moved: Box<Leg>) {
        self.put(leg, moved);
        self.wake(now);
    }

    /// Does what the switch wants of sound; other effects are ignored. Sounds are loaded at once.
    pub fn perform(&mut self, now: Time, effect: &Effect, out: &mut impl Out) {
        match effect {
            Effect::Mix(room, plan) => {
                self.courses.mix(plan);
                self.mix(now, *room, plan);
            }
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                let rate = self.legs.get(leg).and_then(|leg| leg.line.as_ref()?.hears);
                let rate = rate.map_or(Rate::Wide, |native| native.min(Rate::Wide));
                let pieces = sounds.iter().map(|sound| self.sounds.open(sound, rate));
                let pieces = pieces.collect();
                self.play(now, *leg, *play, PlayList { rate, pieces }, *keys, out);
            }
            Effect::Silence(leg) => {
                self.stop_playing(*leg, PlayEnd::CutShort, out);
            }
            Effect::Echo(leg, switched) => {
                if let Some(known) = self.legs.get_mut(leg) {
                    known.echo = *switched;
                    self.wire_around(*leg);
                    self.wake(now);
                }
            }
            Effect::Record {
                leg,
                recording,
                layout,
                format,
            } => {
                let step = self.courses.record(*leg, *recording, (*layout, *format));
                if let Step::Record { manner, before } = step {
                    if let Some(before) = before {
                        self.let_go(before, *recording);
                    }
                    self.record(now, *leg, *recording, manner, out);
                }
            }
            Effect::PauseRecording(recording, paused) => {
                self.courses.pause(*recording, *paused);
                self.pause_recording(*recording, *paused);
            }
            Effect::TakeDown {
                leg,
                recording,
                silence,
            } => self.take_down(now, *leg, (*recording, *silence), out),
            Effect::StopRecording(recording) => {
                self.courses.stop(*recording);
                self.stop_recording(*recording);
            }
            Effect::Ring(_)
            | Effect::Alert(_)
            | Effect::Progress(_)
            | Effect::Answer(_)
            | Effect::HangUp(..)
            | Effect::Identify(..)
            | Effect::TransferProgress(..)
            | Effect::SendDigit(..)
            | Effect::Discard(_)
            | Effect::Ask(..)
            | Effect::Fact(_) => {}
        }
    }

    /// Plays to a leg what is ready, instead of what was played to it. It begins once the leg has a stream, and its
    /// end is told in any case but that of a leg that is closed.
    pub(crate) fn play(
        &mut self,
        now: Time,
        leg: LegId,
        play: PlayId,
        list: PlayList,
        keys: Keys,
        out: &mut impl Out,
    ) {
        self.stop_playing(leg, PlayEnd::CutShort, out);
        let Some(known) = self.legs.get_mut(&leg) else {
            let event = LegEvent::Played(play, PlayEnd::CutShort);
            out.event(MediaEvent::Leg(leg, event));
            return;
        };
        known.player = Some(Player::new(play, list, keys));
        self.refresh(leg);
        self.wake(now);
    }

    /// The party pressed a key and said so by SIP INFO.
    pub fn key(&mut self, now: Time, leg: LegId, digit: Digit, out: &mut impl Out) {
        if let Some(known) = self.legs.get_mut(&leg)
            && known.keys.is_new(now, digit, Form::Info)
        {
            self.pressed(leg, digit, out);
        }
    }

    /// Sends a key to the party: as RTP events where they were agreed on, else as tones.
    pub fn send_key(&mut self, now: Time, leg: LegId, digit: Digit) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.send_key(digit);
            self.refresh(leg);
            self.wake(now);
        }
    }

    /// ICE has found where a leg's peer is: packets go there from here on.
    pub fn reached(&mut self, leg: LegId, remote: SocketAddr) {
        if let Some(known) = self.legs.get_mut(&leg)
            && let Some(line) = &mut known.line
        {
            line.reached(remote);
        }
    }

    /// Takes a datagram from a leg's RTP port. It is rewritten in place on its way to others.
    pub fn receive(
        &mut self,
        now: Time,
        leg: LegId,
        from: SocketAddr,
        datagram: &mut [u8],
        out: &mut impl Out,
    ) {
        let Some(speaker) = self.legs.get_mut(&leg) else {
            return;
        };
        if !is_rtp_or_rtcp(datagram) {
            return;
        }
        let Some(datagram) = speaker.open(now, (from, Port::Rtp), datagram) else {
            self.counts.refused += 1;
            return;
        };
        let own = speaker.sender.ssrc();
        let Some(line) = &mut speaker.line else {
            return;
        };
        let Some((received, packet)) = line.receive(now, from, datagram, own) else {
            return;
        };
        self.counts.received += 1;
        if received.sender == Sender::New {
            speaker.forget_said();
        }
        match received.what {
            What::Key => {
                speaker.skip(now, &packet);
                let pressed = heard(speaker, now, &packet);
                self.keep_back(leg, &received);
                if let Some(digit) = pressed {
                    self.pressed(leg, digit, out);
                }
            }
            What::Noise => {
                speaker.fall_silent(now, &packet);
                self.keep_back(leg, &received);
            }
            What::Sound => {
                speaker.hear(now, &packet);
                let ticks = ticks_of(speaker, &packet);
                let payload = range(datagram, packet.payload);
                self.relay(now, leg, &received, (datagram, payload, ticks), out);
            }
            What::Switched => {
                speaker.forget_said();
                let ticks = ticks_of(speaker, &packet);
                let payload = range(datagram, packet.payload);
                self.wire_around(leg);
                self.wake(now);
                if let Some(speaker) = self.legs.get_mut(&leg) {
                    speaker.hear(now, &packet);
                }
                self.relay(now, leg, &received, (datagram, payload, ticks), out);
            }
        }
    }

    /// Takes a datagram from a leg's RTCP port.
    pub fn receive_rtcp(&mut self, now: Time, leg: LegId, from: SocketAddr, datagram: &mut [u8]) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        if !is_rtp_or_rtcp(datagram) {
            return;
        }
        let Some(datagram) = known.open(now, (from, Port::Rtcp), datagram) else {
            self.counts.refused += 1;
            return;
        };
        if let Some(line) = &mut known.line {
            line.receive_rtcp(now, from, datagram, known.sender.ssrc());
        }
    }

    /// Makes the packets that are due.
    pub fn tick(&mut self, now: Time, out: &mut impl Out) {
        while let Some(room) = self.unwired.pop_first() {
            self.wire_room(room);
        }
        if now.since(self.next_slot) > LATE_MAX {
            self.next_slot = now;
        }
        while self.next_slot <= now && !self.is_idle() {
            let slot = self.next_slot;
            self.next_slot = slot + HALF_TIME;
            self.half_slot(slot, out);
        }
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
            self.look(now, out);
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        if !self.unwired.is_empty() {
            return Some(Time(0));
        }
        let slot = (!self.is_idle()).then_some(self.next_slot);
        let look = (!self.legs.is_empty()).then_some(self.next_look);
        slot.into_iter().chain(look).min()
    }
}

/// Slots.
impl Engine {
    fn is_idle(&self) -> bool {
        self.halves.iter().all(Half::is_idle)
    }

    /// One slot of 10 ms of all who have theirs at this moment.
    fn half_slot(&mut self, now: Time, out: &mut impl Out) {
        let (slot, half) = (self.slot, self.half);
        self.half = 1 - half;
        self.slot += u64::from(self.half == 0);
        self.pull(now, half);
        self.tell_pressed(out);
        let Self {
            halves,
            legs,
            rooms,
            counts,
            ..
        } = self;
        let Some(half) = halves.get_mut(half) else {
            return;
        };
        for room in &half.rooms {
            if let Some(room) = rooms.get_mut(room) {
                room.slot((now, slot), legs, counts, out);
            }
        }
        let mut changed = false;
        for id in &half.legs {
            changed |= listen((now, slot), *id, legs, counts, out) == Activity::Less;
        }
        if changed {
            half.legs
                .retain(|leg| legs.get(leg).is_some_and(|leg| leg.is_active()));
        }
    }

    /// The next slot of what everybody says who has his at this moment.
    fn pull(&mut self, now: Time, half: usize) {
        let Some(half) = self.halves.get(half) else {
            return;
        };
        for id in &half.voices {
            let Some(leg) = self.legs.get_mut(id) else {
                continue;
            };
            let Some(voice) = &mut leg.voice else {
                continue;
            };
            voice.pull(now);
            match voice.heard() {
                dtmf::Heard::Pressed(digit) if leg.keys.is_new(now, digit, Form::InBand) => {
                    self.pressed.push((*id, digit));
                }
                dtmf::Heard::Released => leg.keys.released(now),
                dtmf::Heard::Nothing
                | dtmf::Heard::Suspicion
                | dtmf::Heard::Pressed(_)
                | dtmf::Heard::Down => {}
            }
        }
    }

    /// Tells of keys that were heard in this slot.
    fn tell_pressed(&mut self, out: &mut impl Out) {
        let mut pressed = std::mem::take(&mut self.pressed);
        for (leg, digit) in pressed.drain(..) {
            self.pressed(leg, digit, out);
        }
        self.pressed = pressed;
    }

    /// What happens seldom: silence, reports, keys whose end was lost, voices that nobody wants.
    fn look(&mut self, now: Time, out: &mut impl Out) {
        let mut lost = self.lost_before;
        for (id, leg) in &mut self.legs {
            if leg.fade_out() {
                for half in &mut self.halves {
                    half.voices.remove(id);
                }
            }
            leg.report_if_due(now, *id, out);
            leg.show();
            let Some(line) = &mut leg.line else { continue };
            lost += line.reception.lost();
            if line.is_silent(now, SILENT_AFTER) {
                out.event(MediaEvent::Silent(*id));
            }
            if let Some(keys) = &mut line.key_receiver
                && keys.timeout(now).is_some()
            {
                leg.keys.released(now);
            }
        }
        self.counts.lost = lost;
    }
}

/// Whether a leg still has something to do in slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Same,
    Less,
}

/// One slot of a leg that has its own: what is played to it, or what it said itself.
fn listen(
    (now, slot): (Time, u64),
    id: LegId,
    legs: &mut Legs,
    counts: &mut Counts,
    out: &mut impl Out,
) -> Activity {
    let Some(listener) = legs.get(&id) else {
        return Activity::Less;
    };
    let number = listener.shift.number(slot);
    let (speaker, sounds) = match listener.source {
        // Of somebody relayed it is only wanted for a recording.
        Source::Relayed(speaker, _) if listener.tap.is_some() => (Some(speaker), Sounding::No),
        Source::Echoed => (Some(id), Sounding::Yes),
        Source::Relayed(..) | Source::None | Source::Mixed => (None, Sounding::No),
    };
    let said = |leg: &Leg| Some(leg.voice.as_ref()?.said().clone());
    let heard = speaker.and_then(|speaker| said(legs.get(&speaker)?));
    let Some(listener) = legs.get_mut(&id) else {
        return Activity::Less;
    };
    let heard = heard.unwrap_or_else(|| Slot::silence(listener.rate));
    listener.listen((now, number), id, &heard, sounds, counts, out);
    if listener.is_active() {
        Activity::Same
    } else {
        Activity::Less
    }
}

/// For how long a packet sounds, in ticks of its timestamp.
fn ticks_of(speaker: &Leg, packet: &Packet<'_>) -> u32 {
    let Some(line) = &speaker.line else { return 0 };
    match line.says.encoding {
        Encoding::Pcmu | Encoding::Pcma => u32::try_from(packet.payload.len()).unwrap_or(0),
        _ => line.says.ticks_per_packet(),
    }
}

/// Where in a datagram its payload is.
fn range(datagram: &[u8], payload: &[u8]) -> Range<usize> {
    let start = payload
        .as_ptr()
        .addr()
        .wrapping_sub(datagram.as_ptr().addr());
    start..start.saturating_add(payload.len())
}

/// The key that a packet of events tells of, if it is a new one.
fn heard(leg: &mut Leg, now: Time, packet: &Packet<'_>) -> Option<Digit> {
    let receiver = leg.line.as_mut()?.key_receiver.as_mut()?;
    let mut pressed = None;
    for heard in receiver.receive(now, &packet.header, packet.payload) {
        match heard {
            Heard::Pressed { event, .. } => {
                pressed = Digit::of_event(event)
                    .filter(|digit| leg.keys.is_new(now, *digit, Form::Event));
            }
            Heard::Released { .. } => leg.keys.released(now),
        }
    }
    pressed
}

/// Keys, play-lists and recordings.
impl Engine {
    fn pressed(&mut self, leg: LegId, digit: Digit, out: &mut impl Out) {
        let player = self.legs.get(&leg).and_then(|leg| leg.player.as_ref());
        match player.map(Player::keys) {
            Some(Keys::Drop) => return,
            Some(Keys::CutShort) => self.stop_playing(leg, PlayEnd::CutShort, out),
            Some(Keys::Report) | None => {}
        }
        out.event(MediaEvent::Leg(leg, LegEvent::Digit(digit)));
    }

    fn stop_playing(&mut self, leg: LegId, end: PlayEnd, out: &mut impl Out) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.stop_playing(leg, end, out);
            self.refresh(leg);
        }
    }

    /// Records a leg from here on.
    pub(crate) fn record(
        &mut self,
        now: Time,
        leg: LegId,
        recording: RecordingId,
        manner: Manner,
        out: &mut impl Out,
    ) {
        let known = self.legs.get_mut(&leg);
        let tape = known.and_then(|known| {
            let rate = known.rate;
            let tape = out.record(leg, recording, manner.layout, manner.format, rate)?;
            Some((known, Tap::new(recording, tape, rate, manner)))
        });
        match tape {
            Some((known, tap)) => {
                known.tap = Some(tap);
                self.wire_around(leg);
                self.wake(now);
            }
            None => {
                let event = LegEvent::RecordingFailed(recording);
                out.event(MediaEvent::Leg(leg, event));
            }
        }
    }

    /// A recording goes on with another leg than this.
    pub(crate) fn let_go(&mut self, leg: LegId, recording: RecordingId) {
        let is_it = |tap: &mut Tap| tap.recording == recording;
        if let Some(known) = self.legs.get_mut(&leg)
            && known.tap.take_if(is_it).is_some()
        {
            self.wire_around(leg);
        }
    }

    fn pause_recording(&mut self, recording: RecordingId, paused: Switched) {
        let mut taps = self.legs.values_mut().filter_map(|leg| leg.tap.as_mut());
        if let Some(tap) = taps.find(|tap| tap.recording == recording) {
            tap.paused = paused;
        }
    }

    /// Takes down what a leg says from here on, until the recording is stopped or the leg is gone.
    pub(crate) fn take_down(
        &mut self,
        now: Time,
        leg: LegId,
        (recording, silence): (RecordingId, Duration),
        out: &mut impl Out,
    ) {
        let known = self.legs.get_mut(&leg);
        let begun = known.and_then(|known| Some((known, out.take_down(leg, recording)?)));
        let Some((known, tape)) = begun else {
            let event = LegEvent::RecordingFailed(recording);
            return out.event(MediaEvent::Leg(leg, event));
        };
        known.dictation = Some(Box::new(Dictation::new(recording, tape, silence)));
        self.wire_around(leg);
        self.wake(now);
    }

    fn stop_recording(&mut self, recording: RecordingId) {
        let is_it = |dictation: &mut Box<Dictation>| dictation.recording == recording;
        let mut legs = self.legs.iter_mut();
        if let Some(leg) =
            legs.find_map(|(id, leg)| leg.dictation.take_if(is_it).is_some().then_some(*id))
        {
            return self.wire_around(leg);
        }
        let is_it = |leg: &Leg| {
            let tap = leg.tap.as_ref();
            tap.is_some_and(|tap| tap.recording == recording)
        };
        let legs = self.legs.iter_mut();
        let found = legs
            .filter_map(|(id, leg)| is_it(leg).then_some((*id, leg)))
            .next();
        if let Some((id, leg)) = found {
            if let Some(tap) = leg.tap.take() {
                tap.tape.end();
            }
            self.wire_around(id);
        }
    }
}

/// Legs have a slot each 10 ms, half of them 5 ms after the others.
const HALF_TIME: Duration = Duration::from_millis(5);
/// Slots that are later than this are left out.
const LATE_MAX: Duration = Duration::from_millis(200);
/// How often what happens seldom is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long a party that should send may send nothing (SI-07).
const SILENT_AFTER: Duration = Duration::from_secs(30);
