//! What users of phones say for others to hear later, on its way to files.

use media::engine::DICTATED_AT;
use media::wav::{self, Channels, Writer};
use media::{Reel, Tape, tape};
use model::{Duration, RecordingId, RecordingLayout, voice_file};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Everything that is being taken down, and the folder of its files.
#[derive(Debug)]
pub(crate) struct Dictations {
    files: PathBuf,
    open: Vec<(Reel, Writer<File>)>,
}

impl Dictations {
    pub(crate) const fn new(files: PathBuf) -> Self {
        Self {
            files,
            open: Vec::new(),
        }
    }

    /// Begins one; `None` when there is one of that name.
    pub(crate) fn begin(&mut self, recording: RecordingId) -> Option<Tape> {
        let path = self.files.join(voice_file(recording));
        fs::create_dir_all(path.parent()?).ok()?;
        let writer = Writer::create(&path, Channels::Mono, DICTATED_AT.hz()).ok()?;
        let (tape, reel) = tape(RecordingLayout::Mixed, DICTATED_AT);
        self.open.push((reel, writer));
        Some(tape)
    }

    /// Writes what was said so far. The disk here is quick: what is over is complete at once.
    pub(crate) fn write(&mut self) {
        self.open.retain_mut(|(reel, writer)| {
            let goes_on = reel.take(|samples| writer.write(samples));
            writer.flush().is_ok() && goes_on.unwrap_or(false)
        });
    }
}

/// How long a file is; `None` when there is none, or nothing in it.
pub(crate) fn length(file: &Path) -> Option<Duration> {
    wav::length(file).filter(|length| *length > Duration::ZERO)
}
