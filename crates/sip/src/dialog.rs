//! Dialogs (RFC 3261 §12): what two ends remember of each other between requests.

use crate::message::{Fields, Method, Name, NameAddr, Request, RequestBuilder, Response};
use crate::uri::{Scheme, Uri};

/// One dialog, as seen from our end. Plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// The same at both ends.
    pub call_id: String,
    /// Our value of From (or To) without the tag.
    pub local: String,
    /// Our tag. It alone finds the dialog: it is ours to choose and cannot be guessed.
    pub local_tag: String,
    /// The peer's value of To (or From) without the tag.
    pub remote: String,
    /// The peer's tag; empty when the peer is of RFC 2543 and gave none (RFC 3261 §12.1.1).
    pub remote_tag: String,
    /// The number of our last request.
    pub local_cseq: u32,
    /// The number of the peer's last request, if there was one.
    pub remote_cseq: Option<u32>,
    /// The URI that the peer's Contact gave last.
    pub remote_target: String,
    /// The proxies to pass, in the order of our requests: whole values of Route.
    pub route_set: Vec<String>,
    /// Whether it came about by `sips`.
    pub security: Security,
    /// How far it is.
    pub stage: Stage,
}

/// Whether every hop must be encrypted (RFC 3261 §12.1.1, "secure flag").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// No.
    Plain,
    /// It came about by a `sips` URI.
    Secure,
}

/// How far a dialog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Made by a provisional response.
    Early,
    /// Made or confirmed by a 2xx.
    Confirmed,
}

/// Why a message makes no dialog or does not fit into this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What a dialog is made of is missing or unreadable.
    #[error("{0} is missing or unreadable")]
    Unreadable(&'static str),
    /// The session interval that is asked for is too short (RFC 4028 §9).
    #[error("the session interval is too short")]
    IntervalTooSmall,
    /// The request is older than one that was received before (§12.2.2).
    #[error("the request is out of order")]
    OutOfOrder,
}

impl Refusal {
    /// The status of the response.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unreadable(_) => 400,
            Self::IntervalTooSmall => 422,
            Self::OutOfOrder => 500,
        }
    }
}

impl Dialog {
    /// The dialog that our responses to `invite` make, `local_tag` being the tag of To in them (§12.1.1).
    ///
    /// # Errors
    /// When Contact or what identifies the dialog is missing.
    pub fn uas(invite: &Request, local_tag: &str) -> Result<Self, Refusal> {
        let from = invite.from().map_err(|_| Refusal::Unreadable("From"))?;
        let to = invite.to().map_err(|_| Refusal::Unreadable("To"))?;
        let contact = contact(invite).ok_or(Refusal::Unreadable("Contact"))?;
        let cseq = invite.cseq().map_err(|_| Refusal::Unreadable("CSeq"))?;
        Ok(Self {
            call_id: call_id(invite)?,
            local: to.without_params().to_string(),
            local_tag: local_tag.to_owned(),
            remote: from.without_params().to_string(),
            remote_tag: from.tag().unwrap_or_default().to_owned(),
            local_cseq: 0,
            remote_cseq: Some(cseq.number),
            remote_target: contact,
            route_set: routes(invite),
            security: Security::of(invite.uri()),
            stage: Stage::Early,
        })
    }

    /// The dialog that a response to our INVITE to `uri` makes (§12.1.2).
    ///
    /// # Errors
    /// When what identifies the dialog is missing.
    pub fn uac(uri: &str, response: &Response) -> Result<Self, Refusal> {
        let from = response.from().map_err(|_| Refusal::Unreadable("From"))?;
        let to = response.to().map_err(|_| Refusal::Unreadable("To"))?;
        let cseq = response.cseq().map_err(|_| Refusal::Unreadable("CSeq"))?;
        let mut dialog = Self {
            call_id: call_id(response)?,
            local: from.without_params().to_string(),
            local_tag: from.tag().unwrap_or_default().to_owned(),
            remote: to.without_params().to_string(),
            remote_tag: to.tag().unwrap_or_default().to_owned(),
            local_cseq: cseq.number,
            remote_cseq: None,
            remote_target: uri.to_owned(),
            route_set: Vec::new(),
            security: Security::of(uri),
            stage: Stage::Early,
        };
        dialog.learn(response);
        Ok(dialog)
    }

