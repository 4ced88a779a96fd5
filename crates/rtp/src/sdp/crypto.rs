//! Keys of SRTP in descriptions (RFC 4568).

use super::base64;
use super::session::Media;
use crate::limits::SDP_CRYPTO_MAX;
use crate::srtp::{KeySource, MasterKey, Suite};
use core::fmt;
use zeroize::Zeroizing;

/// What is done about SRTP whose keys are in the descriptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Srtp {
    /// Nothing: it is neither offered nor answered.
    #[default]
    Off,
    /// It is answered where it is offered; plain RTP is offered.
    Answered,
    /// It is answered, and offered so that a peer without it takes plain RTP: keys beside `RTP/AVP`, which
    /// whoever does not know them passes over (RFC 8643).
    Offered,
    /// Nothing else is offered (`RTP/SAVP`) or answered.
    Required,
}

impl Srtp {
    pub(super) const fn answers(self) -> bool {
        match self {
            Self::Off => false,
            Self::Answered | Self::Offered | Self::Required => true,
        }
    }
}

/// What one `a=crypto` line says: which key its writer protects its packets with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crypto {
    /// Names the line; the answer repeats that of the offer it takes.
    pub tag: u32,
    /// The key and what it is used with.
    pub key: MasterKey,
}

/// Why an `a=crypto` line is of no use. Others may stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCrypto {
    /// It is not `tag suite inline:key …`.
    #[error("the line is not as RFC 4568 has it")]
    Malformed,
    /// The suite is none of [`Suite`].
    #[error("the suite is unknown")]
    Suite,
    /// The key is no Base64, or as long as another suite's.
    #[error("the key does not fit the suite")]
    Key,
    /// There are several keys, or one with an identifier (MKI) in each packet.
    #[error("the key has an identifier")]
    Identifier,
    /// A parameter asks for less protection, or for something unknown.
    #[error("a parameter is not taken")]
    Parameter,
}

impl Crypto {
    /// Reads the value of an attribute: `1 AES_CM_128_HMAC_SHA1_80 inline:…|2^31 WSH=64`.
    ///
    /// A lifetime is taken and not looked at: no call lasts 2^48 packets, and no peer of ours asks for less
    /// than it can use. What weakens the protection is refused (`UNENCRYPTED_SRTP` and its like, RFC 4568
    /// §6.3), and so are keys with an identifier, a key derivation rate, and error correction.
    ///
    /// # Errors
    /// When the line is of no use.
    pub fn parse(value: &str) -> Result<Self, NoCrypto> {
        let mut words = value.split_ascii_whitespace();
        let mut next = || words.next().ok_or(NoCrypto::Malformed);
        let (tag, suite, keys) = (next()?, next()?, next()?);
        let tag = tag_of(tag).ok_or(NoCrypto::Malformed)?;
        let suite = Suite::parse(suite).ok_or(NoCrypto::Suite)?;
        let key = key_of(suite, keys)?;
        if words.all(is_harmless) {
            Ok(Self { tag, key })
        } else {
            Err(NoCrypto::Parameter)
        }
    }

    /// One line for each suite, each with a key of its own, in the order of [`Suite::OFFERED`].
    pub(super) fn offer(keys: &mut KeySource) -> Vec<Self> {
        let lines = (1..).zip(Suite::OFFERED).map(|(tag, suite)| Self {
            tag,
            key: keys.next(suite),
        });
        lines.collect()
    }

    /// The lines of a media that are of use.
    pub(super) fn all(media: &Media<'_>) -> impl Iterator<Item = Self> {
        media
            .values("crypto")
            .take(SDP_CRYPTO_MAX)
            .filter_map(|value| Self::parse(value).ok())
    }
}

/// The value of the attribute: a secret.
impl fmt::Display for Crypto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suite = self.key.suite().name();
        let key = Zeroizing::new(base64::write(self.key.key_and_salt()));
        write!(f, "{} {suite} {INLINE}{}", self.tag, *key)
    }
}

