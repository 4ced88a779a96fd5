//! What was considered on the way to a decision, for `bellwire explain`.

use alloc::string::String;
use alloc::vec::Vec;

/// Collects what the code that routes says of its steps; for a call nobody asks, and nothing is written.
#[derive(Debug, Default)]
pub(crate) struct Notes(Option<Vec<String>>);

impl Notes {
    /// For a call.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// For somebody who wants to know.
    pub(crate) const fn begin() -> Self {
        Self(Some(Vec::new()))
    }

    /// Notes a step. The text is only made when somebody wants it.
    pub(crate) fn add(&mut self, note: impl FnOnce() -> String) {
        if let Some(notes) = &mut self.0 {
            notes.push(note());
        }
    }

    pub(crate) fn finish(self) -> Vec<String> {
        self.0.unwrap_or_default()
    }
}
