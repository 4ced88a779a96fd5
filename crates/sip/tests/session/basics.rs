//! From the INVITE to the BYE.

use crate::support::{ANNA, BEN, Manners, World, header};
use sip::Transport;
use sip::message::{Message, Method, Name};
use sip::session::Body;

/// SI-04
#[test]
fn a_call_rings_is_answered_and_is_hung_up() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.accept("ben's answer");
    world.run_ms(50);
    world.bye(BEN);
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        [
            "Ringing",
            "Answer ben's answer",
            "Answered",
            "Ended HungUp(None)"
        ]
    );
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Confirmed", "Ended Finished"]
    );
    let ladder: Vec<_> = world.ladder.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(
        ladder,
        [
            "ANNA INVITE",
            "BEN 180 INVITE",
            "BEN 200 INVITE",
            "ANNA ACK",
            "BEN BYE",
            "ANNA 200 BYE"
        ]
    );
    world.assert_nothing_is_left();
}

#[test]
fn over_tcp_nothing_is_repeated() {
    let mut world = World::talking_over(Transport::Tcp);
    world.run_s(60);
    world.bye(ANNA);
    world.run_s(60);
    assert_eq!(world.ladder.len(), 5, "{:#?}", world.ladder);
    world.assert_nothing_is_left();
}

#[test]
fn an_invite_that_nobody_answers_is_repeated_for_32_s_and_fails_with_408() {
    let mut world = World::new();
    world.lose("ANNA INVITE", usize::MAX);
    world.call();
    world.run_ms(31_999);
    assert_eq!(
        world.times_ms("ANNA INVITE"),
        [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]
    );
    assert!(world.heard(ANNA).is_empty());
    world.run_ms(1);
    assert_eq!(world.heard(ANNA), ["Failed 408"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_phone_that_takes_its_time_gets_a_100_sent_after_200_ms() {
    let mut world = World::new();
    world.call();
    world.run_ms(209);
    assert_eq!(world.count("BEN 100 INVITE"), 0);
    world.run_ms(1);
    assert_eq!(world.count("BEN 100 INVITE"), 1);
    world.run_s(100);
    assert_eq!(world.count("ANNA INVITE"), 1);
    world.accept("ben's answer");
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Answer ben's answer", "Answered"]);
}

#[test]
fn a_busy_phone_says_so_until_it_is_acknowledged() {
    let mut world = World::new();
    world.call();
    world.lose("ANNA ACK", 2);
    world.lose("BEN 486 INVITE", 1);
    // Until the 100 came the INVITE itself would be repeated.
    world.run_ms(300);
    world.at(BEN, |now, tx, ben| {
        ben.reject(now, tx, 486, vec![header("Retry-After", "60")])
    });
    world.run_s(10);
    assert_eq!(world.heard(ANNA), ["Failed 486"]);
    assert_eq!(world.heard(BEN), ["Invited anna's offer", "Ended Finished"]);
    assert_eq!(world.times_ms("BEN 486 INVITE"), [0, 500, 1_500, 3_500]);
    assert_eq!(world.count("ANNA ACK"), 3);
    assert_eq!(
        world.last("BEN 486 INVITE").header("Retry-After"),
        Some("60")
    );
    world.assert_nothing_is_left();
}

#[test]
fn a_diversion_is_reported_with_its_contacts() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| {
        ben.reject(
            now,
            tx,
            302,
            vec![header("Contact", "<sip:carl@192.0.2.3>")],
        );
    });
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Failed 302"]);
    let contact = world
        .last("BEN 302 INVITE")
        .contacts()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(contact.uri_text(), "sip:carl@192.0.2.3");
}

#[test]
fn a_200_is_repeated_until_its_ack_comes_and_the_call_is_answered_once() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.lose("BEN 200 INVITE", 2);
    world.lose("ANNA ACK", 3);
    world.accept("ben's answer");
    world.run_s(30);
    assert_eq!(
        world.times_ms("BEN 200 INVITE"),
        [0, 500, 1_500, 3_500, 7_500, 11_500],
        "doubling up to T2, then every 4 s"
    );
    assert_eq!(world.count("ANNA ACK"), 4);
    assert_eq!(world.heard(ANNA), ["Answer ben's answer", "Answered"]);
    assert_eq!(world.heard(BEN), ["Invited anna's offer", "Confirmed"]);
}

