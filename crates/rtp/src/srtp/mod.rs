//! Protected packets: SRTP and SRTCP (RFC 3711) with AES-CM and HMAC-SHA1, or with AES-GCM (RFC 7714).
//!
//! [`Outbound`] protects what one side sends, [`Inbound`] checks and decrypts what it receives, both in
//! place, each from a [`MasterKey`], wherever that was agreed: in SDP (RFC 4568) or by DTLS (RFC 5764).
//! A context serves RTP and RTCP, and every SSRC that its side sends under.
//!
//! **Invariant:** a packet whose tag does not verify changes nothing: no index, no window, no source. An
//! index is never protected twice under one key, whatever a caller asks for. Once a source is known,
//! nothing is allocated for its packets. Keys are wiped when they are dropped, and `Debug` shows none.

mod cipher;
mod counter;
mod derive;
mod gcm;
mod inbound;
mod key;
mod key_source;
mod layout;
mod outbound;
mod source;
mod suite;
#[cfg(test)]
mod tests;
mod window;

pub use inbound::{Inbound, InboundCounts};
pub use key::MasterKey;
pub use key_source::KeySource;
pub use outbound::Outbound;
pub use source::{Snapshot, SourceSnapshot};
pub use suite::Suite;
pub use window::REPLAY_WINDOW;

/// Why a packet was neither protected nor unprotected. Nothing has changed then but, in part, its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It ends before its header, index or tag does, or has another version.
    #[error("it is no protected packet")]
    Malformed,
    /// Its tag is wrong: forged, damaged, or under another key.
    #[error("its tag is wrong")]
    Forged,
    /// Its index was used before.
    #[error("its index was used before")]
    Replayed,
    /// Its index is more than [`REPLAY_WINDOW`] below the highest, so nobody knows whether it was used.
    #[error("its index is too far behind")]
    TooOld,
    /// It would be one more source than [`crate::limits::SRTP_SOURCES_MAX`].
    #[error("there are too many sources")]
    TooManySources,
    /// The buffer has no room for what is added.
    #[error("the buffer is too small")]
    NoRoom,
    /// All indices of the key are used (2^48 packets of RTP, 2^31 of RTCP: RFC 3711 §9.2).
    #[error("the key is used up")]
    Exhausted,
}
