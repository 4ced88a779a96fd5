//! The site file: what an administrator sets up, as one TOML text.
//!
//! [`Draft::read`] reads a text onto the configuration that is in force: a list that the text contains
//! replaces that list whole, a list that it does not mention is left alone, and so is a key of a single
//! table (`[system]`, `[smtp]`, `[parking]`) and a secret that it does not mention. [`describe`] is the
//! way back, from which [`export`] and [`difference`] are made.

mod apply;
mod describe;
mod difference;
mod export;
mod read;
mod resolve;
mod secret;

pub(crate) use apply::{Applied, ApplyError, Mode, apply};
pub(crate) use difference::difference;
pub(crate) use export::export;
pub(crate) use read::Draft;
pub(crate) use resolve::resolve;
pub(crate) use secret::{ha1, is_password, random_password};

#[cfg(test)]
mod tests;
