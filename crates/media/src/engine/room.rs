//! From a plan of who hears whom to what each leg does.

use model::{Hears, LegId, MixPlan};
use std::collections::BTreeMap;

/// What one leg hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Hearing {
    /// Nothing.
    #[default]
    Nothing,
    /// One other leg.
    One(LegId),
    /// Several.
    Many(Vec<LegId>),
}

/// What every seat of a plan hears.
pub(super) fn hearings(plan: &MixPlan) -> BTreeMap<LegId, Hearing> {
    let mut hearings: BTreeMap<LegId, Hearing> = plan
        .seats
        .iter()
        .map(|seat| (*seat, Hearing::Nothing))
        .collect();
    for Hears { speaker, listener } in &plan.hears {
        let hearing = hearings.entry(*listener).or_default();
        *hearing = match std::mem::take(hearing) {
            Hearing::Nothing => Hearing::One(*speaker),
            Hearing::One(other) => Hearing::Many(vec![other, *speaker]),
            Hearing::Many(mut others) => {
                others.push(*speaker);
                Hearing::Many(others)
            }
        };
    }
    hearings
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_seat_hears_what_the_plan_says() {
        let [a, b, c] = [1, 2, 3].map(LegId);
        let hears = |speaker, listener| Hears { speaker, listener };
        let plan = MixPlan {
            seats: BTreeSet::from([a, b, c]),
            hears: BTreeSet::from([hears(a, b), hears(b, a), hears(a, c), hears(b, c)]),
        };
        let hearings = hearings(&plan);
        assert_eq!(hearings[&a], Hearing::One(b));
        assert_eq!(hearings[&b], Hearing::One(a));
        assert_eq!(hearings[&c], Hearing::Many(vec![a, b]));
    }
}
