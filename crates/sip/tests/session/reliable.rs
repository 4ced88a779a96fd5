//! Provisional responses that must arrive (RFC 3262).

use crate::support::{ANNA, BEN, Manners, World, header};
use sip::message::{Message, Method, Response};

fn required() -> World {
    let mut world = World::new();
    world.call_with(Some("anna's offer"), vec![header("Require", "100rel")]);
    world.run_ms(50);
    world
}

/// SI-04
#[test]
fn a_peer_that_requires_it_gets_a_reliable_180_and_acknowledges_it() {
    let mut world = required();
    world.ring();
    world.run_s(10);
    assert_eq!(world.count("BEN 180 INVITE"), 1);
    assert_eq!(world.count("ANNA PRACK"), 1);
    assert_eq!(world.count("BEN 200 PRACK"), 1);
    let (ringing, prack) = (world.last("BEN 180 INVITE"), world.last("ANNA PRACK"));
    assert!(ringing.lists("Require", "100rel"));
    assert_eq!(Some(prack.rack().unwrap().response), ringing.rseq());
    assert_eq!(prack.rack().unwrap().cseq, ringing.cseq().unwrap());
    world.accept("ben's answer");
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        ["Ringing", "Answer ben's answer", "Answered"]
    );
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn a_peer_that_only_supports_it_is_not_bothered() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.progress("ben's answer");
    world.run_ms(50);
    assert_eq!(world.last("BEN 180 INVITE").rseq(), None);
    assert_eq!(world.last("BEN 183 INVITE").rseq(), None);
}

#[test]
fn a_reliable_180_is_repeated_until_its_prack_comes() {
    let mut world = required();
    // Until the 100 came the INVITE itself would be repeated.
    world.run_ms(300);
    world.lose("BEN 180 INVITE", 1);
    world.lose("ANNA PRACK", 1);
    world.lose("BEN 200 PRACK", 1);
    world.ring();
    world.run_s(20);
    assert_eq!(world.times_ms("BEN 180 INVITE"), [0, 500]);
    assert_eq!(world.count("ANNA PRACK"), 3);
    assert_eq!(
        world.heard(ANNA),
        ["Ringing"],
        "a repetition is not reported"
    );
}

#[test]
fn a_reliable_180_that_nobody_acknowledges_ends_the_call() {
    let mut world = required();
    world.lose("ANNA PRACK", usize::MAX);
    world.ring();
    world.run_s(31);
    assert_eq!(
        world.times_ms("BEN 180 INVITE"),
        [0, 500, 1_500, 3_500, 7_500, 15_500]
    );
    world.run_s(2);
    assert_eq!(world.heard(BEN), ["Invited anna's offer", "Ended Vanished"]);
    assert_eq!(world.heard(ANNA), ["Ringing", "Failed 504"]);
    world.assert_nothing_is_left();
}

#[test]
fn the_200_waits_for_the_prack_of_an_early_answer() {
    let mut world = required();
    world.lose("BEN 183 INVITE", 1);
    world.progress("ben's answer");
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    world.run_ms(400);
    assert_eq!(world.count("BEN 200 INVITE"), 0);
    world.run_ms(600);
    assert_eq!(world.count("BEN 200 INVITE"), 1);
    assert_eq!(
        world.last("BEN 200 INVITE").body(),
        b"",
        "it was answered reliably"
    );
    assert_eq!(
        world.heard(ANNA),
        [
            "Progress 183",
            "EarlyAnswer ben's answer",
            "Answer ben's answer",
            "Answered"
        ]
    );
}

#[test]
fn the_200_does_not_wait_for_the_prack_of_a_bare_180() {
    let mut world = required();
    world.delay("ANNA PRACK", std::time::Duration::from_millis(300));
    world.ring();
    world.run_ms(15);
    world.accept("ben's answer");
    world.run_ms(100);
    assert_eq!(world.count("BEN 200 INVITE"), 1);
    world.run_s(1);
    assert_eq!(world.count("BEN 200 PRACK"), 1, "a late PRACK is welcome");
    world.bye(BEN);
    world.assert_nothing_is_left();
}

