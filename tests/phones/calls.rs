//! Two phones talk.

use crate::{CONVERSATION, baresip, is_in, linphone, office, text};
use model::{CallStatus, CallType, Cause, FinalCallee, Number};
use peers::tones::{ALICE, BOB, CAROL};
use peers::{Keys, Lease, PATIENCE, Server, Sipp, Span, talk};
use std::time::Duration;

/// SI-01, SI-02, CDR-03, CDR-05, CDR-06, CDR-14
#[test]
fn two_phones_call_each_other_and_hear_each_other() {
    let server = Server::start(&office(["100", "101"]));
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    let mut bob = linphone(&server, "101").tone(BOB).start().registered();

    alice.call("101");
    let shown = bob.rings();
    assert!(shown.contains("sip:100@"), "{shown}");
    alice.hears_ringing();
    bob.answer();
    alice.up();
    bob.up();
    talk(CONVERSATION);
    alice.hang_up();
    alice.call_ends();
    bob.call_ends();
    server.is_quiet();

    bob.call("100");
    alice.rings();
    alice.answer();
    bob.up();
    alice.up();
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    alice.call_ends();

    let records = server.has_records(2);
    let numbers = [("100", "101"), ("101", "100")];
    for (record, (caller, callee)) in records.iter().zip(numbers) {
        let [from, to] = [caller, callee].map(|number| Number::parse(number).expect("a number"));
        assert_eq!((record.caller.as_str(), record.callee), (caller, to));
        assert_eq!(record.final_callee, FinalCallee::Number(to));
        assert_eq!(
            (record.status, record.call_type, record.cause),
            (CallStatus::Answered, CallType::Internal, Cause::Normal)
        );
        let talked_s = record.talked.as_secs_f64();
        assert!((1.5..4.0).contains(&talked_s), "{talked_s} s");
        assert!(record.extensions.contains(&from) && record.extensions.contains(&to));
    }
    let (alice, bob) = (alice.switched_off(), bob.switched_off());
    alice.hears(BOB, 3.0);
    alice.does_not_hear(ALICE);
    bob.hears(ALICE, 3.0);
    bob.does_not_hear(BOB);
}

/// CON-09
#[test]
fn the_called_phone_shows_number_and_name_of_the_caller() {
    let site = office(["100", "101"]).extension("100", "name = \"张三\"");
    let server = Server::start(&site);
    let mut bob = baresip(&server, "101").start().registered();
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    let call = bob.rings();
    assert!(text(&call, "peeruri").contains("100@"), "{call}");
    assert_eq!(text(&call, "peerdisplayname"), "张三", "{call}");
    alice.hang_up();
    bob.call_ends();
}

/// SI-04
#[test]
fn who_is_held_hears_music_until_he_is_taken_again() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = baresip(&server, "101")
        .tone(BOB)
        .answering()
        .start()
        .registered();
    let mut alice = linphone(&server, "100").tone(CAROL).start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    talk(CONVERSATION);
    alice.hold();
    talk(Duration::from_secs(4));
    alice.resume(1);
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();

    let bob = bob.switched_off();
    let spans = bob.spans(CAROL);
    let [before, after] = spans[..] else {
        panic!("the caller should be heard before and after the hold: {spans:?}");
    };
    let held = bob.part(Span {
        from_s: before.to_s + 0.3,
        to_s: after.from_s - 0.3,
    });
    assert!(held.length_s() > 2.5, "{spans:?}");
    assert!(
        held.loud_s() > held.length_s() * 0.6,
        "{held:?} is no music"
    );
    assert!(
        held.heard_s(CAROL) < 0.2 && held.heard_s(BOB) < 0.2,
        "{held:?}"
    );
}

/// SI-04
#[test]
fn a_called_phone_that_holds_stops_being_heard() {
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
    talk(CONVERSATION);
    bob.hold();
    talk(Duration::from_secs(3));
    bob.resume();
    talk(CONVERSATION);
    alice.hang_up();
    bob.call_ends();
    let spans = alice.switched_off().spans(BOB);
    assert_eq!(spans.len(), 2, "{spans:?}");
}

/// FC-08
#[test]
fn keys_sent_as_events_and_as_info_reach_the_other_phone_once() {
    let server = Server::start(&office(["100", "101", "102"]));
    let mut bob = baresip(&server, "101").answering().start().registered();
    let callers = [("100", Keys::Events), ("102", Keys::Info)];
    let mut heard = String::new();
    for (number, keys) in callers {
        let mut caller = linphone(&server, number).keys(keys).start().registered();
        caller.call("101");
        caller.up();
        bob.up();
        caller.press("1586");
        heard += "1586";
        assert_eq!(bob.receives_keys(&heard), heard, "{keys:?}");
        caller.hang_up();
        bob.call_ends();
        // What comes late would be a key too many.
        assert_eq!(bob.receives_keys(&heard), heard, "{keys:?}");
    }
}

/// CDR-05
#[test]
fn a_caller_who_gives_up_stops_the_ringing() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101").start().registered();
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    bob.rings();
    alice.hears_ringing();
    alice.hang_up();
    bob.call_ends();
    alice.call_ends();
    let records = server.has_records(1);
    assert_eq!(
        (records[0].status, records[0].cause),
        (CallStatus::NoAnswer, Cause::Normal)
    );
    assert!(records[0].talked.is_zero());
}

/// DIAL-07: the phone that loses is told that the call was answered elsewhere.
#[test]
fn all_phones_of_an_extension_ring_and_the_first_to_answer_has_the_call() {
    let server = Server::start(&office(["100", "101"]));
    let mut desk = linphone(&server, "101").tone(BOB).start().registered();
    let mut mobile = baresip(&server, "101").start().registered();
    let mut ports = Lease::of(4);
    let dect = ports.address();
    let told = Sipp::scenario("answered-elsewhere.xml", dect).start();
    let login = server.login("101");
    let contact = format!(
        "101;[authentication username=101 password={}];{}",
        login.password,
        dect.port()
    );
    Sipp::scenario("register.xml", ports.address())
        .to(login.server)
        .calls(1, 1)
        .users([contact])
        .run(PATIENCE)
        .all_went_well(1);
    assert_eq!(server.registrations().len(), 3);

    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    desk.rings();
    mobile.rings();
    desk.answer();
    alice.up();
    desk.up();
    mobile.call_ends();
    let told = told.stopped();
    assert_eq!(
        (told.count("told"), told.count("FailedCall")),
        (1, 0),
        "{told:#?}"
    );
    assert!(!mobile.had("CALL_ESTABLISHED"));
    talk(CONVERSATION);
    desk.hang_up();
    alice.call_ends();
    alice.switched_off().hears(BOB, 1.5);
    desk.switched_off().hears(ALICE, 1.5);
}

/// SI-07: 30 s without sound from a phone that should send some.
#[test]
fn a_phone_that_vanishes_ends_its_call() {
    let server = Server::start(&office(["100", "101"]));
    let mut bob = linphone(&server, "101").answering().start().registered();
    let mut alice = linphone(&server, "100").start().registered();
    alice.call("101");
    alice.up();
    bob.up();
    is_in(&server, "talk");
    talk(Duration::from_secs(1));
    let _ports = alice.power_off();
    bob.call_ends_within(Duration::from_secs(45));
    server.is_quiet();
    let records = server.has_records(1);
    assert_eq!(
        (records[0].status, records[0].cause),
        (CallStatus::Answered, Cause::Vanished)
    );
}
