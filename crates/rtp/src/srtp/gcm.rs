//! AES in Galois/counter mode (RFC 7714).

use super::Refused;
use super::cipher::Place;
use super::derive::{Purpose, derive};
use super::key::MasterKey;
use super::layout::{Encryption, RTCP_HEADER, Trailer};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// The session keys of RTP or RTCP.
#[derive(Debug)]
pub(super) struct Gcm {
    key: LessSafeKey,
    /// As a number of 96 bits.
    salt: Zeroizing<u128>,
}

impl Gcm {
    pub(super) fn with_128(key: &MasterKey, encryption: Purpose, salt: Purpose) -> Self {
        Self::new(
            &AES_128_GCM,
            &derive::<16>(key, encryption)[..],
            derive(key, salt),
        )
    }

    pub(super) fn with_256(key: &MasterKey, encryption: Purpose, salt: Purpose) -> Self {
        Self::new(
            &AES_256_GCM,
            &derive::<32>(key, encryption)[..],
            derive(key, salt),
        )
    }

    pub(super) fn new(
        algorithm: &'static Algorithm,
        key: &[u8],
        salt: Zeroizing<[u8; SALT]>,
    ) -> Self {
        let key = UnboundKey::new(algorithm, key).expect("the key is as long as the suite's");
        let fold = |number, byte: &u8| number << 8 | u128::from(*byte);
        Self {
            key: LessSafeKey::new(key),
            salt: Zeroizing::new(salt.iter().fold(0, fold)),
        }
    }

    pub(super) fn seal(
        &self,
        place: Place,
        header: usize,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        let (packet, room) = buffer.split_at_mut_checked(length).ok_or(Refused::NoRoom)?;
        let (header, payload) = packet
            .split_at_mut_checked(header)
            .ok_or(Refused::Malformed)?;
        let room = room.first_chunk_mut::<TAG>().ok_or(Refused::NoRoom)?;
        *room = self.encrypt(place, header, payload)?;
        Ok(length.saturating_add(TAG))
    }

    pub(super) fn open(
        &self,
        place: Place,
        header: usize,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        let (head, sealed) = packet
            .split_at_mut_checked(header)
            .ok_or(Refused::Malformed)?;
        let payload = self.decrypt(place, head, sealed)?;
        Ok(header.saturating_add(payload))
    }

    pub(super) fn seal_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, Refused> {
        let (packet, room) = buffer.split_at_mut_checked(length).ok_or(Refused::NoRoom)?;
        let (tag, room) = room.split_first_chunk_mut::<TAG>().ok_or(Refused::NoRoom)?;
        let index = room.first_chunk_mut().ok_or(Refused::NoRoom)?;
        let (header, payload) = packet
            .split_first_chunk_mut::<RTCP_HEADER>()
            .ok_or(Refused::Malformed)?;
        *tag = self.encrypt(place, &authenticated(*header, trailer), payload)?;
        *index = trailer.to_bytes();
        Ok(length.saturating_add(TAG).saturating_add(Trailer::SIZE))
    }

    pub(super) fn open_rtcp(
        &self,
        place: Place,
        trailer: Trailer,
        packet: &mut [u8],
    ) -> Result<usize, Refused> {
        let end = packet.len().checked_sub(Trailer::SIZE);
        let sealed = end.and_then(|end| packet.get_mut(..end));
        let sealed = sealed.ok_or(Refused::Malformed)?;
        match trailer.encryption {
            Encryption::Encrypted => {
                let (header, payload) = sealed
                    .split_first_chunk_mut::<RTCP_HEADER>()
                    .ok_or(Refused::Malformed)?;
                let payload = self.decrypt(place, &authenticated(*header, trailer), payload)?;
                Ok(RTCP_HEADER.saturating_add(payload))
            }
            Encryption::Clear => {
                let (clear, tag) = sealed
                    .split_last_chunk_mut::<TAG>()
                    .ok_or(Refused::Malformed)?;
                let (length, mut tag) = (clear.len(), *tag);
                // The index moves to where it is authenticated (RFC 7714 §9.3): behind the packet.
                let index = packet
                    .get_mut(length..)
                    .and_then(|rest| rest.first_chunk_mut());
                *index.ok_or(Refused::Malformed)? = trailer.to_bytes();
                let all = packet.get(..length.saturating_add(Trailer::SIZE));
                self.decrypt(place, all.ok_or(Refused::Malformed)?, &mut tag)?;
                Ok(length)
            }
        }
    }

    fn encrypt(
        &self,
        place: Place,
        authenticated: &[u8],
        payload: &mut [u8],
    ) -> Result<[u8; TAG], Refused> {
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(place), Aad::from(authenticated), payload)
            .map_err(|_| Refused::Malformed)?;
        tag.as_ref()
            .first_chunk()
            .copied()
            .ok_or(Refused::Malformed)
    }

    /// Gives the length without the tag.
    fn decrypt(
        &self,
        place: Place,
        authenticated: &[u8],
        sealed: &mut [u8],
    ) -> Result<usize, Refused> {
        if sealed.len() < TAG {
            return Err(Refused::Malformed);
        }
        self.key
            .open_in_place(self.nonce(place), Aad::from(authenticated), sealed)
            .map(|payload| payload.len())
            .map_err(|_| Refused::Forged)
    }

    /// 0 (16 bits), SSRC, index (48 bits) ⊕ salt (RFC 7714 §8.1, §9.1).
    #[inline]
    fn nonce(&self, place: Place) -> Nonce {
        let unique = u128::from(place.ssrc) << 48 | u128::from(place.index);
        let [_, _, _, _, nonce @ ..] = (unique ^ *self.salt).to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The part of an encrypted RTCP packet that is authenticated only, with its index.
const fn authenticated(header: [u8; RTCP_HEADER], trailer: Trailer) -> [u8; 12] {
    let [h0, h1, h2, h3, h4, h5, h6, h7] = header;
    let [t0, t1, t2, t3] = trailer.to_bytes();
    [h0, h1, h2, h3, h4, h5, h6, h7, t0, t1, t2, t3]
}

const SALT: usize = 12;
const TAG: usize = 16;
