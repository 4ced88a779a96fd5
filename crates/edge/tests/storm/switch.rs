//! A switch that connects who calls with whom he dialled, and checks what it is told.

use super::{Dice, Open};
use edge::Edge;
use model::{
    AutoAnswer, Cause, Digit, Effect, Incoming, Input, LegEvent, LegId, Now, Number, Party, Ring,
    Target, Time, TransferProgress,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub struct Switch {
    dice: Dice,
    legs: BTreeMap<LegId, Leg>,
    /// Legs that are over: nothing may be heard of them.
    over: BTreeSet<LegId>,
    rung: u64,
    answered: u64,
    referred: u64,
}

struct Leg {
    other: LegId,
    stage: Stage,
    /// When something is done about it.
    due: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Calling,
    Ringing { told: bool },
    Talking { held: bool },
}

impl Switch {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed ^ 0x5_1717),
            legs: BTreeMap::new(),
            over: BTreeSet::new(),
            rung: 0,
            answered: 0,
            referred: 0,
        }
    }

    pub fn answered(&self) -> u64 {
        self.answered
    }

    pub fn referred(&self) -> u64 {
        self.referred
    }

    pub fn left(&self) -> Vec<LegId> {
        self.legs.keys().copied().collect()
    }

    pub fn next_deadline(&self) -> Option<Time> {
        self.legs.values().map(|leg| leg.due).min()
    }

    pub fn told(&mut self, edge: &mut Edge, now: Now, ports: &mut Open, input: Input) {
        match input {
            Input::Incoming(incoming) => self.incoming(edge, now, ports, &incoming),
            Input::Leg(leg, event) => {
                assert!(!self.over.contains(&leg), "{leg} is over, but {event:?}");
                self.event(edge, now, ports, leg, event);
            }
            Input::Reachable(..) => {}
            other => panic!("an edge does not say {other:?}"),
        }
    }

    /// Rings the extension that was dialled; sometimes refuses.
    fn incoming(&mut self, edge: &mut Edge, now: Now, ports: &mut Open, call: &Incoming) {
        self.rung += 1;
        let (caller, callee) = (call.leg, LegId::outbound(self.rung));
        if self.dice.percent(10) {
            self.over.insert(caller);
            let cause = [Cause::NotFound, Cause::Forbidden, Cause::Busy];
            let cause = cause[usize::try_from(self.dice.below(3)).unwrap()];
            return edge.perform(now, &Effect::HangUp(caller, cause), ports);
        }
        self.insert(now, caller, callee, Stage::Calling);
        self.insert(now, callee, caller, Stage::Ringing { told: false });
        let ring = Ring {
            leg: callee,
            target: Target::Extension(call.dialled),
            caller: call.caller.clone(),
            on_behalf: Some(caller),
            auto_answer: AutoAnswer::No,
            forwarded_by: Vec::new(),
        };
        edge.perform(now, &Effect::Ring(ring), ports);
    }

    fn insert(&mut self, now: Now, leg: LegId, other: LegId, stage: Stage) {
        let due = now.mono + Duration::from_secs(20);
        self.legs.insert(leg, Leg { other, stage, due });
    }

    fn event(&mut self, edge: &mut Edge, now: Now, ports: &mut Open, leg: LegId, event: LegEvent) {
        let it = self.legs.get_mut(&leg).expect("a leg that exists");
        let other = it.other;
        match (event, it.stage) {
            (LegEvent::Ringing, Stage::Ringing { told: false }) => {
                it.stage = Stage::Ringing { told: true };
                edge.perform(now, &Effect::Alert(other), ports);
            }
            (LegEvent::EarlyMedia, Stage::Ringing { .. }) => {
                edge.perform(now, &Effect::Progress(other), ports);
            }
            (LegEvent::Answered, Stage::Ringing { .. }) => {
                it.stage = Stage::Talking { held: false };
                self.answered += 1;
                if let Some(caller) = self.legs.get_mut(&other) {
                    caller.stage = Stage::Talking { held: false };
                }
                edge.perform(now, &Effect::Answer(other), ports);
            }
            (LegEvent::Held, Stage::Talking { held: false }) => {
                it.stage = Stage::Talking { held: true };
            }
            (LegEvent::Resumed, Stage::Talking { held: true }) => {
                it.stage = Stage::Talking { held: false };
            }
            (LegEvent::Transfer(_), Stage::Talking { .. }) => {
                self.referred += 1;
                let progress = match self.dice.below(4) {
                    0 => TransferProgress::Done,
                    1 => TransferProgress::Failed(Cause::Busy),
                    _ => TransferProgress::Ringing,
                };
                edge.perform(now, &Effect::TransferProgress(leg, progress), ports);
            }
            (LegEvent::Failed(cause), Stage::Ringing { .. })
            | (LegEvent::HungUp(cause), Stage::Calling | Stage::Talking { .. }) => {
                self.forget(leg);
                if self.legs.contains_key(&other) {
                    self.hang_up(edge, now, ports, other, cause);
                }
            }
            (event, stage) => panic!("{leg} in {stage:?} is told {event:?}"),
        }
    }

    /// Gives up, hangs up, or does something on the way.
    pub fn timeout(&mut self, edge: &mut Edge, now: Now, ports: &mut Open) {
        let due = |(leg, it): (&LegId, &Leg)| (it.due <= now.mono).then_some(*leg);
        while let Some(leg) = self.legs.iter().find_map(due) {
            let wait = Duration::from_secs(5 + self.dice.below(20));
            let it = self.legs.get_mut(&leg).unwrap();
            it.due = now.mono + wait;
            let other = it.other;
            match (it.stage, self.dice.below(4)) {
                (Stage::Talking { .. }, 0) => {
                    let party = Party {
                        number: Number::parse("199").ok(),
                        name: format!("{}", self.dice.below(3)),
                    };
                    edge.perform(now, &Effect::Identify(leg, party), ports);
                }
                (Stage::Talking { .. }, 1) => {
                    let digit = Digit::parse('5').unwrap();
                    edge.perform(now, &Effect::SendDigit(leg, digit), ports);
                }
                (Stage::Calling | Stage::Ringing { .. } | Stage::Talking { .. }, _) => {
                    self.hang_up(edge, now, ports, leg, Cause::NoAnswer);
                    self.hang_up(edge, now, ports, other, Cause::Normal);
                }
            }
        }
    }

    pub fn hang_up_all(&mut self, edge: &mut Edge, now: Now, ports: &mut Open) {
        for leg in self.left() {
            if self.dice.percent(50) {
                self.hang_up(edge, now, ports, leg, Cause::Normal);
            }
        }
    }

    fn hang_up(&mut self, edge: &mut Edge, now: Now, ports: &mut Open, leg: LegId, cause: Cause) {
        if self.legs.contains_key(&leg) {
            self.forget(leg);
            edge.perform(now, &Effect::HangUp(leg, cause), ports);
        }
    }

    fn forget(&mut self, leg: LegId) {
        self.legs.remove(&leg);
        self.over.insert(leg);
    }
}
