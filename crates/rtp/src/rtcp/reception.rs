//! What arrives of one sender: its order, losses and jitter.

use super::{Item, ReportBlock, middle};
use crate::quality::Loss;
use crate::{Header, Time};

/// Counts the packets of one sender (RFC 3550 appendix A.1, A.3, A.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    clock_rate: u32,
    sender: Option<Sender>,
    /// Of senders before this one.
    before: Loss,
    last_report: Option<LastReport>,
}

/// Where in its sender's order a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing came before it: the first, or the first after the sender began anew.
    First,
    /// It follows the newest, after so many that are missing.
    Next {
        /// How many have not come.
        missing: u16,
    },
    /// It comes again, or after newer ones.
    Late,
    /// It is far from all others. When the packet after it follows it, the sender has begun anew.
    Astray,
}

/// Whether a packet's timestamp says when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It does.
    Runs,
    /// It does not: all packets of a telephone event carry the same.
    Frozen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sender {
    ssrc: u32,
    first: u32,
    highest: u16,
    /// Counts in the upper half, as it is reported.
    cycles: u32,
    received: u32,
    /// How often some were missing in a row.
    bursts: u32,
    astray: Option<u16>,
    /// What was expected and received at the report before.
    reported: (u32, u32),
    transit: Option<u32>,
    /// Jitter in 1/16 ticks.
    jitter: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LastReport {
    stamp: u32,
    at: Time,
}

impl Reception {
    /// Nothing has arrived yet, at the clock of the stream's codec.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            sender: None,
            before: Loss::NONE,
            last_report: None,
        }
    }

    /// Goes on with another clock; what was counted stays.
    pub const fn set_clock_rate(&mut self, clock_rate: u32) {
        if self.clock_rate != clock_rate {
            self.clock_rate = clock_rate;
            if let Some(sender) = &mut self.sender {
                sender.transit = None;
                sender.jitter = 0;
            }
        }
    }

    /// Counts a packet that was let in, and says where it belongs.
    pub fn received(&mut self, now: Time, header: &Header, timing: Timing) -> Place {
        let sender = match &mut self.sender {
            Some(sender) if sender.ssrc == header.ssrc => sender,
            other => {
                if let Some(gone) = other {
                    self.before = self.before.and(gone.loss());
                }
                *other = Some(Sender::new(header));
                self.last_report = None;
                self.time(now, header, timing);
                return Place::First;
            }
        };
        let place = sender.place(header.sequence);
        if place == Place::First {
            self.before = self.before.and(sender.loss());
            *sender = Sender::new(header);
        }
        if place != Place::Astray {
            self.time(now, header, timing);
        }
        place
    }

    /// Takes what the peer reports of itself.
    pub fn reported(&mut self, now: Time, item: &Item<'_>) {
        if let (Item::Sender { ssrc, sent, .. }, Some(sender)) = (item, &self.sender)
            && *ssrc == sender.ssrc
        {
            self.last_report = Some(LastReport {
                stamp: middle(sent.ntp),
                at: now,
            });
        }
    }

    /// What is to be reported of the sender since the call before; `None` when nothing came since.
    pub fn report(&mut self, now: Time) -> Option<ReportBlock> {
        let last = self.last_report;
        let sender = self.sender.as_mut()?;
        let (expected, received) = (sender.expected(), sender.received);
        let (expected_before, received_before) =
            core::mem::replace(&mut sender.reported, (expected, received));
        let expected_since = expected.wrapping_sub(expected_before);
        let received_since = received.wrapping_sub(received_before);
        if received_since == 0 {
            return None;
        }
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = (u64::from(lost_since) << 8) / u64::from(expected_since.max(1));
        Some(ReportBlock {
            ssrc: sender.ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: expected.wrapping_sub(received).cast_signed(),
            highest: sender.cycles | u32::from(sender.highest),
            jitter: sender.jitter >> 4,
            last_report: last.map_or(0, |last| last.stamp),
            delay: last.map_or(0, |last| units(now, last.at)),
        })
    }

    /// Packets that did not arrive, of all senders so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.loss().lost
    }

    /// What did not arrive beside what should have, of all senders so far.
    #[must_use]
    pub fn loss(&self) -> Loss {
        let sender = self.sender.as_ref();
        sender.map_or(self.before, |sender| self.before.and(sender.loss()))
    }

    /// How unevenly packets arrive, in timestamp ticks.
    #[must_use]
    pub fn jitter(&self) -> u32 {
        self.sender.as_ref().map_or(0, |sender| sender.jitter >> 4)
    }

    /// Appendix A.8. A jump of the clock, as after silence without packets, is no jitter.
    fn time(&mut self, now: Time, header: &Header, timing: Timing) {
        let (Timing::Runs, Some(sender)) = (timing, self.sender.as_mut()) else {
            return;
        };
        let arrived = u128::from(now.0) * u128::from(self.clock_rate) / 1_000_000;
        let transit = (arrived as u32).wrapping_sub(header.timestamp);
        let Some(before) = sender.transit.replace(transit) else {
            return;
        };
        let apart = transit.wrapping_sub(before).cast_signed().unsigned_abs();
        if apart < self.clock_rate {
            let jitter = sender.jitter.saturating_add(apart);
            sender.jitter = jitter.saturating_sub(sender.jitter.saturating_add(8) >> 4);
        }
    }
}

