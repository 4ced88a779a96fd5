//! What notifications say.

mod dialog;
mod presence;
mod registration;
mod xml;

pub(super) use registration::Phones;

use super::lamp::Lamp;
use super::package::Package;
use crate::legs::identity::uri;
use model::{MessageCounts, Number};

/// The body of notifications: written once for all who are told the same.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    /// Where the version goes, which each subscription counts for itself; `None` where there is none.
    version_at: Option<usize>,
}

/// Of what and to whom a document is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// Of which number.
    pub(super) number: &'a Number,
    /// What the subscriber calls us: host, perhaps with a port.
    pub(super) host: &'a str,
}

impl Document {
    /// What a lamp shows, in the words of a package that speaks of calls.
    pub(super) fn of_lamp(package: Package, subject: Subject<'_>, lamp: &Lamp) -> Self {
        match package {
            Package::Presence => presence::document(subject, lamp),
            Package::Dialog | Package::MessageSummary | Package::Reg => {
                dialog::document(subject, lamp)
            }
        }
    }

    /// Which phones are registered (RFC 3680 §5).
    pub(super) fn of_phones(subject: Subject<'_>, phones: Phones<'_>) -> Self {
        registration::document(subject, phones)
    }

    /// How many messages wait (RFC 3842 §5.2). None of them is urgent.
    pub(super) fn of_mailbox(subject: Subject<'_>, counts: MessageCounts) -> Self {
        let account = subject.uri();
        let MessageCounts { new, old } = counts;
        let waiting = if new > 0 { "yes" } else { "no" };
        Self {
            text: format!(
                "Messages-Waiting: {waiting}\r\nMessage-Account: {account}\r\nVoice-Message: {new}/{old} (0/0)\r\n"
            ),
            version_at: None,
        }
    }

    /// The whole text, in its `version`th edition.
    pub(super) fn edition(&self, version: u32) -> String {
        let cut = self
            .version_at
            .and_then(|at| self.text.split_at_checked(at));
        match cut {
            Some((before, after)) => format!("{before}{version}{after}"),
            None => self.text.clone(),
        }
    }
}

impl Subject<'_> {
    fn uri(&self) -> String {
        uri(self.number, self.host)
    }
}