#[test]
fn a_200_that_nobody_acknowledges_ends_the_call_after_32_s() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.lose("ANNA ACK", usize::MAX);
    world.accept("ben's answer");
    world.run_s(31);
    assert_eq!(world.heard(BEN), ["Invited anna's offer"]);
    world.run_s(2);
    assert_eq!(world.heard(BEN), ["Invited anna's offer", "Ended Vanished"]);
    assert_eq!(
        world.heard(ANNA).last(),
        Some(&"Ended HungUp(None)"),
        "{:#?}",
        world.ladder
    );
    world.assert_nothing_is_left();
}

#[test]
fn who_answers_and_hangs_up_at_once_waits_for_the_ack_before_the_bye() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.lose("ANNA ACK", 1);
    world.accept("ben's answer");
    world.bye(BEN);
    world.run_ms(400);
    assert_eq!(world.count("BEN BYE"), 0);
    world.run_ms(400);
    assert_eq!(world.count("BEN BYE"), 1);
    assert_eq!(world.heard(BEN).last(), Some(&"Ended Finished"));
    assert_eq!(
        world.heard(ANNA),
        ["Answer ben's answer", "Answered", "Ended HungUp(None)"]
    );
    world.assert_nothing_is_left();
}

#[test]
fn a_reason_travels_with_the_bye() {
    let mut world = World::talking();
    world.at(ANNA, |now, tx, anna| {
        anna.bye(now, tx, vec![header("Reason", "Q.850;cause=16")]);
    });
    world.run_ms(50);
    assert_eq!(world.heard(BEN), ["Ended HungUp(Some(\"Q.850;cause=16\"))"]);
    world.assert_nothing_is_left();
}

