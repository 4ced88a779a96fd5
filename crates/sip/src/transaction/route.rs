//! The way back: where responses go, and what the top Via is told about it (RFC 3261 §18.2, RFC 3581).

use crate::Flow;
use crate::message::Request;
use std::net::SocketAddr;

/// Where the response to a request goes that came on `flow`: back on a connection; over UDP to the port
/// it came from when the sender asks for that (`rport`, RFC 3581 §4), otherwise to the port that it
/// names in Via, at the address it came from (RFC 3261 §18.2.2). `maddr` is not honoured: it would let a
/// stranger choose whom we send to.
#[must_use]
pub fn reply_flow(flow: Flow, request: &Request) -> Flow {
    if flow.transport.is_reliable() {
        return flow;
    }
    match request.via() {
        Ok(via) if !via.has_rport() => Flow {
            remote: SocketAddr::new(flow.remote.ip(), via.port().unwrap_or(DEFAULT_PORT)),
            ..flow
        },
        Ok(_) | Err(_) => flow,
    }
}

/// The port of UDP when Via names none (RFC 3261 §18.2.2).
const DEFAULT_PORT: u16 = 5060;
