//! Conferences in progress: who is in them, who is heard there, and what the others are told.
//!
//! A party is a member from when it joins until it leaves for good; it has a seat only while it hears the others. It has
//! none while it waits for an administrator, or is away to invite somebody.

use crate::Switch;
use crate::cx::Cx;
use crate::features::{Event, Phase};
use crate::mix::Voice;
use crate::state::Leg;
use crate::tape::Tape;
use alloc::vec::Vec;
use model::{Fact, LegId, Number, Party, RoomCommand, RoomFact, RoomId, RoomRole, Switched, Wall};
use serde::{Deserialize, Serialize};

/// A conference in progress. It is over when nobody is a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meeting {
    /// Where those sit who hear one another; `None` while nobody does.
    pub(crate) room: Option<RoomId>,
    /// Whether only administrators are let in.
    pub(crate) lock: Switched,
    /// In the order in which they came.
    pub(crate) members: Vec<Member>,
    /// What is recorded of it.
    pub(crate) tape: Tape,
}

/// A party of a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) leg: LegId,
    pub(crate) role: RoomRole,
    pub(crate) voice: Voice,
    pub(crate) since: Wall,
}

/// What a party of a conference is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Company {
    /// Others are heard who were not, or no longer.
    Changed,
    /// Somebody joined.
    Joined,
    /// Somebody left for good.
    Left,
    /// It is heard no longer, or again.
    Muted(Switched),
    /// It is to leave.
    Removed,
    /// The last administrator left, and that is the end.
    Deserted,
    /// It is over.
    Closed,
}

/// What a party may know and do.
impl Cx<'_> {
    /// Makes a leg a member.
    pub(crate) fn join_conference(&mut self, leg: LegId, number: Number, role: RoomRole) {
        self.switch.join_conference(leg, number, role);
    }

    /// Lets a member hear the others and be heard.
    pub(crate) fn sit(&mut self, leg: LegId, number: Number) {
        let state = &mut self.switch.state;
        let Some(meeting) = state.conferences.get_mut(&number) else {
            return;
        };
        let room = *meeting
            .room
            .get_or_insert_with(|| RoomId(state.ids.other()));
        let voice = meeting.member(leg).map_or(Voice::Heard, |own| own.voice);
        if let Some(leg) = state.legs.get_mut(&leg) {
            leg.voice = voice;
        }
        self.switch.seat(leg, Some(room));
        self.switch.tell_company(room, leg);
        self.switch.tape_conference(number);
    }

    /// Lets a member hear nobody for a while; it stays one.
    pub(crate) fn stand(&mut self, leg: LegId) {
        self.aside(leg);
        if let Some(leg) = self.switch.state.legs.get_mut(&leg) {
            leg.voice = Voice::Heard;
        }
    }

    /// Lets a leg leave its conference for good.
    pub(crate) fn leave_conference(&mut self, leg: LegId) {
        self.switch.leave_conference(leg);
    }

    /// How many are members of a conference.
    pub(crate) fn conference_size(&self, number: &Number) -> u32 {
        let meeting = self.meeting(number);
        let present = meeting.map_or(0, |meeting| meeting.members.len());
        u32::try_from(present).unwrap_or(u32::MAX)
    }

    pub(crate) fn conference_is_full(&self, number: &Number) -> bool {
        let room = self.directory().rooms.get(number);
        let most = room.and_then(|room| room.max_members);
        most.is_some_and(|most| self.conference_size(number) >= most.get())
    }

    /// Whether somebody is kept out who comes as this.
    pub(crate) fn conference_is_locked(&self, number: &Number, role: RoomRole) -> bool {
        let meeting = self.meeting(number);
        role == RoomRole::Member && meeting.is_some_and(|meeting| meeting.lock == Switched::On)
    }

    /// Whether a member hears nobody because there is no administrator.
    pub(crate) fn waits_for_administrator(&self, number: &Number, role: RoomRole) -> bool {
        let room = self.directory().rooms.get(number);
        let meeting = self.meeting(number);
        role == RoomRole::Member
            && room.is_some_and(|room| room.wait_for_admin)
            && !meeting.is_some_and(Meeting::has_administrator)
    }

    /// Whether nobody else is heard in a conference.
    pub(crate) fn is_alone_in(&self, number: &Number) -> bool {
        let room = self.meeting(number).and_then(|meeting| meeting.room);
        room.is_none_or(|room| self.switch.talkers(room).count() <= 1)
    }

    /// Lets a member be heard no longer, or again, as he wants it himself; returns whether he is muted.
    pub(crate) fn toggle_mute(&mut self, leg: LegId, number: &Number) -> Switched {
        let meeting = self.meeting(number);
        let own = meeting.and_then(|meeting| meeting.member(leg));
        let muted = match own.map(|own| own.voice) {
            Some(Voice::Heard) => Switched::On,
            Some(Voice::Unheard) | None => Switched::Off,
        };
        self.switch.mute(*number, leg, muted);
        muted
    }

    /// Locks a conference, or unlocks it; returns whether it is locked.
    pub(crate) fn toggle_lock(&mut self, number: &Number) -> Switched {
        let locked = match self.meeting(number).map(|meeting| meeting.lock) {
            Some(Switched::Off) => Switched::On,
            Some(Switched::On) | None => Switched::Off,
        };
        self.switch.lock(*number, locked);
        locked
    }

    /// Sends away who came last, but not who asks for it.
    pub(crate) fn remove_last(&mut self, number: &Number, by: LegId) {
        let members = self.meeting(number).map(|meeting| meeting.members.iter());
        let last = members.and_then(|mut all| all.rfind(|member| member.leg != by));
        if let Some(leg) = last.map(|last| last.leg) {
            self.switch.tell_member(leg, Company::Removed);
        }
    }

    fn meeting(&self, number: &Number) -> Option<&Meeting> {
        self.switch.state.conferences.get(number)
    }
}

