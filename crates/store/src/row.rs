//! Rows that others give meaning to.

use model::{Number, Wall};

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
