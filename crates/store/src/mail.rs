//! Mail that is to be sent to owners of mailboxes.

use model::{Number, RecordingId, Wall};

/// A mail that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Names it.
    pub id: i64,
    /// Whose mailbox it tells of.
    pub mailbox: Number,
    /// What it tells.
    pub about: MailAbout,
    /// Since when it waits.
    pub created: Wall,
    /// How often it was tried.
    pub tries: u32,
}

/// What a mail tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailAbout {
    /// A message came.
    Message(RecordingId),
    /// The mailbox is full.
    Full,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailWrite {
    /// It is done with.
    Remove,
    /// It is tried again then.
    Retry(Wall),
}
