//! Packets into datagrams.

use super::DATAGRAM_MAX;
use std::collections::VecDeque;

/// Numbers packets and repeats those before in each datagram.
#[derive(Debug)]
pub struct Outbound {
    next: u16,
    redundancy: usize,
    datagram_max: usize,
    /// Newest first.
    before: VecDeque<Vec<u8>>,
}

impl Outbound {
    /// Repeats so many packets in each datagram, as far as the other side takes it (`T38FaxMaxDatagram`).
    #[must_use]
    pub fn new(redundancy: usize, datagram_max: usize) -> Self {
        Self {
            next: 0,
            redundancy: redundancy.min(REDUNDANCY_MAX),
            datagram_max: datagram_max.min(DATAGRAM_MAX),
            before: VecDeque::new(),
        }
    }

    /// The datagram of a packet, which is shorter than 16,384 bytes.
    pub fn datagram(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(DATAGRAM_MAX);
        bytes.extend(self.next.to_be_bytes());
        self.next = self.next.wrapping_add(1);
        field(&mut bytes, packet);
        bytes.push(0); // Packets follow, no parities.
        let mut size = bytes.len() + 1;
        let repeated = self
            .before
            .iter()
            .take_while(|packet| {
                size += packet.len() + 2;
                size <= self.datagram_max
            })
            .count();
        bytes.push(u8::try_from(repeated).unwrap_or(0));
        for packet in self.before.iter().take(repeated) {
            field(&mut bytes, packet);
        }
        self.before.push_front(packet.to_vec());
        self.before.truncate(self.redundancy);
        bytes
    }
}

fn field(bytes: &mut Vec<u8>, packet: &[u8]) {
    if let Ok(length @ 0..128) = u8::try_from(packet.len()) {
        bytes.push(length);
    } else {
        bytes.push(0x80 | (packet.len() >> 8 & 0x3F) as u8);
        bytes.push((packet.len() & 0xFF) as u8);
    }
    bytes.extend_from_slice(packet);
}

/// More than this would help nobody.
const REDUNDANCY_MAX: usize = 8;
