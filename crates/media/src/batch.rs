//! Datagrams in batches: several read from, or sent through, one socket with one system call.
//!
//! This is the one module of this crate that is not safe Rust: the standard library has neither `recvmmsg`
//! nor `sendmmsg`. What leaves it is checked and safe.
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;

/// Room for the datagrams that one call reads.
pub struct Inbox {
    buffers: Box<[[u8; DATAGRAM_MAX]; BATCH]>,
    from: [Option<SocketAddr>; BATCH],
    lengths: [usize; BATCH],
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            buffers: Box::new([[0; DATAGRAM_MAX]; BATCH]),
            from: [None; BATCH],
            lengths: [0; BATCH],
        }
    }
}

impl Inbox {
    /// Reads what waits in a socket, at most [`BATCH`] datagrams, without waiting for any. Returns how many there
    /// were; `BATCH` means that there may be more. What is longer than [`DATAGRAM_MAX`] is cut off.
    ///
    /// # Errors
    /// Those of the socket. That nothing waits is none, nor that an earlier datagram found a closed port.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        // SAFETY: all three are plain data of the kernel's, for which zero bytes are valid values.
        let (mut names, mut parts, mut heads): (
            [libc::sockaddr_storage; BATCH],
            [libc::iovec; BATCH],
            [libc::mmsghdr; BATCH],
        ) = unsafe { (zeroed(), zeroed(), zeroed()) };
        let places = names.iter_mut().zip(&mut parts).zip(&mut heads);
        for (((name, part), head), buffer) in places.zip(self.buffers.iter_mut()) {
            part.iov_base = buffer.as_mut_ptr().cast();
            part.iov_len = buffer.len();
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            head.msg_hdr.msg_name = std::ptr::from_mut(name).cast();
            head.msg_hdr.msg_namelen = NAME_BYTES;
        }
        let got = loop {
            // SAFETY: each head points to one name and one part, and each part to one buffer; all outlive the call
            // and are written with the lengths given. The descriptor is open, for the socket is borrowed.
            let got = unsafe {
                libc::recvmmsg(
                    socket.as_raw_fd(),
                    heads.as_mut_ptr(),
                    BATCH as libc::c_uint,
                    libc::MSG_DONTWAIT,
                    std::ptr::null_mut(),
                )
            };
            match usize::try_from(got) {
                Ok(got) => break got,
                Err(_) => match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                    error if is_passing(&error) => {}
                    error => return Err(error),
                },
            }
        };
        for (place, (name, head)) in names.iter().zip(&heads).enumerate().take(got) {
            self.from[place] = address(name);
            self.lengths[place] = DATAGRAM_MAX.min(head.msg_len as usize);
        }
        Ok(got)
    }

    /// One of the datagrams that were read last, and from where it came.
    pub fn datagram(&mut self, place: usize) -> Option<(SocketAddr, &mut [u8])> {
        let from = (*self.from.get(place)?)?;
        let length = *self.lengths.get(place)?;
        Some((from, self.buffers.get_mut(place)?.get_mut(..length)?))
    }
}

/// Datagrams that wait to be sent through one socket.
#[derive(Debug)]
pub struct Outbox {
    bytes: Box<[u8]>,
    filled: usize,
    waiting: Vec<(SocketAddr, std::ops::Range<usize>)>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            bytes: vec![0; OUTBOX_BYTES].into(),
            filled: 0,
            waiting: Vec::with_capacity(BATCH),
        }
    }
}

impl Outbox {
    /// Puts a datagram behind those that wait; `Err` gives it back when there is no room, and the others must go
    /// first.
    ///
    /// # Errors
    /// When [`BATCH`] datagrams wait, or their bytes fill the box.
    pub fn push<'a>(&mut self, to: SocketAddr, datagram: &'a [u8]) -> Result<(), &'a [u8]> {
        let range = self.filled..self.filled + datagram.len();
        match self.bytes.get_mut(range.clone()) {
            Some(room) if self.waiting.len() < BATCH => room.copy_from_slice(datagram),
            Some(_) | None => return Err(datagram),
        }
        self.filled = range.end;
        self.waiting.push((to, range));
        Ok(())
    }

    /// Whether none waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Sends all that wait and returns how many the kernel took. What it refuses is lost, as on any network.
    pub fn send(&mut self, socket: &UdpSocket) -> usize {
        // SAFETY: plain data of the kernel's, for which zero bytes are valid values.
        let (mut names, mut parts, mut heads): (
            [MaybeUninit<libc::sockaddr_storage>; BATCH],
            [libc::iovec; BATCH],
            [libc::mmsghdr; BATCH],
        ) = unsafe { ([MaybeUninit::zeroed(); BATCH], zeroed(), zeroed()) };
        let places = names.iter_mut().zip(&mut parts).zip(&mut heads);
        for (((name, part), head), (to, range)) in places.zip(&self.waiting) {
            part.iov_base = self.bytes[range.clone()].as_ptr().cast_mut().cast();
            part.iov_len = range.len();
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            head.msg_hdr.msg_namelen = put(*to, name);
            head.msg_hdr.msg_name = name.as_mut_ptr().cast();
        }
        let (mut done, mut taken) = (0, 0);
        let count = self.waiting.len();
        while let Some(rest) = heads.get_mut(done..count).filter(|rest| !rest.is_empty()) {
            // SAFETY: each head points to one name, written with the length given, and one part, which points to
            // bytes of the box; the kernel only reads them. The descriptor is open, for the socket is borrowed.
            let sent = unsafe {
                libc::sendmmsg(
                    socket.as_raw_fd(),
                    rest.as_mut_ptr(),
                    rest.len() as libc::c_uint,
                    libc::MSG_DONTWAIT,
                )
            };
            // An error is that of the first one, which is left out.
            let sent = usize::try_from(sent).unwrap_or(0);
            taken += sent;
            done += sent.max(1);
        }
        self.waiting.clear();
        self.filled = 0;
        taken
    }
}

