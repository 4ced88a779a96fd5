//! Where our own master keys come from.

use super::key::MasterKey;
use super::suite::Suite;
use aws_lc_rs::hmac;
use core::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Makes the master keys of one leg from 32 bytes that nobody can guess; the same bytes give the same keys.
/// It is wiped when it is dropped, and `Debug` does not show it.
///
/// Each key is cut from HMAC-SHA256(seed, number): a pseudo-random function, so that no key tells
/// anything of another or of the seed.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySource {
    seed: [u8; 32],
    made: u64,
}

impl KeySource {
    /// A source that is as hard to guess as `seed`, which is to be used for nothing else.
    #[must_use]
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, made: 0 }
    }

    /// The next key.
    pub fn next(&mut self, suite: Suite) -> MasterKey {
        let seed = hmac::Key::new(hmac::HMAC_SHA256, &self.seed);
        let mut bytes = Zeroizing::new([0; Suite::KEY_AND_SALT_MAX]);
        for chunk in bytes.chunks_mut(BLOCK) {
            let block = hmac::sign(&seed, &self.made.to_be_bytes());
            self.made = self.made.wrapping_add(1);
            for (byte, made) in chunk.iter_mut().zip(block.as_ref()) {
                *byte = *made;
            }
        }
        let (used, _) = bytes
            .split_at_checked(suite.key_and_salt_bytes())
            .unwrap_or_default();
        MasterKey::new(suite, used).expect("the length is that of the suite, which fits")
    }
}

/// Bytes of SHA-256.
const BLOCK: usize = 32;

impl Drop for KeySource {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySource(made {})", self.made)
    }
}
