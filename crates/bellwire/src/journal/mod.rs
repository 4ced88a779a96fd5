//! The journal: everything the switch was told, so that any call of the past can be handled again.
//! Beside it, how calls sounded.
//!
//! A file begins with a line that says from which state ([`Header`]); each further line is an input with
//! its time ([`Entry`]). Passwords are not in it, but keys that were pressed are, and PINs: only the owner
//! of the data folder can read it.

mod reader;
mod replay;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use reader::{JournalError, Reader};
pub(crate) use replay::replay;
pub(crate) use writer::{Limits, Writer};

use model::{CallId, Directory, Input, LegQuality, Now};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// From which state a file's inputs lead on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The form of the file; see [`FORMAT`].
    pub(crate) format: u32,
    /// The version that wrote it.
    pub(crate) version: String,
    /// The seed of the switch's identifiers.
    pub(crate) seed: u64,
    /// The configuration.
    pub(crate) directory: Arc<Directory>,
    /// The switch as it was; empty when it was new.
    pub(crate) snapshot: Option<serde_json::Value>,
}

impl Header {
    /// The header of a file that begins here.
    pub(crate) fn new(
        seed: u64,
        directory: Arc<Directory>,
        snapshot: Option<serde_json::Value>,
    ) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            directory,
            snapshot,
        }
    }
}

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    /// The switch was told something.
    Input {
        /// When.
        now: Now,
        /// What.
        input: Input,
    },
    /// How the legs of a call sounded that ended. Nothing follows from it for the switch.
    Rated {
        /// When it ended.
        now: Now,
        /// Which call.
        call: CallId,
        /// How.
        quality: Vec<LegQuality>,
    },
    /// So many inputs were not written down: the disk was too slow, or full. What follows does not lead on
    /// from what stands before.
    Lost {
        /// How many.
        lost: u64,
    },
}

/// The form that this version writes, and the newest that it reads. The first had no [`Entry::Rated`].
const FORMAT: u32 = 2;
