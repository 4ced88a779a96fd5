//! Calls, for the package `dialog` (RFC 4235 §4).

use super::xml::Text;
use super::{Document, Subject};
use crate::legs::identity::uri;
use crate::notifier::lamp::{Lamp, Rung};
use model::Party;
use std::fmt::Write as _;

/// One dialog stands for all that a number is doing, and it is named even when it is over: phones that light a lamp
/// by the state of a dialog that they know put it out by the same.
pub(super) fn document(subject: Subject<'_>, lamp: &Lamp) -> Document {
    let mut text = String::with_capacity(EXPECTED_BYTES);
    text.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"",
    );
    let version_at = Some(text.len());
    let own = subject.uri();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\" state=\"full\" entity=\"{}\">", Text(&own));
    let _ = write!(text, "<dialog id=\"{}\"", Text(subject.number));
    match lamp {
        Lamp::Away | Lamp::Free => text.push_str("><state>terminated</state>"),
        Lamp::Dnd | Lamp::Busy(None) => text.push_str("><state>confirmed</state>"),
        Lamp::Ringing(None) => text.push_str(" direction=\"recipient\"><state>early</state>"),
        Lamp::Busy(Some(party)) => {
            text.push_str(" direction=\"recipient\"><state>confirmed</state>");
            ends(&mut text, &own, party, subject.host);
        }
        Lamp::Ringing(Some(Rung { caller, pickup })) => {
            let _ = write!(
                text,
                " call-id=\"{}\" local-tag=\"{}\" remote-tag=\"{}\" direction=\"recipient\">\
                 <state>early</state>",
                Text(&pickup.call_id),
                Text(&pickup.local_tag),
                Text(&pickup.remote_tag)
            );
            ends(&mut text, &own, caller, subject.host);
        }
    }
    text.push_str("</dialog>\n</dialog-info>\n");
    Document { text, version_at }
}

/// Both ends of the call. What a phone dials to get at the party is the number itself.
fn ends(text: &mut String, own: &str, party: &Party, host: &str) {
    let remote = party.number.as_ref().map_or_else(
        || "sip:anonymous@anonymous.invalid".to_owned(),
        |number| uri(number, host),
    );
    let (own, remote, name) = (Text(own), Text(&remote), Text(party.name.trim()));
    let _ = write!(
        text,
        "<local><identity>{own}</identity><target uri=\"{own}\"/></local>\
         <remote><identity display=\"{name}\">{remote}</identity><target uri=\"{remote}\"/></remote>"
    );
}

/// Room for a call with both its ends.
const EXPECTED_BYTES: usize = 1024;
