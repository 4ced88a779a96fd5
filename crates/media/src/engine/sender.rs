//! One leg's outgoing packets: wherever their sound comes from, they are one stream to the peer.

use rtp::rtcp::{Place, SenderInfo, ntp_of};
use rtp::{Header, Marker, Time};

/// Numbers the packets of one leg. Sound that is relayed keeps its sender's spacing and gaps; sound that is made here
/// follows the clock; from one to the other, sequence and timestamp go on without a seam.
#[derive(Debug)]
pub(super) struct Sender {
    ssrc: u32,
    clock_rate: u32,
    /// The number of the next packet.
    sequence: u16,
    /// The timestamp that follows the newest packet.
    timestamp: u32,
    newest: Option<Newest>,
    splice: Option<Splice>,
    packets: u32,
    octets: u32,
    /// Packets at the report before.
    reported: u32,
}

/// When the newest packet left, and what the clock of the stream said.
#[derive(Clone, Copy, Debug)]
struct Newest {
    at: Time,
    timestamp: u32,
}

/// How a relayed stream is renumbered.
#[derive(Clone, Copy, Debug)]
struct Splice {
    /// Whose packets.
    ssrc: u32,
    /// The first one; those before it have no number here.
    first: u16,
    sequence: u16,
    timestamp: u32,
}

impl Sender {
    /// A stream that begins at numbers nobody guesses.
    pub(super) const fn new(random: u64) -> Self {
        let [s0, s1, s2, s3, q0, q1, t0, t1] = random.to_le_bytes();
        Self {
            ssrc: u32::from_le_bytes([s0, s1, s2, s3]),
            clock_rate: 8_000,
            // The upper half stays free: a sequence that soon wraps confuses some decrypters.
            sequence: u16::from_le_bytes([q0, q1]) >> 1,
            timestamp: u32::from_le_bytes([t0, t1, q1, s3]),
            newest: None,
            splice: None,
            packets: 0,
            octets: 0,
            reported: 0,
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
            self.splice = None;
        }
    }

    /// The header of a packet made here, of so many ticks and bytes.
    pub(super) fn make(&mut self, now: Time, payload_type: u8, ticks: u32, bytes: usize) -> Header {
        let (timestamp, marker) = self.next_timestamp(now, ticks);
        self.splice = None;
        let header = Header {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp,
            ssrc: self.ssrc,
        };
        self.sent(now, header.sequence, timestamp, ticks, bytes);
        header
    }

    /// The timestamp of what is made at this moment, and whether it comes after silence.
    pub(super) fn next_timestamp(&self, now: Time, ticks: u32) -> (u32, Marker) {
        let Some(newest) = self.newest else {
            return (self.timestamp, Marker::Set);
        };
        let elapsed = self.ticks_since(newest.at, now);
        // Packets come unevenly: only more than half a packet beyond the end of the next one is silence.
        if elapsed <= ticks.saturating_mul(2).saturating_add(ticks / 2) {
            return (self.timestamp, Marker::Clear);
        }
        let by_clock = newest.timestamp.wrapping_add(elapsed);
        let never_back = by_clock.wrapping_sub(self.timestamp) < u32::MAX / 2;
        (
            if never_back { by_clock } else { self.timestamp },
            Marker::Set,
        )
    }

    /// The header of a packet of a key: its timestamp is that of the key's beginning, while the clock goes on.
    pub(super) fn event(
        &mut self,
        now: Time,
        payload_type: u8,
        key: &rtp::event::KeyPacket,
        ticks: u32,
    ) -> Header {
        let (clock, _) = self.next_timestamp(now, ticks);
        self.splice = None;
        let header = Header {
            marker: key.marker,
            payload_type,
            sequence: self.sequence,
            timestamp: key.timestamp,
            ssrc: self.ssrc,
        };
        self.sent(now, header.sequence, clock, ticks, key.payload.len());
        header
    }

