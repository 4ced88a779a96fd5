//! The way into a running server for whoever owns its data folder: HTTP with JSON on a socket that only
//! the owner can open. The command line speaks it.

mod live;
pub(crate) mod people;
mod server;
#[cfg(test)]
mod tests;

pub(crate) use live::{
    Later, Live, LiveCall, LiveChannel, LivePlace, LiveRegistration, LiveTrunk, Trace, TraceLine,
    TraceWhat,
};
pub(crate) use server::{Admin, Errors, listen, serve};
