//! What a phone dialled, as a number.

use model::Number;

/// The number in the user part of a Request-URI, still percent-encoded.
///
/// Parameters of the user part are cut off at `;`, escapes are decoded, one closing `#` (the "send" key of
/// many phones) is taken off (P-12), spaces and `-().` that people paste are dropped and full-width
/// characters are mapped to ASCII (P-14). `None` when no telephone could have dialled what is left.
#[must_use]
pub fn dialled(user: &str) -> Option<Number> {
    let user = user.split(';').next().unwrap_or_default();
    let mut text = String::with_capacity(user.len().min(TEXT_MAX));
    for character in decoded(user)?.chars() {
        match character {
            ' ' | '\u{a0}' | '\u{3000}' | '-' | '(' | ')' | '.' => {}
            '\u{ff01}'..='\u{ff5e}' => text.push(narrow(character)?),
            other => text.push(other),
        }
    }
    match text.strip_suffix('#') {
        Some(number) if !number.is_empty() => Number::parse(number).ok(),
        Some(_) | None => Number::parse(&text).ok(),
    }
}

/// The ASCII form of a full-width character (U+FF01 to U+FF5E).
fn narrow(wide: char) -> Option<char> {
    char::from_u32(u32::from(wide).checked_sub(0xfee0)?)
}

/// Decodes `%`-escapes (RFC 3986 §2.1); `None` when one is broken, or when the text is too long or no UTF-8.
fn decoded(user: &str) -> Option<String> {
    if user.len() > TEXT_MAX {
        return None;
    }
    let mut bytes = Vec::with_capacity(user.len());
    let mut rest = user.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The longest user part that is looked at: the longest number with every character of it escaped and
/// full-width, and room for punctuation.
const TEXT_MAX: usize = Number::LENGTH_MAX * 12;

#[cfg(test)]
mod tests {
    use super::dialled;

    /// P-12
    #[test]
    fn a_closing_hash_is_a_send_key_however_it_is_written() {
        for (user, number) in [
            ("*60#", "*60"),
            ("*60%23", "*60"),
            ("%2A60", "*60"),
            ("%2a60%23", "*60"),
            ("*60", "*60"),
            ("*55*100#;phone-context=office", "*55*100"),
            ("100##", "100#"),
            ("#", "#"),
            ("*4#41#", "*4#41"),
            ("005", "005"),
        ] {
            assert_eq!(dialled(user).as_deref(), Some(number), "{user}");
        }
    }

    /// P-14
    #[test]
    fn what_people_paste_is_cleaned() {
        for (user, number) in [
            ("+86%20(28)%208533-7106", "+862885337106"),
            ("0306.14-56", "03061456"),
            ("１００＃", "100"),
            ("＊６０", "*60"),
            ("%EF%BC%91%EF%BC%90%EF%BC%90", "100"),
        ] {
            assert_eq!(dialled(user).as_deref(), Some(number), "{user}");
        }
    }

    #[test]
    fn what_no_telephone_can_dial_is_no_number() {
        for user in [
            "",
            "alice",
            "100%",
            "100%2",
            "100%zz",
            "%ff%fe",
            "100%00",
            "1'--",
            "%0d%0a100",
            "()",
        ] {
            assert_eq!(dialled(user), None, "{user}");
        }
        assert_eq!(dialled(&"1".repeat(33)), None);
        assert_eq!(dialled(&"%31".repeat(100_000)), None);
    }
}