    /// The header under which another's packet of so many ticks and bytes is relayed; `None` when it may not be.
    pub(super) fn relay(
        &mut self,
        now: Time,
        payload_type: u8,
        theirs: &Header,
        place: Place,
        (ticks, bytes): (u32, usize),
    ) -> Option<Header> {
        let known = self
            .splice
            .filter(|splice| splice.ssrc == theirs.ssrc && place != Place::First);
        let (splice, marker) = match known {
            Some(splice) => (splice, theirs.marker),
            None => {
                let (timestamp, _) = self.next_timestamp(now, ticks);
                let splice = Splice {
                    ssrc: theirs.ssrc,
                    first: theirs.sequence,
                    sequence: self.sequence.wrapping_sub(theirs.sequence),
                    timestamp: timestamp.wrapping_sub(theirs.timestamp),
                };
                (splice, Marker::Set)
            }
        };
        // Its number belongs to something else that was sent.
        let is_before = theirs.sequence.wrapping_sub(splice.first) > u16::MAX / 2;
        if is_before && place == Place::Late {
            return None;
        }
        self.splice = Some(Splice {
            // It moves along, so that the comparison holds for ever.
            first: if theirs.sequence.wrapping_sub(splice.first) > SPLICE_SPAN {
                theirs.sequence.wrapping_sub(SPLICE_SPAN)
            } else {
                splice.first
            },
            ..splice
        });
        let header = Header {
            marker,
            payload_type,
            sequence: theirs.sequence.wrapping_add(splice.sequence),
            timestamp: theirs.timestamp.wrapping_add(splice.timestamp),
            ssrc: self.ssrc,
        };
        self.sent(now, header.sequence, header.timestamp, ticks, bytes);
        Some(header)
    }

    /// The newest packet of the relayed stream is kept back (a key): its number is not missed.
    pub(super) const fn skip(&mut self, ssrc: u32) {
        if let Some(splice) = &mut self.splice
            && splice.ssrc == ssrc
        {
            splice.sequence = splice.sequence.wrapping_sub(1);
        }
    }

    /// What comes next has nothing to do with what was relayed before.
    pub(super) const fn break_off(&mut self) {
        self.splice = None;
    }

