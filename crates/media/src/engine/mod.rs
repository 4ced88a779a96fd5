//! The media engine: who sends what to whom, sans-IO.
//!
//! Two parties with one codec are relayed: packets are renumbered and go on without decoding. Whoever hears several
//! parties, another codec or a play-list gets packets made here, of slots of 10 ms that all legs share, at
//! [`RATE_HZ`]. A recording takes copies; the sound of its call goes on as if it were not there.
//!
//! **Invariant:** time is a parameter. [`Engine::receive`] and [`Engine::tick`] take no lock, wait for nothing and,
//! once a call is set up, allocate nothing.

mod keys;
mod leg;
mod line;
mod player;
mod playout;
mod rooms;
mod sender;
#[cfg(test)]
mod tests;

use crate::Rate;
use crate::record::Tape;
use keys::Form;
pub(crate) use leg::Leg;
use leg::{Sounds as Sounding, Source, Tap};
pub use line::Quality;
use line::{Received, Sender, What};
use model::{
    Digit, Effect, Keys, LegEvent, LegId, MixPlan, PlayEnd, PlayId, RecordingId, RecordingLayout,
    RoomId,
};
pub use player::Sounds;
pub(crate) use player::{Piece, Place};
use player::{Player, Progress};
pub(crate) use rooms::Hearing;
use rtp::event::Heard;
use rtp::rtcp::Farewell;
use rtp::{Packet, Stream, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
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
    /// A recording of a leg begins; `None` when it cannot.
    fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
    ) -> Option<Tape>;
}

/// Some legs and rooms. All legs of a room are in one engine.
#[derive(Debug)]
pub struct Engine {
    legs: BTreeMap<LegId, Box<Leg>>,
    rooms: BTreeMap<RoomId, MixPlan>,
    /// In which room each leg is, also one that is not here yet.
    seats: BTreeMap<LegId, RoomId>,
    /// Legs that slots are made of or for.
    active: BTreeSet<LegId>,
    /// When the next slot begins; they go on as long as any leg is active.
    next_slot: Time,
    /// When what happens seldom is looked after again.
    next_look: Time,
    sounds: Sounds,
    counts: Counts,
    /// Packets that legs lost which are closed.
    lost_before: u64,
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
}

impl Engine {
    /// An engine without legs.
    #[must_use]
    pub const fn new(sounds: Sounds) -> Self {
        Self {
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            seats: BTreeMap::new(),
            active: BTreeSet::new(),
            next_slot: Time(0),
            next_look: Time(0),
            sounds,
            counts: Counts {
                received: 0,
                sent: 0,
                lost: 0,
            },
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
        Some(self.legs.get(&leg)?.line.as_ref()?.quality())
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
        if let Some(mut gone) = self.take(leg) {
            gone.report(now, leg, Farewell::Bye, out);
            if let Some(line) = &gone.line {
                self.lost_before += line.reception.lost();
            }
        }
    }

    /// Takes a leg out with all that it is doing, to go on in another engine.
    pub(crate) fn take(&mut self, leg: LegId) -> Option<Box<Leg>> {
        self.unhook(leg);
        let mut gone = self.legs.remove(&leg)?;
        self.active.remove(&leg);
        gone.relays_to.clear();
        gone.decoded_for.clear();
        gone.hearing = Hearing::Nothing;
        gone.source = Source::None;
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
            Effect::Mix(room, plan) => self.mix(now, *room, plan),
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                let pieces = sounds.iter().map(|sound| self.sounds.open(sound));
                let pieces = pieces.collect();
                self.play(now, *leg, *play, pieces, *keys, out);
            }
            Effect::Silence(leg) => {
                self.stop_playing(*leg, PlayEnd::CutShort, out);
            }
            Effect::Echo(leg, switched) => {
                if let Some(known) = self.legs.get_mut(leg) {
                    known.echo = *switched;
                    self.wire(*leg);
                    self.wake(now);
                }
            }
            Effect::Record {
                leg,
                recording,
                layout,
            } => self.record(now, *leg, *recording, *layout, out),
            Effect::StopRecording(recording) => self.stop_recording(*recording),
            Effect::Ring(_)
            | Effect::Alert(_)
            | Effect::Progress(_)
            | Effect::Answer(_)
            | Effect::HangUp(..)
            | Effect::Identify(..)
            | Effect::SendDigit(..)
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
        pieces: Vec<Piece>,
        keys: Keys,
        out: &mut impl Out,
    ) {
        self.stop_playing(leg, PlayEnd::CutShort, out);
        let Some(known) = self.legs.get_mut(&leg) else {
            let event = LegEvent::Played(play, PlayEnd::CutShort);
            out.event(MediaEvent::Leg(leg, event));
            return;
        };
        known.player = Some(Player::new(play, pieces, keys));
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

    /// Sends a key to the party as RTP events.
    pub fn send_key(&mut self, now: Time, leg: LegId, digit: Digit) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.send_key(digit);
            self.refresh(leg);
            self.wake(now);
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
                let pressed = heard(speaker, now, &packet);
                self.keep_back(leg, &received);
                if let Some(digit) = pressed {
                    self.pressed(leg, digit, out);
                }
            }
            What::Sound => {
                speaker.hear(&packet);
                let bytes = packet.payload.len();
                self.relay(now, leg, &received, datagram, bytes, out);
            }
            What::Switched => {
                speaker.forget_said();
                let bytes = packet.payload.len();
                self.wire_around(leg);
                self.wake(now);
                self.relay(now, leg, &received, datagram, bytes, out);
            }
        }
    }

    /// Takes a datagram from a leg's RTCP port.
    pub fn receive_rtcp(&mut self, now: Time, leg: LegId, from: SocketAddr, datagram: &[u8]) {
        if let Some(known) = self.legs.get_mut(&leg)
            && let Some(line) = &mut known.line
        {
            line.receive_rtcp(now, from, datagram, known.sender.ssrc());
        }
    }

    /// Makes the packets that are due.
    pub fn tick(&mut self, now: Time, out: &mut impl Out) {
        if now.since(self.next_slot) > LATE_MAX {
            self.next_slot = now;
        }
        while self.next_slot <= now && !self.active.is_empty() {
            let slot = self.next_slot;
            self.next_slot = slot + SLOT_TIME;
            self.slot(slot, out);
        }
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
            self.look(now, out);
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let slot = (!self.active.is_empty()).then_some(self.next_slot);
        let look = (!self.legs.is_empty()).then_some(self.next_look);
        slot.into_iter().chain(look).min()
    }
}

