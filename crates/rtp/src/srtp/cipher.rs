//! The two ways of protecting, behind one face.

use super::Refused;
use super::counter::Counter;
use super::derive::Purpose;
use super::gcm::Gcm;
use super::key::MasterKey;
use super::layout::Trailer;
use super::suite::Suite;

/// Protects either RTP or RTCP with session keys.
#[derive(Debug)]
pub(super) enum Cipher {
    Counter(Box<Counter>),
    Gcm(Box<Gcm>),
}

/// What makes each packet's key stream its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) ssrc: u32,
    /// 48 bits of RTP, 31 of RTCP.
    pub(super) index: u64,
}

impl Cipher {
    pub(super) fn rtp(key: &MasterKey) -> Self {
        let purposes = [
            Purpose::RtpEncryption,
            Purpose::RtpAuthentication,
            Purpose::RtpSalt,
        ];
        Self::new(key, purposes, key.suite().tag_bytes())
    }

    pub(super) fn rtcp(key: &MasterKey) -> Self {
        let purposes = [
            Purpose::RtcpEncryption,
            Purpose::RtcpAuthentication,
            Purpose::RtcpSalt,
        ];
        Self::new(key, purposes, key.suite().rtcp_tag_bytes())
    }

    fn new(key: &MasterKey, [encryption, authentication, salt]: [Purpose; 3], tag: usize) -> Self {
        match key.suite() {
            Suite::AeadAes128Gcm => Self::Gcm(Box::new(Gcm::with_128(key, encryption, salt))),
            Suite::AeadAes256Gcm => Self::Gcm(Box::new(Gcm::with_256(key, encryption, salt))),
            Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => {
                let counter = Counter::new(key, encryption, authentication, salt, tag);
                Self::Counter(Box::new(counter))
            }
        }
    }

    /// Encrypts all of a packet of `length` bytes but its header, and puts the tag behind it. Gives the new
    /// length.
    pub(super) fn seal(
        &self,
        place: Place,
        header: usize,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        match self {
            Self::Counter(counter) => counter.seal(place, header, buffer, length),
            Self::Gcm(gcm) => gcm.seal(place, header, buffer, length),
        }
    }

    /// The reverse of [`Self::seal`].
    pub(super) fn open(
        &self,
        place: Place,
        header: usize,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        match self {
            Self::Counter(counter) => counter.open(place, header, packet),
            Self::Gcm(gcm) => gcm.open(place, header, packet),
        }
    }

    /// Encrypts an RTCP packet of `length` bytes, and puts index and tag behind it. Gives the new length.
    pub(super) fn seal_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        match self {
            Self::Counter(counter) => counter.seal_rtcp(place, trailer, buffer, length),
            Self::Gcm(gcm) => gcm.seal_rtcp(place, trailer, buffer, length),
        }
    }

    /// The index and the E bit of an RTCP packet, not verified yet.
    pub(super) fn trailer(&self, packet: &[u8]) -> Result<Trailer, Refused> {
        let behind = match self {
            Self::Counter(counter) => counter.tag_bytes(),
            Self::Gcm(_) => 0,
        };
        let end = packet.len().checked_sub(behind);
        let bytes = end.and_then(|end| packet.get(..end)?.last_chunk());
        Ok(Trailer::read(*bytes.ok_or(Refused::Malformed)?))
    }

    /// The reverse of [`Self::seal_rtcp`].
    pub(super) fn open_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        match self {
            Self::Counter(counter) => counter.open_rtcp(place, trailer, packet),
            Self::Gcm(gcm) => gcm.open_rtcp(place, trailer, packet),
        }
    }
}
