//! What people put in: recordings in place of built-in prompts, announcements of their own, and music.
//!
//! Whatever comes is read by [`wav::read`], which trusts nothing, and kept as mono of 16 bits at [`MASTER_HZ`] with the name
//! of whoever brought it (`IART` of RIFF INFO).

use super::{Key, Library, MASTER_HZ, folder};
use crate::wav::{self, Channels};
use model::{Language, MusicName, Phrase};
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Where a sound belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// In place of a built-in prompt, whose id is its name.
    Prompt(Language),
    /// What menus and queues name: greetings, offers.
    Announcement,
    /// What is heard on hold and in queues.
    Music,
}

/// A sound that somebody put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// Its name on its shelf.
    pub name: String,
    /// Who brought it; empty: nobody knows.
    pub by: String,
    /// When.
    pub at: SystemTime,
    /// How long it is.
    pub length: Duration,
}

/// Why a sound was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Only prompts that there are can be replaced.
    #[error("there is no prompt of that name; `bellwire prompts list` shows all")]
    Unknown,
    /// What no name looks like.
    #[error("that is no name: use 1 to {NAME_MAX} small letters, digits and hyphens")]
    Name,
    /// It is not read as sound.
    #[error("{0}")]
    Unreadable(#[from] wav::Unreadable),
    /// Longer than the shelf takes.
    #[error("it is longer than {0} s; shorten it")]
    TooLong(u64),
    /// The shelf has as many as it takes.
    #[error("there are {SHELVED_MAX} already; remove one first")]
    Full,
    /// The disk does not take it.
    #[error("it cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Prompt(Language::Chinese),
        Self::Prompt(Language::English),
        Self::Announcement,
        Self::Music,
    ];

    /// Its folder within the files folder.
    fn folder(self, files: &Path) -> PathBuf {
        match self {
            Self::Prompt(language) => files.join("prompts").join(folder(language)),
            Self::Announcement => files.join("prompts"),
            Self::Music => files.join(MUSIC),
        }
    }

    const fn longest(self) -> Duration {
        match self {
            Self::Prompt(_) | Self::Announcement => Duration::from_secs(300),
            Self::Music => Duration::from_secs(900),
        }
    }
}

impl Library {
    /// Takes a WAV file of any rate, mono or stereo; the next listener hears it. It is on the disk when this returns.
    ///
    /// # Errors
    /// Says why it was not taken; what was heard before is heard on.
    pub fn put_in(&self, shelf: Shelf, name: &str, wav: &[u8], by: &str) -> Result<(), NotTaken> {
        self.check(shelf, name)?;
        let samples = wav::read(wav, MASTER_HZ)?;
        let longest = shelf.longest().as_secs();
        if samples.len() as u64 > longest * u64::from(MASTER_HZ) {
            return Err(NotTaken::TooLong(longest));
        }
        let folder = shelf.folder(&self.files);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.wav"));
        if !path.exists() && wav_files(&folder).count() >= SHELVED_MAX {
            return Err(NotTaken::Full);
        }
        write(&folder, &path, &file(&samples, by)?)?;
        self.look();
        Ok(())
    }

    /// Takes a sound away: the built-in one is heard again where there is one. Says whether there was any.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn take_out(&self, shelf: Shelf, name: &str) -> io::Result<bool> {
        if self.check(shelf, name).is_err() {
            return Ok(false);
        }
        let folder = shelf.folder(&self.files);
        match fs::remove_file(folder.join(format!("{name}.wav"))) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
        File::open(&folder)?.sync_all()?;
        self.look();
        Ok(true)
    }

    /// What was put in, by name. Reads the disk.
    #[must_use]
    pub fn shelved(&self, shelf: Shelf) -> Vec<Shelved> {
        let folder = shelf.folder(&self.files);
        let named = wav_files(&folder).filter(|(name, _)| self.check(shelf, name).is_ok());
        let mut found: Vec<_> = named
            .take(SHELVED_MAX)
            .filter_map(|(name, path)| shelved(name, &path))
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    /// What is heard under a name, as a WAV file; `None`: nothing is. Reads the disk.
    #[must_use]
    pub fn heard(&self, shelf: Shelf, name: &str) -> Option<Vec<u8>> {
        let samples = match shelf {
            Shelf::Prompt(language) => {
                self.in_language(language, &Phrase(name.to_owned().into()), MASTER_HZ)?
            }
            Shelf::Announcement => {
                self.check(shelf, name).ok()?;
                self.file(&format!("prompts/{name}.wav"), MASTER_HZ)?
            }
            Shelf::Music if name.is_empty() => self.music(MASTER_HZ),
            Shelf::Music => {
                self.check(shelf, name).ok()?;
                self.file(&format!("{MUSIC}/{name}.wav"), MASTER_HZ)?
            }
        };
        file(&samples, "").ok()
    }

    /// Some music; what nobody has put in, or nobody can read, is the built-in music. Looks at the disk, so never call it
    /// on a media thread.
    #[must_use]
    pub fn music_of(&self, name: &MusicName, rate_hz: u32) -> Arc<[i16]> {
        let path = Shelf::Music.folder(&self.files).join(format!("{name}.wav"));
        let version = fs::metadata(&path).and_then(|file| Ok((file.modified()?, file.len())));
        let found = version.ok().and_then(|version| {
            let key = Key::MusicOf(name.clone(), version, rate_hz);
            self.cached(key, rate_hz, || {
                wav::read_file(&path, MASTER_HZ)
                    .map_err(|error| tracing::error!(%name, "music cannot be read: {error}"))
                    .ok()
                    .map(|samples| Arc::<[i16]>::from(samples).into())
            })
        });
        found.unwrap_or_else(|| self.music(rate_hz))
    }

    fn check(&self, shelf: Shelf, name: &str) -> Result<(), NotTaken> {
        match shelf {
            Shelf::Prompt(_) => {
                let known = self.spoken.chinese.has(name) || self.spoken.english.has(name);
                known.then_some(()).ok_or(NotTaken::Unknown)
            }
            Shelf::Announcement | Shelf::Music => {
                MusicName::parse(name).map(drop).ok_or(NotTaken::Name)
            }
        }
    }

    /// Prompts that were replaced are heard from now on.
    fn look(&self) {
        for unusable in self.refresh() {
            tracing::warn!("{unusable}");
        }
    }
}

