//! Rooms, and how sound gets from one leg to the other. This happens when a call changes, not with each packet.

use super::leg::{Leg, Shift, Source, Want, Wanted};
use super::mix::{Mix, Standing, Ticket};
use super::relay::Payload;
use super::{Counts, Engine, HALF_TIME, Legs, Out};
use crate::Rate;
use model::{LegId, MixPlan, RoomId, Switched};
use rtp::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A room.
#[derive(Debug, Default)]
pub(super) struct Room {
    plan: MixPlan,
    /// For those who cannot be relayed.
    mixes: Vec<Mix>,
    shift: Shift,
}

impl Room {
    /// One slot of all that is mixed in it.
    pub(super) fn slot(
        &mut self,
        (now, slot): (Time, u64),
        legs: &mut Legs,
        counts: &mut Counts,
        out: &mut impl Out,
    ) {
        let number = self.shift.number(slot);
        for mix in &mut self.mixes {
            mix.slot((now, number), legs, counts, out);
        }
    }
}

/// Who comes, goes and is there.
impl Engine {
    pub(super) fn mix(&mut self, now: Time, room: RoomId, plan: &MixPlan) {
        let before = self.rooms.get(&room).map(|room| &room.plan.seats);
        let left = before.into_iter().flatten().copied().filter(|leg| {
            // Another room may have him already.
            !plan.seats.contains(leg) && self.seats.get(leg) == Some(&room)
        });
        let left: Vec<_> = left.collect();
        for leg in &left {
            self.depart(*leg);
            self.seats.remove(leg);
        }
        let mut others = BTreeSet::new();
        for leg in &plan.seats {
            if let Some(other) = self.seats.get(leg).filter(|other| **other != room) {
                others.insert(*other);
                self.depart(*leg);
            }
            self.seats.insert(*leg, room);
        }
        let shift = Shift::of(room.0);
        if plan.seats.is_empty() {
            self.rooms.remove(&room);
            self.halves[shift.half].rooms.remove(&room);
        } else {
            let known = self.rooms.entry(room).or_default();
            known.plan = plan.clone();
            known.shift = shift;
        }
        for leg in left {
            self.wire_alone(leg);
        }
        for other in others {
            self.rewire(other);
        }
        self.rewire(room);
        self.wake(now);
    }

    pub(super) fn put(&mut self, leg: LegId, new: Box<Leg>) {
        self.depart(leg);
        self.legs.insert(leg, new);
        self.wire_around(leg);
    }

    /// Takes a leg out of the mix that it hears.
    pub(super) fn depart(&mut self, leg: LegId) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        let room = self.seats.get(&leg);
        let room = room.and_then(|room| self.rooms.get_mut(room));
        if let (Some(room), Some(ticket)) = (room, known.ticket)
            && let Some(mix) = room.mixes.get_mut(ticket.mix)
        {
            mix.part(leg, known);
        }
        known.ticket = None;
    }

    /// Forgets that a leg has slots.
    pub(super) fn forget(&mut self, leg: LegId) {
        for half in &mut self.halves {
            half.voices.remove(&leg);
            half.legs.remove(&leg);
        }
    }

    /// Slots begin here, unless they go on already.
    pub(super) fn wake(&mut self, now: Time) {
        if now.since(self.next_slot) > HALF_TIME {
            self.next_slot = now;
        }
    }
}

/// Who hears whom, and how.
impl Engine {
    /// Wires a leg and all who are in the room with it.
    pub(super) fn wire_around(&mut self, leg: LegId) {
        match self.seats.get(&leg).copied() {
            Some(room) if self.rooms.contains_key(&room) => self.rewire(room),
            Some(_) | None => self.wire_alone(leg),
        }
    }

    /// Wires a room, at once or before the next slot.
    fn rewire(&mut self, id: RoomId) {
        let seats = self.rooms.get(&id).map_or(0, |room| room.plan.seats.len());
        if seats > WIRED_AT_ONCE_MAX {
            self.unwired.insert(id);
        } else {
            self.unwired.remove(&id);
            self.wire_room(id);
        }
    }

