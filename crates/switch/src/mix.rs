//! Who hears whom: one pure function from the seats of a room to its mix.
//!
//! Talking, holding, conferences, listening, whispering, barging in and paging differ only in what the
//! seats say of themselves.

use alloc::vec::Vec;
use model::{Hears, LegId, MixPlan, Switched};

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
    let mut present = Vec::new();
    for seat in seats {
        plan.seats.insert(seat.leg);
        if seat.held == Switched::Off {
            present.push(seat.leg);
        }
    }
    for &speaker in &present {
        for &listener in present.iter().filter(|&&listener| listener != speaker) {
            plan.hears.insert(Hears { speaker, listener });
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(leg: u64, held: Switched) -> Seat {
        Seat {
            leg: LegId(leg),
            held,
        }
    }

    fn pairs(seats: &[Seat]) -> Vec<(u64, u64)> {
        let plan = plan(seats.iter().copied());
        assert_eq!(plan.seats.len(), seats.len(), "everybody is in the room");
        let pairs = plan.hears.iter();
        pairs
            .map(|pair| (pair.speaker.0, pair.listener.0))
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
