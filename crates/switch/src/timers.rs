//! Deadlines, in the order in which they are due.

use alloc::collections::BTreeSet;
use model::{CallId, Time, TimerId};
use serde::{Deserialize, Serialize};

/// Every running timer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Timers(BTreeSet<(Time, TimerId, CallId)>);

impl Timers {
    pub(crate) fn add(&mut self, timer: TimerId, at: Time, call: CallId) {
        self.0.insert((at, timer, call));
    }

    pub(crate) fn remove(&mut self, timer: TimerId, at: Time, call: CallId) {
        self.0.remove(&(at, timer, call));
    }

    /// Takes out the earliest timer that is due.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<(TimerId, CallId)> {
        let &(at, timer, call) = self.0.first()?;
        if at > now {
            return None;
        }
        self.0.pop_first();
        Some((timer, call))
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.0.first().map(|&(at, ..)| at)
    }

    pub(crate) fn contains(&self, timer: TimerId, at: Time, call: CallId) -> bool {
        self.0.contains(&(at, timer, call))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
