//! Who hears whom: one pure function from the seats of a room to its mix.
//!
//! Talking, holding, conferences, listening, whispering, barging in and paging differ only in what the
//! seats say of themselves.

use crate::shadow::{Shadow, Watch};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use model::{Group, LegId, MixPlan, Switched};
use serde::{Deserialize, Serialize};

/// A leg in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) leg: LegId,
    /// Whether its party put the others on hold.
    pub(crate) held: Switched,
    pub(crate) voice: Voice,
    /// Whom it watches, if it is not part of what is said here.
    pub(crate) watches: Option<Watch>,
}

/// Whether a party is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Voice {
    #[default]
    Heard,
    /// It only listens (page, MI-08).
    Unheard,
}

/// Everybody hears everybody else who may be heard; who holds neither speaks nor hears. Who watches somebody hears
/// everybody, and is heard by nobody, by whom he watches, or by all.
pub(crate) fn plan(seats: impl Iterator<Item = Seat>) -> MixPlan {
    let mut plan = MixPlan::default();
    let (mut present, mut speakers) = (BTreeSet::new(), BTreeSet::new());
    let (mut watchers, mut whispers) = (BTreeSet::new(), Vec::new());
    for seat in seats {
        plan.seats.insert(seat.leg);
        if seat.held == Switched::On {
            continue;
        }
        match seat.watches {
            Some(Watch { how, whom }) if how != Shadow::Barges => {
                watchers.insert(seat.leg);
                if how == Shadow::Whispers {
                    whispers.push((seat.leg, whom));
                }
            }
            Some(_) | None => {
                present.insert(seat.leg);
                if seat.voice == Voice::Heard {
                    speakers.insert(seat.leg);
                }
            }
        }
    }
    whispers.retain(|(_, whom)| present.contains(whom));
    let watched = !watchers.is_empty() && !speakers.is_empty();
    if watched {
        plan.groups.push(Group {
            speakers: speakers.clone(),
            listeners: watchers,
        });
    }
    for (leg, whom) in whispers {
        plan.groups.push(Group {
            speakers: BTreeSet::from([leg]),
            listeners: BTreeSet::from([whom]),
        });
    }
    // Alone, nobody hears anybody.
    if present.len() > 1 {
        let talk = Group {
            speakers,
            listeners: present,
        };
        plan.groups.insert(0, talk);
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
            watches: None,
        }
    }

    fn watching(leg: u64, whom: u64, how: Shadow) -> Seat {
        Seat {
            watches: Some(Watch {
                whom: LegId(whom),
                how,
            }),
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

    /// MON-02 MON-03 MON-04 MON-09
    #[test]
    fn who_watches_hears_all_and_is_heard_by_none_by_one_or_by_all() {
        let (a, b) = (seat(1, Switched::Off), seat(2, Switched::Off));
        let talk = [(1, 2), (2, 1)];
        let hear = |more: &[(u64, u64)], seats: &[Seat]| {
            let mut expected = [&talk[..], more].concat();
            expected.sort_unstable();
            let mut found = pairs(seats);
            found.sort_unstable();
            assert_eq!(found, expected);
        };
        let listens = watching(3, 1, Shadow::Listens);
        let whispers = watching(4, 1, Shadow::Whispers);
        let barges = watching(5, 1, Shadow::Barges);
        hear(&[(1, 3), (2, 3)], &[a, b, listens]);
        hear(&[(1, 4), (2, 4), (4, 1)], &[a, b, whispers]);
        hear(&[(1, 5), (2, 5), (5, 1), (5, 2)], &[a, b, barges]);
        let (three, four) = ([(1, 3), (2, 3)], [(1, 4), (2, 4), (4, 1)]);
        hear(&[&three[..], &four].concat(), &[a, b, listens, whispers]);
        // Whoever holds is not whispered to, and the one who waits is still heard.
        let holds = seat(1, Switched::On);
        assert_eq!(pairs(&[holds, b, whispers]), [(2, 4)]);
        assert_eq!(pairs(&[holds, b, listens]), [(2, 3)]);
    }
}
