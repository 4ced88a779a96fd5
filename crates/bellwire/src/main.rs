//! Bellwire: a complete IP telephone system in one binary.

mod config;
mod document;

fn main() {}
