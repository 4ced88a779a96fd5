//! How passwords are kept and checked.

use crate::limits::PASSWORD_MIN;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use model::{Number, Secret};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// What is kept of the password of somebody who administers: Argon2id in PHC text form. `None` when the machine has no
/// randomness.
#[must_use]
pub fn hash(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    let hash = argon2().hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Whether this is the password of which the hash is kept.
#[must_use]
pub fn is_of_hash(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// As [`is_of_hash`]; when there is nobody, it takes as long and says no.
pub(crate) fn is_of_somebody(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = || &**NOBODY.get_or_init(|| self::hash("nobody").unwrap_or_default());
    let is = is_of_hash(password, hash.unwrap_or_else(nobody));
    is && hash.is_some()
}

/// Whether this is the SIP password of an extension (GEN-03): `SHA-256(number:realm:password)` is what is kept of it. When
/// there is no such extension, it takes as long and says no.
pub(crate) fn is_of_extension(password: &str, number: &Number, secret: Option<&Secret>) -> bool {
    let text = format!("{number}:{REALM}:{password}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let kept = secret.unwrap_or(&Secret::NONE).sha256;
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(digest.as_ref(), &kept).is_ok();
    same && secret.is_some_and(|secret| *secret != Secret::NONE)
}

/// How easily a password is guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Strength {
    /// It is among the first that anybody would try.
    Weak,
    /// It is not.
    #[default]
    Good,
}

impl Strength {
    /// That of the password of an account.
    pub(crate) fn of(account: &str, password: &str) -> Self {
        let plain = password.to_lowercase();
        let mut letters = plain.chars();
        let first = letters.next();
        let is_one_letter = letters.all(|letter| Some(letter) == first);
        let digits = plain.chars().all(|letter| letter.is_ascii_digit());
        let is_few_digits = digits && plain.len() < PASSWORD_MIN;
        let is_known = GUESSED_FIRST.contains(&&*plain) || plain == account.to_lowercase();
        match is_one_letter || is_few_digits || is_known {
            true => Self::Weak,
            false => Self::Good,
        }
    }
}

/// Argon2id with the parameters of OWASP's password storage cheat sheet.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Of those that are in use most, the ones that are long enough to be chosen.
const GUESSED_FIRST: [&str; 16] = [
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "11223344",
    "88888888",
    "password",
    "password1",
    "passw0rd",
    "p@ssw0rd",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "asdfghjkl",
    "abcd1234",
    "admin123",
];
/// The realm of every digest challenge.
pub(crate) const REALM: &str = "bellwire";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_only() {
        let hash = hash("wide open 中文").expect("a hash");
        assert!(is_of_hash("wide open 中文", &hash));
        assert!(!is_of_hash("wide open", &hash));
        assert!(!is_of_somebody("nobody", None));
        assert!(!is_of_hash("", "not a hash"));
    }
}
