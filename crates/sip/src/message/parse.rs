//! Reading messages.

use super::fields::{CSeq, address, read_cseq, seconds, top_via};
use super::index::{Index, Span};
use super::lines::{header_line, next_line, skip_line_ends, unfolded_line};
use super::name::Code;
use super::{Fields, Malformed, Message, Method, Problem, Request, Response};
use crate::lex;
use crate::limits::{
    BODY_BYTES_MAX, HEAD_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX,
    METHOD_BYTES_MAX,
};
use crate::uri::{NotAUri, Uri};

impl Message {
    /// Reads one message, as a datagram or a WebSocket frame brings it or [`crate::stream::Framer`] cut it
    /// out. Bytes beyond Content-Length are dropped; without it the body goes to the end (RFC 3261 §18.3).
    ///
    /// What a server needs in order to answer is checked: start line, Via, From, To, Call-ID, CSeq,
    /// Max-Forwards and Content-Length. All else is read when somebody asks for it.
    ///
    /// # Errors
    /// When it is none, or breaks a limit. [`Malformed::refusal`] says what its sender is told.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = skip_line_ends(bytes);
        if bytes.is_empty() {
            return Err(Malformed::new(Problem::Empty));
        }
        let mut first = First::new();
        let mut taken = bytes;
        if bytes.len() > MESSAGE_BYTES_MAX {
            first.note(Problem::TooLong);
            // Nothing but the head is of any use in a refusal.
            taken = bytes.get(..HEAD_BYTES_MAX).unwrap_or_default();
        }
        let (fields, start_line, first_header) = read_fields(taken, &mut first);
        match fields.index.text(start_line).strip_prefix("SIP/") {
            Some(_) => response(fields, start_line, first).map(Self::Response),
            None => request(fields, start_line, first_header, first).map(Self::Request),
        }
    }
}

/// The first problem found. The reading goes on: a refusal needs the headers.
struct First(Option<Problem>);

impl First {
    const fn new() -> Self {
        Self(None)
    }

    fn note(&mut self, problem: Problem) {
        self.0.get_or_insert(problem);
    }

    fn note_if<T>(&mut self, result: Result<T, Problem>) {
        if let Err(problem) = result {
            self.note(problem);
        }
    }
}

fn request(
    fields: Fields,
    line: Span,
    first_header: usize,
    mut first: First,
) -> Result<Request, Malformed> {
    let Some((method, uri, version)) = request_line(fields.index.text(line)) else {
        return Err(Malformed::new(Problem::StartLine));
    };
    // A version that is not ours is the first thing to be told: the rest may have other rules.
    let mut verdict = First::new();
    match (version, uri) {
        ("SIP/2.0", _) => {}
        (version, _) if is_version(version) => verdict.note(Problem::Version),
        _ => verdict.note(Problem::StartLine),
    }
    let method = Method::parse(method);
    let uri_start = line.start() + method.as_str().len() + 1;
    let uri_span = Span::new(uri_start, uri_start + uri.len());
    verdict.note_if(check_request_uri(uri));
    if let Some(problem) = first.0.take() {
        verdict.note(problem);
    }
    if let Some(cseq) = check_fields(&fields, &mut verdict)
        && cseq.method != method
    {
        verdict.note(Problem::OtherMethod);
    }
    verdict.note_if(fields.max_forwards());
    let request = Request {
        method,
        uri: uri_span,
        start_line: first_header,
        fields,
    };
    match verdict.0 {
        None => Ok(request),
        Some(problem) => Err(Malformed::of(problem, request)),
    }
}

/// Method, URI and version. Where there are too many blanks they are left to the URI, which cannot have any.
fn request_line(line: &str) -> Option<(&str, &str, &str)> {
    let (method, rest) = line.split_once(' ')?;
    let (uri, version) = rest.rsplit_once(' ')?;
    let is_method = lex::all_token(method) && method.len() <= METHOD_BYTES_MAX;
    is_method.then_some((method, uri, version))
}

fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix("SIP/")
        .and_then(|version| version.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// RFC 3261 §19.1.1, table 1: the Request-URI has no headers.
fn check_request_uri(text: &str) -> Result<(), Problem> {
    match Uri::parse(text) {
        Ok(uri) if uri.headers().is_some() => Err(Problem::Uri),
        Ok(_) => Ok(()),
        Err(NotAUri::TooLong) => Err(Problem::UriTooLong),
        Err(NotAUri::Scheme | NotAUri::Character | NotAUri::Host | NotAUri::Port) => {
            Err(Problem::Uri)
        }
    }
}

fn response(fields: Fields, line: Span, mut first: First) -> Result<Response, Malformed> {
    let Some((status, reason)) = status_line(fields.index.text(line), line) else {
        return Err(Malformed::new(Problem::StartLine));
    };
    check_fields(&fields, &mut first);
    match first.0 {
        None => Ok(Response {
            fields,
            status,
            reason,
        }),
        Some(problem) => Err(Malformed::new(problem)),
    }
}

fn status_line(text: &str, line: Span) -> Option<(u16, Span)> {
    let rest = text.strip_prefix("SIP/2.0 ")?;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let three_digits = status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit());
    let status = status
        .parse()
        .ok()
        .filter(|status| three_digits && (100..700).contains(status))?;
    Some((status, Span::new(line.end() - reason.len(), line.end())))
}

/// RFC 3261 §8.1.1: what every message has, once. Returns its CSeq.
#[allow(clippy::wildcard_enum_match_arm, reason = "five names of eighty")]
fn check_fields(fields: &Fields, verdict: &mut First) -> Option<CSeq> {
    let index = &fields.index;
    let mut seen = 0_u128;
    let (mut via, mut from, mut to, mut call_id, mut cseq) = (None, None, None, None, None);
    for line in &index.lines {
        let header = 1_u128 << line.code as u8;
        if seen & header != 0
            && let Some(called) = once(line.code)
        {
            verdict.note(Problem::Repeated(called));
        }
        match line.code {
            _ if seen & header != 0 => {}
            Code::Via => via = Some(line),
            Code::From => from = Some(line),
            Code::To => to = Some(line),
            Code::CallId => call_id = Some(line),
            Code::CSeq => cseq = Some(line),
            _ => {}
        }
        seen |= header;
    }
    let value = |line: Option<&_>| line.map(|line| index.value(line));
    verdict.note_if(top_via(value(via)));
    verdict.note_if(address(value(from), "From"));
    verdict.note_if(address(value(to), "To"));
    let call_id = value(call_id).filter(|id| !id.is_empty());
    verdict.note_if(call_id.ok_or(Problem::Missing("Call-ID")));
    match read_cseq(value(cseq)) {
        Ok(cseq) => Some(cseq),
        Err(problem) => {
            verdict.note(problem);
            None
        }
    }
}

/// Headers that make no sense twice: which of them counts would be anybody's guess.
fn once(code: Code) -> Option<&'static str> {
    ONCE.into_iter()
        .find(|(once, _)| *once == code)
        .map(|(_, called)| called)
}

const ONCE: [(Code, &str); 8] = [
    (Code::From, "From"),
    (Code::To, "To"),
    (Code::CallId, "Call-ID"),
    (Code::CSeq, "CSeq"),
    (Code::MaxForwards, "Max-Forwards"),
    (Code::ContentLength, "Content-Length"),
    (Code::ContentType, "Content-Type"),
    (Code::Expires, "Expires"),
];

/// Copies a message and notes where its headers are. Returns the start line, and where the headers begin.
fn read_fields(bytes: &[u8], first: &mut First) -> (Fields, Span, usize) {
    let mut index = Index::new(bytes.to_vec(), EXPECTED_LINES);
    let whole = bytes.len();
    let (start, end, first_header) = next_line(bytes, 0).unwrap_or((0, whole, whole));
    let head_end = note_lines(&mut index, first_header).unwrap_or_else(|problem| {
        first.note(problem);
        whole
    });
    take_body(&mut index, head_end, first);
    index.settle();
    (Fields { index }, Span::new(start, end), first_header)
}

