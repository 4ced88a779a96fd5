//! What an owner sets by telephone (VM-10, VM-11): greetings and the PIN.

use super::{MailboxGreeting, MailboxPin, Session};
use crate::choice::{Choice, Chosen};
use crate::cx::Cx;
use crate::features::{Event, Feature, Phase};
use crate::menu::{Item, Menu};
use crate::phrase;
use crate::speech::Speech;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use model::{GreetingKind, LegEvent, LegId, Phrase, RecordingId, TimerId};
use serde::{Deserialize, Serialize};

/// Somebody is at the menu of what can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxOptions {
    desk: Desk,
    choice: Choice,
}

/// Whose settings they are, and the greetings that there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Desk {
    pub(super) session: Session,
    pub(super) greetings: BTreeMap<GreetingKind, RecordingId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::features) enum Does {
    Greet(GreetingKind),
    Pin,
    Main,
}

pub(in crate::features) const OPTIONS: Menu<Does> = Menu {
    name: "mailbox: options",
    items: &[
        Item {
            key: '1',
            says: Some(phrase::UNAVAILABLE_GREETING_KEY),
            does: Does::Greet(GreetingKind::Unavailable),
            leads: super::GREETING.name,
        },
        Item {
            key: '2',
            says: Some(phrase::BUSY_GREETING_KEY),
            does: Does::Greet(GreetingKind::Busy),
            leads: super::GREETING.name,
        },
        Item {
            key: '3',
            says: Some(phrase::NAME_KEY),
            does: Does::Greet(GreetingKind::Name),
            leads: super::GREETING.name,
        },
        Item {
            key: '4',
            says: Some(phrase::TEMPORARY_GREETING_KEY),
            does: Does::Greet(GreetingKind::Temporary),
            leads: super::GREETING.name,
        },
        Item {
            key: '5',
            says: Some(phrase::MAILBOX_PASSWORD_KEY),
            does: Does::Pin,
            leads: "the new PIN is asked for, twice",
        },
        Item {
            key: '*',
            says: Some(phrase::PREVIOUS_MENU),
            does: Does::Main,
            leads: super::NAME,
        },
    ],
};

impl MailboxOptions {
    pub(super) fn begin(
        session: Session,
        greetings: BTreeMap<GreetingKind, RecordingId>,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let nothing = cx.speech(session.caller);
        Desk { session, greetings }.menu(nothing, cx)
    }
}

impl Desk {
    /// Says something, then what can be set.
    pub(super) fn menu(self, before: Speech, cx: &mut Cx<'_>) -> Phase {
        let choice = Choice::menu(self.session.caller, before, &OPTIONS, cx);
        MailboxOptions { desk: self, choice }.into()
    }

    pub(super) fn menu_after(self, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(self.session.caller).phrase(what);
        self.menu(speech, cx)
    }
}

impl Feature for MailboxOptions {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        let Self { desk, choice } = self;
        let key = match choice.on(event, cx) {
            Chosen::More(choice) => return Self { desk, choice }.into(),
            Chosen::Key(key) => OPTIONS.does(key),
            Chosen::GaveUp => None,
        };
        match key {
            Some(Does::Greet(kind)) => MailboxGreeting::begin(desk, kind, cx),
            Some(Does::Pin) => MailboxPin::begin(desk, cx),
            Some(Does::Main) => desk.session.main(cx),
            None => desk.session.leave(phrase::THANK_YOU_GOODBYE, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.desk.session.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.choice.timer()]
    }
}
