//! How passwords are kept.

use model::Secret;
use std::fmt::Display;

/// What is kept of a password: `H(user:realm:password)` (RFC 7616 §3.4.2), from which the
/// password cannot be told, but with which every digest can be checked.
pub(crate) fn ha1(user: &dyn Display, password: &str) -> Secret {
    use md5::Digest;
    let text = format!("{user}:{REALM}:{password}");
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

/// The realm of every digest challenge.
const REALM: &str = "bellwire";
const PASSWORD_MAX: usize = 128;
const RANDOM_LENGTH: usize = 16;
/// Letters and digits but for those that look alike.
const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
