//! Two parties in conversation: the phase in which in-call codes are read.

use super::attended_transfer::to;
use super::codes::{self, Code, Place, Reading};
use super::{
    AttendedTransfer, BlindTransfer, ConferenceCreate, Event, Feature, Parked, Phase, Referral,
    invite,
};
use crate::cx::Cx;
use crate::handover::Given;
use crate::keys::{Pressed, Read};
use crate::phrase;
use crate::routing::{self, Reaches};
use alloc::vec;
use alloc::vec::Vec;
use model::{
    Cause, Digit, Keys, LegEvent, LegId, Number, Phrase, Switched, TalkCommand, TimerId,
    TransferProgress, TransferTo,
};
use serde::{Deserialize, Serialize};

/// Two parties talk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Talk {
    sides: [Side; 2],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Side {
    leg: LegId,
    hears: Hears,
    pressed: Pressed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Hears {
    /// The other party, or nothing.
    Other,
    /// Music, because the other party holds.
    Music,
}

impl Talk {
    pub(crate) fn begin(a: LegId, b: LegId, cx: &mut Cx<'_>) -> Phase {
        for leg in [a, b] {
            cx.silence(leg);
        }
        cx.introduce(a, b);
        cx.talk(&[a, b]);
        cx.record_by_policy([a, b]);
        if let Some((by, _)) = cx.invitation() {
            let speech = cx.speech(by).phrase(phrase::CONFIRM_OR_CANCEL_INVITATION);
            cx.say(by, speech);
        }
        let sides = [a, b].map(|leg| Side {
            leg,
            hears: Hears::Other,
            pressed: Pressed::default(),
        });
        Self { sides }.holding(cx)
    }

    /// Gives music to who is on hold and does not hold himself, and takes it from everybody else.
    fn holding(mut self, cx: &mut Cx<'_>) -> Phase {
        let [a, b] = &mut self.sides;
        let (a_holds, b_holds) = (cx.held(a.leg), cx.held(b.leg));
        let legs = [b.leg, a.leg];
        let sides = [(a, a_holds, b_holds), (b, b_holds, a_holds)];
        for ((side, own, others), other) in sides.into_iter().zip(legs) {
            let hears = match (own, others) {
                (Switched::Off, Switched::On) => Hears::Music,
                (Switched::Off | Switched::On, _) => Hears::Other,
            };
            match (side.hears, hears) {
                (Hears::Other, Hears::Music) => {
                    let music = cx.music_by(other);
                    cx.play(side.leg, vec![music], Keys::Report);
                }
                (Hears::Music, Hears::Other) => cx.silence(side.leg),
                (Hears::Other, Hears::Other) | (Hears::Music, Hears::Music) => {}
            }
            side.hears = hears;
        }
        self.into()
    }

    fn other(&self, leg: LegId) -> LegId {
        let [a, b] = &self.sides;
        if leg == a.leg { b.leg } else { a.leg }
    }

    /// A key is part of a code, or the other party's.
    fn key(mut self, leg: LegId, key: Digit, cx: &mut Cx<'_>) -> Phase {
        let other = self.other(leg);
        let side = self.sides.iter_mut().find(|side| side.leg == leg);
        let read = match (side, cx.codes_of(leg, other)) {
            (Some(side), Some(place)) => side.pressed.key(key, place, cx),
            (_, _) => Read::Keys(vec![key]),
        };
        self.read(leg, read, cx)
    }

    fn waited(mut self, timer: TimerId, cx: &mut Cx<'_>) -> Phase {
        let [a, b] = self.sides.each_ref().map(|side| side.leg);
        for (side, other) in self.sides.iter_mut().zip([b, a]) {
            let place = cx.codes_of(side.leg, other).unwrap_or(Place::Talk);
            if let Some(read) = side.pressed.waited(timer, place, cx) {
                let leg = side.leg;
                return self.read(leg, read, cx);
            }
        }
        self.into()
    }

    fn read(self, leg: LegId, read: Read, cx: &mut Cx<'_>) -> Phase {
        match read {
            Read::More => self.into(),
            Read::Keys(keys) => {
                let other = self.other(leg);
                for key in keys {
                    cx.send_digit(other, key);
                }
                self.into()
            }
            Read::Code(code) => self.use_code(leg, code, cx),
        }
    }

    fn use_code(mut self, by: LegId, code: Code, cx: &mut Cx<'_>) -> Phase {
        let other = self.other(by);
        match code {
            Code::BlindTransfer => {
                self.stop(cx);
                BlindTransfer::begin(other, by, cx)
            }
            Code::AttendedTransfer => {
                self.stop(cx);
                AttendedTransfer::begin(other, by, cx)
            }
            Code::Park => self.park(by, cx),
            Code::Record => self.record(by, cx),
            Code::ConferenceCreate if cx.directory().rooms.is_empty() => {
                self.tell(by, phrase::NO_FREE_CONFERENCE, cx)
            }
            Code::ConferenceCreate => {
                self.stop(cx);
                ConferenceCreate::begin(other, by, cx)
            }
            Code::ConferenceConfirm => match cx.invitation() {
                Some((_, room)) if cx.conference_is_full(&room) => {
                    self.tell(by, phrase::CONFERENCE_FULL, cx)
                }
                Some((_, room)) => {
                    self.stop(cx);
                    invite::confirm(other, room, cx)
                }
                None => self.into(),
            },
            Code::ConferenceDrop => {
                self.stop(cx);
                invite::drop(other, cx)
            }
            _ => self.into(),
        }
    }

    /// What a party asks for without keys.
    pub(crate) fn asked(mut self, by: LegId, what: TalkCommand, cx: &mut Cx<'_>) -> Phase {
        let other = self.other(by);
        let (number, consults) = match what {
            TalkCommand::Park => return self.park(by, cx),
            TalkCommand::Record => return self.record(by, cx),
            TalkCommand::Confer => return self.use_code(by, Code::ConferenceCreate, cx),
            TalkCommand::Transfer(number) => (number, Switched::Off),
            TalkCommand::Consult(number) => (number, Switched::On),
        };
        let (number, reaches) = match to(number, other, by, cx) {
            Ok(found) => found,
            Err(why) => return self.tell(by, why, cx),
        };
        self.stop(cx);
        let music = cx.music_by(by);
        cx.hold(other, music);
        cx.aside(by);
        match (consults, reaches) {
            (Switched::On, reaches) => AttendedTransfer::ask(other, by, (number, reaches), cx),
            (Switched::Off, Reaches::Somebody(rights) | Reaches::Something(rights)) => {
                BlindTransfer::transfer(other, by, number, rights, cx)
            }
        }
    }

    fn park(mut self, by: LegId, cx: &mut Cx<'_>) -> Phase {
        match Parked::begin(self.other(by), by, cx) {
            Some(parked) => {
                self.stop(cx);
                parked
            }
            None => self.tell(by, phrase::NO_FREE_SLOT, cx),
        }
    }

    /// Begins a recording, or ends it (MI-04).
    fn record(self, by: LegId, cx: &mut Cx<'_>) -> Phase {
        let own = cx
            .extension(by)
            .and_then(|own| cx.directory().extension(&own));
        if own.is_none_or(|own| !own.may_record) {
            return self.tell(by, phrase::NOT_ALLOWED, cx);
        }
        let [a, b] = &self.sides;
        cx.toggle_recording([a.leg, b.leg]);
        self.into()
    }

    /// A recording could not go on: whoever had it made hears so, and the call goes on (MI-05).
    fn recording_failed(self, cx: &mut Cx<'_>) -> Phase {
        let sides = self.sides.iter().map(|side| side.leg);
        let extensions: Vec<_> = sides.filter(|leg| cx.extension(*leg).is_some()).collect();
        for leg in extensions {
            let speech = cx.speech(leg).phrase(phrase::STORAGE_IS_FULL);
            cx.say(leg, speech);
        }
        self.into()
    }

    /// One party hears something that the other does not.
    fn tell(self, leg: LegId, what: Phrase, cx: &mut Cx<'_>) -> Phase {
        let speech = cx.speech(leg).phrase(what);
        cx.say(leg, speech);
        self.into()
    }

    /// A phone wants the other party transferred (REFER). What the phone may not do, or cannot be done, changes nothing.
    fn transfer(mut self, by: LegId, to: TransferTo, cx: &mut Cx<'_>) -> Phase {
        let kept = self.other(by);
        let failed = match to {
            TransferTo::Number(number) => match self.refer(kept, by, number, cx) {
                Ok(phase) => return phase,
                Err((talk, cause)) => {
                    self = talk;
                    cause
                }
            },
            TransferTo::Leg(leg) => {
                let given = Given::InPlaceOf(leg);
                let own = leg != by && cx.origin(leg) == cx.origin(by);
                let call = cx.call_of(leg).filter(|_| own);
                match call.filter(|call| cx.would_take(*call, given)) {
                    Some(call) => {
                        self.stop(cx);
                        cx.transfer_progress(by, TransferProgress::Done);
                        cx.hang_up(by, Cause::Normal);
                        cx.goes_on_as(call);
                        cx.give(kept, call, given);
                        return Phase::Ended;
                    }
                    None => Cause::NotFound,
                }
            }
        };
        cx.transfer_progress(by, TransferProgress::Failed(failed));
        self.into()
    }

    fn refer(
        mut self,
        kept: LegId,
        by: LegId,
        number: Number,
        cx: &mut Cx<'_>,
    ) -> Result<Phase, (Self, Cause)> {
        let Some(rights) = cx.extension(by) else {
            return Err((self, Cause::Forbidden));
        };
        // A key of the phone may be set to refer to the code for parking (PK-08).
        let codes = &cx.directory().feature_codes;
        if codes::read(&number, Place::Talk, codes) == Reading::Code(Code::Park, None) {
            return match Parked::begin(kept, by, cx) {
                Some(parked) => {
                    self.stop(cx);
                    cx.transfer_progress(by, TransferProgress::Done);
                    Ok(parked)
                }
                None => Err((self, Cause::Busy)),
            };
        }
        if cx.extension(kept) == Some(number) {
            return Err((self, Cause::Busy));
        }
        match routing::reaches(number, rights, cx) {
            Ok(Reaches::Somebody(rights) | Reaches::Something(rights)) => {
                self.stop(cx);
                Ok(Referral::begin(kept, by, number, rights, cx))
            }
            Err(refusal) => Err((self, refusal.cause())),
        }
    }

    /// Another leg takes the place of one of the two.
    fn replace(mut self, new: LegId, old: LegId, cx: &mut Cx<'_>) -> Phase {
        self.stop(cx);
        let stays = self.other(old);
        cx.answer(new);
        cx.serves_on(new, old);
        let talk = Self::begin(stays, new, cx);
        cx.hang_up(old, Cause::Normal);
        talk
    }

    /// Forgets what was pressed.
    fn stop(&mut self, cx: &mut Cx<'_>) {
        for side in &mut self.sides {
            side.pressed.stop(cx);
        }
    }
}

impl Feature for Talk {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause) | LegEvent::Failed(cause)) => cx.end(cause),
            Event::Leg(_, LegEvent::Held | LegEvent::Resumed) => self.holding(cx),
            Event::Leg(leg, LegEvent::Digit(key)) => self.key(leg, key, cx),
            Event::Leg(_, LegEvent::RecordingFailed(_)) => self.recording_failed(cx),
            Event::Leg(leg, LegEvent::Transfer(to)) => self.transfer(leg, to, cx),
            Event::Timer(timer) => self.waited(timer, cx),
            Event::Given(new, Given::InPlaceOf(old)) => self.replace(new, old, cx),
            _ => self.into(),
        }
    }

    fn takes(&self, given: Given) -> bool {
        let [a, b] = &self.sides;
        matches!(given, Given::InPlaceOf(leg) if leg == a.leg || leg == b.leg)
    }

    fn legs(&self) -> Vec<LegId> {
        self.sides.iter().map(|side| side.leg).collect()
    }

    fn timers(&self) -> Vec<TimerId> {
        let sides = self.sides.iter();
        sides.filter_map(|side| side.pressed.timer()).collect()
    }
}
