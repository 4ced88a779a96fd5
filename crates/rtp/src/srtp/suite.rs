//! What packets are protected with.

/// A cipher with its authentication, as SDP and DTLS name them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// `AEAD_AES_128_GCM` (RFC 7714): the cheapest.
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM` (RFC 7714).
    AeadAes256Gcm,
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568 §6.2.1): what every phone with SRTP has.
    AesCm128HmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568 §6.2.2): the same with a tag that one guess in 2^32 hits.
    AesCm128HmacSha1_32,
}

impl Suite {
    /// All of them, best first: a phone's offer of several is answered with the first of these.
    pub const BEST_FIRST: [Self; 4] = [
        Self::AeadAes128Gcm,
        Self::AeadAes256Gcm,
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
    ];

    /// All of them in the order in which they are offered: the one with the long key last, which is of use
    /// only to peers that insist on it.
    pub const OFFERED: [Self; 4] = [
        Self::AeadAes128Gcm,
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
        Self::AeadAes256Gcm,
    ];

    /// The most bytes of key and salt together.
    pub const KEY_AND_SALT_MAX: usize = 44;

    /// The most bytes that protecting adds to a packet of RTP or RTCP: a tag, and the index of SRTCP.
    pub const OVERHEAD_MAX: usize = 20;

    /// Reads the name, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::BEST_FIRST
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// The name in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// Bytes of the master key.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 16,
        }
    }

    /// Bytes of the master salt.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 14,
        }
    }

    /// Bytes of key and salt.
    #[must_use]
    pub const fn key_and_salt_bytes(self) -> usize {
        self.key_bytes().saturating_add(self.salt_bytes())
    }

    /// Bytes of the tag of an RTP packet.
    #[must_use]
    pub const fn tag_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
            Self::AesCm128HmacSha1_80 => 10,
            Self::AesCm128HmacSha1_32 => 4,
        }
    }

    /// Bytes of the tag of an RTCP packet, which is never a short one (RFC 4568 §6.2.2).
    #[must_use]
    pub const fn rtcp_tag_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 10,
        }
    }
}
