//! Messages in streams and in frames of WebSockets.
#![allow(clippy::unwrap_used, reason = "what does not hold here fails the test")]

use sip::limits::{BODY_BYTES_MAX, HEAD_BYTES_MAX, MESSAGE_BYTES_MAX};
use sip::message::{Message, Problem};
use sip::stream::{Broken, Frame, Framer, PING, PONG, websocket};

#[test]
fn two_line_ends_are_a_ping_and_one_is_a_pong() {
    assert_eq!(frames(PING), [Ok(Frame::Ping)]);
    assert_eq!(frames(PONG), [Ok(Frame::Pong)]);
    let between = [&options("l: 0")[..], PING, &options("l: 0")].concat();
    let expected = [
        message(&options("l: 0")),
        Ok(Frame::Ping),
        message(&options("l: 0")),
    ];
    assert_eq!(frames(&between), expected);
}

#[test]
fn a_ping_that_comes_in_pieces_is_a_ping() {
    let mut framer = Framer::new();
    framer.push(b"\r");
    assert_eq!(framer.next_frame(), Ok(None));
    framer.push(b"\n\r");
    assert_eq!(framer.next_frame(), Ok(Some(Frame::Pong)));
    framer.push(b"\n");
    assert_eq!(framer.next_frame(), Ok(Some(Frame::Ping)));
}

#[test]
fn the_body_is_as_long_as_content_length_says_in_any_spelling() {
    for length in ["Content-Length: 3", "l:3", "CONTENT-LENGTH  :\r\n\t 003"] {
        let whole = [&options(length)[..], b"abcOPTIONS"].concat();
        let expected = whole[..whole.len() - 7].to_vec();
        assert_eq!(frames(&whole), [Ok(Frame::Message(expected))], "{length}");
    }
}

#[test]
fn a_message_without_body_need_not_say_so() {
    let two = [options("X: y"), options("X: y")].concat();
    assert_eq!(frames(&two).len(), 2);
}

/// RFC 4475 §3.1.2.3: over a stream, a Content-Length that cannot be understood ends the connection after a 400.
#[test]
fn when_the_end_cannot_be_known_the_sender_is_told_and_the_connection_ends() {
    let unknown = [
        "l: -999",
        "l: 1\r\nContent-Length: 1",
        "l: one",
        "l:",
        "Content-Type: text/plain",
    ];
    for header in unknown {
        let head = options(header);
        let frames = frames(&[&head[..], b"abc"].concat());
        assert_eq!(frames, [message(&head), Err(Broken::NoEnd)], "{header}");
    }
    let refused = Message::parse(&options("l: -999")).unwrap_err();
    assert_eq!(refused.problem(), Problem::Unreadable("Content-Length"));
}

#[test]
fn what_is_not_sip_ends_the_connection_at_once_and_for_good() {
    for bytes in [&b"\x16\x03\x01\x02"[..], b"\n", b"\rX", b" OPTIONS", b"\0"] {
        let mut framer = Framer::new();
        framer.push(bytes);
        assert_eq!(framer.next_frame(), Err(Broken::NotSip), "{bytes:?}");
        framer.push(&options("l: 0"));
        assert_eq!(framer.next_frame(), Err(Broken::NotSip));
        assert_eq!(framer.pending(), 0);
    }
}

#[test]
fn a_head_that_does_not_end_is_not_kept_beyond_its_limit() {
    let mut framer = Framer::new();
    let piece = [b'a'; 1_000];
    let mut pushed = 0;
    let broken = loop {
        framer.push(&piece);
        pushed += piece.len();
        match framer.next_frame() {
            Ok(None) => assert!(framer.pending() < HEAD_BYTES_MAX),
            Ok(Some(frame)) => panic!("{frame:?}"),
            Err(broken) => break broken,
        }
    };
    assert_eq!(broken, Broken::HeadTooLong);
    assert!(pushed <= HEAD_BYTES_MAX + piece.len());
}

#[test]
fn a_body_may_be_as_long_as_its_limit_and_no_longer() {
    let head = options(&format!("l: {BODY_BYTES_MAX}"));
    let whole = [head, vec![b'x'; BODY_BYTES_MAX]].concat();
    assert_eq!(frames(&whole), [message(&whole)]);
    let head = options(&format!("l: {}", BODY_BYTES_MAX + 1));
    assert_eq!(frames(&head), [message(&head), Err(Broken::BodyTooLong)]);
    let head = options("l: 99999999999999999999");
    assert_eq!(frames(&head), [message(&head), Err(Broken::BodyTooLong)]);
}

#[test]
fn a_websocket_frame_is_one_message_or_a_keep_alive() {
    let whole = options("X: y");
    assert_eq!(websocket(&whole), message(&whole));
    assert_eq!(websocket(PING), Ok(Frame::Ping));
    assert_eq!(websocket(PONG), Ok(Frame::Pong));
    assert_eq!(websocket(b""), Ok(Frame::Pong));
    let long = vec![b'x'; MESSAGE_BYTES_MAX + 1];
    assert_eq!(websocket(&long), Err(Broken::FrameTooLong));
}

/// All frames, and the error that ends them.
fn frames(bytes: &[u8]) -> Vec<Result<Frame, Broken>> {
    let mut framer = Framer::new();
    framer.push(bytes);
    let mut frames = Vec::new();
    loop {
        match framer.next_frame() {
            Ok(Some(frame)) => frames.push(Ok(frame)),
            Ok(None) => return frames,
            Err(broken) => {
                frames.push(Err(broken));
                return frames;
            }
        }
    }
}

fn message(bytes: &[u8]) -> Result<Frame, Broken> {
    Ok(Frame::Message(bytes.to_vec()))
}

fn options(header: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:bellwire SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n{header}\r\n\r\n"
    )
    .into_bytes()
}
