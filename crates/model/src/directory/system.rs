//! Settings of the whole site.

use super::CodecName;
use crate::{Duration, MusicName, Number, RecordingFormat};
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use serde::{Deserialize, Serialize};

/// Settings of the whole site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// Shown in the portal.
    pub name: String,
    /// Of prompts and web where nobody chose another.
    pub language: Language,
    /// IANA name.
    pub timezone: String,
    /// ISO 3166 code in lower case: which call-progress tones are played.
    pub country: String,
    /// Whether extensions may use the portal at all (GEN-01).
    pub portal: bool,
    /// How long a phone rings.
    pub ring_time: Duration,
    /// Reached by `0` in a greeting.
    pub operator: Option<Number>,
    /// The codecs that are spoken where an extension or trunk says nothing else, most wanted first. Empty:
    /// [`CodecName::DEFAULT`], of which the party's order decides.
    #[serde(default)]
    pub codecs: Vec<CodecName>,
    /// Whether codes pressed in a call are taken on calls that go out on a trunk (P-09).
    #[serde(default)]
    pub outbound_call_features: bool,
    /// Whose calls a blacklisted number cannot reach.
    #[serde(default)]
    pub blacklist_scope: BlacklistScope,
    /// Whether callers from outside who do not show their number are refused.
    #[serde(default)]
    pub block_anonymous: bool,
    /// Country codes that may be called, with a leading `+`; `*` is all. Nobody calls abroad unless somebody says so.
    #[serde(default)]
    pub abroad: Vec<String>,
    /// How many calls to the outside an extension may have at a time; `None`: any number (SI-11).
    #[serde(default = "some_outside_calls")]
    pub outside_calls_max: Option<NonZeroU32>,
    /// How many calls to the outside an extension may begin in a minute; `None`: any number (SI-11).
    #[serde(default = "some_outside_calls_a_minute")]
    pub outside_calls_a_minute: Option<NonZeroU32>,
    /// What kind of files recordings become.
    #[serde(default)]
    pub recording_format: RecordingFormat,
    /// What is heard on hold where nobody chose another; `None`: the built-in music.
    #[serde(default)]
    pub music: Option<MusicName>,
}

impl Default for System {
    fn default() -> Self {
        Self {
            name: String::from("Bellwire"),
            language: Language::Chinese,
            timezone: String::from("Asia/Shanghai"),
            country: String::from("cn"),
            portal: false,
            ring_time: Duration::from_secs(30),
            operator: None,
            codecs: Vec::new(),
            outbound_call_features: false,
            blacklist_scope: BlacklistScope::System,
            block_anonymous: false,
            abroad: Vec::new(),
            outside_calls_max: some_outside_calls(),
            outside_calls_a_minute: some_outside_calls_a_minute(),
            recording_format: RecordingFormat::Wav,
            music: None,
        }
    }
}

/// More than anybody can hold, and little for who found out a password.
const fn some_outside_calls() -> Option<NonZeroU32> {
    NonZeroU32::new(10)
}

/// Faster than anybody dials.
const fn some_outside_calls_a_minute() -> Option<NonZeroU32> {
    NonZeroU32::new(60)
}

/// A language that prompts exist in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Language {
    /// Mandarin as spoken on the mainland.
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// Whose calls a blacklisted number cannot reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlacklistScope {
    /// Everybody's.
    #[default]
    System,
    /// Those of the extension that listed it.
    Extension,
}

/// Where calls wait that somebody put down for another to take up (manual §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parking {
    /// The first slot's number.
    pub first: u16,
    /// The last slot's number, which is not below the first.
    pub last: u16,
    /// How long a call waits before the phone that parked it rings back.
    pub wait: Duration,
    /// How long that phone rings.
    pub recall: Duration,
}

impl Parking {
    /// The numbers of the slots, the lowest first.
    pub fn slots(&self) -> impl Iterator<Item = u16> + use<> {
        self.first..=self.last
    }
}

impl Default for Parking {
    fn default() -> Self {
        Self {
            first: 41,
            last: 49,
            wait: Duration::from_secs(45),
            recall: Duration::from_secs(30),
        }
    }
}
