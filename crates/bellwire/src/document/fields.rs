//! One table, read key by key.

use super::{Place, Report, nearest};
use model::Number;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One table of a document. Each method reads one key: `None` when it is missing or wrong, in which case
/// the report says so.
pub(crate) struct Fields<'d> {
    /// The table's name, with a dot behind it, or nothing for the whole file.
    prefix: String,
    place: Place,
    table: Option<&'d DeTable<'d>>,
    overlay: Vec<Overlaid<'d>>,
    known: RefCell<Vec<&'static str>>,
    pub(crate) report: &'d Report,
}

/// A value that stands before that of the table.
#[derive(Clone, Copy)]
pub(crate) struct Overlaid<'d> {
    pub(crate) key: &'d str,
    /// The environment variable that sets it.
    pub(crate) variable: &'d str,
    /// What the variable says.
    pub(crate) raw: &'d str,
    /// The same, read as TOML; text when it is none.
    pub(crate) value: &'d DeValue<'d>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> Found<T> {
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> Found<U> {
        Found {
            value: with(self.value),
            place: self.place,
        }
    }
}

impl<'d> Fields<'d> {
    pub(crate) fn new(
        name: &str,
        place: Place,
        table: Option<&'d DeTable<'d>>,
        report: &'d Report,
    ) -> Self {
        let prefix = if name.is_empty() {
            String::new()
        } else {
            format!("{name}.")
        };
        Self {
            prefix,
            place,
            table,
            overlay: Vec::new(),
            known: RefCell::default(),
            report,
        }
    }

    /// Lets values of the environment stand before those of the table.
    pub(crate) fn under(mut self, overlay: Vec<Overlaid<'d>>) -> Self {
        self.overlay = overlay;
        self
    }

    /// Where the table stands.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// Reports something about the table as a whole.
    pub(crate) fn problem(&self, message: impl Into<String>) {
        self.report.add(self.place(), message);
    }

    /// Names every key that no method was called for.
    pub(crate) fn finish(self) {
        let known = self.known.borrow();
        let in_table = self.table.into_iter().flat_map(|table| table.keys());
        let keys = in_table
            .map(|key| (Place::At(key.span().start), key.get_ref().as_ref()))
            .chain(
                self.overlay
                    .iter()
                    .map(|over| (Place::Environment(over.variable.to_owned()), over.key)),
            );
        for (place, key) in keys.filter(|(_, key)| !known.contains(key)) {
            let prefix = &self.prefix;
            let remedy = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{prefix}{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            self.report
                .add(place, format!("there is no key `{prefix}{key}`; {remedy}"));
        }
    }

    /// Text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Found<String>> {
        let (place, value) = self.value(key)?;
        self.as_text(key, place, value)
    }

    /// Text that is read further; what `read` returns as an error is reported.
    pub(crate) fn parsed<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Found<T>> {
        let text = self.text(key)?;
        self.read_further(key, &text, read)
    }

    /// Like [`Fields::parsed`]; empty text is `Some(None)`.
    pub(crate) fn parsed_or_empty<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Found<Option<T>>> {
        let text = self.text(key)?;
        if text.value.is_empty() {
            return Some(text.map(|_| None));
        }
        self.read_further(key, &text, read)
            .map(|found| found.map(Some))
    }

    /// One of a few words.
    pub(crate) fn choice<T: Clone>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<Found<T>> {
        self.parsed(key, |text| one_of(words, text))
    }

    /// A list of such words.
    pub(crate) fn choices<T: Clone>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<Vec<Found<T>>> {
        self.parsed_list(key, |text| one_of(words, text))
    }

    /// A number as people dial it, which is text.
    pub(crate) fn number(&self, key: &'static str) -> Option<Found<Number>> {
        self.parsed(key, dialled)
    }

    /// Like [`Fields::number`]; empty text is `Some(None)`.
    pub(crate) fn number_or_empty(&self, key: &'static str) -> Option<Found<Option<Number>>> {
        self.parsed_or_empty(key, dialled)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        let (place, value) = self.value(key)?;
        let DeValue::Boolean(flag) = value else {
            self.wrong(key, place, "true or false, without quotation marks", value);
            return None;
        };
        Some(*flag)
    }