/// Notes every header line from `at` up to the empty line. Returns where the body begins.
fn note_lines(index: &mut Index, mut at: usize) -> Result<usize, Problem> {
    let mut first = First::new();
    loop {
        let (start, end, next) = unfolded_line(index.bytes.raw(), at).ok_or(Problem::Unfinished)?;
        match header_line(&index.bytes, start, end) {
            _ if next > HEAD_BYTES_MAX => return Err(Problem::HeadTooLong),
            _ if start == end => return first.0.map_or(Ok(next), Err),
            _ if index.lines.len() == HEADERS_MAX => return Err(Problem::TooManyHeaders),
            _ if end - start > HEADER_BYTES_MAX => first.note(Problem::HeaderTooLong),
            Some((name, value)) => index.note(name, value),
            None => first.note(Problem::HeaderLine),
        }
        at = next;
    }
}

/// RFC 3261 §18.3.
fn take_body(index: &mut Index, start: usize, first: &mut First) {
    let got = index.bytes.len().saturating_sub(start);
    let line = index
        .lines
        .iter()
        .find(|line| line.code == Code::ContentLength);
    let claimed = match line.map(|line| seconds(index.raw(line))) {
        Some(Some(claimed)) => usize::try_from(claimed).unwrap_or(usize::MAX),
        Some(None) => {
            first.note(Problem::Unreadable("Content-Length"));
            got
        }
        None => got,
    };
    if claimed > got {
        first.note(Problem::Truncated);
    }
    let length = claimed.min(got);
    if length > BODY_BYTES_MAX {
        first.note(Problem::BodyTooLong);
    }
    index.bytes.raw().truncate(start + length);
    index.body = Span::new(start, start + length);
}

/// Header lines of a usual message.
const EXPECTED_LINES: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Name;

    const INVITE: &str = "INVITE sip:bob@biloxi.com SIP/2.0\r\n\
        Via: SIP/2.0/UDP pc33.atlanta.com:5066;branch=z9hG4bK776asdhds;rport\r\n\
        Max-Forwards: 70\r\nTo: Bob <sip:bob@biloxi.com>\r\n\
        From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n\
        Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n\
        Contact: <sip:alice@pc33.atlanta.com>\r\nContent-Length: 4\r\n\r\nv=0\r\n";

    fn invite() -> Request {
        match Message::parse(INVITE.as_bytes()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_response_repeats_what_it_must_and_tells_where_the_request_came_from() {
        let mut invite = invite();
        assert_eq!(invite.body(), b"v=0\r");
        invite.mark_received("192.0.2.9:7000".parse().unwrap());
        let response = Response::to(&invite, 180)
            .reason("Ringing\r\nEvil: yes")
            .to_tag("x1")
            .header("X-One", "a\r\nb")
            .body("application/sdp", "v=0\r\n")
            .finish();
        let expected = "SIP/2.0 180 Ringing  Evil: yes\r\n\
            Via: SIP/2.0/UDP pc33.atlanta.com:5066;branch=z9hG4bK776asdhds;received=192.0.2.9;rport=7000\r\n\
            From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n\
            To: Bob <sip:bob@biloxi.com>;tag=x1\r\n\
            Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n\
            X-One: a  b\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";
        assert_eq!(String::from_utf8_lossy(response.bytes()), expected);
        assert_eq!(response.body(), b"v=0\r\n");
        assert_eq!(response.to().unwrap().tag(), Some("x1"));
        let read = Message::parse(response.bytes()).unwrap();
        assert_eq!(read.bytes(), response.bytes());
    }

    #[test]
    fn a_request_is_taken_up_again() {
        let mut invite = invite();
        invite.push_front(Name::Via, "SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKnew");
        assert_eq!(invite.vias().count(), 2);
        assert_eq!(invite.via().unwrap().branch(), Some("z9hG4bKnew"));
        let again = invite
            .rebuild()
            .set(Name::CSeq, "314160 INVITE")
            .without("via")
            .finish();
        assert_eq!(again.cseq().unwrap().number, 314_160);
        assert_eq!(again.vias().count(), 0);
        assert_eq!(again.body(), b"v=0\r");
        assert_eq!(again.uri(), "sip:bob@biloxi.com");
    }
}