impl Meeting {
    pub(crate) fn member(&self, leg: LegId) -> Option<&Member> {
        self.members.iter().find(|member| member.leg == leg)
    }

    fn has_administrator(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.role == RoomRole::Administrator)
    }

    fn legs(&self) -> Vec<LegId> {
        self.members.iter().map(|member| member.leg).collect()
    }
}

impl Switch {
    fn join_conference(&mut self, id: LegId, number: Number, role: RoomRole) {
        let state = &mut self.state;
        let Some(leg) = state.legs.get_mut(&id) else {
            return;
        };
        leg.meeting = Some(number);
        let party = leg.party.clone();
        let begins = !state.conferences.contains_key(&number);
        let meeting = state.conferences.entry(number).or_insert(Meeting {
            room: None,
            lock: Switched::Off,
            members: Vec::new(),
            tape: Tape::Blank,
        });
        meeting.members.push(Member {
            leg: id,
            role,
            voice: Voice::Heard,
            since: state.now.wall,
        });
        if begins {
            self.tell_lamp(number);
        }
        let leg = id;
        self.fact(Fact::Room(number, RoomFact::Joined { leg, party, role }));
        self.tell_members(number, Some(leg), Company::Joined);
    }

    /// A leg leaves the conference that it is a member of, if it is of one.
    pub(crate) fn leave_conference(&mut self, id: LegId) {
        let leg = self.state.legs.get_mut(&id);
        let Some((number, seat)) = leg.and_then(|leg| Some((leg.meeting.take()?, leg.room))) else {
            return;
        };
        let meeting = self.state.conferences.get(&number);
        if seat.is_some() && meeting.is_some_and(|meeting| meeting.room == seat) {
            self.seat(id, None);
        }
        self.forget_member(id, number);
    }

    /// A leg that is gone, or leaves, is no member any more.
    pub(crate) fn forget_member(&mut self, leg: LegId, number: Number) {
        let Some(meeting) = self.state.conferences.get_mut(&number) else {
            return;
        };
        let Some(nth) = meeting.members.iter().position(|own| own.leg == leg) else {
            return;
        };
        let gone = meeting.members.remove(nth);
        let deserted = gone.role == RoomRole::Administrator && !meeting.has_administrator();
        let is_over = meeting.members.is_empty();
        self.fact(Fact::Room(number, RoomFact::Left(leg)));
        self.tape_conference(number);
        if is_over {
            self.state.conferences.remove(&number);
            return self.tell_lamp(number);
        }
        let ends = self.directory.rooms.get(&number);
        let ends = deserted && ends.is_some_and(|room| room.end_with_admin);
        let what = if ends {
            Company::Deserted
        } else {
            Company::Left
        };
        self.tell_members(number, None, what);
    }

    fn tell_lamp(&mut self, number: Number) {
        let room = self.directory.rooms.get(&number);
        let party = self.state.conferences.contains_key(&number).then(|| Party {
            number: Some(number),
            name: room.map(|room| room.name.clone()).unwrap_or_default(),
        });
        self.fact(Fact::Lamp(number, party));
    }

    /// Those in a room who are part of what is said there.
    pub(crate) fn talkers(&self, room: RoomId) -> impl Iterator<Item = LegId> {
        let seats = self.state.rooms.get(&room).into_iter().flatten().copied();
        seats.filter(|leg| {
            let leg = self.state.legs.get(leg);
            leg.is_some_and(|leg| leg.watches.is_none())
        })
    }