#[test]
fn both_hang_up_at_once() {
    let mut world = World::talking();
    world.bye(ANNA);
    world.bye(BEN);
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Ended Finished"]);
    assert_eq!(world.heard(BEN), ["Ended Finished"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_bye_into_silence_ends_the_call_all_the_same() {
    let mut world = World::talking();
    world.lose("ANNA BYE", usize::MAX);
    world.bye(ANNA);
    world.run_s(33);
    assert_eq!(
        world.times_ms("ANNA BYE"),
        [
            0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500
        ]
    );
    assert_eq!(world.heard(ANNA), ["Ended Finished"]);
}

#[test]
fn a_lost_200_to_bye_is_sent_again() {
    let mut world = World::talking();
    world.lose("BEN 200 BYE", 3);
    world.bye(ANNA);
    world.run_s(10);
    assert_eq!(world.count("BEN 200 BYE"), 4);
    assert_eq!(world.heard(ANNA), ["Ended Finished"]);
    assert_eq!(world.heard(BEN), ["Ended HungUp(None)"], "once");
    world.assert_nothing_is_left();
}

/// RFC 3261 §15.1.2
#[test]
fn a_caller_may_leave_an_early_dialog_by_bye() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.forge(ANNA, Method::Bye, &[], None);
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Ended HungUp(None)"]
    );
    world.run_ms(50);
    assert_eq!(world.count("BEN 200 BYE"), 1);
    assert_eq!(world.heard(ANNA), ["Ringing", "Failed 487"]);
    world.assert_nothing_is_left();
}

#[test]
fn an_invite_without_offer_gets_one_in_the_200_and_answers_it_in_the_ack() {
    let mut world = World::new();
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.accept("ben's offer");
    world.lose("ANNA ACK", 1);
    world.run_s(2);
    assert_eq!(world.heard(ANNA), ["Answered", "Offered ben's offer"]);
    assert_eq!(
        world.heard(BEN),
        ["Invited", "Confirmed", "Answer re ben's offer"]
    );
    assert_eq!(
        world.count("ANNA ACK"),
        2,
        "the second 200 got the same ACK"
    );
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn an_offer_in_a_200_that_is_not_acceptable_ends_the_call() {
    let mut world = World::new();
    world.manners = Manners::Silent;
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.accept("ben's offer");
    world.run_ms(50);
    world.at(ANNA, |now, tx, anna| anna.refuse(now, tx, 488, &[]));
    world.run_ms(50);
    assert_eq!(world.count("ANNA ACK"), 1);
    assert_eq!(world.count("ANNA BYE"), 1);
    world.assert_nothing_is_left();
}

#[test]
fn an_ack_without_the_answer_that_is_due_ends_the_call() {
    let mut world = World::new();
    world.manners = Manners::Silent;
    world.call_with(None, Vec::new());
    world.run_ms(50);
    world.accept("ben's offer");
    world.run_ms(50);
    let cseq = world.last("ANNA INVITE").cseq().unwrap().number;
    let dialog = world.ends[ANNA]
        .session
        .as_ref()
        .unwrap()
        .dialog()
        .unwrap()
        .clone();
    let ack = dialog
        .ack("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKforged", cseq)
        .finish();
    world.deliver(BEN, ack.bytes());
    assert_eq!(world.heard(BEN), ["Invited", "Confirmed", "Ended Vanished"]);
}

#[test]
fn a_200_without_an_answer_to_our_offer_fails_the_call() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Failed 488"]);
    assert_eq!(world.heard(BEN).last(), Some(&"Ended HungUp(None)"));
    world.assert_nothing_is_left();
}

/// RFC 6337 §3.1.1
#[test]
fn early_media_without_100rel_is_a_preview_that_the_200_repeats() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.progress("ben's early answer");
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| ben.accept(now, tx, None));
    world.run_ms(50);
    assert_eq!(
        world.heard(ANNA),
        [
            "Progress 183",
            "EarlyAnswer ben's early answer",
            "Answer ben's early answer",
            "Answered"
        ]
    );
    assert_eq!(world.last("BEN 200 INVITE").body(), b"ben's early answer");
}

#[test]
fn a_challenged_invite_is_sent_again_in_the_same_call_with_credentials() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    let challenge = header("WWW-Authenticate", "Digest realm=\"x\", nonce=\"y\"");
    world.at(BEN, |now, tx, ben| {
        ben.reject(now, tx, 401, vec![challenge])
    });
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Challenged 401"]);
    let first = world.last("ANNA INVITE").clone();
    let request = world.ends[ANNA].challenged[0];
    let credentials = vec![header("Authorization", "Digest username=\"anna\"")];
    world.at(ANNA, |now, tx, anna| {
        anna.authorize(now, tx, request, Some(credentials))
    });
    world.run_ms(50);
    let second = world.last("ANNA INVITE");
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.from().unwrap().tag(), first.from().unwrap().tag());
    assert_ne!(
        second.via().unwrap().branch(),
        first.via().unwrap().branch()
    );
    assert_eq!(
        second.cseq().unwrap().number,
        first.cseq().unwrap().number + 1
    );
    assert_eq!(
        second.header(Name::Authorization),
        Some("Digest username=\"anna\"")
    );
    world.accept("ben's answer");
    world.run_ms(50);
    world.bye(ANNA);
    world.run_ms(50);
    assert_eq!(world.heard(ANNA).last(), Some(&"Ended Finished"));
    world.assert_nothing_is_left();
}

