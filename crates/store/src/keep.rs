//! Secrets that must be presented to others, encrypted with the key file of the data folder.

use crate::OpenError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Seals and opens secrets.
pub(crate) struct Keep {
    seal: RandomizedNonceKey,
    derive: hmac::Key,
}

/// The sealed text is not what this key and name once sealed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unopened;

impl Keep {
    /// Reads the key file, or makes one that only its owner can read.
    pub(crate) fn open(file: &Path) -> Result<Self, OpenError> {
        let trouble = |source| OpenError::Folder {
            folder: file.to_owned(),
            source,
        };
        let key = match std::fs::File::open(file) {
            Ok(mut open) => {
                let mut text = String::new();
                open.read_to_string(&mut text).map_err(trouble)?;
                from_hex(text.trim()).ok_or_else(|| OpenError::Key {
                    file: file.to_owned(),
                    detail: String::from("it is not 64 hexadecimal digits"),
                })?
            }
            Err(missing) if missing.kind() == ErrorKind::NotFound => {
                let mut key = vec![0; KEY_BYTES];
                aws_lc_rs::rand::fill(&mut key)
                    .map_err(|_| trouble(std::io::Error::other("no randomness")))?;
                let mut new = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(file)
                    .map_err(trouble)?;
                writeln!(new, "{}", hex(&key)).map_err(trouble)?;
                new.sync_all().map_err(trouble)?;
                key
            }
            Err(other) => return Err(trouble(other)),
        };
        let seal = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| OpenError::Key {
            file: file.to_owned(),
            detail: String::from("it is not 64 hexadecimal digits"),
        })?;
        let derive = hmac::Key::new(hmac::HMAC_SHA256, &key);
        Ok(Self { seal, derive })
    }

    /// What makes keys for other purposes.
    pub(crate) fn derive(&self) -> hmac::Key {
        self.derive.clone()
    }

    /// Encrypts a secret; only the same name opens it.
    pub(crate) fn seal(&self, name: &str, secret: &str) -> Result<Vec<u8>, Unopened> {
        let mut text = secret.as_bytes().to_vec();
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut text)
            .map_err(|_| Unopened)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Decrypts what was sealed under that name.
    pub(crate) fn open_sealed(&self, name: &str, sealed: &[u8]) -> Result<String, Unopened> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unopened)?;
        let mut text = text.to_vec();
        let secret = self
            .seal
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut text)
            .map_err(|_| Unopened)?;
        String::from_utf8(secret.to_vec()).map_err(|_| Unopened)
    }
}

/// Two lower-case digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what [`hex`] wrote.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            let plain = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            plain.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
        })
        .collect()
}

const KEY_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_and_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let keep = Keep::open(&folder.path().join("a.key")).expect("a key");
        let sealed = keep.seal("trunk/carrier", "geheim").expect("sealed");
        assert!(!sealed.windows(6).any(|part| part == b"geheim"));
        assert_eq!(
            keep.open_sealed("trunk/carrier", &sealed).as_deref(),
            Ok("geheim")
        );
        assert_eq!(keep.open_sealed("trunk/other", &sealed), Err(Unopened));
        assert_eq!(keep.open_sealed("trunk/carrier", &[]), Err(Unopened));
        let again = Keep::open(&folder.path().join("a.key")).expect("the same key");
        assert_eq!(
            again.open_sealed("trunk/carrier", &sealed).as_deref(),
            Ok("geheim")
        );
        let other = Keep::open(&folder.path().join("b.key")).expect("another key");
        assert_eq!(other.open_sealed("trunk/carrier", &sealed), Err(Unopened));
    }

    #[test]
    fn only_its_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bellwire.key");
        Keep::open(&file).expect("a key");
        let mode = std::fs::metadata(&file)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&file, "not a key").expect("written");
        assert!(matches!(Keep::open(&file), Err(OpenError::Key { .. })));
    }
}
