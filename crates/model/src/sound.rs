//! What can be played.

use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

use crate::{Duration, Language};

/// One piece of a play-list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    /// A phrase or atom of `PROMPTS.tsv` in a language.
    Phrase(Language, Phrase),
    /// A tone, in the system's country.
    Tone(Tone),
    /// The built-in music, without end.
    Music,
    /// Music that somebody put in, without end; the built-in music where it is not there.
    MusicOf(MusicName),
    /// Nothing, for so many milliseconds.
    Pause(u16),
    /// A file in the files folder, by its path there.
    File(String),
    /// The same without its beginning; nothing when it is not that long.
    FileFrom(String, Duration),
}

/// The name of some music: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MusicName(String);

impl MusicName {
    /// The longest name, in letters.
    pub const LENGTH_MAX: usize = 64;

    /// Reads a name, or says that it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len());
        let is_plain = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-');
        (fits && text.bytes().all(is_plain)).then(|| Self(text.into()))
    }
}

impl fmt::Display for MusicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<MusicName> for String {
    fn from(name: MusicName) -> Self {
        name.0
    }
}

impl TryFrom<String> for MusicName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a name of music has small letters, digits and hyphens")
    }
}

/// The id of a phrase or atom in `PROMPTS.tsv`, such as `N-01` or `D-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Phrase(pub alloc::borrow::Cow<'static, str>);

impl Phrase {
    /// A phrase named in the source.
    #[must_use]
    pub const fn named(id: &'static str) -> Self {
        Self(alloc::borrow::Cow::Borrowed(id))
    }
}

/// Tones without language (CHECKLIST §5, ITU-T E.180).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tone {
    /// Dial tone, without end.
    Dial,
    /// Ringing tone, without end.
    Ring,
    /// Busy tone, without end.
    Busy,
    /// Congestion tone, without end.
    Congestion,
    /// Call-waiting tone, without end.
    CallWaiting,
    /// Special information tone, once.
    SpecialInformation,
    /// 1000 Hz for 250 ms, before a recording.
    Beep,
    /// Twice 400 Hz: something was refused.
    BeepError,
    /// A recording begins.
    BeepStart,
    /// A recording ends.
    BeepStop,
    /// Somebody comes into a conference.
    Join,
    /// Somebody leaves a conference.
    Leave,
}
