//! Characters written as `%41`.

use std::borrow::Cow;

/// Resolves `%41` escapes. What is no escape stays; what is no UTF-8 becomes U+FFFD.
#[must_use]
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = unescape(text, |_| true);
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Resolves only what need not have been escaped (RFC 3261 §19.1.4).
pub(super) fn unescape_unreserved(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = unescape(text, |byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
            )
    });
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn unescape(text: &str, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let resolved = match (byte, after) {
            (b'%', [high, low, after @ ..]) => hex(*high, *low)
                .filter(|byte| wanted(*byte))
                .map(|byte| (byte, after)),
            _ => None,
        };
        let (byte, after) = resolved.unwrap_or((byte, after));
        plain.push(byte);
        rest = after;
    }
    plain
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
