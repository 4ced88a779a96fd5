//! Wrong PINs of mailboxes: whoever enters too many opens nothing for a while, so that nobody tries them all (VM-05,
//! SI-11). Nobody can shut a mailbox for its owner's own phone that way.

use crate::Switch;
use crate::cx::Cx;
use alloc::collections::BTreeMap;
use model::{Duration, Effect, Fact, LegId, Number, Time};
use serde::{Deserialize, Serialize};

/// The wrong PINs of the last while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pins {
    /// Those that an extension entered, for whatever mailbox.
    inside: BTreeMap<Number, Wrong>,
    /// Those that anybody outside entered for a mailbox.
    outside: BTreeMap<Number, Wrong>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Wrong {
    count: u8,
    since: Time,
}

impl Cx<'_> {
    /// Notes that a PIN was wrong.
    pub(crate) fn pin_was_wrong(&mut self, caller: LegId, mailbox: Number) {
        self.effect(Effect::Fact(Fact::PinRefused {
            leg: caller,
            mailbox,
        }));
        let now = self.now().mono;
        let counts = self.directory().extensions.contains_key(&mailbox);
        let inside = self.extension(caller);
        let pins = &mut self.switch.state.pins;
        for wrong in [&mut pins.inside, &mut pins.outside] {
            wrong.retain(|_, wrong| now.since(wrong.since) < REMEMBERED);
        }
        let wrong = match inside {
            Some(extension) => pins.inside.entry(extension),
            // There is no end of mailboxes that do not exist.
            None if counts => pins.outside.entry(mailbox),
            None => return,
        };
        let wrong = wrong.or_insert(Wrong {
            count: 0,
            since: now,
        });
        wrong.count = wrong.count.saturating_add(1);
    }

    /// Notes that a PIN was right.
    pub(crate) fn pin_was_right(&mut self, caller: LegId) {
        if let Some(extension) = self.extension(caller) {
            self.switch.state.pins.inside.remove(&extension);
        }
    }

    /// Whether a caller has entered too many wrong ones to open a mailbox now.
    pub(crate) fn is_locked_out(&self, caller: LegId, mailbox: Option<&Number>) -> bool {
        let Switch { state, .. } = &*self.switch;
        let wrong = match self.extension(caller) {
            Some(extension) => state.pins.inside.get(&extension),
            None => mailbox.and_then(|mailbox| state.pins.outside.get(mailbox)),
        };
        let now = state.now.mono;
        wrong.is_some_and(|wrong| wrong.count >= WRONG_MAX && now.since(wrong.since) < REMEMBERED)
    }
}

/// So many wrong PINs are too many: three calls of three tries.
const WRONG_MAX: u8 = 9;
/// How long wrong PINs are remembered, from the first of them on.
const REMEMBERED: Duration = Duration::from_secs(3_600);