impl Sender {
    const fn new(header: &Header) -> Self {
        Self {
            ssrc: header.ssrc,
            first: header.sequence as u32,
            highest: header.sequence,
            cycles: 0,
            received: 1,
            bursts: 0,
            astray: None,
            reported: (0, 0),
            transit: None,
            jitter: 0,
        }
    }

    /// Appendix A.1.
    fn place(&mut self, sequence: u16) -> Place {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead != 0 && ahead < DROPOUT_MAX {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
            self.received = self.received.wrapping_add(1);
            self.astray = None;
            let missing = ahead.saturating_sub(1);
            self.bursts = self.bursts.saturating_add(u32::from(missing > 0));
            return Place::Next { missing };
        }
        if ahead == 0 || ahead > u16::MAX - MISORDER_MAX {
            self.received = self.received.wrapping_add(1);
            return Place::Late;
        }
        match self.astray.replace(sequence.wrapping_add(1)) {
            Some(expected) if expected == sequence => Place::First,
            _ => Place::Astray,
        }
    }

    fn expected(&self) -> u32 {
        let highest = self.cycles | u32::from(self.highest);
        highest.wrapping_sub(self.first).wrapping_add(1)
    }

    fn loss(&self) -> Loss {
        let expected = self.expected();
        let lost = expected.wrapping_sub(self.received).cast_signed();
        Loss {
            expected: u64::from(expected),
            lost: u64::try_from(lost).unwrap_or(0),
            bursts: u64::from(self.bursts),
        }
    }
}

