//! What the system says about itself (manual §2.12): `**11` the WAN address, `**12` the LAN address,
//! `**13` the own extension.

use super::{Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use alloc::vec;
use alloc::vec::Vec;
use core::net::IpAddr;
use model::{Duration, LegEvent, LegId, Question, QuestionId, Reply, TimerId};
use serde::{Deserialize, Serialize};

/// A caller waits for an address, which has to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announce {
    caller: LegId,
    interface: Interface,
    question: QuestionId,
    timer: TimerId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Interface {
    Wan,
    Lan,
}

/// Says the caller's own number (MI-03).
pub(crate) fn extension(caller: LegId, cx: &mut Cx<'_>) -> Phase {
    cx.answer(caller);
    let mut speech = cx.speech(caller).phrase(phrase::YOUR_EXTENSION_IS);
    if let Some(number) = cx.extension(caller) {
        speech = speech.digits(&number);
    }
    Farewell::say(caller, speech, cx)
}

impl Announce {
    /// Says the address towards the provider (MI-01).
    pub(crate) fn wan(caller: LegId, cx: &mut Cx<'_>) -> Phase {
        Self::begin(caller, Interface::Wan, cx)
    }

    /// Says the address towards the phones (MI-02).
    pub(crate) fn lan(caller: LegId, cx: &mut Cx<'_>) -> Phase {
        Self::begin(caller, Interface::Lan, cx)
    }

    fn begin(caller: LegId, interface: Interface, cx: &mut Cx<'_>) -> Phase {
        cx.answer(caller);
        Self {
            caller,
            interface,
            question: cx.ask(Question::Addresses),
            timer: cx.timer(REPLY_MAX),
        }
        .into()
    }

    fn tell(self, address: Option<IpAddr>, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        let speech = cx.speech(self.caller);
        let speech = match (address, self.interface) {
            (None, _) => speech.phrase(phrase::NO_SUCH_INTERFACE),
            (Some(address), Interface::Wan) => {
                speech.phrase(phrase::WAN_ADDRESS_IS).address(address)
            }
            (Some(address), Interface::Lan) => {
                speech.phrase(phrase::LAN_ADDRESS_IS).address(address)
            }
        };
        Farewell::say(self.caller, speech, cx)
    }

    fn fail(self, cx: &mut Cx<'_>) -> Phase {
        cx.cancel(self.timer);
        cx.forget(self.question);
        let speech = cx.speech(self.caller).phrase(phrase::SYSTEM_ERROR);
        Farewell::say(self.caller, speech, cx)
    }
}

impl Feature for Announce {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Answer(question, Reply::Addresses { wan, lan }) if question == self.question => {
                let address = match self.interface {
                    Interface::Wan => wan,
                    Interface::Lan => lan,
                };
                self.tell(address, cx)
            }
            Event::Answer(question, _) if question == self.question => self.fail(cx),
            Event::Timer(timer) if timer == self.timer => self.fail(cx),
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.caller]
    }

    fn timers(&self) -> Vec<TimerId> {
        vec![self.timer]
    }

    fn questions(&self) -> Vec<QuestionId> {
        vec![self.question]
    }
}

/// How long the addresses are waited for.
const REPLY_MAX: Duration = Duration::from_secs(5);
