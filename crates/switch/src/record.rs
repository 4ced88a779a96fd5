//! What is written down of a call (CDR-02, -03, -05, -06, -14).

use crate::handover::Returns;
use alloc::string::ToString;
use alloc::vec::Vec;
use model::{
    CallId, CallRecord, CallStatus, CallType, Cause, FinalCallee, Incoming, LegId, Now, Number,
    Origin, Party, RecordingId, Time, Wall,
};
use serde::{Deserialize, Serialize};

/// What is known so far of a call in progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) start: Wall,
    pub(crate) began: Time,
    pub(crate) caller: Party,
    pub(crate) dialled: Number,
    call_type: CallType,
    taken_by: Option<FinalCallee>,
    /// Whether anybody took it, and not only a mailbox.
    #[serde(default)]
    met: Met,
    rang: Rang,
    answered: Option<Time>,
    /// Why it ends, once that is known; what comes later does not change it.
    cause: Option<Cause>,
    extensions: Vec<Number>,
    legs: Vec<LegId>,
    recordings: Vec<RecordingId>,
}

/// Whether a phone rang for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rang {
    Never,
    Once,
}

/// Whom the caller has talked with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Met {
    #[default]
    Nobody,
    Somebody,
}

impl Draft {
    pub(crate) fn begin(now: Now, incoming: &Incoming) -> Self {
        let caller = incoming.caller.clone();
        Self::of(now, &incoming.origin, caller, incoming.dialled)
    }

    /// The record of a call that somebody makes.
    pub(crate) fn of(now: Now, who: &Origin, caller: Party, dialled: Number) -> Self {
        Self {
            start: now.wall,
            began: now.mono,
            caller,
            dialled,
            call_type: match who {
                Origin::Extension(_) => CallType::Internal,
                Origin::Trunk(_) => CallType::Inbound,
            },
            taken_by: None,
            met: Met::Nobody,
            rang: Rang::Never,
            answered: None,
            cause: None,
            extensions: Vec::new(),
            legs: Vec::new(),
            recordings: Vec::new(),
        }
    }

    /// Notes that a leg takes part.
    pub(crate) fn leg(&mut self, leg: LegId, who: &Origin) {
        if self.legs.len() < PARTS_MAX && !self.legs.contains(&leg) {
            self.legs.push(leg);
        }
        match who {
            Origin::Extension(number) => self.extension(*number),
            // What came in from outside stays that, wherever it is sent on to (CDR-04).
            Origin::Trunk(_) if self.call_type == CallType::Internal => {
                self.call_type = CallType::Outbound;
            }
            Origin::Trunk(_) => {}
        }
    }

    /// Notes that an extension was called, whether or not its phone rang.
    pub(crate) fn extension(&mut self, number: Number) {
        if self.extensions.len() < PARTS_MAX && !self.extensions.contains(&number) {
            self.extensions.push(number);
        }
    }

    /// Every leg that took part, in the order in which they joined.
    pub(crate) fn legs(&self) -> &[LegId] {
        &self.legs
    }

    pub(crate) const fn rang(&mut self) {
        self.rang = Rang::Once;
    }

    /// Notes that the caller was answered: talk time runs from here.
    pub(crate) fn answered(&mut self, now: Time) {
        self.answered.get_or_insert(now);
    }

    pub(crate) const fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// Whether a recording is noted already.
    pub(crate) fn has(&self, recording: RecordingId) -> bool {
        self.recordings.contains(&recording)
    }

    /// Notes who took the call.
    pub(crate) fn taken_by(&mut self, who: FinalCallee) {
        if matches!(who, FinalCallee::Number(_)) {
            self.met = Met::Somebody;
        }
        self.taken_by = Some(who);
    }

    /// Notes why the call ends, unless that is known already.
    pub(crate) fn because(&mut self, cause: Cause) {
        self.cause.get_or_insert(cause);
    }

