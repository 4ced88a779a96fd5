//! Who hears whom: one pure function from the seats of a room to its mix.
//!
//! Talking, holding, conferences, listening, whispering, barging in and paging differ only in what the
//! seats say of themselves.

use alloc::collections::BTreeSet;
use model::{Group, LegId, MixPlan, Switched};

/// A leg in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) leg: LegId,
    /// Whether its party put the others on hold.
    pub(crate) held: Switched,
}

/// Everybody hears everybody else; who holds neither speaks nor hears.
pub(crate) fn plan(seats: impl Iterator<Item = Seat>) -> MixPlan {
    let mut plan = MixPlan::default();
    let mut present = BTreeSet::new();
    for seat in seats {
        plan.seats.insert(seat.leg);
        if seat.held == Switched::Off {
            present.insert(seat.leg);
        }
    }
    // Alone, nobody hears anybody.
    if present.len() > 1 {
        plan.groups.push(Group::talk(present));
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn seat(leg: u64, held: Switched) -> Seat {
        Seat {
            leg: LegId(leg),
            held,
        }
    }

    fn pairs(seats: &[Seat]) -> Vec<(u64, u64)> {
        let plan = plan(seats.iter().copied());
        assert_eq!(plan.seats.len(), seats.len(), "everybody is in the room");
        let pairs = seats
            .iter()
            .flat_map(|speaker| seats.iter().map(|listener| (speaker.leg, listener.leg)));
        pairs
            .filter(|(speaker, listener)| plan.hears(*listener, *speaker))
            .map(|(speaker, listener)| (speaker.0, listener.0))
            .collect()
    }

    #[test]
    fn everybody_hears_everybody_else_and_nobody_himself() {
        let (on, off) = (Switched::On, Switched::Off);
        assert_eq!(pairs(&[]), []);
        assert_eq!(pairs(&[seat(1, off)]), []);
        assert_eq!(pairs(&[seat(1, off), seat(2, off)]), [(1, 2), (2, 1)]);
        assert_eq!(
            pairs(&[seat(1, off), seat(2, on), seat(4, off)]),
            [(1, 4), (4, 1)]
        );
        assert_eq!(pairs(&[seat(1, on), seat(2, off)]), []);
        assert_eq!(pairs(&[seat(1, on), seat(2, on)]), []);
    }
}
