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
    /// The domain in From; empty: the host where Bellwire registers, else Bellwire's own address.
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
    /// Whether who calls from there must prove user name and password, besides being there.
    #[serde(default)]
    pub authenticate_inbound: bool,
    /// How it is watched.
    #[serde(default)]
    pub health: TrunkHealth,
    /// Whose certificate is believed, over TLS.
    #[serde(default)]
    pub tls_trust: TlsTrust,
}

impl Trunk {
    /// A trunk by address to a host, with everything as it is where nothing is said.
    #[must_use]
    pub fn to(name: &str, host: &str) -> Self {
        Self {
            name: String::from(name),
            kind: TrunkKind::Peer,
            host: String::from(host),
            port: TrunkTransport::Udp.default_port(),
            transport: TrunkTransport::Udp,
            username: String::new(),
            password: Password::default(),
            from_domain: String::new(),
            numbers: Vec::new(),
            max_calls: None,
            media: TrunkMedia::Rtp,
            t38: true,
            codecs: Vec::new(),
            dtmf: Dtmf::default(),
            authenticate_inbound: false,
            health: TrunkHealth::default(),
            tls_trust: TlsTrust::default(),
        }
    }
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
    /// What the host's NAPTR records say (RFC 3263 §4.1), else UDP.
    Auto,
}

impl TrunkTransport {
    /// The port where none is set (RFC 3261 §19.1.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp | Self::Auto => 5060,
            Self::Tls => 5061,
        }
    }
}

/// How a trunk is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrunkHealth {
    /// By an OPTIONS every minute or so; one that answers none is not called.
    #[default]
    Options,
    /// Not at all: it always counts as there.
    None,
}

/// Whose certificate is believed, over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsTrust {
    /// One of the system's authorities has signed it for the trunk's host.
    #[default]
    System,
    /// One of the authorities in this PEM file has; a certificate signed by itself is its own authority.
    File(String),
    /// Anybody's: the connection is encrypted, but who is at the other end is not known.
    Anyone,
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
