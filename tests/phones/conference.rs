//! A conference of three, and a fourth who is invited.

use crate::{CONVERSATION, baresip, is_in, linphone, office, text};
use peers::tones::{ALICE, BOB, CAROL};
use peers::{PATIENCE, Server, talk, until};
use std::time::Duration;

/// CO-01 CO-04 CO-05
#[test]
fn three_confer_and_the_administrator_brings_a_fourth_in() {
    let site = office(["100", "101", "102", "103"]).also(
        "[[room]]\nnumber = \"700\"\nname = \"board\"\nadmin_pin = \"9911\"\nuser_pin = \"1111\"\n",
    );
    let server = Server::start(&site);
    let mut dora = baresip(&server, "103").answering().start().registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    for (nth, (phone, pin)) in [
        (&mut alice, "9911#"),
        (&mut bob, "1111#"),
        (&mut carol, "1111#"),
    ]
    .into_iter()
    .enumerate()
    {
        phone.call("700");
        phone.up();
        is_in(&server, "conference_door");
        phone.press(pin);
        confer(&server, nth + 1);
    }
    talk(Duration::from_secs(8));
    alice.press("0");
    is_in(&server, "invite");
    alice.press("103#");
    dora.up();
    is_in(&server, "talk");
    confer(&server, 2);
    talk(CONVERSATION);
    alice.press("**");
    confer(&server, 4);
    talk(Duration::from_secs(14));
    alice.hang_up();
    confer(&server, 3);
    bob.hang_up();
    carol.hang_up();
    dora.hang_up();
    server.is_quiet();
    let dora = dora.switched_off();
    for tone in [ALICE, BOB, CAROL] {
        dora.hears(tone, 1.5);
    }
    let bob = bob.switched_off();
    bob.hears(ALICE, 1.5);
    bob.hears(CAROL, 6.0);
    assert_eq!(server.has_records(4).len(), 4, "one for each");
}

/// Waits until so many are in conference.
fn confer(server: &Server, parties: usize) {
    until(&format!("{parties} confer"), PATIENCE, || {
        let calls = server.calls();
        let states = calls.iter().map(|call| text(call, "state"));
        states.filter(|state| *state == "conference").count() == parties
    });
}
