//! Master keys.

use super::suite::Suite;
use core::fmt;
use zeroize::Zeroize;

/// A master key with its salt (RFC 3711 §3.2.1), and what it is used with. It is wiped when it is dropped,
/// and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    // The key, then the salt, then zeros.
    bytes: [u8; Suite::KEY_AND_SALT_MAX],
}

impl MasterKey {
    /// Takes key and salt, one behind the other as SDP has them; `None` when the suite has another length.
    #[must_use]
    pub fn new(suite: Suite, key_and_salt: &[u8]) -> Option<Self> {
        let (key, salt) = key_and_salt.split_at_checked(suite.key_bytes())?;
        Self::of_parts(suite, key, salt)
    }

    /// Takes key and salt; `None` when the suite has other lengths.
    #[must_use]
    pub fn of_parts(suite: Suite, key: &[u8], salt: &[u8]) -> Option<Self> {
        if (key.len(), salt.len()) != (suite.key_bytes(), suite.salt_bytes()) {
            return None;
        }
        let mut new = Self {
            suite,
            bytes: [0; Suite::KEY_AND_SALT_MAX],
        };
        for (byte, given) in new.bytes.iter_mut().zip(key.iter().chain(salt)) {
            *byte = *given;
        }
        Some(new)
    }

    /// What it is used with.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Key and salt, one behind the other: a secret.
    #[must_use]
    pub fn key_and_salt(&self) -> &[u8] {
        let (used, _) = self
            .bytes
            .split_at_checked(self.suite.key_and_salt_bytes())
            .unwrap_or_default();
        used
    }

    pub(super) fn key(&self) -> &[u8] {
        self.parts().0
    }

    pub(super) fn salt(&self) -> &[u8] {
        self.parts().1
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        self.key_and_salt()
            .split_at_checked(self.suite.key_bytes())
            .unwrap_or_default()
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.suite.name())
    }
}
