//! Whether the store keeps up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How the store is, for alarms and `/readyz`. A copy shows the same store.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<State>);

#[derive(Debug, Default)]
struct State {
    alarm: Mutex<Option<String>>,
    retained: AtomicUsize,
}

impl Health {
    /// What an operator must do, while the disk does not take writes.
    #[must_use]
    pub fn alarm(&self) -> Option<String> {
        self.0
            .alarm
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many writes wait in memory for a disk that takes them.
    #[must_use]
    pub fn retained(&self) -> usize {
        self.0.retained.load(Ordering::Relaxed)
    }

    /// Returns whether this is news.
    pub(crate) fn set(&self, alarm: Option<&str>, retained: usize) -> bool {
        self.0.retained.store(retained, Ordering::Relaxed);
        let mut known = self.0.alarm.lock().unwrap_or_else(PoisonError::into_inner);
        let news = known.as_deref() != alarm;
        if news {
            *known = alarm.map(str::to_owned);
        }
        news
    }
}
