//! When each phone of an office has something to do.

use model::Time;
use std::collections::BTreeSet;

/// When each phone has something to do.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    of: Vec<Option<Time>>,
    by_time: BTreeSet<(Time, usize)>,
}

impl Alarms {
    pub(super) fn set(&mut self, place: usize, at: Option<Time>) {
        if self.of.len() <= place {
            self.of.resize(place + 1, None);
        }
        let Some(known) = self.of.get_mut(place) else {
            return;
        };
        if *known != at {
            if let Some(before) = std::mem::replace(known, at) {
                self.by_time.remove(&(before, place));
            }
            self.by_time.extend(at.map(|at| (at, place)));
        }
    }

    /// The user of a phone did something, and nobody knows yet what is due because of it.
    pub(super) fn touch(&mut self, place: usize) {
        self.set(place, Some(Time(0)));
    }

    pub(super) fn touched(&self) -> Vec<usize> {
        let touched = self.by_time.range(..(Time(1), 0));
        touched.map(|(_, place)| *place).collect()
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    pub(super) fn due(&self, now: Time) -> Option<usize> {
        let first = self.by_time.first().filter(|(at, _)| *at <= now);
        first.map(|(_, place)| *place)
    }
}
