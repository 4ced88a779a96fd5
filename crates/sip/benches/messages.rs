//! How long it takes to read and to write messages. Prints one line for each: name, nanoseconds.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "this is what a benchmark does"
)]

use sip::digest::{Algorithm, Freshness, Secret, Server};
use sip::message::{Message, Method, Name, Request, Response};
use sip::{Time, Uri};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

fn main() {
    measure("INVITE with SDP parsed, headers read", || {
        read(black_box(INVITE)).is_some()
    });
    measure("INVITE with SDP parsed", || {
        Message::parse(black_box(INVITE)).is_ok()
    });
    let Ok(Message::Request(invite)) = Message::parse(INVITE) else {
        return;
    };
    measure("180 built", || {
        Response::to(black_box(&invite), 180)
            .to_tag("a6c85cf")
            .header(Name::Contact, "<sip:192.0.2.1:5060>")
            .finish()
            .bytes()
            .len()
    });
    measure("INVITE built", || build(black_box(&invite)).bytes().len());
    let mut server = Server::new(&[7; 32]);
    let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
    measure("challenges made", || {
        server.challenges(Time(0), source, Freshness::First).len()
    });
    let secret = Secret::new("100", "bellwire", "secret");
    let credentials = Server::credentials(invite.authorization()).unwrap();
    assert_eq!(credentials.algorithm(), Algorithm::Sha256);
    measure("digest checked", || {
        server.check(
            Time(0),
            source,
            (&Method::Invite, invite.uri()),
            &credentials,
            Some(&secret),
        )
    });
}

/// Reads what a PBX needs to know of an INVITE.
fn read(bytes: &[u8]) -> Option<usize> {
    let Message::Request(request) = Message::parse(bytes).ok()? else {
        return None;
    };
    let uri = Uri::parse(request.uri()).ok()?;
    let user = uri.decoded_user()?.len();
    let (via, from, to) = (
        request.via().ok()?,
        request.from().ok()?,
        request.to().ok()?,
    );
    let words =
        via.branch()?.len() + from.tag()?.len() + from.display()?.len() + request.call_id()?.len();
    let contact = request.contacts().next()?.ok()?;
    let cseq = request.cseq().ok()?;
    let fresh = to.tag().is_none()
        && request.method() == Method::Invite
        && request.routes().next().is_none();
    let timer =
        request.lists(Name::Supported, "timer") && request.header(Name::SessionExpires).is_some();
    (fresh && timer && request.is_content("application/sdp")).then_some(
        user + words
            + contact.uri_text().len()
            + request.body().len()
            + usize::try_from(cseq.number).ok()?
            + usize::from(request.max_forwards().ok()??),
    )
}

fn build(like: &Request) -> Request {
    Request::build(Method::Invite, "sip:101@192.168.1.21:5060;transport=udp")
        .header(
            Name::Via,
            "SIP/2.0/UDP 192.168.1.5:5060;branch=z9hG4bK0123456789abcdef;rport",
        )
        .header(Name::MaxForwards, 70)
        .header(
            Name::From,
            "\"Zhang San\" <sip:100@192.168.1.5>;tag=0123456789abcdef",
        )
        .header(Name::To, "<sip:101@192.168.1.21>")
        .header(Name::CallId, "0123456789abcdef0123456789abcdef")
        .header(Name::CSeq, "1 INVITE")
        .header(Name::Contact, "<sip:192.168.1.5:5060>")
        .header(Name::Supported, "100rel, timer, replaces")
        .body("application/sdp", like.body())
        .finish()
}

/// The best of several rounds: what else the machine does only ever adds.
fn measure<T>(name: &str, mut work: impl FnMut() -> T) {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        for _ in 0..TIMES {
            black_box(work());
        }
        start.elapsed()
    });
    let best = rounds.min().unwrap_or(Duration::MAX);
    println!("{name}\t{}", best.as_nanos() / u128::from(TIMES));
}

const INVITE: &[u8] = include_bytes!("../tests/samples/invite.sip");
const ROUNDS: u32 = 400;
const TIMES: u32 = 200;
