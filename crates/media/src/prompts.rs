//! What is spoken: the built-in prompts in both languages, recordings that replace them, and music on hold.
//!
//! The prompts are made by `prompts/build` from `prompts/PROMPTS.tsv` and are part of the program. They are unpacked
//! when they are first asked for, at the rate asked for, and then kept.

pub(crate) mod built_in;
mod cache;
mod overrides;
mod pack;
mod shelf;

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use model::{Language, Phrase};

use crate::record::take::PART;
use crate::resample::resample;
use crate::{flac, wav};
use cache::{Cache, Key};
use overrides::Overrides;
pub use overrides::{Reason, Unusable};
use pack::Pack;
pub use shelf::{NotTaken, Shelf, Shelved};

/// All that can be spoken, shared by all threads.
///
/// [`Library::get`] and [`Library::music`] never touch a disk. The first time they unpack, which takes about a
/// millisecond for each second of sound; afterwards they are a look-up.
#[derive(Debug)]
pub struct Library {
    spoken: Arc<Spoken>,
    files: PathBuf,
}

/// The prompts, and what of them is unpacked.
#[derive(Debug)]
struct Spoken {
    chinese: Pack,
    english: Pack,
    overrides: RwLock<Overrides>,
    /// Held while it is looked for recordings: who looks last is right.
    looking: Mutex<()>,
    cache: Mutex<Cache>,
}

impl Library {
    /// The built-in prompts, and the recordings in the files folder that replace some. Recordings that are unusable
    /// are named by the first [`Library::refresh`].
    #[must_use]
    pub fn open(files: &Path) -> Self {
        let spoken = Spoken {
            chinese: Pack::read(built_in::CHINESE),
            english: Pack::read(built_in::ENGLISH),
            overrides: RwLock::default(),
            looking: Mutex::default(),
            cache: Mutex::default(),
        };
        let library = Self {
            spoken: Arc::new(spoken),
            files: files.to_owned(),
        };
        if !library.refresh().is_empty() {
            library
                .spoken
                .overrides
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .forget_unusable();
        }
        library
    }

    /// A prompt as mono sound at a rate in Hz. What a language lacks is heard in the other one.
    /// `None` only for an id that is in neither.
    #[must_use]
    pub fn get(&self, language: Language, phrase: &Phrase, rate_hz: u32) -> Option<Arc<[i16]>> {
        let other = match language {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        };
        self.in_language(language, phrase, rate_hz)
            .or_else(|| self.in_language(other, phrase, rate_hz))
    }

    /// Music on hold, one round of a loop without a seam.
    #[must_use]
    pub fn music(&self, rate_hz: u32) -> Arc<[i16]> {
        self.cached(Key::Music(rate_hz), rate_hz, || {
            flac::read(built_in::MUSIC).ok().map(Master::from)
        })
        .unwrap_or_else(|| Arc::from([0].as_slice()))
    }

    /// A WAV file by its path in the files folder. Reads the disk each time, so never call it on a media thread.
    /// `None` if it leads out of the folder or cannot be read.
    #[must_use]
    pub fn file(&self, path: &str, rate_hz: u32) -> Option<Arc<[i16]>> {
        let path = Path::new(path);
        let inside = path
            .components()
            .all(|component| matches!(component, Component::Normal(_)));
        if !inside {
            return None;
        }
        wav::read_file(&self.files.join(path), rate_hz)
            .ok()
            .map(Arc::from)
    }

    /// Whether a file is being written at this moment, and will soon be there.
    #[must_use]
    pub(crate) fn is_underway(&self, path: &str) -> bool {
        self.files.join(format!("{path}.{PART}")).exists()
    }

    /// The same prompts with the files of another folder: what is unpacked is unpacked for both.
    #[must_use]
    pub fn with_files(&self, files: &Path) -> Self {
        Self {
            spoken: Arc::clone(&self.spoken),
            files: files.to_owned(),
        }
    }

