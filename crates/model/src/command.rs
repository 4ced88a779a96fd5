//! What people ask of calls in progress from outside a call: the portal and the console.

use crate::{LegId, Number, Switched};
use serde::{Deserialize, Serialize};

/// One request. What comes of it is told by facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Something is to happen in a conference.
    Room(Number, RoomCommand),
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
