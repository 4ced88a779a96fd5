//! Numbers as people dial them.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number or code: 1 to 32 of the characters `0-9 * # +` (`+` only in front).
///
/// Leading zeros count: `005` and `5` are different numbers. A `Number` is only made by parsing, so it
/// can be placed into a URI, a file name or an SQL parameter without escaping.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    // Unused bytes are zero, so that the derived order is that of the text.
    text: [u8; Self::LENGTH_MAX],
    length: u8,
}

/// The text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANumber {
    /// There is nothing.
    #[error("the number is empty")]
    Empty,
    /// There are more characters than [`Number::LENGTH_MAX`].
    #[error("the number is longer than 32 characters")]
    TooLong,
    /// A character that no telephone can dial.
    #[error("a number has only the characters 0-9 * # and a leading +, not {0:?}")]
    Character(char),
}

impl Number {
    /// The most characters a number may have.
    pub const LENGTH_MAX: usize = 32;

    /// Reads a number exactly as written.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        if text.is_empty() {
            return Err(NotANumber::Empty);
        }
        if let Some((_, bad)) = text
            .chars()
            .enumerate()
            .find(|&(i, c)| !matches!((i, c), (0, '+') | (_, '0'..='9' | '*' | '#')))
        {
            return Err(NotANumber::Character(bad));
        }
        let mut number = Self {
            text: [0; Self::LENGTH_MAX],
            length: 0,
        };
        let Some(room) = number.text.get_mut(..text.len()) else {
            return Err(NotANumber::TooLong);
        };
        room.copy_from_slice(text.as_bytes());
        number.length = u8::try_from(text.len()).map_err(|_| NotANumber::TooLong)?;
        Ok(number)
    }

    /// Reads a number as people paste it: spaces and `-().` and `/` are left out, full-width digits are read (P-14).
    pub fn parse_pasted(text: &str) -> Result<Self, NotANumber> {
        let mut plain = String::new();
        for key in text.chars() {
            match key {
                '-' | '(' | ')' | '.' | '/' | '（' | '）' => {}
                space if space.is_whitespace() => {}
                '０'..='９' => {
                    plain.extend(char::from_digit(u32::from(key) - u32::from('０'), 10))
                }
                '＊' => plain.push('*'),
                '＃' => plain.push('#'),
                '＋' => plain.push('+'),
                other => plain.push(other),
            }
            if plain.len() > 4 * Self::LENGTH_MAX {
                return Err(NotANumber::TooLong);
            }
        }
        Self::parse(&plain)
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text
            .get(..usize::from(self.length))
            .and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// The characters, one byte each.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let whole = self.text.get(..usize::from(self.length));
        whole.unwrap_or_default()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Number {
    type Err = NotANumber;
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        Self::parse(text)
    }
}

impl core::ops::Deref for Number {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <alloc::borrow::Cow<'_, str>>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_only_what_a_telephone_can_dial() {
        for good in [
            "5",
            "005",
            "*60",
            "*55*03061456",
            "**100",
            "+862885337106",
            "#",
            "100#",
        ] {
            assert_eq!(
                Number::parse(good)
                    .map(|n| std::string::ToString::to_string(&n))
                    .as_deref(),
                Ok(good)
            );
        }
        assert_eq!(Number::parse(""), Err(NotANumber::Empty));
        assert_eq!(Number::parse("1+2"), Err(NotANumber::Character('+')));
        assert_eq!(Number::parse("张三"), Err(NotANumber::Character('张')));
        assert_eq!(Number::parse("1' or"), Err(NotANumber::Character('\'')));
        assert_eq!(Number::parse(&"1".repeat(33)), Err(NotANumber::TooLong));
        assert_ne!(Number::parse("005"), Number::parse("5"));
    }

    /// P-14
    #[test]
    fn a_number_is_read_as_people_paste_it() {
        for pasted in ["028 8533-7106", "(028) 8533.7106", "０２８８５３３７１０６"] {
            assert_eq!(Number::parse_pasted(pasted).as_deref(), Ok("02885337106"));
        }
        assert_eq!(Number::parse_pasted(" "), Err(NotANumber::Empty));
        assert_eq!(
            Number::parse_pasted("1; DROP"),
            Err(NotANumber::Character(';'))
        );
        assert_eq!(
            Number::parse_pasted(&"1".repeat(200)),
            Err(NotANumber::TooLong)
        );
    }
}