/// One to nine digits.
fn tag_of(text: &str) -> Option<u32> {
    let digits = text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// `inline:key[|lifetime][|mki:length]`.
fn key_of(suite: Suite, text: &str) -> Result<MasterKey, NoCrypto> {
    if text.contains(';') {
        return Err(NoCrypto::Identifier);
    }
    let (method, parts) = text
        .split_at_checked(INLINE.len())
        .ok_or(NoCrypto::Malformed)?;
    if !method.eq_ignore_ascii_case(INLINE) {
        return Err(NoCrypto::Malformed);
    }
    let mut parts = parts.split('|');
    let key = parts.next().unwrap_or_default();
    for part in parts {
        if part.contains(':') {
            return Err(NoCrypto::Identifier);
        }
        let power = part.strip_prefix("2^").unwrap_or(part);
        if power.is_empty() || !power.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoCrypto::Malformed);
        }
    }
    let mut bytes = Zeroizing::new([0; Suite::KEY_AND_SALT_MAX]);
    let room = bytes.get_mut(..suite.key_and_salt_bytes());
    room.and_then(|room| {
        base64::read(key, room)?;
        MasterKey::new(suite, room)
    })
    .ok_or(NoCrypto::Key)
}

/// The window that a peer wishes for is a hint, a rate of 0 is ours, and what begins with `-` may be passed
/// over (RFC 4568 §6.3.6, §6.3.1, §6.3.7).
fn is_harmless(parameter: &str) -> bool {
    let upper = parameter.to_ascii_uppercase();
    upper.starts_with("WSH=") || upper == "KDR=0" || upper.starts_with('-')
}

const INLINE: &str = "inline:";

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty bytes.
    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    /// SI-06
    #[test]
    fn a_line_is_read_as_rfc_4568_has_it() {
        for value in [
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 aes_cm_128_hmac_sha1_80 inline:{KEY}|2^20"),
            format!("1  AES_CM_128_HMAC_SHA1_80  INLINE:{KEY}|1048576  WSH=64 -foo"),
        ] {
            let line = Crypto::parse(&value).unwrap();
            assert_eq!(line.tag, 1);
            assert_eq!(line.key.suite(), Suite::AesCm128HmacSha1_80);
            assert_eq!(line.key.key_and_salt()[..4], *b"YS__");
            let written = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}");
            assert_eq!(line.to_string(), written);
        }
    }

    #[test]
    fn what_is_of_no_use_is_refused_with_the_reason() {
        use NoCrypto::{Identifier, Key, Malformed, Parameter, Suite};
        for (value, why) in [
            (String::new(), Malformed),
            (String::from("1 AES_CM_128_HMAC_SHA1_80"), Malformed),
            (format!("x AES_CM_128_HMAC_SHA1_80 inline:{KEY}"), Malformed),
            (
                format!("+1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
                Malformed,
            ),
            (
                format!("1234567890 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
                Malformed,
            ),
            (format!("1 AES_CM_128_HMAC_SHA1_80 uri:{KEY}"), Malformed),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|x"),
                Malformed,
            ),
            (format!("1 F8_128_HMAC_SHA1_80 inline:{KEY}"), Suite),
            (format!("1 AEAD_AES_128_GCM inline:{KEY}"), Key),
            (String::from("1 AES_CM_128_HMAC_SHA1_80 inline:"), Key),
            (format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}A"), Key),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4"),
                Identifier,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4;inline:{KEY}|2:4"),
                Identifier,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
                Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} WSH=64 UNENCRYPTED_SRTCP"),
                Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNAUTHENTICATED_SRTP"),
                Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=10"),
                Parameter,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} FEC_ORDER=FEC_SRTP"),
                Parameter,
            ),
        ] {
            assert_eq!(Crypto::parse(&value), Err(why), "{value}");
        }
    }

    #[test]
    fn the_offer_has_a_key_for_each_suite() {
        let lines = Crypto::offer(&mut KeySource::new([1; 32]));
        let told = lines.iter().map(|line| (line.tag, line.key.suite()));
        let wanted = [
            (1, Suite::AeadAes128Gcm),
            (2, Suite::AesCm128HmacSha1_80),
            (3, Suite::AesCm128HmacSha1_32),
            (4, Suite::AeadAes256Gcm),
        ];
        assert_eq!(told.collect::<Vec<_>>(), wanted);
        for line in &lines {
            assert_eq!(Crypto::parse(&line.to_string()).as_ref(), Ok(line));
        }
    }
}
