//! What is said to a trunk outside calls.

use super::TOKEN;
use super::registration::{Registration, Say};
use crate::capabilities::ALLOW;
use crate::hub::Hub;
use crate::legs::{authority, contact_uri, domain, user_uri};
use model::{Trunk, TrunkKind};
use sip::Flow;
use sip::message::{Method, Name, Request, RequestBuilder};

/// An OPTIONS (RFC 3261 §11).
pub(super) fn options(hub: &mut Hub, trunk: &Trunk, flow: &Flow) -> Request {
    let uri = format!("sip:{}", authority(trunk));
    let host = hub.settings.host(flow);
    let from = match trunk.kind {
        TrunkKind::Register => user_uri(&trunk.username, &domain(trunk, &host)),
        TrunkKind::Peer => format!("sip:{}", domain(trunk, &host)),
    };
    let ids = hub.transactions.ids();
    let (tag, call_id) = (ids.tag(), ids.call_id());
    begin(hub, Method::Options, &uri, flow)
        .header(Name::From, format_args!("<{from}>;tag={tag}"))
        .header(Name::To, format_args!("<{uri}>"))
        .header(Name::CallId, call_id)
        .header(Name::CSeq, "1 OPTIONS")
        .header(Name::Accept, "application/sdp")
        .finish()
}

/// A REGISTER (RFC 3261 §10.2), with the credentials that are known.
pub(super) fn register(
    hub: &mut Hub,
    (trunk, token): (&Trunk, &str),
    registration: &mut Registration,
    say: &Say,
) -> Request {
    let host = hub.settings.host(&say.flow);
    let account = user_uri(&trunk.username, &domain(trunk, &host));
    let contact = contact_uri(Some(&trunk.username), &host, say.flow.transport);
    let uri = format!("sip:{}", authority(trunk));
    let bare = begin(hub, Method::Register, &uri, &say.flow)
        .header(
            Name::From,
            format_args!("<{account}>;tag={}", registration.tag),
        )
        .header(Name::To, format_args!("<{account}>"))
        .header(Name::CallId, &registration.call_id)
        .header(Name::CSeq, format_args!("{} REGISTER", say.cseq))
        .header(
            Name::Contact,
            format_args!("<{contact};{TOKEN}={token}>;expires={}", say.expires),
        )
        .header(Name::Expires, say.expires)
        .header(Name::Allow, ALLOW)
        .finish();
    let credentials = if say.credentials.is_empty() {
        let cnonce = hub.transactions.ids().tag();
        registration.credentials(&bare, &cnonce)
    } else {
        say.credentials.clone()
    };
    bare.rebuild().headers(&credentials).finish()
}

fn begin(hub: &mut Hub, method: Method, uri: &str, flow: &Flow) -> RequestBuilder {
    let host = hub.settings.host(flow);
    let via = hub.transactions.via(flow.transport, &host);
    Request::build(method, uri)
        .header(Name::Via, via)
        .header(Name::MaxForwards, 70)
        .header(Name::UserAgent, &hub.settings.product)
}
