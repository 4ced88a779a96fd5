//! How much of the lines to the outside is in use, and by whom (SI-11).

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::num::NonZeroU32;
use model::{Duration, Number, Time};
use serde::{Deserialize, Serialize};

/// Calls on trunks, counted by trunk and by the extension that makes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    trunks: BTreeMap<String, u32>,
    extensions: BTreeMap<Number, Spent>,
}

/// What an extension has of the outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent {
    /// Calls in progress.
    live: u32,
    /// Calls begun since then.
    begun: u32,
    since: Time,
}

impl Usage {
    /// Counts a call on a trunk, and who makes it: nobody of ours when it comes in.
    pub(crate) fn take_up(&mut self, trunk: &str, by: Option<Number>, now: Time) {
        if let Some(calls) = self.trunks.get_mut(trunk) {
            *calls += 1;
        } else {
            self.trunks.insert(String::from(trunk), 1);
        }
        if let Some(by) = by {
            let spent = self.extensions.entry(by).or_default();
            spent.live += 1;
            *spent = spent.at(now);
            spent.begun += 1;
        }
    }

    pub(crate) fn put_down(&mut self, trunk: &str, by: Option<Number>, now: Time) {
        if let Some(calls) = self.trunks.get_mut(trunk) {
            *calls -= 1;
            if *calls == 0 {
                self.trunks.remove(trunk);
            }
        }
        let Some(by) = by else { return };
        if let Some(spent) = self.extensions.get_mut(&by) {
            spent.live -= 1;
            *spent = spent.at(now);
            if *spent
                == (Spent {
                    since: now,
                    ..Spent::default()
                })
            {
                self.extensions.remove(&by);
            }
        }
    }

    /// How many calls a trunk has.
    pub(crate) fn calls(&self, trunk: &str) -> u32 {
        self.trunks.get(trunk).copied().unwrap_or_default()
    }

    /// Whether a trunk takes no more calls.
    pub(crate) fn is_full(&self, trunk: &str, most: Option<NonZeroU32>) -> bool {
        most.is_some_and(|most| self.calls(trunk) >= most.get())
    }

    /// Whether an extension has so many calls outside that it gets no more.
    pub(crate) fn is_spent(
        &self,
        extension: &Number,
        most: Option<NonZeroU32>,
        most_a_minute: Option<NonZeroU32>,
        now: Time,
    ) -> bool {
        let Some(spent) = self.extensions.get(extension) else {
            return false;
        };
        let over =
            |count: u32, most: Option<NonZeroU32>| most.is_some_and(|most| count >= most.get());
        over(spent.live, most) || over(spent.at(now).begun, most_a_minute)
    }

    /// How many calls all trunks have.
    pub(crate) fn total(&self) -> usize {
        self.trunks.values().map(|calls| *calls as usize).sum()
    }
}

impl Spent {
    /// The same, a minute after the first call of a minute with nothing begun.
    fn at(self, now: Time) -> Self {
        if now.since(self.since) < MINUTE && self.begun > 0 {
            return self;
        }
        Self {
            begun: 0,
            since: now,
            ..self
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
