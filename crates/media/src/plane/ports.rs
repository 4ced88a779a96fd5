//! RTP ports: pairs of sockets from a range.

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

/// The ports that legs may use.
#[derive(Debug)]
pub(super) struct Ports {
    /// `None`: all addresses of the machine.
    address: Option<IpAddr>,
    range: RangeInclusive<u16>,
    used: BTreeSet<u16>,
    /// Where to look first.
    next: u16,
    /// Sockets of legs that are gone, those that have rested longest first. To open one costs more than all the
    /// rest of a leg.
    resting: VecDeque<Pair>,
}

/// The two sockets of a leg.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    port: u16,
    family: Family,
}

/// Which of a leg's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// That of RTP.
    Rtp,
    /// That of RTCP.
    Rtcp,
}

/// What a socket can send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Addresses of one family, as they are.
    One,
    /// Both: IPv4 is written as IPv6 (RFC 4291 §2.5.5.2).
    Both,
}

impl Pair {
    fn bind(address: Option<IpAddr>, port: u16) -> io::Result<Self> {
        let odd = port.saturating_add(1);
        let (rtp, family) = open(address, port)?;
        let (rtcp, _) = open(address, odd)?;
        Ok(Self {
            rtp,
            rtcp,
            port,
            family,
        })
    }

    /// One of the two.
    pub(super) const fn socket(&self, port: Port) -> &UdpSocket {
        match port {
            Port::Rtp => &self.rtp,
            Port::Rtcp => &self.rtcp,
        }
    }

    /// The port of RTP.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// An address as these sockets want it.
    pub(super) fn reachable(&self, to: SocketAddr) -> SocketAddr {
        self.family.reachable(to)
    }
}

impl Family {
    /// An address as a socket of this family wants it.
    pub(super) fn reachable(self, to: SocketAddr) -> SocketAddr {
        match (self, to) {
            (Self::Both, SocketAddr::V4(v4)) => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            (Self::One | Self::Both, _) => to,
        }
    }
}

/// A socket; for all addresses one of IPv6 that takes IPv4 too, where the machine has IPv6.
pub(super) fn open(address: Option<IpAddr>, port: u16) -> io::Result<(UdpSocket, Family)> {
    let (socket, family) = match address {
        Some(address) => (UdpSocket::bind((address, port))?, Family::One),
        None => match both_families(port) {
            Ok(socket) => (socket, Family::Both),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => (UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?, Family::One),
        },
    };
    socket.set_nonblocking(true)?;
    Ok((socket, family))
}

fn both_families(port: u16) -> io::Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET6, SocketType::DGRAM, flags, None)?;
    sockopt::set_ipv6_v6only(&socket, false)?;
    bind(&socket, &SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))?;
    Ok(socket.into())
}

