//! Whether somebody can be reached, for the package `presence` (RFC 3863, RFC 4479, RFC 4480).

use super::xml::Text;
use super::{Document, Subject};
use crate::notifier::lamp::Lamp;

/// Somebody on the phone, or who is not to be disturbed, can be reached in principle (`open`) and says in his
/// activities why not at the moment.
pub(super) fn document(subject: Subject<'_>, lamp: &Lamp) -> Document {
    let (basic, activity, note) = match lamp {
        Lamp::Away => ("closed", "away", "Unavailable"),
        Lamp::Free => ("open", "", "Available"),
        Lamp::Ringing(_) => ("open", "on-the-phone", "Ringing"),
        Lamp::Busy(_) => ("open", "on-the-phone", "On the phone"),
        Lamp::Dnd => ("open", "busy", "Do not disturb"),
    };
    let activities = match activity {
        "" => String::new(),
        activity => format!("<rpid:activities><rpid:{activity}/></rpid:activities>"),
    };
    let uri = subject.uri();
    let (uri, number) = (Text(&uri), Text(subject.number));
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
         xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" \
         xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"{uri}\">\n\
         <tuple id=\"t{number}\"><status><basic>{basic}</basic></status>\
         <contact>{uri}</contact><note>{note}</note></tuple>\n\
         <dm:person id=\"p{number}\">{activities}<dm:note>{note}</dm:note></dm:person>\n\
         </presence>\n"
    );
    Document {
        text,
        version_at: None,
    }
}