    /// Wires a leg that is in no room.
    fn wire_alone(&mut self, leg: LegId) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return;
        };
        known.relays_to.clear();
        known.ticket = None;
        known.wanted = Wanted::default();
        known.rate = room_rate(&mut [known.native_rate()]);
        known.shift = Shift::of(leg.0);
        let source = echo(leg, known).unwrap_or(Source::None);
        known.hear_from(source);
        if let Source::Relayed(..) = source {
            known.relays_to.push(leg);
        }
        self.refresh(leg);
    }

    /// Decides how each leg of a room gets what it hears: relayed, or mixed of what others say, who must then be
    /// decoded.
    pub(super) fn wire_room(&mut self, id: RoomId) {
        let Self {
            rooms, legs, seats, ..
        } = self;
        let Some(room) = rooms.get_mut(&id) else {
            return;
        };
        let is_there = |leg: &&LegId| seats.get(leg) == Some(&id) && legs.contains_key(leg);
        let present: Vec<_> = room.plan.seats.iter().filter(is_there).copied().collect();
        let natives = present.iter().filter_map(|leg| legs.get(leg));
        let mut natives: Vec<_> = natives.map(|leg| leg.native_rate()).collect();
        let rate = room_rate(&mut natives);
        let mut audiences = audiences(&room.plan, &present, legs);
        let sources = sources(&present, &audiences, legs);
        for leg in &present {
            if let Some(known) = legs.get_mut(leg) {
                known.relays_to.clear();
                known.rate = rate;
                known.shift = room.shift;
                known.wanted = Wanted::default();
                known.hear_from(sources.get(leg).copied().unwrap_or_default());
            }
        }
        for audience in &mut audiences {
            let is_mixed = |leg: &LegId| sources.get(leg) == Some(&Source::Mixed);
            audience.listeners.retain(is_mixed);
        }
        audiences.retain(|audience| !audience.listeners.is_empty());
        want(&present, &audiences, &sources, legs);
        for leg in &present {
            if let Some(known) = legs.get_mut(leg) {
                known.equip();
            }
        }
        room.seat(audiences, rate, &present, legs);
        let half = &mut self.halves[room.shift.half];
        if room.mixes.is_empty() {
            half.rooms.remove(&id);
        } else {
            half.rooms.insert(id);
        }
        for leg in present {
            self.refresh(leg);
        }
    }

    /// Takes note of what a leg has to do.
    pub(super) fn refresh(&mut self, leg: LegId) {
        let Some(known) = self.legs.get_mut(&leg) else {
            return self.forget(leg);
        };
        known.equip();
        let is_alone = known.has_own_sound() || known.is_taken_down();
        if let Some(ticket) = known.ticket.filter(|_| is_alone)
            && let Some(room) = self.seats.get(&leg)
            && let Some(room) = self.rooms.get_mut(room)
            && let Some(mix) = room.mixes.get_mut(ticket.mix)
        {
            mix.part(leg, known);
        }
        let (half, speaks, is_active) =
            (known.shift.half, known.voice.is_some(), known.is_active());
        self.forget(leg);
        let half = &mut self.halves[half];
        if speaks {
            half.voices.insert(leg);
        }
        if is_active {
            half.legs.insert(leg);
        }
    }
}

