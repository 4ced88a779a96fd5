//! Keys that a leg's party presses, each counted once however it is told (FC-08).

use model::Digit;
use rtp::Time;
use std::time::Duration;

/// How a key was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As an RTP event (RFC 4733).
    Event,
    /// By SIP INFO.
    Info,
}

/// Remembers keys that were told in one form, because some phones tell each key in two.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The oldest is overwritten.
    told: [Option<Told>; TOLD_MAX],
    oldest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    digit: Digit,
    form: Form,
    /// When it went up; `None` while it is down.
    up: Option<Time>,
}

impl Keys {
    /// Whether this is a key of its own, and not one that was told in the other form already. Each key told in one
    /// form is matched by one in the other at most, so that keys pressed in quick succession all count.
    pub(super) fn is_new(&mut self, now: Time, digit: Digit, form: Form) -> bool {
        let is_same = |told: &Told| {
            let recent = told.up.is_none_or(|up| now.since(up) <= SAME_WITHIN);
            told.digit == digit && told.form != form && recent
        };
        // From the oldest on: they are matched in the order in which they were pressed.
        for step in 0..TOLD_MAX {
            let place = (self.oldest + step) % TOLD_MAX;
            if let Some(told) = self.told.get_mut(place)
                && told.as_ref().is_some_and(is_same)
            {
                *told = None;
                return false;
            }
        }
        let up = match form {
            Form::Event => None,
            Form::Info => Some(now),
        };
        if let Some(place) = self.told.get_mut(self.oldest) {
            *place = Some(Told { digit, form, up });
        }
        self.oldest = (self.oldest + 1) % TOLD_MAX;
        true
    }

    /// The key that was told as an event went up.
    pub(super) fn released(&mut self, now: Time) {
        for told in self.told.iter_mut().flatten() {
            told.up.get_or_insert(now);
        }
    }
}

/// How long after a key went up it may be told in the other form. INFO comes when it goes up, over a network that is
/// not that of sound.
const SAME_WITHIN: Duration = Duration::from_millis(500);
const TOLD_MAX: usize = 8;
