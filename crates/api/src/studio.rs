//! Sounds that an administrator may replace or bring (AD-10).

use model::{Language, Wall};

/// Where a sound belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SoundKind {
    /// In place of a built-in prompt.
    Prompt(Language),
    /// What menus and queues name.
    Announcement,
    /// What is heard on hold and in queues.
    Music,
}

/// A sound that can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundRow {
    /// Where it belongs.
    pub kind: SoundKind,
    /// Its name there; that of the built-in music is empty.
    pub name: String,
    /// What the built-in prompt says in Chinese; empty for all else.
    pub chinese: String,
    /// The same in English.
    pub english: String,
    /// The recording that is heard; `None`: what is built in.
    pub recording: Option<SoundRecording>,
}

/// A sound that somebody brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundRecording {
    /// Who; empty: nobody knows.
    pub by: String,
    /// When.
    pub at: Wall,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
}

/// Why a sound was not taken; what was heard before is heard on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SoundRefused {
    /// There is no prompt of that name.
    #[error("{0}")]
    Unknown(String),
    /// The file or its name cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// There are as many as there may be.
    #[error("{0}")]
    Full(String),
    /// The disk does not take it.
    #[error("{0}")]
    NotSaved(String),
}

/// The sounds of the server. All of this may wait for the disk.
pub trait Studio: Send + Sync + 'static {
    /// All sounds, by kind and name.
    fn sounds(&self) -> Vec<SoundRow>;
    /// What is heard under a name, as a WAV file.
    fn heard(&self, kind: SoundKind, name: &str) -> Option<Vec<u8>>;
    /// Takes a WAV file; the next listener hears it.
    ///
    /// # Errors
    /// Says why it was not taken.
    fn put_in(&self, kind: SoundKind, name: &str, wav: &[u8], by: &str)
    -> Result<(), SoundRefused>;
    /// Goes back to what is built in, or to nothing. Says whether there was a recording.
    ///
    /// # Errors
    /// When the disk does not let it go.
    fn take_out(&self, kind: SoundKind, name: &str) -> Result<bool, SoundRefused>;
}