    /// What is reported of the stream, when something was sent since the report before.
    pub(super) fn report(&mut self, now: Time) -> Option<SenderInfo> {
        let newest = self.newest?;
        if std::mem::replace(&mut self.reported, self.packets) == self.packets {
            return None;
        }
        Some(SenderInfo {
            ntp: ntp_of(now),
            rtp: newest
                .timestamp
                .wrapping_add(self.ticks_since(newest.at, now)),
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// Whether anything was sent.
    pub(super) const fn has_sent(&self) -> bool {
        self.newest.is_some()
    }

    fn sent(&mut self, now: Time, sequence: u16, timestamp: u32, ticks: u32, bytes: usize) {
        self.packets = self.packets.wrapping_add(1);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.octets = self.octets.wrapping_add(bytes);
        // One that comes late does not turn the numbers back.
        if sequence.wrapping_sub(self.sequence) < u16::MAX / 2 {
            self.sequence = sequence.wrapping_add(1);
            self.timestamp = timestamp.wrapping_add(ticks);
            self.newest = Some(Newest { at: now, timestamp });
        }
    }

    fn ticks_since(&self, then: Time, now: Time) -> u32 {
        let micros = u64::try_from(now.since(then).as_micros()).unwrap_or(u64::MAX);
        let ticks = micros.saturating_mul(u64::from(self.clock_rate)) / 1_000_000;
        // Over days it wraps, as timestamps do.
        ticks as u32
    }
}

/// How far back a late packet is still told from one of the next cycle.
const SPLICE_SPAN: u16 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_numbered_without_gaps() {
        let mut sender = sender(u16::MAX, 500);
        let first = sender.make(Time(0), 8, 160, 160);
        let second = sender.make(Time(20 * MS), 8, 160, 160);
        assert_eq!((first.sequence, second.sequence), (u16::MAX, 0));
        assert_eq!((first.timestamp, second.timestamp), (500, 660));
        assert_eq!((first.marker, second.marker), (Marker::Set, Marker::Clear));
        let later = sender.make(Time(1_020 * MS), 8, 160, 160);
        assert_eq!((later.sequence, later.timestamp), (1, 8_660));
        assert_eq!(later.marker, Marker::Set, "after silence");
    }

    #[test]
    fn what_is_relayed_keeps_its_gaps_and_its_order() {
        let mut sender = sender(10, 0);
        let relayed = [(100, 8_000), (101, 8_160), (104, 8_640), (103, 8_480)].map(|(n, at)| {
            let place = if n == 103 {
                Place::Late
            } else {
                Place::Next { missing: 0 }
            };
            relay(&mut sender, 0, (n, at), place).map(|header| (header.sequence, header.timestamp))
        });
        assert_eq!(
            relayed,
            [
                Some((10, 0)),
                Some((11, 160)),
                Some((14, 640)),
                Some((13, 480))
            ]
        );
        let made = sender.make(Time(20 * MS), 8, 160, 160);
        assert_eq!(
            (made.sequence, made.timestamp),
            (15, 800),
            "the late one turns nothing back"
        );
    }

    #[test]
    fn what_comes_late_over_a_seam_has_no_number() {
        let mut sender = sender(10, 0);
        sender.make(Time(0), 8, 160, 160);
        assert!(relay(&mut sender, 20, (100, 0), Place::Next { missing: 0 }).is_some());
        assert_eq!(relay(&mut sender, 20, (99, 0), Place::Late), None);
    }

    #[test]
    fn a_long_call_goes_on_over_every_wrap() {
        let mut sender = sender(10, 0);
        for n in 0..200_000_u32 {
            let place = Place::Next { missing: 0 };
            let header = relay(&mut sender, u64::from(n) * 20, (n as u16, n * 160), place).unwrap();
            assert_eq!(header.sequence, (n as u16).wrapping_add(10));
        }
    }

    #[test]
    fn a_key_that_is_kept_back_is_no_loss() {
        let mut sender = sender(10, 0);
        relay(&mut sender, 0, (100, 0), Place::First);
        sender.skip(77);
        let next = relay(&mut sender, 40, (102, 320), Place::Next { missing: 0 }).unwrap();
        assert_eq!(next.sequence, 11);
    }

    #[test]
    fn one_stream_goes_on_when_its_source_changes() {
        let mut sender = sender(10, 0);
        relay(&mut sender, 0, (100, 5_000), Place::First);
        let made = sender.make(Time(20 * MS), 8, 160, 160);
        assert_eq!((made.sequence, made.timestamp), (11, 160));
        let back = relay(&mut sender, 40, (900, 70_000), Place::Next { missing: 0 }).unwrap();
        assert_eq!((back.sequence, back.timestamp), (12, 320));
        assert_eq!(back.marker, Marker::Set);
    }

    #[test]
    fn a_report_counts_all_and_is_due_only_after_something_was_sent() {
        let mut sender = sender(10, 0);
        assert_eq!(sender.report(Time(0)), None);
        sender.make(Time(0), 8, 160, 160);
        sender.make(Time(20 * MS), 8, 160, 160);
        let report = sender.report(Time(40 * MS)).unwrap();
        assert_eq!((report.packets, report.octets, report.rtp), (2, 320, 320));
        assert_eq!(sender.report(Time(60 * MS)), None);
    }

    const MS: u64 = 1_000;

    fn sender(sequence: u16, timestamp: u32) -> Sender {
        Sender {
            sequence,
            timestamp,
            ..Sender::new(1)
        }
    }

    fn relay(
        sender: &mut Sender,
        ms: u64,
        (sequence, timestamp): (u16, u32),
        place: Place,
    ) -> Option<Header> {
        let theirs = Header {
            sequence,
            timestamp,
            ssrc: 77,
            ..Header::default()
        };
        sender.relay(Time(ms * MS), 8, &theirs, place, (160, 160))
    }
}