    /// A whole number within limits.
    pub(crate) fn whole(
        &self,
        key: &'static str,
        limits: RangeInclusive<u32>,
    ) -> Option<Found<u32>> {
        let (place, value) = self.value(key)?;
        let integer = match value {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            _ => {
                self.wrong(key, place, "a whole number, without quotation marks", value);
                return None;
            }
        };
        let fits = integer
            .and_then(|integer| u32::try_from(integer).ok())
            .filter(|integer| limits.contains(integer));
        match fits {
            Some(value) => Some(Found { value, place }),
            None => {
                let (low, high) = limits.into_inner();
                self.report.add(
                    place,
                    format!("`{}{key}` must be from {low} to {high}", self.prefix),
                );
                None
            }
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<Found<String>>> {
        let (place, value) = self.value(key)?;
        let DeValue::Array(items) = value else {
            self.wrong(key, place, "a list such as [\"…\"]", value);
            return None;
        };
        let within = |item: &Spanned<DeValue<'_>>| match &place {
            Place::At(_) => Place::At(item.span().start),
            Place::Environment(_) => place.clone(),
        };
        let texts = items
            .iter()
            .filter_map(|item| self.as_text(key, within(item), item.get_ref()));
        Some(texts.collect())
    }

    /// A list of texts that are read further; those that are wrong are reported and left out.
    pub(crate) fn parsed_list<T>(
        &self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<Found<T>>> {
        let texts = self.texts(key)?;
        let read = |text: Found<String>| self.read_further(key, &text, &read);
        Some(texts.into_iter().filter_map(read).collect())
    }

    /// A list of numbers as people dial them.
    pub(crate) fn numbers(&self, key: &'static str) -> Option<Vec<Found<Number>>> {
        self.parsed_list(key, dialled)
    }

    /// A table of this name; `None` when it is missing.
    pub(crate) fn table(&self, key: &'static str) -> Option<Self> {
        let (place, value) = self.value(key)?;
        let DeValue::Table(table) = value else {
            self.wrong(
                key,
                place,
                &format!("a table: write [{key}] in a line of its own"),
                value,
            );
            return None;
        };
        Some(Fields::new(key, place, Some(table), self.report))
    }

    /// A table of this name, or an empty one.
    pub(crate) fn section(&self, key: &'static str) -> Self {
        self.table(key)
            .unwrap_or_else(|| Fields::new(key, Place::At(0), None, self.report))
    }

    /// The list of tables of this name; `None` when it is missing.
    pub(crate) fn tables(&self, key: &'static str) -> Option<Vec<Self>> {
        let (place, value) = self.value(key)?;
        let DeValue::Array(items) = value else {
            self.wrong(
                key,
                place,
                &format!("a list of tables: write [[{key}]] before each"),
                value,
            );
            return None;
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items.iter() {
            let place = Place::At(item.span().start);
            match item.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Fields::new(key, place, Some(table), self.report));
                }
                other => self.wrong(key, place, "a table", other),
            }
        }
        Some(tables)
    }

    /// A table whose keys are names: each key with its text.
    pub(crate) fn text_map(
        &self,
        key: &'static str,
    ) -> Option<Vec<(Found<String>, Found<String>)>> {
        let fields = self.table(key)?;
        let table = fields.table?;
        let pairs = table.iter().filter_map(|(name, value)| {
            let name = Found {
                value: name.get_ref().to_string(),
                place: Place::At(name.span().start),
            };
            let place = Place::At(value.span().start);
            let text = self.as_text(key, place, value.get_ref())?;
            Some((name, text))
        });
        Some(pairs.collect())
    }