impl Room {
    /// Seats the audiences in mixes. Whoever hears the same as before goes on hearing it without a seam.
    fn seat(&mut self, audiences: Vec<Audience>, rate: Rate, present: &[LegId], legs: &mut Legs) {
        let before = std::mem::take(&mut self.mixes);
        let mut before: Vec<_> = before.into_iter().map(Some).collect();
        let mut after: Vec<(Option<usize>, Mix)> = Vec::new();
        let mut places = BTreeMap::new();
        for (place, audience) in audiences.iter().enumerate() {
            let tickets = audience
                .listeners
                .iter()
                .filter_map(|leg| legs.get(leg)?.ticket);
            let known = tickets.map(|ticket| ticket.mix).find(|mix| {
                let mix = before.get(*mix).and_then(Option::as_ref);
                mix.is_some_and(|mix| mix.rate() == rate)
            });
            let kept = known.and_then(|mix| before.get_mut(mix)?.take());
            after.push((known, kept.unwrap_or_else(|| Mix::new(rate))));
            places.extend(audience.listeners.iter().map(|leg| (*leg, place)));
        }
        // Whoever comes to another mix takes along how far its packets are.
        for id in present {
            let Some(leg) = legs.get_mut(id) else {
                continue;
            };
            let Some(ticket) = leg.ticket else { continue };
            let kept = after
                .iter()
                .position(|(known, _)| *known == Some(ticket.mix));
            let form = leg.form();
            if kept.is_some() && kept == places.get(id).copied() && form == Some(ticket.form) {
                continue;
            }
            let mix = match kept {
                Some(kept) => after.get_mut(kept).map(|(_, mix)| mix),
                None => before.get_mut(ticket.mix).and_then(Option::as_mut),
            };
            if let Some(mix) = mix {
                mix.part(*id, leg);
            }
            leg.ticket = None;
        }
        for (place, ((_, mix), audience)) in after.iter_mut().zip(audiences).enumerate() {
            let count = audience.listeners.len();
            mix.reseat(audience.speakers);
            let mut forms = BTreeSet::new();
            for id in audience.listeners {
                let Some(leg) = legs.get_mut(&id) else {
                    continue;
                };
                let Some(form) = leg.form() else { continue };
                let standing = match (&leg.packer, leg.ticket) {
                    (None, _) => Standing::Together,
                    (Some(_), Some(ticket)) => ticket.standing,
                    (Some(_), None) => Standing::Apart(0),
                };
                mix.seat(id, form, standing);
                forms.insert(form);
                leg.ticket = Some(Ticket {
                    mix: place,
                    form,
                    standing,
                });
            }
            mix.seated(count);
            mix.forget_unused(|form| forms.contains(form));
        }
        self.mixes = after.into_iter().map(|(_, mix)| mix).collect();
    }
}

/// Listeners who hear the same speakers, each of them all but himself.
struct Audience {
    /// In order.
    speakers: Vec<LegId>,
    listeners: Vec<LegId>,
}

/// Who of those present hears whom. Groups may overlap: whoever is in the same ones hears the same.
fn audiences(plan: &MixPlan, present: &[LegId], legs: &Legs) -> Vec<Audience> {
    let mut groups_of = BTreeMap::<LegId, Vec<usize>>::new();
    for (place, group) in plan.groups.iter().enumerate() {
        for listener in &group.listeners {
            groups_of.entry(*listener).or_default().push(place);
        }
    }
    let mut listeners_of = BTreeMap::<Vec<usize>, Vec<LegId>>::new();
    for leg in present {
        if let Some(groups) = groups_of.remove(leg) {
            listeners_of.entry(groups).or_default().push(*leg);
        }
    }
    let is_heard = |leg: &LegId| {
        let line = legs.get(leg).and_then(|leg| leg.line.as_ref());
        line.is_some_and(|line| line.stream.direction.receives())
            && present.binary_search(leg).is_ok()
    };
    let audience = |(groups, listeners): (Vec<usize>, _)| {
        let groups = groups
            .into_iter()
            .filter_map(|place| plan.groups.get(place));
        let speakers: BTreeSet<_> = groups.flat_map(|group| &group.speakers).copied().collect();
        Audience {
            speakers: speakers.into_iter().filter(is_heard).collect(),
            listeners,
        }
    };
    listeners_of.into_iter().map(audience).collect()
}

/// How each of those present gets what it hears.
fn sources(present: &[LegId], audiences: &[Audience], legs: &Legs) -> BTreeMap<LegId, Source> {
    let echoed = present
        .iter()
        .filter_map(|leg| Some((*leg, echo(*leg, legs.get(leg)?)?)));
    let mut sources: BTreeMap<_, _> = echoed.collect();
    for audience in audiences {
        for listener in &audience.listeners {
            let source = source(*listener, &audience.speakers, legs);
            sources.entry(*listener).or_insert(source);
        }
    }
    sources
}

