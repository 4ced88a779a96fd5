//! The server's configuration: a TOML file in which everything is optional, under an environment that may
//! set every key (`BELLWIRE_SIP__UDP='["127.0.0.1:5070"]'`).

mod environment;
mod read;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// How this server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where SIP is spoken.
    pub sip: Sip,
    /// Where the portal, the console and the API are.
    pub web: Web,
    /// Which certificate is shown.
    pub tls: Tls,
    /// Where sound goes.
    pub media: Media,
    /// Where everything is kept.
    pub store: Store,
    /// Where health and figures are shown; `None` switches that off.
    pub metrics: Option<SocketAddr>,
    /// What is logged.
    pub log: Log,
    /// How long a server that was told to end waits for its calls.
    pub drain: Duration,
}

/// Where SIP is spoken; an empty list switches a transport off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sip {
    /// Addresses for UDP.
    pub udp: Vec<SocketAddr>,
    /// Addresses for TCP.
    pub tcp: Vec<SocketAddr>,
    /// Addresses for TLS over TCP.
    pub tls: Vec<SocketAddr>,
    /// What phones and trunks outside see.
    pub external_address: Address,
    /// Who is asked where trunks are; empty: the system's name servers.
    pub name_servers: Vec<SocketAddr>,
}

/// An address that others see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// That of the interface from which the other is reached.
    Auto,
    /// This one.
    Fixed(IpAddr),
}

/// Where the portal, the console and the API are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Web {
    /// HTTPS and SIP over WebSocket; `None` switches it off.
    pub https: Option<SocketAddr>,
    /// Leads to HTTPS; `None` switches it off.
    pub http: Option<SocketAddr>,
}

/// Which certificate is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// One made at the first start, with all addresses in it.
    SelfSigned,
    /// PEM files.
    Files {
        /// The chain, the server's own certificate first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// Where sound goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Media {
    /// What is written into SDP.
    pub address: Address,
    /// Ports for RTP (even) and RTCP (odd).
    pub rtp_ports: RangeInclusive<u16>,
    /// The one port for all browsers.
    pub webrtc_port: u16,
    /// Threads that carry sound; 0 is one a core.
    pub workers: usize,
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    /// The SQLite database; relative to the data folder.
    pub database: PathBuf,
    /// Voicemail, recordings, faxes, prompts; relative to the data folder.
    pub files: PathBuf,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// From which level on.
    pub level: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let any = |port| SocketAddr::from(([0, 0, 0, 0], port));
        Self {
            sip: Sip {
                udp: vec![any(5060)],
                tcp: vec![any(5060)],
                tls: vec![any(5061)],
                external_address: Address::Auto,
                name_servers: Vec::new(),
            },
            web: Web {
                https: Some(any(8443)),
                http: Some(any(8080)),
            },
            tls: Tls::SelfSigned,
            media: Media {
                address: Address::Auto,
                rtp_ports: 10_002..=19_999,
                webrtc_port: 10_000,
                workers: 0,
            },
            store: Store {
                database: PathBuf::from("bellwire.db"),
                files: PathBuf::from("files"),
            },
            metrics: Some(SocketAddr::from(([127, 0, 0, 1], 9464))),
            log: Log {
                level: String::from("info"),
                format: LogFormat::Text,
            },
            drain: Duration::from_secs(300),
        }
    }
}
