//! How messages find their transaction (RFC 3261 §17.1.3, §17.2.3).

use crate::ids::MAGIC_COOKIE;
use crate::message::{Host, Method, Name, Request, Response};
use sha2::{Digest as _, Sha256};

/// Identifies a transaction: a digest of the parts that RFC 3261 compares. It takes no memory of its own, however long
/// they are, and nobody can make two of them alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

impl Key {
    /// The client transaction that a request of ours begins.
    pub(super) fn of_sent(request: &Request) -> Option<Self> {
        let via = request.via().ok()?;
        Some(
            Parts::of(request.method().as_str())
                .and(via.branch()?)
                .key(),
        )
    }

    /// The client transaction that a response belongs to (§17.1.3): branch and method of CSeq.
    pub(super) fn of_response(response: &Response) -> Option<Self> {
        let (via, cseq) = (response.via().ok()?, response.cseq().ok()?);
        Some(Parts::of(cseq.method.as_str()).and(via.branch()?).key())
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
        let Some(branch) = via.branch().filter(|branch| has_cookie(branch)) else {
            return Self::without_cookie(request, method);
        };
        let parts = Parts::of(method.as_str()).and_in_any_case(branch);
        let parts = match via.host() {
            Host::V4(ip) => parts.and_bytes(&ip.octets()),
            Host::V6(ip) => parts.and_bytes(&ip.octets()),
            Host::Name(name) => parts.and_in_any_case(name),
        };
        let port = via.port().unwrap_or_default();
        Some(parts.and_bytes(&port.to_be_bytes()).key())
    }

    /// RFC 2543: no branch is promised to be unique, so the whole identity counts. The To tag of an ACK
    /// is that of the response and is left out; so is that of every request, whose CSeq tells it apart.
    fn without_cookie(request: &Request, method: &Method) -> Option<Self> {
        let (from, cseq) = (request.from().ok()?, request.cseq().ok()?);
        let parts = Parts::of(method.as_str())
            .and(request.uri())
            .and(from.tag().unwrap_or_default())
            .and(request.call_id()?)
            .and_bytes(&cseq.number.to_be_bytes())
            .and(request.header(Name::Via)?);
        Some(parts.key())
    }

    /// What two copies of one request that took different ways have in common (§8.2.2.2).
    pub(super) fn of_merged(request: &Request) -> Option<Self> {
        if request.to().ok()?.tag().is_some() {
            return None;
        }
        let (from, cseq) = (request.from().ok()?, request.cseq().ok()?);
        let parts = Parts::of(cseq.method.as_str())
            .and(request.call_id()?)
            .and(from.tag().unwrap_or_default())
            .and_bytes(&cseq.number.to_be_bytes());
        Some(parts.key())
    }
}

/// Whether a branch promises to be unique (RFC 3261 §8.1.1.7).
fn has_cookie(branch: &str) -> bool {
    branch
        .get(..MAGIC_COOKIE.len())
        .is_some_and(|cookie| cookie.eq_ignore_ascii_case(MAGIC_COOKIE))
}

/// The parts of a key, each with its length, so that none can pass for two.
struct Parts(Sha256);

impl Parts {
    fn of(first: &str) -> Self {
        Self(Sha256::new()).and(first)
    }

    fn and(self, part: &str) -> Self {
        self.and_bytes(part.as_bytes())
    }

    fn and_bytes(mut self, part: &[u8]) -> Self {
        self.0.update(part.len().to_be_bytes());
        self.0.update(part);
        self
    }

    fn and_in_any_case(mut self, part: &str) -> Self {
        self.0.update(part.len().to_be_bytes());
        let mut lower = [0; 64];
        for chunk in part.as_bytes().chunks(lower.len()) {
            if let Some(lower) = lower.get_mut(..chunk.len()) {
                lower.copy_from_slice(chunk);
                lower.make_ascii_lowercase();
                self.0.update(lower);
            }
        }
        self
    }

    fn key(self) -> Key {
        let digest = self.0.finalize();
        let first = digest.first_chunk().copied().unwrap_or_default();
        Key(u128::from_be_bytes(first))
    }
}
