//! The one port of all browsers: sockets that one worker reads and all write to, and the way of what it read to the
//! workers that own the legs.

use super::ports::Family;
use model::LegId;
use rtp::dtls::Dtls;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// The port at one of our addresses, or at all.
///
/// A browser takes an answer only from the address that it asked. A socket for all addresses answers from whichever
/// the way back begins at, so each address that browsers are told gets a socket of its own.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) socket: UdpSocket,
    family: Family,
    /// `None`: all that have no door of their own.
    ip: Option<IpAddr>,
}

impl Door {
    /// Opens the port at `address`, or at all; any port for 0.
    pub(super) fn bind(address: Option<IpAddr>, port: u16) -> io::Result<Self> {
        let (socket, family) = super::ports::open(address, port).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("the port of browsers, {port}: {error}"),
            )
        })?;
        // Only now, so that a port that is somebody else's is not shared with him.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        Ok(Self {
            socket,
            family,
            ip: address,
        })
    }

    /// Opens the same port at one address besides.
    pub(super) fn beside(ip: IpAddr, port: u16) -> io::Result<Self> {
        let (family, any) = match ip {
            IpAddr::V4(_) => (AddressFamily::INET, SocketAddr::new(ip, port)),
            IpAddr::V6(_) => (AddressFamily::INET6, SocketAddr::new(ip, port)),
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::DGRAM, flags, None)?;
        sockopt::set_socket_reuseaddr(&socket, true)?;
        bind(&socket, &any)?;
        Ok(Self {
            socket: socket.into(),
            family: Family::One,
            ip: Some(ip),
        })
    }

    /// The port that is open.
    pub(super) fn port(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Whether it is the one at this address.
    pub(super) fn is_at(&self, ip: IpAddr) -> bool {
        self.ip == Some(ip)
    }

    /// An address as the socket wants it.
    pub(super) fn reachable(&self, to: SocketAddr) -> SocketAddr {
        self.family.reachable(to)
    }
}

/// What the reader is told of legs.
#[derive(Debug)]
pub(super) enum Route {
    /// A leg is with this worker, and found by what was agreed.
    Put(LegId, usize, Box<Dtls>),
    /// It is with another.
    Moved(LegId, usize),
    /// It is over.
    Remove(LegId),
}

/// Datagrams on their way from the reader to another worker.
#[derive(Debug)]
pub(super) struct Sack {
    bytes: Box<[u8]>,
    filled: usize,
    datagrams: Vec<(LegId, SocketAddr, Range<usize>)>,
}

impl Sack {
    fn new() -> Box<Self> {
        Box::new(Self {
            bytes: vec![0; SACK_BYTES].into(),
            filled: 0,
            datagrams: Vec::with_capacity(SACK_DATAGRAMS),
        })
    }

    /// Puts a datagram in; `false` when it does not fit.
    fn push(&mut self, leg: LegId, from: SocketAddr, datagram: &[u8]) -> bool {
        let range = self.filled..self.filled + datagram.len();
        let Some(room) = self.bytes.get_mut(range.clone()) else {
            return false;
        };
        if self.datagrams.len() >= SACK_DATAGRAMS {
            return false;
        }
        room.copy_from_slice(datagram);
        self.filled = range.end;
        self.datagrams.push((leg, from, range));
        true
    }

    /// How many are in it.
    pub(super) const fn len(&self) -> usize {
        self.datagrams.len()
    }

    /// One of them.
    pub(super) fn datagram(&mut self, place: usize) -> Option<(LegId, SocketAddr, &mut [u8])> {
        let (leg, from, range) = self.datagrams.get(place)?.clone();
        Some((leg, from, self.bytes.get_mut(range)?))
    }
}

/// The reader's end of the way to one worker. The same few sacks go to and fro, so nothing is allocated; what does
/// not fit because the other does not keep up is dropped, as a full socket would.
#[derive(Debug)]
pub(super) struct Outward {
    full: SyncSender<Box<Sack>>,
    empty: Receiver<Box<Sack>>,
    filling: Option<Box<Sack>>,
}

/// The other end.
#[derive(Debug)]
pub(super) struct Inward {
    full: Receiver<Box<Sack>>,
    empty: SyncSender<Box<Sack>>,
}

