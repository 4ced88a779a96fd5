//! How long a caller will probably wait.

use model::Duration;
use serde::{Deserialize, Serialize};

/// How long an agent is occupied with a call of a queue, of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handling(Option<Duration>);

impl Handling {
    /// Takes another call in: it counts for a quarter, all before it for the rest.
    pub(super) fn note(&mut self, so_long: Duration) {
        self.0 = Some(match self.0 {
            Some(before) => (before * 3 + so_long) / 4,
            None => so_long,
        });
    }

    /// How long it takes until the `nth` of those who wait, counted from 1, is served by so many agents; `None` before
    /// the first call.
    pub(super) fn wait(self, nth: u32, agents: u32) -> Option<Duration> {
        Some(self.0? * nth / agents.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_the_calls_of_late() {
        let seconds = Duration::from_secs;
        let mut handling = Handling::default();
        assert_eq!(handling.wait(1, 1), None, "nothing is known");
        handling.note(seconds(120));
        assert_eq!(handling.wait(1, 1), Some(seconds(120)));
        assert_eq!(handling.wait(3, 2), Some(seconds(180)));
        assert_eq!(
            handling.wait(3, 0),
            Some(seconds(360)),
            "as if there were one"
        );
        for _ in 0..40 {
            handling.note(seconds(40));
        }
        assert!(handling.wait(1, 1) < Some(seconds(41)));
    }
}
