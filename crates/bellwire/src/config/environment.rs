//! Keys set by environment: `BELLWIRE_<SECTION>__<KEY>` in capitals.

use crate::document::Overlaid;
use toml::de::{DeTable, DeValue};

/// One variable that sets a key.
pub(super) struct Variable {
    /// Its whole name.
    name: String,
    section: String,
    key: String,
    raw: String,
    /// The value as a one-line TOML file.
    text: String,
}

/// The variables of an environment that set keys. Those without two underscores in a row are none of ours,
/// except [`DRAIN`].
pub(super) fn variables(environment: impl Iterator<Item = (String, String)>) -> Vec<Variable> {
    let mut found: Vec<_> = environment
        .filter_map(|(name, raw)| {
            let path = name.strip_prefix(PREFIX)?;
            let (section, key) = match path.split_once("__") {
                Some((section, key)) => (section, key),
                None if name == DRAIN => ("", path),
                None => return None,
            };
            Some(Variable {
                section: section.to_ascii_lowercase(),
                key: key.to_ascii_lowercase(),
                text: format!("value = {raw}\n"),
                raw,
                name,
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// A variable with its value read as TOML; as text when it is none, so that quotation marks are not needed.
pub(super) struct Read<'v> {
    variable: &'v Variable,
    value: DeValue<'v>,
}

impl<'v> Read<'v> {
    pub(super) fn new(variable: &'v Variable) -> Self {
        let parsed = DeTable::parse(&variable.text)
            .ok()
            .map(toml::Spanned::into_inner)
            .filter(|table| table.len() == 1)
            .and_then(|mut table| table.remove("value"));
        let value = parsed.map_or_else(
            || DeValue::String(variable.raw.as_str().into()),
            toml::Spanned::into_inner,
        );
        Self { variable, value }
    }

    /// The section, in lower case.
    pub(super) fn section(&self) -> &'v str {
        &self.variable.section
    }

    /// The variable's name.
    pub(super) fn name(&self) -> &'v str {
        &self.variable.name
    }

    pub(super) fn overlaid(&'v self) -> Overlaid<'v> {
        Overlaid {
            key: &self.variable.key,
            variable: &self.variable.name,
            raw: &self.variable.raw,
            value: &self.value,
        }
    }
}

const PREFIX: &str = "BELLWIRE_";
/// The one key that is in no section.
const DRAIN: &str = "BELLWIRE_DRAIN_SECONDS";
