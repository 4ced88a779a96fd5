//! What is wrong with a text, all of it, in the order of the text.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// Collects errors while reading goes on.
#[derive(Debug)]
pub(crate) struct Report {
    name: String,
    lines: Vec<usize>,
    text: String,
    problems: RefCell<Vec<(Place, String)>>,
    warnings: RefCell<Vec<(Place, String)>>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// At this byte of the text.
    At(usize),
    /// In this environment variable.
    Environment(String),
}

impl Report {
    /// An empty report about the text of that name.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            name: name.to_owned(),
            lines: std::iter::once(0).chain(starts).collect(),
            text: text.to_owned(),
            problems: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Adds an error: what is wrong and what to do, without a full stop.
    pub(crate) fn add(&self, place: Place, message: impl Into<String>) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < PROBLEMS_MAX {
            problems.push((place, message.into()));
        }
    }

    /// Adds something that is allowed but may surprise.
    pub(crate) fn warn(&self, place: Place, message: impl Into<String>) {
        let mut warnings = self.warnings.borrow_mut();
        if warnings.len() < PROBLEMS_MAX {
            warnings.push((place, message.into()));
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// The line, counted from 1, of a byte of the text.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    /// Every error as `name:line:column: message`, in the order of the text.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.placed(&self.problems.borrow())
    }

    /// Everything that may surprise, in the same form.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.placed(&self.warnings.borrow())
    }

    fn placed(&self, messages: &[(Place, String)]) -> Vec<String> {
        let mut messages = messages.to_vec();
        messages.sort();
        messages.dedup();
        messages
            .into_iter()
            .map(|(place, message)| match place {
                Place::At(at) => {
                    let (line, column) = self.position(at);
                    format!("{}:{line}:{column}: {message}", self.name)
                }
                Place::Environment(variable) => format!("{variable}: {message}"),
            })
            .collect()
    }

    /// Line and column, both counted from 1; the column counts characters.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let start = self.lines.get(line.saturating_sub(1)).copied();
        let before = self.text.get(start.unwrap_or_default()..at);
        (line, before.map_or(0, |before| before.chars().count()) + 1)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// The word of a list that somebody probably meant.
pub(crate) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    words
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= known.len().max(word.len()) / 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Remembers where each name of a list stands, so that a second one can be refused.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, usize>);

impl Names {
    /// Takes a name, or reports that it stands twice.
    pub(crate) fn take(&mut self, what: &str, name: &str, at: usize, report: &Report) {
        if let Some(first) = self.0.get(name) {
            let line = report.line(*first);
            report.add(
                Place::At(at),
                format!("{what} {name:?} stands twice, first in line {line}; remove one"),
            );
        } else {
            self.0.insert(name.to_owned(), at);
        }
    }
}

/// The most errors that are reported of one text.
const PROBLEMS_MAX: usize = 1_000;
