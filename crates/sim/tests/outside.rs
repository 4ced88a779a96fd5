//! Calls over outside lines, by ear.

mod support;

use model::{CallStatus, CallType, Cause};
use sim::{Link, Office, PhoneId, Stage, Way};
use std::time::Duration;
use support::SECOND;

/// Somebody dials, somebody answers, and they hear each other.
fn talk(office: &mut Office, caller: PhoneId, number: &str, callee: PhoneId) {
    office[caller].dial(number);
    let rings = |office: &Office| office[callee].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings), "{}", office.story(20));
    office[callee].answer();
    let talks = |office: &Office| office[caller].stage() == Some(Stage::Talking);
    assert!(office.run_until(5 * SECOND, talks), "{}", office.story(20));
    office.run_for(2 * SECOND);
    assert!(office[caller].hears(&office[callee]));
    assert!(office[callee].hears(&office[caller]));
}

/// AD-07, AD-08, SI-04
#[test]
fn who_calls_out_and_who_calls_in_is_heard_held_and_heard_again_on_a_bad_network() {
    let mut office = Office::new(1);
    let [anna] = office.phones(["100"]);
    let carrier = office.carrier("carrier", "100");
    office.set_link(Link {
        latency: Duration::from_millis(40),
        jitter: Duration::from_millis(10),
        loss_permille: 20,
        doubled_permille: 10,
    });
    talk(&mut office, anna, "902885337106", carrier);
    office[carrier].turn(Way::SendOnly);
    office.run_for(3 * SECOND);
    assert!(office.hears_music(anna));
    office[carrier].turn(Way::Talk);
    office.run_for(3 * SECOND);
    assert!(office[anna].hears(&office[carrier]));
    office[carrier].hang_up();
    assert!(office.run_until_idle(40 * SECOND));
    assert_eq!(office.record().call_type, CallType::Outbound);

    talk(&mut office, carrier, "02885337100", anna);
    office[anna].hang_up();
    assert!(office.run_until_idle(40 * SECOND));
    let records = office.records();
    let record = records.last().expect("a record");
    assert_eq!(record.call_type, CallType::Inbound);
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(office.left_over(), None);
}

/// AD-07: sound before the answer is the carrier's, also when it is an announcement that nobody answers.
#[test]
fn what_a_carrier_plays_before_the_answer_is_heard() {
    let mut office = Office::new(2);
    let [anna] = office.phones(["100"]);
    let carrier = office.carrier("carrier", "100");
    office[anna].dial("902885337106");
    let rings = |office: &Office| office[carrier].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings));
    office[carrier].play_early();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[carrier]));
    office[carrier].refuse(404);
    assert!(office.run_until_idle(40 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// AD-07
#[test]
fn a_carrier_that_is_busy_or_gives_up_ends_the_call() {
    let mut office = Office::new(3);
    let [anna] = office.phones(["100"]);
    let carrier = office.carrier("carrier", "100");
    office[anna].dial("902885337106");
    let rings = |office: &Office| office[carrier].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings));
    office[carrier].refuse(486);
    assert!(office.run_until_idle(40 * SECOND));
    assert_eq!(office.record().cause, Cause::Busy);

    office[carrier].dial("02885337100");
    let rings = |office: &Office| office[anna].stage() == Some(Stage::Ringing);
    assert!(office.run_until(5 * SECOND, rings));
    office[carrier].cancel();
    assert!(office.run_until_idle(10 * SECOND));
    assert_eq!(office.left_over(), None);
}
