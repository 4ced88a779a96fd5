//! Secrets that nobody can guess, and what is kept of them.

use crate::problem::Problem;
use axum::http::StatusCode;

/// A secret of 256 bits as hexadecimal digits.
pub(crate) fn random() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A number from 1 to 2^53 - 1, which every JSON reader keeps exactly.
pub(crate) fn random_id() -> Result<u64, Problem> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes) % model::Contact::ID_MAX + 1)
}

/// What is kept of a secret. A plain hash will do: there are too many secrets to try.
pub(crate) fn hash(secret: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    hex(digest.as_ref())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "this machine has no random numbers",
        )
    })
}
