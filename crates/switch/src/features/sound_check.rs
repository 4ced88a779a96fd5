//! The sound check: a phone is called, plays music to whoever is near it and sends what it hears, until enough packets
//! went both ways to tell how they fare (`bellwire doctor audio`).

use super::{Event, Feature, Phase};
use crate::cx::Cx;
use crate::line::Stands;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, Keys, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// A phone is called, or hears music.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SoundCheck {
    extension: Number,
    leg: LegId,
    timer: TimerId,
}

impl SoundCheck {
    /// Calls a phone that nobody uses.
    pub(crate) fn begin(extension: Number, cx: &mut Cx<'_>) -> Phase {
        match cx.stands(&extension) {
            Stands::Free => Self {
                extension,
                leg: cx.ring_alone(extension),
                timer: cx.timer(RING_TIME),
            }
            .into(),
            Stands::InUse => cx.end(Cause::Busy),
            Stands::Unavailable => cx.end(Cause::Unavailable),
        }
    }

    fn play(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.taken_by(self.extension);
        // Nobody called: talk time runs from here.
        cx.answer(self.leg);
        let music = cx.directory().music(None);
        cx.play(self.leg, vec![music], Keys::Report);
        self.timer = cx.timer(PLAYING);
        self.into()
    }
}

impl Feature for SoundCheck {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::Ringing) => {
                cx.rings();
                self.into()
            }
            Event::Leg(_, LegEvent::Answered) => self.play(cx),
            Event::Leg(_, LegEvent::HungUp(cause) | LegEvent::Failed(cause)) => cx.end(cause),
            Event::Timer(timer) if timer == self.timer && cx.is_answered(self.leg) => {
                cx.end(Cause::Normal)
            }
            Event::Timer(timer) if timer == self.timer => {
                cx.hang_up(self.leg, Cause::NoAnswer);
                cx.end(Cause::NoAnswer)
            }
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.leg]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// How long somebody has to take it, where the phone does not by itself.
const RING_TIME: Duration = Duration::from_secs(20);
/// Phones report what they hear every five seconds (RFC 3550 §6.2): at least twice within this.
const PLAYING: Duration = Duration::from_secs(12);