    /// Whether those in a room are in a conference.
    pub(crate) fn is_conference(&self, room: RoomId) -> bool {
        let mut meetings = self.state.conferences.values();
        meetings.any(|meeting| meeting.room == Some(room))
    }

    /// Somebody takes a seat or leaves it: if that is one of a conference, the others hear so.
    pub(crate) fn tell_company(&mut self, room: RoomId, but: LegId) {
        let mut meetings = self.state.conferences.iter();
        let number = meetings.find(|(_, meeting)| meeting.room == Some(room));
        if let Some(number) = number.map(|(number, _)| *number) {
            self.tell_members(number, Some(but), Company::Changed);
        }
    }

    fn tell_members(&mut self, number: Number, but: Option<LegId>, what: Company) {
        let meeting = self.state.conferences.get(&number);
        let members = meeting.map(Meeting::legs).unwrap_or_default();
        for leg in members.into_iter().filter(|leg| Some(*leg) != but) {
            self.tell_member(leg, what);
        }
    }

    /// Tells one member. Whoever is away and is to leave is hung up where he is.
    fn tell_member(&mut self, leg: LegId, what: Company) {
        let Some(call) = self.call_of(leg) else {
            return;
        };
        let phase = self.state.calls.get(&call).map(|call| &call.phase);
        // The call that takes this step shows no phase, and takes events of its own in turn.
        let confers =
            phase.is_none_or(|phase| matches!(phase, Phase::Conference(_) | Phase::Ended));
        match what {
            Company::Removed | Company::Deserted | Company::Closed if !confers => {
                self.dismiss(leg);
            }
            what => self.inbox.push_back((call, Event::Company(what))),
        }
    }

    /// A room is empty: if those of a conference were in it, they have another when they sit down again.
    pub(crate) fn leave_room(&mut self, room: RoomId) {
        let mut meetings = self.state.conferences.values_mut();
        if let Some(meeting) = meetings.find(|meeting| meeting.room == Some(room)) {
            meeting.room = None;
        }
    }

    fn mute(&mut self, number: Number, leg: LegId, muted: Switched) {
        let voice = match muted {
            Switched::On => Voice::Unheard,
            Switched::Off => Voice::Heard,
        };
        let Some(meeting) = self.state.conferences.get_mut(&number) else {
            return;
        };
        let own = meeting.members.iter_mut().find(|own| own.leg == leg);
        let Some(own) = own.filter(|own| own.voice != voice) else {
            return;
        };
        own.voice = voice;
        let room = meeting.room;
        if let Some(Leg { voice: heard, .. }) = self
            .state
            .legs
            .get_mut(&leg)
            .filter(|leg| leg.room.is_some() && leg.room == room)
        {
            *heard = voice;
            self.remixed.extend(room);
        }
        self.fact(Fact::Room(number, RoomFact::Muted(leg, muted)));
    }

    fn lock(&mut self, number: Number, locked: Switched) {
        if let Some(meeting) = self.state.conferences.get_mut(&number)
            && core::mem::replace(&mut meeting.lock, locked) != locked
        {
            self.fact(Fact::Room(number, RoomFact::Locked(locked)));
        }
    }

    /// Does what somebody asks of a conference from outside it. What makes no sense has no effect.
    pub(crate) fn command_room(&mut self, number: Number, command: RoomCommand) {
        let meeting = self.state.conferences.get(&number);
        let members = meeting.map(|meeting| meeting.members.clone());
        let members = members.unwrap_or_default();
        match command {
            RoomCommand::Mute(leg, muted) => self.mute_for(number, leg, muted),
            RoomCommand::MuteAll(muted) => {
                for member in members {
                    if member.role == RoomRole::Member {
                        self.mute_for(number, member.leg, muted);
                    }
                }
            }
            RoomCommand::Remove(leg) => {
                if members.iter().any(|member| member.leg == leg) {
                    self.tell_member(leg, Company::Removed);
                }
            }
            RoomCommand::Lock(locked) => self.lock(number, locked),
            RoomCommand::Invite {
                number: invited,
                rights,
            } => self.invite(number, invited, rights),
            RoomCommand::End => self.tell_members(number, None, Company::Closed),
        }
    }

    /// Mutes a party, who hears so.
    fn mute_for(&mut self, number: Number, leg: LegId, muted: Switched) {
        let facts = self.effects.len();
        self.mute(number, leg, muted);
        if self.effects.len() > facts {
            self.tell_member(leg, Company::Muted(muted));
        }
    }
}
