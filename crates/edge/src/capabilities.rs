//! What this server can do, as its answers say it.

use crate::Settings;
use crate::notifier::ALLOW_EVENTS;
use sip::message::{Name, Request, Response, ResponseBuilder};

/// The methods that are served (RFC 3261 §20.5).
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, SUBSCRIBE, REFER";

/// The bodies that are understood (RFC 3261 §20.1).
pub(crate) const ACCEPT: &str = "application/sdp, application/dtmf-relay, application/dtmf";

/// The extensions that are understood (RFC 3261 §20.37).
pub(crate) const SUPPORTED: &str = "100rel, timer, replaces, norefersub, path, outbound";

/// Answers OPTIONS, within a dialog and without one (RFC 3261 §11.2).
pub(crate) fn options<'a>(request: &'a Request, settings: &Settings) -> ResponseBuilder<'a> {
    Response::to(request, 200)
        .header(Name::Allow, ALLOW)
        .header(Name::Accept, ACCEPT)
        .header(Name::AcceptEncoding, "identity")
        .header(Name::Supported, SUPPORTED)
        .header(Name::AllowEvents, ALLOW_EVENTS)
        .header(Name::Server, &settings.product)
}

/// Whether an extension that a request requires is understood.
pub(crate) fn supports(option: &str) -> bool {
    SUPPORTED
        .split(", ")
        .any(|known| known.eq_ignore_ascii_case(option))
}
