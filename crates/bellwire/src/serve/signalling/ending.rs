//! How a server ends: no new calls, then no calls, then nothing that is still on its way.

use super::Signalling;
use crate::health::Doing;
use model::{Input, Now, Time};
use std::time::Duration;

/// How far a server is on the way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum End {
    /// It takes calls.
    Not,
    /// It waits for its last calls, until then.
    Draining(Time),
    /// All calls have been hung up; what is on its way is waited for, until then.
    HungUp(Time),
}

impl Signalling {
    /// SIGTERM: the first time no new calls, the second time no calls at all.
    pub(super) fn end_more(&mut self, now: Now) {
        match self.end {
            End::Not => {
                self.readiness.set(Doing::Draining);
                self.end = End::Draining(now.mono + self.drain);
                self.edge.drain(now);
                self.next.push_back(Input::Drain);
                tracing::info!("no new calls are taken; the server ends with its last call");
            }
            End::Draining(_) => self.hang_up_all(now),
            End::HungUp(_) => self.end = End::HungUp(now.mono),
        }
    }

    pub(super) fn hang_up_all(&mut self, now: Now) {
        self.end = End::HungUp(now.mono + FAREWELL);
        self.next.push_back(Input::HangUpAll);
        self.work(now);
    }

    pub(super) fn is_over(&mut self, now: Now) -> bool {
        let quiet = self.edge.legs().next().is_none() && self.switch.live().next().is_none();
        match self.end {
            End::Not => false,
            End::Draining(until) if quiet && self.is_taking_leave(now, until) => false,
            End::Draining(_) if quiet => {
                self.end = End::HungUp(now.mono + FAREWELL.min(LAST_WORDS));
                false
            }
            End::Draining(until) => {
                if now.mono >= until {
                    self.hang_up_all(now);
                }
                false
            }
            End::HungUp(until) => now.mono >= until,
        }
    }

    /// Whether trunks are still to say that they have forgotten us; they are not waited for long.
    pub(super) fn is_taking_leave(&self, now: Now, until: Time) -> bool {
        let waited = self.drain.saturating_sub(until.since(now.mono));
        self.edge.is_leaving() && waited < FAREWELL
    }
}

/// How long the answers to the last BYEs are waited for.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long a server without calls stays for what is still on its way.
const LAST_WORDS: Duration = Duration::from_millis(200);
