//! Where trunks are, and which of our sockets leads there.

use super::udp::towards;
use crate::config::Sip;
use edge::{Found, Lookup};
use model::TrunkTransport;
use sip::{Flow, Transport};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Our ends of the ways to others.
pub(super) struct Ends {
    udp: Vec<SocketAddr>,
    tcp: Vec<SocketAddr>,
    tls: Vec<SocketAddr>,
}

impl Ends {
    /// The sockets that the configuration opens.
    pub(super) fn of(sip: &Sip) -> Self {
        Self {
            udp: sip.udp.clone(),
            tcp: sip.tcp.clone(),
            tls: sip.tls.clone(),
        }
    }

    /// The way to an address. Our end is where we listen, also of a stream that we open: there the peer finds
    /// us when the stream is gone. `None` over UDP without a socket of the address's family.
    pub(super) fn way(&self, transport: Transport, remote: SocketAddr) -> Option<Flow> {
        let listening = match transport {
            Transport::Udp => &self.udp,
            Transport::Tcp => &self.tcp,
            Transport::Tls => &self.tls,
            Transport::Ws | Transport::Wss => return None,
        };
        let same_family = |end: &&SocketAddr| end.is_ipv4() == remote.is_ipv4();
        let end = listening.iter().find(same_family).copied();
        let local = match end {
            Some(end) if !end.ip().is_unspecified() => end,
            Some(end) => SocketAddr::new(towards(remote.ip())?, end.port()),
            None if transport == Transport::Udp => return None,
            None => SocketAddr::new(towards(remote.ip())?, transport.default_port()),
        };
        Some(Flow {
            transport,
            local,
            remote,
            connection: None,
        })
    }

    /// Where a trunk is whose host is an address; `None` when it is a name.
    pub(super) fn literal(&self, lookup: &Lookup) -> Option<Found> {
        let ip: IpAddr = lookup.host.parse().ok()?;
        let port = lookup
            .port
            .unwrap_or_else(|| lookup.transport.default_port());
        let way = self.way(spoken(lookup.transport), SocketAddr::new(ip, port));
        Some(Found {
            flows: way.into_iter().collect(),
            valid_for: LITERAL_VALID_FOR,
        })
    }
}

/// What is spoken where nobody says otherwise.
const fn spoken(transport: TrunkTransport) -> Transport {
    match transport {
        TrunkTransport::Udp | TrunkTransport::Auto => Transport::Udp,
        TrunkTransport::Tcp => Transport::Tcp,
        TrunkTransport::Tls => Transport::Tls,
    }
}

/// After this long it is looked whether our own end is still the same.
const LITERAL_VALID_FOR: Duration = Duration::from_secs(60);
