//! Lines: of what the head of a message is made (RFC 3261 §7.3.1).

use super::fields::seconds;
use super::index::Span;
use super::name::Code;
use crate::lex::{is_blank, is_token};
use crate::limits::LEADING_LINES_MAX;
use memchr::{memchr, memchr2};

/// Without the line ends that may stand before a message (RFC 3261 §7.5).
pub(super) fn skip_line_ends(mut bytes: &[u8]) -> &[u8] {
    for _ in 0..LEADING_LINES_MAX {
        match bytes.strip_prefix(b"\r\n") {
            Some(rest) => bytes = rest,
            None => break,
        }
    }
    bytes
}

/// A line with all its continuations, blanks in place of the line ends between them. Where it begins and
/// ends, and where the next one begins.
pub(super) fn unfolded_line(bytes: &mut [u8], at: usize) -> Option<(usize, usize, usize)> {
    let (start, end, next) = whole_line(bytes, at)?;
    let line = bytes.get_mut(start..end)?;
    // A carriage return alone ends no line here, but might elsewhere.
    if memchr2(b'\r', b'\n', line).is_some() {
        line.iter_mut()
            .filter(|b| matches!(b, b'\r' | b'\n'))
            .for_each(|b| *b = b' ');
    }
    Some((start, end, next))
}

/// A line with all its continuations.
fn whole_line(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let (start, mut end, mut next) = next_line(bytes, at)?;
    while start != end && matches!(bytes.get(next), Some(b' ' | b'\t')) {
        (_, end, next) = next_line(bytes, next)?;
    }
    Some((start, end, next))
}

/// A line by itself. A line feed alone ends it too.
pub(super) fn next_line(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let rest = bytes.get(at..)?;
    let length = memchr(b'\n', rest)?;
    let line = rest.get(..length)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some((at, at + line.len(), at + length + 1))
}

/// Name and value of a line.
pub(super) fn header_line(bytes: &[u8], start: usize, end: usize) -> Option<(Span, Span)> {
    let line = bytes.get(start..end)?;
    let length = line.iter().position(|b| !is_token(*b))?;
    let rest = line.get(length..)?;
    let colon = length + rest.iter().position(|b| !is_blank(*b))?;
    let value = line.get(colon..)?.strip_prefix(b":")?;
    if length == 0 {
        return None;
    }
    let before = value.iter().take_while(|b| is_blank(**b)).count();
    let after = value.iter().rev().take_while(|b| is_blank(**b)).count();
    let value_start = start + colon + 1 + before;
    Some((
        Span::new(start, start + length),
        Span::new(value_start, value_start.max(end - after)),
    ))
}

/// How long the body is that follows a head, in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLength {
    /// So many bytes.
    Known(usize),
    /// It cannot be told: Content-Length is unreadable, repeated, or missing although there is a body.
    Unknown,
}

/// Reads how long the body is. A message that says nothing of a body is taken to have none, although
/// RFC 3261 §20.14 wants Content-Length in every message of a stream.
pub(crate) fn body_length(head: &[u8]) -> BodyLength {
    let (mut length, mut has_body) = (None, false);
    let mut at = 0;
    while let Some((start, end, next)) = whole_line(head, at) {
        at = next;
        let Some((name, value)) = header_line(head, start, end) else {
            continue;
        };
        let code = Code::of(name.of(head));
        has_body |= code == Code::ContentType;
        if code == Code::ContentLength {
            if length.is_some() {
                return BodyLength::Unknown;
            }
            length = Some(seconds(value.of(head)));
        }
    }
    match length {
        Some(Some(length)) => BodyLength::Known(usize::try_from(length).unwrap_or(usize::MAX)),
        None if !has_body => BodyLength::Known(0),
        Some(None) | None => BodyLength::Unknown,
    }
}
