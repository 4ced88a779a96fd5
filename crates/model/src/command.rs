//! What people ask of calls in progress from outside a call: the portal and the console.

use crate::{CallId, LegId, Number, Switched};
use serde::{Deserialize, Serialize};

/// One request. What comes of it is told by facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Something is to happen in a conference.
    Room(Number, RoomCommand),
    /// An extension wants something done in a conversation of its own, as by the keys of its phone.
    Talk {
        /// Whose conversation.
        by: Number,
        /// Which.
        call: CallId,
        /// What.
        what: TalkCommand,
    },
    /// A call ends.
    End(CallId),
}

/// What a party of a conversation can have done without a key. Nothing is asked and said: the page does that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TalkCommand {
    /// The other party goes there (XF-01).
    Transfer(Number),
    /// The other party waits while there is asked (XF-05).
    Consult(Number),
    /// The other party waits in a parking slot (PK-01).
    Park,
    /// A recording begins, or ends (MI-04).
    Record,
    /// It becomes a conference (CF-01).
    Confer,
}

/// What can be done in a conference from outside it (CO-11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomCommand {
    /// A party is heard no longer, or again.
    Mute(LegId, Switched),
    /// All members but the administrators are heard no longer, or again.
    MuteAll(Switched),
    /// A party is sent away.
    Remove(LegId),
    /// No more members are let in, or they are again.
    Lock(Switched),
    /// Somebody is called, and is in the conference when he answers.
    Invite {
        /// Whom to call.
        number: Number,
        /// The extension with whose rights; `None`: only numbers inside can be called.
        rights: Option<Number>,
    },
    /// Everybody is sent away.
    End,
}
