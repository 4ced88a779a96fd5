//! Legs that move from one call to another: given to it, or sent ahead with a way back.
//!
//! A call that a leg is to be given to is asked first whether it takes it ([`Cx::would_take`]), and hears of it
//! before anything else can happen: no race is possible between the two.

use crate::Switch;
use crate::cx::Cx;
use crate::features::codes::{self, Code, Keyed, Place};
use crate::features::{Event, Phase, Sent};
use crate::record::Draft;
use crate::state::Call;
use alloc::string::String;
use model::{CallId, Cause, Digit, Effect, Fact, LegEvent, LegId, Number};
use serde::{Deserialize, Serialize};

/// Why a leg comes to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// It takes the call that rings this leg.
    PicksUp(LegId),
    /// It takes up who waits in the call.
    Retrieves,
    /// It takes the place of this leg, which is let go.
    InPlaceOf(LegId),
    /// It was sent ahead, and is back.
    Returns(Returns),
}

/// Why a leg that was sent ahead is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// Its party wanted to.
    Cancelled,
    /// The other party was there, and hung up.
    HungUp,
    /// It did not get through.
    Failed(Cause),
    /// It brought in whom it invited.
    Confirmed,
}

/// How it goes with a leg that was sent ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ahead {
    /// Somebody is rung for it.
    Rings,
    /// It is where it should be, and does not come back.
    Arrived,
    /// Its party hung up in that call, and left this place in it to whoever waits here.
    LeftFor(CallId, LegId),
    /// It is gone, and nothing comes back.
    Over,
}

/// The way back of a leg that was sent ahead into a call of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Back {
    leg: LegId,
    /// The call that waits for it.
    to: CallId,
    why: Sending,
    /// What its party pressed that may become the code that brings it back.
    pressed: String,
    cancelled: bool,
}

/// Why a leg is sent ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Sending {
    /// Its party asks somebody before it connects him with whoever waits (`*2`). It may come back at any time, and
    /// leaves its place to him when it hangs up.
    Consult,
    /// Its party invites somebody into the conference of this room, and comes back to it with him or without.
    Invite(Number),
    /// It is transferred; whoever transferred it waits to hear whether that works (REFER).
    Blind,
}

impl Back {
    /// Whether it leads to a call.
    pub(crate) fn leads_to(&self, call: CallId) -> bool {
        self.to == call
    }
}

