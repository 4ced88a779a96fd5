//! What the detector hears, and what it does not take for a key.

mod keys;
mod signal;
mod talk_off;