    /// A 2xx came for a dialog that was early: its routes and Contact are those that count (§13.2.2.4).
    pub fn confirm(&mut self, response: &Response) {
        self.learn(response);
        self.stage = Stage::Confirmed;
    }

    /// Takes the routes and the target from a response to our INVITE.
    fn learn(&mut self, response: &Response) {
        self.route_set = routes(response);
        self.route_set.reverse();
        self.refresh_target(response);
    }

    /// A target refresh (re-INVITE, UPDATE, or a 2xx to ours) may name another Contact (§12.2).
    pub fn refresh_target(&mut self, message: &Fields) {
        if let Some(contact) = contact(message) {
            self.remote_target = contact;
        }
    }

    /// Checks a request of the peer's and remembers its number (§12.2.2).
    ///
    /// # Errors
    /// When it is older than one before, which is answered with 500.
    pub fn receive(&mut self, request: &Request) -> Result<(), Refusal> {
        let number = request
            .cseq()
            .map_err(|_| Refusal::Unreadable("CSeq"))?
            .number;
        if self.remote_cseq.is_some_and(|before| number < before) {
            return Err(Refusal::OutOfOrder);
        }
        self.remote_cseq = Some(number);
        Ok(())
    }

    /// Begins our next request (§12.2.1.1).
    pub fn request(&mut self, method: Method, via: &str) -> RequestBuilder {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.numbered(&method, via, self.local_cseq)
    }

    /// Begins the ACK of a 2xx to our INVITE with this number (§13.2.2.4).
    pub fn ack(&self, via: &str, cseq: u32) -> RequestBuilder {
        self.numbered(&Method::Ack, via, cseq)
    }

    fn numbered(&self, method: &Method, via: &str, cseq: u32) -> RequestBuilder {
        let (uri, routes) = self.way();
        let mut request = Request::build(method.clone(), uri)
            .header(Name::Via, via)
            .header(Name::MaxForwards, MAX_FORWARDS)
            .header(Name::From, tagged(&self.local, &self.local_tag))
            .header(Name::To, tagged(&self.remote, &self.remote_tag))
            .header(Name::CallId, &self.call_id)
            .header(Name::CSeq, format_args!("{cseq} {method}"));
        for route in routes {
            request = request.header(Name::Route, route);
        }
        request
    }

    /// The Request-URI and the values of Route (§12.2.1.1). A first proxy without `lr` is a strict router
    /// of RFC 2543: it wants itself as Request-URI and the target as the last Route.
    fn way(&self) -> (&str, Vec<String>) {
        let strict = self.route_set.split_first().and_then(|(first, rest)| {
            let first = NameAddr::parse(first).ok()?;
            (!first.uri().has_param("lr")).then_some((first.uri_text(), rest))
        });
        match strict {
            None => (&self.remote_target, self.route_set.clone()),
            Some((first, rest)) => {
                let target = format!("<{}>", self.remote_target);
                (first, rest.iter().cloned().chain([target]).collect())
            }
        }
    }
}

impl Security {
    fn of(uri: &str) -> Self {
        match Uri::parse(uri).map(|uri| uri.scheme()) {
            Ok(Scheme::Sips) => Self::Secure,
            Ok(_) | Err(_) => Self::Plain,
        }
    }
}

fn call_id(message: &Fields) -> Result<String, Refusal> {
    let call_id = message.call_id().ok_or(Refusal::Unreadable("Call-ID"))?;
    Ok(call_id.to_owned())
}

/// The URI of the first Contact.
fn contact(message: &Fields) -> Option<String> {
    let contact = message.contacts().next()?.ok()?;
    Some(contact.uri_text().to_owned())
}

fn routes(message: &Fields) -> Vec<String> {
    let routes = message.values(Name::RecordRoute).take(ROUTES_MAX);
    routes.map(str::to_owned).collect()
}

fn tagged(address: &str, tag: &str) -> String {
    match tag {
        "" => address.to_owned(),
        tag => format!("{address};tag={tag}"),
    }
}

/// How many hops a request of ours may take (RFC 3261 §8.1.1.6).
pub(crate) const MAX_FORWARDS: u8 = 70;

/// Proxies that are remembered on the way to a peer.
const ROUTES_MAX: usize = 16;
