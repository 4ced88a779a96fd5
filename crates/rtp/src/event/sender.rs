//! Sends keys as RTP events.

use super::{Payload, Stage};
use crate::Marker;
use core::time::Duration;
use std::collections::VecDeque;

/// Sends keys one after the other (RFC 4733 §2.5.1), one packet each time it is asked.
///
/// All packets of a key carry the timestamp at which it began and a growing duration; the first is marked,
/// the last is sent three times. A key longer than the duration field goes on in further segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySender {
    clock_rate: u32,
    /// The clock of the sound beside it, in which timestamps are.
    beside: u32,
    waiting: VecDeque<Waiting>,
    state: State,
}

/// One packet of a key, to be sent in place of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPacket {
    /// Set on the first packet of a key.
    pub marker: Marker,
    /// When the key, or this segment of it, began.
    pub timestamp: u32,
    /// What the packet carries.
    pub payload: [u8; 4],
}

/// As many keys wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} keys are waiting to be sent", KeySender::WAITING_MAX)]
pub struct QueueFull;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    event: u8,
    volume: u8,
    length: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// The key sounds; `left` ticks are still to come.
    Pressed {
        segment: Segment,
        left: u32,
    },
    /// It is over, which is said so many times more. `since`: ticks from its end to the next packet.
    Ending {
        segment: Segment,
        repeats: u8,
        since: u32,
    },
    /// Silence before the next key. `since`: ticks from the end of the last one to the next packet.
    Gap {
        since: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    event: u8,
    volume: u8,
    timestamp: u32,
    duration: u32,
}

impl KeySender {
    /// How many keys may wait.
    pub const WAITING_MAX: usize = 64;
    /// How long a key sounds where nobody says otherwise.
    pub const LENGTH: Duration = Duration::from_millis(100);
    /// What every receiver still recognises (ITU-T Q.24).
    pub const LENGTH_MIN: Duration = Duration::from_millis(40);
    /// The longest press that is passed on.
    pub const LENGTH_MAX: Duration = Duration::from_secs(30);
    /// Silence between two keys.
    pub const GAP: Duration = Duration::from_millis(50);
    /// How loud keys are said to be: -10 dBm0.
    pub const VOLUME: u8 = 10;
    /// How often the end of a key is sent (RFC 4733 §2.5.1.4).
    pub const ENDS: u8 = 3;

    /// A sender at the clock that was agreed on for telephone events.
    #[must_use]
    pub fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            beside: clock_rate,
            waiting: VecDeque::with_capacity(Self::WAITING_MAX),
            state: State::Idle,
        }
    }

    /// The same beside sound of another clock, such as events at 8000 beside Opus at 48000. All packets of a stream
    /// have timestamps of one clock, that of its sound; durations are in that of the events.
    #[must_use]
    pub fn beside(self, clock_rate: u32) -> Self {
        Self {
            beside: clock_rate,
            ..self
        }
    }

    /// Puts a key behind those that wait; its length is brought between [`Self::LENGTH_MIN`] and
    /// [`Self::LENGTH_MAX`].
    ///
    /// # Errors
    /// When [`Self::WAITING_MAX`] keys wait.
    pub fn push(&mut self, event: u8, length: Duration) -> Result<(), QueueFull> {
        if self.waiting.len() >= Self::WAITING_MAX {
            return Err(QueueFull);
        }
        let length = length.clamp(Self::LENGTH_MIN, Self::LENGTH_MAX);
        self.waiting.push_back(Waiting {
            event,
            volume: Self::VOLUME,
            length: self.ticks(length),
        });
        Ok(())
    }

    /// Whether nothing is being sent and nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle && self.waiting.is_empty()
    }

    /// The packet that is due at `timestamp`, in the clock of the sound, for a stream with packets of `ticks`, in the
    /// events' clock. `None` when there is none: sound goes on. To be asked once per packet interval.
    pub fn next(&mut self, timestamp: u32, ticks: u32) -> Option<KeyPacket> {
        match self.state {
            State::Idle => self.begin(timestamp, ticks),
            State::Pressed { segment, left } => Some(self.go_on(segment, left, ticks)),
            State::Ending {
                segment,
                repeats,
                since,
            } => Some(self.end_again(segment, repeats, since.saturating_add(ticks))),
            State::Gap { since } => {
                if since < self.ticks(Self::GAP) {
                    let since = since.saturating_add(ticks);
                    self.state = State::Gap { since };
                    return None;
                }
                self.state = State::Idle;
                self.begin(timestamp, ticks)
            }
        }
    }

    fn begin(&mut self, timestamp: u32, ticks: u32) -> Option<KeyPacket> {
        let key = self.waiting.pop_front()?;
        let segment = Segment {
            event: key.event,
            volume: key.volume,
            timestamp,
            duration: 0,
        };
        let packet = self.go_on(segment, key.length, ticks);
        Some(KeyPacket {
            marker: Marker::Set,
            ..packet
        })
    }

    fn go_on(&mut self, segment: Segment, left: u32, ticks: u32) -> KeyPacket {
        let left = left.saturating_sub(ticks);
        let duration = segment.duration.saturating_add(ticks);
        let segment = Segment {
            duration,
            ..segment
        };
        if duration > DURATION_MAX {
            let full = Segment {
                duration: DURATION_MAX,
                ..segment
            };
            let next = Segment {
                timestamp: segment.timestamp.wrapping_add(self.segment_ticks()),
                duration: duration.saturating_sub(DURATION_MAX),
                ..segment
            };
            self.state = State::Pressed {
                segment: next,
                left,
            };
            return full.packet(Stage::Going);
        }
        if left > 0 {
            self.state = State::Pressed { segment, left };
            return segment.packet(Stage::Going);
        }
        self.end_again(segment, Self::ENDS, 0)
    }

    fn end_again(&mut self, segment: Segment, repeats: u8, since: u32) -> KeyPacket {
        let repeats = repeats.saturating_sub(1);
        self.state = if repeats > 0 {
            State::Ending {
                segment,
                repeats,
                since,
            }
        } else {
            State::Gap { since }
        };
        segment.packet(Stage::Ended)
    }

    /// How long a segment of the greatest duration is in the clock of the sound.
    fn segment_ticks(&self) -> u32 {
        let ticks =
            u64::from(DURATION_MAX) * u64::from(self.beside) / u64::from(self.clock_rate.max(1));
        // Timestamps wrap.
        ticks as u32
    }

    fn ticks(&self, length: Duration) -> u32 {
        let ticks = u128::from(self.clock_rate) * length.as_micros() / 1_000_000;
        u32::try_from(ticks).unwrap_or(u32::MAX)
    }
}

