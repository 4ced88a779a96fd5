//! Text in XML.

use std::fmt::{self, Display, Write as _};

/// Text that means itself in an element and in an attribute, whatever is in it. Characters that XML 1.0 §2.2
/// does not have are left out.
pub(super) struct Text<T>(pub(super) T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escape(f), "{}", self.0)
    }
}

struct Escape<'f, 'a>(&'f mut fmt::Formatter<'a>);

impl fmt::Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\'' => self.0.write_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => Ok(()),
            control if control.is_control() => Ok(()),
            plain => self.0.write_char(plain),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn no_name_ends_an_attribute_or_an_element() {
        let shown = Text("<a href=\"x\">Tom & 'Jerry' 张三\r\n\0</a>").to_string();
        assert_eq!(
            shown,
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; &apos;Jerry&apos; 张三&lt;/a&gt;"
        );
    }
}
