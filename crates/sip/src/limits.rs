//! How much of anything is taken from the network.

/// Bytes of a message, body included.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 64 * 1024 - HEAD_BYTES_RESERVED;
/// Bytes of a message without its body.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Header lines of a message.
pub const HEADERS_MAX: usize = 256;
/// Bytes of one header line, folds included.
pub const HEADER_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a URI.
pub const URI_BYTES_MAX: usize = 2 * 1024;
/// Bytes of a method.
pub const METHOD_BYTES_MAX: usize = 64;
/// Pairs of CR LF that are skipped before a message (RFC 3261 §7.5).
pub const LEADING_LINES_MAX: usize = 16;

/// No message has a smaller head than this.
const HEAD_BYTES_RESERVED: usize = 128;
