//! Wrong passwords are slow to try (GEN-05). Nothing here touches registration: whoever guesses passwords locks out
//! himself, and only here.

use crate::limits::{FAILURES_MAX, FAILURES_OF_ADDRESS_MAX, FAILURES_WITHIN_MS, THROTTLED_MAX};
use model::Wall;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Remembers wrong passwords for a while.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<BTreeMap<Key, Vec<Wall>>>);

/// Failures of an account and an address, or (without account) of an address.
type Key = (IpAddr, Option<String>);

/// An attempt that is allowed. It counts as a failure unless it is said to have succeeded, so that many at the same time
/// do not slip through.
#[must_use]
#[derive(Debug)]
pub(crate) struct Attempt {
    address: IpAddr,
    account: String,
    at: Wall,
}

impl Throttle {
    /// Allows an attempt, or says after how many seconds it will be.
    pub(crate) fn attempt(
        &self,
        now: Wall,
        address: IpAddr,
        account: &str,
    ) -> Result<Attempt, u64> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = [
            ((address, Some(account.to_owned())), FAILURES_MAX),
            ((address, None), FAILURES_OF_ADDRESS_MAX),
        ];
        for (key, most) in &keys {
            let Some(times) = failures.get_mut(key) else {
                continue;
            };
            times.retain(|at| counts(now, *at));
            if times.len() >= *most {
                let first = times.first().copied().unwrap_or(now);
                let left = first
                    .0
                    .saturating_add(FAILURES_WITHIN_MS)
                    .saturating_sub(now.0);
                return Err(u64::try_from(left / 1_000 + 1).unwrap_or(1));
            }
        }
        if failures.len() + keys.len() > THROTTLED_MAX {
            make_room(&mut failures, now);
        }
        for (key, _) in keys {
            failures.entry(key).or_default().push(now);
        }
        Ok(Attempt {
            address,
            account: account.to_owned(),
            at: now,
        })
    }

    /// The password was right: the attempt is forgotten, and so are the account's failures from there.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&(attempt.address, Some(attempt.account)));
        if let Some(times) = failures.get_mut(&(attempt.address, None))
            && let Some(place) = times.iter().position(|at| *at == attempt.at)
        {
            times.remove(place);
        }
    }
}

/// A clock that was put back counts nothing for ever.
fn counts(now: Wall, at: Wall) -> bool {
    now.0.abs_diff(at.0) < FAILURES_WITHIN_MS.unsigned_abs()
}

/// Forgets what no longer counts, and the older half if that is not enough.
fn make_room(failures: &mut BTreeMap<Key, Vec<Wall>>, now: Wall) {
    failures.retain(|_, times| times.last().is_some_and(|at| counts(now, *at)));
    if failures.len() * 2 < THROTTLED_MAX {
        return;
    }
    let mut ages: Vec<_> = failures
        .values()
        .filter_map(|times| times.last().copied())
        .collect();
    ages.sort_unstable();
    let Some(middle) = ages.get(ages.len() / 2).copied() else {
        return;
    };
    failures.retain(|_, times| times.last().is_some_and(|at| *at > middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn fail(throttle: &Throttle, now: i64, address: IpAddr, account: &str) -> Result<(), u64> {
        throttle.attempt(Wall(now), address, account).map(drop)
    }

    /// GEN-05
    #[test]
    fn the_sixth_attempt_within_five_minutes_waits() {
        let throttle = Throttle::default();
        for now in 0..5 {
            assert_eq!(fail(&throttle, now * 1_000, HERE, "100"), Ok(()));
        }
        assert_eq!(fail(&throttle, 5_000, HERE, "100"), Err(296));
        assert_eq!(
            fail(&throttle, 5_000, THERE, "100"),
            Ok(()),
            "its owner is elsewhere"
        );
        assert_eq!(fail(&throttle, 5_000, HERE, "101"), Ok(()));
        assert_eq!(
            fail(&throttle, 300_001, HERE, "100"),
            Ok(()),
            "the first no longer counts"
        );
    }

    #[test]
    fn a_right_password_clears_what_was_wrong_before() {
        let throttle = Throttle::default();
        for _ in 0..4 {
            assert_eq!(fail(&throttle, 0, HERE, "100"), Ok(()));
        }
        let attempt = throttle.attempt(Wall(1), HERE, "100").expect("the fifth");
        throttle.succeeded(attempt);
        for _ in 0..5 {
            assert_eq!(fail(&throttle, 2, HERE, "100"), Ok(()));
        }
    }

    #[test]
    fn an_address_cannot_try_every_account() {
        let throttle = Throttle::default();
        for account in 0..FAILURES_OF_ADDRESS_MAX {
            assert_eq!(fail(&throttle, 0, HERE, &account.to_string()), Ok(()));
        }
        assert!(fail(&throttle, 0, HERE, "another").is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..40_000_u32 {
            let address = IpAddr::V4(n.into());
            let _ = fail(&throttle, i64::from(n), address, "100");
        }
        assert!(throttle.0.lock().expect("no panic").len() <= THROTTLED_MAX);
    }
}
