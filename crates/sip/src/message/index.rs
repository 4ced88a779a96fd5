//! Where the headers stand in the bytes of a message.

use super::bytes::Bytes;
use super::name::{Code, Name};
use crate::lex::is_token;
use std::fmt::{self, Display, Write as _};

/// The bytes of a message and where in them its headers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// The message. Line ends within headers are blanked; all else is as it came.
    pub(super) bytes: Bytes,
    /// The values that are no UTF-8, read as Latin-1.
    decoded: String,
    pub(super) lines: Vec<Line>,
    pub(super) body: Span,
}

/// A header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) code: Code,
    pub(super) name: Span,
    value: Span,
    text: Text,
}

/// How the value of a line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// It is UTF-8.
    Plain,
    /// It is not; it stands there among what was decoded.
    Decoded(Span),
}

/// A part of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// From `start` up to `end`. Messages are far below 4 GiB.
    pub(super) fn new(start: usize, end: usize) -> Self {
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: short(start),
            end: short(end),
        }
    }

    pub(super) const fn start(self) -> usize {
        self.start as usize
    }

    pub(super) const fn end(self) -> usize {
        self.end as usize
    }

    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start()..self.end()).unwrap_or_default()
    }

    /// Further back by what was put before it, further up by what was taken out.
    fn moved(self, up: usize, back: usize) -> Self {
        let moved = |edge: usize| edge.saturating_sub(up) + back;
        Self::new(moved(self.start()), moved(self.end()))
    }
}

impl Index {
    pub(super) fn new(bytes: Vec<u8>, lines_expected: usize) -> Self {
        Self {
            bytes: Bytes::new(bytes),
            decoded: String::new(),
            lines: Vec::with_capacity(lines_expected),
            body: Span::default(),
        }
    }

    /// The text at a place; empty when it is no UTF-8.
    pub(super) fn text(&self, span: Span) -> &str {
        self.bytes.text(span)
    }

    /// Notes a line that stands in the bytes and is UTF-8.
    pub(super) fn note(&mut self, name: Span, value: Span) {
        let code = Code::of(name.of(&self.bytes));
        self.lines.push(Line {
            code,
            name,
            value,
            text: Text::Plain,
        });
    }

    /// The bytes are complete. Values that are no UTF-8 are read as Latin-1, each for itself.
    pub(super) fn settle(&mut self) {
        self.bytes.settle();
        if self.bytes.is_text() {
            return;
        }
        for line in &mut self.lines {
            let value = line.value.of(&self.bytes);
            if std::str::from_utf8(value).is_err() {
                let start = self.decoded.len();
                // The first 256 code points are those of Latin-1.
                self.decoded.extend(value.iter().copied().map(char::from));
                line.text = Text::Decoded(Span::new(start, self.decoded.len()));
            }
        }
    }

    /// The value of a line.
    #[inline]
    pub(super) fn value(&self, line: &Line) -> &str {
        match line.text {
            Text::Plain => self.text(line.value),
            Text::Decoded(span) => self
                .decoded
                .get(span.start()..span.end())
                .unwrap_or_default(),
        }
    }

    /// The value of the first line of that name.
    pub(super) fn first(&self, name: &Name) -> Option<&str> {
        let code = name.code();
        let mut lines = self.lines.iter();
        let line = lines.find(|line| self.is_named(line, code, name))?;
        Some(self.value(line))
    }

    /// The value of a line as it came.
    pub(super) fn raw(&self, line: &Line) -> &[u8] {
        line.value.of(&self.bytes)
    }

    /// Whether a line has that name, of which `code` is the code.
    #[inline]
    pub(super) fn is_named(&self, line: &Line, code: Code, name: &Name) -> bool {
        line.code == code && (code != Code::Other || self.is_spelled(line, name))
    }

    fn is_spelled(&self, line: &Line, name: &Name) -> bool {
        self.text(line.name).eq_ignore_ascii_case(name.as_str())
    }

    /// Writes a line at the end of what there is.
    pub(super) fn push(&mut self, name: &str, value: impl Display) {
        let name = self.push_name(name);
        let start = self.bytes.len();
        self.push_text(value);
        self.end_line(name, start);
    }

