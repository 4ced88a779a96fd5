//! Transactions by name, by what identifies them in a message, and by when they want to be woken.

use super::key::Key;
use crate::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What a [`Table`] needs to know of a transaction.
pub(super) trait Entry {
    /// What finds it in a message.
    fn key(&self) -> &Key;
    /// When it wants to be woken.
    fn deadline(&self) -> Option<Time>;
    /// Whether it can be forgotten.
    fn is_over(&self) -> bool;
}

/// All client or all server transactions.
#[derive(Debug)]
pub(super) struct Table<Id, T> {
    entries: BTreeMap<Id, Scheduled<T>>,
    keys: BTreeMap<Key, Id>,
    due: BTreeSet<(Time, Id)>,
}

#[derive(Debug)]
struct Scheduled<T> {
    entry: T,
    /// What `due` holds of it.
    at: Option<Time>,
}

impl<Id: Copy + Ord, T: Entry> Table<Id, T> {
    pub(super) const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            keys: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn find(&self, key: &Key) -> Option<Id> {
        self.keys.get(key).copied()
    }

    pub(super) fn get(&self, id: Id) -> Option<&T> {
        self.entries.get(&id).map(|scheduled| &scheduled.entry)
    }

    pub(super) fn insert(&mut self, id: Id, entry: T) {
        let at = entry.deadline();
        self.keys.insert(*entry.key(), id);
        self.due.extend(at.map(|at| (at, id)));
        self.entries.insert(id, Scheduled { entry, at });
    }

    /// Changes an entry and sees to its deadline.
    pub(super) fn change<R>(&mut self, id: Id, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let scheduled = self.entries.get_mut(&id)?;
        let result = change(&mut scheduled.entry);
        let at = scheduled.entry.deadline();
        if scheduled.at != at {
            if let Some(before) = scheduled.at {
                self.due.remove(&(before, id));
            }
            self.due.extend(at.map(|at| (at, id)));
            scheduled.at = at;
        }
        Some(result)
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<T> {
        let Scheduled { entry, at } = self.entries.remove(&id)?;
        if let Some(at) = at {
            self.due.remove(&(at, id));
        }
        if self.keys.get(entry.key()) == Some(&id) {
            self.keys.remove(entry.key());
        }
        Some(entry)
    }

    /// The earliest deadline.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.due.first().map(|&(at, _)| at)
    }

    /// The first entry that is due by `now`. Whatever is done with it must move its deadline.
    pub(super) fn due(&self, now: Time) -> Option<Id> {
        self.due
            .first()
            .filter(|&&(at, _)| at <= now)
            .map(|&(_, id)| id)
    }
}