/// How a leg that is to hear itself does so; `None` when it is not to.
fn echo(id: LegId, leg: &Leg) -> Option<Source> {
    let line = leg.line.as_ref().filter(|_| leg.echo == Switched::On)?;
    let payload = Payload::between(&line.says, &line.stream.codec);
    Some(match payload.filter(|_| !line.hears_keys()) {
        Some(payload) => Source::Relayed(id, payload),
        None if line.speaks.is_some() && line.hears.is_some() => Source::Echoed,
        None => Source::None,
    })
}

fn source(listener: LegId, speakers: &[LegId], legs: &Legs) -> Source {
    let line_of = |leg: &LegId| legs.get(leg).and_then(|leg| leg.line.as_ref());
    let Some(hears) = line_of(&listener) else {
        return Source::None;
    };
    let is_taped = legs.get(&listener).is_some_and(|leg| leg.is_taken_down());
    if !hears.stream.direction.sends() && !is_taped {
        return Source::None;
    }
    let mut others = speakers.iter().filter(|speaker| **speaker != listener);
    let (first, second) = (others.next(), others.next());
    let mixed = hears.hears.map_or(Source::None, |_| Source::Mixed);
    match (first, second) {
        (None, _) => Source::None,
        (Some(_), Some(_)) => mixed,
        (Some(speaker), None) => {
            let Some(says) = line_of(speaker) else {
                return Source::None;
            };
            let payload = Payload::between(&says.says, &hears.stream.codec);
            let length = says.says.ptime_ms == hears.stream.codec.ptime_ms;
            match (payload, length) {
                // Its keys must be taken out.
                (_, _) if says.hears_keys() && hears.hears.is_some() => mixed,
                (Some(payload), true) => Source::Relayed(*speaker, payload),
                (_, _) if says.speaks.is_some() && hears.hears.is_some() => mixed,
                // Whoever gets packets of another length than he wished can take them all the same.
                (Some(payload), false) => Source::Relayed(*speaker, payload),
                // Nobody here understands both.
                (None, _) => Source::None,
            }
        }
    }
}

/// Notes what is wanted of each, and who relays to whom.
fn want(
    present: &[LegId],
    audiences: &[Audience],
    sources: &BTreeMap<LegId, Source>,
    legs: &mut Legs,
) {
    for audience in audiences {
        for speaker in &audience.speakers {
            if let Some(leg) = legs.get_mut(speaker) {
                leg.wanted.voice = Want::Yes;
            }
        }
        for listener in &audience.listeners {
            // Only who is heard may ever hear something of his own.
            let is_heard = audience.speakers.binary_search(listener).is_ok();
            if let Some(leg) = legs.get_mut(listener).filter(|_| is_heard) {
                leg.wanted.packer = Want::Yes;
            }
        }
    }
    for listener in present {
        let Some(Source::Relayed(speaker, _)) = sources.get(listener) else {
            continue;
        };
        let is_taped = legs.get(listener).is_some_and(|leg| leg.tap.is_some());
        if let Some(leg) = legs.get_mut(speaker) {
            leg.relays_to.push(*listener);
            if is_taped {
                leg.wanted.voice = Want::Yes;
            }
        }
    }
}

/// The rate of a room: the second highest of its seats, for nobody else could hear what is above it.
fn room_rate(natives: &mut [Option<Rate>]) -> Rate {
    natives.sort_unstable_by(|one, other| other.cmp(one));
    match natives.iter().flatten().collect::<Vec<_>>()[..] {
        [_, second, ..] => *second,
        // Nothing that is played to one alone has more in it.
        [only] => (*only).min(Rate::Wide),
        [] => Rate::Narrow,
    }
}

/// So many seats are wired in less time than a packet takes. A big room ends with all of its parties leaving at once.
const WIRED_AT_ONCE_MAX: usize = 32;
