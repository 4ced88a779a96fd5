//! The way to and from a browser, sans-IO: ICE says by which address it is reached, DTLS gives the keys of SRTP, and
//! all browsers share one UDP port.
//!
//! - [`Router`] says whose datagram it is: checks by their user name and integrity, the rest by its source.
//! - [`Session`] is one browser's way: it takes checks and handshakes, and tells where to send and with which keys.
//! - [`Ways`] are the sessions of the legs in one place, with the keys that protect their packets.
//! - [`Identity`] is what we show all of them: one certificate per start of the server.
//!
//! **Invariant:** nothing is remembered of, and nothing sent to, an address from which no check came that proves to
//! know a password of ours. A datagram is answered with at most one, but for the flights of a handshake, which begin
//! once DTLS itself has proven the way back (RFC 6347 §4.2.1).

mod demux;
mod handshake;
mod ice;
mod identity;
mod router;
mod session;
#[cfg(test)]
mod tests;
mod ways;

pub use demux::Kind;
pub use handshake::Keys;
pub use identity::{Identity, NoIdentity};
pub use router::{Router, RouterCounts};
pub use session::{Failure, News, Session};
pub use ways::{Sealed, Way, WayEvent, Ways};

/// Bytes of a DTLS record or of a check that we send, at most.
const DATAGRAM_MAX: usize = 1_200;
