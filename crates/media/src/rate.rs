//! How finely sound is sampled.

/// Samples per second of sound inside the engine: what codecs give and take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// 8 kHz, as the telephone network has it: G.711.
    Narrow,
    /// 16 kHz: G.722.
    Wide,
    /// 48 kHz, all that is audible: Opus.
    Full,
}

impl Rate {
    /// All of them, the lowest first.
    pub const ALL: [Self; 3] = [Self::Narrow, Self::Wide, Self::Full];

    /// Samples per second.
    #[must_use]
    pub const fn hz(self) -> u32 {
        match self {
            Self::Narrow => 8_000,
            Self::Wide => 16_000,
            Self::Full => 48_000,
        }
    }

    /// Samples of one slot of 10 ms.
    #[must_use]
    pub const fn slot(self) -> usize {
        match self {
            Self::Narrow => 80,
            Self::Wide => 160,
            Self::Full => 480,
        }
    }

    /// Samples of so many milliseconds.
    #[must_use]
    pub const fn samples(self, ms: u8) -> usize {
        self.slot() * ms as usize / 10
    }

    /// The rate of so many samples per second; `None` when it is none of ours.
    #[must_use]
    pub fn of_hz(hz: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|rate| rate.hz() == hz)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_a_hundredth_of_a_second_at_every_rate() {
        for rate in Rate::ALL {
            assert_eq!(rate.slot() * 100, rate.hz() as usize);
            assert_eq!(rate.samples(20), rate.slot() * 2);
            assert_eq!(Rate::of_hz(rate.hz()), Some(rate));
        }
        assert_eq!(Rate::of_hz(44_100), None);
    }
}
