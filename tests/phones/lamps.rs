//! Lamps: what phones are told of other extensions.

use crate::{CONVERSATION, baresip, is_in, linphone, office};
use peers::tones::{ALICE, BOB, CAROL};
use peers::{Lease, PATIENCE, Server, Sipp, talk, until};

/// A phone of an extension that watches a number by a lamp.
fn watch(server: &Server, ports: &mut Lease, extension: &str, number: &str) -> Sipp {
    let login = server.login(extension);
    Sipp::scenario("watch.xml", ports.address())
        .to(login.server)
        .calls(1, 1)
        .users([watcher(server, extension, number)])
        .start()
}

/// The fields of the scenario.
fn watcher(server: &Server, extension: &str, number: &str) -> String {
    let password = server.login(extension).password;
    format!("{extension};{number};[authentication username={extension} password={password}]")
}

/// Waits until a lamp has shown these states, one after the other.
fn shows(lamp: &Sipp, states: &[&str]) {
    until(&format!("the lamp shows {states:?}"), PATIENCE, || {
        lamp.logged() == states
    });
}

/// SI-09
#[test]
fn a_lamp_shows_what_an_extension_is_doing() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut ports = Lease::of(2);
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let lamp = watch(&server, &mut ports, "102", "101");
    shows(&lamp, &["terminated"]);
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    bob.rings();
    shows(&lamp, &["terminated", "early"]);
    bob.answer();
    alice.up();
    shows(&lamp, &["terminated", "early", "confirmed"]);
    alice.hang_up();
    bob.call_ends();
    shows(&lamp, &["terminated", "early", "confirmed", "terminated"]);
    assert_eq!(lamp.stopped().count("FailedCall"), 0);
}

/// PK-08, PK-03, PK-05
#[test]
fn the_lamp_of_a_slot_is_lit_while_somebody_waits_there() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut ports = Lease::of(2);
    let lamp = watch(&server, &mut ports, "102", "41");
    shows(&lamp, &["terminated"]);
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    alice.up();
    is_in(&server, "talk");
    alice.press("*4");
    shows(&lamp, &["terminated", "confirmed"]);
    alice.call_ends();
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    carol.call("41");
    carol.up();
    shows(&lamp, &["terminated", "confirmed", "terminated"]);
    talk(CONVERSATION);
    bob.hang_up();
    carol.call_ends();
    assert_eq!(lamp.stopped().count("FailedCall"), 0);
    carol.switched_off().hears(BOB, 1.5);
    bob.switched_off().hears(CAROL, 1.5);
}

/// PU-03, PU-07
#[test]
fn a_ringing_call_is_taken_by_what_its_lamp_says() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut ports = Lease::of(4);
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let (address, sound) = (ports.address(), ports.ports(2));
    let picker = Sipp::scenario("pickup.xml", address)
        .to(server.login("102").server)
        .calls(1, 1)
        .users([watcher(&server, "102", "101")])
        .option("-mp", sound.start())
        .start();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    bob.rings();
    alice.up();
    bob.call_ends();
    is_in(&server, "talk");
    alice.hang_up();
    picker.ends(PATIENCE).all_went_well(1);
    server.is_quiet();
}

/// SI-09
#[test]
fn a_phone_shows_who_can_be_reached_and_that_no_message_waits() {
    let server = Server::start(&office(["100", "101"]));
    let mut alice = baresip(&server, "100").watching("101").start().registered();
    alice.prints(&["Messages-Waiting: no"]);
    let mut bob = linphone(&server, "101").start().registered();
    // It subscribes when it likes to, and says nothing of the first state that it hears of.
    until("the phone shows a change", PATIENCE, || {
        bob.call("*43");
        bob.up();
        bob.hang_up();
        bob.call_ends();
        let (_, printed) = alice.log();
        let printed = printed.since(0);
        printed
            .iter()
            .any(|line| line.contains("changed status from"))
    });
}

/// SI-09
#[test]
fn hundreds_of_lamps_of_one_extension_are_told_at_once() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut bob = linphone(&server, "101").start().registered();
    let mut ports = Lease::of(1);
    let lamps = Sipp::scenario("watch.xml", ports.address())
        .to(server.login("102").server)
        .calls(LAMPS, 200)
        .users([watcher(&server, "102", "101")])
        .start();
    let shown = |state: &str| lamps.logged().iter().filter(|line| *line == state).count();
    let all = usize::try_from(LAMPS).expect("a count");
    until("all lamps are off", PATIENCE, || shown("terminated") == all);
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    bob.rings();
    until("all lamps blink", PATIENCE, || shown("early") == all);
    alice.hang_up();
    bob.call_ends();
    until("all lamps are off again", PATIENCE, || {
        shown("terminated") == 2 * all
    });
    assert_eq!(lamps.stopped().count("FailedCall"), 0);
}

/// Nearly as many as an extension may have.
const LAMPS: u32 = 450;
