//! What each extension is doing: whether a phone of it can be reached, and the legs it has.

use crate::state::{Direction, Leg, Stage};
use alloc::collections::{BTreeMap, BTreeSet};
use model::{Directory, Extension, ExtensionState, LegId, Number, Reachability};
use serde::{Deserialize, Serialize};

/// The lines of all extensions, and of those that were deleted while they were in a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Lines(BTreeMap<Number, Line>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    reachable: Reachability,
    legs: BTreeSet<LegId>,
    /// The state that was last told; everybody takes an extension he has heard nothing of for unavailable.
    told: ExtensionState,
}

/// How an extension stands for a call that would ring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It has no call, and a phone.
    Free,
    /// It is in a call, rung or calling, whether or not a phone of it can be rung.
    InUse,
    /// No phone of it can be rung.
    Unavailable,
}

impl Lines {
    pub(crate) fn new(directory: &Directory) -> Self {
        let numbers = directory.extensions.keys();
        Self(numbers.map(|number| (*number, Line::NEW)).collect())
    }

    /// Adds lines for new extensions and drops those of deleted ones that have no call.
    pub(crate) fn replace(&mut self, directory: &Directory) {
        for number in directory.extensions.keys() {
            self.0.entry(*number).or_insert(Line::NEW);
        }
        self.0.retain(|number, line| {
            directory.extensions.contains_key(number) || !line.legs.is_empty()
        });
    }

    /// Notes whether an extension can be reached. `false`: there is none, or nothing changed.
    pub(crate) fn reachable(&mut self, number: Number, reachable: Reachability) -> bool {
        let Some(line) = self.0.get_mut(&number) else {
            return false;
        };
        core::mem::replace(&mut line.reachable, reachable) != reachable
    }

    pub(crate) fn take_up(&mut self, number: Number, leg: LegId) {
        let line = self.0.entry(number).or_insert(Line::NEW);
        line.legs.insert(leg);
    }

    pub(crate) fn put_down(&mut self, number: &Number, leg: LegId) {
        if let Some(line) = self.0.get_mut(number) {
            line.legs.remove(&leg);
        }
    }

    /// Busy is who has a call of any kind: in it, ringing, or calling himself (manual §2.10).
    pub(crate) fn stands(&self, number: &Number) -> Stands {
        match self.0.get(number) {
            Some(line) if !line.legs.is_empty() => Stands::InUse,
            Some(line) if line.reachable == Reachability::Available => Stands::Free,
            Some(_) | None => Stands::Unavailable,
        }
    }

    /// The state of an extension if it is not the one last told. A deleted extension is forgotten as
    /// soon as it has no call.
    pub(crate) fn changed(
        &mut self,
        number: &Number,
        extension: Option<&Extension>,
        legs: &BTreeMap<LegId, Leg>,
    ) -> Option<ExtensionState> {
        let line = self.0.get_mut(number)?;
        let Some(extension) = extension else {
            if line.legs.is_empty() {
                self.0.remove(number);
            }
            return None;
        };
        let state = line.state(extension, legs);
        if state == line.told {
            return None;
        }
        line.told = state;
        Some(state)
    }

    /// The legs of an extension, the oldest first of those that were rung.
    pub(crate) fn legs_of(&self, number: &Number) -> Option<&BTreeSet<LegId>> {
        self.0.get(number).map(|line| &line.legs)
    }

    /// The state of each line, as it was last told.
    pub(crate) fn told(&self) -> impl Iterator<Item = (Number, ExtensionState)> {
        self.0.iter().map(|(number, line)| (*number, line.told))
    }

    /// Each line's number and legs.
    pub(crate) fn legs(&self) -> impl Iterator<Item = (&Number, &BTreeSet<LegId>)> {
        self.0.iter().map(|(number, line)| (number, &line.legs))
    }
}

impl Line {
    const NEW: Self = Self {
        reachable: Reachability::Unavailable,
        legs: BTreeSet::new(),
        told: ExtensionState::Unavailable,
    };

    /// Calls come first, because they are true whatever is registered or set (EXT-01, DN-06).
    fn state(&self, extension: &Extension, legs: &BTreeMap<LegId, Leg>) -> ExtensionState {
        let in_use = |leg: &LegId| {
            legs.get(leg)
                .is_some_and(|leg| leg.direction == Direction::In || leg.stage == Stage::Answered)
        };
        if self.legs.iter().any(in_use) {
            ExtensionState::InUse
        } else if !self.legs.is_empty() {
            ExtensionState::Ringing
        } else if self.reachable == Reachability::Unavailable {
            ExtensionState::Unavailable
        } else if extension.do_not_disturb {
            ExtensionState::Dnd
        } else {
            ExtensionState::Idle
        }
    }
}
