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
