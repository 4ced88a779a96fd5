//! The site's configuration as the switch and the edge read it.

use crate::{Duration, Number};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use serde::{Deserialize, Serialize};

/// Everything that is configured, swapped whole. A call never waits for the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directory {
    /// Settings of the whole site.
    pub system: System,
    /// Departments by name.
    pub departments: BTreeMap<String, Arc<Department>>,
    /// Extensions by number.
    pub extensions: BTreeMap<Number, Arc<Extension>>,
}

impl Directory {
    /// The extension of that number.
    #[must_use]
    pub fn extension(&self, number: &Number) -> Option<&Extension> {
        self.extensions.get(number).map(|extension| &**extension)
    }

    /// The language in which an extension is spoken to (FC-06).
    #[must_use]
    pub fn language(&self, number: Option<&Number>) -> Language {
        number
            .and_then(|number| self.extension(number))
            .and_then(|extension| extension.language)
            .unwrap_or(self.system.language)
    }

    /// How long an extension rings.
    #[must_use]
    pub fn ring_time(&self, number: &Number) -> Duration {
        self.extension(number)
            .and_then(|extension| extension.ring_time)
            .unwrap_or(self.system.ring_time)
    }
}

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
        }
    }
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

/// A department: its members pick up one another's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its name.
    pub name: String,
}

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its number.
    pub number: Number,
    /// Its owner's name; the number when there is none (EXT-02).
    pub name: String,
    /// What its phones prove at registration.
    pub secret: Secret,
    /// Departments it belongs to.
    pub departments: BTreeSet<String>,
    /// Where voicemail is sent.
    pub email: String,
    /// `None`: the system's.
    pub language: Option<Language>,
    /// Whether its owner may use the portal.
    pub portal: bool,
    /// Whether it has a mailbox.
    pub voicemail: bool,
    /// The mailbox's PIN.
    pub voicemail_pin: String,
    /// `None`: the system's.
    pub ring_time: Option<Duration>,
    /// Whether a second call rings during a call.
    pub call_waiting: bool,
    /// The most phones registered at a time.
    pub max_contacts: u8,
    /// Names of the routes it may call out on; `*` is all.
    pub outbound_routes: BTreeSet<String>,
    /// Shown on trunks; `None`: the trunk's own.
    pub caller_id: Option<Number>,
    /// Whether its owner may listen to others.
    pub may_monitor: bool,
    /// Whether others may listen to it.
    pub may_be_monitored: bool,
    /// Whether `*1` works.
    pub may_record: bool,
    /// Do not disturb.
    pub do_not_disturb: bool,
}

impl Extension {
    /// An extension with the defaults of the site file.
    #[must_use]
    pub fn new(number: Number, name: &str, secret: Secret) -> Self {
        Self {
            number,
            name: String::from(name),
            secret,
            departments: BTreeSet::new(),
            email: String::new(),
            language: None,
            portal: true,
            voicemail: true,
            voicemail_pin: String::from("1234"),
            ring_time: None,
            call_waiting: false,
            max_contacts: 5,
            outbound_routes: BTreeSet::from([String::from("*")]),
            caller_id: None,
            may_monitor: false,
            may_be_monitored: false,
            may_record: true,
            do_not_disturb: false,
        }
    }
}

/// A SIP password as it is kept: hashed with user and realm (RFC 8760 HA1), never in clear.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// `MD5(user:bellwire:password)`.
    pub md5: [u8; 16],
    /// `SHA-256(user:bellwire:password)`.
    pub sha256: [u8; 32],
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}