/// Between calls.
impl Cx<'_> {
    /// Whether a call would take a leg, as it stands.
    pub(crate) fn would_take(&self, call: CallId, given: Given) -> bool {
        let taker = self.switch.state.calls.get(&call);
        call != self.call && taker.is_some_and(|taker| taker.phase.takes(given))
    }

    pub(crate) fn call_of(&self, leg: LegId) -> Option<CallId> {
        self.switch.call_of(leg)
    }

    /// Gives a leg of this call to another, which would take it.
    pub(crate) fn give(&mut self, leg: LegId, to: CallId, given: Given) {
        self.switch.move_leg(leg, to);
        self.switch.joined(leg, to);
        // Before anything else: nobody may come between the question and the deed.
        let event = Event::Given(leg, given);
        self.switch.inbox.push_front((to, event));
    }

    /// Gives a leg to another call, whose record tells of it from here on; this call is over.
    pub(crate) fn give_up_to(&mut self, leg: LegId, to: CallId, given: Given) -> Phase {
        self.give(leg, to, given);
        self.merge(to);
        Phase::Ended
    }

    /// The record of this call goes on as that of another, in which it becomes the history.
    pub(crate) fn goes_on_as(&mut self, to: CallId) {
        let own = self.switch.state.calls.get(&self.call);
        let Some(own) = own.map(|call| call.draft.clone()) else {
            return;
        };
        if let Some(call) = self.switch.state.calls.get_mut(&to) {
            call.draft.continues(own);
        }
        self.merge(to);
    }

    fn merge(&mut self, into: CallId) {
        if let Some(call) = self.switch.state.calls.get_mut(&self.call) {
            call.merged = Some(into);
        }
    }

    /// Sends a leg ahead to a number, in a call of its own, with the rights of an extension.
    pub(crate) fn send_ahead(
        &mut self,
        leg: LegId,
        number: Number,
        rights: Number,
        why: Sending,
    ) -> CallId {
        let back = Back {
            leg,
            to: self.call,
            why,
            pressed: String::new(),
            cancelled: false,
        };
        let id = self.split(leg, number, Sent::new(leg, number, rights).into());
        if let Some(call) = self.switch.state.calls.get_mut(&id) {
            call.back = Some(back);
        }
        id
    }

    /// Makes a leg a call of its own, which begins with a phase.
    pub(crate) fn split(&mut self, leg: LegId, dialled: Number, phase: Phase) -> CallId {
        let state = &mut self.switch.state;
        let id = state.ids.call();
        let Some(known) = state.legs.get(&leg) else {
            return id;
        };
        let origin = known.who.clone();
        let draft = Draft::of(state.now, &origin, known.party.clone(), dialled);
        state.calls.insert(id, Call::new(draft, phase));
        self.switch.fact(Fact::Began {
            call: id,
            leg,
            origin,
            dialled,
        });
        self.switch.move_leg(leg, id);
        self.switch.inbox.push_front((id, Event::Begin));
        id
    }

    /// Whether a leg of this call was sent ahead, so that it is told nothing and hung up for nothing: it goes back.
    pub(crate) fn has_a_way_back(&self, leg: LegId) -> bool {
        let call = self.switch.state.calls.get(&self.call);
        let back = call.and_then(|call| call.back.as_ref());
        back.is_some_and(|back| back.leg == leg && self.switch.waits_for(back))
    }

    /// Whether this call asks somebody about another one, in which codes of a conversation mean nothing.
    pub(crate) fn is_consultation(&self) -> bool {
        let call = self.switch.state.calls.get(&self.call);
        let back = call.and_then(|call| call.back.as_ref());
        back.is_some_and(|back| back.why != Sending::Blind && self.switch.waits_for(back))
    }

    /// Who invites somebody in this call, and into which room.
    pub(crate) fn invitation(&self) -> Option<(LegId, Number)> {
        let call = self.switch.state.calls.get(&self.call)?;
        let back = call.back.as_ref()?;
        match back.why {
            Sending::Invite(room) if self.switch.waits_for(back) => Some((back.leg, room)),
            Sending::Invite(_) | Sending::Consult | Sending::Blind => None,
        }
    }

    /// Lets the leg go back that was sent ahead into this call, which goes on without it.
    pub(crate) fn return_ahead(&mut self, why: Returns) {
        let call = self.switch.state.calls.get_mut(&self.call);
        let Some(back) = call.and_then(|call| call.back.take()) else {
            return;
        };
        if self.call_of(back.leg) == Some(self.call) && self.switch.waits_for(&back) {
            self.give(back.leg, back.to, Given::Returns(why));
        }
    }

    /// Whether somebody has answered a leg of this call that was sent ahead.
    pub(crate) fn is_answered_ahead(&self, leg: LegId) -> bool {
        let call = self.call_of(leg);
        let call = call.and_then(|call| self.switch.state.calls.get(&call));
        call.is_some_and(|call| call.draft.is_answered())
    }

    /// Ends the call that a leg of this one was sent ahead into: it comes back, if it is still there.
    pub(crate) fn recall(&mut self, leg: LegId, why: Cause) {
        if let Some(call) = self.call_of(leg).filter(|call| *call != self.call) {
            let event = Event::Recalled(why);
            self.switch.inbox.push_back((call, event));
        }
    }

    /// Hangs up a leg of whichever call, which takes it as if its party had.
    pub(crate) fn dismiss(&mut self, leg: LegId) {
        self.switch.dismiss(leg);
    }
}

impl Switch {
    fn move_leg(&mut self, id: LegId, to: CallId) {
        let Some(leg) = self.state.legs.get_mut(&id) else {
            return;
        };
        let from = core::mem::replace(&mut leg.call, to);
        let who = leg.who.clone();
        self.pass_tape_on(id, from, Some(to));
        if let Some(call) = self.state.calls.get_mut(&from) {
            call.legs.remove(&id);
        }
        if let Some(call) = self.state.calls.get_mut(&to) {
            call.legs.insert(id);
            call.draft.leg(id, &who);
        }
    }

    fn joined(&mut self, leg: LegId, call: CallId) {
        let party = self.state.legs.get(&leg).map(|leg| leg.party.clone());
        let party = party.unwrap_or_default();
        self.fact(Fact::Joined { call, leg, party });
    }

    /// Whether the call that a leg was sent ahead from still waits for it.
    fn waits_for(&self, back: &Back) -> bool {
        let given = Given::Returns(Returns::Cancelled);
        let waiting = self.state.calls.get(&back.to);
        waiting.is_some_and(|call| call.phase.takes(given))
    }

