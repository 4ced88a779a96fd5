//! What is pressed in a call, and what others do to it: transfer, pickup, whisper, page, recording, conference.

use crate::{CONVERSATION, baresip, is_in, linphone, office};
use peers::tones::{ALICE, BOB, CAROL};
use peers::{PATIENCE, Server, talk, until};
use std::time::Duration;

/// XF-05 XF-06 XF-07, FC-08
#[test]
fn who_is_asked_by_keys_talks_with_the_caller_once_the_other_hangs_up() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    is_in(&server, "talk");
    bob.press("*2102#");
    carol.rings();
    bob.press("*");
    carol.call_ends();
    talk(CONVERSATION);
    bob.press("*2102#");
    carol.rings();
    carol.answer();
    carol.up();
    talk(CONVERSATION);
    bob.hang_up();
    talk(CONVERSATION);
    carol.hang_up();
    alice.call_ends();
    server.is_quiet();
    let (alice, carol) = (alice.switched_off(), carol.switched_off());
    alice.hears(BOB, 1.5);
    alice.hears(CAROL, 1.5);
    carol.hears(BOB, 1.5);
    carol.hears(ALICE, 1.5);
    let bob = bob.switched_off();
    bob.hears(CAROL, 1.5);
    let record = server.has_records(2);
    let taken = record.iter().filter(|record| record.legs.len() == 3);
    assert_eq!(taken.count(), 1, "{record:?}");
}

/// XF-02
#[test]
fn a_blind_transfer_by_keys_frees_who_made_it() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut carol = baresip(&server, "102")
        .tone(CAROL)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    is_in(&server, "talk");
    bob.press("#102#");
    bob.call_ends();
    carol.up();
    talk(CONVERSATION);
    alice.hang_up();
    carol.call_ends();
    alice.switched_off().hears(CAROL, 1.5);
    carol.switched_off().hears(ALICE, 1.5);
}

/// MON-02 MON-03
#[test]
fn a_whisper_is_heard_by_the_extension_and_not_by_its_caller() {
    let site = office(["100", "101", "102"])
        .extension("101", "may_be_monitored = true")
        .extension("102", "may_monitor = true");
    let server = Server::start(&site);
    let mut bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    talk(CONVERSATION);
    carol.call("*91101");
    carol.up();
    talk(CONVERSATION + CONVERSATION);
    carol.hang_up();
    carol.call_ends();
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    let (alice, bob, carol) = (
        alice.switched_off(),
        bob.switched_off(),
        carol.switched_off(),
    );
    carol.hears(ALICE, 2.5);
    carol.hears(BOB, 2.5);
    bob.hears(CAROL, 2.5);
    bob.hears(ALICE, 6.0);
    alice.hears(BOB, 6.0);
    alice.does_not_hear(CAROL);
}

/// MI-08
#[test]
fn who_is_paged_is_not_heard() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("*51101");
    alice.up();
    bob.up();
    talk(CONVERSATION + CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    bob.switched_off().hears(ALICE, 2.5);
    alice.switched_off().does_not_hear(BOB);
}

/// MI-04 MI-05 MI-06
#[test]
fn a_recording_has_one_side_in_each_channel() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    alice.press("*1");
    talk(CONVERSATION + CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    let record = server.has_records(1).remove(0);
    let [recording] = record.recordings[..] else {
        panic!("one recording: {record:?}");
    };
    let [left, right] = server.recording(recording);
    left.hears(ALICE, 2.5);
    left.does_not_hear(BOB);
    right.hears(BOB, 2.5);
    right.does_not_hear(ALICE);
}

/// CO-07
#[test]
fn two_who_talk_become_a_conference_of_three() {
    let site = office(["100", "101", "102"]).also(
        "[[room]]\nnumber = \"700\"\nname = \"board\"\nadmin_pin = \"9911\"\nuser_pin = \"1111\"\n",
    );
    let server = Server::start(&site);
    let mut bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    alice.press("*0");
    is_in(&server, "conference_create");
    alice.press("9911#");
    is_in(&server, "conference");
    carol.call("700");
    carol.up();
    is_in(&server, "conference_door");
    carol.press("1111#");
    until("three are in conference", PATIENCE, || {
        let calls = server.calls();
        let states = calls.iter().filter_map(|call| call.get("state")?.as_str());
        states.filter(|state| *state == "conference").count() == 3
    });
    talk(Duration::from_secs(8));
    alice.hang_up();
    carol.hang_up();
    bob.hang_up();
    server.is_quiet();
    let carol = carol.switched_off();
    carol.hears(ALICE, 1.5);
    carol.hears(BOB, 1.5);
    alice.switched_off().hears(CAROL, 1.5);
}