/// Packets on their way.
impl Engine {
    /// Sends a leg's packet on to those who get it as it is.
    fn relay(
        &mut self,
        now: Time,
        leg: LegId,
        received: &Received,
        datagram: &mut [u8],
        bytes: usize,
        out: &mut impl Out,
    ) {
        self.for_listeners(leg, |engine, id| {
            let listener = engine.legs.get_mut(&id);
            if let Some(to) =
                listener.and_then(|listener| listener.relay(now, received, datagram, bytes))
            {
                out.rtp(id, to, datagram);
                engine.counts.sent += 1;
            }
        });
    }

    /// A packet of a key does not go on, and its number is not missed.
    fn keep_back(&mut self, leg: LegId, received: &Received) {
        if let rtp::rtcp::Place::Next { .. } = received.place {
            self.for_listeners(leg, |engine, id| {
                if let Some(listener) = engine.legs.get_mut(&id) {
                    listener.sender.skip(received.header.ssrc);
                }
            });
        }
    }

    /// Does something for each who gets a leg's packets as they are. That changes nobody's list.
    fn for_listeners(&mut self, leg: LegId, mut each: impl FnMut(&mut Self, LegId)) {
        let Some(speaker) = self.legs.get_mut(&leg) else {
            return;
        };
        // Taken out meanwhile, for a listener may be the speaker himself.
        let listeners = std::mem::take(&mut speaker.relays_to);
        for listener in &listeners {
            each(self, *listener);
        }
        if let Some(speaker) = self.legs.get_mut(&leg) {
            speaker.relays_to = listeners;
        }
    }

