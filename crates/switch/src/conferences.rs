//! Which conference rooms are in use, and by whom.

use crate::Switch;
use crate::cx::Cx;
use crate::features::Event;
use model::{Fact, LegId, Number, Party, RoomId};

impl Cx<'_> {
    /// Puts a leg into a conference room, and tells the others that somebody came. Returns how many are there.
    pub(crate) fn join_conference(&mut self, leg: LegId, number: Number) -> u32 {
        let state = &mut self.switch.state;
        let known = state.conferences.get(&number).copied();
        let room = known.unwrap_or_else(|| RoomId(state.ids.other()));
        state.conferences.insert(number, room);
        self.switch.seat(leg, Some(room));
        self.switch.tell_company(room, leg);
        if known.is_none() {
            let party = self.directory().rooms.get(&number);
            let name = party.map(|room| room.name.clone()).unwrap_or_default();
            let party = Party {
                number: Some(number),
                name,
            };
            self.switch.fact(Fact::Lamp(number, Some(party)));
        }
        self.conference_size(&number)
    }

    /// How many are in a conference room.
    pub(crate) fn conference_size(&self, number: &Number) -> u32 {
        let room = self.switch.state.conferences.get(number);
        let present = room.map_or(0, |room| self.switch.talkers(*room).count());
        u32::try_from(present).unwrap_or(u32::MAX)
    }

    pub(crate) fn conference_is_full(&self, number: &Number) -> bool {
        let room = self.directory().rooms.get(number);
        let most = room.and_then(|room| room.max_members);
        most.is_some_and(|most| self.conference_size(number) >= most.get())
    }
}

impl Switch {
    /// Those in a room who are part of what is said there.
    pub(crate) fn talkers(&self, room: RoomId) -> impl Iterator<Item = LegId> {
        let seats = self.state.rooms.get(&room).into_iter().flatten().copied();
        seats.filter(|leg| {
            let leg = self.state.legs.get(leg);
            leg.is_some_and(|leg| leg.watches.is_none())
        })
    }

    /// Somebody joined or left a conference: the others hear so.
    pub(crate) fn tell_company(&mut self, room: RoomId, but: LegId) {
        if !self.state.conferences.values().any(|known| *known == room) {
            return;
        }
        let others = self.talkers(room).filter(|leg| *leg != but);
        let calls: alloc::vec::Vec<_> = others.filter_map(|leg| self.call_of(leg)).collect();
        for call in calls {
            self.inbox.push_back((call, Event::Company));
        }
    }

    /// A room is closed: if it was a conference, that is over.
    pub(crate) fn close_conference(&mut self, room: RoomId) {
        let mut known = self.state.conferences.iter();
        let number = known.find(|(_, known)| **known == room);
        if let Some(number) = number.map(|(number, _)| *number) {
            self.state.conferences.remove(&number);
            self.fact(Fact::Lamp(number, None));
        }
    }
}