    /// Why it ends, if that is known.
    pub(crate) const fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// Goes on with an older record, whose call this one was a transfer of: it is that call which was made, and whoever
    /// this one was made to who took it (CDR-06).
    pub(crate) fn continues(&mut self, older: Self) {
        let dialled = FinalCallee::Number(self.dialled);
        let newer = core::mem::replace(self, older);
        self.taken_by = newer.taken_by.or(Some(dialled));
        self.cause = newer.cause;
        if newer.met == Met::Somebody {
            self.met = Met::Somebody;
        }
        self.answered = self.answered.or(newer.answered);
        if newer.rang == Rang::Once {
            self.rang = Rang::Once;
        }
        if self.call_type == CallType::Internal {
            self.call_type = newer.call_type;
        }
        for number in newer.extensions {
            self.extension(number);
        }
        for leg in newer.legs {
            if self.legs.len() < PARTS_MAX && !self.legs.contains(&leg) {
                self.legs.push(leg);
            }
        }
        for recording in newer.recordings {
            self.recorded(recording);
        }
    }

    /// Notes that a recording of it was begun.
    pub(crate) fn recorded(&mut self, recording: RecordingId) {
        if self.recordings.len() < PARTS_MAX && !self.recordings.contains(&recording) {
            self.recordings.push(recording);
        }
    }

    /// Why a party that made this call is back where it was before.
    pub(crate) fn returns(&self) -> Returns {
        match self.answered {
            Some(_) => Returns::HungUp,
            None => Returns::Failed(self.cause.unwrap_or(Cause::Normal)),
        }
    }

    pub(crate) fn finish(self, call: CallId, now: Now) -> CallRecord {
        let cause = self.cause.unwrap_or(Cause::Normal);
        let left_a_message = matches!(self.taken_by, Some(FinalCallee::Voicemail(_)));
        CallRecord {
            call,
            start: self.start,
            end: now.wall,
            caller: self
                .caller
                .number
                .map(|number| number.to_string())
                .unwrap_or_default(),
            caller_name: self.caller.name,
            callee: self.dialled,
            final_callee: self.taken_by.unwrap_or(FinalCallee::Number(self.dialled)),
            talked: self
                .answered
                .map(|answered| now.mono.since(answered))
                .unwrap_or_default(),
            call_type: self.call_type,
            status: match self.answered {
                // A mailbox is nobody (VM-18).
                Some(_) if left_a_message && self.met == Met::Nobody => CallStatus::NoAnswer,
                Some(_) => CallStatus::Answered,
                None => unanswered(cause, self.rang),
            },
            cause,
            extensions: self.extensions,
            legs: self.legs,
            recordings: self.recordings,
            quality: Vec::new(),
        }
    }
}

/// How a call went that nobody answered (CDR-05). A caller who gives up while a phone rings was not
/// answered; one who gives up before that has cancelled. Who cannot be reached did not answer either: his
/// missed calls are in his list.
fn unanswered(cause: Cause, rang: Rang) -> CallStatus {
    match cause {
        Cause::Busy | Cause::Declined => CallStatus::Busy,
        Cause::NoAnswer | Cause::Unavailable => CallStatus::NoAnswer,
        Cause::Normal | Cause::AnsweredElsewhere | Cause::Vanished => match rang {
            Rang::Once => CallStatus::NoAnswer,
            Rang::Never => CallStatus::Cancelled,
        },
        Cause::NotFound
        | Cause::Forbidden
        | Cause::NotAcceptable
        | Cause::Congestion
        | Cause::Restarted
        | Cause::Failed => CallStatus::Failed,
    }
}

/// The most legs, and the most extensions, that a record names.
const PARTS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-05
    #[test]
    fn an_unanswered_call_is_one_of_four_things() {
        use CallStatus::{Busy, Cancelled, Failed, NoAnswer};
        for (cause, after_ringing, before) in [
            (Cause::Normal, NoAnswer, Cancelled),
            (Cause::Vanished, NoAnswer, Cancelled),
            (Cause::AnsweredElsewhere, NoAnswer, Cancelled),
            (Cause::Busy, Busy, Busy),
            (Cause::Declined, Busy, Busy),
            (Cause::NoAnswer, NoAnswer, NoAnswer),
            (Cause::Unavailable, NoAnswer, NoAnswer),
            (Cause::NotFound, Failed, Failed),
            (Cause::Forbidden, Failed, Failed),
            (Cause::NotAcceptable, Failed, Failed),
            (Cause::Congestion, Failed, Failed),
            (Cause::Restarted, Failed, Failed),
            (Cause::Failed, Failed, Failed),
        ] {
            assert_eq!(unanswered(cause, Rang::Once), after_ringing, "{cause:?}");
            assert_eq!(unanswered(cause, Rang::Never), before, "{cause:?}");
        }
    }
}
