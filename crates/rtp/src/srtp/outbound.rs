//! What we send.

use super::Refused;
use super::cipher::{Cipher, Place};
use super::key::MasterKey;
use super::layout::{Encryption, RTCP_INDICES, RtpLayout, Trailer, rtcp_ssrc};
use super::source::{Snapshot, Sources};
use super::window::{Window, index_of};

/// Protects what one side sends under one key.
#[derive(Debug)]
pub struct Outbound {
    key: MasterKey,
    rtp: Cipher,
    rtcp: Cipher,
    sources: Sources,
}

impl Outbound {
    /// A context of which nothing has been sent.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self {
            key: key.clone(),
            rtp: Cipher::rtp(key),
            rtcp: Cipher::rtcp(key),
            sources: Sources::default(),
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &MasterKey {
        &self.key
    }

    /// Protects an RTP packet of `length` bytes at the beginning of `buffer`, which must have room for
    /// [`super::Suite::OVERHEAD_MAX`] more. Gives the new length.
    ///
    /// # Errors
    /// When it is no RTP, or its index was used before or may have been: the same key stream for two
    /// packets would give both away.
    pub fn protect(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Refused> {
        let packet = buffer.get(..length).ok_or(Refused::NoRoom)?;
        let layout = RtpLayout::of(packet)?;
        let known = self.sources.find(layout.ssrc)?;
        let window = known.and_then(|source| source.rtp.as_ref());
        let index = index_of(window, layout.sequence).ok_or(Refused::TooOld)?;
        window.map_or(Ok(()), |window| window.check(index))?;
        let place = Place {
            ssrc: layout.ssrc,
            index,
        };
        let length = self.rtp.seal(place, layout.header, buffer, length)?;
        if let Some(source) = self.sources.know(layout.ssrc) {
            source
                .rtp
                .get_or_insert_with(|| Window::begin(index))
                .mark(index);
        }
        Ok(length)
    }

    /// Protects an RTCP packet of `length` bytes at the beginning of `buffer`, which must have room for
    /// [`super::Suite::OVERHEAD_MAX`] more. Gives the new length.
    ///
    /// # Errors
    /// When it is no RTCP, or the key is used up.
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Refused> {
        let packet = buffer.get(..length).ok_or(Refused::NoRoom)?;
        let ssrc = rtcp_ssrc(packet)?;
        let known = self.sources.find(ssrc)?;
        let window = known.and_then(|source| source.rtcp.as_ref());
        let next = window.map_or(1, |window| window.highest().saturating_add(1));
        let index = u32::try_from(next).ok().filter(|next| *next < RTCP_INDICES);
        let index = index.ok_or(Refused::Exhausted)?;
        let trailer = Trailer {
            encryption: Encryption::Encrypted,
            index,
        };
        let place = Place { ssrc, index: next };
        let length = self.rtcp.seal_rtcp(place, trailer, buffer, length)?;
        if let Some(source) = self.sources.know(ssrc) {
            source.rtcp = Some(Window::begin(next));
        }
        Ok(length)
    }

    /// How far it has come, as plain data.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.sources.snapshot(&self.key)
    }

    /// Goes on from a snapshot. Whoever sends on does so with numbers above those sent since it was taken,
    /// for what was sent then is not known here.
    #[must_use]
    pub fn resume(snapshot: &Snapshot) -> Self {
        Self {
            sources: Sources::resume(snapshot),
            ..Self::new(&snapshot.key)
        }
    }
}
