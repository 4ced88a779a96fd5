//! How sound is agreed upon and how it travels: SDP, RTP, SRTP, RTCP and telephone events, without any I/O.
//!
//! - [`sdp`] reads and writes session descriptions and holds the offer/answer state of one leg.
//! - [`Stream`] is what comes out of it: everything media needs to know of one leg's network side.
//! - [`Packet`] and [`Header`] read, write and rewrite RTP; [`Gate`] says from whom it is taken.
//! - [`rtcp`] reads and writes reports, and counts what they report.
//! - [`srtp`] protects both.
//! - [`dtls`] is what is said of browsers: ICE and fingerprints.
//! - [`event`] hears and sends keys.
//! - [`quality`] says how a conversation is likely to be judged.
//!
//! **Invariant:** no clock, no randomness, no socket. Time is a parameter ([`Time`]), and whatever comes
//! from the network is either understood or refused, never trusted: no input panics.
#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

mod codec;
mod direction;
mod gate;
mod packet;
mod stream;
mod time;

pub mod dtls;
pub mod event;
pub mod limits;
pub mod quality;
pub mod rtcp;
pub mod sdp;
pub mod srtp;

pub use codec::{Codec, Encoding, EncodingName, Opus};
pub use direction::Direction;
pub use gate::{Gate, GateCounts, LATCH_WITHIN, Verdict};
pub use packet::{Extension, Header, Marker, NotRtp, Packet, is_rtcp, is_rtp_or_rtcp};
pub use stream::{InBand, Metrics, Security, Source, Stream, TelephoneEvents};
pub use time::Time;
