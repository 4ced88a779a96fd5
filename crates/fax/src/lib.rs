//! Fax: from a document to pages, and from pages over a telephone line to another machine.
//!
//! - [`Page`] is what is sent: one bit a pixel, in one of three [`Resolution`]s.
//! - [`tiff`] keeps pages in files.
//! - [`engine`] is one end of a fax call. Its time is the samples it is given.
//! - [`udptl`] carries a fax over T.38 in datagrams.
//! - [`worker`] runs one end in a process of its own.
//! - [`Reason`] says why a fax failed, in words for people.

pub mod engine;
mod limits;
mod page;
mod reason;
pub mod tiff;
pub mod udptl;
pub mod worker;

pub use page::{HEIGHT_MAX, Page, Resolution, WIDTH};
pub use reason::Reason;
