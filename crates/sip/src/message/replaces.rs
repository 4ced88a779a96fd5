//! Dialogs that another message names: Replaces (RFC 3891) and Refer-To (RFC 3515).

use super::{Fields, Name, NameAddr, Problem};
use crate::lex;
use crate::uri::Params;

/// The dialog whose place a call is to take (RFC 3891 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaces<'a> {
    /// Its Call-ID.
    pub call_id: &'a str,
    /// The tag of the end that is asked to replace it.
    pub to_tag: &'a str,
    /// The tag of the other end; `0` where that gave none.
    pub from_tag: &'a str,
    /// Whether it is only meant while nobody has answered.
    pub only: Only,
}

/// In which state a dialog is meant to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// While it is early (`early-only`).
    Early,
    /// In any.
    Any,
}

impl<'a> Replaces<'a> {
    /// Reads the value of a header, or of one in a URI with its escapes resolved.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &'a str) -> Result<Self, Problem> {
        Self::read(text).ok_or(Problem::Unreadable("Replaces"))
    }

    fn read(text: &'a str) -> Option<Self> {
        // A Call-ID may hold nearly anything, but neither blanks nor semicolons.
        let (call_id, params) = lex::split(lex::trim(text), b';');
        let call_id = lex::trim(call_id);
        let params = Params::new(params?);
        let tag = |name| params.get(name).filter(|tag| lex::all_token(tag));
        let one_word =
            !call_id.is_empty() && !call_id.bytes().any(|byte| byte <= b' ' || byte == b',');
        (one_word && params.are_well_formed()).then_some(())?;
        Some(Self {
            call_id,
            to_tag: tag("to-tag")?,
            from_tag: tag("from-tag")?,
            only: if params.has("early-only") {
                Only::Early
            } else {
                Only::Any
            },
        })
    }
}

impl Fields {
    /// The dialog whose place an INVITE is to take, if it says so.
    ///
    /// # Errors
    /// When it is said twice or unreadable, which is answered with 400 (RFC 3891 §3).
    pub fn replaces(&self) -> Result<Option<Replaces<'_>>, Problem> {
        let mut headers = self.headers(Name::Replaces);
        match (headers.next(), headers.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Replaces::parse(value).map(Some),
            (Some(_), Some(_)) => Err(Problem::Unreadable("Replaces")),
        }
    }

    /// Where the sender of a REFER wants somebody to call.
    ///
    /// # Errors
    /// When it is missing, said twice or unreadable, which is answered with 400 (RFC 3515 §2.4.2).
    pub fn refer_to(&self) -> Result<NameAddr<'_>, Problem> {
        let mut headers = self.headers(Name::ReferTo);
        let value = headers.next().ok_or(Problem::Missing("Refer-To"))?;
        match (NameAddr::parse(value), headers.next()) {
            (Ok(address), None) => Ok(address),
            (Ok(_) | Err(_), _) => Err(Problem::Unreadable("Refer-To")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Only, Replaces};

    #[test]
    fn a_dialog_is_named_by_its_call_id_and_both_tags() {
        let read = Replaces::parse("a-b@c ; to-tag=7; from-tag=x.1;early-only").unwrap();
        let expected = Replaces {
            call_id: "a-b@c",
            to_tag: "7",
            from_tag: "x.1",
            only: Only::Early,
        };
        assert_eq!(read, expected);
        let any = Replaces::parse("1;from-tag=a;to-tag=b").unwrap();
        assert_eq!((any.to_tag, any.from_tag, any.only), ("b", "a", Only::Any));
    }

    #[test]
    fn what_names_no_dialog_is_refused() {
        for text in [
            "",
            "a",
            ";to-tag=1;from-tag=2",
            "a;to-tag=1",
            "a;from-tag=1",
            "a;to-tag=;from-tag=1",
            "a b;to-tag=1;from-tag=2",
            "a,b;to-tag=1;from-tag=2",
            "a;to-tag=1;from-tag=\"2\r\n\"",
            "a;to-tag=1;from-tag=2;=",
        ] {
            assert!(Replaces::parse(text).is_err(), "{text}");
        }
    }
}
