//! The media engine: codecs, mixing, prompts, tones, recording.

#[cfg(test)]
mod ear;
pub mod g711;
pub mod resample;
pub mod tone;
pub mod wav;
