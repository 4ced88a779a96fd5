//! What an end is to do.

use super::Error;
use serde::{Deserialize, Serialize};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What one end of a call does and says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Whether it sends or receives, and the file.
    pub task: Task,
    /// Its own number, which the other machine shows: at most 20 characters.
    pub ident: String,
    /// Whether damaged blocks are sent again.
    pub error_correction: ErrorCorrection,
    /// The fastest modem it offers.
    pub fastest: Fastest,
}

/// What is done with pages. Who sends is who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Sends the pages of a file.
    Send {
        /// A file that [`crate::tiff::Writer`] wrote.
        file: PathBuf,
        /// The first page to send, counted from 0: those before are confirmed.
        from: u32,
    },
    /// Receives pages into a file.
    Receive {
        /// The file to write.
        file: PathBuf,
    },
}

/// T.30 annex A: error correction mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCorrection {
    /// Blocks are checked and sent again.
    On,
    /// What is damaged on the way stays so.
    Off,
}

/// The fastest modem that is offered; the slower ones are too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fastest {
    /// 4,800 and 2,400 bit/s.
    V27ter,
    /// 9,600 and 7,200 bit/s.
    V29,
    /// 14,400, 12,000, 9,600 and 7,200 bit/s.
    V17,
}

impl Job {
    pub(super) fn ident(&self) -> Result<CString, Error> {
        let plain = self.ident.len() <= IDENT_MAX
            && self.ident.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        plain
            .then(|| CString::new(self.ident.as_str()).ok())
            .flatten()
            .ok_or(Error::Ident)
    }
}

pub(super) fn path(path: &Path) -> Result<CString, Error> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() > PATH_MAX {
        return Err(Error::Path);
    }
    CString::new(bytes).map_err(|_| Error::Path)
}

/// Characters of a machine's number (T.30 §5.3.6.2.4).
const IDENT_MAX: usize = 20;

/// The library keeps paths in 256 bytes and cuts off what is longer.
const PATH_MAX: usize = 255;
