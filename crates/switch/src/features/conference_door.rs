//! The door of a conference room (manual §2.8): whoever dials its number is asked for a password, which says whether he
//! comes as administrator or as member.

use super::conference::{Conference, Role};
use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// A caller is asked for the password of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConferenceDoor {
    caller: LegId,
    room: Number,
    dialogue: Dialogue,
}

impl ConferenceDoor {
    /// Asks at the door; a room whose members need none is open.
    pub(crate) fn begin(caller: LegId, room: Number, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        cx.silence(caller);
        let known = cx.directory().rooms.get(&room);
        let open = known.is_some_and(|room| room.user_pin.is_empty());
        if open {
            return enter(caller, room, Role::Member, cx);
        }
        Self {
            caller,
            room,
            dialogue: Dialogue::begin(caller, phrase::ENTER_CONFERENCE_PASSWORD, cx),
        }
        .into()
    }
}

fn enter(caller: LegId, room: Number, role: Role, cx: &mut Cx<'_>) -> Phase {
    if cx.conference_is_full(&room) {
        let speech = cx.speech(caller).phrase(phrase::CONFERENCE_FULL);
        return Farewell::say(caller, speech, cx);
    }
    Conference::of(caller, room, role).join(cx)
}

impl Feature for ConferenceDoor {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        let (caller, room) = (self.caller, self.room);
        let judge = |pin: Number, cx: &Cx<'_>| {
            let known = cx.directory().rooms.get(&room);
            let role = known.and_then(|known| Role::of(&pin, known));
            role.ok_or(phrase::WRONG_PASSWORD)
        };
        match self.dialogue.judge(event, cx, judge) {
            Heard::More(dialogue) => Self {
                caller,
                room,
                dialogue,
            }
            .into(),
            Heard::Entered(role) => enter(caller, room, role, cx),
            Heard::GaveUp => {
                let speech = cx.speech(caller).phrase(phrase::TOO_MANY_WRONG_ENTRIES);
                Farewell::say(caller, speech, cx)
            }
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.dialogue.timer()]
    }
}
