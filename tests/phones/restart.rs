//! The server ends, by a crash or because it is told to.

use crate::{baresip, is_in, linphone, office};
use model::{CallStatus, Cause};
use peers::tones::{ALICE, BOB};
use peers::{PATIENCE, Server, talk};
use std::time::Duration;

/// SI-13, CDR-15
#[test]
fn after_a_crash_phones_are_reachable_at_once_and_the_call_is_written_down() {
    let mut server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    bob.up();
    is_in(&server, "talk");
    talk(Duration::from_secs(1));

    server.kill();
    server.start_again();
    assert_eq!(server.registrations().len(), 2);
    assert!(server.calls().is_empty());
    let records = server.has_records(1);
    assert_eq!(
        (records[0].status, records[0].cause),
        (CallStatus::Answered, Cause::Restarted)
    );
    alice.hang_up();
    bob.hang_up();
    alice.call_ends();
    bob.call_ends();

    // Neither phone knows that anything happened: registrations hold for an hour.
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    bob.up();
    talk(Duration::from_secs(2));
    alice.hang_up();
    bob.call_ends();
    server.is_quiet();
    assert_eq!(server.has_records(2)[1].cause, Cause::Normal);
}

/// INTERFACES, `serve`: SIGTERM takes no new calls and ends with the last one.
#[test]
fn a_server_told_to_end_lets_the_last_call_finish() {
    let mut server = Server::start(&office(["100", "101", "102"]));
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut carol = baresip(&server, "102").start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    server.drain();
    talk(Duration::from_secs(1));
    carol.call("100");
    let reason = carol.call_ends();
    assert!(reason.starts_with("503"), "{reason}");
    talk(Duration::from_secs(2));
    assert!(server.runs());
    alice.hang_up();
    bob.call_ends();
    let status = server.ended(PATIENCE).expect("it ends with the last call");
    assert!(status.success(), "{status}");
    alice.switched_off().hears(BOB, 2.5);
}

/// INTERFACES, `serve`: a second SIGTERM ends at once.
#[test]
fn a_server_told_twice_to_end_ends_at_once() {
    let mut server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101").answering().start().registered();
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    server.drain();
    assert!(server.ended(Duration::from_secs(1)).is_none());
    server.drain();
    assert!(server.ended(Duration::from_secs(5)).is_some());
}
