//! Taking down what a party says into a file of its own: a message, or a greeting (VM-03, VM-10).

use crate::cx::Cx;
use crate::features::Event;
use model::{Duration, Effect, LegEvent, LegId, RecordingId, Time, TimerId};
use serde::{Deserialize, Serialize};

/// A party speaks, and `#` ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Take {
    leg: LegId,
    recording: RecordingId,
    began: Time,
    silence: Duration,
    timer: TimerId,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Nothing yet.
    More(Take),
    /// The file is closed.
    Done(Spoken),
}

/// Something that was taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) recording: RecordingId,
    /// How long the file is.
    pub(crate) length: Duration,
    /// How long of that may be speech: a silence that ended it is not.
    pub(crate) said: Duration,
    pub(crate) end: End,
}

/// What ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `#`.
    Finished,
    /// Nothing was said any more.
    Silent,
    /// It is as long as it may become.
    Full,
    /// Whoever spoke is gone, or is to be.
    Stopped,
    /// It could not be written.
    Failed,
}

/// How long something that is taken down may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) longest: Duration,
    /// After so long without a word it is over.
    pub(crate) silence: Duration,
}

impl Take {
    pub(crate) fn begin(
        leg: LegId,
        recording: RecordingId,
        limits: Limits,
        cx: &mut Cx<'_>,
    ) -> Self {
        let Limits { longest, silence } = limits;
        cx.take_down(leg, recording, silence);
        Self {
            leg,
            recording,
            began: cx.now().mono,
            silence,
            timer: cx.timer(longest),
        }
    }

    pub(crate) fn on(self, event: Event, cx: &mut Cx<'_>) -> Taken {
        match event {
            Event::Leg(leg, LegEvent::Digit(key)) if leg == self.leg && key.as_char() == '#' => {
                Taken::Done(self.end(End::Finished, cx))
            }
            Event::Leg(_, LegEvent::Silent(recording)) if recording == self.recording => {
                Taken::Done(self.end(End::Silent, cx))
            }
            Event::Leg(_, LegEvent::RecordingFailed(recording)) if recording == self.recording => {
                Taken::Done(self.end(End::Failed, cx))
            }
            Event::Timer(timer) if timer == self.timer => Taken::Done(self.end(End::Full, cx)),
            _ => Taken::More(self),
        }
    }

    /// Closes the file: whoever spoke is gone.
    pub(crate) fn stop(self, cx: &mut Cx<'_>) -> Spoken {
        self.end(End::Stopped, cx)
    }

    fn end(self, end: End, cx: &mut Cx<'_>) -> Spoken {
        cx.cancel(self.timer);
        if end != End::Failed {
            cx.effect(Effect::StopRecording(self.recording));
        }
        let length = cx.now().mono.since(self.began);
        let said = match end {
            End::Silent => length.saturating_sub(self.silence),
            End::Finished | End::Full | End::Stopped | End::Failed => length,
        };
        Spoken {
            recording: self.recording,
            length,
            said,
            end,
        }
    }

    pub(crate) const fn timer(&self) -> TimerId {
        self.timer
    }
}

/// What a phase may do about files of what was said.
impl Cx<'_> {
    /// The name of a file that is about to be made.
    pub(crate) fn new_recording(&mut self) -> RecordingId {
        let count = self.switch.state.ids.other();
        RecordingId::begun(self.now().wall, count)
    }

    /// A file that was taken down is of no use.
    pub(crate) fn discard(&mut self, recording: RecordingId) {
        self.effect(Effect::Discard(recording));
    }

    fn take_down(&mut self, leg: LegId, recording: RecordingId, silence: Duration) {
        self.effect(Effect::TakeDown {
            leg,
            recording,
            silence,
        });
    }
}
