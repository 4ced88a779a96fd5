//! Feature codes, dialled and pressed on real phones.

use crate::{CONVERSATION, baresip, linphone, office};
use peers::tones::ALICE;
use peers::{Keys, Server, talk};
use std::time::Duration;

/// MI-01, MI-02, MI-03, FC-02, FC-03
#[test]
fn announcements_are_heard_and_end_by_themselves_however_the_code_is_spelled() {
    let server = Server::start(&office(["100"]));
    let own = &["MI-03", "D-1", "D-0", "D-0"][..];
    let codes = [
        ("**13", own),
        ("**13#", own),
        ("**13%23", own),
        ("**11", &["MI-01"]),
        ("**12", &["MI-02"]),
    ];
    for (code, prompts) in codes {
        let mut phone = baresip(&server, "100").start().registered();
        phone.call(code);
        phone.up();
        phone.call_ends();
        phone.switched_off().says(prompts);
    }
    server.is_quiet();
}

/// DN-01, DN-02, DN-04, FC-03
#[test]
fn do_not_disturb_is_switched_on_and_off_by_code() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101").start().registered();
    let mut alice = baresip(&server, "100").start().registered();

    bob.call("*74");
    bob.up();
    bob.call_ends();
    alice.call("101");
    let reason = alice.call_ends();
    assert!(reason.starts_with("486"), "{reason}");
    assert!(!bob.had("CALL_INCOMING"));

    bob.call("*074");
    bob.up();
    bob.call_ends();
    alice.call("101");
    bob.rings();
    alice.hang_up();
    bob.call_ends();
    alice.switched_off().says(&["N-05"]);
    bob.switched_off().says(&["DN-01", "DN-02"]);
}

/// FC-11: what was confirmed outlasts a crash.
#[test]
fn do_not_disturb_outlasts_a_crash_right_after_its_confirmation() {
    let mut server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101").start().registered();
    bob.call("*74");
    bob.up();
    bob.call_ends();
    server.kill();
    server.start_again();
    let mut alice = baresip(&server, "100").start().registered();
    alice.call("101");
    let reason = alice.call_ends();
    assert!(reason.starts_with("486"), "{reason}");
    assert!(!bob.had("CALL_INCOMING"));
}

/// FC-08: a key ends the echo test, as an event and as INFO.
#[test]
fn the_echo_test_returns_what_is_said_until_a_key_ends_it() {
    let server = Server::start(&office(["100", "101"]));
    for (number, keys) in [("100", Keys::Events), ("101", Keys::Info)] {
        let phone = linphone(&server, number).tone(ALICE).keys(keys);
        let mut phone = phone.start().registered();
        phone.call("*43");
        phone.up();
        // The instructions come first: they are spoken for some seconds.
        talk(ECHO);
        phone.press("#");
        phone.call_ends();
        phone.switched_off().hears(ALICE, 1.0);
    }
}

/// FC-08: a key goes to the other party in the form that he understands.
#[test]
fn a_key_pressed_as_an_event_is_heard_as_a_tone_by_a_phone_without_events() {
    let site = office(["100", "101"]).extension("101", "dtmf = \"inband\"");
    let server = Server::start(&site);
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut bob = linphone(&server, "101").start().registered();
    alice.call("101");
    bob.rings();
    bob.answer();
    alice.up();
    bob.up();
    talk(CONVERSATION);
    for _ in 0..5 {
        alice.press("9");
        talk(BETWEEN_KEYS);
    }
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    let heard = bob.switched_off();
    heard.hears(ALICE, 2.0);
    for hz in KEY_NINE_HZ {
        heard.hears(hz, 0.3);
    }
}

/// MI-11 is said before the echo. Asked of a baresip, which keeps what it hears as it comes; a linphone stretches it.
#[test]
fn the_echo_test_explains_itself() {
    let server = Server::start(&office(["100"]));
    let mut phone = baresip(&server, "100").tone(ALICE).start().registered();
    phone.call("*43");
    phone.up();
    talk(ECHO);
    phone.hang_up();
    let heard = phone.switched_off();
    heard.says(&["MI-11"]);
    heard.hears(ALICE, 1.0);
}

/// The tones of `9` (ITU-T Q.23).
const KEY_NINE_HZ: [f64; 2] = [852.0, 1_477.0];
/// Longer than a key and the silence behind it.
const BETWEEN_KEYS: Duration = Duration::from_millis(400);
/// Instructions and some echo.
const ECHO: Duration = Duration::from_secs(9);
