//! RTP ports: pairs of sockets from a range.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

/// The ports that legs may use.
#[derive(Debug)]
pub(super) struct Ports {
    address: IpAddr,
    range: RangeInclusive<u16>,
    used: BTreeSet<u16>,
    /// Where to look first.
    next: u16,
}

/// The two sockets of a leg.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    address: SocketAddr,
}

impl Pair {
    fn bind(address: IpAddr, port: u16) -> io::Result<Self> {
        let rtp = UdpSocket::bind((address, port))?;
        let rtcp = UdpSocket::bind((address, port.saturating_add(1)))?;
        rtp.set_nonblocking(true)?;
        rtcp.set_nonblocking(true)?;
        Ok(Self {
            rtp,
            rtcp,
            address: SocketAddr::new(address, port),
        })
    }

    /// The port of RTP.
    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where RTP is received.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Ports {
    /// All ports are free. The search begins anywhere, so that a server that restarts does not get the
    /// packets of calls that it has forgotten.
    pub(super) fn new(address: IpAddr, range: RangeInclusive<u16>, seed: u64) -> Self {
        let [low, high, ..] = seed.to_le_bytes();
        let span = range.end().saturating_sub(*range.start()).max(1);
        let next = range
            .start()
            .saturating_add(u16::from_le_bytes([low, high]) % span);
        Self {
            address,
            range,
            used: BTreeSet::new(),
            next,
        }
    }

    /// A pair of ports that nobody uses; `None` when all are taken.
    pub(super) fn open(&mut self) -> Option<Pair> {
        for _ in 0..=self.range.end().saturating_sub(*self.range.start()) / 2 {
            let port = self.candidate();
            if self.used.contains(&port) {
                continue;
            }
            match Pair::bind(self.address, port) {
                Ok(pair) => {
                    self.used.insert(port);
                    return Some(pair);
                }
                // Somebody else's.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => {
                    tracing::error!(%error, "no RTP port can be opened");
                    return None;
                }
            }
        }
        tracing::error!("all RTP ports are in use; widen media.rtp_ports");
        None
    }

    /// A port is free again.
    pub(super) fn close(&mut self, port: u16) {
        self.used.remove(&port);
    }

    /// The next even port whose odd neighbour is in the range too.
    fn candidate(&mut self) -> u16 {
        let mut port = self.next.next_multiple_of(2);
        if port >= *self.range.end() {
            port = self.range.start().next_multiple_of(2);
        }
        self.next = port.saturating_add(2);
        port
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_leg_has_an_even_port_and_the_next() {
        // Which ports are free on this machine is not known: a wide range has some.
        let mut ports = Ports::new(Ipv4Addr::LOCALHOST.into(), 20_001..=29_999, 7);
        let one = ports.open().expect("a pair");
        let two = ports.open().expect("another");
        assert_ne!(one.port(), two.port());
        for pair in [&one, &two] {
            assert_eq!(pair.port() % 2, 0);
            let rtcp = pair.rtcp.local_addr().expect("bound").port();
            assert_eq!(rtcp, pair.port() + 1);
        }
    }

    #[test]
    fn a_range_that_is_used_up_gives_nothing() {
        let probe = Ports::new(Ipv4Addr::LOCALHOST.into(), 20_001..=29_999, 9)
            .open()
            .expect("a pair");
        let (first, last) = (probe.port(), probe.port() + 1);
        drop(probe);
        let mut ports = Ports::new(Ipv4Addr::LOCALHOST.into(), first..=last, 0);
        let only = ports.open().expect("a pair");
        assert!(ports.open().is_none());
        let port = only.port();
        drop(only);
        ports.close(port);
        assert!(ports.open().is_some());
    }
}
