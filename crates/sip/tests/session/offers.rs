//! New offers within the call: re-INVITE, UPDATE, and both ends at once (RFC 3261 §14, RFC 3311).

use crate::support::{ANNA, BEN, Manners, World, header};
use sip::message::{Method, Name, Response};
use sip::session::{Body, Busy};
use std::time::Duration;

/// SI-04
#[test]
fn a_phone_holds_the_call_by_a_reinvite() {
    let mut world = World::talking();
    world.renegotiate(ANNA);
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        ["OfferWanted Possible", "Answer re offer 1"]
    );
    assert_eq!(world.heard(BEN), ["Offered offer 1"]);
    assert_eq!(
        (world.count("ANNA INVITE"), world.count("ANNA ACK")),
        (2, 2)
    );
    world.renegotiate(BEN);
    world.run_ms(50);
    assert_eq!(
        world.heard(BEN)[1..],
        ["OfferWanted Possible", "Answer re offer 1"]
    );
    world.bye(BEN);
    world.assert_nothing_is_left();
}

#[test]
fn a_reinvite_survives_the_loss_of_each_of_its_messages() {
    for lost in ["ANNA INVITE", "BEN 200 INVITE", "ANNA ACK"] {
        let mut world = World::talking();
        world.lose(lost, 2);
        world.renegotiate(ANNA);
        world.run_s(10);
        assert_eq!(
            world.heard(ANNA),
            ["OfferWanted Possible", "Answer re offer 1"],
            "{lost}"
        );
        assert_eq!(world.heard(BEN), ["Offered offer 1"], "{lost}");
        world.bye(ANNA);
        world.assert_nothing_is_left();
    }
}

#[test]
fn a_reinvite_whose_200_nobody_acknowledges_ends_the_call() {
    let mut world = World::talking();
    world.lose("ANNA ACK", usize::MAX);
    world.renegotiate(ANNA);
    world.run_s(33);
    assert_eq!(world.heard(BEN), ["Offered offer 1", "Ended Vanished"]);
    world.assert_nothing_is_left();
}

/// SI-04
#[test]
fn when_both_offer_at_once_both_get_491_and_the_callee_tries_again_first() {
    let mut world = World::talking();
    world.renegotiate(ANNA);
    world.renegotiate(BEN);
    world.run_ms(20);
    assert_eq!(
        world.heard(ANNA),
        ["OfferWanted Possible", "OfferFailed 491"]
    );
    assert_eq!(
        world.heard(BEN),
        ["OfferWanted Possible", "OfferFailed 491"]
    );
    world.run_ms(2_050);
    assert_eq!(
        world.heard(BEN)[2..],
        ["OfferWanted Possible", "Answer re offer 2"]
    );
    assert_eq!(
        world.heard(ANNA)[2..],
        ["Offered offer 2"],
        "the caller waits 2.1 s at least"
    );
    world.run_ms(2_000);
    assert_eq!(
        world.heard(ANNA)[3..],
        ["OfferWanted Possible", "Answer re offer 2"]
    );
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn an_offer_that_is_refused_leaves_the_call_as_it_was() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(ANNA, |now, tx, anna| {
            anna.offer(now, tx, Body::sdp("video"))
        })
        .unwrap();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| ben.refuse(now, tx, 488, &[]));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["OfferFailed 488"]);
    world.manners = Manners::Helpful;
    world.renegotiate(ANNA);
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA)[1..],
        ["OfferWanted Possible", "Answer re offer 1"]
    );
}

#[test]
fn an_offer_while_the_peers_waits_is_postponed_until_that_is_answered() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(ANNA, |now, tx, anna| anna.offer(now, tx, Body::sdp("hold")))
        .unwrap();
    world.run_ms(50);
    let busy = world.at(BEN, |now, tx, ben| {
        ben.offer(now, tx, Body::sdp("also hold"))
    });
    assert_eq!(busy, Err(Busy));
    world.at(BEN, |now, tx, ben| ben.answer(now, tx, Body::sdp("held")));
    assert_eq!(world.heard(BEN), ["Offered hold"], "the ACK is not there");
    world.run_ms(50);
    assert_eq!(world.heard(BEN), ["Offered hold", "OfferWanted Possible"]);
    assert_eq!(world.heard(ANNA), ["Answer held"]);
}

