//! Lamps: what phones are told of other extensions.

use crate::{linphone, office};
use peers::tones::{ALICE, BOB};
use peers::{Lease, PATIENCE, Server, Sipp, until};

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
