//! Calls between an edge and scripted phones, on real SIP bytes and in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what does not hold here fails the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod answering;
mod codecs;
mod ending;
mod forking;
mod protecting;
mod subscribing;
mod talking;
mod transferring;