/// A WAV file that says who brought it.
fn file(samples: &[i16], by: &str) -> io::Result<Vec<u8>> {
    let mut writer = wav::Writer::new(Cursor::new(Vec::new()), Channels::Mono, MASTER_HZ)?;
    writer.write(samples)?;
    let mut bytes = writer.finish()?.into_inner();
    if !by.is_empty() {
        let by: String = by.chars().take(BY_MAX).collect();
        // Ends with a zero, and has an even length.
        let mut text = by.into_bytes();
        text.resize(text.len() / 2 * 2 + 2, 0);
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        bytes.extend(b"LIST");
        bytes.extend((length + 12).to_le_bytes());
        bytes.extend(b"INFOIART");
        bytes.extend(length.to_le_bytes());
        bytes.extend(text);
        let whole = u32::try_from(bytes.len() - 8).map_err(io::Error::other)?;
        if let Some(size) = bytes.get_mut(4..8) {
            size.copy_from_slice(&whole.to_le_bytes());
        }
    }
    Ok(bytes)
}

/// Puts a file in place as a whole, and makes that durable.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    static UNDERWAY: AtomicU64 = AtomicU64::new(0);
    let nth = UNDERWAY.fetch_add(1, Ordering::Relaxed);
    let part = folder.join(format!(".{}-{nth}.part", std::process::id()));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        File::open(folder)?.sync_all()
    });
    if written.is_err() {
        // There may be none.
        let _ = fs::remove_file(&part);
    }
    written
}

/// The WAV files of a folder by name.
fn wav_files(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let path = entry.path();
        let name = path.file_name()?.to_str()?.strip_suffix(".wav")?.to_owned();
        path.is_file().then_some((name, path))
    })
}

fn shelved(name: String, path: &Path) -> Option<Shelved> {
    let at = fs::metadata(path).ok()?.modified().ok()?;
    let ours = wav::length(path);
    let length = ours.or_else(|| {
        // Put there by hand, from whatever program.
        let samples = wav::read_file(path, MASTER_HZ).ok()?;
        Some(Duration::from_secs_f64(
            samples.len() as f64 / f64::from(MASTER_HZ),
        ))
    })?;
    let by = author(path).unwrap_or_default();
    Some(Shelved {
        name,
        by,
        at,
        length,
    })
}

/// Who brought a file that [`file`] made.
fn author(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let tail = file.metadata().ok()?.len().min(TAIL);
    file.seek(SeekFrom::End(-i64::try_from(tail).ok()?)).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let at = bytes.windows(8).rposition(|word| word == b"INFOIART")?;
    let text = bytes.get(at + 12..)?;
    let end = text.iter().position(|byte| *byte == 0)?;
    String::from_utf8(text.get(..end)?.to_vec()).ok()
}

/// The folder of music.
const MUSIC: &str = "music";
/// The longest name.
const NAME_MAX: usize = MusicName::LENGTH_MAX;
/// Sounds on one shelf: more than there are prompts.
const SHELVED_MAX: usize = 1_000;
/// Letters of the name of whoever brought a sound.
const BY_MAX: usize = 64;
/// Bytes at the end of a file in which that name stands.
const TAIL: u64 = 24 + 4 * BY_MAX as u64;
