//! Requests and responses (RFC 3261 §7).
//!
//! A message keeps the bytes it came in and an index of its header lines; what a header says is read when
//! somebody asks. Messages of our own are made by [`RequestBuilder`] and [`ResponseBuilder`], which cannot
//! be talked into writing a line that nobody meant.

mod address;
mod build;
mod bytes;
mod event;
mod fields;
mod index;
mod lines;
mod method;
mod name;
mod parse;
mod problem;
mod reason;
mod replaces;
mod request;
mod response;
mod via;

pub use crate::uri::Host;
pub use address::NameAddr;
pub use build::{RequestBuilder, ResponseBuilder};
pub use event::EventType;
pub use fields::{CSeq, Fields, Headers, RAck, Values};
pub(crate) use lines::{BodyLength, body_length};
pub use method::Method;
pub use name::{Header, Name};
pub use problem::{Malformed, Problem};
pub use reason::reason;
pub use replaces::{Only, Replaces};
pub use request::Request;
pub use response::Response;
pub use via::{SentBy, Via};

use std::ops::Deref;

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody wants something.
    Request(Request),
    /// Somebody answers.
    Response(Response),
}

/// What both have: headers and a body.
impl Deref for Message {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        match self {
            Self::Request(request) => request,
            Self::Response(response) => response,
        }
    }
}
