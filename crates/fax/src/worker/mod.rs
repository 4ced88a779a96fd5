//! One fax, one process: when the modem's library breaks, it breaks that fax and nothing else.
//!
//! The owner starts the same program again with other arguments ([`Worker::start`]), which calls [`serve`]. They talk
//! through two pipes in small frames: sound or datagrams both ways, what is to be done one way, how it goes the other.
//! The worker has no clock; it knows as much of time as it is given samples.

mod frame;
mod owner;
mod serve;

pub use frame::{Carrier, Report};
pub use owner::Worker;
pub use serve::serve;

/// Samples of a frame at most: 100 ms.
pub const SAMPLES_MAX: usize = 800;
