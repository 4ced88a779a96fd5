//! One recording on the disk: under a temporary name until it is complete.

use super::opus::OpusWriter;
use super::{Begins, ogg};
use crate::wav::{self, Channels};
use model::{RecordingFormat, RecordingLayout};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A recording that is being written.
#[derive(Debug)]
pub(super) struct Take {
    /// The temporary name.
    part: PathBuf,
    track: Track,
}

#[derive(Debug)]
enum Track {
    Wav(wav::Writer<File>),
    Opus(Box<OpusWriter<File>>),
}

impl Take {
    /// Begins a file in a folder, which is made when it is missing.
    ///
    /// # Errors
    /// Those of the file system; `AlreadyExists` when there is a recording of that name.
    pub(super) fn begin(folder: &Path, begins: &Begins) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let (recording, extension) = (begins.recording, extension(begins.format));
        let whole = folder.join(format!("{recording}.{extension}"));
        if whole.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let part = folder.join(format!("{recording}.{extension}.{PART}"));
        let file = File::create_new(&part)?;
        match Track::begin(file, begins) {
            Ok(track) => Ok(Self { part, track }),
            Err(error) => {
                // Without its headers it is of no use to anybody.
                let _ = fs::remove_file(&part);
                Err(error)
            }
        }
    }

    pub(super) fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        match &mut self.track {
            Track::Wav(writer) => writer.write(samples),
            Track::Opus(writer) => writer.write(samples),
        }
    }

    /// Gives what was taken to the file: from here on it survives the end of the process.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match &mut self.track {
            Track::Wav(writer) => writer.flush(),
            Track::Opus(writer) => writer.flush(),
        }
    }

    /// Completes the file; when its end cannot be written, what there is of it.
    pub(super) fn complete(self) -> io::Result<()> {
        let finished = match self.track {
            Track::Wav(writer) => writer.finish(),
            Track::Opus(writer) => writer.finish(),
        };
        match finished {
            Ok(file) => settle(&file, &self.part),
            Err(error) => repair(&self.part).and(Err(error)),
        }
    }

    /// Completes what there is of a file that cannot be written any further.
    pub(super) fn salvage(self) -> io::Result<()> {
        drop(self.track);
        repair(&self.part)
    }

    /// Goes on in another file: one that is full.
    #[cfg(test)]
    pub(super) fn fill_up(&mut self, file: File) {
        match &mut self.track {
            Track::Wav(writer) => writer.replace_file(file),
            Track::Opus(_) => panic!("only WAV"),
        }
    }
}

impl Track {
    fn begin(file: File, begins: &Begins) -> io::Result<Self> {
        let rate = begins.rate;
        let channels = match begins.layout {
            RecordingLayout::Stereo => Channels::Stereo,
            RecordingLayout::Mixed => Channels::Mono,
        };
        Ok(match begins.format {
            RecordingFormat::Wav => Self::Wav(wav::Writer::new(file, channels, rate.hz())?),
            RecordingFormat::Opus => {
                // The number must differ only within a file, and there is no other stream.
                let serial = begins.recording.0 as u32;
                Self::Opus(Box::new(OpusWriter::new(file, channels, rate, serial)?))
            }
        })
    }
}

/// Completes all recordings of a folder that an earlier run began, and did not live to end.
pub(super) fn recover(folder: &Path) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Nothing has ever been recorded.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => {
            return tracing::error!(%error, path = %folder.display(), "recordings cannot be read");
        }
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|extension| extension == PART) {
            match repair(&path) {
                Ok(()) => {
                    tracing::info!(path = %path.display(), "an interrupted recording is kept")
                }
                Err(error) => tracing::error!(%error, path = %path.display(),
                    "an interrupted recording is left as it is"),
            }
        }
    }
}

/// Makes a whole file of what was written under a temporary name.
fn repair(part: &Path) -> io::Result<()> {
    if part.with_extension("").try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut file = File::options().read(true).write(true).open(part)?;
    let inner = part.file_stem().map(Path::new).and_then(Path::extension);
    if inner.is_some_and(|inner| inner == extension(RecordingFormat::Opus)) {
        ogg::repair(&mut file)?;
    } else {
        wav::repair(&mut file)?;
    }
    settle(&file, part)
}

/// Gives a whole file its name, so that neither is lost when power is.
fn settle(file: &File, part: &Path) -> io::Result<()> {
    file.sync_all()?;
    fs::rename(part, part.with_extension(""))?;
    match part.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

const fn extension(format: RecordingFormat) -> &'static str {
    match format {
        RecordingFormat::Wav => "wav",
        RecordingFormat::Opus => "opus",
    }
}

/// The end of a temporary name.
pub(crate) const PART: &str = "part";