#[test]
fn a_challenge_that_is_not_answered_fails_the_call() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| ben.reject(now, tx, 407, Vec::new()));
    world.run_s(40);
    assert_eq!(world.heard(ANNA), ["Challenged 407", "Failed 407"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_challenged_bye_is_sent_again() {
    let mut world = World::talking();
    world.bye(ANNA);
    let bye = world.last("ANNA BYE").clone();
    world.lose("BEN 200 BYE", usize::MAX);
    let Message::Request(bye) = bye else {
        panic!("BYE is a request")
    };
    let challenge = sip::message::Response::to(&bye, 407).finish();
    world.deliver(ANNA, challenge.bytes());
    assert_eq!(world.heard(ANNA), ["Challenged 407"]);
    let request = world.ends[ANNA].challenged[0];
    world.at(ANNA, |now, tx, anna| {
        anna.authorize(
            now,
            tx,
            request,
            Some(vec![header("Proxy-Authorization", "Digest x")]),
        );
    });
    let again = world.last("ANNA BYE");
    assert_eq!(again.header("Proxy-Authorization"), Some("Digest x"));
    assert_eq!(again.cseq().unwrap().number, bye.cseq().unwrap().number + 1);
    world.assert_nothing_is_left();
}

#[test]
fn keys_travel_as_info_in_both_directions() {
    let mut world = World::talking();
    let key = |text: &str| Body {
        content_type: "application/dtmf-relay".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    world.at(ANNA, |now, tx, anna| anna.info(now, tx, key("Signal=1")));
    world.at(BEN, |now, tx, ben| ben.info(now, tx, key("Signal=2")));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Asked INFO Signal=2", "Replied 200"]);
    assert_eq!(world.heard(BEN), ["Asked INFO Signal=1", "Replied 200"]);
}

#[test]
fn a_doubled_info_counts_once() {
    let mut world = World::talking();
    world.double("ANNA INFO");
    world.at(ANNA, |now, tx, anna| {
        anna.info(now, tx, Body::sdp("Signal=1"))
    });
    world.run_s(5);
    assert_eq!(world.heard(BEN), ["Asked INFO Signal=1"]);
}

#[test]
fn a_transfer_is_asked_of_the_owner() {
    let mut world = World::talking();
    let headers = vec![header("Refer-To", "<sip:carl@192.0.2.3>")];
    world.at(ANNA, |now, tx, anna| {
        anna.send(now, tx, Method::Refer, headers, None)
    });
    world.run_ms(50);
    assert_eq!(world.heard(BEN), ["Asked REFER"]);
    assert_eq!(world.heard(ANNA), ["Replied 200"]);
}

#[test]
fn a_peer_that_knows_no_such_call_has_vanished() {
    let mut world = World::talking();
    world.ends[BEN].session = None;
    world.at(ANNA, |now, tx, anna| {
        anna.info(now, tx, Body::sdp("Signal=1"))
    });
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Replied 481", "Ended Vanished"]);
    world.assert_nothing_is_left();
}

/// RFC 3261 §12.2.2
#[test]
fn a_request_that_is_older_than_the_last_one_gets_500() {
    let mut world = World::talking();
    world.forge(ANNA, Method::Info, &[], None);
    world.at(ANNA, |now, tx, anna| anna.info(now, tx, Body::sdp("late")));
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Replied 500"]);
    assert_eq!(world.heard(BEN), ["Asked INFO"], "only the forged one");
}

#[test]
fn a_request_with_a_foreign_tag_belongs_to_no_call() {
    let mut world = World::talking();
    world.replaced.push(("tag=", "tag=x"));
    world.at(ANNA, |now, tx, anna| {
        anna.info(now, tx, Body::sdp("Signal=1"))
    });
    world.run_ms(50);
    assert_eq!(world.count("BEN 481 INFO"), 1);
    assert!(world.heard(BEN).is_empty());
}

#[test]
fn a_transport_that_fails_fails_the_invite_with_503() {
    let mut world = World::over(Transport::Tcp);
    world.lose("ANNA INVITE", 1);
    world.call();
    let flow = world.ends[ANNA].session.as_ref().unwrap().flow();
    world.ends[ANNA].tx.transport_failed(flow);
    world.at(ANNA, |_, _, _| ());
    assert_eq!(world.heard(ANNA), ["Failed 503"]);
    world.assert_nothing_is_left();
}
