//! Calls between two ends, told as stories: how they come about, go on and end, over a network that does
//! its worst.

mod basics;
mod cancel;
mod forks;
mod offers;
mod refresh;
mod reliable;
mod storm;
#[path = "../support/mod.rs"]
mod support;
