//! The prompts, announcements and music of the server, as its administrator sees them.

use crate::texts::texts;
use api::{SoundKind, SoundRecording, SoundRefused, SoundRow, Studio};
use media::prompts::{Library, NotTaken, Shelf, Shelved};
use model::Wall;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// All that can be heard.
pub(super) struct Sounds(pub(super) Arc<Library>);

impl Studio for Sounds {
    fn sounds(&self) -> Vec<SoundRow> {
        let mut rows = Vec::new();
        for shelf in Shelf::ALL {
            let shelved = self.0.shelved(shelf).into_iter();
            let mut shelved: BTreeMap<_, _> = shelved
                .map(|it| (it.name.clone(), recording(&it)))
                .collect();
            for (name, chinese, english) in built_in(shelf) {
                rows.push(SoundRow {
                    kind: kind(shelf),
                    recording: shelved.remove(name),
                    name: name.to_owned(),
                    chinese: chinese.to_owned(),
                    english: english.to_owned(),
                });
            }
            rows.extend(shelved.into_iter().map(|(name, recording)| SoundRow {
                kind: kind(shelf),
                name,
                chinese: String::new(),
                english: String::new(),
                recording: Some(recording),
            }));
        }
        rows
    }

    fn heard(&self, kind: SoundKind, name: &str) -> Option<Vec<u8>> {
        self.0.heard(shelf(kind), name)
    }

    fn put_in(
        &self,
        kind: SoundKind,
        name: &str,
        wav: &[u8],
        by: &str,
    ) -> Result<(), SoundRefused> {
        self.0.put_in(shelf(kind), name, wav, by).map_err(refused)
    }

    fn take_out(&self, kind: SoundKind, name: &str) -> Result<bool, SoundRefused> {
        let taken = self.0.take_out(shelf(kind), name);
        taken.map_err(|error| refused(error.into()))
    }
}

/// What is there without anybody's doing: name, and texts in Chinese and English.
fn built_in(shelf: Shelf) -> Vec<(&'static str, &'static str, &'static str)> {
    match shelf {
        Shelf::Prompt(language) => {
            let spoken = texts().into_iter();
            let spoken = spoken.filter(|text| !text.in_language(language).is_empty());
            spoken
                .map(|text| (text.id, text.chinese, text.english))
                .collect()
        }
        Shelf::Announcement => Vec::new(),
        Shelf::Music => vec![("", "", "")],
    }
}

fn recording(shelved: &Shelved) -> SoundRecording {
    let at = shelved.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    SoundRecording {
        by: shelved.by.clone(),
        at: Wall(i64::try_from(at.as_millis()).unwrap_or(i64::MAX)),
        length_ms: u64::try_from(shelved.length.as_millis()).unwrap_or(u64::MAX),
    }
}

fn refused(why: NotTaken) -> SoundRefused {
    let told = why.to_string();
    match why {
        NotTaken::Unknown => SoundRefused::Unknown(told),
        NotTaken::Name | NotTaken::Unreadable(_) | NotTaken::TooLong(_) => {
            SoundRefused::Unusable(told)
        }
        NotTaken::Full => SoundRefused::Full(told),
        NotTaken::Io(_) => SoundRefused::NotSaved(told),
    }
}

const fn shelf(kind: SoundKind) -> Shelf {
    match kind {
        SoundKind::Prompt(language) => Shelf::Prompt(language),
        SoundKind::Announcement => Shelf::Announcement,
        SoundKind::Music => Shelf::Music,
    }
}

const fn kind(shelf: Shelf) -> SoundKind {
    match shelf {
        Shelf::Prompt(language) => SoundKind::Prompt(language),
        Shelf::Announcement => SoundKind::Announcement,
        Shelf::Music => SoundKind::Music,
    }
}
