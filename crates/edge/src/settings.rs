//! How the edge is set up.

use rtp::sdp::BrowserSide;
use sip::Flow;
use std::net::{IpAddr, SocketAddr};

/// How the edge is set up. It does not change while the server runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address that phones outside see. `None`: the local address of each flow.
    pub external_address: Option<IpAddr>,
    /// Our side towards browsers; its address is unspecified where the one that they speak to is meant. `None`: no
    /// browser can be spoken with.
    pub browsers: Option<BrowserSide>,
    /// Nonces and tags are made with it. Nobody else knows it.
    pub nonce_key: [u8; 32],
    /// What Server and User-Agent say.
    pub product: String,
}

impl Settings {
    /// The settings of a server with this key.
    #[must_use]
    pub fn new(nonce_key: [u8; 32]) -> Self {
        Self {
            external_address: None,
            browsers: None,
            nonce_key,
            product: concat!("Bellwire/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// What `address` is on a flow: itself, or where it is unspecified, the address that phones outside see, or the
    /// one that the phone speaks to.
    pub(crate) fn reached(&self, address: SocketAddr, flow: &Flow) -> SocketAddr {
        let ip = if address.ip().is_unspecified() {
            self.external_address.unwrap_or_else(|| flow.local.ip())
        } else {
            address.ip()
        };
        SocketAddr::new(ip.to_canonical(), address.port())
    }

    /// The addresses that a message sent by ourselves would name in Via.
    pub(crate) fn here(&self, flow: &Flow) -> [SocketAddr; 2] {
        let port = flow.local.port();
        let outside = self.external_address.unwrap_or_else(|| flow.local.ip());
        [flow.local, SocketAddr::new(outside, port)]
    }

    /// What we call ourselves on a flow: `host:port` for Via, Contact and From.
    pub(crate) fn host(&self, flow: &Flow) -> String {
        let ip = self.external_address.unwrap_or_else(|| flow.local.ip());
        SocketAddr::new(ip, flow.local.port()).to_string()
    }
}