    /// A call is about to end: a leg in it that was sent ahead goes back, and who waits for one that is gone hears so.
    pub(crate) fn send_back(&mut self, id: CallId) {
        let Some(call) = self.state.calls.get_mut(&id) else {
            return;
        };
        let Some(back) = call.back.take() else {
            return;
        };
        let returns = if back.cancelled {
            Returns::Cancelled
        } else {
            call.draft.returns()
        };
        if !self.waits_for(&back) {
            return;
        }
        if self.call_of(back.leg) == Some(id) {
            self.move_leg(back.leg, back.to);
            self.joined(back.leg, back.to);
            let event = Event::Given(back.leg, Given::Returns(returns));
            self.inbox.push_front((back.to, event));
        } else {
            self.inbox.push_front((back.to, Event::Ahead(Ahead::Over)));
        }
    }

    /// A call that a leg was sent ahead into is in a phase: who waits hears when that is where it should be.
    pub(crate) fn tell_ahead(&mut self, id: CallId) {
        let Some(call) = self.state.calls.get_mut(&id) else {
            return;
        };
        if call.phase.is_on_its_way() {
            return;
        }
        if let Some(back) = call.back.take_if(|back| back.why == Sending::Blind) {
            self.inbox
                .push_front((back.to, Event::Ahead(Ahead::Arrived)));
        }
    }

    /// Somebody is rung for the call.
    pub(crate) fn rings_ahead(&mut self, id: CallId) {
        let back = self
            .state
            .calls
            .get(&id)
            .and_then(|call| call.back.as_ref());
        if let Some(back) = back.filter(|back| back.why == Sending::Blind) {
            let to = back.to;
            self.inbox.push_back((to, Event::Ahead(Ahead::Rings)));
        }
    }

    /// Hangs up a leg, and its call takes it as if its party had.
    pub(crate) fn dismiss(&mut self, leg: LegId) {
        let Some(gone) = self.remove_leg(leg) else {
            return;
        };
        self.effects.push(Effect::HangUp(leg, Cause::Normal));
        let event = Event::Leg(leg, LegEvent::HungUp(Cause::Normal));
        self.inbox.push_back((gone.call, event));
    }

    /// A key of a leg that was sent ahead, which may bring it back (`*`, P-07; `*#`, CO-06). `true`: it did.
    pub(crate) fn comes_back(&mut self, leg: LegId, call: CallId, key: Digit) -> bool {
        let codes = &self.directory.feature_codes;
        let Some(call) = self.state.calls.get_mut(&call) else {
            return false;
        };
        let talks = matches!(call.phase, Phase::Talk(_));
        let Some(back) = call.back.as_mut() else {
            return false;
        };
        let place = match back.why {
            Sending::Consult => Place::Consult,
            // In the conversation other keys are for who was invited: they are told apart there (IX-16).
            Sending::Invite(_) if !talks => Place::Invite,
            Sending::Invite(_) | Sending::Blind => return false,
        };
        if back.leg != leg {
            return false;
        }
        back.pressed.push(key.as_char());
        match codes::keyed(&back.pressed, place, codes) {
            Keyed::Code(Code::CancelTransfer | Code::ConferenceDrop)
            | Keyed::Begun(Some(Code::CancelTransfer | Code::ConferenceDrop)) => {
                back.cancelled = true;
                true
            }
            Keyed::Begun(_) => false,
            Keyed::Code(_) | Keyed::Nothing => {
                back.pressed.clear();
                false
            }
        }
    }

    /// A party that was sent ahead hung up. Who waits for it takes its place, if there is one to take (manual §2.4).
    pub(crate) fn leaves_its_place(&mut self, leg: LegId, call: CallId) -> bool {
        let Some(back) = self
            .state
            .calls
            .get(&call)
            .and_then(|call| call.back.as_ref())
        else {
            return false;
        };
        let to = back.to;
        let leaves = back.leg == leg
            && back.why == Sending::Consult
            && self.waits_for(back)
            && self
                .state
                .calls
                .get(&call)
                .is_some_and(|call| call.phase.takes(Given::InPlaceOf(leg)));
        if leaves {
            if let Some(call) = self.state.calls.get_mut(&call) {
                call.back = None;
            }
            let event = Event::Ahead(Ahead::LeftFor(call, leg));
            self.inbox.push_front((to, event));
        }
        leaves
    }
}
