//! What a listener hears of packets that come as networks bring them, in virtual time.

mod adaptation;
mod codecs;
mod losses;
mod order;
mod silence;
mod stage;
