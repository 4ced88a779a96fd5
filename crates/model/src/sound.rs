//! What can be played.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::{Duration, Language};

/// One piece of a play-list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    /// A phrase or atom of `PROMPTS.tsv` in a language.
    Phrase(Language, Phrase),
    /// A tone, in the system's country.
    Tone(Tone),
    /// Music on hold, without end.
    Music,
    /// Nothing, for so many milliseconds.
    Pause(u16),
    /// A file in the files folder, by its path there.
    File(String),
    /// The same without its beginning; nothing when it is not that long.
    FileFrom(String, Duration),
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
