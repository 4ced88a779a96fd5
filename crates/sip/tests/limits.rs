//! Each limit, from both sides; and what is missing, repeated or out of range.
#![allow(clippy::unwrap_used, reason = "what does not hold here fails the test")]

use proptest::prelude::*;
use sip::limits::{
    BODY_BYTES_MAX, HEAD_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, LEADING_LINES_MAX,
    MESSAGE_BYTES_MAX, METHOD_BYTES_MAX, URI_BYTES_MAX,
};
use sip::message::{Header, Message, Method, Name, Problem, Request, Response};

#[test]
fn a_message_longer_than_64_kib_is_refused_with_413() {
    let fits = with_body(BODY_BYTES_MAX - 1_000);
    assert_eq!(status(&fits), 200);
    let long = with_body(MESSAGE_BYTES_MAX);
    assert_eq!((problem(&long), status(&long)), (Problem::TooLong, 413));
}

#[test]
fn a_body_longer_than_its_limit_is_refused_with_413() {
    // The smallest head that a message can have leaves more room for the body than it may take.
    let head = "A x:y SIP/2.0\r\nv:SIP/2.0/UDP h\r\nf:x:y\r\nt:x:y\r\ni:1\r\nCSeq:1 A\r\n\r\n";
    let whole = |body: usize| [head.as_bytes(), &vec![b'x'; body]].concat();
    assert_eq!(status(&whole(BODY_BYTES_MAX)), 200);
    let long = whole(BODY_BYTES_MAX + 1);
    assert_eq!((problem(&long), status(&long)), (Problem::BodyTooLong, 413));
}

#[test]
fn more_than_256_headers_are_refused() {
    let with = |count: usize| options(&"X: y\r\n".repeat(count - BASE_HEADERS));
    assert_eq!(status(&with(HEADERS_MAX)), 200);
    let many = with(HEADERS_MAX + 1);
    assert_eq!(
        (problem(&many), status(&many)),
        (Problem::TooManyHeaders, 400)
    );
}

#[test]
fn a_header_longer_than_8_kib_is_refused() {
    let with = |length: usize| options(&format!("X: {}\r\n", "y".repeat(length - 3)));
    assert_eq!(status(&with(HEADER_BYTES_MAX)), 200);
    let long = with(HEADER_BYTES_MAX + 1);
    assert_eq!(
        (problem(&long), status(&long)),
        (Problem::HeaderTooLong, 400)
    );
    let folded = options(&format!("X: {}\r\n", "y\r\n ".repeat(HEADER_BYTES_MAX / 4)));
    assert_eq!(problem(&folded), Problem::HeaderTooLong);
}

#[test]
fn a_head_longer_than_32_kib_is_refused() {
    let long = options(&format!("X: {}\r\n", "y".repeat(8_000)).repeat(5));
    assert!(long.len() > HEAD_BYTES_MAX);
    assert_eq!((problem(&long), status(&long)), (Problem::HeadTooLong, 400));
}

#[test]
fn a_uri_longer_than_2_kib_is_refused_with_414() {
    let with = |length: usize| {
        let uri = format!("sip:{}@b", "a".repeat(length - 6));
        String::from_utf8(options(""))
            .unwrap()
            .replace("sip:bellwire", &uri)
            .into_bytes()
    };
    assert_eq!(status(&with(URI_BYTES_MAX)), 200);
    let long = with(URI_BYTES_MAX + 1);
    assert_eq!((problem(&long), status(&long)), (Problem::UriTooLong, 414));
}

#[test]
fn a_method_longer_than_64_bytes_is_no_method() {
    let with = |length: usize| {
        let method = "M".repeat(length);
        String::from_utf8(options(""))
            .unwrap()
            .replace("OPTIONS", &method)
            .into_bytes()
    };
    assert_eq!(status(&with(METHOD_BYTES_MAX)), 200);
    assert_eq!(problem(&with(METHOD_BYTES_MAX + 1)), Problem::StartLine);
}

#[test]
fn a_few_line_ends_before_a_message_are_skipped() {
    let with = |count: usize| [&b"\r\n".repeat(count)[..], &options("")].concat();
    assert_eq!(status(&with(LEADING_LINES_MAX)), 200);
    assert_eq!(problem(&with(LEADING_LINES_MAX + 1)), Problem::StartLine);
    assert_eq!(problem(b"\r\n\r\n"), Problem::Empty);
    assert_eq!(problem(b""), Problem::Empty);
}

#[test]
fn each_header_that_every_message_has_is_missed() {
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        let bytes = String::from_utf8(options(""))
            .unwrap()
            .replace(&format!("\r\n{name}:"), "\r\nX:")
            .into_bytes();
        let malformed = Message::parse(&bytes).unwrap_err();
        assert_eq!(malformed.problem(), Problem::Missing(name));
        assert_eq!(
            malformed.refusal("t").map(|refusal| refusal.status()),
            (name != "Via").then_some(400)
        );
    }
}

#[test]
fn each_header_that_may_be_there_once_is_refused_twice() {
    let once = ["f: sip:a@b", "t: sip:a@b", "i: x", "CSeq: 1 OPTIONS"];
    let twice = [
        "Max-Forwards: 1\r\nMax-Forwards: 1",
        "l: 0\r\nContent-Length: 0",
        "c: a/b\r\nc: a/b",
        "Expires: 1\r\nExpires: 1",
    ];
    for header in once.into_iter().chain(twice) {
        assert!(
            matches!(
                problem(&options(&format!("{header}\r\n"))),
                Problem::Repeated(_)
            ),
            "{header}"
        );
    }
}