    /// One slot of 10 ms of all legs that are active.
    fn slot(&mut self, now: Time, out: &mut impl Out) {
        let active = std::mem::take(&mut self.active);
        for leg in &active {
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.pull();
            }
        }
        let mut changed = false;
        for leg in &active {
            changed |= self.listen(now, *leg, out) == Activity::Less;
        }
        self.active = active;
        if changed {
            let legs = &self.legs;
            self.active
                .retain(|leg| legs.get(leg).is_some_and(|leg| leg.is_active()));
        }
    }

    /// One slot of what a leg hears.
    fn listen(&mut self, now: Time, leg: LegId, out: &mut impl Out) -> Activity {
        let mut slot = [0; SLOT];
        let Some(listener) = self.legs.get_mut(&leg) else {
            return Activity::Less;
        };
        let progress = listener
            .player
            .as_mut()
            .map(|player| player.fill(&mut slot));
        let sounds = match (progress, &listener.source) {
            (Some(_), _) | (None, Source::Made(_)) => Sounding::Yes,
            (None, Source::None | Source::Relayed(_)) => Sounding::No,
        };
        if progress.is_none() {
            self.mix_for(leg, &mut slot);
        }
        self.tape(leg, &slot);
        let Some(listener) = self.legs.get_mut(&leg) else {
            return Activity::Less;
        };
        if let Some((to, packet)) = listener.send_slot(now, &slot, sounds) {
            out.rtp(leg, to, packet);
            self.counts.sent += 1;
        }
        if progress == Some(Progress::Ended) {
            self.stop_playing(leg, PlayEnd::Finished, out);
        }
        match self.legs.get(&leg) {
            Some(listener) if listener.is_active() => Activity::Same,
            Some(_) | None => Activity::Less,
        }
    }

    /// What a leg hears of others in this slot. Of somebody relayed it is only wanted for a recording.
    fn mix_for(&self, leg: LegId, slot: &mut [i16; SLOT]) {
        let Some(listener) = self.legs.get(&leg) else {
            return;
        };
        if matches!(listener.source, Source::Relayed(_)) && listener.tap.is_none() {
            return;
        }
        let mut sum = [0_i32; SLOT];
        for speaker in listener.source.speakers() {
            if let Some(said) = self.legs.get(speaker).and_then(|speaker| speaker.said()) {
                for (sum, said) in sum.iter_mut().zip(said) {
                    *sum += i32::from(*said);
                }
            }
        }
        for (sample, sum) in slot.iter_mut().zip(sum) {
            *sample = sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
    }

    fn tape(&mut self, leg: LegId, heard: &[i16; SLOT]) {
        let Some(recorded) = self.legs.get_mut(&leg) else {
            return;
        };
        let said = *recorded.said().unwrap_or(&[0; SLOT]);
        if let Some(tap) = &mut recorded.tap {
            tap.tape.record(&said, heard);
            if tap.tape.is_torn() {
                recorded.tap = None;
                self.wire(leg);
            }
        }
    }

    /// What happens seldom: silence, reports, keys whose end was lost.
    fn look(&mut self, now: Time, out: &mut impl Out) {
        let mut lost = self.lost_before;
        for (id, leg) in &mut self.legs {
            leg.report_if_due(now, *id, out);
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
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        if let Some(player) = known.player.take() {
            let event = LegEvent::Played(player.play(), end);
            out.event(MediaEvent::Leg(leg, event));
            self.refresh(leg);
        }
    }

    fn record(
        &mut self,
        now: Time,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        out: &mut impl Out,
    ) {
        let known = self.legs.get_mut(&leg);
        let tape = known.is_some().then(|| out.record(leg, recording, layout));
        match (known, tape.flatten()) {
            (Some(known), Some(tape)) => {
                known.tap = Some(Tap { recording, tape });
                self.wire(leg);
                self.wake(now);
            }
            (Some(_) | None, _) => {
                let event = LegEvent::RecordingFailed(recording);
                out.event(MediaEvent::Leg(leg, event));
            }
        }
    }

    fn stop_recording(&mut self, recording: RecordingId) {
        let is_it = |leg: &Leg| {
            let tap = leg.tap.as_ref();
            tap.is_some_and(|tap| tap.recording == recording)
        };
        let legs = self.legs.iter_mut();
        let found = legs
            .filter_map(|(id, leg)| is_it(leg).then_some((*id, leg)))
            .next();
        if let Some((id, leg)) = found {
            leg.tap = None;
            self.wire(id);
        }
    }
}

/// How finely everything that is mixed is sampled.
const RATE: Rate = Rate::Narrow;
/// Samples a second of everything that is mixed.
pub const RATE_HZ: u32 = RATE.hz();
/// Samples of a slot: 10 ms.
pub(crate) const SLOT: usize = 80;
/// 60 ms: the longest packet.
pub(crate) const SAMPLES_MAX: usize = SLOT * 6;
const SLOT_TIME: Duration = Duration::from_millis(10);
/// Slots that are later than this are left out.
const LATE_MAX: Duration = Duration::from_millis(200);
/// How often what happens seldom is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long a party that should send may send nothing (SI-07).
const SILENT_AFTER: Duration = Duration::from_secs(30);
