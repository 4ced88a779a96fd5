//! One leg's outgoing packets: whatever their sound comes from, they are one stream to the peer.

use rtp::{Header, Marker, Time};

/// Numbers the packets of one leg. Sound that is forwarded keeps the sender's spacing; sound that is made
/// here follows the clock; between the two, sequence and timestamp go on without a jump.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    ssrc: u32,
    clock_rate: u32,
    /// The last packet, and when it left.
    last: Option<Last>,
    sequence: u16,
    timestamp: u32,
    forwards: Option<Offset>,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    at: Time,
    timestamp: u32,
}

/// How a forwarded stream is renumbered.
#[derive(Clone, Copy, Debug)]
struct Offset {
    /// Whose packets.
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Sender {
    /// A stream that begins at numbers nobody guesses.
    pub(super) const fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            clock_rate: 8_000,
            last: None,
            sequence,
            timestamp,
            forwards: None,
        }
    }

    /// Who sends.
    pub(super) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The ticks of a timestamp in a second.
    pub(super) const fn set_clock_rate(&mut self, clock_rate: u32) {
        if self.clock_rate != clock_rate {
            self.clock_rate = clock_rate;
            self.forwards = None;
        }
    }

    /// The header of a packet made here, of so many ticks.
    pub(super) fn make(&mut self, now: Time, payload_type: u8, ticks: u32) -> Header {
        let begins = self.begins_anew(now, ticks);
        if begins {
            self.timestamp = self.timestamp_at(now);
        }
        self.forwards = None;
        let header = Header {
            marker: if begins { Marker::Set } else { Marker::Clear },
            payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sent(now, &header);
        self.timestamp = self.timestamp.wrapping_add(ticks);
        header
    }

    /// The timestamp of what is made at this moment.
    pub(super) fn timestamp(&self, now: Time, ticks: u32) -> u32 {
        if self.begins_anew(now, ticks) {
            self.timestamp_at(now)
        } else {
            self.timestamp
        }
    }

    /// The header of an event packet: its timestamp is that of the key's beginning, while the clock goes on.
    pub(super) fn event(
        &mut self,
        now: Time,
        payload_type: u8,
        marker: Marker,
        timestamp: u32,
        ticks: u32,
    ) -> Header {
        if self.begins_anew(now, ticks) {
            self.timestamp = self.timestamp_at(now);
        }
        self.forwards = None;
        let header = Header {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        };
        self.sent(now, &header);
        self.timestamp = self.timestamp.wrapping_add(ticks);
        header
    }

    /// The header under which another's packet is forwarded, whose sound is `ticks` long.
    pub(super) fn forward(
        &mut self,
        now: Time,
        payload_type: u8,
        theirs: &Header,
        ticks: u32,
    ) -> Header {
        let (offset, marker) = match self.forwards {
            Some(offset) if offset.ssrc == theirs.ssrc => (offset, theirs.marker),
            Some(_) | None => {
                let timestamp = self.timestamp(now, ticks);
                let offset = Offset {
                    ssrc: theirs.ssrc,
                    sequence: self.sequence.wrapping_sub(theirs.sequence),
                    timestamp: timestamp.wrapping_sub(theirs.timestamp),
                };
                (offset, Marker::Set)
            }
        };
        self.forwards = Some(offset);
        let header = Header {
            marker,
            payload_type,
            sequence: theirs.sequence.wrapping_add(offset.sequence),
            timestamp: theirs.timestamp.wrapping_add(offset.timestamp),
            ssrc: self.ssrc,
        };
        self.sent(now, &header);
        self.timestamp = header.timestamp.wrapping_add(ticks);
        header
    }

    /// A packet of the forwarded stream is kept back (a key): its number is not missed.
    pub(super) const fn skip(&mut self) {
        if let Some(offset) = &mut self.forwards {
            offset.sequence = offset.sequence.wrapping_sub(1);
        }
    }

    /// What comes next has nothing to do with what was forwarded before.
    pub(super) const fn break_off(&mut self) {
        self.forwards = None;
    }

    fn sent(&mut self, now: Time, header: &Header) {
        self.last = Some(Last {
            at: now,
            timestamp: header.timestamp,
        });
        self.sequence = header.sequence.wrapping_add(1);
    }

    /// Whether there was silence before: more than half a packet beyond the end of the last one.
    fn begins_anew(&self, now: Time, ticks: u32) -> bool {
        let Some(last) = self.last else { return true };
        let elapsed = self.ticks_since(last.at, now);
        elapsed > ticks.saturating_mul(2).saturating_add(ticks / 2)
    }

    fn timestamp_at(&self, now: Time) -> u32 {
        let Some(last) = self.last else {
            return self.timestamp;
        };
        let by_clock = last.timestamp.wrapping_add(self.ticks_since(last.at, now));
        // Never back.
        if by_clock.wrapping_sub(self.timestamp) < u32::MAX / 2 {
            by_clock
        } else {
            self.timestamp
        }
    }

    fn ticks_since(&self, then: Time, now: Time) -> u32 {
        let micros = u64::try_from(now.since(then).as_micros()).unwrap_or(u64::MAX);
        let ticks = micros.saturating_mul(u64::from(self.clock_rate)) / 1_000_000;
        u32::try_from(ticks).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000;

    fn theirs(sequence: u16, timestamp: u32) -> Header {
        Header {
            sequence,
            timestamp,
            ssrc: 77,
            ..Header::default()
        }
    }

    #[test]
    fn what_is_made_is_numbered_without_gaps() {
        let mut sender = Sender::new(1, u16::MAX, 500);
        let first = sender.make(Time(0), 8, 160);
        let second = sender.make(Time(20 * MS), 8, 160);
        assert_eq!((first.sequence, second.sequence), (u16::MAX, 0));
        assert_eq!((first.timestamp, second.timestamp), (500, 660));
        assert_eq!((first.marker, second.marker), (Marker::Set, Marker::Clear));
        let later = sender.make(Time(1_020 * MS), 8, 160);
        assert_eq!((later.sequence, later.timestamp), (1, 8_660));
        assert_eq!(later.marker, Marker::Set, "after silence");
    }

    #[test]
    fn what_is_forwarded_keeps_its_gaps_and_its_order() {
        let mut sender = Sender::new(1, 10, 0);
        let forwarded: Vec<_> = [(100, 8_000), (101, 8_160), (104, 8_640), (103, 8_480)]
            .map(|(sequence, timestamp)| {
                sender.forward(Time(0), 8, &theirs(sequence, timestamp), 160)
            })
            .into_iter()
            .map(|header| (header.sequence, header.timestamp))
            .collect();
        assert_eq!(forwarded, [(10, 0), (11, 160), (14, 640), (13, 480)]);
    }

    #[test]
    fn a_key_that_is_kept_back_is_no_loss() {
        let mut sender = Sender::new(1, 10, 0);
        sender.forward(Time(0), 8, &theirs(100, 0), 160);
        sender.skip();
        let next = sender.forward(Time(40 * MS), 8, &theirs(102, 320), 160);
        assert_eq!(next.sequence, 11);
    }

    #[test]
    fn one_stream_goes_on_when_its_source_changes() {
        let mut sender = Sender::new(1, 10, 0);
        sender.forward(Time(0), 8, &theirs(100, 5_000), 160);
        let made = sender.make(Time(20 * MS), 8, 160);
        assert_eq!((made.sequence, made.timestamp, made.ssrc), (11, 160, 1));
        let back = sender.forward(Time(40 * MS), 8, &theirs(900, 70_000), 160);
        assert_eq!((back.sequence, back.timestamp), (12, 320));
        assert_eq!(back.marker, Marker::Set);
    }
}
