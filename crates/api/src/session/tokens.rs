//! Tokens with which scripts prove who they are.

use super::secret;
use crate::limits::TOKENS_MAX;
use crate::problem::Problem;
use model::{Role, Wall};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{ReadError, Store, TokenRow, WriteError};

/// A new token and what is kept of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token, shown once.
    pub secret: String,
    /// What is kept.
    pub row: TokenRow,
}

impl Token {
    /// A token of that name; `None` when the machine has no randomness.
    #[must_use]
    pub fn new(name: &str, role: Role, now: Wall) -> Option<Self> {
        let secret = format!("{PREFIX}{}", secret::random().ok()?);
        let row = TokenRow {
            name: name.to_owned(),
            hash: secret::hash(&secret),
            role,
            created: now,
        };
        Some(Self { secret, row })
    }
}

/// Every token.
pub(crate) struct Tokens {
    store: Store,
    /// By hash.
    known: Mutex<BTreeMap<String, TokenRow>>,
}

impl Tokens {
    pub(crate) async fn open(store: &Store) -> Result<Self, ReadError> {
        let rows = store.tokens().await?.into_iter();
        Ok(Self {
            store: store.clone(),
            known: Mutex::new(rows.map(|row| (row.hash.clone(), row)).collect()),
        })
    }

    /// Whose token it is.
    pub(crate) fn of(&self, token: &str) -> Option<(String, Role)> {
        let known = self.lock();
        let row = known.get(&secret::hash(token))?;
        Some((row.name.clone(), row.role))
    }

    /// All of them by name.
    pub(crate) fn all(&self) -> Vec<TokenRow> {
        let mut all: Vec<_> = self.lock().values().cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Whether a token of that name stands.
    pub(crate) fn stands(&self, name: &str) -> bool {
        self.lock().values().any(|row| row.name == name)
    }

    /// Takes a token once it is on disk, in place of the one of its name if there is one.
    pub(crate) async fn put(&self, row: TokenRow) -> Result<(), WriteError> {
        self.store.put_token(row.clone()).await?;
        let mut known = self.lock();
        known.retain(|_, other| other.name != row.name);
        known.insert(row.hash.clone(), row);
        Ok(())
    }

    /// As [`Tokens::put`], for a name that no other has.
    pub(crate) async fn add(&self, row: TokenRow) -> Result<(), Problem> {
        let taken = self.stands(&row.name);
        if taken {
            return Err(Problem::conflict(
                "name-taken",
                "another token has that name",
            ));
        }
        if self.lock().len() >= TOKENS_MAX {
            return Err(Problem::too_many(
                "there are too many tokens; remove one first",
            ));
        }
        Ok(self.put(row).await?)
    }

    /// Forgets a token; whether there was one.
    pub(crate) async fn remove(&self, name: &str) -> Result<bool, Problem> {
        let before = {
            let mut known = self.lock();
            let before = known.len();
            known.retain(|_, row| row.name != name);
            before - known.len()
        };
        self.store.remove_token(name.to_owned()).await?;
        Ok(before > 0)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, TokenRow>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what it is to whoever finds one where it should not be.
const PREFIX: &str = "bellwire_";
