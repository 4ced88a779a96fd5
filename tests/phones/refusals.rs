//! Calls that reach nobody: what the caller's phone is told, and what he hears.

use crate::{baresip, is_in, linphone, office};
use model::{CallStatus, Cause};
use peers::tones::BOB;
use peers::{Baresip, Server, talk};
use std::time::Duration;

/// Calls, waits for the end, and checks the status, and the prompt that was heard before it.
fn is_refused(server: &Server, mut caller: Baresip, number: &str, status: &str, prompt: &str) {
    caller.call(number);
    let reason = caller.call_ends();
    assert!(
        reason.starts_with(status),
        "told {reason:?} instead of {status}"
    );
    assert!(!caller.had("CALL_ESTABLISHED"));
    caller.switched_off().says(&[prompt]);
    server.is_quiet();
}

/// CHECKLIST 1.3 step 2: 404 after prompt N-01.
#[test]
fn a_number_that_does_not_exist_is_announced_and_refused_with_404() {
    let server = Server::start(&office(["100", "101"]));
    let caller = baresip(&server, "100").start().registered();
    is_refused(&server, caller, "999", "404", "N-01");
    let records = server.has_records(1);
    assert_eq!(
        (records[0].status, records[0].cause),
        (CallStatus::Failed, Cause::NotFound)
    );
}

/// CHECKLIST 1.3 step 6: 480 after prompt N-02.
#[test]
fn an_extension_without_a_phone_is_announced_and_refused_with_480() {
    let server = Server::start(&office(["100", "101"]));
    let caller = baresip(&server, "100").start().registered();
    is_refused(&server, caller, "101", "480", "N-02");
    let records = server.has_records(1);
    assert_eq!(records[0].cause, Cause::Unavailable);
}

/// CHECKLIST 1.3 step 7: 480 after prompt N-04; CDR-05
#[test]
fn a_phone_that_nobody_answers_stops_ringing_and_the_caller_is_told() {
    let site = office(["100", "101"]).extension("101", "ring_seconds = 5");
    let server = Server::start(&site);
    let mut callee = linphone(&server, "101").start().registered();
    let caller = baresip(&server, "100").start().registered();
    is_refused(&server, caller, "101", "480", "N-04");
    callee.rings();
    callee.call_ends();
    let records = server.has_records(1);
    assert_eq!(records[0].status, CallStatus::NoAnswer);
    assert!(records[0].talked.is_zero());
}

/// D-10: who is in a call is busy; 486 after prompt N-03. CDR-05
#[test]
fn an_extension_in_a_call_is_busy() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut alice = linphone(&server, "100").start().registered();
    let mut bob = linphone(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    let mut carol = baresip(&server, "102").start().registered();
    carol.call("101");
    let reason = carol.call_ends();
    assert!(reason.starts_with("486"), "{reason}");
    carol.switched_off().says(&["N-03"]);
    // The call in progress did not notice.
    talk(Duration::from_secs(1));
    alice.hang_up();
    bob.call_ends();
    let records = server.has_records(2);
    assert_eq!(
        (records[1].status, records[1].cause),
        (CallStatus::Busy, Cause::Busy)
    );
    alice.switched_off().hears(BOB, 2.0);
}

/// A phone that declines is busy to its caller.
#[test]
fn a_declined_call_is_refused() {
    let server = Server::start(&office(["100", "101"]));
    let mut callee = linphone(&server, "101").start().registered();
    let mut caller = baresip(&server, "100").start().registered();
    caller.call("101");
    callee.rings();
    callee.hang_up();
    let reason = caller.call_ends();
    assert!(
        reason.starts_with("486") || reason.starts_with("603"),
        "{reason}"
    );
    server.is_quiet();
}

/// FC-04: 404 after prompt N-08.
#[test]
fn a_code_that_does_not_exist_is_announced_and_refused_with_404() {
    let server = Server::start(&office(["100", "101"]));
    let caller = baresip(&server, "100").start().registered();
    is_refused(&server, caller, "*99", "404", "N-08");
}
