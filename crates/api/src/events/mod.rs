//! What happens, told to whoever listens: presence, calls, settings.
//!
//! The signalling thread and the store tell a [`Teller`], which never waits. One task takes it in ([`Hub`]): it knows the
//! state of every extension and who is in which call, numbers what changes, keeps the last of it, and passes it on to
//! listeners, each of whom sees only what is his.

mod hub;
mod listen;
mod queues;
mod seats;
mod settings;
mod tell;

pub(crate) use hub::{Hub, Shown};
pub(crate) use listen::{__path_events, events};
pub use tell::{Teller, Told, teller};
