//! Who hears whom.

use crate::LegId;
use alloc::collections::BTreeSet;
use serde::{Deserialize, Serialize};

/// One direction of sound in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hears {
    /// Who is heard.
    pub speaker: LegId,
    /// Who hears.
    pub listener: LegId,
}

/// The complete, desired mix of one room. An empty plan closes the room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixPlan {
    /// Every leg seated in the room, also one that neither speaks nor hears.
    pub seats: BTreeSet<LegId>,
    /// Every pair of speaker and listener.
    pub hears: BTreeSet<Hears>,
}
