//! Bytes that are text, mostly.

use super::index::Span;
use std::mem;
use std::ops::Deref;

/// The bytes of a message. As long as all of them are UTF-8 they are kept as text, so that nobody who reads
/// a header has to check again.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes {
    text: String,
    /// Empty when `text` holds them.
    raw: Vec<u8>,
}

impl Bytes {
    pub(super) const fn new(raw: Vec<u8>) -> Self {
        Self {
            text: String::new(),
            raw,
        }
    }

    /// The text at a place; empty when it is no UTF-8.
    pub(super) fn text(&self, span: Span) -> &str {
        if self.raw.is_empty() {
            self.text.get(span.start()..span.end()).unwrap_or_default()
        } else {
            std::str::from_utf8(span.of(&self.raw)).unwrap_or_default()
        }
    }

    /// Whether they are known to be text.
    pub(super) const fn is_text(&self) -> bool {
        self.raw.is_empty()
    }

    /// For changing them. [`Self::settle`] must follow.
    pub(super) fn raw(&mut self) -> &mut Vec<u8> {
        if !self.text.is_empty() {
            self.raw = mem::take(&mut self.text).into_bytes();
        }
        &mut self.raw
    }

    /// Finds out whether they are text.
    pub(super) fn settle(&mut self) {
        match String::from_utf8(mem::take(self.raw())) {
            Ok(text) => self.text = text,
            Err(no_text) => self.raw = no_text.into_bytes(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        if self.raw.is_empty() {
            self.text.as_bytes()
        } else {
            &self.raw
        }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}
