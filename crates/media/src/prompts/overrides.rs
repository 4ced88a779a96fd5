//! Recordings that replace built-in prompts: `<files>/prompts/<zh-CN or en>/<id>.wav`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use model::Language;

use super::{MASTER_HZ, folder};
use crate::wav;

/// All recordings found, usable or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Overrides {
    found: BTreeMap<(Language, String), Recording>,
}

#[derive(Clone, Debug)]
struct Recording {
    /// When the file was changed and how long it is: as long as both stay the same, it is not read again.
    version: (Option<SystemTime>, u64),
    /// `None` if it is unusable.
    sound: Option<Arc<[i16]>>,
}

/// A recording that is not heard, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}; the built-in prompt is used", path.display())]
pub struct Unusable {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What makes a recording unusable.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// Its name is no prompt's.
    #[error("no prompt has this name")]
    Unknown,
    /// It is not read as sound.
    #[error(transparent)]
    Unreadable(#[from] wav::Unreadable),
    /// There are more than [`RECORDINGS_MAX`].
    #[error("there are more than {RECORDINGS_MAX} files in its folder")]
    TooMany,
}

impl Overrides {
    pub(super) fn get(&self, language: Language, id: &str) -> Option<Arc<[i16]>> {
        let recording = self.found.get(&(language, id.to_owned()))?;
        recording.sound.clone()
    }

    /// The prompts that are replaced.
    pub(super) fn usable(&self) -> impl Iterator<Item = &(Language, String)> {
        let found = self.found.iter();
        found.filter_map(|(key, recording)| recording.sound.as_ref().map(|_| key))
    }

    /// What the folders hold at this moment, and what is unusable for the first time.
    pub(super) fn refreshed(
        &self,
        prompts: &Path,
        known: impl Fn(&str) -> bool,
    ) -> (Self, Vec<Unusable>) {
        let mut after = Self::default();
        let mut unusable = Vec::new();
        for language in [Language::Chinese, Language::English] {
            let folder = prompts.join(folder(language));
            for (count, (path, version)) in listed(&folder).into_iter().enumerate() {
                if count == RECORDINGS_MAX {
                    let (path, reason) = (folder.clone(), Reason::TooMany);
                    unusable.push(Unusable { path, reason });
                    break;
                }
                let Some(id) = path.file_stem().and_then(|stem| stem.to_str()) else {
                    continue;
                };
                let key = (language, id.to_owned());
                let recording = match self.found.get(&key) {
                    Some(before) if before.version == version => before.clone(),
                    _ => {
                        let sound = read(&path, known(id))
                            .map_err(|reason| unusable.push(Unusable { path, reason }))
                            .ok();
                        Recording { version, sound }
                    }
                };
                after.found.insert(key, recording);
            }
        }
        (after, unusable)
    }

    /// Has unusable recordings named once more.
    pub(super) fn forget_unusable(&mut self) {
        self.found.retain(|_, recording| recording.sound.is_some());
    }

    /// The prompts that sound different from before.
    pub(super) fn changed_from(&self, before: &Self) -> Vec<(Language, String)> {
        let differs = |key: &&(Language, String)| {
            let version = |of: &Self| of.found.get(*key).map(|recording| recording.version);
            version(self) != version(before)
        };
        let keys = self.found.keys().chain(before.found.keys());
        keys.filter(differs).cloned().collect()
    }
}

fn read(path: &Path, known: bool) -> Result<Arc<[i16]>, Reason> {
    if !known {
        return Err(Reason::Unknown);
    }
    Ok(wav::read_file(path, MASTER_HZ)?.into())
}

/// The WAV files of a folder in the order of their names; none if there is no folder.
fn listed(folder: &Path) -> Vec<(PathBuf, (Option<SystemTime>, u64))> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "wav"))
        .filter_map(|entry| {
            // Of what a link leads to, as that is what is read.
            let metadata = fs::metadata(entry.path()).ok()?;
            let version = (metadata.modified().ok(), metadata.len());
            metadata.is_file().then(|| (entry.path(), version))
        })
        .take(RECORDINGS_MAX + 1)
        .collect();
    files.sort();
    files
}

/// Files looked at in one folder: more than there are prompts.
pub(super) const RECORDINGS_MAX: usize = 1000;
