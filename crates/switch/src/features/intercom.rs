//! Intercom and page (manual §2.12): the phone called with `*50` answers by itself and both talk; the one called with
//! `*51` answers by itself and only listens.
//!
//! Neither is forwarded, followed or taken down by a mailbox, and nobody's conversation is broken into (MI-09,
//! IX-19).

use super::{Event, Farewell, Feature, Phase, Refusal, Talk};
use crate::cx::Cx;
use crate::line::Stands;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, Keys, LegEvent, LegId, Number, Sound, TimerId, Tone};
use serde::{Deserialize, Serialize};

/// A phone is asked to answer by itself, or has answered to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intercom {
    caller: LegId,
    callee: Number,
    called: LegId,
    kind: Kind,
    stage: Stage,
    timer: TimerId,
}

/// What is said over a phone that answers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Both talk (MI-07).
    Talk,
    /// The caller speaks; nothing comes back (MI-08).
    Page,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Calls,
    /// The caller speaks to who is paged.
    Speaks,
}

impl Intercom {
    pub(crate) fn begin(caller: LegId, callee: Number, kind: Kind, cx: &mut Cx<'_>) -> Phase {
        cx.called(callee);
        if let Err(why) = reach(&callee, cx) {
            return Farewell::refuse(caller, why, cx);
        }
        cx.identify(caller, callee);
        let ring_time = cx.directory().ring_time(&callee);
        Self {
            caller,
            callee,
            called: cx.ring_through(callee, caller),
            kind,
            stage: Stage::Calls,
            timer: cx.timer(ring_time),
        }
        .into()
    }

    fn answered(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.taken_by(self.callee);
        cx.answer(self.caller);
        match self.kind {
            Kind::Talk => {
                let talk = Talk::begin(self.caller, self.called, cx);
                warn(self.called, cx);
                talk
            }
            Kind::Page => {
                cx.mute(self.called);
                cx.talk(&[self.caller, self.called]);
                warn(self.called, cx);
                self.stage = Stage::Speaks;
                self.timer = cx.timer(PAGE_MAX);
                self.into()
            }
        }
    }

    fn refused(self, why: Refusal, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        Farewell::refuse(self.caller, why, cx)
    }
}

/// Whoever is near the phone knows by a tone that somebody is heard (MI-09).
fn warn(called: LegId, cx: &mut Cx<'_>) {
    cx.play(called, vec![Sound::Tone(Tone::Beep)], Keys::Report);
}

/// Whether an extension's phone can be made to answer.
fn reach(callee: &Number, cx: &Cx<'_>) -> Result<(), Refusal> {
    let view = cx.view();
    let Some(extension) = view.directory.extension(callee) else {
        return Err(Refusal::NotFound);
    };
    if extension.do_not_disturb {
        return Err(Refusal::DoNotDisturb);
    }
    match view.state.lines.stands(callee) {
        Stands::Free => Ok(()),
        Stands::InUse => Err(Refusal::Busy),
        Stands::Unavailable => Err(Refusal::Unavailable),
    }
}

impl Feature for Intercom {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match (self.stage, event) {
            (_, Event::Leg(leg, LegEvent::HungUp(cause))) if leg == self.caller => cx.end(cause),
            (Stage::Speaks, Event::Leg(_, LegEvent::HungUp(cause))) => cx.end(cause),
            (Stage::Speaks, Event::Timer(timer)) if timer == self.timer => {
                cx.cancel(timer);
                cx.end(Cause::Normal)
            }
            (Stage::Calls, Event::Leg(leg, event)) if leg == self.called => match event {
                // A phone that does not know how to answer by itself rings.
                LegEvent::Ringing => {
                    cx.rings();
                    cx.alert(self.caller);
                    self.into()
                }
                LegEvent::Answered => self.answered(cx),
                LegEvent::Failed(cause) | LegEvent::HungUp(cause) => {
                    self.refused(Refusal::of_phone(cause), cx)
                }
                _ => self.into(),
            },
            (Stage::Calls, Event::Timer(timer)) if timer == self.timer => {
                cx.hang_up(self.called, Cause::NoAnswer);
                self.refused(Refusal::NoAnswer, cx)
            }
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller, self.called]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }
}

/// The longest page (MI-09).
const PAGE_MAX: Duration = Duration::from_secs(60);
