//! Captures as files that Wireshark reads: raw IP, nanoseconds (draft-ietf-opsawg-pcap).

use crate::network::Captured;
use std::net::{IpAddr, Ipv6Addr};

/// The whole file.
pub(crate) fn file<'c>(captured: impl Iterator<Item = &'c Captured>) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [MAGIC_NANOSECONDS, VERSION, 0, 0, SNAPSHOT, LINK_RAW_IP] {
        file.extend(word.to_le_bytes());
    }
    for Captured { at, datagram } in captured {
        let (from, to) = (datagram.from, datagram.to);
        let udp = udp(from.port(), to.port(), &datagram.bytes);
        let packet = match (from.ip(), to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => ipv4(from.octets(), to.octets(), &udp),
            (from, to) => ipv6(six(from), six(to), &udp),
        };
        let seconds = u32::try_from(at.0 / 1_000_000).unwrap_or(u32::MAX);
        let nanos = u32::try_from(at.0 % 1_000_000 * 1_000).unwrap_or(0);
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        for word in [seconds, nanos, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

fn udp(from: u16, to: u16, bytes: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(8 + bytes.len());
    packet.extend(from.to_be_bytes());
    packet.extend(to.to_be_bytes());
    packet.extend(size(8 + bytes.len()));
    // No checksum: nothing was ever on a wire (RFC 768).
    packet.extend([0, 0]);
    packet.extend(bytes);
    packet
}

fn ipv4(from: [u8; 4], to: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(size(20 + body.len()));
    packet.extend([0, 0, 0, 0, 64, UDP, 0, 0]);
    packet.extend(from);
    packet.extend(to);
    let words = packet.chunks_exact(2).map(|pair| match pair {
        [high, low] => u32::from(*high) << 8 | u32::from(*low),
        _ => 0,
    });
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = u16::try_from(!folded & 0xffff).unwrap_or(0);
    if let Some(place) = packet.get_mut(10..12) {
        place.copy_from_slice(&checksum.to_be_bytes());
    }
    packet.extend(body);
    packet
}

fn ipv6(from: Ipv6Addr, to: Ipv6Addr, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(size(body.len()));
    packet.extend([UDP, 64]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    packet.extend(body);
    packet
}

fn six(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

fn size(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
/// 2.4.
const VERSION: u32 = 4 << 16 | 2;
const SNAPSHOT: u32 = 65_535;
const LINK_RAW_IP: u32 = 101;
const UDP: u8 = 17;
