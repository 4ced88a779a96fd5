//! Requests.

use super::index::Span;
use super::{Fields, Method, Name};
use crate::lex;
use crate::uri::Params;
use std::fmt::{Display, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;

/// Somebody wants something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub(super) fields: Fields,
    pub(super) method: Method,
    pub(super) uri: Span,
    /// Where the start line ends, line end included.
    pub(super) start_line: usize,
}

impl Request {
    /// What is wanted.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method.clone()
    }

    /// Whom it is sent to: the Request-URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        self.fields.index.text(self.uri)
    }

    /// Puts a header above all others.
    pub fn push_front(&mut self, name: impl Into<Name>, value: impl Display) {
        let start = self.start_line;
        self.fields
            .index
            .push_front(start, name.into().as_str(), value);
        self.fields.index.settle();
    }

    /// Notes in the top Via where the request came from, as its first receiver must (RFC 3261 §18.2.1,
    /// RFC 3581 §4). What the sender claims there itself does not count.
    pub fn mark_received(&mut self, remote: SocketAddr) {
        let Ok(via) = self.via() else { return };
        let is_told = via.has_rport() || via.params().has("received");
        if via.host().ip() == Some(remote.ip()) && !is_told {
            return;
        }
        let port = via.has_rport().then_some(remote.port());
        let value = self.header(Name::Via).unwrap_or_default();
        let (top, others) = lex::cut(value, b',');
        let mut marked = marked(top, remote.ip(), port);
        if let Some(others) = others {
            marked.push(',');
            marked.push_str(others);
        }
        if let Some(nth) = self.fields.index.nth(&Name::Via) {
            self.fields.index.set_value(nth, marked.as_bytes());
            self.fields.index.settle();
        }
    }
}

/// The top Via with `received` and `rport` as they really are.
fn marked(via: &str, ip: IpAddr, rport: Option<u16>) -> String {
    let (sent_by, params) = lex::cut(via, b';');
    let mut marked = String::with_capacity(via.len() + EXPECTED_GROWTH);
    marked.push_str(lex::trim(sent_by));
    let kept =
        |name: &str| !name.eq_ignore_ascii_case("received") && !name.eq_ignore_ascii_case("rport");
    for (name, value) in Params::new(params.unwrap_or_default())
        .raw()
        .filter(|(name, _)| kept(name))
    {
        let equals = if value.is_empty() { "" } else { "=" };
        // Writing to a String cannot fail.
        let _ = write!(marked, ";{name}{equals}{value}");
    }
    let _ = write!(marked, ";received={ip}");
    if let Some(port) = rport {
        let _ = write!(marked, ";rport={port}");
    }
    marked
}

/// Bytes that `received` and `rport` take.
const EXPECTED_GROWTH: usize = 64;

impl Deref for Request {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        &self.fields
    }
}
