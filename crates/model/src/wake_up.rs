//! Wake-up calls (manual §2.9).

use crate::{Number, Wall, Weekday};
use alloc::collections::BTreeSet;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A call that the system makes at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeUp {
    /// Its name, for ever.
    pub id: WakeUpId,
    /// Who is called.
    pub extension: Number,
    /// When; of one that repeats, the next time.
    pub at: Wall,
    /// The days on which it comes again at the same time of day; empty: it comes once.
    #[serde(default)]
    pub days: BTreeSet<Weekday>,
    /// How often it was put off since it first rang.
    #[serde(default)]
    pub snoozed: u8,
}

/// One wake-up call, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WakeUpId(pub u64);

impl fmt::Display for WakeUpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl WakeUp {
    /// The most of one extension (WU-09).
    pub const MAX: usize = 20;
}
