//! Mailboxes: what callers left, and what they hear first (manual §2.1).

use crate::{Duration, Number, Party, RecordingId, Wall};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What is in a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// The greetings that its owner recorded.
    pub greetings: BTreeMap<GreetingKind, RecordingId>,
}

/// What somebody left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Names its file, see [`voice_file`].
    pub id: RecordingId,
    /// When it was begun.
    pub at: Wall,
    /// Who left it; without a number: nobody knows.
    pub from: Party,
    /// How long it is.
    pub length: Duration,
    /// Whether its owner has heard it.
    pub heard: Heard,
}

/// Whether a message was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heard {
    /// Not yet: it makes the phone's lamp shine.
    #[default]
    New,
    /// It was.
    Old,
}

/// What a greeting is for (VM-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GreetingKind {
    /// Nobody answers.
    Unavailable,
    /// The owner is in a call, or wants no calls.
    Busy,
    /// The owner's name, said in the greeting of the system.
    Name,
    /// Instead of all others, as long as it is there.
    Temporary,
}

/// How many messages a mailbox has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// Not heard.
    pub new: u32,
    /// Heard.
    pub old: u32,
}

/// What becomes of a mailbox, by telephone or in the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailboxChange {
    /// A message whose file is complete is put in.
    Deliver(Message),
    /// Messages were heard, or are to be new again.
    Mark(Vec<RecordingId>, Heard),
    /// Messages and their files are removed.
    Delete(Vec<RecordingId>),
    /// A copy of a message is put into another mailbox.
    Forward {
        /// The message.
        message: RecordingId,
        /// The other mailbox.
        to: Number,
    },
    /// A greeting is another from here on; `None`: the system's.
    Greet(GreetingKind, Option<RecordingId>),
}

/// The most messages of a mailbox (VM-04).
pub const MESSAGES_MAX: usize = 100;

/// The file of a message or greeting, by its path in the files folder: WAV, 8 kHz, 16 bits, mono (VM-15).
#[must_use]
pub fn voice_file(recording: RecordingId) -> String {
    format!("voicemail/{recording}.wav")
}
