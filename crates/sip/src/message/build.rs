//! Messages of our own.

use super::index::{Index, Span};
use super::{Fields, Header, Method, Name, Request, Response};
use crate::lex;
use std::fmt::{self, Display, Write as _};

/// A request in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBuilder {
    draft: Draft,
    method: Method,
    uri: Span,
    start_line: usize,
}

/// A response in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct ResponseBuilder<'a> {
    draft: Draft,
    request: &'a Request,
    status: u16,
    reason: Span,
}

impl Request {
    /// Begins a request. Blanks and control characters in a method or URI are escaped.
    pub fn build(method: Method, uri: impl Display) -> RequestBuilder {
        let mut line = String::with_capacity(EXPECTED_BYTES);
        // Writing to a String cannot fail.
        let _ = write!(Escaped(&mut line), "{method}");
        line.push(' ');
        let start = line.len();
        let _ = write!(Escaped(&mut line), "{uri}");
        let uri = Span::new(start, line.len());
        line.push_str(" SIP/2.0\r\n");
        let start_line = line.len();
        let draft = Draft::new(line);
        RequestBuilder {
            draft,
            method,
            uri,
            start_line,
        }
    }

    /// Takes the request up again, to be sent once more with other headers.
    pub fn rebuild(&self) -> RequestBuilder {
        let mut index = self.fields.index.clone();
        index.remove(&Name::ContentLength);
        let body = self.body().to_vec();
        let head_end = index
            .lines
            .last()
            .map_or(self.start_line, |line| index.line_end(line));
        index.bytes.raw().truncate(head_end);
        index.body = Span::default();
        RequestBuilder {
            draft: Draft { index, body },
            method: self.method.clone(),
            uri: self.uri,
            start_line: self.start_line,
        }
    }
}

impl RequestBuilder {
    /// Adds a header. A value cannot end its line. Content-Length is not for callers to say.
    pub fn header(mut self, name: impl Into<Name>, value: impl Display) -> Self {
        self.draft.push(&name.into(), value);
        self
    }

    /// Adds several headers.
    pub fn headers(mut self, headers: &[Header]) -> Self {
        self.draft.push_all(headers);
        self
    }

    /// Writes a header in place of all of that name.
    pub fn set(mut self, name: impl Into<Name>, value: impl Display) -> Self {
        let name = name.into();
        self.draft.index.remove(&name);
        self.draft.push(&name, value);
        self
    }

    /// Takes out every header of that name.
    pub fn without(mut self, name: impl Into<Name>) -> Self {
        self.draft.index.remove(&name.into());
        self
    }

    /// Gives it a body, in place of any other.
    pub fn body(mut self, content_type: impl Display, body: impl Into<Vec<u8>>) -> Self {
        self.draft.set_body(content_type, body.into());
        self
    }

    /// The finished request.
    #[must_use]
    pub fn finish(self) -> Request {
        Request {
            fields: self.draft.finish(),
            method: self.method,
            uri: self.uri,
            start_line: self.start_line,
        }
    }
}

impl Response {
    /// Begins the response to a request: Via, From, To, Call-ID and CSeq are the request's, byte for byte,
    /// and so is Timestamp in a 100 (RFC 3261 §8.2.6).
    pub fn to(request: &Request, status: u16) -> ResponseBuilder<'_> {
        let status = status.clamp(100, 699);
        let mut line = String::with_capacity(EXPECTED_BYTES);
        // Writing to a String cannot fail.
        let _ = write!(line, "SIP/2.0 {status} ");
        let start = line.len();
        line.push_str(super::reason(status));
        let reason = Span::new(start, line.len());
        line.push_str("\r\n");
        let mut draft = Draft::new(line);
        for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq] {
            draft.copy(request, &name);
        }
        if status == 100 {
            draft.copy(request, &Name::Timestamp);
        }
        ResponseBuilder {
            draft,
            request,
            status,
            reason,
        }
    }
}

