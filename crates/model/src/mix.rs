//! Who hears whom.

use crate::LegId;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The complete, desired mix of one room. An empty plan closes the room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixPlan {
    /// Every leg seated in the room, also one that neither speaks nor hears.
    pub seats: BTreeSet<LegId>,
    /// Who hears whom. A leg may be in several groups; whom it hears in more than one it hears once.
    pub groups: Vec<Group>,
}

/// Listeners who hear the same speakers, each of them all but himself. A conference of a thousand is one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Who is heard.
    pub speakers: BTreeSet<LegId>,
    /// Who hears.
    pub listeners: BTreeSet<LegId>,
}

impl MixPlan {
    /// A room in which everybody hears everybody else.
    #[must_use]
    pub fn talk(legs: impl IntoIterator<Item = LegId>) -> Self {
        let seats: BTreeSet<_> = legs.into_iter().collect();
        let groups = vec![Group::talk(seats.clone())];
        Self { seats, groups }
    }

    /// Whether one hears the other.
    #[must_use]
    pub fn hears(&self, listener: LegId, speaker: LegId) -> bool {
        listener != speaker
            && self.groups.iter().any(|group| {
                group.listeners.contains(&listener) && group.speakers.contains(&speaker)
            })
    }
}

impl Group {
    /// Some who all hear one another.
    #[must_use]
    pub fn talk(legs: BTreeSet<LegId>) -> Self {
        Self {
            speakers: legs.clone(),
            listeners: legs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_talks_hears_the_others_and_not_himself() {
        let plan = MixPlan::talk([1, 2].map(LegId));
        assert!(plan.hears(LegId(1), LegId(2)) && plan.hears(LegId(2), LegId(1)));
        assert!(!plan.hears(LegId(1), LegId(1)));
        assert!(!plan.hears(LegId(1), LegId(3)));
    }

    #[test]
    fn a_plan_grows_with_its_parties_and_not_with_their_pairs() {
        let size = |parties: u64| {
            let plan = MixPlan::talk((1..=parties).map(LegId));
            let groups = plan.groups.iter();
            plan.seats.len()
                + groups
                    .map(|group| group.speakers.len() + group.listeners.len())
                    .sum::<usize>()
        };
        assert_eq!(size(1_000), 100 * size(10));
    }
}
