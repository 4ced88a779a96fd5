//! RTCP (RFC 3550 §6): reports about a stream, read from a datagram, written into one, and what they report.
//!
//! - [`Compound`] reads what a peer sends, without copying it.
//! - [`Report`] writes what we send: a report, our name, and a farewell at the end.
//! - [`Reception`] counts what arrives, for the reports and for the figures of a call.

mod extended;
mod read;
mod reception;
mod write;

pub use extended::VoiceReport;
pub use read::{Compound, Item, Items, NotRtcp, ReportBlocks};
pub use reception::{Place, Reception, Timing};
pub use write::{Farewell, NameTooLong, Report};

use crate::Time;
use core::time::Duration;

/// What a sender says of itself (§6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// Its clock: seconds since 1900, or since the session began, in units of 2^-32 s.
    pub ntp: u64,
    /// The same moment in RTP timestamps.
    pub rtp: u32,
    /// Packets sent; wraps.
    pub packets: u32,
    /// Bytes of payload sent; wraps.
    pub octets: u32,
}

/// What a receiver says of one sender (§6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// Of whom.
    pub ssrc: u32,
    /// How much was lost since the report before, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost since the beginning, less those that came twice. A signed number of 24 bits.
    pub lost: i32,
    /// The highest sequence number received, with the number of its cycles in the upper half.
    pub highest: u32,
    /// How unevenly packets arrive, in timestamp ticks.
    pub jitter: u32,
    /// The middle 32 bits of the clock in the last sender report; 0 for none.
    pub last_report: u32,
    /// How long ago that report came, in units of 2^-16 s.
    pub delay: u32,
}

impl ReportBlock {
    /// How long a packet takes to the peer and back (§6.4.1, DLSR), when this block tells of a report of
    /// ours that was stamped with [`ntp_of`]. `None` when it tells of none, or of nonsense.
    #[must_use]
    pub fn round_trip(&self, now: Time) -> Option<Duration> {
        if self.last_report == 0 {
            return None;
        }
        let arrived = middle(ntp_of(now));
        let units = arrived
            .wrapping_sub(self.last_report)
            .wrapping_sub(self.delay);
        let micros = (u64::from(units) * 1_000_000) >> 16;
        // A clock that ran backwards shows as almost 2^16 s.
        Some(Duration::from_micros(micros)).filter(|trip| *trip < ROUND_TRIP_MAX)
    }
}

/// A moment in units of 2^-32 s. A clock that only knows how long it runs may be sent (§4).
#[must_use]
pub const fn ntp_of(time: Time) -> u64 {
    let seconds = time.0 / 1_000_000;
    let micros = time.0 % 1_000_000;
    (seconds << 32) | ((micros << 32) / 1_000_000)
}

/// The middle 32 bits: units of 2^-16 s.
const fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// How long between two reports (§6.2: the minimum of the standard).
pub const REPORT_EVERY: Duration = Duration::from_secs(5);

const ROUND_TRIP_MAX: Duration = Duration::from_secs(60);

const VERSION: u8 = 2;
const PADDING: u8 = 0x20;
const COUNT: u8 = 0x1f;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
/// RFC 3611 §2.
const EXTENDED_REPORT: u8 = 207;
/// The item of a description that carries the lasting name.
const CNAME: u8 = 1;
/// Bytes of a report block.
const BLOCK_BYTES: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_is_what_is_left_of_the_time_since_the_report() {
        let sent = Time(10_000_000);
        let block = ReportBlock {
            last_report: middle(ntp_of(sent)),
            delay: 0x1_0000, // 1 s
            ..ReportBlock::default()
        };
        let trip = block.round_trip(Time(11_080_000)).unwrap();
        assert!(trip.abs_diff(Duration::from_millis(80)) < Duration::from_micros(50));
    }

    #[test]
    fn no_report_and_a_clock_that_runs_backwards_give_no_round_trip() {
        let block = ReportBlock::default();
        assert_eq!(block.round_trip(Time(5)), None);
        let early = ReportBlock {
            last_report: middle(ntp_of(Time(10_000_000))),
            ..block
        };
        assert_eq!(early.round_trip(Time(9_000_000)), None);
    }

    #[test]
    fn half_a_second_is_half_of_2_to_the_32() {
        assert_eq!(ntp_of(Time(3_500_000)), 3 << 32 | 1 << 31);
    }
}