#[test]
fn an_offer_before_our_200_is_acknowledged_waits() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.lose("ANNA ACK", 1);
    world.accept("ben's answer");
    world.renegotiate(BEN);
    world.run_ms(400);
    assert_eq!(world.count("BEN INVITE"), 0);
    world.run_ms(400);
    assert_eq!(world.count("BEN INVITE"), 1);
    assert_eq!(world.heard(BEN).last(), Some(&"Answer re offer 1"));
}

#[test]
fn a_reinvite_that_overtakes_the_ack_gets_491() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.delay("ANNA ACK", Duration::from_millis(100));
    world.accept("ben's answer");
    world.run_ms(15);
    world.renegotiate(ANNA);
    world.run_ms(30);
    assert_eq!(world.count("BEN 491 INVITE"), 1);
    world.run_s(5);
    assert_eq!(world.heard(ANNA).last(), Some(&"Answer re offer 2"));
}

#[test]
fn a_second_reinvite_before_the_first_is_answered_gets_500_and_a_time_to_wait() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(ANNA, |now, tx, anna| anna.offer(now, tx, Body::sdp("one")))
        .unwrap();
    world.run_ms(50);
    world.forge(ANNA, Method::Invite, &[], Some("two"));
    let refusal = world.last("BEN 500 INVITE");
    let seconds: u32 = refusal.header(Name::RetryAfter).unwrap().parse().unwrap();
    assert!(seconds <= 10);
    assert_eq!(world.heard(BEN), ["Offered one"]);
}

#[test]
fn a_500_with_a_time_to_wait_is_heeded() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(ANNA, |now, tx, anna| anna.offer(now, tx, Body::sdp("one")))
        .unwrap();
    world.run_ms(50);
    let invite = world.last("ANNA INVITE").clone();
    let sip::message::Message::Request(invite) = invite else {
        panic!()
    };
    let busy = Response::to(&invite, 500).header("Retry-After", 7).finish();
    world.deliver(ANNA, busy.bytes());
    world.run_ms(6_900);
    assert_eq!(world.heard(ANNA), ["OfferFailed 500"]);
    world.run_ms(200);
    assert_eq!(
        world.heard(ANNA),
        ["OfferFailed 500", "OfferWanted Possible"]
    );
}

#[test]
fn a_reinvite_without_offer_is_asked_for_one_that_its_ack_answers() {
    let mut world = World::talking();
    let invite = world.forge(ANNA, Method::Invite, &[], None);
    assert_eq!(world.heard(BEN), ["OfferWanted Asked"]);
    assert_eq!(world.last("BEN 200 INVITE").body(), b"offer 1");
    let dialog = world.ends[ANNA]
        .session
        .as_ref()
        .unwrap()
        .dialog()
        .unwrap()
        .clone();
    let ack = dialog
        .ack(
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKforged",
            invite.cseq().unwrap().number,
        )
        .body("application/sdp", "forged answer")
        .finish();
    world.deliver(BEN, ack.bytes());
    assert_eq!(world.heard(BEN)[1..], ["Answer forged answer"]);
    world.renegotiate(BEN);
    assert_eq!(
        world.last("BEN INVITE").body(),
        b"offer 2",
        "nothing is open any longer"
    );
    let sip::message::Message::Request(again) = world.last("BEN INVITE") else {
        panic!()
    };
    assert_eq!(
        again.uri(),
        "sip:forged@192.0.2.9",
        "the target was refreshed"
    );
}

/// RFC 3311 §5.2
#[test]
fn an_update_may_offer_too() {
    let mut world = World::talking();
    world.forge(ANNA, Method::Update, &[], Some("update's offer"));
    assert_eq!(world.heard(BEN), ["Offered update's offer"]);
    assert_eq!(world.last("BEN 200 UPDATE").body(), b"re update's offer");
    world.bye(BEN);
    world.assert_nothing_is_left();
}

