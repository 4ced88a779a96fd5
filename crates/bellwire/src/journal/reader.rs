//! Reading.

use super::{Entry, FORMAT, Header};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Why a journal cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// The file cannot be read.
    #[error("the journal {} cannot be read: {source}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A line is not what it must be.
    #[error("{}:{line}: {detail}; is it a journal of bellwire?", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// A newer version wrote it.
    #[error("the journal {} was written by a newer bellwire ({version}); replay it with that version", .file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// The version.
        version: String,
    },
}

/// Reads a file entry by entry.
#[derive(Debug)]
pub(crate) struct Reader {
    header: Header,
    from: BufReader<File>,
    file: PathBuf,
    line: u64,
}

impl Reader {
    /// Opens a file and reads its first line.
    pub(crate) fn open(file: &Path) -> Result<Self, JournalError> {
        let from = File::open(file).map_err(|source| JournalError::File {
            file: file.to_owned(),
            source,
        })?;
        let mut from = BufReader::new(from);
        let text = next_line(&mut from, file)?.unwrap_or_default();
        let header: Header = serde_json::from_str(&text).map_err(|error| JournalError::Line {
            file: file.to_owned(),
            line: 1,
            detail: error.to_string(),
        })?;
        if header.format > FORMAT {
            return Err(JournalError::Newer {
                file: file.to_owned(),
                version: header.version,
            });
        }
        Ok(Self {
            header,
            from,
            file: file.to_owned(),
            line: 1,
        })
    }

    /// From which state the entries lead on.
    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = match next_line(&mut self.from, &self.file) {
            Ok(text) => text?,
            Err(error) => return Some(Err(error)),
        };
        self.line += 1;
        // A server that was killed leaves half a line behind.
        if !text.ends_with('\n') {
            return None;
        }
        Some(
            serde_json::from_str(&text).map_err(|error| JournalError::Line {
                file: self.file.clone(),
                line: self.line,
                detail: error.to_string(),
            }),
        )
    }
}

fn next_line(from: &mut BufReader<File>, file: &Path) -> Result<Option<String>, JournalError> {
    let mut text = String::new();
    let read = from.by_ref().take(LINE_MAX).read_line(&mut text);
    match read {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(text)),
        Err(source) => Err(JournalError::File {
            file: file.to_owned(),
            source,
        }),
    }
}

/// The longest line that is read: a directory of 100,000 extensions.
const LINE_MAX: u64 = 128 << 20;