/// The way from the reader to one worker.
pub(super) fn way() -> (Outward, Inward) {
    let (full, filled) = sync_channel(SACKS);
    let (emptied, empty) = sync_channel(SACKS);
    for _ in 0..SACKS {
        // It has room for all of them.
        let _ = emptied.try_send(Sack::new());
    }
    let outward = Outward {
        full,
        empty,
        filling: None,
    };
    let inward = Inward {
        full: filled,
        empty: emptied,
    };
    (outward, inward)
}

impl Outward {
    /// Sends a datagram along.
    pub(super) fn push(&mut self, leg: LegId, from: SocketAddr, datagram: &[u8]) {
        for _ in 0..2 {
            if self.filling.is_none() {
                self.filling = self.empty.try_recv().ok();
            }
            let Some(sack) = &mut self.filling else {
                return;
            };
            if sack.push(leg, from, datagram) {
                return;
            }
            self.flush();
        }
    }

    /// Sends what was begun.
    pub(super) fn flush(&mut self) {
        if let Some(sack) = self.filling.take() {
            // There is a place for each sack.
            let _ = self.full.try_send(sack);
        }
    }
}

impl Inward {
    /// The next sack.
    pub(super) fn take(&self) -> Option<Box<Sack>> {
        self.full.try_recv().ok()
    }

    /// Gives a sack back.
    pub(super) fn give_back(&self, mut sack: Box<Sack>) {
        sack.datagrams.clear();
        sack.filled = 0;
        // There is a place for each sack.
        let _ = self.empty.try_send(sack);
    }
}

/// Sacks between the reader and one worker: 256 datagrams, what 1,200 browsers send in a tick.
const SACKS: usize = 4;
/// Datagrams in a sack.
const SACK_DATAGRAMS: usize = 64;
/// So many of the size that sound has; of larger ones fewer fit.
const SACK_BYTES: usize = SACK_DATAGRAMS * 512;

/// Addresses of ours that have doors of their own.
pub(super) const DOORS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::DATAGRAM_MAX;
    use std::net::Ipv4Addr;

    #[test]
    fn an_address_with_a_door_of_its_own_answers_from_there() {
        let all = Door::bind(None, 0).unwrap();
        let port = all.port().unwrap();
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let own = Door::beside(ip, port).unwrap();
        assert!(own.is_at(ip) && !all.is_at(ip));
        let browser = UdpSocket::bind((ip, 0)).unwrap();
        browser.send_to(b"x", (ip, port)).unwrap();
        let (_, from) = own.socket.recv_from(&mut [0; 9]).unwrap();
        own.socket.send_to(b"y", from).unwrap();
        assert_eq!(browser.recv_from(&mut [0; 9]).unwrap().1, (ip, port).into());
        assert!(
            all.socket.recv_from(&mut [0; 9]).is_err(),
            "nothing came there"
        );
    }

    #[test]
    fn a_port_that_is_somebody_elses_is_not_shared() {
        let all = Door::bind(None, 0).unwrap();
        assert!(Door::bind(None, all.port().unwrap()).is_err());
    }

    #[test]
    fn sacks_go_to_and_fro_and_what_does_not_fit_is_dropped() {
        let (mut outward, inward) = way();
        let from = SocketAddr::from(([192, 0, 2, 7], 5_000));
        let fits = SACKS * SACK_DATAGRAMS;
        for _ in 0..3 {
            for number in 0..fits + 7 {
                outward.push(LegId(number as u64), from, &[number as u8; 100]);
            }
            outward.flush();
            let mut came = 0;
            while let Some(mut sack) = inward.take() {
                for place in 0..sack.len() {
                    let (leg, _, datagram) = sack.datagram(place).unwrap();
                    assert_eq!(datagram, [leg.0 as u8; 100]);
                    assert_eq!(leg.0, came);
                    came += 1;
                }
                inward.give_back(sack);
            }
            assert_eq!(came, fits as u64);
        }
    }

    #[test]
    fn the_largest_datagrams_fit_too() {
        let (mut outward, inward) = way();
        let from = SocketAddr::from(([192, 0, 2, 7], 5_000));
        for _ in 0..40 {
            outward.push(LegId(1), from, &[1; DATAGRAM_MAX]);
        }
        outward.flush();
        assert!(inward.take().unwrap().len() > 1);
    }
}
