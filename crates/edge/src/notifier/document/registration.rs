//! Registered phones, for the package `reg` (RFC 3680 §5).

use super::xml::Text;
use super::{Document, Subject};
use crate::registrar::Registrar;
use model::Time;
use std::fmt::Write as _;

/// The phones of everybody, at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phones<'a> {
    /// Who is registered where.
    pub(crate) registrar: &'a Registrar,
    /// When.
    pub(crate) now: Time,
}

pub(super) fn document(subject: Subject<'_>, phones: Phones<'_>) -> Document {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"",
    );
    let version_at = Some(text.len());
    let known = phones.registrar.phones(subject.number);
    let state = if known.is_empty() {
        "terminated"
    } else {
        "active"
    };
    let (own, number) = (subject.uri(), Text(subject.number));
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\" state=\"full\">\n<registration aor=\"{}\" id=\"r{number}\" state=\"{state}\">\n",
        Text(&own)
    );
    for (id, phone) in known {
        let expires = phone.ends.since(phones.now).as_secs();
        let _ = writeln!(
            text,
            "<contact id=\"c{}\" state=\"active\" event=\"registered\" expires=\"{expires}\">\
             <uri>{}</uri></contact>",
            id.0,
            Text(&phone.binding.contact)
        );
    }
    text.push_str("</registration>\n</reginfo>\n");
    Document { text, version_at }
}
