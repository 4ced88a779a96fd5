//! The door of a conference room (manual §2.8): whoever dials its number is asked for a password, which says whether he
//! comes as administrator or as member.

use super::{Conference, Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use crate::pins::Lock;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Number, Phrase, RoomRole, TimerId};
use serde::{Deserialize, Serialize};

/// A caller is asked for the password of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConferenceDoor {
    caller: LegId,
    room: Number,
    dialogue: Dialogue,
}

impl ConferenceDoor {
    /// Asks at the door; a room whose members need no password is open.
    pub(crate) fn begin(caller: LegId, room: Number, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        cx.silence(caller);
        let known = cx.directory().rooms.get(&room);
        let open = known.is_some_and(|room| room.user_pin.is_empty());
        if open {
            return enter(caller, room, RoomRole::Member, cx);
        }
        if cx.is_locked_out(caller, Some(Lock::Room(room))) {
            return turn_away(caller, phrase::TOO_MANY_WRONG_ENTRIES, cx);
        }
        let known = cx.directory().rooms.get(&room);
        let longest = known.map_or(0, |room| room.pin_length());
        let dialogue = Dialogue::begin(caller, phrase::ENTER_CONFERENCE_PASSWORD, cx);
        Self {
            caller,
            room,
            dialogue: dialogue.of_usual_length(longest),
        }
        .into()
    }
}

fn enter(caller: LegId, room: Number, role: RoomRole, cx: &mut Cx<'_>) -> Phase {
    if cx.conference_is_locked(&room, role) {
        return turn_away(caller, phrase::CONFERENCE_LOCKED, cx);
    }
    if cx.conference_is_full(&room) {
        return turn_away(caller, phrase::CONFERENCE_FULL, cx);
    }
    Conference::of(caller, room, role).join(cx)
}

fn turn_away(caller: LegId, why: Phrase, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(why);
    Farewell::say(caller, speech, cx)
}

impl Feature for ConferenceDoor {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        let (caller, room) = (self.caller, self.room);
        let judge = |pin: Number, cx: &mut Cx<'_>| {
            let known = cx.directory().rooms.get(&room);
            let role = known.and_then(|known| known.role(&pin));
            match role.filter(|_| !cx.is_locked_out(caller, Some(Lock::Room(room)))) {
                Some(role) => {
                    cx.pin_was_right(caller, Lock::Room(room));
                    Ok(role)
                }
                None => {
                    cx.pin_was_wrong(caller, Lock::Room(room));
                    Err(phrase::WRONG_PASSWORD)
                }
            }
        };
        match self.dialogue.judge(event, cx, judge) {
            Heard::More(dialogue) => Self {
                caller,
                room,
                dialogue,
            }
            .into(),
            Heard::Entered(role) => enter(caller, room, role, cx),
            Heard::GaveUp => turn_away(caller, phrase::TOO_MANY_WRONG_ENTRIES, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.dialogue.timer()]
    }
}
