//! Keys that a leg's party presses, each counted once however it is told.

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

/// Remembers the last key, because some phones tell each key in two forms.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys {
    last: Option<(Digit, Form, Time)>,
}

impl Keys {
    /// Whether this is a key of its own, and not one that was told in the other form already.
    pub(super) fn is_new(&mut self, now: Time, digit: Digit, form: Form) -> bool {
        let told = self.last.is_some_and(|(last, in_form, at)| {
            last == digit && in_form != form && now.since(at) <= SAME_WITHIN
        });
        if told {
            // A second press right after it counts again.
            self.last = None;
        } else {
            self.last = Some((digit, form, now));
        }
        !told
    }
}

/// How far apart the two forms of one key may come.
const SAME_WITHIN: Duration = Duration::from_millis(400);

#[cfg(test)]
mod tests {
    use super::*;

    /// FC-08
    #[test]
    fn a_key_told_in_two_forms_counts_once() {
        let five = Digit::parse('5').expect("a key");
        let mut keys = Keys::default();
        let at = |ms: u64| Time(ms * 1_000);
        assert!(keys.is_new(at(0), five, Form::Event));
        assert!(!keys.is_new(at(150), five, Form::Info));
        assert!(keys.is_new(at(200), five, Form::Event), "pressed again");
        assert!(keys.is_new(at(300), five, Form::Event), "and again");
        assert!(keys.is_new(at(2_000), five, Form::Info), "much later");
    }
}
