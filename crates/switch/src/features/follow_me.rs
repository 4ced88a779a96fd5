//! Follow-me (一号通, manual §1.7): who does not answer is looked for at other numbers, one after another, until
//! somebody takes the call (FM-01 to FM-12).

use super::dial::{is_of_line, next_exit};
use super::{Event, Feature, Phase, Talk};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::handover::Given;
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::routing::{self, Journey, Out, Step};
use crate::speech::Speech;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use model::{Cause, Duration, FollowStep, LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// One of the numbers where somebody may be is rung for a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FollowMe {
    search: Search,
    called: Step,
    rung: LegId,
    stage: Stage,
}

/// What stays the same from one number to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Search {
    caller: LegId,
    /// Who is looked for.
    owner: Number,
    journey: Journey,
    /// Where he has not been looked for.
    rest: VecDeque<FollowStep>,
    ringing: Ringing,
}

/// Whether a caller who has been answered hears ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ringing {
    NotPlayed,
    Played,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Rings(TimerId),
    /// Somebody outside answered: whether it is a person, and wants the call, is asked (FM-08).
    Asks(Choice),
}

/// What somebody outside says of a call that he is offered (FM-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accept,
    Refuse,
}

pub(super) const OFFER: Menu<Answer> = Menu {
    name: "follow-me: a call is offered",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::ACCEPT_OR_REFUSE),
            does: Answer::Accept,
            leads: "they talk",
        },
        Item {
            key: '2',
            says: None,
            does: Answer::Refuse,
            leads: "the next number is rung",
        },
    ],
};

impl FollowMe {
    /// Looks for an extension's owner at the numbers on his list, with his rights.
    pub(crate) fn begin(caller: LegId, owner: Number, journey: Journey, cx: &mut Cx<'_>) -> Phase {
        let extension = cx.directory().extension(&owner);
        let steps = extension.map(|extension| extension.follow_me.steps.clone());
        Search {
            caller,
            owner,
            journey: journey.by(owner),
            rest: steps.unwrap_or_default().into(),
            ringing: Ringing::NotPlayed,
        }
        .next(cx)
    }

    /// The number in question gives no call.
    fn next(self, cx: &mut Cx<'_>) -> Phase {
        match self.stage {
            Stage::Rings(timer) => cx.cancel(timer),
            Stage::Asks(choice) => choice.finish(cx),
        }
        cx.hang_up(self.rung, Cause::NoAnswer);
        self.search.next(cx)
    }

    fn ringing(mut self, cx: &mut Cx<'_>) -> Phase {
        cx.rings();
        cx.alert(self.search.caller);
        if self.search.ringing == Ringing::NotPlayed && cx.is_answered(self.search.caller) {
            cx.play_ringing(self.search.caller);
            self.search.ringing = Ringing::Played;
        }
        self.into()
    }

    fn answered(mut self, cx: &mut Cx<'_>) -> Phase {
        let Stage::Rings(timer) = self.stage else {
            return self.into();
        };
        match self.called {
            Step::Extension(_) => self.connect(cx),
            Step::Outside(_) => {
                cx.cancel(timer);
                let speech = self.search.question(cx);
                self.stage = Stage::Asks(Choice::about(self.rung, speech, &OFFER, cx));
                self.into()
            }
        }
    }

    fn connect(self, cx: &mut Cx<'_>) -> Phase {
        if let Stage::Rings(timer) = self.stage {
            cx.cancel(timer);
        }
        match &self.called {
            Step::Extension(number) => cx.taken_by(*number),
            Step::Outside(out) => {
                cx.taken_by(out.dialled);
                if let Some(longest) = out.longest {
                    cx.limit(self.rung, longest);
                }
            }
        }
        cx.silence(self.search.caller);
        cx.answer(self.search.caller);
        Talk::begin(self.search.caller, self.rung, cx)
    }

    /// Somebody else takes the call (PU-03).
    fn picked_up(self, picker: LegId, cx: &mut Cx<'_>) -> Phase {
        if let Stage::Rings(timer) = self.stage {
            cx.cancel(timer);
        }
        cx.hang_up(self.rung, Cause::AnsweredElsewhere);
        super::pickup::connect(self.search.caller, picker, cx)
    }

    /// The caller left the call to somebody who waits for the owner instead of him (XF-06).
    fn replace_caller(mut self, leg: LegId, cx: &mut Cx<'_>) -> Phase {
        cx.hang_up(self.search.caller, Cause::Normal);
        self.search.caller = leg;
        cx.introduce(leg, self.rung);
        cx.aside(leg);
        cx.play_ringing(leg);
        self.search.ringing = Ringing::Played;
        self.into()
    }

