//! How many notifications go out at once.

use model::{Duration, Time};

/// Lets so many notifications through in each stretch of time, however many are due, so that a thousand lamps that
/// change together do not drown the answers of their phones and the calls of everybody else.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// When the stretch began.
    began: Time,
    /// How many went through since.
    through: u32,
}

impl Throttle {
    /// Whether one more may go; it counts as gone.
    pub(super) fn lets_one_through(&mut self, now: Time) -> bool {
        if now.since(self.began) >= STRETCH {
            self.began = now;
            self.through = 0;
        }
        let lets = self.through < THROUGH_MAX;
        if lets {
            self.through += 1;
        }
        lets
    }

    /// When something may go that is due at `due`.
    pub(super) fn not_before(&self, due: Time) -> Time {
        if self.through < THROUGH_MAX {
            due
        } else {
            due.max(self.began + STRETCH)
        }
    }
}

/// Over which time notifications are counted.
const STRETCH: Duration = Duration::from_millis(10);
/// How many go in that time: 10,000 a second, about as many as the answers that a socket's buffer holds.
const THROUGH_MAX: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_that_are_due_at_once_a_hundred_go_each_10_ms() {
        let mut throttle = Throttle::default();
        let mut now = Time(0) + Duration::from_secs(1);
        for _ in 0..3 {
            assert_eq!(throttle.not_before(now), now);
            let through = (0..1_000)
                .filter(|_| throttle.lets_one_through(now))
                .count();
            assert_eq!(through, 100);
            now = throttle.not_before(now);
        }
        assert_eq!(now, Time(0) + Duration::from_millis(1_030));
    }
}