    /// A secret: text, or a table that says where the text is.
    pub(crate) fn secret(&self, key: &'static str, from: SecretsFrom) -> Option<Found<String>> {
        let (place, value) = self.value(key)?;
        let DeValue::Table(table) = value else {
            return self.as_text(key, place, value);
        };
        if from == SecretsFrom::Text {
            let message = format!("`{}{key}` must be text here", self.prefix);
            self.report.add(place, message);
            return None;
        }
        let from = Fields::new(key, place.clone(), Some(table), self.report);
        let (variable, file) = (from.text("env"), from.text("file"));
        from.finish();
        match fetched(variable.map(|name| name.value), file.map(|path| path.value)) {
            Ok(value) => Some(Found { value, place }),
            Err(message) => {
                self.report
                    .add(place, format!("`{}{key}`: {message}", self.prefix));
                None
            }
        }
    }

    /// Reports a value that must be there and is not.
    pub(crate) fn required<T>(&self, key: &'static str, found: Option<T>) -> Option<T> {
        let is_there = self.table.is_some_and(|table| table.contains_key(key));
        if found.is_none() && !is_there {
            self.problem(format!("`{}{key}` is missing; add it", self.prefix));
        }
        found
    }

    fn value(&self, key: &'static str) -> Option<(Place, &'d DeValue<'d>)> {
        self.known.borrow_mut().push(key);
        if let Some(over) = self.overlay.iter().find(|over| over.key == key) {
            return Some((Place::Environment(over.variable.to_owned()), over.value));
        }
        let value = self.table?.get(key)?;
        Some((Place::At(value.span().start), value.get_ref()))
    }

    fn as_text(&self, key: &str, place: Place, value: &DeValue<'_>) -> Option<Found<String>> {
        match value {
            DeValue::String(text) => Some(Found {
                value: text.to_string(),
                place,
            }),
            // In the environment quotation marks are a nuisance: what is no TOML text is text all the same.
            _ if matches!(place, Place::Environment(_)) => {
                let raw = self.overlay.iter().find(|over| over.key == key)?.raw;
                Some(Found {
                    value: raw.to_owned(),
                    place,
                })
            }
            DeValue::Integer(integer) => {
                self.report.add(
                    place,
                    format!(
                        "`{}{key}` is text, because leading zeros count: write \"{}\"",
                        self.prefix,
                        integer.as_str()
                    ),
                );
                None
            }
            other => {
                self.wrong(key, place, "text in quotation marks", other);
                None
            }
        }
    }

    fn read_further<T>(
        &self,
        key: &str,
        text: &Found<String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Found<T>> {
        match read(&text.value) {
            Ok(value) => Some(Found {
                value,
                place: text.place.clone(),
            }),
            Err(message) => {
                self.report.add(
                    text.place.clone(),
                    format!("`{}{key}` {message}", self.prefix),
                );
                None
            }
        }
    }

    fn wrong(&self, key: &str, place: Place, wanted: &str, value: &DeValue<'_>) {
        let is = match value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.report.add(
            place,
            format!("`{}{key}` must be {wanted}; it is {is}", self.prefix),
        );
    }
}

/// Where a secret may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretsFrom {
    /// The text only: whoever sent it must not read this machine's files.
    Text,
    /// Also from this process's environment and from files.
    Machine,
}

fn one_of<T: Clone>(words: &[(&str, T)], text: &str) -> Result<T, String> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(value.clone());
    }
    let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    Err(match nearest(text, known.iter().copied()) {
        Some(near) => format!("is {text:?}; did you mean {near:?}?"),
        None => format!("is {text:?}; it must be one of {}", known.join(", ")),
    })
}

/// The secret in an environment variable or in a file.
pub(crate) fn fetched(variable: Option<String>, file: Option<String>) -> Result<String, String> {
    match (variable, file) {
        (Some(variable), None) => std::env::var(&variable)
            .map_err(|_| format!("the environment variable {variable} is not set; set it")),
        (None, Some(file)) => std::fs::read_to_string(&file)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| format!("the file {file} cannot be read: {error}")),
        _ => Err(String::from(
            "must be text, { env = \"NAME\" } or { file = \"PATH\" }",
        )),
    }
}

/// Reads a number as it is dialled.
pub(crate) fn dialled(text: &str) -> Result<Number, String> {
    Number::parse(text).map_err(|error| format!("is {text:?}: {error}"))
}
