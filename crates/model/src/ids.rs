//! Identifiers.

use serde::{Deserialize, Serialize};

macro_rules! ids { ($($(#[$doc:meta])* $name:ident;)*) => { $(
    $(#[$doc])*
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(transparent)]
    pub struct $name(pub u64);
    impl core::fmt::Display for $name {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(f, "{}", self.0)
        }
    }
)* } }

ids! {
    /// One party's end of a call. Odd ids are given by the edge to legs that call in, even ids by the
    /// switch to legs that it rings, so that neither has to ask the other.
    LegId;
    /// One call: the legs that are in one phase together.
    CallId;
    /// Legs that may hear one another, as its [`crate::MixPlan`] says.
    RoomId;
    /// One running timer of the switch.
    TimerId;
    /// One play-list given to one leg.
    PlayId;
    /// One recording.
    RecordingId;
    /// One question of the switch to the rest of the system.
    QuestionId;
}

impl LegId {
    /// The `n`th leg that called in.
    #[must_use]
    pub const fn inbound(n: u64) -> Self {
        Self(n << 1 | 1)
    }

    /// The `n`th leg that the switch rang.
    #[must_use]
    pub const fn outbound(n: u64) -> Self {
        Self(n << 1)
    }
}
