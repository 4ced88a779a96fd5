//! How fast a sender counts, where it does not count as it should.

/// The clock that a sender's timestamps go by. Some count G.722 by the 16 kHz of its samples (RFC 3551 §4.5.2 says
/// 8 kHz), others Opus by the rate of their microphone (RFC 7587 §4.1 says 48 kHz). Packets that follow each other
/// show it: each begins where the one before it ends, and how long that one is can be told from its payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    ratio: Ratio,
    /// What the last packets show instead, and how many of them.
    other: Ratio,
    seen: u32,
}

/// So many ticks are counted where so many would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio {
    counted: i64,
    right: i64,
}

impl Pace {
    /// As it should be, until packets show another.
    pub(super) const fn new() -> Self {
        Self {
            ratio: Ratio::RIGHT,
            other: Ratio::RIGHT,
            seen: 0,
        }
    }

    /// Ticks as they should have been counted.
    pub(super) const fn right(&self, counted: i64) -> i64 {
        counted.saturating_mul(self.ratio.right) / self.ratio.counted
    }

    /// Ticks as they should have been counted from a packet that lasts for `length` to the one that follows it.
    pub(super) fn watch(&mut self, counted: i64, length: i64) -> i64 {
        let mut known = Ratio::KNOWN.into_iter();
        let Some(ratio) = known.find(|ratio| ratio.fits(counted, length)) else {
            self.seen = 0;
            return self.right(counted);
        };
        if ratio == self.ratio {
            self.seen = 0;
            return length;
        }
        self.seen = if ratio == self.other {
            self.seen + 1
        } else {
            1
        };
        self.other = ratio;
        if self.seen >= SURE_AFTER {
            self.ratio = ratio;
        }
        // Until then it may be silence that was not sent; but no packet begins before the one ahead of it ends.
        self.right(counted).max(length)
    }
}

impl Ratio {
    const RIGHT: Self = Self::new(1, 1);
    /// G.722 by 16 kHz; Opus by 8, 16 and 24 kHz among them.
    const KNOWN: [Self; 5] = [
        Self::RIGHT,
        Self::new(2, 1),
        Self::new(1, 2),
        Self::new(1, 3),
        Self::new(1, 6),
    ];

    const fn new(counted: i64, right: i64) -> Self {
        Self { counted, right }
    }

    const fn fits(&self, counted: i64, length: i64) -> bool {
        length > 0 && counted * self.right == length * self.counted
    }
}

/// So many packets in a row leave no doubt: whoever leaves out silence does not leave out the length of a packet each
/// time.
const SURE_AFTER: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_too_fast_is_known_after_some_packets() {
        let mut pace = Pace::new();
        let right: Vec<_> = (0..6).map(|_| pace.watch(320, 160)).collect();
        assert_eq!(right, [320, 320, 320, 160, 160, 160]);
        assert_eq!(pace.right(3_200), 1_600, "gaps are counted by it as well");
    }

    #[test]
    fn a_clock_that_is_too_slow_never_lets_packets_overlap() {
        for (counted, slower) in [(480, 2), (320, 3), (160, 6)] {
            let mut pace = Pace::new();
            let right: Vec<_> = (0..5).map(|_| pace.watch(counted, 960)).collect();
            assert_eq!(right, [960; 5]);
            assert_eq!(pace.right(100), 100 * slower);
        }
    }

    #[test]
    fn silence_that_is_not_sent_is_no_other_clock() {
        let mut pace = Pace::new();
        for gap in [320, 160, 320, 320, 320, 160, 1_600, 320, 800, 320] {
            assert_eq!(pace.watch(gap, 160), gap);
        }
        // Each packet of Opus in a pause.
        for _ in 0..20 {
            assert_eq!(pace.watch(19_200, 960), 19_200);
        }
    }

    #[test]
    fn a_clock_that_is_put_right_is_believed() {
        let mut pace = Pace::new();
        (0..4).for_each(|_| _ = pace.watch(320, 160));
        assert!((0..6).all(|_| pace.watch(160, 160) == 160));
        assert_eq!(pace.right(1_600), 1_600);
    }

    #[test]
    fn nothing_that_is_counted_does_harm() {
        let mut pace = Pace::new();
        for counted in [i64::from(i32::MIN), -160, 0, 1, i64::from(i32::MAX)] {
            for length in [0, 1, 160, i64::from(u32::MAX)] {
                pace.watch(counted, length);
                pace.right(counted);
            }
        }
    }
}
