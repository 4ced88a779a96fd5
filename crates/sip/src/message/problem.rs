//! What is wrong with a message.

use super::{Method, Name, Request, Response};

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is nothing but line ends, which keep connections alive (RFC 5626 §3.5.1).
    #[error("there is nothing in it")]
    Empty,
    /// The first line is neither a request's nor a response's (RFC 3261 §7.1, §7.2).
    #[error("the start line is malformed")]
    StartLine,
    /// The version is not 2.0.
    #[error("the version is not supported")]
    Version,
    /// The Request-URI is unreadable, or has headers (RFC 3261 §19.1.1, table 1).
    #[error("the Request-URI is malformed")]
    Uri,
    /// The Request-URI is longer than [`crate::limits::URI_BYTES_MAX`].
    #[error("the Request-URI is too long")]
    UriTooLong,
    /// No empty line ends the headers.
    #[error("the headers do not end")]
    Unfinished,
    /// A line is no header.
    #[error("a header line is malformed")]
    HeaderLine,
    /// There are more than [`crate::limits::HEADERS_MAX`].
    #[error("there are too many headers")]
    TooManyHeaders,
    /// A line is longer than [`crate::limits::HEADER_BYTES_MAX`].
    #[error("a header is too long")]
    HeaderTooLong,
    /// The head is longer than [`crate::limits::HEAD_BYTES_MAX`].
    #[error("the headers are too long")]
    HeadTooLong,
    /// The message is longer than [`crate::limits::MESSAGE_BYTES_MAX`].
    #[error("the message is too long")]
    TooLong,
    /// The body is longer than [`crate::limits::BODY_BYTES_MAX`].
    #[error("the body is too long")]
    BodyTooLong,
    /// A header that every message has is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A header that may be there once is there more than once.
    #[error("{0} is repeated")]
    Repeated(&'static str),
    /// A header cannot be read.
    #[error("{0} is malformed")]
    Unreadable(&'static str),
    /// Fewer bytes came than Content-Length claims (RFC 3261 §18.3).
    #[error("the body is cut short")]
    Truncated,
    /// The method of CSeq is not that of the request (RFC 3261 §8.1.1.5).
    #[error("CSeq names another method")]
    OtherMethod,
}

impl Problem {
    /// The status with which it is answered.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::UriTooLong => 414,
            Self::TooLong | Self::BodyTooLong => 413,
            Self::Empty
            | Self::StartLine
            | Self::Uri
            | Self::Unfinished
            | Self::HeaderLine
            | Self::TooManyHeaders
            | Self::HeaderTooLong
            | Self::HeadTooLong
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Unreadable(_)
            | Self::Truncated
            | Self::OtherMethod => 400,
        }
    }
}

/// A message that cannot be taken.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct Malformed {
    problem: Problem,
    request: Option<Box<Request>>,
}

impl Malformed {
    pub(super) const fn new(problem: Problem) -> Self {
        Self {
            problem,
            request: None,
        }
    }

    pub(super) fn of(problem: Problem, request: Request) -> Self {
        Self {
            problem,
            request: Some(Box::new(request)),
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// As much of a request as was understood, for finding the way back and for the trace. Nothing in it
    /// may be relied on.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.request.as_deref()
    }

    /// What its sender is told, if anything: a response and a message whose sender is unknown are dropped,
    /// and an ACK is never answered. `to_tag` is the tag of To, if To has none.
    #[must_use]
    pub fn refusal(&self, to_tag: &str) -> Option<Response> {
        let request = self.request()?;
        if request.method() == Method::Ack || request.header(Name::Via).is_none() {
            return None;
        }
        let status = self.problem.status();
        let refusal = Response::to(request, status)
            .to_tag(to_tag)
            .reason(format_args!("{} - {}", super::reason(status), self.problem));
        Some(refusal.finish())
    }
}
