//! Which wake-up calls are due, and how often each was tried (WU-05 to WU-08).
//!
//! They go by the clock on the wall, which may jump: it is looked at every few seconds while one is booked. The pauses
//! between tries are durations.

use crate::Switch;
use crate::cx::Cx;
use crate::features::WakeUpCall;
use crate::line::Stands;
use crate::record::Draft;
use crate::state::{Call, NewCalls};
use crate::{CALLS_MAX, features::Phase};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use model::{
    Change, Directory, Duration, Effect, Fact, Language, Number, Origin, Party, Question,
    QuestionId, Time, WakeUp, WakeUpId, WakeUpOutcome, Wall,
};
use serde::{Deserialize, Serialize};

/// What is known of wake-up calls besides that they are booked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WakeUps {
    /// Those whose time has not come, by their time.
    waiting: BTreeSet<(Wall, WakeUpId)>,
    /// Those whose time has come, until they are booked for another time or gone.
    begun: BTreeMap<WakeUpId, Begun>,
    /// Those that ring again, by when.
    again: BTreeSet<(Time, WakeUpId)>,
    /// No call begins before: many at the same minute do not all ring at once.
    pace: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    at: Wall,
    tries: u8,
}

impl WakeUps {
    /// Those of a server that begins: what became due while it was down waits until its phones are known again.
    pub(crate) fn of(directory: &Directory) -> Self {
        let mut wake_ups = Self {
            pace: Time::default() + PHONES_COME_BACK_WITHIN,
            ..Self::default()
        };
        wake_ups.replace(directory);
        wake_ups
    }

    /// Takes in what is booked.
    pub(crate) fn replace(&mut self, directory: &Directory) {
        let booked = &directory.wake_ups;
        self.begun.retain(|id, begun| {
            let booked = booked.get(id);
            booked.is_some_and(|booked| booked.at == begun.at)
        });
        let begun = &self.begun;
        self.again.retain(|(_, id)| begun.contains_key(id));
        self.waiting = booked
            .values()
            .filter(|wake_up| !begun.contains_key(&wake_up.id))
            .map(|wake_up| (wake_up.at, wake_up.id))
            .collect();
    }

    /// When the next is due, or the clock is to be looked at.
    pub(crate) fn next_deadline(&self, now: model::Now) -> Option<Time> {
        let waiting = self.waiting.first().map(|(at, _)| {
            let until = u64::try_from(at.0.saturating_sub(now.wall.0)).unwrap_or(0);
            now.mono + Duration::from_millis(until).min(LOOK_AT_THE_CLOCK_EVERY)
        });
        let again = self.again.first().map(|(at, _)| *at);
        let next = waiting.into_iter().chain(again).min();
        next.map(|at| at.max(self.pace))
    }

    /// The next whose time has come.
    fn due(&mut self, now: model::Now) -> Option<WakeUpId> {
        if now.mono < self.pace {
            return None;
        }
        let again = self.again.first().filter(|(at, _)| *at <= now.mono);
        if let Some((_, id)) = again.copied() {
            self.again.pop_first();
            return Some(id);
        }
        let (at, id) = *self.waiting.first().filter(|(at, _)| *at <= now.wall)?;
        self.waiting.pop_first();
        self.begun.insert(id, Begun { at, tries: 0 });
        Some(id)
    }
}

impl Switch {
    /// Begins one wake-up call that is due. `None`: there is none.
    pub(crate) fn wake(&mut self) -> Option<()> {
        if self.state.new_calls == NewCalls::Refused {
            return None;
        }
        let now = self.state.now;
        let id = self.state.wake_ups.due(now)?;
        let Some(booked) = self.directory.wake_ups.get(&id).cloned() else {
            return Some(());
        };
        let late = now.wall.0.saturating_sub(booked.at.0);
        let Some(begun) = self.state.wake_ups.begun.get_mut(&id) else {
            return Some(());
        };
        if begun.tries == 0 && late > LATE_MAX_MS {
            self.woken_up(&booked, WakeUpOutcome::Missed);
            return Some(());
        }
        begun.tries += 1;
        self.state.wake_ups.pace = now.mono + PACE;
        let line = self.directory.extension(&booked.extension);
        let rings = match self.state.lines.stands(&booked.extension) {
            Stands::Free => true,
            Stands::InUse => line.is_some_and(|line| line.call_waiting),
            Stands::Unavailable => false,
        };
        if rings && self.state.calls.len() < CALLS_MAX {
            self.call_to_wake(&booked);
        } else {
            self.not_woken(id);
        }
        Some(())
    }

