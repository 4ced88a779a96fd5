//! What we receive.

use super::Refused;
use super::cipher::{Cipher, Place};
use super::key::MasterKey;
use super::layout::{RtpLayout, rtcp_ssrc};
use super::source::{Snapshot, Sources};
use super::window::{Window, index_of};

/// Checks and decrypts what the other side sends under one key.
#[derive(Debug)]
pub struct Inbound {
    key: MasterKey,
    rtp: Cipher,
    rtcp: Cipher,
    sources: Sources,
    counts: InboundCounts,
}

/// What became of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboundCounts {
    /// Verified and decrypted.
    pub accepted: u64,
    /// With a wrong tag, or too short to have one.
    pub forged: u64,
    /// Used before, or too old to tell.
    pub replayed: u64,
    /// Of one source too many.
    pub excess: u64,
}

impl Inbound {
    /// A context of which nothing has been received.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self {
            key: key.clone(),
            rtp: Cipher::rtp(key),
            rtcp: Cipher::rtcp(key),
            sources: Sources::default(),
            counts: InboundCounts::default(),
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &MasterKey {
        &self.key
    }

    /// What became of packets so far.
    #[must_use]
    pub const fn counts(&self) -> InboundCounts {
        self.counts
    }

    /// Checks and decrypts an RTP packet in place. Gives its length without the tag.
    ///
    /// # Errors
    /// When it is not the other side's, or was seen before; its bytes are then of no use.
    pub fn unprotect(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let opened = self.open(packet);
        self.count(opened)
    }

    /// Checks and decrypts an RTCP packet in place. Gives its length without index and tag.
    ///
    /// # Errors
    /// When it is not the other side's, or was seen before; its bytes are then of no use.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let opened = self.open_rtcp(packet);
        self.count(opened)
    }

    /// How far it has come, as plain data.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.sources.snapshot(&self.key)
    }

    /// Goes on from a snapshot: what is not above its indices counts as received.
    #[must_use]
    pub fn resume(snapshot: &Snapshot) -> Self {
        Self {
            sources: Sources::resume(snapshot),
            ..Self::new(&snapshot.key)
        }
    }

    fn open(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let layout = RtpLayout::of(packet)?;
        let known = self.sources.find(layout.ssrc)?;
        let window = known.and_then(|source| source.rtp.as_ref());
        let index = index_of(window, layout.sequence).ok_or(Refused::TooOld)?;
        // Before the tag, which costs more.
        window.map_or(Ok(()), |window| window.check(index))?;
        let place = Place {
            ssrc: layout.ssrc,
            index,
        };
        let length = self.rtp.open(place, layout.header, packet)?;
        if let Some(source) = self.sources.know(layout.ssrc) {
            source
                .rtp
                .get_or_insert_with(|| Window::begin(index))
                .mark(index);
        }
        Ok(length)
    }

    fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let ssrc = rtcp_ssrc(packet)?;
        let trailer = self.rtcp.trailer(packet)?;
        let index = u64::from(trailer.index);
        let known = self.sources.find(ssrc)?;
        let window = known.and_then(|source| source.rtcp.as_ref());
        window.map_or(Ok(()), |window| window.check(index))?;
        let place = Place { ssrc, index };
        let length = self.rtcp.open_rtcp(place, trailer, packet)?;
        if let Some(source) = self.sources.know(ssrc) {
            source
                .rtcp
                .get_or_insert_with(|| Window::begin(index))
                .mark(index);
        }
        Ok(length)
    }

    const fn count(&mut self, opened: Result<usize, Refused>) -> Result<usize, Refused> {
        let count = match opened {
            Ok(_) => &mut self.counts.accepted,
            Err(Refused::Replayed | Refused::TooOld) => &mut self.counts.replayed,
            Err(Refused::TooManySources) => &mut self.counts.excess,
            Err(Refused::Forged | Refused::Malformed | Refused::NoRoom | Refused::Exhausted) => {
                &mut self.counts.forged
            }
        };
        *count = count.saturating_add(1);
        opened
    }
}
