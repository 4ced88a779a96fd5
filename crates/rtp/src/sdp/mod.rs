//! Session descriptions (RFC 8866) and how two sides agree on one (RFC 3264).
//!
//! [`Session::parse`] reads what a peer says, its `Display` writes what we say, and [`Negotiation`] is
//! the offer/answer state of one leg, out of which comes a [`crate::Stream`].

mod agreement;
mod attribute;
mod base64;
mod browser;
mod build;
mod crypto;
mod described;
mod lines;
mod negotiation;
mod parse;
mod remote;
mod said;
mod session;

pub use agreement::{
    Agreed, Capabilities, Capability, Change, HoldChange, NotAcceptable, Order, RtcpPort,
};
pub use attribute::{Attribute, RtcpAttribute};
pub use browser::BrowserSide;
pub use crypto::{Crypto, NoCrypto, Srtp};
pub use negotiation::{Local, Negotiation};
pub use parse::Invalid;
pub use session::{Address, Kind, Line, Media, Origin, Protocol, Session};
