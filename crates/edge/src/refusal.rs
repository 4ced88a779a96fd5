//! Why a request is not served, and what it is told.

use crate::capabilities::ALLOW;
use sip::message::{Header, Name, Request, Response};
use std::fmt::Display;

/// A request is not served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    status: u16,
    headers: Vec<Header>,
}

impl Refusal {
    /// With the usual reason phrase.
    pub(crate) const fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
        }
    }

    /// Says more in a header.
    pub(crate) fn with(mut self, name: Name, value: impl Display) -> Self {
        self.headers.push(Header::new(name, value));
        self
    }

    /// 503: try again after so many seconds.
    pub(crate) fn later() -> Self {
        Self::new(503).with(Name::RetryAfter, RETRY_AFTER_SECONDS)
    }

    /// 405: the method is not served, which others are (RFC 3261 §8.2.1).
    pub(crate) fn not_allowed() -> Self {
        Self::new(405).with(Name::Allow, ALLOW)
    }

    /// What is sent.
    pub(crate) fn response(&self, request: &Request, to_tag: &str, product: &str) -> Response {
        Response::to(request, self.status)
            .to_tag(to_tag)
            .headers(&self.headers)
            .header(Name::Server, product)
            .finish()
    }
}

/// Long enough that a phone does not hammer, short enough that its user does not give up.
const RETRY_AFTER_SECONDS: &str = "10";
