//! The small words of the grammar that headers and URIs share (RFC 3261 §25.1).

use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;

/// Whether it may stand in a token.
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN.get(usize::from(byte)).is_some_and(|is| *is)
}

/// The bytes of a token. A table, as most bytes of a message are asked about.
static TOKEN: [bool; 256] = bytes(b"-.!%*_+`'~");

/// Letters, digits and some more.
#[allow(clippy::indexing_slicing, reason = "the compiler itself would panic")]
pub(crate) const fn bytes(more: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut nth = 0;
    while nth < more.len() {
        table[more[nth] as usize] = true;
        nth += 1;
    }
    table
}

/// Whether it is blank: space, tab, or what is left of a line end.
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether a text is a token.
pub(crate) fn all_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token)
}

/// Without blanks around it.
pub(crate) const fn trim(text: &str) -> &str {
    text.trim_ascii()
}

/// Cuts at the first such byte, whatever stands around it.
pub(crate) fn split(text: &str, at: u8) -> (&str, Option<&str>) {
    let place = text.bytes().position(|byte| byte == at);
    match place.and_then(|place| text.split_at_checked(place)) {
        Some((before, after)) => (before, after.get(1..)),
        None => (text, None),
    }
}

/// The quoted string that a text begins with, quotes included, and the rest. `None` when it does not
/// begin with one, or when the string does not end.
pub(crate) fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    text.split_at_checked(1 + quoted_length(inside.as_bytes())?)
}

/// What a quoted string means: without its quotes and escapes. Any other text means itself.
pub(crate) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(inside) = stripped(text) else {
        return Cow::Borrowed(text);
    };
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut plain = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// What stands between quotes, escapes untouched.
pub(crate) fn stripped(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// Cuts at the first `separator` that stands neither in quotes nor in angle brackets.
pub(crate) fn cut(text: &str, separator: u8) -> (&str, Option<&str>) {
    match find(text, separator) {
        Some(at) => match text.split_at_checked(at) {
            Some((before, after)) => (before, after.get(1..)),
            None => (text, None),
        },
        None => (text, None),
    }
}

/// Where the first `wanted` stands that is neither in quotes nor in angle brackets.
fn find(text: &str, wanted: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let place = at + first_of(wanted, bytes.get(at..)?)?;
        let inside = place + 1;
        at = inside
            + match bytes.get(place)? {
                byte if *byte == wanted => return Some(place),
                b'"' => quoted_length(bytes.get(inside..)?)?,
                _ => memchr(b'>', bytes.get(inside..)?)? + 1,
            };
    }
}

/// Where the first byte stands that is wanted or begins quotes or brackets.
fn first_of(wanted: u8, bytes: &[u8]) -> Option<usize> {
    if bytes.len() > SHORT {
        return memchr3(wanted, b'"', b'<', bytes);
    }
    bytes
        .iter()
        .position(|byte| *byte == wanted || matches!(byte, b'"' | b'<'))
}

/// Up to this length looking at each byte is faster than getting ready to look at many together.
const SHORT: usize = 48;

/// The length of what stands before a closing quote, quote included.
fn quoted_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let place = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(place) == Some(&b'"') {
            return Some(place + 1);
        }
        at = place + 2;
    }
}

/// Cuts a list at its commas; nothing between two commas is nothing (RFC 3261 §7.3.1).
#[derive(Clone, Debug)]
pub(crate) struct List<'a>(pub(crate) Option<&'a str>);

impl<'a> Iterator for List<'a> {
    type Item = &'a str;
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (item, rest) = cut(self.0?, b',');
            self.0 = rest;
            let item = trim(item);
            if !item.is_empty() {
                return Some(item);
            }
        }
    }
}
