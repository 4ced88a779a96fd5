//! The durable copy of everything that must outlast the process: configuration, registered phones, call
//! records, secrets.
//!
//! Memory holds the configuration; the database is its copy, read once at the start. Everything is
//! written by one thread from a bounded queue, many writes to a transaction ([`Store`]), so that nothing
//! on the path of a call waits for a disk, and what was acknowledged is on it.
//!
//! **Invariant:** knows only `model`. The SQL stands in `sqlite/`; another database is another folder
//! with the same face.

mod batch;
mod calls;
mod completion;
mod error;
mod folder;
mod health;
mod keep;
mod mail;
mod objects;
mod query;
mod queues;
mod row;
mod sqlite;
mod store;
mod voicemail;
mod writer;

pub use calls::OpenCall;
pub use completion::Completion;
pub use error::{OpenError, ReadError, WriteError};
pub use folder::DataFolder;
pub use health::Health;
pub use mail::{MailAbout, MailRow};
pub use query::{CallQuery, PER_PAGE_MAX, Page, StoredCall};
pub use queues::{AgentTotals, QueueQuery, QueueStatistics, QueueTotals};
pub use row::{BindingRow, ContactRow, SessionRow, TokenRow};
pub use store::{Opened, Store};
pub use writer::{QUEUE_MAX, RETAINED_MAX};
