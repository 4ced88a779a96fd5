//! A call becomes a conference (manual §2.8): `*0` and the password of a room, which says which room it is and what
//! whoever pressed it may do there.

use super::attended_transfer::back;
use super::{Conference, Event, Feature, Phase};
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::phrase;
use crate::pins::Lock;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, RoomRole, TimerId};
use serde::{Deserialize, Serialize};

/// One party waits while the other says in which room they want to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConferenceCreate {
    kept: LegId,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Asking(LegId, Dialogue),
    /// The other left; who was promised a conference waits a while.
    Left(TimerId),
}

impl ConferenceCreate {
    pub(crate) fn begin(kept: LegId, by: LegId, cx: &mut Cx<'_>) -> Phase {
        let music = cx.music_by(by);
        cx.hold(kept, music);
        cx.aside(by);
        let rooms = cx.directory().rooms.values();
        let longest = rooms.map(|room| room.pin_length()).max().unwrap_or(0);
        let dialogue = Dialogue::begin(by, phrase::ENTER_CONFERENCE_PASSWORD, cx);
        let dialogue = dialogue.of_usual_length(longest);
        Self {
            kept,
            stage: Stage::Asking(by, dialogue),
        }
        .into()
    }

    fn asking(self, by: LegId, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        let kept = self.kept;
        match event {
            Event::Leg(leg, LegEvent::HungUp(_)) if leg == by => {
                cx.cancel(dialogue.timer());
                let stage = Stage::Left(cx.timer(ALONE_MAX));
                return Self { kept, stage }.into();
            }
            Event::Leg(_, LegEvent::HungUp(cause)) => return cx.end(cause),
            _ => {}
        }
        let judge = |pin: Number, cx: &mut Cx<'_>| {
            let opened = room_of(&pin, cx);
            let opened = opened.filter(|_| !cx.is_locked_out(by, Some(Lock::SomeRoom)));
            if opened.is_none() {
                cx.pin_was_wrong(by, Lock::SomeRoom);
            }
            opened.ok_or(phrase::WRONG_PASSWORD)
        };
        match dialogue.judge(event, cx, judge) {
            Heard::More(dialogue) => Self {
                kept,
                stage: Stage::Asking(by, dialogue),
            }
            .into(),
            Heard::GaveUp => back(kept, by, phrase::RETURNING_TO_CALL, cx),
            Heard::Entered((room, role)) => {
                cx.split(by, room, Conference::of(by, room, role).into());
                Conference::of(kept, room, RoomRole::Member).join(cx)
            }
        }
    }
}

/// The room that a password opens: of several an empty one, because nobody wants to join strangers (CO-08).
fn room_of(pin: &str, cx: &Cx<'_>) -> Option<(Number, RoomRole)> {
    let rooms = cx.directory().rooms.values();
    let opened = rooms.filter_map(|room| Some((room.number, room.role(pin)?)));
    let free = opened.filter(|(room, role)| {
        !cx.conference_is_full(room) && !cx.conference_is_locked(room, *role)
    });
    free.min_by_key(|(room, _)| cx.conference_size(room))
}

impl Feature for ConferenceCreate {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match (self.stage.clone(), event) {
            (Stage::Asking(by, dialogue), event) => self.asking(by, dialogue, event, cx),
            (Stage::Left(_), Event::Leg(_, LegEvent::HungUp(cause))) => cx.end(cause),
            (Stage::Left(waits), Event::Timer(timer)) if waits == timer => cx.end(Cause::Normal),
            (Stage::Left(_), _) => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        match self.stage {
            Stage::Asking(by, _) => vec![self.kept, by],
            Stage::Left(_) => vec![self.kept],
        }
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Asking(_, dialogue) => vec![dialogue.timer()],
            Stage::Left(timer) => vec![*timer],
        }
    }
}

/// How long somebody waits alone.
const ALONE_MAX: Duration = Duration::from_secs(60);
