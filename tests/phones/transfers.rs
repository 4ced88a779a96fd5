//! Phones transfer calls by their own keys.

use crate::{CONVERSATION, baresip, is_in, linphone, office};
use peers::tones::{ALICE, BOB, CAROL};
use peers::{Server, talk};

/// XF-08, XF-02: REFER.
#[test]
fn a_phone_sends_its_caller_to_somebody_else_and_is_free() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut carol = linphone(&server, "102").tone(CAROL).start().registered();
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    talk(CONVERSATION);
    bob.transfer("102");
    let shown = carol.rings();
    assert!(shown.contains("sip:100@"), "the caller is shown: {shown}");
    carol.answer();
    carol.up();
    bob.call_ends();
    talk(CONVERSATION);
    alice.hang_up();
    carol.call_ends();
    server.is_quiet();
    let alice = alice.switched_off();
    alice.hears(BOB, 1.5);
    alice.hears(CAROL, 1.5);
    carol.switched_off().hears(ALICE, 1.5);
    bob.switched_off().does_not_hear(CAROL);
}

/// XF-08, XF-05: REFER with Replaces.
#[test]
fn a_phone_brings_its_two_calls_together_and_is_free() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut carol = linphone(&server, "102")
        .tone(CAROL)
        .answering()
        .start()
        .registered();
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    alice.hold();
    alice.call("102");
    alice.up();
    carol.up();
    talk(CONVERSATION);
    alice.join(1, 2);
    alice.call_ends();
    talk(CONVERSATION);
    bob.hang_up();
    carol.call_ends();
    server.is_quiet();
    let bob = bob.switched_off();
    bob.hears(CAROL, 1.5);
    let carol = carol.switched_off();
    carol.hears(ALICE, 1.0);
    carol.hears(BOB, 1.5);
    alice.switched_off().hears(CAROL, 1.0);
}

/// XF-08: 404 in the notification. This phone gives up its call then.
#[test]
fn a_phone_hears_that_a_number_to_transfer_to_does_not_exist() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101").answering().start().registered();
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    bob.transfer("999");
    let failed = bob.event("TRANSFER_FAILED");
    assert!(failed.to_string().contains("404"), "{failed}");
    alice.call_ends();
}

/// XF-08
#[test]
fn a_transfer_that_leads_nowhere_leaves_the_call() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    bob.transfer("999");
    talk(CONVERSATION);
    is_in(&server, "talk");
    alice.hang_up();
    bob.call_ends();
    server.is_quiet();
    alice.switched_off().hears(BOB, 1.0);
    bob.switched_off().hears(ALICE, 1.0);
}
