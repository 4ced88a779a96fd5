//! How a phone logs in, and how it speaks.

use std::net::SocketAddr;

/// Number, password and server of a phone.
#[derive(Clone, Debug)]
pub struct Login {
    /// The extension.
    pub number: String,
    /// Its password.
    pub password: String,
    /// Where the server takes this transport.
    pub server: SocketAddr,
    /// How messages travel.
    pub transport: Transport,
}

/// How a phone's messages travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
    /// An encrypted connection.
    Tls,
}

impl Transport {
    /// As in a SIP URI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// How a phone sends keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// As events among the sound (RFC 4733).
    #[default]
    Events,
    /// As INFO requests (`application/dtmf-relay`).
    Info,
}
