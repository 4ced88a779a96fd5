//! Sound that was received, until it is its turn.

use rtp::Time;

/// Samples between the network, which brings them unevenly, and a mixer, which takes 20 ms at a time.
///
/// It begins to give once [`TARGET`] samples are there, fills what was lost with silence, and drops what
/// piles up beyond [`MOST`].
#[derive(Debug, Default)]
pub(super) struct Playout {
    samples: std::collections::VecDeque<i16>,
    state: State,
    /// The timestamp that continues what is there.
    next: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Gathers until there is enough.
    #[default]
    Filling,
    /// Gives.
    Giving,
}

impl Playout {
    /// Takes what a packet brought. Late and doubled packets are dropped.
    pub(super) fn push(&mut self, timestamp: u32, samples: &[i16]) {
        if self.samples.capacity() == 0 {
            self.samples.reserve_exact(ROOM);
        }
        let ahead = self.next.map_or(0, |next| timestamp.wrapping_sub(next));
        let ahead = usize::try_from(ahead).unwrap_or(usize::MAX);
        match ahead {
            0..=GAP_MAX => {
                let gap = ahead.min(ROOM.saturating_sub(self.samples.len() + samples.len()));
                self.samples.extend(std::iter::repeat_n(0, gap));
            }
            // It comes after its successors.
            LATE_MIN.. => return,
            // The sender's clock jumped, or it was silent for long.
            _ => {}
        }
        let length = u32::try_from(samples.len()).unwrap_or(0);
        self.next = Some(timestamp.wrapping_add(length));
        let room = ROOM.saturating_sub(self.samples.len());
        self.samples.extend(samples.iter().take(room));
        if self.samples.len() > MOST {
            let surplus = self.samples.len() - TARGET;
            self.samples.drain(..surplus);
        }
        if self.samples.len() >= TARGET {
            self.state = State::Giving;
        }
    }

    /// Gives the next samples, silence where there are none. Returns whether any were there.
    pub(super) fn pull(&mut self, into: &mut [i16]) -> bool {
        into.fill(0);
        if self.state == State::Filling {
            return false;
        }
        let given = into.len().min(self.samples.len());
        for (to, sample) in into.iter_mut().zip(self.samples.drain(..given)) {
            *to = sample;
        }
        if given < into.len() {
            self.state = State::Filling;
        }
        given > 0
    }

    /// Forgets everything: another sender begins.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.state = State::Filling;
        self.next = None;
    }
}

/// 40 ms at 8000 Hz: what an even network needs.
const TARGET: usize = 320;
/// 160 ms: more is delay that nobody wants.
const MOST: usize = 1_280;
/// What is reserved: the longest packet on top of the most.
const ROOM: usize = MOST + 480 + GAP_MAX;
/// 100 ms: a longer gap is no loss but silence that was not sent.
const GAP_MAX: usize = 800;
/// Timestamps that lie in the past wrap to these.
const LATE_MIN: usize = 0x8000_0000;

/// When something was last heard of a leg.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening {
    /// Since when nothing came.
    since: Time,
    told: bool,
}

impl Listening {
    /// Listens from here on.
    pub(super) const fn from(now: Time) -> Self {
        Self {
            since: now,
            told: false,
        }
    }

    /// Something came.
    pub(super) const fn heard(&mut self, now: Time) {
        self.since = now;
        self.told = false;
    }

    /// Whether nothing came for [`SILENT_AFTER`]; said once.
    pub(super) fn is_silent(&mut self, now: Time) -> bool {
        let silent = !self.told && now.since(self.since) >= SILENT_AFTER;
        self.told |= silent;
        silent
    }
}

/// How long a party that should send may send nothing (SI-07).
pub(super) const SILENT_AFTER: std::time::Duration = std::time::Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(value: i16) -> [i16; 160] {
        [value; 160]
    }

    fn pull(playout: &mut Playout) -> (bool, i16) {
        let mut frame = [0; 160];
        let there = playout.pull(&mut frame);
        (there, frame[0])
    }

    #[test]
    fn what_comes_evenly_is_given_in_order() {
        let mut playout = Playout::default();
        playout.push(1_000, &packet(1));
        assert_eq!(pull(&mut playout), (false, 0), "it waits for a second one");
        playout.push(1_160, &packet(2));
        assert_eq!(pull(&mut playout), (true, 1));
        playout.push(1_320, &packet(3));
        assert_eq!(pull(&mut playout), (true, 2));
        assert_eq!(pull(&mut playout), (true, 3));
        assert_eq!(pull(&mut playout), (false, 0));
    }

    #[test]
    fn a_lost_packet_is_silence_and_a_late_one_is_dropped() {
        let mut playout = Playout::default();
        for (timestamp, value) in [(u32::MAX - 159, 1), (160, 3), (0, 2), (160, 3)] {
            playout.push(timestamp, &packet(value));
        }
        let given: Vec<_> = (0..3).map(|_| pull(&mut playout).1).collect();
        assert_eq!(given, [1, 0, 3], "across the wrap of the timestamp");
    }

    #[test]
    fn what_piles_up_is_dropped() {
        let mut playout = Playout::default();
        for count in 0..100_u32 {
            playout.push(count * 160, &packet(count as i16));
        }
        assert!(playout.samples.len() <= MOST);
        assert!(pull(&mut playout).1 > 80);
    }

    #[test]
    fn silence_is_told_once() {
        let mut listening = Listening::from(Time(0));
        assert!(!listening.is_silent(Time(29_999_999)));
        assert!(listening.is_silent(Time(30_000_000)));
        assert!(!listening.is_silent(Time(31_000_000)));
        listening.heard(Time(31_000_000));
        assert!(listening.is_silent(Time(61_000_000)));
    }
}
