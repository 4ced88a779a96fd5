//! Putting secrets that the text only points at into the text, for a server that cannot look there.

use super::describe::quoted;
use crate::document::{Document, Place, Report, fetched};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The text with each `{ env = … }` and `{ file = … }` replaced by what it points at. What cannot be found
/// goes to the report, and something else stands in its place.
pub(crate) fn resolve(text: &str, report: &Report) -> String {
    // What is no TOML is reported by whoever reads the text.
    let unread = Report::new("", text);
    let document = Document::parse(text, &unread);
    let mut found = Vec::new();
    in_table(document.table(), &mut found);
    found.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut resolved = text.to_owned();
    for (at, secret) in found {
        let secret = secret.unwrap_or_else(|message| {
            report.add(Place::At(at.start), message);
            String::from("unknown")
        });
        resolved.replace_range(at, &quoted(&secret));
    }
    resolved
}

type Secret = (Range<usize>, Result<String, String>);

fn in_table(table: &DeTable<'_>, found: &mut Vec<Secret>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) if SECRETS.contains(&key.get_ref().as_ref()) => {
                let text = |key| match inner.get(key).map(toml::Spanned::get_ref) {
                    Some(DeValue::String(text)) => Some(text.to_string()),
                    _ => None,
                };
                found.push((value.span(), fetched(text("env"), text("file"))));
            }
            DeValue::Table(inner) => in_table(inner, found),
            DeValue::Array(items) => {
                for item in items.iter() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        in_table(inner, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The keys that may point elsewhere.
const SECRETS: [&str; 4] = ["password", "voicemail_pin", "admin_pin", "user_pin"];