impl Segment {
    fn packet(&self, stage: Stage) -> KeyPacket {
        let payload = Payload {
            event: self.event,
            stage,
            volume: self.volume,
            duration: u16::try_from(self.duration).unwrap_or(u16::MAX),
        };
        KeyPacket {
            marker: Marker::Clear,
            timestamp: self.timestamp,
            payload: payload.to_bytes(),
        }
    }
}

/// What fits into the duration of one segment.
const DURATION_MAX: u32 = u16::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_timestamp_a_growing_duration_and_three_ends() {
        let mut sender = KeySender::new(8_000);
        sender.push(5, Duration::from_millis(60)).unwrap();
        let sent = run(&mut sender, 160, 10);
        let seen: Vec<_> = sent
            .iter()
            .map(|(_, packet)| {
                (
                    packet.marker,
                    packet.timestamp,
                    payload(packet).stage,
                    payload(packet).duration,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (Marker::Set, 0, Stage::Going, 160),
                (Marker::Clear, 0, Stage::Going, 320),
                (Marker::Clear, 0, Stage::Ended, 480),
                (Marker::Clear, 0, Stage::Ended, 480),
                (Marker::Clear, 0, Stage::Ended, 480),
            ]
        );
        assert!(sender.is_idle());
    }

    #[test]
    fn between_two_keys_there_are_50_ms() {
        for (clock_rate, ptime_ms) in [
            (8_000, 10),
            (8_000, 20),
            (8_000, 30),
            (8_000, 60),
            (48_000, 20),
        ] {
            let mut sender = KeySender::new(clock_rate);
            sender.push(1, Duration::from_millis(50)).unwrap();
            sender.push(1, Duration::from_millis(50)).unwrap();
            let ticks = clock_rate / 1_000 * ptime_ms;
            let sent = run(&mut sender, ticks, 60);
            let ends = sent
                .iter()
                .map(|(_, p)| payload(p))
                .filter(|p| p.stage == Stage::Ended);
            assert_eq!(ends.count(), 6);
            let first = payload(&sent[0].1);
            assert!(first.duration > 0);
            let end = u32::from(sent.iter().map(|(_, p)| payload(p).duration).max().unwrap());
            let second = sent
                .iter()
                .filter(|(_, p)| p.marker == Marker::Set)
                .nth(1)
                .unwrap()
                .1;
            let gap_ms = (second.timestamp - end) / (clock_rate / 1_000);
            assert!(
                (50..=50 + ptime_ms * 2).contains(&gap_ms),
                "{gap_ms} ms at {ptime_ms}"
            );
        }
    }

    #[test]
    fn a_press_longer_than_the_field_goes_on_in_segments_without_marker() {
        let mut sender = KeySender::new(48_000);
        sender.push(9, Duration::from_secs(3)).unwrap();
        let sent = run(&mut sender, 960, 160);
        let mut starts: Vec<_> = sent.iter().map(|(_, packet)| packet.timestamp).collect();
        starts.dedup();
        assert_eq!(starts, [0, 0xffff, 0x1_fffe]);
        let marked = sent
            .iter()
            .filter(|(_, packet)| packet.marker == Marker::Set);
        assert_eq!(marked.count(), 1);
        let full: Vec<_> = sent
            .iter()
            .map(|(_, p)| payload(p))
            .filter(|p| p.duration == u16::MAX)
            .collect();
        assert_eq!(full.len(), 2);
        assert!(full.iter().all(|payload| payload.stage == Stage::Going));
        let last = payload(&sent.last().unwrap().1);
        assert_eq!(u32::from(last.duration) + 2 * 0xffff, 144_000);
        assert!(sender.is_idle());
    }

    #[test]
    fn no_more_than_the_most_keys_wait() {
        let mut sender = KeySender::new(8_000);
        for _ in 0..KeySender::WAITING_MAX {
            sender.push(0, KeySender::LENGTH).unwrap();
        }
        assert_eq!(sender.push(0, KeySender::LENGTH), Err(QueueFull));
    }

    #[test]
    fn a_key_is_never_too_short_or_too_long() {
        let mut sender = KeySender::new(8_000);
        sender.push(0, Duration::ZERO).unwrap();
        sender.push(0, Duration::MAX).unwrap();
        assert_eq!(sender.waiting[0].length, 320);
        assert_eq!(sender.waiting[1].length, 240_000);
    }

    fn run(sender: &mut KeySender, ticks: u32, packets: u32) -> Vec<(u32, KeyPacket)> {
        (0..packets)
            .filter_map(|n| Some((n, sender.next(n * ticks, ticks)?)))
            .collect()
    }

    fn payload(packet: &KeyPacket) -> Payload {
        Payload::parse(&packet.payload).unwrap()
    }
}
