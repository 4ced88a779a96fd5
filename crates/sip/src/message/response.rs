//! Responses.

use super::Fields;
use super::index::Span;
use std::ops::Deref;

/// Somebody answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub(super) fields: Fields,
    pub(super) status: u16,
    pub(super) reason: Span,
}

impl Response {
    /// How it went, 100 to 699.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The same in words; empty when the words are no UTF-8.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.fields.index.text(self.reason)
    }

    /// Whether more responses follow.
    #[must_use]
    pub const fn is_provisional(&self) -> bool {
        self.status < 200
    }

    /// Whether it went well.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl Deref for Response {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        &self.fields
    }
}