    fn call_to_wake(&mut self, booked: &WakeUp) {
        let extension = booked.extension;
        let origin = Origin::Extension(extension);
        let caller = service(self.directory.language(Some(&extension)));
        let draft = Draft::of(self.state.now, &origin, caller.clone(), extension);
        let call = self.state.ids.call();
        self.state
            .calls
            .insert(call, Call::new(draft, Phase::Ended));
        self.fact(Fact::Began {
            call,
            // The one that is about to be rung.
            leg: self.state.ids.clone().leg(),
            origin,
            dialled: extension,
        });
        let id = booked.id;
        self.step(call, |_, cx| WakeUpCall::begin(id, extension, caller, cx));
    }

    /// Nobody took a wake-up call: it rings again in a while, or that was all.
    pub(crate) fn not_woken(&mut self, id: WakeUpId) {
        let again = self.state.now.mono + TRY_AGAIN_AFTER;
        let wake_ups = &mut self.state.wake_ups;
        let Some(begun) = wake_ups.begun.get(&id) else {
            return;
        };
        if begun.tries < TRIES {
            wake_ups.again.insert((again, id));
        } else if let Some(booked) = self.directory.wake_ups.get(&id).cloned() {
            self.woken_up(&booked, WakeUpOutcome::NotAnswered);
        }
    }

    /// A wake-up call is over. It waits for its next day, if it has one.
    pub(crate) fn woken_up(&mut self, booked: &WakeUp, outcome: WakeUpOutcome) {
        let change = match booked.again(self.state.now.wall, &self.state.zone) {
            Some(next) => Change::BookWakeUp(next),
            None => Change::CancelWakeUp(booked.id),
        };
        self.save_unheard(change);
        self.fact(Fact::WokenUp {
            extension: booked.extension,
            at: booked.at,
            outcome,
        });
    }

    /// Has a setting changed that nobody waits for.
    fn save_unheard(&mut self, change: Change) {
        let id = QuestionId(self.state.ids.other());
        self.effects.push(Effect::Ask(id, Question::Save(change)));
    }
}

impl Cx<'_> {
    /// Somebody was woken.
    pub(crate) fn woken(&mut self, id: WakeUpId, outcome: WakeUpOutcome) {
        if let Some(booked) = self.directory().wake_ups.get(&id).cloned() {
            self.switch.woken_up(&booked, outcome);
        }
    }

    /// Somebody wants to be woken again: once, whatever becomes of the one that woke him.
    pub(crate) fn snooze(&mut self, id: WakeUpId, after: Duration) {
        let Some(booked) = self.directory().wake_ups.get(&id).cloned() else {
            return;
        };
        let state = &mut self.switch.state;
        let later = WakeUp {
            id: WakeUpId::booked(state.now.wall, state.ids.other()),
            extension: booked.extension,
            at: state.now.wall + after,
            days: BTreeSet::new(),
            snoozed: booked.snoozed.saturating_add(1),
        };
        self.switch.save_unheard(Change::BookWakeUp(later));
        self.switch.woken_up(&booked, WakeUpOutcome::Snoozed);
    }

    /// Nobody took the call.
    pub(crate) fn not_woken(&mut self, id: WakeUpId) {
        self.switch.not_woken(id);
    }

    /// The name of a wake-up call that somebody books now.
    pub(crate) fn new_wake_up(&mut self) -> WakeUpId {
        let state = &mut self.switch.state;
        WakeUpId::booked(state.now.wall, state.ids.other())
    }
}

/// Who calls, as the phone shows it and the record has it (WU-11); called back, it is the menu.
fn service(language: Language) -> Party {
    let name = match language {
        Language::Chinese => "叫醒服务",
        Language::English => "Wake-up call",
    };
    Party {
        number: Number::parse("*55").ok(),
        name: String::from(name),
    }
}

/// The first call and two more (WU-07).
const TRIES: u8 = 3;
/// How long after a call that nobody took the next one rings.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60);
/// Twenty calls a second begin at most (WU-05).
const PACE: Duration = Duration::from_millis(50);
/// What is due for longer, because the server was down, is no longer of use (WU-08).
const LATE_MAX_MS: i64 = 10 * 60 * 1_000;
/// So long after the start of the server no call begins.
const PHONES_COME_BACK_WITHIN: Duration = Duration::from_secs(5);
/// So late a jump of the clock may be noticed.
const LOOK_AT_THE_CLOCK_EVERY: Duration = Duration::from_secs(15);
