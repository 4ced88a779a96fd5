//! The drivers among themselves, without the product: when these fail, the machine is not fit for the rest.

use peers::tones::{ALICE, BOB};
use peers::{Baresip, Keys, Lease, Linphone, Login, Sipp, Transport, talk};
use std::time::Duration;

fn nowhere(number: &str) -> Login {
    Login {
        number: number.to_owned(),
        password: String::from("none"),
        server: Lease::of(1).address(),
        transport: Transport::Udp,
    }
}

#[test]
fn a_linphone_and_a_baresip_hear_each_other() {
    let mut bob = Baresip::with(nowhere("bob"))
        .tone(BOB)
        .answering()
        .without_server()
        .start();
    let mut alice = Linphone::with(nowhere("alice")).tone(ALICE).start();
    alice.call_address(&bob.uri());
    alice.up();
    bob.up();
    talk(Duration::from_secs(2));
    alice.hang_up();
    alice.call_ends();
    bob.call_ends();
    let (alice, bob) = (alice.switched_off(), bob.switched_off());
    alice.hears(BOB, 1.5);
    alice.does_not_hear(ALICE);
    bob.hears(ALICE, 1.5);
    bob.does_not_hear(BOB);
}

#[test]
fn keys_arrive_as_events_and_as_info() {
    for keys in [Keys::Events, Keys::Info] {
        let mut bob = Baresip::with(nowhere("bob"))
            .answering()
            .without_server()
            .start();
        let mut alice = Linphone::with(nowhere("alice")).keys(keys).start();
        alice.call_address(&bob.uri());
        alice.up();
        bob.up();
        alice.press("12#");
        assert_eq!(bob.receives_keys("12#"), "12#", "{keys:?}");
    }
}

#[test]
fn a_baresip_presses_keys_over_tcp() {
    let mut bob = Baresip::with(nowhere("bob"))
        .answering()
        .without_server()
        .start();
    let mut alice = Baresip::with(nowhere("alice")).without_server().start();
    alice.call_address(&format!("{};transport=tcp", bob.uri()));
    alice.up();
    bob.up();
    alice.press("12#");
    assert_eq!(bob.receives_keys("12#"), "12#");
    bob.hang_up();
    alice.call_ends();
}

#[test]
fn a_linphone_holds_and_resumes() {
    let bob = Baresip::with(nowhere("bob")).tone(BOB).answering();
    let mut bob = bob.without_server().start();
    let mut alice = Linphone::with(nowhere("alice")).tone(ALICE).start();
    alice.call_address(&bob.uri());
    alice.up();
    bob.up();
    talk(Duration::from_secs(1));
    alice.hold();
    talk(Duration::from_secs(2));
    alice.resume(1);
    talk(Duration::from_secs(2));
    alice.hang_up();
    bob.call_ends();
    alice.switched_off().hears(BOB, 2.0);
    let heard_s = bob.switched_off().heard_s(ALICE);
    // Between themselves it may not take the sound again: the new stream has another source.
    assert!((0.7..4.0).contains(&heard_s), "{heard_s}");
}

#[test]
fn a_baresip_holds_and_resumes() {
    let mut bob = Baresip::with(nowhere("bob"))
        .tone(BOB)
        .answering()
        .without_server()
        .start();
    let mut alice = Linphone::with(nowhere("alice")).start();
    alice.call_address(&bob.uri());
    alice.up();
    bob.up();
    talk(Duration::from_secs(1));
    bob.hold();
    alice.says(&["has been paused by"]);
    bob.resume();
    alice.up();
}

#[test]
fn a_baresip_calls_and_is_refused() {
    let mut bob = Baresip::with(nowhere("bob")).without_server().start();
    let mut alice = Baresip::with(nowhere("alice")).without_server().start();
    alice.call_address(&bob.uri());
    bob.rings();
    bob.hang_up();
    let reason = alice.call_ends();
    assert!(reason.contains("486"), "{reason}");
}

#[test]
fn sipp_calls_sipp() {
    let mut ports = Lease::of(4);
    let callee = ports.address();
    let answering = Sipp::scenario("answer.xml", callee).start();
    let calls = Sipp::scenario("call.xml", ports.address())
        .to(callee)
        .calls(10, 20)
        .users([String::from(
            "100;101;[authentication username=100 password=none]",
        )])
        .option("-d", 100)
        .run(Duration::from_secs(20));
    calls.all_went_well(10);
    let answered = answering.stopped();
    assert_eq!(
        (answered.count("taken"), answered.count("FailedCall")),
        (10, 0)
    );
}
