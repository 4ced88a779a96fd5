//! SIP as a sans-IO protocol core: what messages say, how they travel, and what two ends owe each other.
//!
//! - [`message`] reads and writes requests and responses; [`Uri`] is what they are addressed to.
//! - [`stream`] finds the messages in what a connection brings.
//! - [`digest`] tells who somebody is.
//!
//! **Invariant:** no clock, no randomness, no socket. Time is a parameter ([`Time`]), randomness a seed, and
//! whatever comes from the network is either understood or refused, never trusted: no input panics.
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod flow;
mod ids;
mod lex;
mod time;
mod uri;

pub mod dialog;
pub mod digest;
pub mod limits;
pub mod message;
pub mod session;
pub mod stream;
pub mod transaction;

pub use flow::{ConnectionId, Flow, Transport};
pub use ids::{Ids, Seed};
pub use time::Time;
pub use uri::{Host, NotAUri, Params, Scheme, Uri};
