//! The least that a relay can do: read what came on each tick, and send it on unread.

use media::batch::{Inbox, Outbox};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A running loop.
pub(crate) struct Bare {
    /// Where each phone sends to.
    pub(crate) addresses: Vec<SocketAddr>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bare {
    /// Relays between phones, of which the two of a call stand next to each other.
    pub(crate) fn start(phones: Vec<SocketAddr>, tick: Duration) -> io::Result<Self> {
        let sockets: Vec<_> = phones
            .iter()
            .map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<io::Result<_>>()?;
        let addresses = sockets.iter().map(UdpSocket::local_addr);
        let addresses = addresses.collect::<io::Result<_>>()?;
        let end = Arc::<AtomicBool>::default();
        let ended = Arc::clone(&end);
        let thread = std::thread::Builder::new()
            .name(THREAD.into())
            .spawn(move || relay(&sockets, &phones, tick, &ended))?;
        Ok(Self {
            addresses,
            end,
            thread: Some(thread),
        })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn relay(sockets: &[UdpSocket], phones: &[SocketAddr], tick: Duration, end: &AtomicBool) {
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("descriptors are left");
    for (place, socket) in (0..).zip(sockets) {
        let data = epoll::EventData::new_u64(place);
        epoll::add(&poll, socket, data, epoll::EventFlags::IN).expect("descriptors are left");
    }
    let mut ready = Vec::with_capacity(1_024);
    let (mut inbox, mut outbox) = (Inbox::default(), Outbox::default());
    let mut next = Instant::now();
    while !end.load(Ordering::Acquire) {
        ready.clear();
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        if epoll::wait(&poll, spare_capacity(&mut ready), Some(&at_once)).is_ok() {
            for event in &ready {
                let place = event.data.u64() as usize;
                let other = place ^ 1;
                for datagram in 0..inbox.receive(&sockets[place]).unwrap_or(0) {
                    if let Some((_, bytes)) = inbox.datagram(datagram) {
                        let _ = outbox.push(phones[other], bytes);
                    }
                }
                outbox.send(&sockets[other]);
            }
        }
        next += tick;
        match next.checked_duration_since(Instant::now()) {
            Some(rest) => std::thread::sleep(rest),
            None => next = Instant::now(),
        }
    }
}

/// The name of its thread.
pub(crate) const THREAD: &str = "bare";
