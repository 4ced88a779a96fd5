//! Events that one end wants to be told of: the header Event (RFC 6665 §8.2.1).

use super::{Fields, Name, Problem};
use crate::lex;
use crate::uri::Params;

/// What a subscription is about: an event package, and what tells it from others of the same dialog.
#[derive(Clone, Copy, Debug)]
pub struct EventType<'a> {
    package: &'a str,
    params: Params<'a>,
}

impl<'a> EventType<'a> {
    fn read(value: &'a str) -> Option<Self> {
        let (package, params) = lex::cut(value, b';');
        let package = lex::trim(package);
        let params = Params::new(params.unwrap_or_default());
        (lex::all_token(package) && params.are_well_formed()).then_some(Self { package, params })
    }

    /// The event package, with its templates: `dialog`, `presence.winfo`. Packages are compared by case.
    #[must_use]
    pub const fn package(&self) -> &'a str {
        self.package
    }

    /// What tells the subscription from others to the same package in one dialog.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.params.get("id")
    }
}

impl Fields {
    /// What a SUBSCRIBE or NOTIFY is about.
    ///
    /// # Errors
    /// When it is missing, said twice, or unreadable.
    pub fn event(&self) -> Result<EventType<'_>, Problem> {
        let mut headers = self.headers(Name::Event);
        let event = headers.next().ok_or(Problem::Missing("Event"))?;
        match (EventType::read(event), headers.next()) {
            (Some(event), None) => Ok(event),
            (Some(_) | None, _) => Err(Problem::Unreadable("Event")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::EventType;

    #[test]
    fn an_event_is_a_package_perhaps_with_an_id() {
        for (text, package, id) in [
            ("dialog", "dialog", None),
            ("dialog;id=7", "dialog", Some("7")),
            ("presence.winfo ; x ; ID=a", "presence.winfo", Some("a")),
            ("message-summary;", "message-summary", None),
        ] {
            let event = EventType::read(text).unwrap();
            assert_eq!((event.package(), event.id()), (package, id), "{text}");
        }
        for text in [
            "",
            ";id=1",
            "dia log",
            "dialog, presence",
            "dialog;=1",
            "\"dialog\"",
        ] {
            assert!(EventType::read(text).is_none(), "{text}");
        }
    }
}
