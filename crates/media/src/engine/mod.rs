//! The media engine: who sends what to whom, sans-IO.
//!
//! Two parties with one codec are relayed: packets are renumbered and forwarded without decoding. Whoever
//! hears several parties, a play-list or himself gets a packet made every 20 ms. All sound is 8000 Hz here.
//!
//! **Invariant:** time is a parameter. [`Engine::receive`] and [`Engine::tick`] allocate nothing once a
//! call is set up.

mod keys;
mod leg;
mod player;
mod playout;
mod room;
mod sender;
mod tap;

use crate::prompts::Library;
use crate::record::Block;
pub(crate) use leg::Leg;
use model::{
    Digit, Effect, LegEvent, LegId, MixPlan, PlayEnd, RecordingId, RecordingLayout, RoomId,
    Switched,
};
use player::Player;
use room::{Hearing, hearings};
use rtp::{Stream, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use tap::Tap;

/// What media tells the rest of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// Something happened on a leg.
    Leg(LegId, LegEvent),
    /// Nothing was heard for 30 s from a party that should send (SI-07).
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
    /// A recording begins.
    fn record(&mut self, recording: RecordingId, layout: RecordingLayout);
    /// A recording goes on.
    fn recorded(&mut self, block: Block);
    /// A recording ends.
    fn recorded_all(&mut self, recording: RecordingId);
    /// Room for the next piece of a recording.
    fn empty_block(&mut self, recording: RecordingId) -> Block;
}

/// What can be played.
#[derive(Clone, Debug)]
pub struct Sounds {
    /// Prompts, music and files.
    pub library: Arc<Library>,
    /// Whose tones are played, ISO 3166 in lower case.
    pub country: String,
}

/// Some legs and rooms. All legs of a room are in one engine.
#[derive(Debug)]
pub struct Engine {
    legs: BTreeMap<LegId, Leg>,
    rooms: BTreeMap<RoomId, MixPlan>,
    /// Legs that must be made packets for.
    busy: BTreeSet<LegId>,
    sounds: Sounds,
    counts: Counts,
    /// When silent parties are looked for again.
    look_for_silence: Time,
}

/// What an engine has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// RTP packets that were let in.
    pub received: u64,
    /// RTP packets that were sent.
    pub sent: u64,
    /// RTP packets that never came, as far as their numbers tell.
    pub lost: u64,
}

impl Engine {
    /// An engine without legs.
    #[must_use]
    pub fn new(sounds: Sounds) -> Self {
        Self {
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            busy: BTreeSet::new(),
            sounds,
            counts: Counts::default(),
            look_for_silence: Time(0),
        }
    }

    /// What has been counted.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How many legs there are.
    #[must_use]
    pub fn leg_count(&self) -> usize {
        self.legs.len()
    }

    /// A leg whose ports are open. `random` chooses the numbers that its packets begin with.
    pub fn open(&mut self, now: Time, leg: LegId, random: u64) {
        self.legs.insert(leg, Leg::new(now, random));
    }