#[test]
fn an_offer_travels_in_a_reliable_183_and_its_answer_in_the_prack() {
    let mut world = World::new();
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.progress("ben's offer");
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Progress 183", "Offered ben's offer"]);
    assert_eq!(world.heard(BEN), ["Invited", "Answer re ben's offer"]);
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA)[2..], ["Answered"]);
    assert_eq!(world.last("BEN 200 INVITE").body(), b"");
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn an_offer_in_a_reliable_183_that_is_not_acceptable_ends_the_call() {
    let mut world = World::new();
    world.manners = Manners::Silent;
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.progress("ben's offer");
    world.run_ms(50);
    world.at(ANNA, |now, tx, anna| anna.refuse(now, tx, 488, &[]));
    world.run_ms(100);
    assert_eq!(world.heard(ANNA).last(), Some(&"Ended Finished"));
    assert_eq!(world.heard(BEN).last(), Some(&"Ended Cancelled(None)"));
    world.assert_nothing_is_left();
}

#[test]
fn an_offer_without_reliability_waits_for_the_200() {
    let mut world = World::new();
    world.replaced.push(("100rel, ", ""));
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.progress("ben's offer");
    world.run_ms(50);
    assert_eq!(world.last("BEN 183 INVITE").body(), b"");
    world.accept("ben's offer");
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        ["Progress 183", "Answered", "Offered ben's offer"]
    );
}

#[test]
fn reliable_responses_go_one_after_the_other() {
    let mut world = required();
    world.ring();
    world.progress("ben's answer");
    assert_eq!(world.count("BEN 183 INVITE"), 0);
    world.run_ms(100);
    assert_eq!(world.count("ANNA PRACK"), 2);
    let (first, second) = (
        world.last("BEN 180 INVITE").rseq(),
        world.last("BEN 183 INVITE").rseq(),
    );
    assert_eq!(second, first.map(|rseq| rseq + 1));
}

#[test]
fn a_reliable_response_out_of_order_is_not_acknowledged() {
    let mut world = required();
    world.ring();
    world.run_ms(50);
    let Message::Request(invite) = world.last("ANNA INVITE").clone() else {
        panic!()
    };
    let tag = world.ends[BEN]
        .session
        .as_ref()
        .unwrap()
        .local_tag()
        .to_owned();
    let rseq = world.last("BEN 180 INVITE").rseq().unwrap();
    let skipped = Response::to(&invite, 183)
        .to_tag(&tag)
        .header("Contact", "<sip:ben@192.0.2.2>")
        .header("Require", "100rel")
        .header("RSeq", rseq + 2)
        .finish();
    world.deliver(ANNA, skipped.bytes());
    assert_eq!(world.count("ANNA PRACK"), 1);
    assert_eq!(world.heard(ANNA), ["Ringing"]);
}

#[test]
fn a_prack_of_nothing_gets_481() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.forge(ANNA, Method::Prack, &[("RAck", "1 1 INVITE")], None);
    world.forge(ANNA, Method::Prack, &[("RAck", "nonsense")], None);
    assert_eq!(world.count("BEN 481 PRACK"), 2);
}

#[test]
fn a_prack_may_bring_another_offer() {
    let mut world = required();
    world.lose("ANNA PRACK", usize::MAX);
    world.progress("ben's answer");
    world.run_ms(50);
    let rack = world.last("ANNA PRACK").header("RAck").unwrap().to_owned();
    world.forge(
        ANNA,
        Method::Prack,
        &[("RAck", &rack)],
        Some("another offer"),
    );
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Offered another offer"]
    );
    assert_eq!(world.last("BEN 200 PRACK").body(), b"re another offer");
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    assert_eq!(world.count("BEN 200 INVITE"), 1);
}

#[test]
fn a_cancel_while_a_reliable_180_waits_ends_everything() {
    let mut world = required();
    world.lose("ANNA PRACK", 2);
    world.ring();
    world.run_ms(50);
    world.cancel();
    world.run_s(5);
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Ended Cancelled(None)"]
    );
    world.assert_nothing_is_left();
}
