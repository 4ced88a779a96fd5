//! Something that is said to a party and waited for, so that what follows comes after it.

use crate::cx::Cx;
use crate::features::Event;
use crate::speech::Speech;
use model::{Duration, Keys, LegEvent, LegId, PlayEnd, PlayId, TimerId};
use serde::{Deserialize, Serialize};

/// What is being said to a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saying {
    leg: LegId,
    play: PlayId,
    timer: TimerId,
}

impl Saying {
    /// Says something that takes at most so long; should its end never be reported, it is over by then.
    pub(crate) fn begin(
        leg: LegId,
        speech: Speech,
        keys: Keys,
        longest: Duration,
        cx: &mut Cx<'_>,
    ) -> Self {
        Self {
            leg,
            play: cx.play(leg, speech.finish(), keys),
            timer: cx.timer(longest),
        }
    }

    /// Whether this is its end. A key that cuts it short is none: what follows then is a matter of the key, which comes
    /// next.
    pub(crate) fn is_over(&self, event: &Event, cx: &mut Cx<'_>) -> bool {
        match event {
            Event::Leg(_, LegEvent::Played(play, PlayEnd::Finished)) if *play == self.play => {
                cx.cancel(self.timer);
                true
            }
            Event::Timer(timer) => *timer == self.timer,
            _ => false,
        }
    }

    /// Says no more of it.
    pub(crate) fn stop(&self, cx: &mut Cx<'_>) {
        cx.cancel(self.timer);
        cx.silence(self.leg);
    }

    pub(crate) const fn timer(&self) -> TimerId {
        self.timer
    }
}

/// No phrase of the system, with what is put into it, is longer.
pub(crate) const PHRASES_MAX: Duration = Duration::from_secs(60);
