//! Registered phones between the edge, which knows what they mean, and the store, which keeps them.

use edge::Binding;
use store::BindingRow;

/// The registration as it is kept.
pub(super) fn row(binding: &Binding) -> BindingRow {
    BindingRow {
        extension: binding.extension,
        contact: binding.key(),
        expires: binding.expires,
        body: binding.body(),
    }
}

/// Reads what [`row`] made; one that cannot be read is left out: the phone registers again.
pub(super) fn read(row: &BindingRow) -> Option<Binding> {
    let binding = Binding::read(row.extension, row.expires, &row.body);
    if binding.is_none() {
        tracing::warn!(extension = %row.extension, "a stored registration cannot be read");
    }
    binding
}
