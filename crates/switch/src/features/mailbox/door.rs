//! The door of a mailbox: whose it is, and the PIN (VM-05 to VM-07). A mailbox that does not exist and a wrong PIN are
//! alike.

use super::Session;
use crate::cx::Cx;
use crate::dialogue::{Dialogue, Heard};
use crate::features::{Event, Farewell, Feature, Phase};
use crate::phrase;
use crate::pins::Lock;
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Number, TimerId};
use serde::{Deserialize, Serialize};

/// A caller is about to open a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MailboxDoor {
    caller: LegId,
    /// The only mailbox he may open; `None`: he says which.
    whose: Option<Number>,
    tries_left: u8,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Number(Dialogue),
    Pin(Number, Dialogue),
}

/// Any mailbox (`*60`).
pub(in crate::features) fn any(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    if cx.is_locked_out(caller, None) {
        return refuse(caller, cx);
    }
    let welcome = cx.speech(caller).phrase(phrase::WELCOME_TO_VOICEMAIL);
    let dialogue = Dialogue::after(welcome, caller, phrase::ENTER_MAILBOX, cx);
    MailboxDoor::new(caller, None, Stage::Number(dialogue)).into()
}

/// The mailbox of whoever calls (`*61`). Who that is, is what his phone proved.
pub(in crate::features) fn own(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let own = cx.extension(caller);
    let Some(own) = own.filter(|own| cx.view().has_mailbox(own)) else {
        let speech = cx.speech(caller).phrase(phrase::NO_MAILBOX);
        return Farewell::say(caller, speech, cx);
    };
    if cx.is_locked_out(caller, Some(Lock::Mailbox(own))) {
        return refuse(caller, cx);
    }
    let welcome = cx.speech(caller).phrase(phrase::WELCOME_TO_VOICEMAIL);
    let dialogue = Dialogue::after(welcome, caller, phrase::ENTER_MAILBOX_PASSWORD, cx);
    MailboxDoor::new(caller, Some(own), Stage::Pin(own, dialogue)).into()
}

/// The mailbox that a caller is about to leave a message in, for who says that it is his (VM-02).
pub(in crate::features) fn owner(caller: LegId, of: Number, cx: &mut Cx<'_>) -> Phase {
    if cx.is_locked_out(caller, Some(Lock::Mailbox(of))) {
        return refuse(caller, cx);
    }
    let dialogue = Dialogue::begin(caller, phrase::ENTER_MAILBOX_PASSWORD, cx);
    MailboxDoor::new(caller, Some(of), Stage::Pin(of, dialogue)).into()
}

impl MailboxDoor {
    const fn new(caller: LegId, whose: Option<Number>, stage: Stage) -> Self {
        Self {
            caller,
            whose,
            tries_left: TRIES - 1,
            stage,
        }
    }

    fn number(mut self, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        match dialogue.on(event, cx) {
            Heard::More(dialogue) => {
                self.stage = Stage::Number(dialogue);
                self.into()
            }
            Heard::Entered(of) => {
                let dialogue = Dialogue::begin(self.caller, phrase::ENTER_MAILBOX_PASSWORD, cx);
                self.stage = Stage::Pin(of, dialogue);
                self.into()
            }
            Heard::GaveUp => refuse(self.caller, cx),
        }
    }

    fn pin(mut self, of: Number, dialogue: Dialogue, event: Event, cx: &mut Cx<'_>) -> Phase {
        match dialogue.on(event, cx) {
            Heard::More(dialogue) => {
                self.stage = Stage::Pin(of, dialogue);
                self.into()
            }
            Heard::Entered(pin) if cx.opens_mailbox(self.caller, &of, &pin) => {
                cx.pin_was_right(self.caller, Lock::Mailbox(of));
                Session::open(self.caller, of, cx)
            }
            Heard::Entered(_) => self.again(of, cx),
            Heard::GaveUp => refuse(self.caller, cx),
        }
    }

    fn again(mut self, of: Number, cx: &mut Cx<'_>) -> Phase {
        cx.pin_was_wrong(self.caller, Lock::Mailbox(of));
        if self.tries_left == 0 {
            return refuse(self.caller, cx);
        }
        self.tries_left -= 1;
        let why = cx
            .speech(self.caller)
            .phrase(phrase::WRONG_MAILBOX_OR_PASSWORD);
        self.stage = match self.whose {
            Some(whose) => {
                let prompt = phrase::ENTER_MAILBOX_PASSWORD;
                Stage::Pin(whose, Dialogue::after(why, self.caller, prompt, cx))
            }
            None => Stage::Number(Dialogue::after(why, self.caller, phrase::ENTER_MAILBOX, cx)),
        };
        self.into()
    }
}

fn refuse(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    let speech = cx.speech(caller).phrase(phrase::TOO_MANY_WRONG_ENTRIES);
    Farewell::say(caller, speech, cx)
}

impl Cx<'_> {
    /// Whether a caller opens a mailbox with a PIN. The one that everybody knows opens nothing from outside.
    fn opens_mailbox(&self, caller: LegId, of: &Number, pin: &Number) -> bool {
        let owner = self.directory().extension(of);
        let fits = owner.is_some_and(|owner| **pin == *owner.voicemail_pin);
        let inside = self.extension(caller).is_some();
        fits && (inside || !self.has_default_pin(of))
            && !self.is_locked_out(caller, Some(Lock::Mailbox(*of)))
    }

    /// Whether a mailbox has the PIN that everybody knows.
    pub(super) fn has_default_pin(&self, of: &Number) -> bool {
        let owner = self.directory().extension(of);
        owner.is_some_and(|owner| owner.voicemail_pin == DEFAULT_PIN)
    }
}

impl Feature for MailboxDoor {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        if let Event::Leg(_, LegEvent::HungUp(cause)) = event {
            return cx.end(cause);
        }
        match self.stage.clone() {
            Stage::Number(dialogue) => self.number(dialogue, event, cx),
            Stage::Pin(of, dialogue) => self.pin(of, dialogue, event, cx),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        match &self.stage {
            Stage::Number(dialogue) | Stage::Pin(_, dialogue) => vec![dialogue.timer()],
        }
    }
}

/// How often a PIN may be wrong (VM-05).
const TRIES: u8 = 3;
/// The PIN of an extension for which nobody chose one (manual §1.8).
const DEFAULT_PIN: &str = "1234";
