//! How much of anything is taken from the network.

/// Bytes of a session description.
pub const SDP_BYTES_MAX: usize = 64 * 1024;
/// Lines of a session description.
pub const SDP_LINES_MAX: usize = 512;
/// Media lines of a session description.
pub const SDP_MEDIA_MAX: usize = 64;
/// Formats of one media line.
pub const SDP_FORMATS_MAX: usize = 64;
/// Codecs that one agreed stream may carry besides telephone events.
pub const AGREED_CODECS_MAX: usize = 12;
/// SSRCs of one side under one SRTP key: a phone takes a new one at times, after a re-INVITE.
pub const SRTP_SOURCES_MAX: usize = 32;
/// `a=crypto` lines of one media line that are looked at.
pub const SDP_CRYPTO_MAX: usize = 16;
/// ICE candidates of one media line that are looked at.
pub const CANDIDATES_MAX: usize = 32;