#[test]
fn cseq_is_below_2_to_the_31() {
    let with = |number: &str| {
        String::from_utf8(options(""))
            .unwrap()
            .replace("CSeq: 1 ", &format!("CSeq: {number} "))
            .into_bytes()
    };
    assert_eq!(status(&with("2147483647")), 200);
    for number in [
        "2147483648",
        "4294967296",
        "36893488147419103232",
        "-1",
        "+1",
        "1.0",
        "0x1",
        "",
    ] {
        assert_eq!(
            problem(&with(number)),
            Problem::Unreadable("CSeq"),
            "{number}"
        );
    }
}

#[test]
fn max_forwards_is_from_0_to_255() {
    assert_eq!(status(&options("Max-Forwards: 255\r\n")), 200);
    for hops in ["256", "-1", "", "many"] {
        assert_eq!(
            problem(&options(&format!("Max-Forwards: {hops}\r\n"))),
            Problem::Unreadable("Max-Forwards")
        );
    }
}

#[test]
fn an_ack_is_never_answered() {
    let ack = String::from_utf8(options("Max-Forwards: 256\r\n"))
        .unwrap()
        .replace("OPTIONS", "ACK");
    assert!(
        Message::parse(ack.as_bytes())
            .unwrap_err()
            .refusal("t")
            .is_none()
    );
}

#[test]
fn one_header_that_is_no_utf_8_costs_no_other_header() {
    let mut bytes = options("Subject: caf");
    let end = bytes.len() - 2;
    bytes.truncate(end);
    bytes.extend(b"\xe9 \xff\r\nX-After: \xc3\xa9\r\n\r\n");
    let Ok(Message::Request(request)) = Message::parse(&bytes) else {
        panic!("it is refused");
    };
    assert_eq!(request.header(Name::Subject), Some("café ÿ"));
    assert_eq!(request.header("x-after"), Some("é"));
    assert_eq!(request.from().unwrap().tag(), Some("1"));
    assert_eq!(request.bytes(), bytes);
}

#[test]
fn a_response_repeats_latin_1_byte_for_byte() {
    let text = String::from_utf8(options("")).unwrap();
    let (before, after) = text.split_once("<sip:a@b>").unwrap();
    let bytes = [
        before.as_bytes(),
        b"\"Ren\xe9\" <sip:a@b>",
        after.as_bytes(),
    ]
    .concat();
    let Ok(Message::Request(request)) = Message::parse(&bytes) else {
        panic!("it is refused");
    };
    assert_eq!(request.from().unwrap().display().unwrap(), "René");
    let response = Response::to(&request, 200).to_tag("x").finish();
    assert!(
        response
            .bytes()
            .windows(25)
            .any(|part| part == b"From: \"Ren\xe9\" <sip:a@b>;ta")
    );
    assert_eq!(response.from().unwrap().display().unwrap(), "René");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_put_into_a_builder_no_header_is_added_and_none_is_lost(
        text in "[\\r\\n\\x00 :;,a-z\"<>@é]{0,40}", name in "x-[\\r\\n: a-zé]{1,10}", body in prop::collection::vec(any::<u8>(), 0..50)
    ) {
        let request = Request::build(Method::Other(text.as_str().into()), &text)
            .header(Name::Via, "SIP/2.0/UDP h;branch=z9hG4bK1")
            .header(Name::Subject, &text)
            .header(name.as_str(), &text)
            .headers(&[Header::new(Name::UserAgent, &text)])
            .header(Name::ContentLength, 7)
            .body(&text, body.clone())
            .finish();
        prop_assert_eq!(lines(request.bytes(), &body), 1 + 4 + 2);
        let response = Response::to(&request, 200).reason(&text).to_tag(&text).header(Name::Subject, &text).finish();
        prop_assert_eq!(lines(response.bytes(), b""), 1 + 1 + 1 + 1);
    }
}

/// The lines before the empty one, which must be where the body begins.
fn lines(bytes: &[u8], body: &[u8]) -> usize {
    let head = bytes.strip_suffix(body).unwrap();
    let head = head.strip_suffix(b"\r\n\r\n").unwrap();
    assert!(!head.contains(&0));
    let ends = head.iter().filter(|b| matches!(b, b'\r' | b'\n')).count();
    let lines = head.windows(2).filter(|pair| pair == b"\r\n").count();
    assert_eq!(ends, lines * 2);
    lines + 1
}

fn status(bytes: &[u8]) -> u16 {
    match Message::parse(bytes) {
        Ok(_) => 200,
        Err(malformed) => malformed.refusal("t").unwrap().status(),
    }
}

fn problem(bytes: &[u8]) -> Problem {
    Message::parse(bytes).unwrap_err().problem()
}

fn with_body(length: usize) -> Vec<u8> {
    [
        options(&format!("Content-Length: {length}\r\n")),
        vec![b'x'; length],
    ]
    .concat()
}

fn options(headers: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:bellwire SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n{headers}\r\n"
    )
    .into_bytes()
}

const BASE_HEADERS: usize = 5;
