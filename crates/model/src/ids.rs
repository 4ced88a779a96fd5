//! Identifiers.

use crate::Wall;
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
    /// One recording, for ever: it names a file that outlasts the run of the server (see [`RecordingId::begun`]).
    RecordingId;
    /// One question of the switch to the rest of the system.
    QuestionId;
}

impl RecordingId {
    /// The recording that begins at `at` as the `count`th of anything in its run. The time keeps it apart from those of
    /// other runs, the count from others of the same millisecond; it stays below 2^53, so that every JSON reader keeps
    /// it exactly.
    #[must_use]
    pub fn begun(at: Wall, count: u64) -> Self {
        Self(at.0.unsigned_abs() * Self::IN_ONE_MS + count % Self::IN_ONE_MS)
    }

    /// So many may begin in one millisecond.
    const IN_ONE_MS: u64 = 1_000;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_recordings_outlast_a_run() {
        let in_2100 = Wall(4_102_444_800_000);
        let first = RecordingId::begun(Wall(1_764_000_000_000), 1);
        let again = RecordingId::begun(Wall(1_764_000_000_001), 1);
        assert_ne!(first, again, "another run counts from one too");
        assert_ne!(first, RecordingId::begun(Wall(1_764_000_000_000), 2));
        assert!(RecordingId::begun(in_2100, u64::MAX).0 < 1 << 53);
    }
}