    /// Looks into `prompts/zh-CN` and `prompts/en` of the files folder for recordings named by prompt, such as
    /// `N-01.wav`, and reads those that are new or have changed. Call it after opening and from time to time, on a
    /// thread that may wait for the disk. Returns what it found unusable since it looked last; the built-in
    /// prompts are heard instead.
    pub fn refresh(&self) -> Vec<Unusable> {
        let known = |id: &str| self.spoken.chinese.has(id) || self.spoken.english.has(id);
        let looking = &self.spoken.looking;
        let _looking = looking.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.overrides().clone();
        let (after, unusable) = before.refreshed(&self.files.join("prompts"), known);
        let changed = after.changed_from(&before);
        *self
            .spoken
            .overrides
            .write()
            .unwrap_or_else(PoisonError::into_inner) = after;
        let mut cache = self.cache();
        for (language, id) in changed {
            cache.forget(language, &id);
        }
        unusable
    }

    /// The recordings of a folder that has `zh-CN` and `en` in it, as [`Library::refresh`] would take them, and what is
    /// unusable among them. Reads the disk.
    #[must_use]
    pub fn recordings(&self, folder: &Path) -> (Vec<(Language, String)>, Vec<Unusable>) {
        let known = |id: &str| self.spoken.chinese.has(id) || self.spoken.english.has(id);
        let (found, unusable) = Overrides::default().refreshed(folder, known);
        (found.usable().cloned().collect(), unusable)
    }

    /// The ids of all built-in prompts, with those languages that have them.
    pub fn ids(&self) -> impl Iterator<Item = (Language, &str)> {
        let chinese = self.spoken.chinese.ids().map(|id| (Language::Chinese, id));
        chinese.chain(self.spoken.english.ids().map(|id| (Language::English, id)))
    }

    fn in_language(&self, language: Language, phrase: &Phrase, rate_hz: u32) -> Option<Arc<[i16]>> {
        let key = Key::Phrase(language, phrase.clone(), rate_hz);
        self.cached(key, rate_hz, || {
            let replaced = self.overrides().get(language, &phrase.0);
            replaced.map(Master::from).or_else(|| {
                let pack = match language {
                    Language::Chinese => &self.spoken.chinese,
                    Language::English => &self.spoken.english,
                };
                pack.unpack(&phrase.0).map(Master::from)
            })
        })
    }

    /// What the cache has, or else the master converted to the rate and kept. Two threads may both convert at the
    /// same time; the lock is never held meanwhile.
    fn cached(
        &self,
        key: Key,
        rate_hz: u32,
        master: impl FnOnce() -> Option<Master>,
    ) -> Option<Arc<[i16]>> {
        let generation = {
            let cache = self.cache();
            if let Some(found) = cache.get(&key) {
                return Some(found);
            }
            cache.generation()
        };
        let sound = master()?.at(rate_hz);
        self.cache().keep(key, Arc::clone(&sound), generation);
        Some(sound)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.spoken
            .cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn overrides(&self) -> RwLockReadGuard<'_, Overrides> {
        self.spoken
            .overrides
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The folder of a language's recordings.
#[must_use]
pub const fn folder(language: Language) -> &'static str {
    match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    }
}

/// A sound at the rate it is kept in.
struct Master {
    rate_hz: u32,
    samples: Arc<[i16]>,
}

impl Master {
    fn at(self, rate_hz: u32) -> Arc<[i16]> {
        if self.rate_hz == rate_hz {
            return self.samples;
        }
        resample(&self.samples, self.rate_hz, rate_hz).into()
    }
}

impl From<flac::Sound> for Master {
    fn from(sound: flac::Sound) -> Self {
        Self {
            rate_hz: sound.rate_hz,
            samples: sound.samples.into(),
        }
    }
}

impl From<Arc<[i16]>> for Master {
    fn from(samples: Arc<[i16]>) -> Self {
        Self {
            rate_hz: MASTER_HZ,
            samples,
        }
    }
}

/// The rate of built-in prompts, and of recordings once read.
pub const MASTER_HZ: u32 = 16_000;

#[cfg(test)]
mod tests;
