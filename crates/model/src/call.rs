//! Who calls, and how calls end.

use crate::Number;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Who somebody is to the person he calls: what a display shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Absent when the caller is anonymous.
    pub number: Option<Number>,
    /// The name to show; empty when there is none.
    pub name: String,
}

/// Where a leg comes from: the authenticated identity, never what the From header claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A registered extension that proved its password.
    Extension(Number),
    /// A trunk, by its name in the site file.
    Trunk(String),
}

/// Why a leg or a call ended, or was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// Hung up in the ordinary way (SIP BYE, CANCEL).
    Normal,
    /// The party is in a call or rejected it (486, 600).
    Busy,
    /// The party declined (603, 403 from a phone).
    Declined,
    /// It rang for its time and nobody answered (480, 408 after ringing).
    NoAnswer,
    /// No phone is registered, or none responds (480, 408, 410, transport failure).
    Unavailable,
    /// There is no such number (404, 484, 604).
    NotFound,
    /// The caller may not do this (403).
    Forbidden,
    /// Another phone of the same ringing took the call (CANCEL with Reason 200).
    AnsweredElsewhere,
    /// Offer and answer found no common codec, or the body was unusable (488, 415, 606).
    NotAcceptable,
    /// Too many calls, or draining for shutdown (503 with Retry-After).
    Congestion,
    /// No sound arrived for too long, or the phone stopped answering refreshes.
    Vanished,
    /// The server was restarted under the call.
    Restarted,
    /// Something inside failed (500).
    Failed,
}

/// A key of a telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Digit(u8);

impl Digit {
    /// Reads `0-9 * # A-D` (also in lower case).
    #[must_use]
    pub fn parse(key: char) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        let known = matches!(key, '0'..='9' | '*' | '#' | 'A'..='D');
        known.then(|| u8::try_from(key).ok().map(Self)).flatten()
    }

    /// The event code of RFC 4733 §3.2: 0-9, 10 for `*`, 11 for `#`, 12-15 for `A-D`.
    #[must_use]
    pub const fn event(self) -> u8 {
        match self.0 {
            b'*' => 10,
            b'#' => 11,
            letter @ b'A'..=b'D' => letter - b'A' + 12,
            digit => digit - b'0',
        }
    }

    /// The key of an RFC 4733 event code; `None` for events that are no keys.
    #[must_use]
    pub fn of_event(event: u8) -> Option<Self> {
        b"0123456789*#ABCD"
            .get(usize::from(event))
            .copied()
            .map(Self)
    }

    /// The key as a character.
    #[must_use]
    pub const fn as_char(self) -> char {
        self.0 as char
    }
}

impl TryFrom<char> for Digit {
    type Error = &'static str;
    fn try_from(key: char) -> Result<Self, Self::Error> {
        Self::parse(key).ok_or("not a telephone key")
    }
}

impl From<Digit> for char {
    fn from(digit: Digit) -> Self {
        digit.as_char()
    }
}