impl ResponseBuilder<'_> {
    /// Says why in other words than the usual.
    pub fn reason(mut self, reason: impl Display) -> Self {
        let mut line = Index::new(Vec::new(), 1);
        line.push_text(reason);
        self.draft.index.replace(self.reason, &line.bytes);
        self.reason = Span::new(self.reason.start(), self.reason.start() + line.bytes.len());
        self
    }

    /// Gives To a tag, if the request came without one.
    pub fn to_tag(mut self, tag: impl Display) -> Self {
        if self.request.to().is_ok_and(|to| to.tag().is_some()) {
            return self;
        }
        let mut parameter = String::from(";tag=");
        // Writing to a String cannot fail.
        let _ = write!(Escaped(&mut parameter), "{tag}");
        let index = &mut self.draft.index;
        if let Some(nth) = index.nth(&Name::To) {
            let mut value = index
                .lines
                .get(nth)
                .map(|line| index.raw(line).to_vec())
                .unwrap_or_default();
            while value.pop_if(|b| *b == b';' || lex::is_blank(*b)).is_some() {}
            value.extend_from_slice(parameter.as_bytes());
            index.set_value(nth, &value);
        }
        self
    }

    /// Copies Record-Route, as every response must that makes a dialog (RFC 3261 §12.1.1).
    pub fn record_route(mut self) -> Self {
        self.draft.copy(self.request, &Name::RecordRoute);
        self
    }

    /// Adds a header. A value cannot end its line. Content-Length is not for callers to say.
    pub fn header(mut self, name: impl Into<Name>, value: impl Display) -> Self {
        self.draft.push(&name.into(), value);
        self
    }

    /// Adds several headers.
    pub fn headers(mut self, headers: &[Header]) -> Self {
        self.draft.push_all(headers);
        self
    }

    /// Gives it a body.
    pub fn body(mut self, content_type: impl Display, body: impl Into<Vec<u8>>) -> Self {
        self.draft.set_body(content_type, body.into());
        self
    }

    /// The finished response.
    #[must_use]
    pub fn finish(self) -> Response {
        Response {
            fields: self.draft.finish(),
            status: self.status,
            reason: self.reason,
        }
    }
}

/// A message without its end.
#[derive(Clone, Debug)]
struct Draft {
    index: Index,
    body: Vec<u8>,
}

impl Draft {
    fn new(start_line: String) -> Self {
        Self {
            index: Index::new(start_line.into_bytes(), EXPECTED_LINES),
            body: Vec::new(),
        }
    }

    fn push(&mut self, name: &Name, value: impl Display) {
        if *name != Name::ContentLength {
            self.index.push(name.as_str(), value);
        }
    }

    fn push_all(&mut self, headers: &[Header]) {
        for header in headers {
            self.push(&header.name, &header.value);
        }
    }

    fn copy(&mut self, from: &Request, name: &Name) {
        let there = &from.fields.index;
        let code = name.code();
        for line in there
            .lines
            .iter()
            .filter(|line| there.is_named(line, code, name))
        {
            self.index.push_copy(there, line);
        }
    }

    fn set_body(&mut self, content_type: impl Display, body: Vec<u8>) {
        self.index.remove(&Name::ContentType);
        self.push(&Name::ContentType, content_type);
        self.body = body;
    }

    fn finish(mut self) -> Fields {
        self.index
            .push(Name::ContentLength.as_str(), self.body.len());
        let bytes = self.index.bytes.raw();
        bytes.extend_from_slice(b"\r\n");
        let start = bytes.len();
        bytes.append(&mut self.body);
        self.index.body = Span::new(start, bytes.len());
        self.index.settle();
        Fields { index: self.index }
    }
}

/// Writes blanks and control characters as `%20` and the like.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if c <= ' ' || c == '\x7f' {
                write!(self.0, "%{:02X}", u32::from(c))?;
            } else {
                self.0.push(c);
            }
        }
        Ok(())
    }
}

/// Room for the head of a usual message.
const EXPECTED_BYTES: usize = 1024;
/// Header lines of a usual message.
const EXPECTED_LINES: usize = 16;