    /// Another trunk is tried for the same number, or the next number.
    fn failed(mut self, cause: Cause, cx: &mut Cx<'_>) -> Phase {
        if let (Step::Outside(out), Stage::Rings(_)) = (&mut self.called, &self.stage)
            && is_of_line(cause)
            && let Some(rung) = next_exit(out, self.search.caller, &self.search.journey, cx)
        {
            self.rung = rung;
            return self.into();
        }
        self.next(cx)
    }

    fn asked(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        let Self {
            search,
            called,
            rung,
            stage,
        } = self;
        let going_on = |stage| Self {
            search,
            called,
            rung,
            stage,
        };
        let Stage::Asks(choice) = stage else {
            return going_on(stage).into();
        };
        match choice.clone().on(event, cx) {
            Chosen::More(choice) => going_on(Stage::Asks(choice)).into(),
            Chosen::Key(key) if OFFER.does(key) == Some(Answer::Accept) => {
                going_on(Stage::Asks(choice)).connect(cx)
            }
            Chosen::Key(_) | Chosen::GaveUp => going_on(Stage::Asks(choice)).next(cx),
        }
    }
}

impl Search {
    /// Rings the next number that can be rung; those that cannot are passed over at once (FM-09).
    fn next(mut self, cx: &mut Cx<'_>) -> Phase {
        while let Some(step) = self.rest.pop_front() {
            let Some(mut called) = cx.view().follow_step(&step.number, &self.journey) else {
                continue;
            };
            let rung = match &mut called {
                Step::Extension(number) => {
                    cx.called(*number);
                    Some(cx.ring_on(*number, self.caller, &self.journey))
                }
                Step::Outside(out) => self.call_outside(out, cx),
            };
            if let Some(rung) = rung {
                let stage = Stage::Rings(cx.timer(step.time.max(STEP_MIN)));
                return FollowMe {
                    search: self,
                    called,
                    rung,
                    stage,
                }
                .into();
            }
        }
        routing::followed_in_vain(self.caller, self.owner, self.journey, cx)
    }

    fn call_outside(&self, out: &mut Out, cx: &mut Cx<'_>) -> Option<LegId> {
        next_exit(out, self.caller, &self.journey, cx)
    }

    /// "You have a call from …", in the language of who is looked for.
    fn question(&self, cx: &Cx<'_>) -> Speech {
        let language = cx.directory().language(Some(&self.owner));
        let speech = Speech::new(language).phrase(phrase::CALL_FROM);
        match cx.party(self.caller).number {
            Some(number) => speech.digits(&number),
            None => speech.phrase(phrase::ANONYMOUS),
        }
    }
}

impl Feature for FollowMe {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        let (rung, caller) = (self.rung, self.search.caller);
        match event {
            Event::Leg(leg, LegEvent::HungUp(cause)) if leg == caller => cx.end(cause),
            Event::Leg(leg, LegEvent::Failed(cause) | LegEvent::HungUp(cause)) if leg == rung => {
                self.failed(cause, cx)
            }
            // What is heard outside before an answer is not for the caller, who hears ringing (FM-10).
            Event::Leg(leg, LegEvent::Ringing | LegEvent::EarlyMedia) if leg == rung => {
                self.ringing(cx)
            }
            Event::Leg(leg, LegEvent::Answered) if leg == rung => self.answered(cx),
            Event::Timer(timer) if self.stage == Stage::Rings(timer) => self.next(cx),
            Event::Given(picker, Given::PicksUp(_)) => self.picked_up(picker, cx),
            Event::Given(leg, Given::InPlaceOf(_)) => self.replace_caller(leg, cx),
            event => self.asked(event, cx),
        }
    }

    fn takes(&self, given: Given) -> bool {
        match given {
            Given::PicksUp(leg) => leg == self.rung && matches!(self.stage, Stage::Rings(_)),
            Given::InPlaceOf(leg) => leg == self.search.caller,
            Given::Retrieves | Given::Returns(_) => false,
        }
    }

    fn is_on_its_way(&self) -> bool {
        true
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.search.caller, self.rung]
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Rings(timer) => vec![*timer],
            Stage::Asks(choice) => vec![choice.timer()],
        }
    }
}

/// A step without a time is no step of no time.
const STEP_MIN: Duration = Duration::from_secs(1);
