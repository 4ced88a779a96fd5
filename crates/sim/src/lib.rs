//! Phones, a network and a clock for tests: the whole stack in one thread and in virtual time.
//!
//! **Invariant:** no clock, no socket, no chance but that of a seed: a run is the same each time.
#![forbid(unsafe_code)]

pub mod ears;
mod network;
mod pcap;
mod random;

pub use network::{Datagram, Link, Network};
pub use random::Random;
