//! Who hears whom: one pure function from the seats of a room to its mix.
//!
//! Talking, holding, conferences, listening, whispering, barging in and paging differ only in what the
//! seats say of themselves.

use alloc::collections::BTreeSet;
use model::{Group, LegId, MixPlan, Switched};
use serde::{Deserialize, Serialize};

/// A leg in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) leg: LegId,
    /// Whether its party put the others on hold.
    pub(crate) held: Switched,
    pub(crate) voice: Voice,
}

/// Whether a party is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Voice {
    #[default]
    Heard,
    /// It only listens (page, MI-08).
    Unheard,
}

/// Everybody hears everybody else who may be heard; who holds neither speaks nor hears.
pub(crate) fn plan(seats: impl Iterator<Item = Seat>) -> MixPlan {
    let mut plan = MixPlan::default();
    let (mut present, mut speakers) = (BTreeSet::new(), BTreeSet::new());
    for seat in seats {
        plan.seats.insert(seat.leg);
        if seat.held == Switched::Off {
            present.insert(seat.leg);
            if seat.voice == Voice::Heard {
                speakers.insert(seat.leg);
            }
        }
    }
    // Alone, nobody hears anybody.
    if present.len() > 1 {
        plan.groups.push(Group {
            speakers,
            listeners: present,
        });
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
            voice: Voice::Heard,
        }
    }

    fn listener(leg: u64) -> Seat {
        Seat {
            voice: Voice::Unheard,
            ..seat(leg, Switched::Off)
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

    /// MI-08
    #[test]
    fn who_is_paged_hears_and_is_not_heard() {
        let speaker = seat(1, Switched::Off);
        assert_eq!(pairs(&[speaker, listener(2)]), [(1, 2)]);
        assert_eq!(
            pairs(&[speaker, listener(2), listener(4)]),
            [(1, 2), (1, 4)]
        );
        assert_eq!(pairs(&[seat(1, Switched::On), listener(2)]), []);
        assert_eq!(pairs(&[listener(2), listener(4)]), []);
    }
}
