//! Rows that others give meaning to.

use crate::mail::MailWrite;
use model::{Contact, Number, Role, Wall};

/// A registered phone as it is kept. The registrar's own words stand in `body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingRow {
    /// Whose phone it is.
    pub extension: Number,
    /// What tells it from the extension's other phones.
    pub contact: String,
    /// When the registration ends.
    pub expires: Wall,
    /// Everything else, in a form that only its writer reads.
    pub body: String,
}

/// Somebody who is logged in. The words of whoever let him in stand in `body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of what the cookie says.
    pub hash: String,
    /// When it was last used.
    pub seen: Wall,
    /// Everything else, in a form that only its writer reads.
    pub body: String,
}

/// What a script proves who it is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its name, which no other has.
    pub name: String,
    /// The hash of the token.
    pub hash: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created: Wall,
}

/// A contact that only its owner, operators and administrators see (CON-08).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    /// The extension that added it.
    pub owner: Number,
    /// The contact; its id is that of the row.
    pub contact: Contact,
}

/// One row to be written or removed.
#[derive(Debug)]
pub(crate) enum RowWrite {
    PutSession(SessionRow),
    RemoveSession(String),
    PutToken(TokenRow),
    RemoveToken(String),
    PutContact(ContactRow),
    RemoveContact(u64),
    /// A blacklisted caller was refused.
    Blocked(Number),
    /// Something became of a mail.
    Mail(i64, MailWrite),
}
