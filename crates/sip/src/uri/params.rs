//! Parameters behind semicolons.

use crate::lex;

/// Parameters behind semicolons, of a URI or of a header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// Takes them as they stand behind the first semicolon.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// Whether all of them can be read: each has a token as its name, and only the last may be nothing, as
    /// a `;` at the end does no harm.
    pub(crate) fn are_well_formed(self) -> bool {
        self.are_plain() || self.are_readable()
    }

    /// Whether they are what most are: names, each perhaps with a value that is one too.
    fn are_plain(self) -> bool {
        let mut before = b';';
        for byte in self.0.bytes() {
            let cuts = matches!(byte, b';' | b'=');
            if cuts && before == b';' || !cuts && !is_in_name(byte) {
                return false;
            }
            before = byte;
        }
        true
    }

    fn are_readable(self) -> bool {
        let mut rest = (!self.0.is_empty()).then_some(self.0);
        while let Some(text) = rest {
            let (item, after) = lex::cut(text, b';');
            rest = after;
            let (name, value) = pair(item);
            let readable = !name.is_empty() && name.bytes().all(is_in_name) && is_value(value);
            let nothing_at_the_end = after.is_none() && lex::trim(item).is_empty();
            if !readable && !nothing_at_the_end {
                return false;
            }
        }
        true
    }

    /// All of them, in order: names, and values without their quotes.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.raw()
            .map(|(name, value)| (name, lex::stripped(value).unwrap_or(value)))
    }

    /// All of them, in order, quotes included.
    pub(crate) fn raw(self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = (!self.0.is_empty()).then_some(self.0);
        std::iter::from_fn(move || {
            loop {
                let (item, after) = lex::cut(rest?, b';');
                rest = after;
                let (name, value) = pair(item);
                if !name.is_empty() {
                    return Some((name, value));
                }
            }
        })
    }

    /// The value of a parameter, without quotes around it; `""` when it has none.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    pub(super) fn all(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether a parameter is there, with or without a value.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// As they were written, without the first semicolon.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

fn pair(item: &str) -> (&str, &str) {
    let (name, value) = lex::cut(item, b'=');
    (lex::trim(name), lex::trim(value.unwrap_or_default()))
}

/// Whether it may stand in a parameter's name, in a URI or a header.
fn is_in_name(byte: u8) -> bool {
    IN_NAME.get(usize::from(byte)).is_some_and(|is| *is)
}

static IN_NAME: [bool; 256] = lex::bytes(b"-.!%*_+`'~[]:/$&");

/// A quoted string is closed and nothing follows it; anything else holds no quote.
fn is_value(value: &str) -> bool {
    match lex::quoted(value) {
        Some((_, rest)) => rest.is_empty(),
        None => !value.bytes().fold(false, |any, byte| any | (byte == b'"')),
    }
}
