//! Somebody is called into a conference because it was asked for outside a call (CO-11): who answers is in it.

use super::dial::is_of_line;
use super::{Conference, Event, Feature, Phase};
use crate::cx::Cx;
use crate::routing::{Journey, Out, Urgency};
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, LegEvent, LegId, Number, RoomRole, TimerId};
use serde::{Deserialize, Serialize};

/// Somebody is rung for a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invited {
    room: Number,
    number: Number,
    rung: LegId,
    /// The ways that remain to a number outside.
    out: Option<Out>,
    journey: Journey,
    timer: TimerId,
}

impl Invited {
    /// Rings an extension, whatever forwarding it has, or a number outside with the rights of an extension.
    pub(crate) fn begin(
        room: Number,
        number: Number,
        rights: Option<Number>,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let journey = Journey::begin(rights, 0);
        let (rung, out) = if cx.directory().extensions.contains_key(&number) {
            cx.called(number);
            let rings = cx.view().would_ring(&number);
            (rings.then(|| cx.ring_for_room(number, room)), None)
        } else {
            let mut out = cx.view().way_out(number, &journey);
            let rung = out
                .as_mut()
                .and_then(|out| next_exit(out, room, &journey, cx));
            (rung, out)
        };
        let Some(rung) = rung else {
            return cx.end(Cause::Unavailable);
        };
        Self {
            room,
            number,
            rung,
            out,
            journey,
            timer: cx.timer(ANSWER_MAX),
        }
        .into()
    }

    fn failed(mut self, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        if let Some(out) = &mut self.out
            && is_of_line(cause)
            && let Some(rung) = next_exit(out, self.room, &self.journey, cx)
        {
            self.rung = rung;
            return self.into();
        }
        cx.end(cause)
    }

    fn answered(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.taken_by(self.number);
        if let Some(longest) = self.out.and_then(|out| out.longest) {
            cx.limit(self.rung, longest);
        }
        if cx.conference_is_full(&self.room) {
            cx.hang_up(self.rung, Cause::Normal);
            return cx.end(Cause::Normal);
        }
        Conference::of(self.rung, self.room, RoomRole::Member).join_invited(cx)
    }
}

fn next_exit(out: &mut Out, room: Number, journey: &Journey, cx: &mut Cx<'_>) -> Option<LegId> {
    // Help is for who calls for it.
    if out.urgency == Urgency::Emergency {
        return None;
    }
    while let Some(exit) = out.exits.pop_front() {
        if let Some(rung) = cx.ring_out_for_room(&exit, room, journey) {
            return Some(rung);
        }
    }
    None
}

impl Feature for Invited {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::Ringing) => {
                cx.rings();
                self.into()
            }
            Event::Leg(_, LegEvent::Answered) => self.answered(cx),
            Event::Leg(_, LegEvent::HungUp(cause) | LegEvent::Failed(cause)) => {
                self.failed(cause, cx)
            }
            Event::Timer(timer) if timer == self.timer => {
                cx.hang_up(self.rung, Cause::NoAnswer);
                cx.end(Cause::NoAnswer)
            }
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.rung]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// How long somebody who is invited may ring (CO-06).
const ANSWER_MAX: Duration = Duration::from_secs(30);
