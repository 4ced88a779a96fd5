//! Ports that no other test has, on a machine where many run at once.

use std::fs::{File, OpenOptions, TryLockError};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::RangeInclusive;

/// Consecutive ports on the loopback address, ours while the value lives.
///
/// They lie below those that the kernel gives to whoever asks for any port, and every block of them is held by
/// a lock on a file, which goes with the process that holds it. So neither another test nor a connection that
/// happens to be made can take one between the moment it is chosen and the moment the program under test binds it.
#[derive(Debug)]
pub struct Lease {
    first: u16,
    count: u16,
    next: u16,
    _locks: Vec<File>,
}

impl Lease {
    /// Takes at least so many ports.
    ///
    /// # Panics
    /// When all are taken.
    #[must_use]
    pub fn of(count: u16) -> Self {
        let blocks = count.div_ceil(BLOCK).max(1);
        let folder = std::env::temp_dir().join("bellwire-test-ports");
        // It may be there already; if it cannot be made, opening the locks tells.
        let _ = std::fs::create_dir(&folder);
        // One looks at a time: two that look side by side take blocks out of each other's way for ever.
        let turn = File::create(folder.join("turn")).and_then(|turn| turn.lock().map(|()| turn));
        let _turn = turn.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut locks: Vec<File> = Vec::new();
        // Runs that start together do not all try the same block first.
        let begin = u16::try_from(std::process::id() % u32::from(BLOCKS)).unwrap_or_default();
        for step in 0..BLOCKS {
            let block = (begin + step) % BLOCKS;
            if block == 0 {
                locks.clear();
            }
            match lock(&folder.join(block.to_string())).filter(|_| is_free(block)) {
                Some(file) => locks.push(file),
                None => locks.clear(),
            }
            if locks.len() == usize::from(blocks) {
                return Self {
                    first: FIRST + (block + 1 - blocks) * BLOCK,
                    count: blocks * BLOCK,
                    next: 0,
                    _locks: locks,
                };
            }
        }
        panic!(
            "no {count} consecutive ports are free; see the locks in {}",
            folder.display()
        );
    }

    /// One of the ports, each time another.
    ///
    /// # Panics
    /// When more are asked for than were leased.
    pub fn port(&mut self) -> u16 {
        *self.ports(1).start()
    }

    /// As [`Lease::port`], as an address.
    pub fn address(&mut self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port()))
    }

    /// Consecutive ports that begin with an even one when there are at least two: for RTP and RTCP.
    ///
    /// # Panics
    /// When more are asked for than were leased.
    pub fn ports(&mut self, count: u16) -> RangeInclusive<u16> {
        if count > 1 {
            self.next += (self.first + self.next) % 2;
        }
        let first = self.first + self.next;
        self.next += count;
        assert!(
            self.next <= self.count,
            "the lease is of {} ports only",
            self.count
        );
        first..=first + count - 1
    }
}

/// Whether somebody listens for datagrams there.
#[must_use]
pub(crate) fn is_taken(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_err()
}

/// The lock of a block, unless another process or test has it.
fn lock(path: &std::path::Path) -> Option<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

/// Whether nobody else, who knows nothing of the locks, uses a port of the block.
fn is_free(block: u16) -> bool {
    let first = FIRST + block * BLOCK;
    (first..first + BLOCK).all(|port| {
        UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
            && TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
    })
}

/// The first port of the first block. Linux gives out ports from 32768 on; RTP defaults end at 20000.
const FIRST: u16 = 20_400;
/// Ports of a block.
const BLOCK: u16 = 20;
/// Blocks; the last ends below 32768.
const BLOCKS: u16 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_leases_share_no_port() {
        let (mut one, mut other) = (Lease::of(30), Lease::of(30));
        let (one, other) = (one.ports(30), other.ports(30));
        assert!(
            one.end() < other.start() || other.end() < one.start(),
            "{one:?} {other:?}"
        );
        assert_eq!(one.start() % 2, 0);
    }

    #[test]
    fn a_port_is_given_once() {
        let mut lease = Lease::of(3);
        let first = lease.port();
        assert_ne!(first, lease.port());
    }
}
