//! Session timers: a call whose ends do not hear of each other is over (RFC 4028).

use crate::support::{ANNA, BEN, World, header};
use sip::message::{Name, Response};

/// SI-04
#[test]
fn a_long_call_is_refreshed_every_15_minutes_by_update() {
    let mut world = World::talking();
    let answer = world.last("BEN 200 INVITE");
    assert_eq!(
        answer.header(Name::SessionExpires),
        Some("1800;refresher=uac")
    );
    assert!(answer.lists(Name::Require, "timer"));
    world.run_s(2 * 3_600 + 60);
    assert_eq!(world.count("ANNA UPDATE"), 8);
    assert_eq!(world.count("BEN UPDATE"), 0);
    assert_eq!(
        world.last("ANNA UPDATE").header(Name::SessionExpires),
        Some("1800;refresher=uac")
    );
    assert!(world.heard(ANNA).is_empty() && world.heard(BEN).is_empty());
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn a_peer_without_update_is_refreshed_by_reinvite() {
    let mut world = World::new();
    world.replaced.push(("UPDATE, ", ""));
    world.call();
    world.run_ms(50);
    world.accept("ben's answer");
    world.run_s(901);
    assert_eq!(world.count("ANNA UPDATE"), 0);
    assert_eq!(
        world.heard(ANNA)[2..],
        ["OfferWanted Refresh", "Answer re offer 1"]
    );
    world.run_s(3_600);
    assert_eq!(world.count("ANNA INVITE"), 1 + 5);
    assert!(
        !world
            .heard(BEN)
            .iter()
            .any(|heard| heard.starts_with("Ended"))
    );
}

#[test]
fn a_peer_that_refuses_update_is_refreshed_by_reinvite() {
    let mut world = World::talking();
    world.lose("BEN 200 UPDATE", usize::MAX);
    world.run_s(900);
    let sip::message::Message::Request(update) = world.last("ANNA UPDATE").clone() else {
        panic!()
    };
    world.deliver(ANNA, Response::to(&update, 501).finish().bytes());
    world.run_s(1);
    assert_eq!(
        world.heard(ANNA),
        ["OfferWanted Refresh", "Answer re offer 1"]
    );
}

#[test]
fn a_peer_that_forgot_the_call_is_noticed_by_the_refresh() {
    let mut world = World::talking();
    world.ends[BEN].session = None;
    world.run_s(901);
    assert_eq!(world.heard(ANNA), ["Ended Vanished"]);
    world.assert_nothing_is_left();
}

#[test]
fn a_dead_network_ends_the_call_at_both_ends() {
    let mut world = World::talking();
    world.lose("ANNA UPDATE", usize::MAX);
    world.lose("ANNA BYE", usize::MAX);
    world.run_s(900 + 33);
    assert_eq!(world.heard(ANNA), ["Ended Vanished"]);
    world.lose("BEN BYE", usize::MAX);
    world.run_s(1_800 - 32 - 933 - 1);
    assert!(world.heard(BEN).is_empty());
    world.run_s(2);
    assert_eq!(
        world.heard(BEN),
        ["Ended Vanished"],
        "32 s before the interval is over"
    );
    world.assert_nothing_is_left();
}

#[test]
fn who_asks_for_too_short_an_interval_is_told_the_shortest() {
    let mut world = World::new();
    world
        .replaced
        .push(("Session-Expires: 1800", "Session-Expires: 60"));
    world.call();
    world.run_ms(50);
    assert_eq!(world.heard(BEN), ["Refused 422"]);
    assert_eq!(world.last("BEN 422 INVITE").header(Name::MinSe), Some("90"));
    world.assert_nothing_is_left();
}

#[test]
fn who_does_not_know_session_timers_is_not_told() {
    let mut world = World::new();
    world
        .replaced
        .push(("Session-Expires: 1800", "Session-Expires: 60"));
    world
        .replaced
        .push(("Supported: 100rel, timer", "Supported: 100rel"));
    world.call();
    world.run_ms(50);
    world.accept("ben's answer");
    assert_eq!(
        world.last("BEN 200 INVITE").header(Name::SessionExpires),
        Some("90;refresher=uas"),
        "a proxy asked for it: we refresh"
    );
}

#[test]
fn a_422_is_heeded_by_asking_for_more() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| {
        ben.reject(now, tx, 422, vec![header("Min-SE", "3600")])
    });
    world.run_ms(50);
    let again = world.last("ANNA INVITE");
    assert_eq!(again.header(Name::SessionExpires), Some("3600"));
    assert_eq!(again.header(Name::MinSe), Some("3600"));
    world.accept("ben's answer");
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Answer ben's answer", "Answered"]);
    assert_eq!(
        world.last("BEN 200 INVITE").header(Name::SessionExpires),
        Some("3600;refresher=uac"),
        "never below Min-SE"
    );
    world.bye(ANNA);
    world.assert_nothing_is_left();
}

#[test]
fn a_422_that_asks_for_nothing_more_fails_the_call() {
    let mut world = World::new();
    world.call();
    world.run_ms(50);
    world.at(BEN, |now, tx, ben| {
        ben.reject(now, tx, 422, vec![header("Min-SE", "90")])
    });
    world.run_ms(50);
    assert_eq!(world.heard(ANNA), ["Failed 422"]);
}

#[test]
fn a_peer_without_session_timers_is_left_in_peace() {
    let mut world = World::new();
    world
        .replaced
        .push(("Supported: 100rel, timer", "Supported: 100rel"));
    world.replaced.push(("Session-Expires: 1800\r\n", ""));
    world.call();
    world.run_ms(50);
    world.accept("ben's answer");
    world.run_s(7_200);
    assert_eq!(
        world.last("BEN 200 INVITE").header(Name::SessionExpires),
        None
    );
    assert_eq!(world.count("ANNA UPDATE") + world.count("BEN UPDATE"), 0);
}

#[test]
fn a_peer_that_wants_us_to_refresh_is_obeyed() {
    let mut world = World::new();
    world.replaced.push((
        "Session-Expires: 1800\r\n",
        "Session-Expires: 1200;refresher=uas\r\n",
    ));
    world.call();
    world.run_ms(50);
    world.accept("ben's answer");
    world.run_s(601);
    assert_eq!(world.count("BEN UPDATE"), 1);
    assert_eq!(
        world.last("BEN UPDATE").header(Name::SessionExpires),
        Some("1200;refresher=uac"),
        "the refresher is the client of its own request"
    );
    world.run_s(3_600);
    assert!(
        world
            .heard(ANNA)
            .iter()
            .all(|heard| !heard.starts_with("Ended")),
        "{:?}",
        world.heard(ANNA)
    );
    assert_eq!(world.count("ANNA UPDATE"), 0);
}

#[test]
fn a_reinvite_in_between_moves_the_refresh() {
    let mut world = World::talking();
    world.run_s(600);
    world.renegotiate(BEN);
    world.run_s(600);
    assert_eq!(world.count("ANNA UPDATE"), 0);
    assert_eq!(
        world.last("BEN INVITE").header(Name::SessionExpires),
        Some("1800;refresher=uas"),
        "Anna goes on refreshing"
    );
    world.run_s(301);
    assert_eq!(world.count("ANNA UPDATE"), 1);
}
