//! What the rest of the system tells the switch.

use crate::{
    Cause, Command, Digit, Directory, LegId, Number, Origin, Party, PlayEnd, PlayId, QuestionId,
    RecordingId, Reply, Zone,
};
use alloc::sync::Arc;
use serde::{Deserialize, Serialize};

/// One event for the switch. Plain data: a journal of inputs replays to the same effects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// A phone or trunk calls in.
    Incoming(Incoming),
    /// Something happened on a leg.
    Leg(LegId, LegEvent),
    /// An extension can, or can no longer, be reached.
    Reachable(Number, Reachability),
    /// The configuration was replaced; calls in progress go on with the new one.
    Directory(Arc<Directory>),
    /// What the clocks of the site show from here on.
    Zone(Zone),
    /// The reply to [`crate::Effect::Ask`].
    Answer(QuestionId, Reply),
    /// A phone of an extension is called to see whether sound goes both ways.
    SoundCheck(Number),
    /// Somebody asks something of a call from outside it.
    Command(Command),
    /// The deadline given by the switch has been reached.
    Timeout,
    /// No new calls are taken from here on (SIGTERM).
    Drain,
    /// Every call ends now (second SIGTERM, or the drain time is over).
    HangUpAll,
}

/// A call that comes in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incoming {
    /// The leg's id, given by the edge.
    pub leg: LegId,
    /// The authenticated identity.
    pub origin: Origin,
    /// The identity to show: for an extension its own, for a trunk what the trusted peer says.
    pub caller: Party,
    /// What was dialled, normalised: one trailing `#` is off, `%`-escapes are decoded (P-12, P-14).
    pub dialled: Number,
    /// How often the call was forwarded before it came in (History-Info, Diversion).
    pub hops: u8,
    /// The leg of ours whose place the caller takes (INVITE with Replaces, RFC 3891). One that is not answered yet is
    /// thereby picked up.
    #[serde(default)]
    pub replaces: Option<LegId>,
}

/// What happens on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegEvent {
    /// The phone rings (180).
    Ringing,
    /// The party sends sound before it answers (183 with SDP).
    EarlyMedia,
    /// The party answered (200 to INVITE), with media agreed.
    Answered,
    /// The leg that the switch rang did not come about.
    Failed(Cause),
    /// The leg is gone: BYE, CANCEL by the caller, silence, transport.
    HungUp(Cause),
    /// The party put us on hold (RFC 3264 §8.4, in all its spellings).
    Held,
    /// The party took us off hold.
    Resumed,
    /// A key, reported once however it came.
    Digit(Digit),
    /// The party asks that the other be transferred (REFER). It hears how that goes by
    /// [`crate::Effect::TransferProgress`].
    Transfer(TransferTo),
    /// A play-list ended, was cut short by a key, or was replaced.
    Played(PlayId, PlayEnd),
    /// A recording could not be begun or continued.
    RecordingFailed(RecordingId),
    /// Nothing was said for as long as [`crate::Effect::TakeDown`] allows.
    Silent(RecordingId),
}

/// Where a party wants the other transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferTo {
    /// Any number that the party may dial.
    Number(Number),
    /// The call of another leg of the same extension, whose place the other takes (REFER with Replaces).
    Leg(LegId),
}

/// How an extension can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reachability {
    /// No phone is registered, or none answers OPTIONS.
    #[default]
    Unavailable,
    /// At least one phone can be rung.
    Available,
}
