//! What protecting costs: `cargo run --release -p bellwire-rtp --example srtp`.
//!
//! A relayed packet of 20 ms of G.711 is unprotected with one key and protected with another.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement, not the product"
)]

use rtp::Header;
use rtp::srtp::{Inbound, MasterKey, Outbound, Suite};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    println!(
        "{:<60}{:>10}{:>10}{:>9}",
        "crypto of a relayed packet [ns]", "figure", "reach", "reached"
    );
    for suite in Suite::BEST_FIRST {
        let is = measure(suite);
        let reach = match suite {
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => 350.0,
            Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => 1_200.0,
        };
        let reached = if is <= reach { "yes" } else { "NO" };
        println!("{:<60}{is:>10.0}{reach:>10.0}{reached:>9}", suite.name());
    }
}

/// The best of several rounds: what disturbs only adds.
fn measure(suite: Suite) -> f64 {
    (0..ROUNDS).map(|_| round(suite)).fold(f64::MAX, f64::min)
}

fn round(suite: Suite) -> f64 {
    let key = |byte| MasterKey::new(suite, &vec![byte; suite.key_and_salt_bytes()]).unwrap();
    let mut phone = Outbound::new(&key(1));
    let packets: Vec<_> = (0..PACKETS)
        .map(|number| sent(&mut phone, number))
        .collect();
    let (mut inbound, mut outbound) = (Inbound::new(&key(1)), Outbound::new(&key(2)));
    let mut buffers = packets;
    let begin = Instant::now();
    for buffer in &mut buffers {
        let end = buffer.len() - Suite::OVERHEAD_MAX;
        let (packet, _) = buffer.split_at_mut(end);
        let length = inbound.unprotect(packet).unwrap();
        black_box(outbound.protect(buffer, length).unwrap());
    }
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(PACKETS)
}

/// A packet as the phone sends it, with room behind it.
fn sent(phone: &mut Outbound, number: u16) -> Vec<u8> {
    let header = Header {
        sequence: number,
        timestamp: u32::from(number) * 160,
        ssrc: 7,
        ..Header::default()
    };
    let mut packet = header.to_bytes().to_vec();
    packet.resize(Header::SIZE + PAYLOAD + Suite::OVERHEAD_MAX, 0x55);
    let length = phone.protect(&mut packet, Header::SIZE + PAYLOAD).unwrap();
    packet.resize(length + Suite::OVERHEAD_MAX, 0);
    packet
}

/// 20 ms of G.711.
const PAYLOAD: usize = 160;
const PACKETS: u16 = 10_000;
const ROUNDS: usize = 20;
