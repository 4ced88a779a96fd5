//! The front door: what is let in (RFC 3261 §8.2).
//!
//! Everything is decided from the message alone and nothing is remembered of what is refused, so that a
//! stranger costs no memory. Whether he is who he says is [`crate::auth`]'s matter, after this.

use crate::capabilities::{self, ACCEPT, ALLOW};
use crate::refusal::Refusal;
use sip::message::{Method, Name, Request, Via};
use sip::{Scheme, Uri};
use std::net::SocketAddr;

/// What a request is about, once it has passed the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Business {
    /// It belongs to a dialog, if there is such a dialog. The dialog's secret tags vouch for it.
    InDialog,
    /// Asks what we can do. Everybody may.
    Options,
    /// Says where a phone is. Needs a password.
    Register,
    /// Begins a call. Needs a password.
    Invite,
    /// Wants to be told of something. Needs a password.
    Subscribe,
    /// Wants somebody to call somebody, outside a call. Who has a password is refused.
    Refer,
    /// Wants what is not served. Who has a password learns what is.
    Unserved,
}

/// Looks at a new request. `here` are the addresses under which it could have been sent by ourselves.
pub(crate) fn examine(request: &Request, here: &[SocketAddr]) -> Result<Business, Refusal> {
    let business = business(request)?;
    check_uri(request, business)?;
    check_hops(request, business, here)?;
    check_extensions(request)?;
    check_body(request, business)?;
    Ok(business)
}

/// RFC 3261 §8.2.1: the method.
fn business(request: &Request) -> Result<Business, Refusal> {
    let to = request.to().map_err(|_| Refusal::new(400))?;
    let in_dialog = to.tag().is_some();
    match request.method() {
        Method::Register => Ok(Business::Register),
        Method::Invite
        | Method::Bye
        | Method::Info
        | Method::Update
        | Method::Prack
        | Method::Options
        | Method::Refer
        | Method::Notify
        | Method::Subscribe
            if in_dialog =>
        {
            Ok(Business::InDialog)
        }
        Method::Options => Ok(Business::Options),
        Method::Invite => Ok(Business::Invite),
        Method::Subscribe => Ok(Business::Subscribe),
        Method::Refer => Ok(Business::Refer),
        Method::Message | Method::Publish => Ok(Business::Unserved),
        // They exist only within dialogs (RFC 3261 §15.1.2, 3262 §3, 3311 §5.2, 6086 §4.2, 6665 §4.1.3).
        Method::Bye | Method::Prack | Method::Update | Method::Info | Method::Notify => {
            Err(Refusal::new(481))
        }
        // They are no requests of their own and never come here.
        Method::Ack | Method::Cancel => Err(Refusal::new(400)),
        Method::Other(_) => Err(Refusal::new(501).with(Name::Allow, ALLOW)),
    }
}

/// RFC 3261 §8.2.2.1: the Request-URI. A number to be called may also be a `tel` URI (RFC 3966).
fn check_uri(request: &Request, business: Business) -> Result<(), Refusal> {
    match Uri::parse(request.uri()).map(|uri| uri.scheme()) {
        Ok(Scheme::Sip | Scheme::Sips) => Ok(()),
        Ok(Scheme::Tel) if business == Business::Invite => Ok(()),
        Ok(Scheme::Tel | Scheme::Other(_)) => Err(Refusal::new(416)),
        Err(_) => Err(Refusal::new(400)),
    }
}

/// Requests that go round in circles: back at the one who sent them, or at the end of their hops
/// (RFC 3261 §16.3). What ends here need not have any left.
fn check_hops(request: &Request, business: Business, here: &[SocketAddr]) -> Result<(), Refusal> {
    let sent_from_here = |via: &Via<'_>| here.iter().any(|own| is_sent_by(via, *own));
    for via in request.vias() {
        match via {
            Ok(via) if sent_from_here(&via) => return Err(Refusal::new(482)),
            Ok(_) => {}
            Err(_) => return Err(Refusal::new(400)),
        }
    }
    let hops = request.max_forwards().map_err(|_| Refusal::new(400))?;
    match business {
        Business::InDialog
        | Business::Options
        | Business::Register
        | Business::Subscribe
        | Business::Refer
        | Business::Unserved => Ok(()),
        Business::Invite if hops == Some(0) => Err(Refusal::new(483)),
        Business::Invite => Ok(()),
    }
}

fn is_sent_by(via: &Via<'_>, own: SocketAddr) -> bool {
    via.host().ip() == Some(own.ip().to_canonical())
        && via.port().unwrap_or(DEFAULT_PORT) == own.port()
}

/// RFC 3261 §8.2.2.3: extensions that must be understood.
fn check_extensions(request: &Request) -> Result<(), Refusal> {
    let unsupported: Vec<&str> = request
        .values(Name::Require)
        .chain(request.values(Name::ProxyRequire))
        .filter(|option| !capabilities::supports(option))
        .collect();
    if unsupported.is_empty() {
        Ok(())
    } else {
        Err(Refusal::new(420).with(Name::Unsupported, unsupported.join(", ")))
    }
}

/// RFC 3261 §8.2.3: the body. Within a dialog, whoever owns it knows what it takes.
fn check_body(request: &Request, business: Business) -> Result<(), Refusal> {
    let identity = |coding: &str| coding.eq_ignore_ascii_case("identity");
    if !request.values(Name::ContentEncoding).all(identity) {
        return Err(Refusal::new(415).with(Name::AcceptEncoding, "identity"));
    }
    if business != Business::Invite {
        return Ok(());
    }
    if !takes_sdp(request) {
        return Err(Refusal::new(406));
    }
    let optional = request
        .header(Name::ContentDisposition)
        .is_some_and(|value| value.to_ascii_lowercase().contains("handling=optional"));
    if request.body().is_empty() || optional || carries_sdp(request) {
        Ok(())
    } else {
        Err(Refusal::new(415).with(Name::Accept, ACCEPT))
    }
}

/// Whether the answer to an INVITE may be SDP; nothing said means it may (RFC 3261 §20.1).
fn takes_sdp(request: &Request) -> bool {
    const RANGES: [&str; 3] = ["application/sdp", "application/*", "*/*"];
    request.header(Name::Accept).is_none()
        || request
            .values(Name::Accept)
            .any(|range| RANGES.contains(&media_type(range).as_str()))
}

fn carries_sdp(request: &Request) -> bool {
    let content = request.content_type().map(media_type).unwrap_or_default();
    content == "application/sdp" || content.starts_with("multipart/")
}

/// `type/subtype` in lower case, without parameters and blanks.
fn media_type(value: &str) -> String {
    let range = value.split(';').next().unwrap_or_default();
    let mut media_type = range.to_ascii_lowercase();
    media_type.retain(|c| !c.is_whitespace());
    media_type
}

/// The port of Via when it names none (RFC 3261 §18.2.2).
const DEFAULT_PORT: u16 = 5060;
