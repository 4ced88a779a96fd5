//! Contacts (manual §1.3): the company's, which all see, and each extension's own, which only its owner, operators and
//! administrators see (CON-07, CON-08).

mod book;
pub(super) mod routes;

pub(crate) use book::{Book, Contact, ContactsQuery, Given};
