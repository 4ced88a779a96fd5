//! Session keys from a master key (RFC 3711 §4.3, RFC 7714 §11).

use super::key::MasterKey;
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use zeroize::Zeroizing;

/// What a session key is for: the label of its derivation (RFC 3711 §4.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// AES in counter mode under a key of 16 or 32 bytes.
///
/// # Panics
/// When the key has another length.
pub(super) fn counter_mode(key: &[u8]) -> EncryptingKey {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    UnboundCipherKey::new(algorithm, key)
        .and_then(EncryptingKey::ctr)
        .expect("a suite's key has 16 or 32 bytes")
}

/// Encrypts or decrypts with AES in counter mode.
pub(super) fn count(cipher: &EncryptingKey, counter: [u8; 16], bytes: &mut [u8]) {
    cipher
        .less_safe_encrypt(bytes, EncryptionContext::Iv128(counter.into()))
        .expect("counter mode takes any length and this context");
}

/// A session key of `N` bytes. The key derivation rate is 0: one session key for the master key's life.
pub(super) fn derive<const N: usize>(master: &MasterKey, purpose: Purpose) -> Zeroizing<[u8; N]> {
    let mut counter = [0; 16];
    // A salt of 12 bytes counts as one of 14 that ends in zeros (RFC 7714 §11).
    for (byte, salt) in counter.iter_mut().zip(master.salt()) {
        *byte = *salt;
    }
    let [_, _, _, _, _, _, _, label, ..] = &mut counter;
    *label ^= purpose as u8;
    let mut derived = Zeroizing::new([0; N]);
    count(&counter_mode(master.key()), counter, &mut derived[..]);
    derived
}
