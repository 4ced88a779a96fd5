//! The watchdogs: the modem's own timers do not end every call.

use super::RATE;

/// Counts samples since something happened.
#[derive(Debug)]
pub(super) struct Watchdog {
    since_life: u64,
    since_page: u64,
}

/// Which watchdog ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bite {
    /// Neither side said anything.
    Silence,
    /// A page took too long.
    Page,
}

impl Watchdog {
    pub(super) const fn new() -> Self {
        Self {
            since_life: 0,
            since_page: 0,
        }
    }

    /// Something came or went.
    pub(super) const fn life(&mut self) {
        self.since_life = 0;
    }

    /// A page is through.
    pub(super) const fn page(&mut self) {
        self.since_page = 0;
    }

    /// Time went by.
    pub(super) const fn elapse(&mut self, samples: usize) -> Option<Bite> {
        self.since_life = self.since_life.saturating_add(samples as u64);
        self.since_page = self.since_page.saturating_add(samples as u64);
        if self.since_life > SILENCE_MAX {
            Some(Bite::Silence)
        } else if self.since_page > PAGE_MAX {
            Some(Bite::Page)
        } else {
            None
        }
    }
}

/// How long both sides may be silent: longer than any timer of T.30 (T1: 35 s, T0: 60 s).
const SILENCE_MAX: u64 = 75 * RATE as u64;

/// How long a page may take, with all its repetitions: a full page of noise at 2,400 bit/s takes 20 minutes.
const PAGE_MAX: u64 = 25 * 60 * RATE as u64;
