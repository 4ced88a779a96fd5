//! UDPTL: how T.38 packets travel in datagrams, each with some of those before it (T.38 §9.1).

mod end;
mod inbound;
mod outbound;
mod read;

pub use end::End;
pub use inbound::Inbound;
pub use outbound::Outbound;
pub use read::{Datagram, Malformed, Recovery, read};

/// Bytes of a datagram that is read or written.
pub const DATAGRAM_MAX: usize = 1_400;

/// Packets before the first that a datagram may repeat, or parities it may carry.
pub const ENTRIES_MAX: usize = 16;