/// RFC 3311 §5.2
#[test]
fn an_update_gets_491_while_our_offer_is_open_and_500_while_the_peers_is() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(BEN, |now, tx, ben| ben.offer(now, tx, Body::sdp("ours")))
        .unwrap();
    world.forge(ANNA, Method::Update, &[], Some("crossing"));
    assert_eq!(world.count("BEN 491 UPDATE"), 1);

    let mut world = World::talking();
    world.manners = Manners::Silent;
    world
        .at(ANNA, |now, tx, anna| {
            anna.offer(now, tx, Body::sdp("theirs"))
        })
        .unwrap();
    world.run_ms(50);
    world.forge(ANNA, Method::Update, &[], Some("too early"));
    let refusal = world.last("BEN 500 UPDATE");
    assert!(refusal.header(Name::RetryAfter).is_some());
}

#[test]
fn an_update_before_the_invite_is_answered_gets_500() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.forge(ANNA, Method::Update, &[], Some("too early"));
    assert_eq!(world.count("BEN 500 UPDATE"), 1);
    assert_eq!(world.heard(BEN), ["Invited anna's offer"]);
}

#[test]
fn an_update_changes_media_before_the_call_is_answered() {
    let mut world = World::new();
    world.call_with(Some("anna's offer"), vec![header("Require", "100rel")]);
    world.run_ms(50);
    world.progress("ben's answer");
    world.run_ms(50);
    world.forge(ANNA, Method::Update, &[], Some("early change"));
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Offered early change"]
    );
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    assert_eq!(world.count("BEN 200 INVITE"), 1);
}

#[test]
fn a_cancelled_reinvite_leaves_the_call_as_it_was() {
    let mut world = World::talking();
    world.manners = Manners::Silent;
    let invite = world.forge(ANNA, Method::Invite, &[], Some("never mind"));
    let cancel = sip::message::Request::build(Method::Cancel, invite.uri())
        .header("Via", invite.header("Via").unwrap())
        .header("From", invite.header("From").unwrap())
        .header("To", invite.header("To").unwrap())
        .header("Call-ID", invite.header("Call-ID").unwrap())
        .header(
            "CSeq",
            format_args!("{} CANCEL", invite.cseq().unwrap().number),
        )
        .finish();
    world.deliver(BEN, cancel.bytes());
    assert_eq!(world.heard(BEN), ["Offered never mind", "OfferWithdrawn"]);
    assert_eq!(world.count("BEN 200 CANCEL"), 1);
    assert_eq!(world.count("BEN 487 INVITE"), 1);
    world.at(BEN, |now, tx, ben| {
        ben.answer(now, tx, Body::sdp("too late"))
    });
    assert_eq!(world.count("BEN 200 INVITE"), 1, "only the first INVITE's");
    assert!(
        world
            .at(BEN, |now, tx, ben| ben.offer(now, tx, Body::sdp("next")))
            .is_ok()
    );
}

#[test]
fn a_reinvite_that_meets_an_ended_call_ends_ours() {
    let mut world = World::talking();
    world.ends[BEN].session = None;
    world.renegotiate(ANNA);
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        ["OfferWanted Possible", "OfferFailed 481", "Ended Vanished"]
    );
    assert_eq!(world.count("ANNA BYE"), 1, "RFC 3261 §12.2.1.2");
    world.assert_nothing_is_left();
}

#[test]
fn a_reinvite_into_silence_ends_the_call() {
    let mut world = World::talking();
    world.lose("ANNA INVITE", usize::MAX);
    world.renegotiate(ANNA);
    world.run_s(33);
    assert_eq!(world.heard(ANNA).last(), Some(&"Ended Vanished"));
    world.assert_nothing_is_left();
}

#[test]
fn a_call_that_ends_while_an_offer_waits_leaves_nothing() {
    for who_hangs_up in [ANNA, BEN] {
        let mut world = World::talking();
        world.manners = Manners::Silent;
        world
            .at(ANNA, |now, tx, anna| anna.offer(now, tx, Body::sdp("one")))
            .unwrap();
        world.run_ms(50);
        world.bye(who_hangs_up);
        world.run_s(1);
        assert_eq!(world.count("BEN 487 INVITE"), 1, "RFC 3261 §15.1.2");
        world.assert_nothing_is_left();
    }
}

