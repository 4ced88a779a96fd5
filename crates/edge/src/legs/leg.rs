//! One party's end of a call.

use super::branch::SessionId;
use super::inbound::Calling;
use super::outbound::Ringing;
use super::talk::Talking;
use model::{Origin, Party, Time};
use std::net::SocketAddr;

/// One party's end of a call.
///
/// It has one RTP port, however many phones ring for it: sound comes from, and goes to, the phone that
/// answered, before that the first that sends early media. What the others send in the meantime finds no
/// stream and is dropped by media.
#[derive(Debug)]
pub(super) struct Leg {
    /// The extension or trunk, proven when it calls us, chosen when we call it.
    pub(super) party: Origin,
    /// Who the party thinks it talks with.
    pub(super) shown: Option<Party>,
    /// Where its sound is received, once that was needed.
    pub(super) port: Option<SocketAddr>,
    /// How far it is.
    pub(super) stage: Stage,
    /// Who called whom.
    pub(super) direction: super::LegDirection,
    /// When it began.
    pub(super) since: Time,
}

/// How far a leg is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The party calls us and is not answered.
    Calling(Calling),
    /// We ring the party's phones.
    Ringing(Ringing),
    /// Answered.
    Talking(Talking),
}

impl Stage {
    /// Whether a branch speaks for the leg.
    pub(super) fn has(&self, id: SessionId) -> bool {
        match self {
            Self::Calling(calling) => calling.branch == id,
            Self::Ringing(ringing) => ringing.branches.contains(&id),
            Self::Talking(talking) => talking.branch == id,
        }
    }

    /// The one branch that sound goes to and comes from.
    pub(super) const fn branch(&self) -> Option<SessionId> {
        match self {
            Self::Calling(calling) => Some(calling.branch),
            Self::Ringing(ringing) => ringing.early,
            Self::Talking(talking) => Some(talking.branch),
        }
    }
}
