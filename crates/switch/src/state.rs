//! What the switch remembers between two events: plain data, so that a snapshot can hold it.

use crate::conferences::Meeting;
use crate::curfew::{Curfew, Curfews};
use crate::features::Phase;
use crate::handover::Back;
use crate::line::Lines;
use crate::mix::Voice;
use crate::pins::Pins;
use crate::queues::Queues;
use crate::record::Draft;
use crate::shadow::Watch;
use crate::tape::Tape;
use crate::timers::Timers;
use crate::usage::Usage;
use crate::wake_ups::WakeUps;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use model::{
    CallId, Directory, LegEvent, LegId, Now, Number, Origin, Party, PlayId, QuestionId, RoomId,
    Switched, Time, TimerId, Zone,
};
use serde::{Deserialize, Serialize};

/// Everything that must survive a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) now: Now,
    pub(crate) ids: Ids,
    /// What the next random choice is drawn from.
    pub(crate) seed: u64,
    pub(crate) new_calls: NewCalls,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) legs: BTreeMap<LegId, Leg>,
    /// Who is seated in each room.
    pub(crate) rooms: BTreeMap<RoomId, BTreeSet<LegId>>,
    pub(crate) timers: Timers,
    /// Who waits for the answer to each question.
    pub(crate) questions: BTreeMap<QuestionId, CallId>,
    pub(crate) lines: Lines,
    /// How much of the trunks is in use.
    #[serde(default)]
    pub(crate) usage: Usage,
    #[serde(default)]
    pub(crate) curfews: Curfews,
    /// When an extension last called for help: it is called back whatever it has set (DN-05).
    #[serde(default)]
    pub(crate) called_for_help: BTreeMap<Number, Time>,
    /// The wrong PINs of mailboxes.
    #[serde(default)]
    pub(crate) pins: Pins,
    /// What the site's clocks show.
    #[serde(default)]
    pub(crate) zone: Zone,
    #[serde(default)]
    pub(crate) wake_ups: WakeUps,
    /// Who watches each leg that is watched.
    #[serde(default)]
    pub(crate) watchers: BTreeMap<LegId, BTreeSet<LegId>>,
    /// The conferences in progress, by the number of their room.
    #[serde(default)]
    pub(crate) conferences: BTreeMap<Number, Meeting>,
    /// Who waits in queues.
    #[serde(default)]
    pub(crate) queues: Queues,
    /// The call that waits in each parking slot.
    pub(crate) slots: BTreeMap<u16, CallId>,
}

impl State {
    pub(crate) fn new(directory: &Directory, seed: u64) -> Self {
        Self {
            now: Now::default(),
            ids: Ids::default(),
            seed,
            new_calls: NewCalls::Taken,
            calls: BTreeMap::new(),
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            timers: Timers::default(),
            questions: BTreeMap::new(),
            lines: Lines::new(directory),
            usage: Usage::default(),
            curfews: Curfews::default(),
            called_for_help: BTreeMap::new(),
            pins: Pins::default(),
            zone: Zone::default(),
            wake_ups: WakeUps::of(directory),
            watchers: BTreeMap::new(),
            conferences: BTreeMap::new(),
            queues: Queues::default(),
            slots: BTreeMap::new(),
        }
    }

    /// Monotonic time never goes back; civil time is what it is.
    pub(crate) fn advance(&mut self, now: Now) {
        self.now = Now {
            mono: self.now.mono.max(now.mono),
            wall: now.wall,
        };
    }

    /// When the next wake-up call is to be looked at.
    pub(crate) fn wakes_next(&self) -> Option<Time> {
        let taken = self.new_calls == NewCalls::Taken;
        taken.then(|| self.wake_ups.next_deadline(self.now))?
    }

    pub(crate) const fn drain(&mut self) {
        self.new_calls = NewCalls::Refused;
    }
}

/// Whether new calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NewCalls {
    Taken,
    /// The server is about to stop.
    Refused,
}

/// The ids given out so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ids {
    call: u64,
    leg: u64,
    other: u64,
}

impl Ids {
    pub(crate) const fn call(&mut self) -> CallId {
        self.call += 1;
        CallId(self.call)
    }

    pub(crate) const fn leg(&mut self) -> LegId {
        self.leg += 1;
        LegId::outbound(self.leg)
    }

    /// The id of a room, a timer, a play-list or a question.
    pub(crate) const fn other(&mut self) -> u64 {
        self.other += 1;
        self.other
    }
}

