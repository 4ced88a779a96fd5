//! Which indices were used, and what a sequence number means.

use super::Refused;

/// How many indices, the highest included, are told apart by whether they were used (RFC 3711 §3.3.2 asks
/// for 64 at least): 128, or 2.5 s of packets of 20 ms.
pub const REPLAY_WINDOW: u64 = u128::BITS as u64;

/// The highest index of a source, and which of those below it were used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    highest: u64,
    /// Bit n: the index n below the highest.
    used: u128,
}

impl Window {
    /// The first index of a source.
    pub(super) const fn begin(index: u64) -> Self {
        Self {
            highest: index,
            used: 1,
        }
    }

    /// As [`Self::begin`], with everything up to `index` counted as used.
    pub(super) const fn resume(index: u64) -> Self {
        Self {
            highest: index,
            used: u128::MAX,
        }
    }

    pub(super) const fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether an index may be used.
    #[inline]
    pub(super) fn check(&self, index: u64) -> Result<(), Refused> {
        let Some(behind) = self.highest.checked_sub(index) else {
            return Ok(());
        };
        match u32::try_from(behind)
            .ok()
            .and_then(|n| 1_u128.checked_shl(n))
        {
            None => Err(Refused::TooOld),
            Some(bit) if self.used & bit != 0 => Err(Refused::Replayed),
            Some(_) => Ok(()),
        }
    }

    /// An index that was checked is used.
    #[inline]
    pub(super) fn mark(&mut self, index: u64) {
        if index == self.highest.wrapping_add(1) {
            // As nearly all are.
            (self.highest, self.used) = (index, self.used << 1 | 1);
        } else if let Some(ahead) = index.checked_sub(self.highest) {
            let shift = u32::try_from(ahead).unwrap_or(u32::MAX);
            self.used = self.used.checked_shl(shift).unwrap_or(0) | 1;
            self.highest = index;
        } else {
            let behind = self.highest.saturating_sub(index);
            let shift = u32::try_from(behind).unwrap_or(u32::MAX);
            self.used |= 1_u128.checked_shl(shift).unwrap_or(0);
        }
    }
}

/// The 48-bit index that a sequence number stands for: the one nearest to the highest so far (RFC 3711
/// §3.3.1, appendix A). `None` when it would lie before the first or behind the last there is.
pub(super) fn index_of(known: Option<&Window>, sequence: u16) -> Option<u64> {
    let Some(highest) = known.map(Window::highest) else {
        return Some(sequence.into());
    };
    let newest = highest as u16;
    let ahead = sequence.wrapping_sub(newest);
    // Half way round, the roll-over counter stays.
    let index = if ahead < HALF || (ahead == HALF && newest < HALF) {
        highest.checked_add(ahead.into())
    } else {
        highest.checked_sub(ahead.wrapping_neg().into())
    };
    index.filter(|index| *index < INDICES)
}

/// Half of the sequence numbers.
const HALF: u16 = 1 << 15;
/// Indices of RTP under one key.
const INDICES: u64 = 1 << 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_used_once_within_the_window_and_not_at_all_behind_it() {
        let mut window = Window::begin(1_000);
        assert_eq!(window.check(1_000), Err(Refused::Replayed));
        window.mark(1_005);
        for (index, verdict) in [
            (1_000, Err(Refused::Replayed)),
            (1_001, Ok(())),
            (1_005, Err(Refused::Replayed)),
            (1_006, Ok(())),
            (1_005 - REPLAY_WINDOW + 1, Ok(())),
            (1_005 - REPLAY_WINDOW, Err(Refused::TooOld)),
            (0, Err(Refused::TooOld)),
        ] {
            assert_eq!(window.check(index), verdict, "{index}");
        }
        window.mark(1_001);
        assert_eq!(window.check(1_001), Err(Refused::Replayed));
        window.mark(1_005 + 10 * REPLAY_WINDOW);
        assert_eq!(window.check(1_005), Err(Refused::TooOld));
        assert_eq!(window.check(1_004 + 10 * REPLAY_WINDOW), Ok(()));
    }

    #[test]
    fn what_is_resumed_counts_as_used() {
        let window = Window::resume(70_000);
        assert_eq!(window.check(70_000), Err(Refused::Replayed));
        assert_eq!(window.check(69_990), Err(Refused::Replayed));
        assert_eq!(window.check(70_001), Ok(()));
    }

    #[test]
    fn a_sequence_number_means_the_nearest_index() {
        assert_eq!(index_of(None, 65_535), Some(65_535));
        for (highest, sequence, index) in [
            (65_535, 0, Some(65_536)),
            (65_536, 65_535, Some(65_535)),
            (65_536 + 32_767, 65_535, Some(65_536 + 65_535)),
            (65_536 + 32_768, 0, Some(65_536)),
            (65_536 + 32_769, 0, Some(131_072)),
            (10, 65_535, None),
            (INDICES - 1, 0, None),
            (INDICES - 1, 65_534, Some(INDICES - 2)),
        ] {
            assert_eq!(
                index_of(Some(&Window::begin(highest)), sequence),
                index,
                "{sequence} after {highest}"
            );
        }
    }
}
