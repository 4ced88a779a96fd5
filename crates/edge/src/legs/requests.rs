//! What else is asked within a dialog.

use super::Legs;
use super::branch::SessionId;
use super::cx::Cx;
use super::refer::Then;
use crate::capabilities::{self, ACCEPT, ALLOW};
use crate::output::MediaOrder;
use crate::refusal::Refusal;
use model::Digit;
use rtp::event::{InfoKey, NotAKey};
use sip::message::{Header, Method, Name, Request, Response};
use sip::transaction::ServerId;

impl Legs {
    /// Answers a request that is not about the call itself.
    pub(super) fn asked(
        &mut self,
        cx: &mut Cx<'_>,
        id: SessionId,
        server: ServerId,
        request: &Request,
    ) {
        let served = self.serve(cx, id, request);
        let settings = &cx.hub.settings;
        let contact = self.branches.get(&id).map(|it| it.session.contact());
        let response = match &served {
            Ok(Served::Options) => capabilities::options(request, settings).finish(),
            Ok(Served::Done) => Response::to(request, 200)
                .header(Name::Server, &settings.product)
                .finish(),
            Ok(Served::Referred { headers, .. }) => Response::to(request, 202)
                .header(Name::Contact, contact.unwrap_or_default())
                .headers(headers)
                .header(Name::Server, &settings.product)
                .finish(),
            Ok(Served::Resubscribed { seconds }) => Response::to(request, 200)
                .header(Name::Contact, contact.unwrap_or_default())
                .header(Name::Expires, seconds)
                .header(Name::Server, &settings.product)
                .finish(),
            Err(refusal) => {
                let tag = cx.hub.transactions.tag(server).unwrap_or_default();
                refusal.response(request, tag, &settings.product)
            }
        };
        cx.hub.respond(cx.now, server, response);
        match served {
            Ok(Served::Referred { then, .. }) => self.referred(cx, id, then),
            Ok(Served::Resubscribed { .. }) => self.tell_again(cx, id),
            Ok(Served::Options | Served::Done) | Err(_) => {}
        }
    }

    fn serve(
        &mut self,
        cx: &mut Cx<'_>,
        id: SessionId,
        request: &Request,
    ) -> Result<Served, Refusal> {
        match request.method() {
            Method::Options => Ok(Served::Options),
            Method::Info => self.info(cx, id, request),
            Method::Refer => self.refer(id, request),
            Method::Subscribe => self.resubscribe(id, request),
            // We subscribe to nothing (RFC 6665 §4.1.3).
            Method::Notify => Err(Refusal::new(481)),
            Method::Message | Method::Publish | Method::Register => Err(Refusal::not_allowed()),
            // The session takes these itself.
            Method::Invite
            | Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Prack
            | Method::Update => Err(Refusal::new(500)),
            Method::Other(_) => Err(Refusal::new(501).with(Name::Allow, ALLOW)),
        }
    }

    /// Takes a key (FC-08). One without a body only asks whether we are there; no Info-Package was
    /// promised to anybody (RFC 6086 §4.2.2).
    fn info(&self, cx: &mut Cx<'_>, id: SessionId, info: &Request) -> Result<Served, Refusal> {
        if info.header("Info-Package").is_some() {
            return Err(Refusal::new(469).with(Name::parse("Recv-Info"), ""));
        }
        if info.body().is_empty() {
            return Ok(Served::Done);
        }
        let content_type = info.content_type().unwrap_or_default();
        let key = InfoKey::parse(content_type, info.body()).map_err(|why| match why {
            NotAKey::ContentType => Refusal::new(415).with(Name::Accept, ACCEPT),
            NotAKey::Key => Refusal::new(400),
        })?;
        // Before the answer only the caller has somebody to press keys for.
        if let (Some(leg), Some(digit)) = (self.leg_of(id), Digit::of_event(key.event)) {
            cx.media(MediaOrder::Key(leg, digit));
        }
        Ok(Served::Done)
    }
}

/// What a request that is served gets.
#[derive(Debug)]
pub(super) enum Served {
    /// What we can do.
    Options,
    /// A 200.
    Done,
    /// A 202, and then what it leads to.
    Referred {
        /// What the answer says besides.
        headers: Vec<Header>,
        /// What it leads to.
        then: Then,
    },
    /// A 200 that says for how long the party is told of its transfer.
    Resubscribed {
        /// Zero: no longer.
        seconds: u32,
    },
}
