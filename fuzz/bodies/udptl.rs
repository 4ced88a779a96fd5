//! Datagrams of T.38: any bytes, as one datagram and as many.

use fax::udptl::{Inbound, Outbound, Recovery, read};

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    if let Ok(datagram) = read(bytes) {
        let entries = match datagram.recovery {
            Recovery::Packets(packets) => packets,
            Recovery::Parities { parities, .. } => parities,
        };
        let total: usize = entries.iter().map(|entry| entry.len()).sum();
        assert!(total + datagram.packet.len() < bytes.len());
    }
    many(bytes);
    comes_back(bytes);
}

/// Each length byte begins a datagram; numbers never go back while nothing begins anew.
fn many(mut bytes: &[u8]) {
    let mut inbound = Inbound::default();
    while let Some((length, rest)) = bytes.split_first() {
        let (datagram, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        bytes = rest;
        let packets = inbound.take(datagram).unwrap_or_default();
        assert!(packets.len() <= usize::from(u16::MAX));
        assert!(packets.is_sorted_by(|a, b| b.0.wrapping_sub(a.0).wrapping_sub(1) < 0x4000));
    }
}

/// What is written is read, in whatever pieces.
fn comes_back(bytes: &[u8]) {
    let mut outbound = Outbound::new(3, 1_400);
    let mut inbound = Inbound::default();
    for (index, packet) in bytes.chunks(40).enumerate().take(1_000) {
        let datagram = outbound.datagram(packet);
        let packets = inbound.take(&datagram).expect("we write what we read");
        assert_eq!(packets, [(index as u16, packet.to_vec())]);
    }
}
