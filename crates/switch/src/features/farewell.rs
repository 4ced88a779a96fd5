//! The last thing a caller hears: why he gets no further, or what came of a code.

use super::{Event, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use crate::speech::Speech;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, GreetingKind, LegEvent, LegId, Phrase, PlayId, TimerId};
use serde::{Deserialize, Serialize};

/// Says one last thing, then hangs up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Farewell {
    caller: LegId,
    saying: PlayId,
    timer: TimerId,
    cause: Cause,
}

impl Farewell {
    /// Tells an unanswered caller why he gets no further, as sound before the answer, and refuses the call
    /// with the SIP status that belongs to it.
    pub(crate) fn refuse(caller: LegId, why: Refusal, cx: &mut Cx<'_>) -> Phase {
        cx.progress(caller);
        let speech = cx.speech(caller).phrase(why.phrase());
        Self::begin(caller, speech, why.cause(), cx)
    }

    /// Refuses a call at once.
    pub(crate) fn refuse_silently(caller: LegId, why: Refusal, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(caller, why.cause());
        cx.end(why.cause())
    }

    /// Tells an answered caller something and hangs up as soon as he heard it (FC-03).
    pub(crate) fn say(caller: LegId, speech: Speech, cx: &mut Cx<'_>) -> Phase {
        Self::begin(caller, speech, Cause::Normal, cx)
    }

    fn begin(caller: LegId, speech: Speech, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        // Who was sent ahead goes back and hears it there.
        if cx.has_a_way_back(caller) {
            return cx.end(cause);
        }
        // Whatever he does while he listens, this is how his call went.
        cx.because(cause);
        Self {
            caller,
            saying: cx.say(caller, speech),
            timer: cx.timer(SPEECH_MAX),
            cause,
        }
        .into()
    }
}

impl Feature for Farewell {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        let heard = match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => return cx.end(cause),
            Event::Leg(_, LegEvent::Played(play, _)) => play == self.saying,
            Event::Timer(timer) => timer == self.timer,
            _ => false,
        };
        if !heard {
            return self.into();
        }
        cx.hang_up(self.caller, self.cause);
        cx.end(self.cause)
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// Why a caller gets no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    /// There is no such number.
    NotFound,
    /// There is no such code.
    InvalidCode,
    /// He may not do this.
    Forbidden,
    /// The callee is in a call.
    Busy,
    /// The callee refused the call by hand.
    Declined,
    /// The callee wants no calls.
    DoNotDisturb,
    /// No phone of the callee can be reached.
    Unavailable,
    /// Nobody answered.
    NoAnswer,
    /// Nobody answered at any of the numbers where the callee might be.
    OutOfReach,
    /// It is not the hour for calls.
    Closed,
    /// As many wait for the callee as may.
    QueueFull,
    /// No agent is there, or none had time.
    NobodyThere,
    /// He does not show his number.
    Anonymous,
    /// The phones have no common codec.
    NotAcceptable,
    /// There are too many calls.
    Congestion,
    /// Something inside failed.
    Failed,
}

impl Refusal {
    /// Why a phone that was rung gave no call.
    pub(crate) const fn of_phone(cause: Cause) -> Self {
        match cause {
            Cause::Busy => Self::Busy,
            Cause::Declined | Cause::Normal => Self::Declined,
            Cause::NoAnswer => Self::NoAnswer,
            // A phone that answers 404 is there but has another user: nobody can be reached at it.
            Cause::Unavailable
            | Cause::Vanished
            | Cause::Restarted
            | Cause::NotFound
            | Cause::AnsweredElsewhere => Self::Unavailable,
            Cause::Forbidden => Self::Forbidden,
            Cause::NotAcceptable => Self::NotAcceptable,
            Cause::Congestion => Self::Congestion,
            Cause::Failed => Self::Failed,
        }
    }

    /// Why a call outside came to nothing.
    pub(crate) const fn of_trunk(cause: Cause) -> Self {
        match cause {
            Cause::Busy => Self::Busy,
            Cause::Declined | Cause::Normal | Cause::AnsweredElsewhere => Self::Declined,
            Cause::NoAnswer => Self::NoAnswer,
            Cause::NotFound => Self::NotFound,
            // No trunk got as far as the callee.
            Cause::Unavailable | Cause::Vanished | Cause::Congestion | Cause::Restarted => {
                Self::Congestion
            }
            Cause::Forbidden => Self::Forbidden,
            Cause::NotAcceptable => Self::NotAcceptable,
            Cause::Failed => Self::Failed,
        }
    }

    /// The greeting of a mailbox that belongs to it: who does not want to talk is as good as busy (§1.3 step 4).
    pub(crate) const fn greeting(self) -> GreetingKind {
        match self {
            Self::Busy | Self::Declined | Self::DoNotDisturb => GreetingKind::Busy,
            Self::NotFound
            | Self::InvalidCode
            | Self::Forbidden
            | Self::Unavailable
            | Self::NoAnswer
            | Self::OutOfReach
            | Self::Closed
            | Self::QueueFull
            | Self::NobodyThere
            | Self::Anonymous
            | Self::NotAcceptable
            | Self::Congestion
            | Self::Failed => GreetingKind::Unavailable,
        }
    }

    /// What the caller hears (CHECKLIST §5, N-01 to N-25).
    pub(crate) const fn phrase(self) -> Phrase {
        match self {
            Self::NotFound => phrase::NUMBER_NOT_VALID,
            Self::InvalidCode => phrase::INVALID_CODE,
            Self::Forbidden => phrase::NOT_ALLOWED,
            Self::Busy | Self::Declined => phrase::BUSY,
            Self::DoNotDisturb => phrase::NOT_TO_BE_DISTURBED,
            Self::Unavailable | Self::NotAcceptable => phrase::NOT_AVAILABLE,
            Self::NoAnswer => phrase::NO_ANSWER,
            Self::OutOfReach => phrase::COULD_NOT_REACH,
            Self::Closed => phrase::OFFICE_IS_CLOSED,
            Self::QueueFull => phrase::QUEUE_IS_FULL,
            Self::NobodyThere => phrase::NOBODY_AVAILABLE,
            Self::Anonymous => phrase::NO_ANONYMOUS_CALLS,
            Self::Congestion => phrase::ALL_LINES_BUSY,
            Self::Failed => phrase::SYSTEM_ERROR,
        }
    }

    /// What his phone is told.
    pub(crate) const fn cause(self) -> Cause {
        match self {
            Self::NotFound | Self::InvalidCode => Cause::NotFound,
            Self::Forbidden => Cause::Forbidden,
            Self::Busy | Self::DoNotDisturb | Self::QueueFull => Cause::Busy,
            Self::Declined | Self::Anonymous => Cause::Declined,
            Self::Unavailable | Self::Closed => Cause::Unavailable,
            Self::NoAnswer | Self::OutOfReach | Self::NobodyThere => Cause::NoAnswer,
            Self::NotAcceptable => Cause::NotAcceptable,
            Self::Congestion => Cause::Congestion,
            Self::Failed => Cause::Failed,
        }
    }
}

/// No prompt is longer; should its end never be reported, the call ends all the same.
const SPEECH_MAX: Duration = Duration::from_secs(30);
