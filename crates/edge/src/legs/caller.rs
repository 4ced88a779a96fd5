//! Who calls and whom, as an INVITE says it.

use crate::hub::Hub;
use crate::refusal::Refusal;
use model::{Number, Origin, Party};
use sip::Uri;
use sip::message::{Name, NameAddr, Request};

/// What was dialled: the user part of the Request-URI, of whatever spelling (`sip`, `tel`, `user=phone`). 484
/// when nothing was, 404 when nobody could.
///
/// A carrier may send the call to the account that we registered; then the number stands in To.
pub(super) fn dialled(hub: &Hub, origin: &Origin, request: &Request) -> Result<Number, Refusal> {
    let uri = Uri::parse(request.uri()).map_err(|_| Refusal::new(400))?;
    let user = uri.user().unwrap_or_default();
    let by_uri = crate::dialled(user);
    let dialled = match origin {
        Origin::Extension(_) => by_uri,
        Origin::Trunk(name) => {
            let entry = hub.book.entry(name);
            let is_account = entry.is_some_and(|entry| entry.is_account(user));
            let by_to = || {
                let to = request.to().ok()?;
                to.uri().user().and_then(crate::dialled)
            };
            if is_account {
                by_to().or(by_uri)
            } else {
                by_uri.or_else(by_to)
            }
        }
    };
    dialled.ok_or_else(|| Refusal::new(if user.is_empty() { 484 } else { 404 }))
}

/// Who calls, as others see it. An extension is who the directory says, whatever From claims; a trunk is
/// believed, P-Asserted-Identity before From (RFC 3325 §5), unless the caller wants not to be known.
pub(super) fn caller(hub: &Hub, origin: &Origin, request: &Request) -> Party {
    match origin {
        Origin::Extension(number) => {
            let owner = hub.directory.extension(number);
            Party {
                number: Some(*number),
                name: owner.map(|owner| owner.name.clone()).unwrap_or_default(),
            }
        }
        Origin::Trunk(_) if wants_privacy(request) => Party::default(),
        Origin::Trunk(_) => {
            let asserted = request.asserted_identities().find_map(Result::ok);
            let named = asserted.or_else(|| request.from().ok());
            named.map(|named| party(&named)).unwrap_or_default()
        }
    }
}

/// How often the call was forwarded before it came here (RFC 7044, RFC 5806).
pub(super) fn hops(request: &Request) -> u8 {
    // The first entry of History-Info is the call as it began.
    let history = request.values(Name::HistoryInfo).count().saturating_sub(1);
    let diversions = request.values(Name::Diversion).count();
    u8::try_from(history.max(diversions)).unwrap_or(u8::MAX)
}

/// Whether Privacy asks that nobody is told who calls (RFC 3323 §4.2, RFC 3325 §9.3).
fn wants_privacy(request: &Request) -> bool {
    request
        .values(Name::Privacy)
        .flat_map(|value| value.split(';'))
        .any(|wish| {
            let is = |known: &&str| wish.trim().eq_ignore_ascii_case(known);
            ["id", "user", "header"].iter().any(is)
        })
}

fn party(named: &NameAddr<'_>) -> Party {
    let user = named.uri().user().unwrap_or_default();
    let nobody = |known: &&str| user.eq_ignore_ascii_case(known);
    if NOBODY.iter().any(nobody) {
        return Party::default();
    }
    Party {
        number: crate::dialled(user),
        name: named.display().unwrap_or_default().into_owned(),
    }
}

/// What carriers call somebody who wants not to be known (RFC 3323 §4.1.1.3 for the first).
const NOBODY: [&str; 5] = [
    "anonymous",
    "unknown",
    "unavailable",
    "restricted",
    "private",
];