#[test]
fn another_party_is_told_by_an_update_where_the_peer_has_it() {
    let mut world = World::talking();
    let carl = vec![header(
        "P-Asserted-Identity",
        "\"Carl\" <sip:carl@192.0.2.3>",
    )];
    world.at(ANNA, |now, tx, anna| anna.identify(now, tx, carl));
    world.run_ms(50);
    assert_eq!(world.heard(BEN), ["Identified"]);
    assert_eq!(
        world.last("ANNA UPDATE").header("P-Asserted-Identity"),
        Some("\"Carl\" <sip:carl@192.0.2.3>")
    );
    assert_eq!(world.last("ANNA UPDATE").body(), b"");
}

#[test]
fn another_party_is_told_by_a_reinvite_where_the_peer_has_no_update() {
    let mut world = World::new();
    world.replaced.push(("UPDATE, ", ""));
    world.call();
    world.run_ms(50);
    world.accept("ben's answer");
    world.run_ms(50);
    let carl = vec![header("P-Asserted-Identity", "<sip:carl@192.0.2.3>")];
    world.at(BEN, |now, tx, ben| ben.identify(now, tx, carl));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA)[2..], ["Identified", "Offered offer 1"]);
    assert_eq!(world.count("BEN UPDATE"), 0);
}

#[test]
fn who_we_are_goes_with_the_answer() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    let carl = vec![header("P-Asserted-Identity", "<sip:carl@192.0.2.3>")];
    world.at(BEN, |now, tx, ben| ben.identify(now, tx, carl));
    world.ring();
    world.accept("answer");
    for response in ["BEN 180 INVITE", "BEN 200 INVITE"] {
        let identity = world.last(response).header("P-Asserted-Identity");
        assert_eq!(identity, Some("<sip:carl@192.0.2.3>"), "{response}");
    }
}

#[test]
fn a_call_that_is_refused_while_an_early_offer_waits_leaves_nothing() {
    let mut world = World::new();
    world.call_with(Some("anna's offer"), vec![header("Require", "100rel")]);
    world.run_ms(50);
    world.progress("ben's answer");
    world.run_ms(50);
    world.manners = Manners::Silent;
    world.forge(ANNA, Method::Update, &[], Some("early change"));
    world.at(BEN, |now, tx, ben| ben.reject(now, tx, 486, Vec::new()));
    assert_eq!(world.count("BEN 487 UPDATE"), 1);
    assert_eq!(world.count("BEN 486 INVITE"), 1);
    world.assert_nothing_is_left();
}

#[test]
fn an_early_change_is_not_undone_by_the_200() {
    let mut world = World::new();
    world.call_with(Some("anna's offer"), vec![header("Require", "100rel")]);
    world.run_ms(50);
    world.progress("ben's answer");
    world.run_ms(50);
    world.forge(BEN, Method::Update, &[], Some("early change"));
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        [
            "Progress 183",
            "EarlyAnswer ben's answer",
            "Offered early change",
            "Answered"
        ]
    );
}

#[test]
fn who_hangs_up_before_answering_the_offer_of_a_200_acknowledges_it_first() {
    let mut world = World::new();
    world.manners = Manners::Silent;
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.accept("ben's offer");
    world.run_ms(15);
    world.bye(ANNA);
    world.run_s(1);
    let ladder: Vec<_> = world.ladder.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(
        ladder[..4],
        ["ANNA INVITE", "BEN 200 INVITE", "ANNA ACK", "ANNA BYE"]
    );
    world.assert_nothing_is_left();
}

#[test]
fn the_200_of_a_reinvite_that_crosses_our_bye_is_acknowledged() {
    let mut world = World::talking();
    world.renegotiate(ANNA);
    world.run_ms(12);
    world.bye(ANNA);
    world.run_s(1);
    assert_eq!(world.count("ANNA ACK"), 2);
    assert_eq!(
        world.heard(ANNA),
        ["OfferWanted Possible", "Ended Finished"]
    );
    world.assert_nothing_is_left();
}
