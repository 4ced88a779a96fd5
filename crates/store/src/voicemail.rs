//! Mailboxes: what becomes of their messages and greetings, and of the files of both.
//!
//! A file is there before its row and goes after it: whatever the moment at which the server is killed, no row is without
//! its sound, and a file without a row is removed at the next start.

use crate::WriteError;
use model::{MailboxChange, Message, MessageCounts, Number, RecordingId};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Called with how many messages a mailbox has whenever that may have changed.
pub(crate) type MessageListener = Box<dyn Fn(Number, MessageCounts) + Send>;

/// Something to be written of mailboxes.
#[derive(Debug)]
pub(crate) enum VoiceWrite {
    /// Somebody begins to leave a message.
    Begin(Number, Message),
    /// What was being left is of no use.
    Discard(RecordingId),
    /// A mailbox changes.
    Change(Number, MailboxChange),
    /// The server starts: what was being left when it was killed becomes messages.
    Recover,
}

/// What writing came to, to be done once it is on disk.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Mailboxes that have other messages than before.
    pub(crate) counts: Vec<(Number, MessageCounts)>,
    /// Files of no use.
    pub(crate) removed: Vec<RecordingId>,
    /// How many messages were found.
    pub(crate) found: usize,
}

/// Why a mailbox is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unchanged {
    /// What is to be changed is not there.
    Gone,
    /// There is no room in the mailbox.
    Full,
    /// The file cannot be read or written.
    NoFile,
}

impl From<Unchanged> for WriteError {
    fn from(why: Unchanged) -> Self {
        match why {
            Unchanged::Gone => Self::Gone,
            Unchanged::Full => Self::Refused(String::from("the mailbox is full")),
            Unchanged::NoFile => Self::Refused(String::from(
                "the file of the message cannot be copied; the log says why",
            )),
        }
    }
}

impl Changed {
    /// With what came of more.
    pub(crate) fn add(&mut self, other: Self) {
        self.counts.extend(other.counts);
        self.removed.extend(other.removed);
        self.found += other.found;
    }
}

/// The folder of messages and greetings.
#[derive(Clone, Debug)]
pub(crate) struct VoiceFolder(PathBuf);

impl VoiceFolder {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// How long a file is; `None` when there is none, or nothing in it.
    pub(crate) fn length(&self, recording: RecordingId) -> Option<Duration> {
        let bytes = fs::metadata(self.file(recording)).ok()?.len();
        let sound = bytes.checked_sub(HEADER_BYTES).filter(|sound| *sound > 0)?;
        Some(Duration::from_millis(sound / BYTES_IN_1_MS))
    }

    /// The same sound under another name. Neither is ever written to again, so both may be one file.
    pub(crate) fn copy(&self, from: RecordingId, to: RecordingId) -> io::Result<()> {
        let (from, to) = (self.file(from), self.file(to));
        fs::hard_link(&from, &to).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => Err(error),
            _ => fs::copy(&from, &to).map(drop),
        })?;
        fs::File::open(&self.0)?.sync_all()
    }

    /// Removes the files of some.
    pub(crate) fn remove(&self, recordings: &[RecordingId]) {
        for recording in recordings {
            match fs::remove_file(self.file(*recording)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::error!(%error, %recording, "the file of a message that is gone cannot be removed");
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// What lies there under a name that is none of these. Files that have other names than messages are left alone.
    pub(crate) fn others(&self, known: &BTreeSet<RecordingId>) -> Vec<RecordingId> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            // Nobody has ever left a message.
            return Vec::new();
        };
        let named = entries.filter_map(|entry| recording(&entry.ok()?.path()));
        named
            .filter(|recording| !known.contains(recording))
            .collect()
    }

    fn file(&self, recording: RecordingId) -> PathBuf {
        self.0.join(format!("{recording}.wav"))
    }
}

/// The recording that a file is named after.
fn recording(file: &Path) -> Option<RecordingId> {
    let stem = file.file_stem()?.to_str()?;
    let id = RecordingId(stem.parse().ok()?);
    (file.extension()? == "wav" && id.to_string() == stem).then_some(id)
}

/// What stands before the sound in a file that media writes.
const HEADER_BYTES: u64 = 44;
/// 8 kHz, 16 bits, mono (VM-15).
const BYTES_IN_1_MS: u64 = 16;
