//! What phones hear, in virtual time.

mod dictation;
mod keys;
mod losses;
mod mixing;
mod monitor;
mod play;
mod protected;
mod recording;
mod relay;
mod reports;
mod studio;
mod talk;
mod tones;
