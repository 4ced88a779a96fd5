//! What is said of sound across crates.

use serde::{Deserialize, Serialize};

/// How a play-list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlayEnd {
    /// All of it was heard.
    Finished,
    /// A key cut it short.
    CutShort,
}

/// How the two sides of a conversation are laid into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingLayout {
    /// What the leg says left, what it hears right.
    Stereo,
    /// Both in one channel.
    Mixed,
}

/// The kind of file that a recording becomes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingFormat {
    /// Linear samples of 16 bits: 58 MB an hour and side at 8 kHz.
    #[default]
    Wav,
    /// Opus in Ogg (RFC 7845): 11 to 15 MB an hour and side.
    Opus,
}
