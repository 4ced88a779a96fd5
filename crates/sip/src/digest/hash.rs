//! Hashes, and the little arithmetic around them.

use sha2::digest::Output;
use sha2::{Digest, Sha256};

/// The hash of parts with colons between them.
pub(super) fn joined<H: Digest>(parts: &[&[u8]]) -> Output<H> {
    let mut hash = H::new();
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            hash.update(b":");
        }
        hash.update(part);
    }
    hash.finalize()
}

/// What the client must send (RFC 7616 §3.4.1; RFC 2069 §2.1.2 when there is no quality of protection).
/// `ha1` is in hexadecimal digits.
pub(super) fn response<H: Digest>(ha1: &[u8], asked: &Asked<'_>) -> String {
    let (method, uri) = (asked.method.as_bytes(), asked.uri.as_bytes());
    let ha2 = match asked.protection {
        Some(Protection {
            body: Some(body), ..
        }) => {
            let body = hex(&H::digest(body));
            hex(&joined::<H>(&[method, uri, body.as_bytes()]))
        }
        Some(Protection { body: None, .. }) | None => hex(&joined::<H>(&[method, uri])),
    };
    let nonce = asked.nonce.as_bytes();
    let response = match &asked.protection {
        Some(with) => joined::<H>(&[
            ha1,
            nonce,
            with.count.as_bytes(),
            with.cnonce.as_bytes(),
            with.qop.as_bytes(),
            ha2.as_bytes(),
        ]),
        None => joined::<H>(&[ha1, nonce, ha2.as_bytes()]),
    };
    hex(&response)
}

/// Everything but the password that a response is made of.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) nonce: &'a str,
    pub(super) protection: Option<Protection<'a>>,
}

/// What RFC 2069 did not have.
pub(super) struct Protection<'a> {
    pub(super) qop: &'a str,
    /// Eight hexadecimal digits.
    pub(super) count: &'a str,
    pub(super) cnonce: &'a str,
    /// With `auth-int` only.
    pub(super) body: Option<&'a [u8]>,
}

/// Hexadecimal digits, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let digits = bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(digits);
    text
}

/// Reads hexadecimal digits, exactly as many as fill the array.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Whether both are the same, in a time that does not tell where they differ. Case does not count, as
/// hexadecimal digits are compared.
pub(super) fn same(one: &str, two: &str) -> bool {
    let pairs = one.bytes().zip(two.bytes());
    let differing = pairs.fold(0, |all, (a, b)| {
        all | (a.to_ascii_lowercase() ^ b.to_ascii_lowercase())
    });
    std::hint::black_box(differing) == 0 && one.len() == two.len()
}

/// HMAC with SHA-256 (RFC 2104), its key already taken in.
#[derive(Clone)]
pub(super) struct Mac {
    inner: Sha256,
    outer: Sha256,
}

impl Mac {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let padded = |pad: u8| {
            let mut block = [pad; 64];
            block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
            Sha256::new_with_prefix(block)
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    pub(super) fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update(part);
        }
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize().into()
    }
}
