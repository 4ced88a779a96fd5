//! The timer values of RFC 3261 table 4 and RFC 6026.

use crate::Time;
use std::time::Duration;

/// The estimate of a round trip; every other interval follows from it (RFC 3261 §17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);

/// The longest interval between retransmissions of a non-INVITE request or of a final response to an
/// INVITE (RFC 3261 §17.1.2.2).
pub const T2: Duration = Duration::from_secs(4);

/// How long a message may stay in the network (RFC 3261 §17.1.2.2).
pub const T4: Duration = Duration::from_secs(5);

/// 64 x T1: how long a request is tried, a final response repeated and its echoes absorbed
/// (timers B, F, H, J, L, M).
pub const TRIED_FOR: Duration = Duration::from_secs(32);

/// Timer D over UDP: at least 32 s (RFC 3261 §17.1.1.2).
pub(super) const TIMER_D: Duration = Duration::from_secs(32);

/// How long an INVITE may wait for its first response before 100 is sent by itself (RFC 3261 §17.2.1).
pub(super) const TRYING_AFTER: Duration = Duration::from_millis(200);

/// What repeats: an interval that doubles up to a cap, and the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    /// When it is sent again.
    pub(crate) at: Time,
    interval: Duration,
}

impl Repeat {
    /// The first repetition comes after T1 (timers A, E and G, and 2xx of RFC 3261 §13.3.1.4).
    pub(crate) fn begin(now: Time) -> Self {
        Self {
            at: now + T1,
            interval: T1,
        }
    }

    /// Repeats every T2 from here on (timer E in state Proceeding).
    pub(crate) fn slow_down(&mut self) {
        self.interval = T2;
    }

    /// Doubles the interval without a bound (timer A).
    pub(crate) fn double(&mut self, now: Time) {
        self.double_to(now, Duration::MAX);
    }

    /// Doubles the interval up to `longest` (timers E and G).
    pub(crate) fn double_to(&mut self, now: Time, longest: Duration) {
        self.interval = self.interval.saturating_mul(2).min(longest);
        self.at = now + self.interval;
    }
}
