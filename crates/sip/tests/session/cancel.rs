//! Giving up a call, and everything that may cross it (RFC 3261 §9).

use crate::support::{ANNA, BEN, World, header};
use sip::message::{Message, Response};

/// SI-04
#[test]
fn a_cancel_waits_for_the_first_response() {
    let mut world = World::new();
    world.call();
    world.run_ms(100);
    world.cancel();
    world.run_ms(109);
    assert_eq!(world.count("ANNA CANCEL"), 0);
    world.run_ms(100);
    let ladder: Vec<_> = world.ladder.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(
        ladder,
        [
            "ANNA INVITE",
            "BEN 100 INVITE",
            "ANNA CANCEL",
            "BEN 200 CANCEL",
            "BEN 487 INVITE",
            "ANNA ACK"
        ]
    );
    assert_eq!(world.heard(ANNA), ["Ended Finished"]);
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Ended Cancelled(None)"]
    );
    world.assert_nothing_is_left();
}

#[test]
fn a_cancelled_invite_into_silence_ends_without_any_cancel() {
    let mut world = World::new();
    world.lose("ANNA INVITE", usize::MAX);
    world.call();
    world.cancel();
    world.run_s(33);
    assert_eq!(world.heard(ANNA), ["Ended Finished"]);
    assert_eq!(world.count("ANNA CANCEL"), 0);
    world.assert_nothing_is_left();
}

#[test]
fn a_cancel_says_that_the_call_was_completed_elsewhere() {
    let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.at(ANNA, |now, tx, anna| {
        anna.cancel(now, tx, vec![header("Reason", reason)])
    });
    world.run_ms(50);
    let heard = format!("Ended Cancelled({:?})", Some(reason));
    assert_eq!(world.heard(BEN), ["Invited anna's offer", heard.as_str()]);
    assert_eq!(world.heard(ANNA), ["Ringing", "Ended Finished"]);
    let (invite, cancel) = (world.last("ANNA INVITE"), world.last("ANNA CANCEL"));
    assert_eq!(
        cancel.via().unwrap().branch(),
        invite.via().unwrap().branch()
    );
    assert_eq!(cancel.cseq().unwrap().number, invite.cseq().unwrap().number);
    world.assert_nothing_is_left();
}

#[test]
fn a_lost_cancel_is_repeated_and_cancels_once() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.lose("ANNA CANCEL", 2);
    world.lose("BEN 200 CANCEL", 1);
    world.lose("BEN 487 INVITE", 2);
    world.cancel();
    world.run_s(10);
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Ended Cancelled(None)"]
    );
    assert_eq!(world.heard(ANNA), ["Ringing", "Ended Finished"]);
    let tags: Vec<_> = ["BEN 200 CANCEL", "BEN 487 INVITE"]
        .map(|name| world.last(name).to().unwrap().tag().map(str::to_owned))
        .into();
    assert_eq!(tags[0], tags[1], "RFC 3261 §9.2");
    world.assert_nothing_is_left();
}

/// SI-04
#[test]
fn a_200_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.cancel();
    world.accept("ben's answer");
    world.run_ms(100);
    assert_eq!(
        world.count("BEN 200 CANCEL"),
        1,
        "the CANCEL is answered, and does nothing"
    );
    assert_eq!(world.count("BEN 487 INVITE"), 0);
    assert_eq!(world.count("ANNA ACK"), 1);
    assert_eq!(world.count("ANNA BYE"), 1);
    assert_eq!(world.heard(ANNA), ["Ringing", "Ended Finished"]);
    assert_eq!(
        world.heard(BEN),
        ["Invited anna's offer", "Confirmed", "Ended HungUp(None)"]
    );
    world.assert_nothing_is_left();
}

#[test]
fn a_200_that_crosses_the_cancel_and_whose_ack_is_lost_is_ended_all_the_same() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.lose("ANNA ACK", 1);
    world.lose("ANNA BYE", 1);
    world.cancel();
    world.accept("ben's answer");
    world.run_s(5);
    assert_eq!(world.heard(BEN).last(), Some(&"Ended HungUp(None)"));
    world.assert_nothing_is_left();
}

#[test]
fn a_refusal_that_crosses_the_cancel_ends_the_call() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.cancel();
    world.at(BEN, |now, tx, ben| ben.reject(now, tx, 603, Vec::new()));
    world.run_s(1);
    assert_eq!(world.heard(ANNA), ["Ringing", "Ended Finished"]);
    assert_eq!(world.heard(BEN), ["Invited anna's offer", "Ended Finished"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_peer_that_takes_the_cancel_and_never_ends_the_invite_is_given_up_after_32_s() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.lose("BEN 487 INVITE", usize::MAX);
    world.cancel();
    world.run_s(31);
    assert_eq!(world.heard(ANNA), ["Ringing"]);
    world.run_s(2);
    assert_eq!(world.heard(ANNA), ["Ringing", "Ended Finished"]);
    assert_eq!(world.count("ANNA CANCEL"), 1);
    world.assert_nothing_is_left();
}

#[test]
fn cancelling_a_call_that_is_answered_hangs_up() {
    let mut world = World::talking();
    world.cancel();
    world.run_ms(50);
    assert_eq!(world.count("ANNA CANCEL"), 0);
    assert_eq!(world.count("ANNA BYE"), 1);
    world.assert_nothing_is_left();
}

#[test]
fn cancelling_while_credentials_are_awaited_ends_at_once() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| ben.reject(now, tx, 401, Vec::new()));
    world.run_ms(50);
    world.cancel();
    assert_eq!(world.heard(ANNA), ["Challenged 401", "Ended Finished"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_cancel_of_an_invite_that_nobody_knows_gets_481() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.ring();
    world.run_ms(50);
    world.replaced.push(("branch=z9hG4bK", "branch=z9hG4bKx"));
    world.cancel();
    world.run_ms(50);
    assert_eq!(world.count("BEN 481 CANCEL"), 1);
    assert_eq!(world.heard(BEN), ["Invited anna's offer"]);
}

#[test]
fn a_late_200_to_a_forgotten_call_is_dismissed() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    let Message::Request(invite) = world.last("ANNA INVITE").clone() else {
        panic!()
    };
    world.at(BEN, |now, tx, ben| ben.reject(now, tx, 486, Vec::new()));
    world.run_ms(50);
    let late = Response::to(&invite, 200)
        .to_tag("late")
        .header("Contact", "<sip:late@192.0.2.2>")
        .finish();
    let (now, flow) = (world.now, world.ends[ANNA].session.as_ref().unwrap().flow());
    let local = crate::support::local("anna", 1);
    let tx = &mut world.ends[ANNA].tx;
    sip::session::dismiss(now, tx, flow, &local, &late);
    world.ends[ANNA].session = None;
    world.run_s(1);
    assert_eq!(world.last("ANNA ACK").to().unwrap().tag(), Some("late"));
    assert_eq!(world.last("ANNA BYE").to().unwrap().tag(), Some("late"));
    world.assert_nothing_is_left();
}
