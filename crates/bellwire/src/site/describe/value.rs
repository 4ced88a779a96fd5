//! Values as TOML.

use model::{Digit, Duration, MusicName, Number};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// Whatever can stand behind a key.
pub(crate) trait Value {
    /// As TOML, in one line.
    fn toml(&self) -> String;
}

impl Value for str {
    fn toml(&self) -> String {
        quoted(self)
    }
}

impl Value for String {
    fn toml(&self) -> String {
        quoted(self)
    }
}

impl Value for Number {
    fn toml(&self) -> String {
        quoted(self)
    }
}

impl Value for Option<Number> {
    fn toml(&self) -> String {
        quoted(self.as_ref().map_or("", Number::as_str))
    }
}

impl Value for Option<MusicName> {
    fn toml(&self) -> String {
        quoted(&self.as_ref().map(ToString::to_string).unwrap_or_default())
    }
}

/// A key; none is empty.
impl Value for Option<Digit> {
    fn toml(&self) -> String {
        quoted(
            &self
                .map(|key| key.as_char().to_string())
                .unwrap_or_default(),
        )
    }
}

impl Value for bool {
    fn toml(&self) -> String {
        self.to_string()
    }
}

impl Value for u8 {
    fn toml(&self) -> String {
        self.to_string()
    }
}

impl Value for u16 {
    fn toml(&self) -> String {
        self.to_string()
    }
}

/// A limit; none is 0.
impl Value for Option<NonZeroU32> {
    fn toml(&self) -> String {
        self.map_or(0, NonZeroU32::get).to_string()
    }
}

impl Value for Duration {
    fn toml(&self) -> String {
        self.as_secs().to_string()
    }
}

/// A time; none is 0.
impl Value for Option<Duration> {
    fn toml(&self) -> String {
        self.unwrap_or_default().as_secs().to_string()
    }
}

impl<T: Value> Value for Vec<T> {
    fn toml(&self) -> String {
        list(self.iter())
    }
}

impl<T: Value> Value for BTreeSet<T> {
    fn toml(&self) -> String {
        list(self.iter())
    }
}

impl Value for BTreeMap<Digit, Number> {
    fn toml(&self) -> String {
        let pairs: Vec<_> = self
            .iter()
            .map(|(key, to)| format!("\"{}\" = {}", key.as_char(), to.toml()))
            .collect();
        format!("{{ {} }}", pairs.join(", "))
    }
}

fn list<'v, T: Value + 'v>(items: impl Iterator<Item = &'v T>) -> String {
    let items: Vec<_> = items.map(Value::toml).collect();
    format!("[{}]", items.join(", "))
}

/// A basic string (TOML 1.0).
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