/// Whether reading may simply be tried again: it was interrupted, or is told that the port of an earlier datagram
/// is closed (ICMP).
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused
    )
}

fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let name = std::ptr::from_ref(name);
    // SAFETY: a storage is large enough and aligned for each kind of address, and fully initialised: it was zeroed
    // before the kernel wrote to it. The family says which kind it is.
    unsafe {
        match libc::c_int::from((*name).ss_family) {
            libc::AF_INET => {
                let v4 = &*name.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                let v6 = &*name.cast::<libc::sockaddr_in6>();
                let (ip, port) = (Ipv6Addr::from(v6.sin6_addr.s6_addr), v6.sin6_port);
                let port = u16::from_be(port);
                Some(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

fn put(to: SocketAddr, name: &mut MaybeUninit<libc::sockaddr_storage>) -> libc::socklen_t {
    match to {
        SocketAddr::V4(v4) => {
            // SAFETY: plain data, for which zero bytes are valid; the storage is large enough and aligned for it.
            unsafe {
                let mut written: libc::sockaddr_in = zeroed();
                written.sin_family = libc::AF_INET as libc::sa_family_t;
                written.sin_port = v4.port().to_be();
                written.sin_addr.s_addr = v4.ip().to_bits().to_be();
                name.as_mut_ptr().cast::<libc::sockaddr_in>().write(written);
            }
            size_of::<libc::sockaddr_in>() as libc::socklen_t
        }
        SocketAddr::V6(v6) => {
            // SAFETY: as above.
            unsafe {
                let mut written: libc::sockaddr_in6 = zeroed();
                written.sin6_family = libc::AF_INET6 as libc::sa_family_t;
                written.sin6_port = v6.port().to_be();
                written.sin6_flowinfo = v6.flowinfo();
                written.sin6_addr.s6_addr = v6.ip().octets();
                written.sin6_scope_id = v6.scope_id();
                name.as_mut_ptr()
                    .cast::<libc::sockaddr_in6>()
                    .write(written);
            }
            size_of::<libc::sockaddr_in6>() as libc::socklen_t
        }
    }
}

/// Datagrams of one call. A phone sends one each 20 ms, so that few wait in one socket.
pub const BATCH: usize = 8;
/// Longer ones are cut off; no RTP over Ethernet is.
pub const DATAGRAM_MAX: usize = 2_048;
const OUTBOX_BYTES: usize = BATCH * DATAGRAM_MAX;
const NAME_BYTES: libc::socklen_t = size_of::<libc::sockaddr_storage>() as libc::socklen_t;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_datagrams_go_and_come_with_their_addresses() {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let (Ok(one), Ok(other)) = (UdpSocket::bind(host), UdpSocket::bind(host)) else {
                // A machine without IPv6.
                continue;
            };
            let (from, to) = (one.local_addr().unwrap(), other.local_addr().unwrap());
            let mut outbox = Outbox::default();
            outbox.push(to, b"first").unwrap();
            outbox.push(to, b"").unwrap();
            outbox.push(to, &[7; DATAGRAM_MAX]).unwrap();
            assert_eq!((outbox.send(&one), outbox.is_empty()), (3, true));
            let mut inbox = Inbox::default();
            assert_eq!(inbox.receive(&other).unwrap(), 3);
            assert_eq!(
                inbox.datagram(0),
                Some((from, &mut b"first"[..].to_vec()[..]))
            );
            assert_eq!(inbox.datagram(1).map(|(_, bytes)| bytes.len()), Some(0));
            assert_eq!(inbox.datagram(2), Some((from, &mut [7; DATAGRAM_MAX][..])));
            assert_eq!(inbox.receive(&other).unwrap(), 0, "no call waits");
        }
    }

    #[test]
    fn what_has_no_room_is_given_back() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = socket.local_addr().unwrap();
        let mut outbox = Outbox::default();
        for _ in 0..BATCH {
            outbox.push(to, b"x").unwrap();
        }
        assert_eq!(outbox.push(to, b"y"), Err(&b"y"[..]));
        assert_eq!(outbox.send(&socket), BATCH);
        assert_eq!(
            outbox.push(to, &[0; OUTBOX_BYTES + 1]).unwrap_err().len(),
            OUTBOX_BYTES + 1
        );
    }

    #[test]
    fn one_that_cannot_be_sent_does_not_keep_back_the_others() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = socket.local_addr().unwrap();
        let mut outbox = Outbox::default();
        for address in [to, "[::1]:9".parse().unwrap(), to] {
            outbox.push(address, b"x").unwrap();
        }
        assert_eq!(outbox.send(&socket), 2);
        assert_eq!(Inbox::default().receive(&socket).unwrap(), 2);
    }

    #[test]
    fn one_too_long_is_cut_off() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = socket.local_addr().unwrap();
        socket.send_to(&[1; DATAGRAM_MAX + 5], to).unwrap();
        let mut inbox = Inbox::default();
        assert_eq!(inbox.receive(&socket).unwrap(), 1);
        assert_eq!(inbox.datagram(0).unwrap().1.len(), DATAGRAM_MAX);
    }
}
