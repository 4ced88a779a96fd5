//! How messages find their transaction (RFC 3261 §17.1.3, §17.2.3).

use crate::ids::MAGIC_COOKIE;
use crate::message::{Method, Name, Request, Response};
use std::sync::Arc;

/// Identifies a transaction: the parts that RFC 3261 compares, joined by a character that none can hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Arc<str>);

impl Key {
    /// The client transaction that a request of ours begins.
    pub(super) fn of_sent(request: &Request) -> Option<Self> {
        let via = request.via().ok()?;
        Some(joined(&[via.branch()?, request.method().as_str()]))
    }

    /// The client transaction that a response belongs to (§17.1.3): branch and method of CSeq.
    pub(super) fn of_response(response: &Response) -> Option<Self> {
        let (via, cseq) = (response.via().ok()?, response.cseq().ok()?);
        Some(joined(&[via.branch()?, cseq.method.as_str()]))
    }

    /// The server transaction that a request belongs to. An ACK belongs to its INVITE.
    pub(super) fn of_received(request: &Request) -> Option<Self> {
        let method = request.method();
        if method == Method::Ack {
            return Self::with_method(request, &Method::Invite);
        }
        Self::with_method(request, &method)
    }

    /// The INVITE that a CANCEL is about (§9.2).
    pub(super) fn of_cancelled(request: &Request) -> Option<Self> {
        Self::with_method(request, &Method::Invite)
    }

    fn with_method(request: &Request, method: &Method) -> Option<Self> {
        let via = request.via().ok()?;
        match via.branch().filter(|branch| has_cookie(branch)) {
            Some(branch) => Some(joined(&[
                &branch.to_ascii_lowercase(),
                &via.sent_by().to_string(),
                method.as_str(),
            ])),
            None => Self::without_cookie(request, method),
        }
    }

    /// RFC 2543: no branch is promised to be unique, so the whole identity counts. The To tag of an ACK
    /// is that of the response and is left out; so is that of every request, whose CSeq tells it apart.
    fn without_cookie(request: &Request, method: &Method) -> Option<Self> {
        let (from, cseq) = (request.from().ok()?, request.cseq().ok()?);
        Some(joined(&[
            request.uri(),
            from.tag().unwrap_or_default(),
            request.call_id()?,
            &cseq.number.to_string(),
            request.header(Name::Via)?,
            method.as_str(),
        ]))
    }

    /// What two copies of one request that took different ways have in common (§8.2.2.2).
    pub(super) fn of_merged(request: &Request) -> Option<Self> {
        if request.to().ok()?.tag().is_some() {
            return None;
        }
        let (from, cseq) = (request.from().ok()?, request.cseq().ok()?);
        Some(joined(&[
            request.call_id()?,
            from.tag().unwrap_or_default(),
            &cseq.number.to_string(),
            cseq.method.as_str(),
        ]))
    }
}

/// Whether a branch promises to be unique (RFC 3261 §8.1.1.7).
fn has_cookie(branch: &str) -> bool {
    branch
        .get(..MAGIC_COOKIE.len())
        .is_some_and(|cookie| cookie.eq_ignore_ascii_case(MAGIC_COOKIE))
}

fn joined(parts: &[&str]) -> Key {
    Key(Arc::from(parts.join(SEPARATOR)))
}

/// No header value holds a line feed.
const SEPARATOR: &str = "\n";
