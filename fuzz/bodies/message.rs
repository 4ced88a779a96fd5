//! A datagram: everything in it is read, a request is answered, and what we wrote is read again.

use sip::digest::Credentials;
use sip::message::{Malformed, Message, Method, Name, Problem, Replaces, Request, Response};

/// Takes any bytes; panics when something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    match Message::parse(bytes) {
        Ok(message) => {
            read(&message);
            let again = Message::parse(message.bytes());
            assert_eq!(
                again.ok().as_ref(),
                Some(&message),
                "what was read is read again"
            );
            if let Message::Request(request) = message {
                answer(request);
            }
        }
        Err(malformed) => {
            if let Some(request) = malformed.request() {
                read(&Message::Request(request.clone()));
            }
            let _ = malformed
                .refusal("tag")
                .map(|refusal| refusal.bytes().len());
        }
    }
}

fn answer(mut request: Request) {
    let hops = request.vias().count();
    request.mark_received(([192, 0, 2, 1], 5060).into());
    assert_eq!(
        request.vias().count(),
        hops,
        "marking leaves the number of hops"
    );
    let response = Response::to(&request, 200)
        .to_tag("tag")
        .record_route()
        .body("application/sdp", request.body())
        .finish();
    assert_eq!(response.call_id(), request.call_id());
    assert_eq!(response.cseq(), request.cseq());
    match Message::parse(response.bytes()) {
        Ok(Message::Response(again)) => {
            assert_eq!(again, response, "a response is read as it was meant");
            assert!(
                again.to().is_ok_and(|to| to.tag().is_some()),
                "a response has a tag"
            );
        }
        other => assert!(is_too_much(&other), "a response can be read: {other:?}"),
    }
    request.push_front(Name::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfuzz");
    assert_eq!(request.vias().count(), hops + 1);
    let rebuilt = request.rebuild().set(Name::MaxForwards, 70).finish();
    assert_eq!(rebuilt.body(), request.body());
    let again = Message::parse(rebuilt.bytes());
    assert!(
        again.is_ok() || is_too_much(&again),
        "a request that was taken up again can be read"
    );
}

/// What was at a limit may be beyond it when something is added.
fn is_too_much(result: &Result<Message, Malformed>) -> bool {
    let problem = result.as_ref().err().map(Malformed::problem);
    matches!(
        problem,
        Some(
            Problem::TooManyHeaders
                | Problem::HeadTooLong
                | Problem::HeaderTooLong
                | Problem::TooLong
        )
    )
}

fn read(message: &Message) {
    let _ = (
        message.via().map(|via| (via.received(), via.rport())),
        message.vias().count(),
    );
    let _ = (
        message.from().map(|from| from.to_string()),
        message.to().map(|to| to.display()),
    );
    let _ = (
        message.call_id(),
        message.cseq(),
        message.rack(),
        message.rseq(),
        message.expires(),
    );
    let _ = (
        message.max_forwards(),
        message.is_content("application/sdp"),
        message.has_star_contact(),
    );
    let _ = (message.event().map(|event| event.id()), message.replaces());
    if let Ok(refer_to) = message.refer_to() {
        let replaces = refer_to.uri().header("Replaces");
        let _ = replaces.map(|replaces| Replaces::parse(&replaces).is_ok());
    }
    for contact in message.contacts().chain(message.routes()).flatten() {
        let _ = (
            contact.param("q"),
            contact.uri().decoded_user(),
            contact.to_string(),
        );
    }
    for (name, value) in message.lines() {
        assert!(
            message.headers(name).any(|same| same == value),
            "every line is found by its name"
        );
        let _ = (message.values(name).count(), Credentials::parse(value));
    }
    if let Message::Request(request) = message {
        assert_ne!(request.method(), Method::Other("INVITE".into()));
        let _ = sip::Uri::parse(request.uri());
    }
}
