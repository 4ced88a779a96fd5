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
    /// As tones in the sound.
    InBand,
}

/// Remembers keys that were told in one form, because some phones tell each key in two or three.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The oldest is overwritten.
    told: [Option<Told>; TOLD_MAX],
    oldest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    digit: Digit,
    forms: Forms,
    /// When it went up; `None` while it is down.
    up: Option<Time>,
}

impl Keys {
    /// Whether this is a key of its own, and not one that was told in another form already. Each key told in one form
    /// is matched by one in each other form at most, so that keys pressed in quick succession all count.
    pub(super) fn is_new(&mut self, now: Time, digit: Digit, form: Form) -> bool {
        let is_same = |told: &Told| {
            let recent = told.up.is_none_or(|up| now.since(up) <= SAME_WITHIN);
            told.digit == digit && !told.forms.contains(form) && recent
        };
        // From the oldest on: they are matched in the order in which they were pressed.
        for step in 0..TOLD_MAX {
            let place = (self.oldest + step) % TOLD_MAX;
            let told = self.told.get_mut(place).and_then(Option::as_mut);
            if let Some(told) = told.filter(|told| is_same(told)) {
                told.forms.add(form);
                return false;
            }
        }
        let mut forms = Forms::default();
        forms.add(form);
        let up = match form {
            Form::Event | Form::InBand => None,
            Form::Info => Some(now),
        };
        if let Some(place) = self.told.get_mut(self.oldest) {
            *place = Some(Told { digit, forms, up });
        }
        self.oldest = (self.oldest + 1) % TOLD_MAX;
        true
    }

    /// The key that was told as an event or as tones went up.
    pub(super) fn released(&mut self, now: Time) {
        for told in self.told.iter_mut().flatten() {
            told.up.get_or_insert(now);
        }
    }
}

/// In which forms a key was told.
#[derive(Clone, Copy, Debug, Default)]
struct Forms(u8);

impl Forms {
    const fn contains(self, form: Form) -> bool {
        self.0 & (1 << form as u8) != 0
    }

    const fn add(&mut self, form: Form) {
        self.0 |= 1 << form as u8;
    }
}

/// How long after a key went up it may be told in another form. INFO comes when it goes up, over a network that is
/// not that of sound.
const SAME_WITHIN: Duration = Duration::from_millis(500);
const TOLD_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// FC-08
    #[test]
    fn a_key_told_in_three_forms_counts_once_in_whatever_order_they_come() {
        use Form::{Event, InBand, Info};
        for forms in [
            [Event, InBand, Info],
            [InBand, Event, Info],
            [Info, InBand, Event],
            [InBand, Info, Event],
        ] {
            let mut keys = Keys::default();
            let new = [0, 40, 180].map(at).into_iter().zip(forms);
            let new: Vec<_> = new
                .map(|(now, form)| keys.is_new(now, digit('5'), form))
                .collect();
            assert_eq!(new, [true, false, false], "{forms:?}");
        }
    }

    /// FC-08
    #[test]
    fn each_of_several_equal_keys_counts_once() {
        let mut keys = Keys::default();
        let mut count = 0;
        for n in 0..5 {
            let down = n * 200;
            count += u32::from(keys.is_new(at(down), digit('1'), Form::InBand));
            keys.released(at(down + 100));
            count += u32::from(keys.is_new(at(down + 150), digit('1'), Form::Info));
        }
        assert_eq!(count, 5);
    }

    #[test]
    fn what_comes_much_later_is_another_key() {
        let mut keys = Keys::default();
        assert!(keys.is_new(at(0), digit('1'), Form::Event));
        keys.released(at(100));
        assert!(!keys.is_new(at(600), digit('1'), Form::Info));
        assert!(keys.is_new(at(601), digit('1'), Form::InBand));
        assert!(keys.is_new(at(601), digit('2'), Form::Info));
    }

    fn at(ms: u64) -> Time {
        Time(ms * 1_000)
    }

    fn digit(key: char) -> Digit {
        Digit::parse(key).unwrap()
    }
}
