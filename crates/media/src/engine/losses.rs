//! What a peer's reports say of losses, as far as an encoder is to be prepared for them.

/// The share of packets that are lost on their way to a peer. The worst of its last reports counts: what is lost is
/// prepared for at once, and forgotten only when it has not happened for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Losses {
    /// In percent.
    recent: [u8; REPORTS],
    next: usize,
}

impl Losses {
    /// Before the first report.
    pub(super) const fn new() -> Self {
        Self {
            recent: [START; REPORTS],
            next: 0,
        }
    }

    /// The peer reports that it lost so many packets of 256.
    pub(super) fn reported(&mut self, fraction: u8) {
        let percent = (u32::from(fraction) * 100).div_ceil(256);
        if let Some(oldest) = self.recent.get_mut(self.next) {
            *oldest = u8::try_from(percent).unwrap_or(MOST).min(MOST);
        }
        self.next = (self.next + 1) % REPORTS;
    }

    /// What to prepare for, in percent.
    pub(super) fn expected(&self) -> u8 {
        self.recent.iter().copied().max().unwrap_or(START)
    }
}

/// Reports that are remembered: some 20 s.
const REPORTS: usize = 4;
/// What is expected before anything is known.
const START: u8 = 5;
/// With more, what is sent of the packets before leaves too little for the packets themselves.
const MOST: u8 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_counts_at_once_and_for_some_reports() {
        let mut losses = Losses::new();
        assert_eq!(losses.expected(), START);
        let mut after = |fraction| {
            losses.reported(fraction);
            losses.expected()
        };
        assert_eq!([0, 0, 0, 0].map(&mut after), [5, 5, 5, 0]);
        assert_eq!(after(1), 1, "a single one in a long while");
        assert_eq!(after(26), 11);
        assert_eq!([0, 3, 0, 0].map(&mut after), [11, 11, 11, 2]);
        assert_eq!(after(255), MOST);
    }
}
