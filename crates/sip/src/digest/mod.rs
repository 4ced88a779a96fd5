//! Who somebody is: digest authentication (RFC 3261 §22, RFC 7616, RFC 8760).
//!
//! [`Server`] challenges and checks, and remembers nothing of those who have not proved themselves;
//! [`Client`] answers the challenges of others.

mod client;
mod credentials;
mod hash;
mod nonce;
mod secret;
mod server;
mod used;

pub use client::{Client, Unanswerable};
pub use credentials::{Algorithm, Credentials};
pub use secret::Secret;
pub use server::{Freshness, REALM, Server, Verdict};
