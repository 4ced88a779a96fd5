//! Texts that people write, read into what they may be.

use crate::limits::{EMAIL_MAX, TEXT_MAX};
use crate::problem::FieldError;
use model::Number;

/// Collects what is wrong with the fields of a request, so that all of it is told at once.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    pub(crate) fn add(&mut self, field: impl Into<String>, code: &'static str, detail: &str) {
        self.0.push(FieldError::new(field, code, detail));
    }

    /// Text of one line; the spaces around it are left out.
    pub(crate) fn line(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        if text.chars().count() > TEXT_MAX {
            self.add(field, "too-long", "is longer than 128 characters");
        }
        if text.chars().any(char::is_control) {
            self.add(field, "control-character", "has control characters in it");
        }
        text.to_owned()
    }

    /// As [`Checks::line`], and there must be something.
    pub(crate) fn filled(&mut self, field: &str, text: &str) -> String {
        let text = self.line(field, text);
        if text.is_empty() {
            self.add(field, "empty", "is empty");
        }
        text
    }

    /// A number as people paste it (P-14).
    pub(crate) fn number(&mut self, field: impl Into<String>, text: &str) -> Option<Number> {
        match Number::parse_pasted(text) {
            Ok(number) => Some(number),
            Err(error) => {
                self.add(field, "not-a-number", &format!("is no number: {error}"));
                None
            }
        }
    }

    /// One mail address, several with commas between them, or nothing.
    pub(crate) fn emails(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        let addresses: Vec<_> = text.split(',').map(str::trim).collect();
        let all = text.is_empty() || addresses.iter().all(|address| is_email(address));
        if !all || text.chars().count() > EMAIL_MAX {
            self.add(
                field,
                "not-an-email",
                "is no mail address such as name@example.org",
            );
        }
        addresses.join(",")
    }

    /// What is wrong, if anything is.
    pub(crate) fn done(self) -> Result<(), crate::problem::Problem> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(crate::problem::Problem::invalid(self.0)),
        }
    }
}

fn is_email(text: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && !text.contains(|c: char| {
                c.is_whitespace() || c.is_control() || "<>()[]\\\",;:".contains(c)
            })
    };
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        plain(local)
            && plain(domain)
            && !local.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SET-03
    #[test]
    fn mail_addresses_are_told_from_other_texts() {
        for good in [
            "a@example.org",
            "a+b@example.org",
            "王@例子.cn",
            "a@b.c, d@e.f",
            "",
        ] {
            let mut checks = Checks::default();
            checks.emails("email", good);
            assert_eq!(checks.done(), Ok(()), "{good}");
        }
        for bad in [
            "a",
            "@b",
            "a@",
            "a b@c",
            "a@b,",
            "a@b\r\nBcc: x@y",
            "a@.b",
            "<a@b>",
            "a@b@c",
        ] {
            let mut checks = Checks::default();
            checks.emails("email", bad);
            assert!(checks.done().is_err(), "{bad}");
        }
    }
}
