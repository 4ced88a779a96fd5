//! Two parties in conversation: the phase in which in-call codes are read.

use super::{Event, Feature, Phase};
use crate::cx::Cx;
use alloc::vec;
use alloc::vec::Vec;
use model::{Keys, LegEvent, LegId, Sound, Switched};
use serde::{Deserialize, Serialize};

/// Two parties talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Talk {
    sides: [Side; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Side {
    leg: LegId,
    hears: Hears,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Hears {
    /// The other party, or nothing.
    Other,
    /// Music, because the other party holds.
    Music,
}

impl Talk {
    pub(crate) fn begin(a: LegId, b: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.talk(&[a, b]);
        let sides = [a, b].map(|leg| Side {
            leg,
            hears: Hears::Other,
        });
        Self { sides }.holding(cx)
    }

    /// Gives music to who is on hold and does not hold himself, and takes it from everybody else.
    fn holding(mut self, cx: &mut Cx<'_>) -> Phase {
        let [a, b] = &mut self.sides;
        let (a_holds, b_holds) = (cx.held(a.leg), cx.held(b.leg));
        for (side, own, others) in [(a, a_holds, b_holds), (b, b_holds, a_holds)] {
            let hears = match (own, others) {
                (Switched::Off, Switched::On) => Hears::Music,
                (Switched::Off | Switched::On, _) => Hears::Other,
            };
            match (side.hears, hears) {
                (Hears::Other, Hears::Music) => {
                    cx.play(side.leg, vec![Sound::Music], Keys::Report);
                }
                (Hears::Music, Hears::Other) => cx.silence(side.leg),
                (Hears::Other, Hears::Other) | (Hears::Music, Hears::Music) => {}
            }
            side.hears = hears;
        }
        self.into()
    }

    fn other(&self, leg: LegId) -> LegId {
        let [a, b] = self.sides;
        if leg == a.leg { b.leg } else { a.leg }
    }
}

impl Feature for Talk {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause) | LegEvent::Failed(cause)) => cx.end(cause),
            Event::Leg(_, LegEvent::Held | LegEvent::Resumed) => self.holding(cx),
            // Digits that no code of a conversation consumes are the other party's.
            Event::Leg(leg, LegEvent::Digit(digit)) => {
                cx.send_digit(self.other(leg), digit);
                self.into()
            }
            Event::Leg(..) | Event::Timer(_) | Event::Answer(..) => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        self.sides.map(|side| side.leg).to_vec()
    }
}
