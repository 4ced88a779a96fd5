//! Conferences (manual §2.8): everybody in a room hears everybody else. Each party is a call of its own.

use super::{Event, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{Keys, LegEvent, LegId, Number, PlayId, Room, Sound};
use serde::{Deserialize, Serialize};

/// A party is in a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conference {
    leg: LegId,
    room: Number,
    role: Role,
    hears: Hears,
}

/// What a party may do in a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Administrator,
    Member,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Hears {
    /// How many are here.
    Welcome(PlayId),
    /// The others.
    Others,
    /// Music: there is nobody else.
    Music,
}

impl Role {
    /// The role that a PIN gives in a room; an empty PIN opens nothing.
    pub(super) fn of(pin: &str, room: &Room) -> Option<Self> {
        let opens = |own: &str| !own.is_empty() && own == pin;
        if opens(&room.admin_pin) {
            Some(Self::Administrator)
        } else {
            opens(&room.user_pin).then_some(Self::Member)
        }
    }
}

impl Conference {
    /// A party that is about to join.
    pub(super) const fn of(leg: LegId, room: Number, role: Role) -> Self {
        Self {
            leg,
            room,
            role,
            hears: Hears::Others,
        }
    }

    /// Joins, and hears how many are here.
    pub(super) fn join(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.answer(self.leg);
        cx.silence(self.leg);
        let present = cx.join_conference(self.leg, self.room);
        let joining = match self.role {
            Role::Administrator => phrase::JOINING_AS_ADMINISTRATOR,
            Role::Member => phrase::JOINING,
        };
        let speech = cx.speech(self.leg).phrase(joining);
        let speech = if present == 1 {
            speech.phrase(phrase::NOBODY_ELSE_HERE)
        } else {
            let speech = speech.phrase(phrase::THERE_ARE);
            speech.cardinal(present).phrase(phrase::PEOPLE_HERE)
        };
        self.hears = Hears::Welcome(cx.say(self.leg, speech));
        self.into()
    }

    /// Music for who is alone, and none for who is not.
    fn company(mut self, cx: &mut Cx<'_>) -> Phase {
        let alone = cx.conference_size(&self.room) == 1;
        match self.hears {
            Hears::Welcome(_) => return self.into(),
            Hears::Music if !alone => {
                cx.silence(self.leg);
                self.hears = Hears::Others;
            }
            Hears::Others if alone => {
                cx.play(self.leg, vec![Sound::Music], Keys::Report);
                self.hears = Hears::Music;
            }
            Hears::Music | Hears::Others => {}
        }
        self.into()
    }
}

impl Feature for Conference {
    fn on(mut self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Begin => self.join(cx),
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Leg(_, LegEvent::Played(play, _)) if self.hears == Hears::Welcome(play) => {
                self.hears = Hears::Others;
                self.company(cx)
            }
            Event::Company => self.company(cx),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.leg]
    }
}
