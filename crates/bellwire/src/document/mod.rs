//! TOML read so that every error is found at once, each with its line and column.
//!
//! [`Document`] is a text; [`Fields`] reads one table of it key by key and at the end names the keys that
//! nobody asked for, with the nearest that exists. Whatever is wrong goes to a [`Report`]; reading goes on.

mod fields;
mod report;

pub(crate) use fields::{Fields, Found, Overlaid, SecretsFrom, dialled, fetched};
pub(crate) use report::{Names, Place, Report, nearest};

use toml::Spanned;
use toml::de::DeTable;

/// A TOML text, parsed as far as it can be.
pub(crate) struct Document<'t> {
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses the text; what is no TOML goes to the report.
    pub(crate) fn parse(text: &'t str, report: &Report) -> Self {
        if text.len() > TEXT_MAX {
            report.add(
                Place::At(0),
                format!("the file is longer than {TEXT_MAX} bytes; split it"),
            );
            return Self {
                root: Spanned::new(0..0, DeTable::new()),
            };
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            report.add(Place::At(at), in_one_line(error.message()));
        }
        Self { root }
    }

    /// The same, as it was parsed.
    pub(crate) fn table(&self) -> &DeTable<'t> {
        self.root.get_ref()
    }

    /// The table that is the whole file.
    pub(crate) fn root<'d>(&'d self, report: &'d Report) -> Fields<'d> {
        Fields::new("", Place::At(0), Some(self.root.get_ref()), report)
    }
}

fn in_one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}

/// The longest file that is read: a site of 100,000 extensions.
const TEXT_MAX: usize = 64 << 20;
