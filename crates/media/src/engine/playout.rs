//! Sound that was received, until it is its turn.

use super::SLOT;
use std::collections::VecDeque;

/// Samples between the network, which brings them unevenly, and the mixer, which takes [`SLOT`] at a time.
///
/// It begins to give [`DELAY_SLOTS`] after the first packet came, fills what was lost with silence, drops what comes
/// too late and what piles up beyond [`MOST`]. The delay is fixed; one that follows the network takes this place.
#[derive(Debug)]
pub(super) struct Playout {
    samples: VecDeque<i16>,
    state: State,
    /// The timestamp that continues what is there.
    next: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is there.
    Empty,
    /// Something is there, and so many slots go by before it is given.
    Filling(u8),
    /// Gives.
    Giving,
}

impl Playout {
    pub(super) fn new() -> Self {
        Self {
            samples: VecDeque::with_capacity(ROOM),
            state: State::Empty,
            next: None,
        }
    }

    /// Takes what a packet brought. Late and doubled packets are dropped.
    pub(super) fn push(&mut self, timestamp: u32, samples: &[i16]) {
        let ahead = self.next.map_or(0, |next| timestamp.wrapping_sub(next));
        let gap = match usize::try_from(ahead).unwrap_or(usize::MAX) {
            // What is missing may still be heard as silence of the right length.
            gap @ 0..=GAP_MAX if self.state != State::Empty => gap,
            // It comes after its successors.
            LATE_MIN.. => return,
            // The sender's clock jumped, or it was silent.
            _ => 0,
        };
        let room = ROOM.saturating_sub(self.samples.len());
        let sound = std::iter::repeat_n(0, gap).chain(samples.iter().copied());
        self.samples.extend(sound.take(room));
        let length = u32::try_from(samples.len()).unwrap_or(0);
        self.next = Some(timestamp.wrapping_add(length));
        if self.samples.len() > MOST {
            let surplus = self
                .samples
                .len()
                .saturating_sub(SLOT * usize::from(DELAY_SLOTS));
            self.samples.drain(..surplus);
        }
        if self.state == State::Empty {
            self.state = State::Filling(DELAY_SLOTS);
        }
    }

    /// Gives the next slot; silence where nothing is.
    pub(super) fn pull(&mut self, into: &mut [i16; SLOT]) {
        *into = [0; SLOT];
        self.state = match self.state {
            State::Empty => return,
            State::Filling(slots @ 1..) => {
                self.state = State::Filling(slots - 1);
                return;
            }
            State::Filling(0) | State::Giving => State::Giving,
        };
        let given = SLOT.min(self.samples.len());
        for (to, sample) in into.iter_mut().zip(self.samples.drain(..given)) {
            *to = sample;
        }
        if given < SLOT {
            self.state = State::Empty;
        }
    }

    /// Forgets everything: another sender begins.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.state = State::Empty;
        self.next = None;
    }
}

/// 40 ms: the margin that an even network and a tick that comes late need.
const DELAY_SLOTS: u8 = 4;
/// 200 ms: more is delay that nobody wants.
const MOST: usize = SLOT * 20;
/// 100 ms: a longer gap is no loss but silence that was not sent.
const GAP_MAX: usize = SLOT * 10;
/// Timestamps that lie in the past wrap to these.
const LATE_MIN: usize = 0x8000_0000;
/// The longest gap and packet on top of the most.
const ROOM: usize = MOST + GAP_MAX + super::SAMPLES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_evenly_is_given_in_order_after_the_delay() {
        let mut playout = Playout::new();
        let mut given = Vec::new();
        for slot in 0..20_u32 {
            if slot % 2 == 0 {
                let value = i16::try_from(slot / 2).unwrap() + 1;
                playout.push(1_000 + slot * 80, &[value; 160]);
            }
            given.push(pull(&mut playout));
        }
        assert_eq!(given[..10], [0, 0, 0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_lost_packet_is_silence_and_a_late_one_is_dropped() {
        let mut playout = Playout::new();
        for (timestamp, value) in [(u32::MAX - 159, 1), (160, 3), (0, 2), (160, 3)] {
            playout.push(timestamp, &[value; 160]);
        }
        let given: Vec<_> = (0..11).map(|_| pull(&mut playout)).collect();
        assert_eq!(
            given[4..],
            [1, 1, 0, 0, 3, 3, 0],
            "across the wrap of the timestamp"
        );
    }

    #[test]
    fn what_piles_up_is_dropped() {
        let mut playout = Playout::new();
        for count in 0..100_u32 {
            playout.push(count * 160, &[count as i16; 160]);
            assert!(playout.samples.len() <= MOST);
            assert_eq!(playout.samples.capacity(), ROOM, "nothing is allocated");
        }
        let given: Vec<_> = (0..5).map(|_| pull(&mut playout)).collect();
        assert!(given[4] > 80, "{given:?}");
    }

    #[test]
    fn after_silence_the_delay_begins_anew() {
        let mut playout = Playout::new();
        playout.push(0, &[1; 160]);
        assert_eq!((0..7).map(|_| pull(&mut playout)).sum::<i16>(), 2);
        playout.push(80_000, &[5; 160]);
        let given: Vec<_> = (0..6).map(|_| pull(&mut playout)).collect();
        assert_eq!(given, [0, 0, 0, 0, 5, 5]);
    }

    fn pull(playout: &mut Playout) -> i16 {
        let mut slot = [9; SLOT];
        playout.pull(&mut slot);
        slot[0]
    }
}