    /// What offer and answer came to.
    pub fn stream(&mut self, now: Time, leg: LegId, stream: Stream) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.agree(now, stream);
            self.wire_rooms_of(leg);
        }
    }

    /// Ends a leg's sound.
    pub fn close(&mut self, leg: LegId, out: &mut impl Out) {
        if let Some(mut gone) = self.take(leg)
            && let Some(tap) = gone.tap.take()
        {
            end_tap(tap, out);
        }
    }

    /// Takes a leg out with all it is doing, to go on in another engine.
    pub(crate) fn take(&mut self, leg: LegId) -> Option<Leg> {
        let mut gone = self.legs.remove(&leg)?;
        self.busy.remove(&leg);
        for speaker in gone.unhook() {
            if let Some(speaker) = self.legs.get_mut(&speaker) {
                speaker.forwards_to.retain(|listener| *listener != leg);
                speaker.is_decoded_for.remove(&leg);
            }
        }
        gone.forwards_to.clear();
        gone.is_decoded_for.clear();
        Some(gone)
    }

    /// Takes a leg in from another engine.
    pub(crate) fn adopt(&mut self, now: Time, leg: LegId, mut moved: Leg) {
        moved.begin_frames(now);
        self.legs.insert(leg, moved);
        self.wire_rooms_of(leg);
        self.set_busy(leg);
    }

    /// Does what the switch wants of sound; other effects are ignored.
    pub fn perform(&mut self, now: Time, effect: &Effect, out: &mut impl Out) {
        match effect {
            Effect::Mix(room, plan) => self.mix(*room, plan),
            Effect::Play {
                leg,
                play,
                sounds,
                keys,
            } => {
                let player = Player::begin(*play, sounds, *keys, &self.sounds);
                if let Some(known) = self.legs.get_mut(leg) {
                    let before = known.player.replace(player);
                    tell_end(*leg, before, PlayEnd::Finished, out);
                    known.begin_frames(now);
                    self.wire_leg(*leg);
                }
            }
            Effect::Silence(leg) => {
                if let Some(known) = self.legs.get_mut(leg) {
                    let before = known.player.take();
                    tell_end(*leg, before, PlayEnd::Finished, out);
                    self.wire_leg(*leg);
                }
            }
            Effect::Echo(leg, switched) => {
                if let Some(known) = self.legs.get_mut(leg) {
                    known.echo = *switched == Switched::On;
                    known.begin_frames(now);
                    self.wire_leg(*leg);
                }
            }
            Effect::Record {
                leg,
                recording,
                layout,
            } => {
                if let Some(known) = self.legs.get_mut(leg) {
                    out.record(*recording, *layout);
                    let before = known.tap.replace(Tap::begin(*recording, *layout));
                    if let Some(before) = before {
                        end_tap(before, out);
                    }
                    known.begin_frames(now);
                    self.set_busy(*leg);
                }
            }
            Effect::StopRecording(recording) => self.stop_recording(*recording, out),
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

    /// The party pressed a key and said so by SIP INFO.
    pub fn key(&mut self, now: Time, leg: LegId, digit: Digit, out: &mut impl Out) {
        if let Some(known) = self.legs.get_mut(&leg)
            && known.keys.is_new(now, digit, keys::Form::Info)
        {
            self.pressed(leg, digit, out);
        }
    }

    /// Sends a key to the party as RTP events.
    pub fn send_key(&mut self, now: Time, leg: LegId, digit: Digit) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.send_key(now, digit);
            self.set_busy(leg);
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
        let Some(received) = speaker.receive(now, from, datagram) else {
            return;
        };
        self.counts.received += 1;
        self.counts.lost += u64::from(received.lost);
        match received.what {
            leg::What::Sound => self.forward(now, leg, &received, datagram, out),
            leg::What::Key(pressed) => {
                let listeners = std::mem::take(&mut speaker.forwards_to);
                for listener in &listeners {
                    if let Some(listener) = self.legs.get_mut(listener) {
                        listener.sender.skip();
                    }
                }
                self.give_back(leg, listeners);
                if let Some(digit) = pressed {
                    self.pressed(leg, digit, out);
                }
            }
        }
    }

    /// Takes a datagram from a leg's RTCP port.
    pub fn receive_rtcp(&mut self, now: Time, leg: LegId, from: SocketAddr, _datagram: &[u8]) {
        if let Some(known) = self.legs.get_mut(&leg) {
            known.receive_rtcp(now, from);
        }
    }

    /// Makes the packets that are due.
    pub fn tick(&mut self, now: Time, out: &mut impl Out) {
        let busy = std::mem::take(&mut self.busy);
        for leg in &busy {
            while let Some(due) = self.legs.get(leg).and_then(|leg| leg.due(now)) {
                self.frame(due, *leg, out);
            }
        }
        // Frames may have ended play-lists; whoever has nothing left to do is no longer busy.
        self.busy = busy;
        let legs = &self.legs;
        self.busy
            .retain(|leg| legs.get(leg).is_some_and(Leg::is_busy));
        if now >= self.look_for_silence {
            self.look_for_silence = now + LOOK_FOR_SILENCE_EVERY;
            for (leg, known) in &mut self.legs {
                if known.is_silent(now) {
                    out.event(MediaEvent::Silent(*leg));
                }
            }
        }
    }

    /// When [`Self::tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        let frames = self
            .busy
            .iter()
            .filter_map(|leg| self.legs.get(leg)?.next());
        let silence = (!self.legs.is_empty()).then_some(self.look_for_silence);
        frames.chain(silence).min()
    }

    fn forward(
        &mut self,
        now: Time,
        leg: LegId,
        received: &leg::Received,
        datagram: &mut [u8],
        out: &mut impl Out,
    ) {
        let Some(speaker) = self.legs.get_mut(&leg) else {
            return;
        };
        let listeners = std::mem::take(&mut speaker.forwards_to);
        for id in &listeners {
            let Some(listener) = self.legs.get_mut(id) else {
                continue;
            };
            if let Some(to) = listener.forward(now, received, datagram) {
                out.rtp(*id, to, datagram);
                self.counts.sent += 1;
            }
        }
        self.give_back(leg, listeners);
    }

    fn give_back(&mut self, leg: LegId, listeners: Vec<LegId>) {
        if let Some(speaker) = self.legs.get_mut(&leg) {
            speaker.forwards_to = listeners;
        }
    }

    /// One frame of a leg: what it hears, and what is recorded of it.
    fn frame(&mut self, now: Time, leg: LegId, out: &mut impl Out) {
        let mut frame = [0; FRAME];
        let Some(listener) = self.legs.get_mut(&leg) else {
            return;
        };
        listener.frame_done();
        listener.pull_said();
        let ended = listener.play(&mut frame);
        let mut sounds = listener.player.is_some() || ended.is_some();
        if !sounds {
            sounds = self.heard(leg, &mut frame);
        }
        let Some(listener) = self.legs.get_mut(&leg) else {
            return;
        };
        if let Some((to, packet)) = listener.send_frame(now, &frame, sounds) {
            out.rtp(leg, to, packet);
            self.counts.sent += 1;
        }
        if let Some(tap) = &mut listener.tap {
            tap.tick(out);
        }
        if let Some(ended) = ended {
            tell_end(leg, Some(ended), PlayEnd::Finished, out);
            self.wire_leg(leg);
        }
    }

    /// Mixes what a leg hears of others, or of itself. Returns whether it hears anybody at all.
    fn heard(&self, leg: LegId, frame: &mut [i16; FRAME]) -> bool {
        let Some(listener) = self.legs.get(&leg) else {
            return false;
        };
        if listener.echo {
            add(frame, &listener.said);
            return true;
        }
        match &listener.hearing {
            Hearing::Nothing => false,
            Hearing::One(_) if listener.is_forwarded_to => false,
            Hearing::One(speaker) => self.add_said(*speaker, frame),
            Hearing::Many(speakers) => {
                for speaker in speakers {
                    self.add_said(*speaker, frame);
                }
                true
            }
        }
    }

    fn add_said(&self, speaker: LegId, frame: &mut [i16; FRAME]) -> bool {
        if let Some(speaker) = self.legs.get(&speaker) {
            add(frame, &speaker.said);
        }
        true
    }

    fn pressed(&mut self, leg: LegId, digit: Digit, out: &mut impl Out) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        match known.player.as_ref().map(Player::keys) {
            Some(model::Keys::Drop) => return,
            Some(model::Keys::CutShort) => {
                let cut = known.player.take();
                tell_end(leg, cut, PlayEnd::CutShort, out);
                self.wire_leg(leg);
            }
            Some(model::Keys::Report) | None => {}
        }
        out.event(MediaEvent::Leg(leg, LegEvent::Digit(digit)));
    }

    fn stop_recording(&mut self, recording: RecordingId, out: &mut impl Out) {
        let of = |leg: &&mut Leg| {
            leg.tap
                .as_ref()
                .is_some_and(|tap| tap.recording() == recording)
        };
        if let Some(tap) = self
            .legs
            .values_mut()
            .find(of)
            .and_then(|leg| leg.tap.take())
        {
            end_tap(tap, out);
        }
    }

    fn mix(&mut self, room: RoomId, plan: &MixPlan) {
        let before = match plan.seats.is_empty() {
            true => self.rooms.remove(&room),
            false => self.rooms.insert(room, plan.clone()),
        };
        // Whoever left hears nothing, unless another room has him already.
        let left = before.unwrap_or_default().seats;
        for leg in left.difference(&plan.seats) {
            if !self.rooms.values().any(|plan| plan.seats.contains(leg))
                && let Some(known) = self.legs.get_mut(leg)
            {
                known.hearing = Hearing::Nothing;
                self.wire_leg(*leg);
            }
        }
        self.wire_room(room);
    }

    fn wire_rooms_of(&mut self, leg: LegId) {
        let rooms = self.rooms.iter();
        let rooms: Vec<_> = rooms
            .filter(|(_, plan)| plan.seats.contains(&leg))
            .map(|(room, _)| *room)
            .collect();
        for room in rooms {
            self.wire_room(room);
        }
        self.wire_leg(leg);
    }

    fn wire_room(&mut self, room: RoomId) {
        let Some(plan) = self.rooms.get(&room) else {
            return;
        };
        for (listener, hearing) in hearings(plan) {
            if let Some(known) = self.legs.get_mut(&listener) {
                known.hearing = hearing;
            }
            self.wire_leg(listener);
        }
    }

    /// Decides how a leg gets what it hears: forwarded, or made of what others say, who must then be decoded.
    fn wire_leg(&mut self, leg: LegId) {
        let Some(listener) = self.legs.get_mut(&leg) else {
            return;
        };
        for speaker in listener.unhook() {
            if let Some(speaker) = self.legs.get_mut(&speaker) {
                speaker.forwards_to.retain(|listener| *listener != leg);
                speaker.is_decoded_for.remove(&leg);
            }
        }
        let Some(listener) = self.legs.get(&leg) else {
            return;
        };
        let like = |speaker: &LegId| {
            let speaker = self.legs.get(speaker);
            speaker.is_some_and(|speaker| speaker.sounds_like(listener))
        };
        let speakers = match &listener.hearing {
            _ if listener.echo => vec![leg],
            Hearing::Nothing => Vec::new(),
            Hearing::One(speaker) => vec![*speaker],
            Hearing::Many(speakers) => speakers.clone(),
        };
        let forwarded =
            matches!(&*speakers, [speaker] if listener.can_be_forwarded_to() && like(speaker));
        for speaker in &speakers {
            match self.legs.get_mut(speaker) {
                Some(speaker) if forwarded => speaker.forwards_to.push(leg),
                Some(speaker) => drop(speaker.is_decoded_for.insert(leg)),
                None => {}
            }
            self.set_busy(*speaker);
        }
        if let Some(listener) = self.legs.get_mut(&leg) {
            listener.hook(speakers, forwarded);
        }
        self.set_busy(leg);
    }

    fn set_busy(&mut self, leg: LegId) {
        match self.legs.get(&leg) {
            Some(known) if known.is_busy() => drop(self.busy.insert(leg)),
            Some(_) | None => drop(self.busy.remove(&leg)),
        }
    }
}

fn end_tap(mut tap: Tap, out: &mut impl Out) {
    tap.hand_over(out);
    out.recorded_all(tap.recording());
}

fn tell_end(leg: LegId, player: Option<Player>, end: PlayEnd, out: &mut impl Out) {
    if let Some(player) = player {
        let event = LegEvent::Played(player.play(), end);
        out.event(MediaEvent::Leg(leg, event));
    }
}

/// Adds sound to sound; what is too loud is held at the limit.
fn add(to: &mut [i16; FRAME], from: &[i16; FRAME]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.saturating_add(*from);
    }
}

/// Samples a second.
pub(crate) const RATE_HZ: u32 = 8_000;
/// Samples of 20 ms.
const FRAME: usize = 160;
/// 20 ms.
const FRAME_TIME: std::time::Duration = std::time::Duration::from_millis(20);
/// How often silent parties are looked for.
const LOOK_FOR_SILENCE_EVERY: std::time::Duration = std::time::Duration::from_secs(1);
