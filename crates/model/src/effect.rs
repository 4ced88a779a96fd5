//! What the switch wants done. Whoever holds the switch performs effects in order.

use crate::{
    Cause, Change, Digit, Duration, Fact, LegId, Mailbox, MailboxChange, MixPlan, Number, Party,
    PlayId, QuestionId, RecordingFormat, RecordingId, RecordingLayout, RoomId, Sound,
};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One thing to do. The edge performs what concerns signalling, media what concerns sound, the store
/// what must last; each ignores the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Edge: calls out on a new leg.
    Ring(Ring),
    /// Edge: tells the caller that it rings (180).
    Alert(LegId),
    /// Edge: opens sound towards the caller before the answer (183 with SDP). Done once a leg.
    Progress(LegId),
    /// Edge: answers the caller (200).
    Answer(LegId),
    /// Edge and media: ends a leg. Unanswered inbound legs get the cause's SIP status, ringing ones a
    /// CANCEL with the cause as Reason, answered ones a BYE.
    HangUp(LegId, Cause),
    /// Edge: the leg's party now talks with somebody else (connected line).
    Identify(LegId, Party),
    /// Edge: how the transfer goes that the leg's party asked for by REFER (NOTIFY with a sipfrag, RFC 3515 §2.4.5).
    TransferProgress(LegId, TransferProgress),
    /// Media: the complete, desired mix of a room, replacing what was there.
    Mix(RoomId, MixPlan),
    /// Media: plays to one leg over whatever it hears; replaces what is being played to it.
    Play {
        /// Who hears it.
        leg: LegId,
        /// Named in [`crate::LegEvent::Played`].
        play: PlayId,
        /// Played one after another without a gap.
        sounds: Vec<Sound>,
        /// What a key of this leg does to it.
        keys: Keys,
    },
    /// Media: stops what is being played to this leg.
    Silence(LegId),
    /// Edge or media, as the leg's phone wants it: sends a key to the party.
    SendDigit(LegId, Digit),
    /// Media: sends the leg's own sound back to it (echo test), or stops to.
    Echo(LegId, Switched),
    /// Media: records what the leg says and hears. A recording that is given again with another leg goes on with that
    /// in the same file, as after a transfer, also up to a second after its leg is gone; layout and format stay.
    /// In stereo left is what the first leg says; whoever goes on in the conversation keeps his side.
    Record {
        /// Whose conversation.
        leg: LegId,
        /// Names the file: `recordings/<id>.wav` or `.opus` in the files folder.
        recording: RecordingId,
        /// One channel a side, or mixed.
        layout: RecordingLayout,
        /// What kind of file it becomes.
        format: RecordingFormat,
    },
    /// Media: leaves out of a recording what is said from here on, or takes it in again. What follows a pause follows
    /// in the file at once: there is no silence in its place.
    PauseRecording(RecordingId, Switched),
    /// Media: writes what the leg says, and nothing that it hears, into [`crate::voice_file`], without the keys it presses.
    TakeDown {
        /// Who speaks.
        leg: LegId,
        /// Names the file.
        recording: RecordingId,
        /// After so long without a word [`crate::LegEvent::Silent`] follows, once.
        silence: Duration,
    },
    /// Media: closes a recording.
    StopRecording(RecordingId),
    /// Store: the file of something that was taken down is of no use and is removed, whether or not it is complete.
    Discard(RecordingId),
    /// Store and others: a question that [`crate::Input::Answer`] answers.
    Ask(QuestionId, Question),
    /// Everybody: something happened. No feature reads it.
    Fact(Fact),
}

/// Whether a key cuts a play-list short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keys {
    /// A key ends the play-list and is reported.
    CutShort,
    /// The play-list must finish; keys during it are dropped.
    Drop,
    /// Keys are reported and the play-list goes on (music, ringing).
    Report,
}

/// On or off, where a `bool` would say too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switched {
    /// On.
    On,
    /// Off.
    Off,
}

/// A call out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    /// The new leg's id.
    pub leg: LegId,
    /// Whom to ring.
    pub target: Target,
    /// Who calls, as the called phone shows it.
    pub caller: Party,
    /// The caller's leg, if any: the offer prefers its codec.
    pub on_behalf: Option<LegId>,
    /// Whether the phone is asked to answer by itself.
    pub auto_answer: AutoAnswer,
    /// Who forwarded the call on its way, the first of them first (Diversion, History-Info).
    #[serde(default)]
    pub forwarded_by: Vec<Number>,
}

/// How a transfer goes that was asked for by REFER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferProgress {
    /// Its target rings (180).
    Ringing,
    /// The others are together (200); nothing follows.
    Done,
    /// It did not come about; nothing follows, and the party is in the call as before.
    Failed(Cause),
}

/// Whom to ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// All registered contacts of an extension; the first to answer wins.
    Extension(Number),
    /// A number on a trunk.
    Trunk {
        /// The trunk's name in the site file.
        trunk: String,
        /// The number to dial there.
        number: Number,
    },
}

/// Whether the phone is asked to answer by itself (Call-Info, Alert-Info, Answer-Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutoAnswer {
    /// It rings.
    #[default]
    No,
    /// It answers at once.
    Yes,
}

/// What the switch cannot know or do by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// Makes a change of a setting durable. The new directory is given to the switch before the reply.
    Save(Change),
    /// The addresses of the WAN and LAN interface.
    Addresses,
    /// The number of the last call that an extension got from somebody else (`*76`).
    LastCaller(Number),
    /// What is in the mailbox of an extension.
    Mailbox(Number),
    /// Changes a mailbox, for good before the reply.
    MailboxChange(Number, MailboxChange),
}

/// The reply to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The change is on disk.
    Saved,
    /// It could not be saved; nothing changed.
    NotSaved,
    /// The interfaces' addresses.
    Addresses {
        /// Towards the provider.
        wan: Option<core::net::IpAddr>,
        /// Towards the phones.
        lan: Option<core::net::IpAddr>,
    },
    /// Who called last; `None`: nobody.
    LastCaller(Option<Party>),
    /// What is in a mailbox.
    Mailbox(Mailbox),
}
