//! One end of a fax call: T.30 over sound or over T.38 packets.
//!
//! Time is what it is given: the samples of [`Audio::hear`] and [`Audio::speak`], or [`T38::elapse`]. Nothing here
//! reads a clock, so a call of minutes runs in milliseconds when nobody waits.
//!
//! The modem is a C library. It can end the process and it can wait for ever: run each end in a process of its
//! own, and rely on [`watchdog`], not on its timers.

mod audio;
mod call;
mod frame;
mod job;
mod spandsp;
mod t38;
mod watchdog;

pub use audio::Audio;
pub use call::{Outcome, Progress};
pub use frame::Training;
pub use job::{ErrorCorrection, Fastest, Job, Task};
pub use t38::{IFP_MAX, T38};

/// Why an end cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The library takes no path of more than 255 bytes and none with a zero byte.
    #[error("the path of the pages is longer than 255 bytes")]
    Path,
    /// Not more than 20 characters of ASCII.
    #[error(
        "the machine's own number is longer than 20 characters or has letters that fax does not know"
    )]
    Ident,
    /// The library has no memory for it.
    #[error("the fax modem cannot be set up")]
    Memory,
}

/// Samples of a second.
pub const RATE: u32 = 8_000;
