//! AES in counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1).

use super::Refused;
use super::cipher::Place;
use super::derive::{Purpose, count, counter_mode, derive};
use super::key::MasterKey;
use super::layout::{Encryption, RTCP_HEADER, Trailer};
use aws_lc_rs::cipher::EncryptingKey;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// The session keys of RTP or RTCP.
#[derive(Debug)]
pub(super) struct Counter {
    key: EncryptingKey,
    authentication: hmac::Key,
    salt: Zeroizing<[u8; SALT]>,
    tag_bytes: usize,
}

impl Counter {
    pub(super) fn new(
        key: &MasterKey,
        encryption: Purpose,
        authentication: Purpose,
        salt: Purpose,
        tag_bytes: usize,
    ) -> Self {
        let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        Self {
            key: counter_mode(&derive::<16>(key, encryption)[..]),
            authentication: hmac::Key::new(algorithm, &derive::<20>(key, authentication)[..]),
            salt: derive(key, salt),
            tag_bytes,
        }
    }

    pub(super) const fn tag_bytes(&self) -> usize {
        self.tag_bytes
    }

    pub(super) fn seal(
        &self,
        place: Place,
        header: usize,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        let (packet, room) = buffer.split_at_mut_checked(length).ok_or(Refused::NoRoom)?;
        let room = room.get_mut(..self.tag_bytes).ok_or(Refused::NoRoom)?;
        self.encrypt(place, header, packet)?;
        let tag = self.tag(&[packet, &roll_over(place)]);
        copy(room, tag.as_ref());
        Ok(length.saturating_add(self.tag_bytes))
    }

    pub(super) fn open(
        &self,
        place: Place,
        header: usize,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        let (packet, tag) = split_end(packet, self.tag_bytes)?;
        self.verify(&[packet, &roll_over(place)], tag)?;
        self.encrypt(place, header, packet)?;
        Ok(packet.len())
    }

    pub(super) fn seal_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        let (packet, room) = buffer.split_at_mut_checked(length).ok_or(Refused::NoRoom)?;
        let (index, room) = room
            .split_first_chunk_mut::<{ Trailer::SIZE }>()
            .ok_or(Refused::NoRoom)?;
        let room = room.get_mut(..self.tag_bytes).ok_or(Refused::NoRoom)?;
        self.encrypt(place, RTCP_HEADER, packet)?;
        *index = trailer.to_bytes();
        let tag = self.tag(&[packet, index]);
        copy(room, tag.as_ref());
        Ok(length
            .saturating_add(Trailer::SIZE)
            .saturating_add(self.tag_bytes))
    }

    pub(super) fn open_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        let (authenticated, tag) = split_end(packet, self.tag_bytes)?;
        self.verify(&[authenticated], tag)?;
        let (packet, _) = split_end(authenticated, Trailer::SIZE)?;
        if trailer.encryption == Encryption::Encrypted {
            self.encrypt(place, RTCP_HEADER, packet)?;
        }
        Ok(packet.len())
    }

    /// Encrypts, or decrypts, what follows the header.
    fn encrypt(&self, place: Place, header: usize, packet: &mut [u8]) -> Result<(), Refused> {
        let payload = packet.get_mut(header..).ok_or(Refused::Malformed)?;
        if !payload.is_empty() {
            count(&self.key, self.counter(place), payload);
        }
        Ok(())
    }

    /// salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16.
    fn counter(&self, place: Place) -> [u8; 16] {
        let [_, _, i0, i1, i2, i3, i4, i5] = place.index.to_be_bytes();
        let [c0, c1, c2, c3] = place.ssrc.to_be_bytes();
        let mut counter = [0, 0, 0, 0, c0, c1, c2, c3, i0, i1, i2, i3, i4, i5, 0, 0];
        for (byte, salt) in counter.iter_mut().zip(self.salt.iter()) {
            *byte ^= *salt;
        }
        counter
    }

    fn tag(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        for part in parts {
            context.update(part);
        }
        context.sign()
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), Refused> {
        let right = self.tag(parts);
        let right = right.as_ref().get(..tag.len());
        right
            .and_then(|right| verify_slices_are_equal(right, tag).ok())
            .ok_or(Refused::Forged)
    }
}

/// The roll-over counter, which is authenticated although it is not sent (RFC 3711 §4.2).
const fn roll_over(place: Place) -> [u8; 4] {
    let [_, _, r0, r1, r2, r3, _, _] = place.index.to_be_bytes();
    [r0, r1, r2, r3]
}

fn split_end(packet: &mut [u8], end: usize) -> Result<(&mut [u8], &mut [u8]), Refused> {
    let start = packet.len().checked_sub(end);
    start
        .and_then(|start| packet.split_at_mut_checked(start))
        .ok_or(Refused::Malformed)
}

fn copy(room: &mut [u8], tag: &[u8]) {
    for (byte, tag) in room.iter_mut().zip(tag) {
        *byte = *tag;
    }
}

const SALT: usize = 14;
