//! SIP over UDP: sockets that the signalling thread reads itself.

use anyhow::{Context, Result};
use rustix::fd::{AsFd, BorrowedFd};
use sip::{Flow, Transport};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// The sockets for UDP.
pub(super) struct Udp {
    sockets: Vec<Socket>,
    routes: Routes,
    buffer: Box<[u8; DATAGRAM_MAX]>,
}

struct Socket {
    socket: UdpSocket,
    local: SocketAddr,
}

impl Udp {
    /// Opens a socket for each address.
    pub(super) fn bind(addresses: &[SocketAddr]) -> Result<Self> {
        let sockets = addresses.iter().map(|address| {
            let socket = UdpSocket::bind(address)
                .with_context(|| format!("cannot listen on udp {address} (sip.udp); stop whatever uses the port, or choose another"))?;
            socket.set_nonblocking(true)?;
            // Storms of registrations after a power cut wait here. Less than asked for is no error.
            rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER)?;
            let local = socket.local_addr()?;
            Ok(Socket { socket, local })
        });
        Ok(Self {
            sockets: sockets.collect::<Result<_>>()?,
            routes: Routes::default(),
            buffer: Box::new([0; DATAGRAM_MAX]),
        })
    }

    /// What to wait for, in the order of the sockets.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.iter().map(|socket| socket.socket.as_fd())
    }

    /// One datagram of the socket at that place, if there is one.
    pub(super) fn receive(&mut self, place: usize) -> Option<(Flow, &[u8])> {
        let Socket { socket, local } = self.sockets.get(place)?;
        let (length, remote) = loop {
            match socket.recv_from(&mut *self.buffer) {
                Ok(received) => break received,
                // An answer to what was sent before: nobody listens there.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) => {
                    tracing::warn!(%error, %local, "a UDP socket cannot be read");
                    return None;
                }
            }
        };
        let flow = Flow {
            transport: Transport::Udp,
            local: SocketAddr::new(self.routes.local(local.ip(), remote.ip()), local.port()),
            remote,
            connection: None,
        };
        Some((flow, self.buffer.get(..length)?))
    }

    /// Sends a datagram the way it came.
    pub(super) fn send(&self, flow: &Flow, bytes: &[u8]) -> io::Result<()> {
        let fits = |socket: &&Socket| {
            socket.local.port() == flow.local.port()
                && socket.local.is_ipv4() == flow.remote.is_ipv4()
                && (socket.local.ip().is_unspecified() || socket.local.ip() == flow.local.ip())
        };
        let socket = self.sockets.iter().find(fits);
        let socket = socket.ok_or(io::ErrorKind::AddrNotAvailable)?;
        socket.socket.send_to(bytes, flow.remote).map(|_| ())
    }
}

/// Which of our addresses others see: a socket that is bound to all of them does not say.
#[derive(Default)]
pub(super) struct Routes {
    known: BTreeMap<IpAddr, (IpAddr, Instant)>,
}

impl Routes {
    /// Our address as `remote` sees it; `bound` unless that is all of them.
    pub(super) fn local(&mut self, bound: IpAddr, remote: IpAddr) -> IpAddr {
        if !bound.is_unspecified() {
            return bound;
        }
        if let Some((local, asked)) = self.known.get(&remote)
            && asked.elapsed() < ROUTE_KNOWN_FOR
        {
            return *local;
        }
        if self.known.len() >= ROUTES_MAX {
            self.known.clear();
        }
        let local = towards(remote).unwrap_or(bound);
        self.known.insert(remote, (local, Instant::now()));
        local
    }
}

/// The address of the interface from which another is reached. Nothing is sent.
pub(super) fn towards(remote: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match remote {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((remote, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The largest datagram there is.
const DATAGRAM_MAX: usize = 65_535;
/// Datagrams of a few seconds of a large site.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Addresses of which the way is remembered.
const ROUTES_MAX: usize = 16_384;
/// How long: interfaces come and go.
const ROUTE_KNOWN_FOR: Duration = Duration::from_secs(30);
