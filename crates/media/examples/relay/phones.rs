//! Phones that send each other sound through a relay, and measure how long it is underway.

use crate::voice::{Stamp, Voice};
use media::batch::{BATCH, Inbox};
use rtp::Header;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Phones on this machine: each sends a packet every 20 ms, their moments spread evenly.
pub(crate) struct Phones {
    voices: Arc<[Voice]>,
    sockets: Arc<[UdpSocket]>,
}

/// Phones that are sending.
pub(crate) struct Talking {
    /// That nobody speaks any more, and that nobody listens.
    ends: [Arc<AtomicBool>; 2],
    sender: JoinHandle<u64>,
    receiver: JoinHandle<Vec<u32>>,
}

/// What they saw.
pub(crate) struct Seen {
    /// Packets sent.
    pub(crate) sent: u64,
    /// How long each that arrived was underway, in microseconds, in order of size.
    pub(crate) delays_us: Vec<u32>,
}

impl Phones {
    /// Opens a phone for each voice.
    pub(crate) fn open(voices: Vec<Voice>) -> io::Result<Self> {
        let socket = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        };
        let sockets = voices.iter().map(|_| socket());
        Ok(Self {
            sockets: sockets.collect::<io::Result<_>>()?,
            voices: voices.into(),
        })
    }

    /// Where each phone listens.
    pub(crate) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.sockets.iter().map(UdpSocket::local_addr).collect()
    }

    /// How many packets they send in that time.
    pub(crate) fn packets_in(&self, lasting: Duration) -> f64 {
        self.sockets.len() as f64 * lasting.as_secs_f64() / PACKET_EVERY.as_secs_f64()
    }

    /// Lets each phone send to its address of the relay.
    pub(crate) fn talk(&self, relay: Vec<SocketAddr>) -> io::Result<Talking> {
        let ends = [Arc::<AtomicBool>::default(), Arc::default()];
        let [quiet, deaf] = ends.clone();
        let began = Instant::now();
        let sockets = Arc::clone(&self.sockets);
        let receiver = thread("phones-hear", move || hear(&sockets, began, &deaf))?;
        let sockets = Arc::clone(&self.sockets);
        let voices = Arc::clone(&self.voices);
        let sender = thread("phones-say", move || {
            say((&sockets, &voices), &relay, began, &quiet)
        })?;
        Ok(Talking {
            ends,
            sender,
            receiver,
        })
    }
}

impl Talking {
    /// Ends it.
    pub(crate) fn end(self) -> io::Result<Seen> {
        let [quiet, deaf] = self.ends;
        quiet.store(true, Ordering::Release);
        let panicked = |_| io::Error::other("a thread of the phones panicked");
        let sent = self.sender.join().map_err(panicked)?;
        // What is underway arrives.
        std::thread::sleep(Duration::from_millis(300));
        deaf.store(true, Ordering::Release);
        let mut delays_us = self.receiver.join().map_err(panicked)?;
        delays_us.sort_unstable();
        Ok(Seen { sent, delays_us })
    }
}

fn thread<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.into()).spawn(run)
}

fn say(
    (sockets, voices): (&[UdpSocket], &[Voice]),
    relay: &[SocketAddr],
    began: Instant,
    end: &AtomicBool,
) -> u64 {
    let mut sent = 0;
    let mut packet = Vec::with_capacity(1_500);
    // Phone by phone, then the first one's next packet.
    for turn in 0_u64.. {
        let count = sockets.len() as u64;
        let (round, phone) = (turn / count, turn % count);
        let due = PACKET_EVERY * u32::try_from(round).unwrap_or(u32::MAX)
            + PACKET_EVERY * u32::try_from(phone).unwrap_or(0) / u32::try_from(count).unwrap_or(1);
        while let Some(rest) = due.checked_sub(began.elapsed()) {
            std::thread::sleep(rest.max(Duration::from_micros(500)));
        }
        if end.load(Ordering::Acquire) {
            return sent;
        }
        let voice = &voices[phone as usize];
        let header = Header {
            payload_type: voice.codec.payload_type,
            sequence: round as u16,
            timestamp: (round * u64::from(voice.codec.ticks_per_packet())) as u32,
            ssrc: phone as u32 + 1,
            ..Header::default()
        };
        packet.clear();
        packet.extend_from_slice(&header.to_bytes());
        // Each is at another place of what it says.
        let place = (round + phone * 7) as usize % voice.payloads.len();
        packet.extend_from_slice(&voice.payloads[place]);
        if voice.stamp == Stamp::Yes {
            let micros = began.elapsed().as_micros() as u64;
            packet[Header::SIZE..Header::SIZE + 8].copy_from_slice(&micros.to_be_bytes());
        }
        let phone = phone as usize;
        sent += u64::from(sockets[phone].send_to(&packet, relay[phone]).is_ok());
    }
    sent
}

fn hear(sockets: &[UdpSocket], began: Instant, end: &AtomicBool) -> Vec<u32> {
    let mut delays = Vec::new();
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("descriptors are left");
    for (place, socket) in (0..).zip(sockets) {
        let data = epoll::EventData::new_u64(place);
        epoll::add(&poll, socket, data, epoll::EventFlags::IN).expect("descriptors are left");
    }
    let mut ready = Vec::with_capacity(512);
    let mut inbox = Inbox::default();
    let patience = Timespec {
        tv_sec: 0,
        tv_nsec: 50_000_000,
    };
    while !end.load(Ordering::Acquire) {
        ready.clear();
        if epoll::wait(&poll, spare_capacity(&mut ready), Some(&patience)).is_err() {
            continue;
        }
        for event in &ready {
            let count = inbox
                .receive(&sockets[event.data.u64() as usize])
                .unwrap_or(0);
            let now = began.elapsed().as_micros() as u64;
            for place in 0..count.min(BATCH) {
                let Some((_, datagram)) = inbox.datagram(place) else {
                    continue;
                };
                if let Some(&stamp) = datagram.get(Header::SIZE..).and_then(<[u8]>::first_chunk) {
                    delays.push(now.saturating_sub(u64::from_be_bytes(stamp)) as u32);
                }
            }
        }
    }
    delays
}

const PACKET_EVERY: Duration = Duration::from_millis(20);
