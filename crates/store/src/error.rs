//! What can go wrong, in sentences that say what to do.

use std::path::{Path, PathBuf};

/// Why the store could not be opened. Each message ends with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made, read or written.
    #[error(
        "cannot use the data folder {}: {source}; give one that this user may write with --data", .folder.display()
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error(
        "another bellwire (process {process}) uses the data folder {}; stop it first, or give another folder with --data", .folder.display()
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The other process, as it wrote itself down.
        process: String,
    },
    /// The file is no database, or its pages contradict one another.
    #[error(
        "the database {} is damaged ({detail}); put a backup back with `bellwire restore FILE --force`, or move the file away to begin empty", .file.display()
    )]
    Damaged {
        /// The database.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A newer version wrote it.
    #[error(
        "the database {} was written by a newer bellwire; install that version, or restore a backup of this one", .file.display()
    )]
    Newer {
        /// The database.
        file: PathBuf,
    },
    /// The disk is full.
    #[error("no room is left on the disk of {}; free some and start again", .file.display())]
    Full {
        /// The database.
        file: PathBuf,
    },
    /// The file may not be written.
    #[error(
        "the database {} cannot be written; give its owner the right to write it and its folder", .file.display()
    )]
    ReadOnly {
        /// The database.
        file: PathBuf,
    },
    /// The key file is missing or not the one that the database was written with.
    #[error(
        "the key file {} does not open the secrets in the database ({detail}); put both back from one backup", .file.display()
    )]
    Key {
        /// The key file.
        file: PathBuf,
        /// What was tried.
        detail: String,
    },
    /// Anything else the database says.
    #[error("the database {} cannot be opened: {source}; `bellwire doctor` says more", .file.display())]
    Database {
        /// The database.
        file: PathBuf,
        /// What the database says.
        #[source]
        source: sqlx::Error,
    },
}

/// Why a write was not made durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// More writes wait than [`crate::QUEUE_MAX`].
    #[error("too many writes wait for the disk")]
    Busy,
    /// The disk does not take it; the message is that of [`crate::Health`].
    #[error("{0}")]
    Refused(String),
    /// What was to be changed is gone.
    #[error("it is no longer there")]
    Gone,
    /// The store was closed before the write was on disk.
    #[error("the store is closed")]
    Closed,
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database does not answer.
    #[error("the database cannot be read: {0}")]
    Database(#[from] sqlx::Error),
    /// A row does not say what it must.
    #[error("{what} in the database is unreadable: {detail}")]
    Row {
        /// Which row.
        what: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// What a database error means to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The file is damaged.
    Damaged,
    /// No room.
    Full,
    /// No right to write.
    ReadOnly,
    /// Another process holds the database, or the disk fails: worth another try.
    Passing,
    /// The statement itself is refused; another try would be refused again.
    Statement,
}

impl Trouble {
    /// Reads the result code of SQLite (<https://sqlite.org/rescode.html>).
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = error else {
            return Self::Passing;
        };
        let code = database.code().and_then(|code| code.parse::<u32>().ok());
        match code.map(|code| code & 0xff) {
            Some(11 | 26) => Self::Damaged,
            Some(13) => Self::Full,
            Some(3 | 8 | 14 | 23) => Self::ReadOnly,
            Some(4 | 5 | 6 | 7 | 9 | 10 | 15 | 17) | None => Self::Passing,
            Some(_) => Self::Statement,
        }
    }
}

impl OpenError {
    /// What an error of the database means when it is opened.
    pub(crate) fn of(file: &Path, source: sqlx::Error) -> Self {
        let file = file.to_owned();
        match Trouble::of(&source) {
            Trouble::Damaged => Self::Damaged {
                file,
                detail: source.to_string(),
            },
            Trouble::Full => Self::Full { file },
            Trouble::ReadOnly => Self::ReadOnly { file },
            Trouble::Passing | Trouble::Statement => Self::Database { file, source },
        }
    }
}

/// What an operator is told when a commit fails.
pub(crate) fn alarm(file: &Path, source: &sqlx::Error) -> String {
    let file = file.display();
    match Trouble::of(source) {
        Trouble::Full => format!(
            "no room is left on the disk of {file}: free some; call records wait in memory until then"
        ),
        Trouble::ReadOnly => format!(
            "the database {file} cannot be written: give the server the right to; call records wait in memory until then"
        ),
        Trouble::Damaged => format!(
            "the database {file} is damaged: stop the server and put a backup back with `bellwire restore`; call records wait in memory until then"
        ),
        Trouble::Passing | Trouble::Statement => format!(
            "the database {file} does not take writes ({source}): look at its disk; call records wait in memory until then"
        ),
    }
}
