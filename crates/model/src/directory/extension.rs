//! Extensions and departments.

use super::{CodecName, Dtmf, FollowMe, Forwarding, Language};
use crate::{Duration, MusicName, Number};
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

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
    /// Whether a message is deleted once it was mailed.
    #[serde(default)]
    pub voicemail_mail_only: bool,
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
    /// Which of its calls are recorded without being asked for.
    #[serde(default)]
    pub record: RecordPolicy,
    /// The codecs that are spoken with its phones, most wanted first; empty: the site's.
    #[serde(default)]
    pub codecs: Vec<CodecName>,
    /// How its phones tell keys.
    #[serde(default)]
    pub dtmf: Dtmf,
    /// Whether its sound is encrypted on the way to and from its phones.
    #[serde(default)]
    pub srtp: SrtpPolicy,
    /// What those hear who are put on hold here; `None`: the system's.
    #[serde(default)]
    pub music: Option<MusicName>,
    /// Do not disturb.
    pub do_not_disturb: bool,
    /// Where its calls go when it does not take them.
    #[serde(default)]
    pub forwarding: Forwarding,
    /// Who is rung after it.
    #[serde(default)]
    pub follow_me: FollowMe,
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
            voicemail_mail_only: false,
            ring_time: None,
            call_waiting: false,
            max_contacts: 5,
            outbound_routes: BTreeSet::from([String::from("*")]),
            caller_id: None,
            may_monitor: false,
            may_be_monitored: false,
            may_record: true,
            record: RecordPolicy::Off,
            codecs: Vec::new(),
            dtmf: Dtmf::Auto,
            srtp: SrtpPolicy::Allowed,
            music: None,
            do_not_disturb: false,
            forwarding: Forwarding::default(),
            follow_me: FollowMe::default(),
        }
    }
}

/// Which calls of an extension are recorded without being asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordPolicy {
    /// None.
    #[default]
    Off,
    /// All.
    All,
    /// Those between extensions.
    Internal,
    /// Those with the outside.
    Outside,
}

/// Whether sound is encrypted on the network (SRTP).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SrtpPolicy {
    /// Never.
    Off,
    /// Where the other side wishes it; it is offered where the keys cannot be read on the way.
    #[default]
    Allowed,
    /// Always: a call that cannot be encrypted is refused.
    Required,
}

/// A SIP password as it is kept: hashed with user and realm (RFC 8760 HA1), never in clear.
///
/// An HA1 opens the account as the password would, so serde leaves it out: journals, traces and API
/// answers do not contain it, and what is read back from them opens nothing. The store keeps it apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// `MD5(user:bellwire:password)`.
    pub md5: [u8; 16],
    /// `SHA-256(user:bellwire:password)`.
    pub sha256: [u8; 32],
}

impl Secret {
    /// The secret that no password opens.
    pub const NONE: Self = Self {
        md5: [0; 16],
        sha256: [0; 32],
    };
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(serde::de::IgnoredAny)
            .map(|_| Self::NONE)
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}
