//! Handling the past again.

use super::{Entry, JournalError};
use aws_lc_rs::digest::{Context, SHA256};
use model::{Effect, Input, Now};

/// What a whole journal led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Inputs handled.
    pub(crate) inputs: u64,
    /// Inputs that were never written down: from the first on, the effects need not be those of the past.
    pub(crate) lost: u64,
    /// SHA-256 of all effects in order: equal journals and equal switches have equal hashes.
    pub(crate) hash: String,
}

/// Gives each input to `handle`, and what came of it to `show`.
pub(crate) fn replay(
    entries: impl Iterator<Item = Result<Entry, JournalError>>,
    mut handle: impl FnMut(Now, Input) -> Vec<Effect>,
    mut show: impl FnMut(Now, &Input, &[Effect]),
) -> Result<Replayed, JournalError> {
    let mut hash = Context::new(&SHA256);
    let (mut inputs, mut lost_inputs) = (0, 0);
    for entry in entries {
        match entry? {
            Entry::Input { now, input } => {
                let effects = handle(now, input.clone());
                inputs += 1;
                for effect in &effects {
                    // An effect is plain data: it is always JSON.
                    hash.update(&serde_json::to_vec(effect).unwrap_or_default());
                }
                show(now, &input, &effects);
            }
            Entry::Rated { .. } => {}
            Entry::Lost { lost } => lost_inputs += lost,
        }
    }
    let digits = hash.finish();
    let digits = digits.as_ref().iter().map(|byte| format!("{byte:02x}"));
    Ok(Replayed {
        inputs,
        lost: lost_inputs,
        hash: digits.collect(),
    })
}