/// In units of 2^-16 s.
fn units(now: Time, earlier: Time) -> u32 {
    let units = (now.since(earlier).as_micros() << 16) / 1_000_000;
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// A gap this long is a new beginning (appendix A.1, MAX_DROPOUT).
const DROPOUT_MAX: u16 = 3_000;
/// A packet may be so late (appendix A.1, MAX_MISORDER).
const MISORDER_MAX: u16 = 100;

#[cfg(test)]
mod tests {
    use super::super::SenderInfo;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_in_order_lose_nothing_also_over_the_wrap() {
        let mut reception = Reception::new(8_000);
        let places = feed(&mut reception, 65_500..65_700);
        assert_eq!(places[0], Place::First);
        assert!(
            places[1..]
                .iter()
                .all(|place| *place == Place::Next { missing: 0 })
        );
        let report = reception.report(Time(0)).unwrap();
        assert_eq!((report.lost, report.fraction_lost), (0, 0));
        assert_eq!(report.highest, 65_699);
        assert_eq!((reception.lost(), report.jitter), (0, 0));
    }

    #[test]
    fn a_quarter_lost_is_reported_once_as_a_fraction_and_for_good_as_a_number() {
        let mut reception = Reception::new(8_000);
        feed(&mut reception, (0..400).filter(|n| n % 4 != 1));
        let report = reception.report(Time(0)).unwrap();
        assert_eq!((report.fraction_lost, report.lost), (64, 100));
        feed(&mut reception, 400..500);
        let report = reception.report(Time(0)).unwrap();
        assert_eq!((report.fraction_lost, report.lost), (0, 100));
        assert_eq!(reception.report(Time(0)), None, "nothing came since");
        assert_eq!(reception.lost(), 100);
        let loss = reception.loss();
        assert_eq!((loss.expected, loss.bursts), (500, 100));
    }

    #[test]
    fn late_ones_are_told_from_lost_ones() {
        let mut reception = Reception::new(8_000);
        let places = feed(&mut reception, [0, 1, 3, 2, 3]);
        let next = |missing| Place::Next { missing };
        assert_eq!(
            places,
            [Place::First, next(0), next(1), Place::Late, Place::Late]
        );
    }

    #[test]
    fn a_jump_counts_from_the_second_packet_and_loses_nothing() {
        let mut reception = Reception::new(8_000);
        let places = feed(&mut reception, [0, 1, 30_000, 2, 40_000, 40_001, 40_002]);
        use Place::{Astray, First};
        let next = Place::Next { missing: 0 };
        assert_eq!(places, [First, next, Astray, next, Astray, First, next]);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn what_a_former_sender_lost_stays_counted() {
        let mut reception = Reception::new(8_000);
        feed(&mut reception, [0, 5]);
        let other = Header {
            ssrc: 2,
            sequence: 9,
            ..Header::default()
        };
        assert_eq!(
            reception.received(Time(0), &other, Timing::Runs),
            Place::First
        );
        assert_eq!(reception.lost(), 4);
        assert_eq!(reception.report(Time(0)).unwrap().ssrc, 2);
    }

    #[test]
    fn jitter_is_the_mean_difference_of_transit() {
        let mut reception = Reception::new(8_000);
        for n in 0..1_000_u16 {
            // Every other packet is 5 ms late.
            let late = u64::from(n % 2) * 5_000;
            let now = Time(u64::from(n) * 20_000 + late);
            reception.received(now, &header(n), Timing::Runs);
        }
        assert!(
            (38..=42).contains(&reception.jitter()),
            "{}",
            reception.jitter()
        );
        let before = reception.jitter();
        reception.received(Time(900_000_000), &header(1_000), Timing::Frozen);
        reception.received(Time(900_000_000), &header(1_001), Timing::Runs);
        assert_eq!(reception.jitter(), before, "silence is no jitter");
    }

    #[test]
    fn a_report_names_the_peers_last_one_and_how_long_ago_it_was() {
        let mut reception = Reception::new(8_000);
        feed(&mut reception, 0..2);
        let sent = SenderInfo {
            ntp: 0x1122_3344_5566_7788,
            ..SenderInfo::default()
        };
        let blocks = |bytes: &'static [u8]| match super::super::Compound::parse(bytes)
            .unwrap()
            .items()
            .next()
        {
            Some(Item::Receiver { blocks, .. }) => blocks,
            other => panic!("{other:?}"),
        };
        let blocks = blocks(&[0x80, 201, 0, 1, 0, 0, 0, 1]);
        reception.reported(
            Time(0),
            &Item::Sender {
                ssrc: 7,
                sent,
                blocks,
            },
        );
        reception.reported(
            Time(1_000_000),
            &Item::Sender {
                ssrc: 1,
                sent,
                blocks,
            },
        );
        let report = reception.report(Time(1_500_000)).unwrap();
        assert_eq!((report.last_report, report.delay), (0x3344_5566, 0x8000));
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_makes_it_fail(
            packets in prop::collection::vec((any::<u16>(), any::<u32>(), 0..3_u32), 0..200),
        ) {
            let mut reception = Reception::new(8_000);
            for (at, (sequence, timestamp, ssrc)) in (0_u64..).zip(packets) {
                let header = Header { sequence, timestamp, ssrc, ..Header::default() };
                reception.received(Time(at * 7_000), &header, Timing::Runs);
                reception.report(Time(at * 7_000));
            }
        }
    }

    fn feed(reception: &mut Reception, sequences: impl IntoIterator<Item = u32>) -> Vec<Place> {
        let sequences = sequences.into_iter();
        sequences
            .map(|n| {
                let header = Header {
                    timestamp: n * 160,
                    ..header(n as u16)
                };
                reception.received(Time(u64::from(n) * 20_000), &header, Timing::Runs)
            })
            .collect()
    }

    fn header(sequence: u16) -> Header {
        Header {
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc: 1,
            ..Header::default()
        }
    }
}
