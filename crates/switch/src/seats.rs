//! Who sits in which room, and so who hears whom.

use crate::Switch;
use crate::cx::Cx;
use crate::mix;
use alloc::vec;
use core::mem;
use model::{Effect, Keys, LegId, Number, RoomId, Sound};

impl Cx<'_> {
    /// Puts exactly these legs together in a room. Those who are alone together already stay there, so that
    /// their sound is not interrupted.
    pub(crate) fn talk(&mut self, legs: &[LegId]) {
        if self.are_alone_together(legs) {
            return;
        }
        let room = RoomId(self.switch.state.ids.other());
        for &leg in legs {
            self.switch.seat(leg, Some(room));
        }
    }

    fn are_alone_together(&self, legs: &[LegId]) -> bool {
        let room = legs.first().and_then(|leg| self.room(*leg));
        let Some(room) = room else {
            return false;
        };
        self.switch.talkers(room).count() == legs.len()
            && legs.iter().all(|leg| self.room(*leg) == Some(room))
            && !self.switch.is_conference(room)
    }

    fn room(&self, leg: LegId) -> Option<RoomId> {
        self.switch.state.legs.get(&leg)?.room
    }

    /// Takes a leg out of its room: it hears nobody, and nobody hears it.
    pub(crate) fn aside(&mut self, leg: LegId) {
        self.switch.seat(leg, None);
    }

    /// Lets a leg wait with music.
    pub(crate) fn hold(&mut self, leg: LegId, music: Sound) {
        self.aside(leg);
        self.play(leg, vec![music], Keys::Report);
    }

    /// What somebody hears whom this leg puts on hold.
    pub(crate) fn music_by(&self, holder: LegId) -> Sound {
        let holder = self.extension(holder);
        self.music_of(holder.as_ref())
    }

    /// What somebody hears whom an extension puts on hold.
    pub(crate) fn music_of(&self, holder: Option<&Number>) -> Sound {
        let directory = self.directory();
        let holder = holder.and_then(|holder| directory.extension(holder));
        directory.music(holder.and_then(|holder| holder.music.as_ref()))
    }

    /// Shows two parties to one another (XF-09).
    pub(crate) fn introduce(&mut self, a: LegId, b: LegId) {
        for (leg, other) in [(a, b), (b, a)] {
            let legs = &mut self.switch.state.legs;
            let Some(party) = legs.get(&other).map(|other| other.party.clone()) else {
                continue;
            };
            if let Some(leg_of) = legs.get_mut(&leg)
                && leg_of.shown.as_ref() != Some(&party)
            {
                leg_of.shown = Some(party.clone());
                self.switch.effects.push(Effect::Identify(leg, party));
            }
        }
    }
}

impl Switch {
    /// Takes a leg out of its room and puts it into another; those who watch it come along.
    pub(crate) fn seat(&mut self, id: LegId, room: Option<RoomId>) {
        let Some(leg) = self.state.legs.get_mut(&id) else {
            return;
        };
        let old = mem::replace(&mut leg.room, room);
        if old == room {
            // What it says of itself may be different.
            self.remixed.extend(room);
            return;
        }
        if let Some(old) = old {
            self.unseat(id, old);
        }
        if let Some(room) = room {
            self.state.rooms.entry(room).or_default().insert(id);
            self.remixed.insert(room);
        }
        for watcher in self.state.watchers.get(&id).cloned().unwrap_or_default() {
            self.seat(watcher, room);
        }
    }

    pub(crate) fn unseat(&mut self, leg: LegId, room: RoomId) {
        if let Some(seats) = self.state.rooms.get_mut(&room) {
            seats.remove(&leg);
            self.remixed.insert(room);
            self.tell_company(room, leg);
        }
    }

    /// Says of each room that changed who hears whom in it; a room that is empty is closed by that.
    pub(crate) fn tell_mixes(&mut self) {
        for room in mem::take(&mut self.remixed) {
            let Some(seats) = self.state.rooms.get(&room) else {
                continue;
            };
            let legs = &self.state.legs;
            let seated = seats.iter().filter_map(|id| {
                legs.get(id).map(|leg| mix::Seat {
                    leg: *id,
                    held: leg.held,
                    voice: leg.voice,
                    watches: leg.watches,
                })
            });
            let plan = mix::plan(seated);
            if seats.is_empty() {
                self.state.rooms.remove(&room);
                self.leave_room(room);
            }
            self.effects.push(Effect::Mix(room, plan));
        }
    }
}