    /// Writes a text that ends no line.
    pub(super) fn push_text(&mut self, text: impl Display) {
        // Writing to a Vec cannot fail.
        let _ = write!(Clean(self.bytes.raw()), "{text}");
    }

    /// Where a line ends, line end included.
    pub(super) fn line_end(&self, line: &Line) -> usize {
        let end = line.value.end();
        match self
            .bytes
            .get(end..)
            .and_then(|rest| rest.iter().position(|b| *b == b'\n'))
        {
            Some(more) => end + more + 1,
            None => self.bytes.len(),
        }
    }

    /// Copies a line of another message, byte for byte.
    pub(super) fn push_copy(&mut self, other: &Self, line: &Line) {
        let name = self.push_name(line.code.name(other.text(line.name)).as_str());
        let start = self.bytes.len();
        self.bytes.raw().extend_from_slice(other.raw(line));
        self.end_line(name, start);
    }

    fn push_name(&mut self, name: &str) -> Span {
        let start = self.bytes.len();
        let token = |b: u8| if is_token(b) { b } else { b'-' };
        self.bytes.raw().extend(name.bytes().map(token));
        let name = Span::new(start, self.bytes.len());
        self.bytes.raw().extend_from_slice(b": ");
        name
    }

    fn end_line(&mut self, name: Span, value: usize) {
        let value = Span::new(value, self.bytes.len());
        self.bytes.raw().extend_from_slice(b"\r\n");
        self.note(name, value);
    }

    /// Writes a line above all others, which begin at `start`.
    pub(super) fn push_front(&mut self, start: usize, name: &str, value: impl Display) {
        let mut line = Self::new(Vec::new(), 1);
        line.push(name, value);
        self.replace(Span::new(start, start), &line.bytes);
        let moved = |span: Span| span.moved(0, start);
        self.lines.splice(
            0..0,
            line.lines.iter().map(|line| Line {
                name: moved(line.name),
                value: moved(line.value),
                ..*line
            }),
        );
    }

    /// Writes another value in place of a line's.
    pub(super) fn set_value(&mut self, nth: usize, value: &[u8]) {
        let Some(Line {
            name, value: old, ..
        }) = self.lines.get(nth).copied()
        else {
            return;
        };
        self.replace(old, value);
        self.note(name, Span::new(old.start(), old.start() + value.len()));
        if let Some(changed) = self.lines.pop()
            && let Some(line) = self.lines.get_mut(nth)
        {
            *line = changed;
        }
    }

    /// Takes out every line of that name.
    pub(super) fn remove(&mut self, name: &Name) {
        while let Some(nth) = self.nth(name) {
            let line = self.lines.remove(nth);
            let end = self.line_end(&line);
            self.replace(Span::new(line.name.start(), end), b"");
        }
    }

    /// The place of the first line of that name.
    pub(super) fn nth(&self, name: &Name) -> Option<usize> {
        let code = name.code();
        self.lines
            .iter()
            .position(|line| self.is_named(line, code, name))
    }

    /// Writes other bytes in place of some, and moves what stands behind them.
    pub(super) fn replace(&mut self, old: Span, new: &[u8]) {
        let end = old.end().min(self.bytes.len());
        self.bytes
            .raw()
            .splice(old.start().min(end)..end, new.iter().copied());
        let moved = |span: Span| match span.start() >= old.end() {
            true => span.moved(old.end() - old.start(), new.len()),
            false => span,
        };
        for line in &mut self.lines {
            line.name = moved(line.name);
            line.value = moved(line.value);
        }
        self.body = moved(self.body);
    }
}

/// Writes no byte that could end a line or a text: blanks stand in for them.
struct Clean<'a>(&'a mut Vec<u8>);

impl fmt::Write for Clean<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let clean = |b: u8| {
            if matches!(b, b'\r' | b'\n' | 0) {
                b' '
            } else {
                b
            }
        };
        self.0.extend(text.bytes().map(clean));
        Ok(())
    }
}
