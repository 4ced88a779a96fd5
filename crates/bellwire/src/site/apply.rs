//! Applying a site file to what is on disk.

use super::{Draft, difference};
use crate::document::SecretsFrom;
use model::Site;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, WriteError};

/// What came of applying a site file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    /// What changes, a line each.
    pub(crate) changes: Vec<String>,
    /// The passwords of new extensions for which the file names none.
    pub(crate) generated: BTreeMap<String, String>,
    /// What is allowed but may surprise, a line each.
    pub(crate) warnings: Vec<String>,
}

/// Whether a file is applied, or only looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is.
    Apply,
    /// What would change is told.
    DryRun,
}

/// Why a site file was not applied; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// The file is wrong: a line each, with place.
    #[error("{}", .0.join("\n"))]
    Content(Vec<String>),
    /// It could not be made durable.
    #[error("the site could not be saved: {0}; nothing was changed")]
    Store(#[from] WriteError),
    /// Others change the configuration all the time.
    #[error("the configuration changes all the time, nothing was changed; apply the file again")]
    Raced,
}

/// Applies a text of that name in one transaction. Blocks until it is on disk. Also returns the
/// configuration that is in force from here on, when it is another.
pub(crate) fn apply(
    store: &Store,
    name: &str,
    text: &str,
    from: SecretsFrom,
    mode: Mode,
) -> Result<(Applied, Option<Arc<Site>>), ApplyError> {
    for _ in 0..TRIES {
        let base = store.site();
        let draft = Draft::read(name, text, &base, from)
            .map_err(|report| ApplyError::Content(report.lines()))?;
        let applied = Applied {
            changes: difference(&base, &draft.site),
            generated: draft
                .generated
                .into_iter()
                .map(|(number, password)| (number.to_string(), password))
                .collect(),
            warnings: draft.warnings,
        };
        if mode == Mode::DryRun || draft.site == *base {
            return Ok((applied, None));
        }
        let wanted = draft.site.clone();
        // A setting that was changed since the file was read onto the configuration is not overwritten.
        let edit = move |current: &Site| (*current == *base).then_some(draft.site);
        let stored = store.change(edit).wait()?;
        if *stored == wanted {
            return Ok((applied, Some(stored)));
        }
    }
    Err(ApplyError::Raced)
}

/// How often the file is read again because something else was changed meanwhile.
const TRIES: u32 = 5;
