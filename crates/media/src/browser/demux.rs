//! What a datagram on the browsers' port is.

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A check, or the answer to one of ours.
    Stun,
    /// A record of a handshake.
    Dtls,
    /// SRTP or SRTCP.
    Media,
}

impl Kind {
    /// What `datagram` is; `None` when it is nothing that belongs here.
    #[must_use]
    pub fn of(datagram: &[u8]) -> Option<Self> {
        match datagram.first()? {
            0..=3 => Some(Self::Stun),
            20..=63 => Some(Self::Dtls),
            128..=191 => Some(Self::Media),
            _ => None,
        }
    }
}
