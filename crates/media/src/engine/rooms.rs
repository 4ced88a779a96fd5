//! Rooms, and how sound gets from one leg to the other.

use super::leg::{Leg, Source};
use super::{Engine, SLOT_TIME};
use model::{LegId, MixPlan, RoomId, Switched};
use rtp::Time;
use std::collections::BTreeSet;

/// Rooms, and how sound gets from one to the other. This happens when a call changes, not with each packet.
impl Engine {
    pub(super) fn mix(&mut self, now: Time, room: RoomId, plan: &MixPlan) {
        let before = match plan.seats.is_empty() {
            true => self.rooms.remove(&room),
            false => self.rooms.insert(room, plan.clone()),
        };
        let mut changed = plan.seats.clone();
        // Whoever left hears nothing, unless another room has him already.
        for leg in before.unwrap_or_default().seats {
            if self.seats.get(&leg) == Some(&room) {
                self.seats.remove(&leg);
                changed.insert(leg);
            }
        }
        for leg in &plan.seats {
            if let Some(other) = self.seats.insert(*leg, room).filter(|other| *other != room) {
                // Those of the room that it comes from hear it no more.
                let left = self
                    .rooms
                    .get(&other)
                    .into_iter()
                    .flat_map(|plan| &plan.seats);
                changed.extend(left);
            }
        }
        for leg in &changed {
            self.wire(*leg);
        }
        self.wake(now);
    }

    pub(super) fn put(&mut self, leg: LegId, new: Box<Leg>) {
        self.unhook(leg);
        self.legs.insert(leg, new);
        self.wire_around(leg);
    }

    /// Wires a leg and all who are in the room with it.
    pub(super) fn wire_around(&mut self, leg: LegId) {
        let plan = self.seats.get(&leg).and_then(|room| self.rooms.get(room));
        let others: Vec<_> = plan
            .into_iter()
            .flat_map(|plan| &plan.seats)
            .copied()
            .collect();
        self.wire(leg);
        for other in others {
            if other != leg {
                self.wire(other);
            }
        }
    }

    /// Decides how a leg gets what it hears: relayed, or made of what others say, who must then be decoded.
    pub(super) fn wire(&mut self, leg: LegId) {
        let before = self.unhook(leg);
        let room = self
            .seats
            .get(&leg)
            .and_then(|room| Some((*room, self.rooms.get(room)?)));
        let hearing = room.map_or(Hearing::Nothing, |(room, plan)| {
            // Who has gone to another room is not heard in this one.
            self.without_absent(room, hearing(plan, leg))
        });
        let Some(listener) = self.legs.get_mut(&leg) else {
            return;
        };
        listener.hearing = hearing;
        let source = self.source(leg);
        self.hook(leg, source, &before);
    }

    fn without_absent(&self, room: RoomId, hearing: Hearing) -> Hearing {
        let is_there =
            |leg: &LegId| self.seats.get(leg) == Some(&room) && self.legs.contains_key(leg);
        match hearing {
            Hearing::Many(mut speakers) => {
                speakers.retain(is_there);
                match speakers[..] {
                    [] => Hearing::Nothing,
                    [speaker] => Hearing::One(speaker),
                    [..] => Hearing::Many(speakers),
                }
            }
            Hearing::One(speaker) if !is_there(&speaker) => Hearing::Nothing,
            other => other,
        }
    }

    fn source(&self, leg: LegId) -> Source {
        let Some(listener) = self.legs.get(&leg) else {
            return Source::None;
        };
        let speaker = match (listener.echo, &listener.hearing) {
            (Switched::On, _) => leg,
            (Switched::Off, Hearing::Nothing) => return Source::None,
            (Switched::Off, Hearing::One(speaker)) => *speaker,
            (Switched::Off, Hearing::Many(speakers)) => return Source::Made(speakers.clone()),
        };
        let lines = self.legs.get(&speaker).map(|leg| &leg.line);
        let (Some(Some(says)), Some(hears)) = (lines, &listener.line) else {
            return Source::None;
        };
        let same = says.says.matches(&hears.stream.codec);
        let length = says.says.ptime_ms == hears.stream.codec.ptime_ms;
        let made = says.is_decodable() && hears.encoder.is_some();
        match (same, length, made) {
            (true, true, _) | (true, false, false) => Source::Relayed(speaker),
            (true, false, true) | (false, _, true) => Source::Made(vec![speaker]),
            // Nobody here understands both.
            (false, _, false) => Source::None,
        }
    }

    /// Lets a leg's sound come from there.
    fn hook(&mut self, leg: LegId, source: Source, before: &Source) {
        let Some(listener) = self.legs.get_mut(&leg) else {
            return;
        };
        if source != *before {
            listener.sender.break_off();
        }
        let is_taped = listener.tap.is_some();
        listener.source = source.clone();
        for speaker in source.speakers() {
            if let Some(known) = self.legs.get_mut(speaker) {
                if matches!(source, Source::Relayed(_)) {
                    known.relays_to.push(leg);
                }
                if matches!(source, Source::Made(_)) || is_taped {
                    known.decoded_for.push(leg);
                }
            }
            self.refresh(*speaker);
        }
        if is_taped && let Some(listener) = self.legs.get_mut(&leg) {
            listener.decoded_for.push(leg);
        }
        self.refresh(leg);
    }

    /// Cuts a leg off from whomever it hears; returns how it heard them.
    pub(super) fn unhook(&mut self, leg: LegId) -> Source {
        let Some(listener) = self.legs.get_mut(&leg) else {
            return Source::None;
        };
        listener.decoded_for.retain(|listener| *listener != leg);
        let source = std::mem::take(&mut listener.source);
        for speaker in source.speakers() {
            if let Some(known) = self.legs.get_mut(speaker) {
                known.relays_to.retain(|listener| *listener != leg);
                known.decoded_for.retain(|listener| *listener != leg);
            }
            self.refresh(*speaker);
        }
        source
    }

    /// Takes note of what a leg has to do.
    pub(super) fn refresh(&mut self, leg: LegId) {
        let known = self.legs.get_mut(&leg);
        match known {
            Some(known) => {
                known.equip();
                if known.is_active() {
                    self.active.insert(leg);
                } else {
                    self.active.remove(&leg);
                }
            }
            None => {
                self.active.remove(&leg);
            }
        }
    }

    /// Slots begin here, unless they go on already.
    pub(super) fn wake(&mut self, now: Time) {
        if now.since(self.next_slot) > SLOT_TIME {
            self.next_slot = now;
        }
    }
}

/// What the room lets a leg hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// Nothing.
    #[default]
    Nothing,
    /// One other leg.
    One(LegId),
    /// Several.
    Many(Vec<LegId>),
}

/// What a seat of a plan hears.
fn hearing(plan: &MixPlan, leg: LegId) -> Hearing {
    let groups = plan.groups.iter();
    let heard = groups.filter(|group| group.listeners.contains(&leg));
    let heard: BTreeSet<_> = heard.flat_map(|group| &group.speakers).copied().collect();
    let speakers: Vec<_> = heard
        .into_iter()
        .filter(|speaker| *speaker != leg && plan.seats.contains(speaker))
        .collect();
    match speakers[..] {
        [] => Hearing::Nothing,
        [speaker] => Hearing::One(speaker),
        [..] => Hearing::Many(speakers),
    }
}
