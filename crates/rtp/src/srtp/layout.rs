//! Where the parts of a packet are.

use super::Refused;
use crate::packet::{Header, header_bytes};

/// SSRC, sequence number and length of the header of an RTP packet; what follows is encrypted.
pub(super) struct RtpLayout {
    pub(super) ssrc: u32,
    pub(super) sequence: u16,
    pub(super) header: usize,
}

impl RtpLayout {
    pub(super) fn of(packet: &[u8]) -> Result<Self, Refused> {
        let header = header_bytes(packet).map_err(|_| Refused::Malformed)?;
        let fixed = packet.first_chunk::<{ Header::SIZE }>();
        let [_, _, s0, s1, _, _, _, _, c0, c1, c2, c3] = *fixed.ok_or(Refused::Malformed)?;
        Ok(Self {
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            sequence: u16::from_be_bytes([s0, s1]),
            header,
        })
    }
}

/// The SSRC of the first part of an RTCP packet. What follows [`RTCP_HEADER`] is encrypted.
pub(super) fn rtcp_ssrc(packet: &[u8]) -> Result<u32, Refused> {
    let head = packet.first_chunk::<RTCP_HEADER>();
    let [flags, _, _, _, c0, c1, c2, c3] = *head.ok_or(Refused::Malformed)?;
    if flags >> 6 != VERSION {
        return Err(Refused::Malformed);
    }
    Ok(u32::from_be_bytes([c0, c1, c2, c3]))
}

/// The word at the end of an SRTCP packet (RFC 3711 §3.4): whether it is encrypted, and its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) encryption: Encryption,
    /// Below 2^31.
    pub(super) index: u32,
}

/// The E bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Encrypted,
    Clear,
}

impl Trailer {
    pub(super) const SIZE: usize = 4;

    pub(super) const fn read(bytes: [u8; Self::SIZE]) -> Self {
        let word = u32::from_be_bytes(bytes);
        Self {
            encryption: if word & E_BIT == 0 {
                Encryption::Clear
            } else {
                Encryption::Encrypted
            },
            index: word & !E_BIT,
        }
    }

    pub(super) const fn to_bytes(self) -> [u8; Self::SIZE] {
        let bit = match self.encryption {
            Encryption::Encrypted => E_BIT,
            Encryption::Clear => 0,
        };
        (self.index | bit).to_be_bytes()
    }
}

/// Bytes of an RTCP packet that are never encrypted.
pub(super) const RTCP_HEADER: usize = 8;
/// Indices of RTCP under one key.
pub(super) const RTCP_INDICES: u32 = E_BIT;
const E_BIT: u32 = 1 << 31;
const VERSION: u8 = 2;
