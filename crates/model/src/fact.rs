//! What happened. Facts flow out one way: to records, presence, the portal, metrics.

use crate::{
    CallId, Cause, Duration, LegId, Message, Number, Origin, Party, QueueFact, RecordingId,
    RoomRole, Switched, Wall,
};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Something that happened in the switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// A call began.
    Began {
        /// The call.
        call: CallId,
        /// The leg that called in.
        leg: LegId,
        /// Who.
        origin: Origin,
        /// What was dialled.
        dialled: Number,
    },
    /// A leg joined a call.
    Joined {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Whom it reaches.
        party: Party,
    },
    /// A call entered a phase, named as its file in `features/`.
    Entered {
        /// The call.
        call: CallId,
        /// The phase.
        phase: alloc::borrow::Cow<'static, str>,
    },
    /// A recording of a call began.
    Recording {
        /// The call.
        call: CallId,
        /// The recording, which names its file.
        recording: RecordingId,
    },
    /// A recording of a call ended, or goes on in another call.
    RecordingEnded {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
    },
    /// Somebody begins to leave a message. If nothing else is ever heard of it, it is a message as long as its file.
    MessageBegun {
        /// Whose mailbox.
        mailbox: Number,
        /// What is known of it; its length is not.
        message: Message,
    },
    /// Somebody could not leave a message: the mailbox has as many as it takes (VM-04).
    MailboxFull(Number),
    /// A mailbox or a room did not open because the PIN was wrong.
    PinRefused {
        /// Who tried.
        leg: LegId,
        /// Whose mailbox, or which room; `None`: whichever room has that PIN.
        of: Option<Number>,
    },
    /// The state of an extension, for presence (EXT-01).
    Extension(Number, ExtensionState),
    /// Who waits at a number that is no extension: a parking slot. `None`: nobody (PK-08).
    Lamp(Number, Option<Party>),
    /// Something changed in the conference in this room (CO-11).
    Room(Number, RoomFact),
    /// Something happened to a caller of a queue.
    Queue(QueueFact),
    /// A caller on the blacklist was refused.
    Blocked(Number),
    /// Somebody calls for help: an emergency number goes out (SI-12).
    Emergency {
        /// The call.
        call: CallId,
        /// The extension that calls; `None`: nobody knows.
        by: Option<Number>,
        /// As dialled.
        number: Number,
    },
    /// What came of a wake-up call.
    WokenUp {
        /// Whose it was.
        extension: Number,
        /// For when it was booked.
        at: Wall,
        /// What came of it.
        outcome: WakeUpOutcome,
    },
    /// A code was used (FC-12).
    CodeUsed {
        /// Who.
        by: Number,
        /// As dialled.
        code: Number,
    },
    /// A call became part of another, whose record tells of it.
    Merged {
        /// The call that is over.
        call: CallId,
        /// The one that goes on.
        into: CallId,
    },
    /// A call ended; its record is complete.
    Ended(CallRecord),
}

/// What came of a wake-up call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WakeUpOutcome {
    /// Somebody answered.
    Answered,
    /// Somebody answered, and wants to be called again.
    Snoozed,
    /// Nobody answered, each time.
    NotAnswered,
    /// The server was down, or its clock wrong.
    Missed,
}

/// What changed in a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomFact {
    /// Somebody came.
    Joined {
        /// His leg.
        leg: LegId,
        /// Who.
        party: Party,
        /// As what.
        role: RoomRole,
    },
    /// Somebody left.
    Left(LegId),
    /// Somebody is heard no longer, or again.
    Muted(LegId, Switched),
    /// No more members are let in, or they are again.
    Locked(Switched),
}

/// What an extension is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionState {
    /// Registered and free.
    Idle,
    /// Being rung.
    Ringing,
    /// In a call, or calling.
    InUse,
    /// Not registered.
    Unavailable,
    /// Do not disturb is on.
    Dnd,
}

/// A call as it is written down (CDR-02, -03, -05, -06, -14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// When it came in.
    pub start: Wall,
    /// When it ended.
    pub end: Wall,
    /// The caller's number, as text; empty when anonymous.
    pub caller: String,
    /// The caller's name.
    pub caller_name: String,
    /// What was dialled.
    pub callee: Number,
    /// Who really took it.
    pub final_callee: FinalCallee,
    /// Talk time; zero when nobody answered. Holding counts, ringing does not.
    pub talked: Duration,
    /// Which way it went.
    pub call_type: CallType,
    /// How it went.
    pub status: CallStatus,
    /// Why it ended.
    pub cause: Cause,
    /// The extensions that took part: caller, callee, final callee, and who was rung (CDR-14).
    pub extensions: Vec<Number>,
    /// Every leg it had.
    pub legs: Vec<LegId>,
    /// Recordings made of it.
    pub recordings: Vec<RecordingId>,
    /// How its legs sounded, as far as is known. The switch knows nothing of it: whoever runs media adds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<LegQuality>,
}

/// How the sound of a leg's party came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegQuality {
    /// The leg.
    pub leg: LegId,
    /// What its party said last, as SDP names it: `opus`.
    pub codec: String,
    /// Packets that came.
    pub received: u64,
    /// Packets that never came, or too late to be heard.
    pub lost: u64,
    /// Packets sent to the party that did not arrive, as its phone says.
    pub peer_lost: u64,
    /// What a conversation is worth to the party, in hundredths, if its phone says so (RTCP XR, RFC 3611 §4.7.5).
    pub peer_mos_x100: Option<u16>,
    /// How unevenly packets came, in milliseconds (RFC 3550 §6.4.1).
    pub jitter_ms: u32,
    /// To the party's phone and back, in milliseconds, if the phone sends reports.
    pub round_trip_ms: Option<u32>,
    /// What people would say of it on average, in hundredths: 100 (bad) to 450 (excellent) (ITU-T G.107 annex B).
    pub mos_x100: u16,
}

/// Who really took the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FinalCallee {
    /// A number.
    Number(Number),
    /// A mailbox.
    Voicemail(Number),
}

/// Which way a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallType {
    /// From a trunk.
    Inbound,
    /// To a trunk.
    Outbound,
    /// Between extensions.
    Internal,
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStatus {
    /// Somebody answered.
    Answered,
    /// Nobody answered.
    NoAnswer,
    /// The callee was busy.
    Busy,
    /// It could not be set up.
    Failed,
    /// The caller gave up.
    Cancelled,
}