/// A call: legs that are in one phase together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) phase: Phase,
    pub(crate) legs: BTreeSet<LegId>,
    /// Timers that run for it, and when they are due.
    pub(crate) timers: Vec<(TimerId, Time)>,
    /// Questions whose replies it waits for.
    pub(crate) questions: Vec<QuestionId>,
    /// What its record is made of.
    pub(crate) draft: Draft,
    /// The way back of a leg that was sent ahead into it.
    pub(crate) back: Option<Back>,
    /// What is recorded of it.
    #[serde(default)]
    pub(crate) tape: Tape,
    /// The call whose record tells of it, once it became part of that.
    pub(crate) merged: Option<CallId>,
}

impl Call {
    pub(crate) const fn new(draft: Draft, phase: Phase) -> Self {
        Self {
            phase,
            legs: BTreeSet::new(),
            timers: Vec::new(),
            questions: Vec::new(),
            draft,
            back: None,
            tape: Tape::Blank,
            merged: None,
        }
    }
}

/// One party's end of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Leg {
    /// The one call it belongs to.
    pub(crate) call: CallId,
    pub(crate) who: Origin,
    /// Whom others see.
    pub(crate) party: Party,
    pub(crate) direction: Direction,
    pub(crate) stage: Stage,
    /// Whether the party put us on hold.
    pub(crate) held: Switched,
    pub(crate) room: Option<RoomId>,
    /// The play-list that it hears.
    pub(crate) playing: Option<PlayId>,
    /// Whether the others in its room hear it.
    #[serde(default)]
    pub(crate) voice: Voice,
    /// The extension with whose rights a leg on a trunk was called.
    #[serde(default)]
    pub(crate) payer: Option<Number>,
    /// When something is to happen to it because its time is limited.
    #[serde(default)]
    pub(crate) curfew: Option<Curfew>,
    /// Whom it watches.
    #[serde(default)]
    pub(crate) watches: Option<Watch>,
    /// The conference that it is a member of, by the number of its room.
    #[serde(default)]
    pub(crate) meeting: Option<Number>,
    /// Whom its party's display shows.
    pub(crate) shown: Option<Party>,
}

impl Leg {
    /// A leg of which nothing has been heard.
    pub(crate) const fn begin(
        call: CallId,
        who: Origin,
        party: Party,
        direction: Direction,
    ) -> Self {
        Self {
            call,
            who,
            party,
            direction,
            stage: Stage::Begun,
            held: Switched::Off,
            room: None,
            playing: None,
            payer: None,
            curfew: None,
            shown: None,
            watches: None,
            meeting: None,
            voice: Voice::Heard,
        }
    }

    /// Notes what happened. `false`: it cannot happen to a leg that stands as this one does.
    pub(crate) fn take(&mut self, event: LegEvent) -> bool {
        let rung = self.direction == Direction::Out && self.stage < Stage::Answered;
        match event {
            LegEvent::Ringing => rung && self.reach(Stage::Ringing),
            LegEvent::EarlyMedia => rung && self.reach(Stage::Early),
            LegEvent::Answered => rung && self.reach(Stage::Answered),
            LegEvent::Failed(_) => rung,
            LegEvent::Held => self.hold(Switched::On),
            LegEvent::Resumed => self.hold(Switched::Off),
            LegEvent::Played(play, _) => {
                let current = self.playing == Some(play);
                if current {
                    self.playing = None;
                }
                current
            }
            LegEvent::Transfer(_) => self.stage == Stage::Answered,
            LegEvent::HungUp(_)
            | LegEvent::Digit(_)
            | LegEvent::RecordingFailed(_)
            | LegEvent::Silent(_) => true,
        }
    }

    /// Goes on to a stage. `false`: it is there, or further.
    pub(crate) fn reach(&mut self, stage: Stage) -> bool {
        let further = self.stage < stage;
        if further {
            self.stage = stage;
        }
        further
    }

    fn hold(&mut self, held: Switched) -> bool {
        let changes = self.stage == Stage::Answered && self.held != held;
        if changes {
            self.held = held;
        }
        changes
    }
}

/// Who called whom on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    /// The party called in.
    In,
    /// The switch rings the party.
    Out,
}

/// How far the setting up of a leg has come, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Nothing was said yet.
    Begun,
    /// It rings (180).
    Ringing,
    /// There is sound before the answer (183).
    Early,
    /// It is answered (200).
    Answered,
}
