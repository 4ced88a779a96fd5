//! Lines to the outside.

use super::{CodecName, Dtmf, Password};
use crate::Number;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use serde::{Deserialize, Serialize};

/// A line to a provider or to another telephone system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trunk {
    /// Its name.
    pub name: String,
    /// How the two sides know each other.
    pub kind: TrunkKind,
    /// Name or address of the other side.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What SIP is carried by.
    pub transport: TrunkTransport,
    /// The account there; empty when it wants none.
    pub username: String,
    /// The account's password.
    pub password: Password,
    /// The domain in From; empty: the host.
    pub from_domain: String,
    /// The numbers that ring here.
    pub numbers: Vec<Number>,
    /// The most calls at a time; `None`: as many as there are.
    pub max_calls: Option<NonZeroU32>,
    /// How sound is carried.
    pub media: TrunkMedia,
    /// Whether it carries fax by T.38.
    pub t38: bool,
    /// The codecs that are spoken on it, most wanted first; empty: the site's.
    #[serde(default)]
    pub codecs: Vec<CodecName>,
    /// How keys are told.
    #[serde(default)]
    pub dtmf: Dtmf,
}

/// How the two sides of a trunk know each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrunkKind {
    /// By address.
    Peer,
    /// Bellwire registers there.
    Register,
}

/// What a trunk's SIP is carried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrunkTransport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// How a trunk's sound is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrunkMedia {
    /// In clear, unless the other side wishes it encrypted.
    Rtp,
    /// Encrypted: a call that cannot be is refused.
    Srtp,
}
