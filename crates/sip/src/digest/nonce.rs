//! Nonces that need no memory: they carry their time and a proof that we made them for that address.

use super::hash::{Mac, hex, same, unhex};
use crate::Time;
use std::net::IpAddr;

/// Tells a nonce from all others; later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nonce {
    pub(super) made: Time,
    /// Tells those apart that were made at the same time.
    serial: u32,
}

impl Nonce {
    pub(super) const fn new(made: Time, serial: u32) -> Self {
        Self { made, serial }
    }

    /// As it is sent: time, serial number and proof.
    pub(super) fn write(self, mac: &Mac, source: IpAddr) -> String {
        let bytes = self.bytes();
        let mut text = hex(&bytes);
        text.push_str(&proof(mac, &bytes, source));
        text
    }

    /// Reads one that we made for that address; any other is none.
    pub(super) fn read(text: &str, mac: &Mac, source: IpAddr) -> Option<Self> {
        let (written, proven) = text.split_at_checked(WRITTEN_DIGITS)?;
        let bytes: [u8; WRITTEN_DIGITS / 2] = unhex(written)?;
        let [a, b, c, d, e, f, g, h, serial @ ..] = bytes;
        let made = Time(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        let nonce = Self {
            made,
            serial: u32::from_be_bytes(serial),
        };
        same(&proof(mac, &bytes, source), proven).then_some(nonce)
    }

    fn bytes(self) -> [u8; WRITTEN_DIGITS / 2] {
        let [a, b, c, d, e, f, g, h] = self.made.0.to_be_bytes();
        let [i, j, k, l] = self.serial.to_be_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }
}

/// 128 bits of the MAC. An IPv4 address is the same however it is written.
fn proof(mac: &Mac, nonce: &[u8], source: IpAddr) -> String {
    let [proof @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = match source.to_canonical() {
        IpAddr::V4(ip) => mac.of(&[nonce, &ip.octets()]),
        IpAddr::V6(ip) => mac.of(&[nonce, &ip.octets()]),
    };
    hex(&proof)
}

/// Eight bytes of time and four of serial number.
const WRITTEN_DIGITS: usize = 24;
