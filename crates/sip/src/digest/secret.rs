//! Passwords as they are kept.

use super::hash;
use std::fmt;

/// A password, hashed with user and realm: HA1 of RFC 7616 §3.4.2. It opens the account as the password
/// would, so it is never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// `MD5(user:realm:password)`.
    pub md5: [u8; 16],
    /// `SHA-256(user:realm:password)`.
    pub sha256: [u8; 32],
}

impl Secret {
    /// Hashes a password.
    #[must_use]
    pub fn new(user: &str, realm: &str, password: &str) -> Self {
        let parts = [user.as_bytes(), realm.as_bytes(), password.as_bytes()];
        Self {
            md5: hash::joined::<md5::Md5>(&parts).into(),
            sha256: hash::joined::<sha2::Sha256>(&parts).into(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