impl Ports {
    /// All ports are free. The search begins anywhere, so that a server that restarts does not get the packets of
    /// calls that it has forgotten; and each port is left alone for as long as there are others.
    pub(super) fn new(address: Option<IpAddr>, range: RangeInclusive<u16>, seed: u64) -> Self {
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
            resting: VecDeque::new(),
        }
    }

    /// A pair of ports that nobody uses, and where it listens; `None` when all are taken. What came for whoever had it
    /// before may still wait in its sockets.
    pub(super) fn open(&mut self) -> Option<(Pair, SocketAddr)> {
        let rested = (self.resting.len() > RESTING_MIN).then(|| self.resting.pop_front());
        let pair = match rested.flatten() {
            Some(pair) => pair,
            None => match self.bind() {
                Ok(Some(pair)) => pair,
                Ok(None) => self.resting.pop_front().or_else(|| {
                    tracing::error!("all RTP ports are in use; widen media.rtp_ports");
                    None
                })?,
                Err(error) => {
                    tracing::error!(%error, "no RTP port can be opened");
                    return None;
                }
            },
        };
        let ip = self.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let address = SocketAddr::new(ip, pair.port());
        Some((pair, address))
    }

    /// `None` when all ports of the range are used.
    fn bind(&mut self) -> io::Result<Option<Pair>> {
        for _ in 0..=self.range.end().saturating_sub(*self.range.start()) / 2 {
            let Some(port) = self.candidate() else { break };
            if self.used.contains(&port) {
                continue;
            }
            match Pair::bind(self.address, port) {
                Ok(pair) => {
                    self.used.insert(port);
                    return Ok(Some(pair));
                }
                // Somebody else's.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// A leg has no more use for its ports. They rest, so that what is still on its way to it reaches nobody else.
    pub(super) fn close(&mut self, pair: Pair) {
        if self.resting.len() < RESTING_MAX {
            self.resting.push_back(pair);
        } else {
            self.used.remove(&pair.port());
        }
    }

    /// Whether no leg has any.
    #[cfg(test)]
    pub(super) fn is_unused(&self) -> bool {
        self.used.len() == self.resting.len()
    }

    /// The next even port whose odd neighbour is in the range too.
    fn candidate(&mut self) -> Option<u16> {
        let first = self.range.start().checked_next_multiple_of(2)?;
        let fits = |port: &u16| *port >= first && port.checked_add(1) <= Some(*self.range.end());
        let next = self
            .next
            .checked_next_multiple_of(2)
            .filter(|port| fits(port) && *port != u16::MAX);
        let port = next.or_else(|| Some(first).filter(fits))?;
        self.next = port.saturating_add(2);
        Some(port)
    }
}

/// As many other legs come before a port is used again, while there are others.
const RESTING_MIN: usize = 32;
/// Beyond these, sockets are closed.
const RESTING_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_leg_has_an_even_port_and_the_next() {
        // Which ports are free on this machine is not known: a wide range has some.
        for address in [Some(Ipv4Addr::LOCALHOST.into()), None] {
            let mut ports = Ports::new(address, 20_001..=29_999, 7);
            let (one, at) = ports.open().unwrap();
            let (two, _) = ports.open().unwrap();
            assert_ne!(one.port(), two.port());
            assert_eq!(at.port(), one.port());
            assert_eq!(at.ip().is_unspecified(), address.is_none());
            for pair in [&one, &two] {
                assert_eq!(pair.port() % 2, 0);
                let rtcp = pair.rtcp.local_addr().unwrap().port();
                assert_eq!(rtcp, pair.port() + 1);
            }
        }
    }

    #[test]
    fn a_socket_for_all_addresses_reaches_both_families() {
        let mut ports = Ports::new(None, 20_001..=29_999, 8);
        let (pair, _) = ports.open().unwrap();
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(phone) = UdpSocket::bind(host) else {
                continue;
            };
            let to = pair.reachable(phone.local_addr().unwrap());
            // A machine may have the family, but no way to it.
            if pair.rtp.send_to(b"x", to).is_ok() {
                assert_eq!(phone.recv(&mut [0; 9]).unwrap(), 1, "{host}");
            }
        }
    }

    #[test]
    fn a_port_rests_while_there_are_others() {
        let mut ports = Ports::new(Some(Ipv4Addr::LOCALHOST.into()), 20_001..=29_999, 10);
        let opened: Vec<_> = (0..=RESTING_MIN).map(|_| ports.open().unwrap().0).collect();
        let (first, last) = (opened[0].port(), opened[RESTING_MIN].port());
        let mut opened = opened.into_iter();
        opened
            .by_ref()
            .take(RESTING_MIN)
            .for_each(|pair| ports.close(pair));
        let (fresh, _) = ports.open().unwrap();
        assert!(fresh.port() != first && fresh.port() != last);
        opened.for_each(|pair| ports.close(pair));
        let (rested, at) = ports.open().unwrap();
        assert_eq!((rested.port(), at.port()), (first, first));
        let more: Vec<_> = (0..2 * RESTING_MAX)
            .map(|_| ports.open().unwrap().0)
            .collect();
        more.into_iter().for_each(|pair| ports.close(pair));
        assert_eq!(ports.resting.len(), RESTING_MAX);
    }

    #[test]
    fn a_range_that_is_used_up_gives_nothing() {
        let address = Some(Ipv4Addr::LOCALHOST.into());
        let (probe, _) = Ports::new(address, 20_001..=29_999, 9).open().unwrap();
        let (first, last) = (probe.port(), probe.port() + 1);
        drop(probe);
        let mut ports = Ports::new(address, first..=last, 0);
        let (only, _) = ports.open().unwrap();
        assert!(ports.open().is_none());
        ports.close(only);
        assert!(
            ports.open().is_some(),
            "it need not rest where there is no other"
        );
        for range in [7..=7, 65_535..=65_535, 20_000..=20_000] {
            assert!(Ports::new(address, range, 0).open().is_none());
        }
    }
}
