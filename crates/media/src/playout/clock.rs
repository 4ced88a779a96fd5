//! The sender's clock: where on one unbroken timeline each packet begins.

use super::pace::Pace;
use rtp::Header;

/// Timestamps without wraps and jumps.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Ticks a second.
    rate: u32,
    newest: Option<Newest>,
    /// Ticks from one packet to the next, as they come.
    step: i64,
    pace: Pace,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    sequence: u16,
    timestamp: u32,
    at: i64,
    /// For how long it sounds, where that is known.
    length: Option<i64>,
}

impl Clock {
    pub(super) const fn new(rate: u32, step: u32) -> Self {
        Self {
            rate: if rate == 0 { 8_000 } else { rate },
            newest: None,
            step: step as i64,
            pace: Pace::new(),
        }
    }

    /// Where a packet that sounds for `length` ticks begins, in ticks; `None` when its timestamp and its sequence
    /// number contradict each other.
    ///
    /// `on_time` is where one that comes now would begin if it were as fast as the fastest. A timestamp that goes
    /// on evenly is believed, and so is one that fits the time that went by; another is a jump, and begins where
    /// its packet would have if the clock had not jumped.
    pub(super) fn place(
        &mut self,
        header: &Header,
        length: Option<u32>,
        on_time: Option<i64>,
    ) -> Option<i64> {
        let length = length.map(i64::from);
        let Some(newest) = self.newest else {
            return Some(self.follow(header, length, 0));
        };
        let packets = i64::from(header.sequence.wrapping_sub(newest.sequence).cast_signed());
        let ticks = header.timestamp.wrapping_sub(newest.timestamp);
        let counted = i64::from(ticks.cast_signed());
        let ticks = match newest.length {
            Some(length) if packets == 1 => self.pace.watch(counted, length),
            _ => self.pace.right(counted),
        };
        let at = newest.at + ticks;
        if packets <= 0 {
            let possible = packets * self.ticks(PACKET_MS_MAX)..=0;
            return possible.contains(&ticks).then_some(at);
        }
        let late = on_time.map_or(0, |on_time| on_time - at);
        let possible = 1..=packets * self.ticks(PACKET_MS_MAX);
        let latest = if possible.contains(&ticks) {
            self.ticks(JAM_MS_MAX)
        } else {
            self.ticks(GAP_LATE_MS_MAX)
        };
        let is_believed = ticks > 0 && (-self.ticks(EARLY_MS_MAX)..=latest).contains(&late);
        let is_even = ticks == packets * self.step && late <= latest;
        if is_even || is_believed {
            if packets == 1 && possible.contains(&ticks) {
                self.step = ticks;
            }
            return Some(self.follow(header, length, at));
        }
        let evenly = newest.at + packets * self.step;
        let at = on_time.map_or(evenly, |on_time| on_time.max(evenly));
        Some(self.follow(header, length, at))
    }

    /// From one packet to the next, in microseconds.
    pub(super) fn step_us(&self) -> i64 {
        self.to_us(self.step)
    }

    /// Ticks a second.
    pub(super) const fn rate(&self) -> u32 {
        self.rate
    }

    /// A time in microseconds in ticks.
    pub(super) fn of_us(&self, us: i64) -> i64 {
        let ticks = i128::from(us) * i128::from(self.rate) / 1_000_000;
        i64::try_from(ticks).unwrap_or(i64::MAX / 2)
    }

    /// Ticks in microseconds.
    pub(super) fn to_us(&self, ticks: i64) -> i64 {
        let us = i128::from(ticks) * 1_000_000 / i128::from(self.rate);
        i64::try_from(us).unwrap_or(i64::MAX / 2)
    }

    fn follow(&mut self, header: &Header, length: Option<i64>, at: i64) -> i64 {
        self.newest = Some(Newest {
            sequence: header.sequence,
            timestamp: header.timestamp,
            at,
            length,
        });
        at
    }

    fn ticks(&self, ms: i64) -> i64 {
        i64::from(self.rate) * ms / 1_000
    }
}

/// The longest packet of any codec (Opus, RFC 7587 §4.2).
pub(super) const PACKET_MS_MAX: i64 = 120;
/// A packet may claim to be so much faster than the fastest before.
const EARLY_MS_MAX: i64 = 100;
/// After silence a packet may be so late; more, and its sender's clock stood still.
const GAP_LATE_MS_MAX: i64 = 400;
/// Packets that go on evenly may be so late, after a jam.
const JAM_MS_MAX: i64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_wraps_without_a_seam() {
        let mut clock = Clock::new(8_000, 160);
        for packet in 0..5 {
            let header = header(65_534, u32::MAX - 200, packet);
            let at = clock.place(&header, None, Some(i64::from(packet) * 160));
            assert_eq!(at, Some(i64::from(packet) * 160));
        }
    }

    #[test]
    fn silence_that_was_not_sent_is_a_gap_and_a_jump_is_none() {
        let mut clock = Clock::new(8_000, 160);
        clock.place(&header(0, 1_000, 0), None, None);
        // The time went by as the timestamp says.
        let gap = clock.place(&header(1, 81_000, 0), None, Some(80_100));
        assert_eq!(gap, Some(80_000));
        // It did not.
        for timestamp in [4_000_000, 5] {
            let mut clock = clock.clone();
            let at = clock.place(&header(2, timestamp, 0), None, Some(80_150));
            assert_eq!(at, Some(80_160), "as if it had gone on");
            let at = clock.place(&header(3, timestamp + 160, 0), None, Some(80_300));
            assert_eq!(at, Some(80_320));
        }
    }

    #[test]
    fn a_clock_that_stood_still_while_time_went_by_goes_on_now() {
        let mut clock = Clock::new(8_000, 160);
        clock.place(&header(0, 0, 0), None, None);
        assert_eq!(
            clock.place(&header(1, 160, 0), None, Some(40_000)),
            Some(40_000)
        );
    }

    #[test]
    fn a_jam_is_believed() {
        let mut clock = Clock::new(8_000, 160);
        clock.place(&header(0, 0, 0), None, None);
        assert_eq!(
            clock.place(&header(1, 160, 0), None, Some(6_000)),
            Some(160)
        );
    }

    #[test]
    fn late_packets_have_their_place_and_contradictions_have_none() {
        let mut clock = Clock::new(8_000, 160);
        clock.place(&header(0, 1_600, 0), None, None);
        clock.place(&header(2, 1_920, 0), None, Some(320));
        assert_eq!(
            clock.place(&header(1, 1_760, 0), None, Some(330)),
            Some(160)
        );
        assert_eq!(clock.place(&header(1, 900_000, 0), None, Some(330)), None);
    }

    #[test]
    fn packets_of_another_length_are_believed() {
        let mut clock = Clock::new(8_000, 160);
        clock.place(&header(0, 0, 0), None, None);
        assert_eq!(clock.place(&header(1, 160, 0), None, Some(160)), Some(160));
        assert_eq!(clock.place(&header(2, 640, 0), None, Some(640)), Some(640));
        assert_eq!(clock.step, 480);
    }

    fn header(sequence: u16, timestamp: u32, packet: u16) -> Header {
        Header {
            sequence: sequence.wrapping_add(packet),
            timestamp: timestamp.wrapping_add(u32::from(packet) * 160),
            ..Header::default()
        }
    }
}
