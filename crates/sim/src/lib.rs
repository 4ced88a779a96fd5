//! Phones, a network and a clock for tests: the whole stack in one thread and in virtual time.
//!
//! An [`Office`] is the server (edge, switch, media) with its [`Phone`]s on one [`Network`]. Phones exchange real
//! SIP and RTP in bytes, each says its own tone, and what is heard is checked by ear.
//!
//! **Invariant:** no clock, no socket, no chance but that of a seed: a run is the same each time. What users say into
//! mailboxes lies in a folder of its own, which goes with the office.
#![forbid(unsafe_code)]

pub mod capture;
mod describe;
mod dictations;
pub mod ears;
mod hour;
mod network;
mod office;
mod pcap;
mod phone;
mod random;
mod registration;
mod sound;
pub mod storm;
mod voice;

pub use describe::{Codecs, Encrypts, Way};
pub use hour::{Hour, virtual_hour};
pub use network::{Datagram, Link, Network};
pub use office::{Disk, Office, PhoneId, SERVER, SIP};
pub use phone::{Happened, Manner, Phone, Stage};
pub use random::Random;
pub use voice::Says;
