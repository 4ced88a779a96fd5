//! An INVITE that a proxy on the way sends to several phones (RFC 3261 §13.2.2.4).

use crate::support::{ANNA, BEN, World};
use sip::message::{Message, Request, Response, ResponseBuilder};

/// A call that is under way, and its INVITE.
fn called() -> (World, Request) {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    let Message::Request(invite) = world.last("ANNA INVITE").clone() else {
        panic!()
    };
    (world, invite)
}

fn branch<'a>(invite: &'a Request, status: u16, tag: &str) -> ResponseBuilder<'a> {
    Response::to(invite, status)
        .to_tag(tag)
        .header("Contact", format_args!("<sip:{tag}@192.0.2.3>"))
}

#[test]
fn early_media_of_two_phones_is_heard_and_the_one_that_answers_counts() {
    let (mut world, invite) = called();
    for tag in ["one", "two"] {
        let progress = branch(&invite, 183, tag).body("application/sdp", format!("{tag}'s answer"));
        world.deliver(ANNA, progress.finish().bytes());
    }
    let success = branch(&invite, 200, "one")
        .body("application/sdp", "one's answer")
        .finish();
    world.deliver(ANNA, success.bytes());
    assert_eq!(
        world.heard(ANNA),
        [
            "Progress 183",
            "EarlyAnswer one's answer",
            "Progress 183",
            "EarlyAnswer two's answer",
            "Answer one's answer",
            "Answered"
        ]
    );
    let ack = world.last("ANNA ACK");
    assert_eq!(ack.to().unwrap().tag(), Some("one"));
    let Message::Request(ack) = ack else { panic!() };
    assert_eq!(ack.uri(), "sip:one@192.0.2.3");
}

#[test]
fn a_second_phone_that_answers_gets_ack_and_bye() {
    let (mut world, invite) = called();
    for tag in ["one", "two", "one", "two"] {
        let success = branch(&invite, 200, tag)
            .body("application/sdp", "answer")
            .finish();
        world.deliver(ANNA, success.bytes());
    }
    let to = |name: &str| {
        let messages = world.ladder.iter().zip(&world.messages);
        let named = messages.filter(|((_, it), _)| it == name);
        named
            .map(|(_, message)| message.to().unwrap().tag().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(to("ANNA ACK"), ["one", "two", "one", "two"]);
    assert_eq!(to("ANNA BYE"), ["two", "two"]);
    assert_eq!(world.heard(ANNA), ["Answer answer", "Answered"]);
}

#[test]
fn a_200_without_a_body_takes_the_early_answer_of_its_own_branch() {
    let (mut world, invite) = called();
    for tag in ["one", "two"] {
        let progress = branch(&invite, 183, tag).body("application/sdp", format!("{tag}'s answer"));
        world.deliver(ANNA, progress.finish().bytes());
    }
    world.deliver(ANNA, branch(&invite, 200, "one").finish().bytes());
    assert_eq!(world.heard(ANNA)[4..], ["Answer one's answer", "Answered"]);
}

#[test]
fn a_flood_of_branches_is_not_remembered() {
    let (mut world, invite) = called();
    for nth in 0..1_000 {
        world.deliver(
            ANNA,
            branch(&invite, 180, &format!("tag{nth}")).finish().bytes(),
        );
    }
    let debug = format!("{:?}", world.ends[ANNA].session);
    assert!(debug.matches("remote_tag").count() <= 16);
    world.deliver(
        ANNA,
        branch(&invite, 200, "tag999")
            .body("application/sdp", "a")
            .finish()
            .bytes(),
    );
    assert_eq!(world.heard(ANNA).last(), Some(&"Answered"));
    assert_eq!(world.last("ANNA ACK").to().unwrap().tag(), Some("tag999"));
}

#[test]
fn the_routes_of_the_200_are_taken_in_reverse_and_its_contact_is_the_target() {
    let (mut world, invite) = called();
    let success = branch(&invite, 200, "one")
        .header("Record-Route", "<sip:near@192.0.2.7;lr>")
        .header(
            "Record-Route",
            "<sip:a@192.0.2.8;lr>, <sip:far@192.0.2.9;lr>",
        )
        .body("application/sdp", "answer")
        .finish();
    world.deliver(ANNA, success.bytes());
    world.bye(ANNA);
    let Message::Request(bye) = world.last("ANNA BYE") else {
        panic!()
    };
    let routes: Vec<_> = bye.headers("Route").collect();
    assert_eq!(
        routes,
        [
            "<sip:far@192.0.2.9;lr>",
            "<sip:a@192.0.2.8;lr>",
            "<sip:near@192.0.2.7;lr>"
        ]
    );
    assert_eq!(bye.uri(), "sip:one@192.0.2.3");
}

/// RFC 3261 §12.2.1.1
#[test]
fn a_strict_router_gets_itself_as_request_uri_and_the_target_last() {
    let (mut world, invite) = called();
    let success = branch(&invite, 200, "one")
        .header(
            "Record-Route",
            "<sip:b@192.0.2.8;lr>, <sip:strict@192.0.2.9>",
        )
        .body("application/sdp", "answer")
        .finish();
    world.deliver(ANNA, success.bytes());
    let Message::Request(ack) = world.last("ANNA ACK") else {
        panic!()
    };
    assert_eq!(ack.uri(), "sip:strict@192.0.2.9");
    let routes: Vec<_> = ack.headers("Route").collect();
    assert_eq!(routes, ["<sip:b@192.0.2.8;lr>", "<sip:one@192.0.2.3>"]);
}

#[test]
fn the_callee_takes_record_route_as_it_comes_and_repeats_it() {
    let mut world = World::new();
    let routes = "<sip:first@192.0.2.8;lr>, <sip:second@192.0.2.9;lr>";
    world.call_with(
        Some("offer"),
        vec![crate::support::header("Record-Route", routes)],
    );
    world.run_ms(50);
    world.accept("answer");
    world.run_ms(50);
    assert_eq!(
        world.last("BEN 200 INVITE").header("Record-Route"),
        Some(routes)
    );
    world.bye(BEN);
    let routes: Vec<_> = world.last("BEN BYE").headers("Route").collect();
    assert_eq!(
        routes,
        ["<sip:first@192.0.2.8;lr>", "<sip:second@192.0.2.9;lr>"]
    );
}
