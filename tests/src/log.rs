//! What a program said so far, and waiting for what it will say.

use std::fmt::Display;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A growing list of entries that one thread writes and others wait for.
#[derive(Clone, Debug)]
pub struct Log<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    name: String,
    entries: Mutex<Vec<T>>,
    grown: Condvar,
}

impl<T: Clone + Display> Log<T> {
    /// An empty log; the name stands in failures.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(Arc::new(Shared {
            name: name.into(),
            entries: Mutex::new(Vec::new()),
            grown: Condvar::new(),
        }))
    }

    /// Appends an entry and wakes whoever waits.
    pub fn push(&self, entry: T) {
        self.lock().push(entry);
        self.0.grown.notify_all();
    }

    /// How many entries there are: a place to wait from.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The entries from a place on.
    #[must_use]
    pub fn since(&self, from: usize) -> Vec<T> {
        self.lock().get(from..).unwrap_or_default().to_vec()
    }

    /// The first entry from `from` on that `wanted` accepts, and the place after it; `None` when there is none
    /// by the deadline.
    pub fn find(
        &self,
        from: usize,
        within: Duration,
        wanted: impl Fn(&T) -> bool,
    ) -> Option<(T, usize)> {
        let deadline = Instant::now() + within;
        let mut entries = self.lock();
        let mut seen = from;
        loop {
            let fresh = entries.get(seen..).unwrap_or_default();
            if let Some(place) = fresh.iter().position(&wanted) {
                let place = seen + place;
                return Some((entries[place].clone(), place + 1));
            }
            seen = entries.len().max(seen);
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            entries = self
                .0
                .grown
                .wait_timeout(entries, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// As [`Log::find`].
    ///
    /// # Panics
    /// When there is no such entry by the deadline, with the last entries.
    pub fn expect(
        &self,
        what: &str,
        from: usize,
        within: Duration,
        wanted: impl Fn(&T) -> bool,
    ) -> (T, usize) {
        self.find(from, within, wanted).unwrap_or_else(|| {
            panic!(
                "{} did not say {what:?} within {within:?}; the end of what it said:\n{}",
                self.0.name,
                self.tail()
            )
        })
    }

    /// The last entries as text, for failures.
    #[must_use]
    pub fn tail(&self) -> String {
        let entries = self.lock();
        let skipped = entries.len().saturating_sub(TAIL);
        let lines = entries.iter().skip(skipped);
        lines
            .map(|entry| format!("  {}| {entry}\n", self.0.name))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that a failure shows.
const TAIL: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_what_comes_later() {
        let log = Log::new("x");
        log.push("early");
        let writer = log.clone();
        let thread = std::thread::spawn(move || writer.push("late"));
        let (entry, next) = log.expect("late", 1, crate::PATIENCE, |entry| *entry == "late");
        assert_eq!((entry, next), ("late", 2));
        thread.join().expect("it only writes");
    }

    #[test]
    fn what_was_said_before_the_place_does_not_count() {
        let log = Log::new("x");
        log.push("once");
        assert_eq!(log.find(1, Duration::ZERO, |entry| *entry == "once"), None);
    }
}
