//! The HTTP interface of the product: sessions and tokens, what extensions and administrators read and set, events as they
//! happen, and the OpenAPI document that is made from the handlers.
//!
//! Everything lies under `/api/v1`; `/api/openapi.json` describes it. What lasts is in the store; what the running server
//! alone knows is asked of a [`Backend`]. What happens in calls is told by a [`Teller`], which never waits.
//!
//! **Invariant:** knows `model` and `store`, and is never on the path of a call.
#![forbid(unsafe_code)]
#![allow(
    unused_qualifications,
    reason = "the macros that make the document qualify what the handlers have in scope"
)]

mod account;
mod admin;
mod backend;
mod document;
mod events;
mod extract;
mod limits;
mod own;
mod page;
pub mod password;
mod problem;
mod rooms;
mod route;
mod session;
mod state;
mod studio;
mod text;
mod time;
mod version;
mod web;

pub use backend::{
    Applied, Backend, FeatureCode, Later, LiveCall, LiveMember, LiveRoom, Mode, NotApplied, Pass,
    Reach, Trace, TraceLine,
};
pub use document::openapi;
pub use events::{Teller, Told, teller};
pub use session::Token;
pub use state::{Api, Settings};
pub use studio::{SoundKind, SoundRecording, SoundRefused, SoundRow, Studio};
pub use web::Peer;
