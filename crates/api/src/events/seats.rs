//! How many listen.

use crate::account::Account;
use crate::limits::{LISTENERS_MAX, LISTENERS_OF_ACCOUNT_MAX};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts who listens, by account. Copies count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<BTreeMap<Account, usize>>>);

/// One who listens, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    account: Account,
}

impl Seats {
    /// Lets one more listen; `None` when the account, or everybody together, has too many.
    pub(crate) fn take(&self, account: &Account) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(account).copied().unwrap_or_default();
        let all: usize = taken.values().sum();
        if own >= LISTENERS_OF_ACCOUNT_MAX || all >= LISTENERS_MAX {
            return None;
        }
        taken.insert(account.clone(), own + 1);
        Some(Seat {
            seats: self.clone(),
            account: account.clone(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.account) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_makes_room() {
        let seats = Seats::default();
        let account = Account::User(String::from("admin"));
        let mut taken: Vec<_> = std::iter::from_fn(|| seats.take(&account)).collect();
        assert_eq!(taken.len(), LISTENERS_OF_ACCOUNT_MAX);
        taken.pop();
        assert!(seats.take(&account).is_some());
    }
}
