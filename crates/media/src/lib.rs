//! The media engine: codecs, mixing, prompts, tones, recording, and the threads that carry sound.
//!
//! - [`Plane`] is what the signalling thread commands: it opens ports and spreads legs over workers.
//! - [`engine`] decides, sans-IO, what is sent to whom; a worker gives it packets and time.
//! - [`dtmf`] hears and makes the tones of keys.
//! - [`tone`], [`prompts`] and [`wav`] are what is played and recorded.

pub mod batch;
pub mod browser;
pub mod codec;
pub mod dtmf;
#[cfg(test)]
mod ear;
pub mod engine;
mod flac;
pub mod g711;
mod plane;
pub mod playout;
pub mod prompts;
mod rate;
mod ratings;
mod record;
pub mod resample;
pub mod tone;
pub mod wav;

pub use engine::{Counts, Gauge, MediaEvent, Quality, Sounds};
pub use plane::{Listener, Plane, Settings};
pub use rate::Rate;
pub use ratings::Ratings;
pub use record::{Block, OpusWriter, Reel, Tape, tape};
