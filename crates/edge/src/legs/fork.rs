//! What comes of ringing several phones at once (RFC 3261 §16.7).

use super::cause::{self, Rang};
use model::Cause;

/// What the phones of one ringing said so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    best: Option<Cause>,
}

/// Whether the others go on ringing after one has refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They do.
    RingOn,
    /// They are cancelled: the person called does not want the call anywhere (6xx, RFC 3261 §16.7 step 5).
    Stop,
}

impl Tally {
    /// Counts the refusal of one phone.
    pub(super) fn refused(&mut self, status: u16, rang: Rang) -> Others {
        let cause = cause::of_status(status, rang);
        if status >= 600 {
            self.best = Some(cause);
            return Others::Stop;
        }
        let better = |best: Cause| rank(cause) < rank(best);
        if self.best.is_none_or(better) {
            self.best = Some(cause);
        }
        Others::RingOn
    }

    /// What all of them together mean: what tells the caller most.
    pub(super) fn cause(&self) -> Cause {
        self.best.unwrap_or(Cause::Unavailable)
    }
}

/// The lower, the more it says of the person and the less of a single phone (RFC 3261 §16.7 step 6 leaves
/// the choice within a class to us).
const fn rank(cause: Cause) -> u8 {
    match cause {
        Cause::Busy => 0,
        Cause::Declined => 1,
        Cause::NoAnswer => 2,
        Cause::NotAcceptable => 3,
        Cause::Congestion => 4,
        Cause::NotFound => 5,
        Cause::Unavailable => 6,
        Cause::Normal
        | Cause::Forbidden
        | Cause::AnsweredElsewhere
        | Cause::Vanished
        | Cause::Restarted
        | Cause::Failed => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(refusals: &[(u16, Rang)]) -> (Cause, Vec<Others>) {
        let mut tally = Tally::default();
        let others = refusals
            .iter()
            .map(|&(status, rang)| tally.refused(status, rang))
            .collect();
        (tally.cause(), others)
    }

    /// IX-22
    #[test]
    fn the_refusal_that_tells_most_is_told() {
        use Rang::{No, Yes};
        let table = [
            (&[(486, Yes), (480, No), (408, Yes)][..], Cause::Busy),
            (&[(480, No), (486, No)], Cause::Busy),
            (&[(503, No), (480, Yes)], Cause::NoAnswer),
            (&[(404, No), (488, No)], Cause::NotAcceptable),
            (&[(404, No), (408, No)], Cause::NotFound),
            (&[(408, No)], Cause::Unavailable),
            (&[], Cause::Unavailable),
        ];
        for (refusals, cause) in table {
            let (told, others) = of(refusals);
            assert_eq!(told, cause, "{refusals:?}");
            assert!(others.iter().all(|others| *others == Others::RingOn));
        }
    }

    /// IX-23
    #[test]
    fn one_phone_may_decline_for_all() {
        let (cause, others) = of(&[(486, Rang::Yes), (603, Rang::Yes)]);
        assert_eq!(cause, Cause::Declined);
        assert_eq!(others, [Others::RingOn, Others::Stop]);
        assert_eq!(of(&[(600, Rang::No)]).0, Cause::Busy);
    }
}
