//! The data folder: who may use it, and what lies in it.

use crate::OpenError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder that holds everything that outlasts the process. While a value of this type lives, no
/// other process can have one of the same folder.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// The key file.
    pub const KEY: &str = "bellwire.key";
    /// The socket on which a running server answers commands.
    pub const SOCKET: &str = "bellwire.sock";
    /// The file that is locked while the folder is in use.
    pub const LOCK: &str = "bellwire.lock";

    /// Makes the folder when it is missing (readable by its owner only) and takes it.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let trouble = |source| OpenError::Folder {
            folder: path.to_owned(),
            source,
        };
        let path = &std::path::absolute(path).map_err(trouble)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(trouble)?;
        let file = path.join(Self::LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .map_err(trouble)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                // Only for the message: an unreadable number does not matter.
                let _ = Read::by_ref(&mut lock)
                    .take(20)
                    .read_to_string(&mut process);
                return Err(OpenError::InUse {
                    folder: path.to_owned(),
                    process: process.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(trouble(source)),
        }
        // A full disk does not keep the lock from being held.
        let _ = lock
            .set_len(0)
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file or folder in it.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }
}
