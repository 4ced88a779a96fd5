//! How passwords are kept.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use model::{Number, Secret};

/// What is kept of an extension's password: `H(user:realm:password)` (RFC 7616 §3.4.2), from which the
/// password cannot be told, but with which every digest can be checked.
pub(crate) fn ha1(number: &Number, password: &str) -> Secret {
    use md5::Digest;
    let text = format!("{number}:{REALM}:{password}");
    Secret {
        md5: md5::Md5::digest(text.as_bytes()).into(),
        sha256: sha256(text.as_bytes()),
    }
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text);
    // The length is that of the algorithm.
    digest.as_ref().try_into().unwrap_or_default()
}

/// What is kept of the password of somebody who administers.
pub(crate) fn password_hash(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    let hash = argon2().hash_password(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Whether this is the password of which the hash is kept.
pub(crate) fn check_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether a text can be a password.
pub(crate) fn is_password(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(String::from("is empty; write one, or remove the key"));
    }
    if text.chars().count() > PASSWORD_MAX {
        return Err(format!(
            "is longer than {PASSWORD_MAX} characters; shorten it"
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(String::from("has control characters in it; remove them"));
    }
    Ok(())
}

/// A password for somebody who did not choose one: 93 bits, without letters that look alike.
pub(crate) fn random_password() -> String {
    let mut password = String::new();
    while password.len() < RANDOM_LENGTH {
        let mut byte = [0];
        // The only source of randomness fails when the machine itself does.
        aws_lc_rs::rand::fill(&mut byte).expect("the system gives randomness");
        // Bytes beyond the table are drawn again, so that every letter is as likely as every other.
        password.extend(LETTERS.get(usize::from(byte[0])).copied().map(char::from));
    }
    password
}

/// Argon2id with the parameters of OWASP's password storage cheat sheet.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The realm of every digest challenge.
const REALM: &str = "bellwire";
const PASSWORD_MAX: usize = 128;
const RANDOM_LENGTH: usize = 16;
/// Letters and digits but for those that look alike.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
