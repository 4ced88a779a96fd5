//! What the server does by itself: codes, its language, restarts.

mod support;

use model::{Duration, Fact};
use sim::{Disk, Happened, Office, Stage};
use support::{SECOND, talk};

/// FC-01: the echo test says how it ends, gives back what it hears, and ends with `#`.
#[test]
fn in_the_echo_test_one_hears_oneself() {
    let mut office = Office::new(1);
    let [anna, bob] = office.phones(["100", "101"]);
    talk_to(&mut office, anna, "*43");
    office.run_for(20 * SECOND);
    assert!(office[anna].hears(&office[anna]));
    assert!(office[anna].is_deaf_to(&office[bob]));
    office[anna].press('#');
    assert!(office.run_until_idle(10 * SECOND));
    assert!(office[anna].saw(&Happened::HungUp));
    assert_eq!(office.left_over(), None);
}

/// DN-01, DN-02, DN-04
#[test]
fn who_does_not_want_to_be_disturbed_is_not_until_he_does() {
    let mut office = Office::new(2);
    let [anna, bob] = office.phones(["100", "101"]);
    talk_to(&mut office, bob, "*74");
    assert!(office.run_until_idle(20 * SECOND), "it hangs up by itself");
    assert!(office.hears_prompt(bob, "DN-01"));
    office[anna].dial("101");
    assert!(office.run_until_idle(20 * SECOND));
    assert!(office.hears_prompt(anna, "N-05"));
    assert!(office[anna].saw(&Happened::Refused(486)));
    assert!(
        !office[bob]
            .log()
            .iter()
            .any(|(_, what)| matches!(what, Happened::Rings(_)))
    );
    // He can call, though.
    talk(&mut office, bob, anna);
    office[bob].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    talk_to(&mut office, bob, "*074#");
    assert!(office.run_until_idle(20 * SECOND));
    talk(&mut office, anna, bob);
    let codes = office
        .facts()
        .iter()
        .filter(|fact| matches!(fact, Fact::CodeUsed { .. }));
    assert_eq!(codes.count(), 2);
}

/// FC-11: what could not be saved is not in force.
#[test]
fn a_wish_that_cannot_be_saved_is_not_said_to_be() {
    let mut office = Office::new(3);
    let [anna, bob] = office.phones(["100", "101"]);
    office.set_disk(Disk::Stuck);
    office[bob].dial("*74");
    assert!(office.run_until_idle(40 * SECOND));
    assert!(office.hears_prompt(bob, "N-25"));
    assert!(!office.hears_prompt(bob, "DN-01"));
    talk(&mut office, anna, bob);
}

/// FC-04
#[test]
fn a_code_that_does_not_exist_is_refused_with_404() {
    for code in ["*99", "*7", "#"] {
        let mut office = Office::new(4);
        let [anna] = office.phones(["100"]);
        office[anna].dial(code);
        assert!(office.run_until_idle(30 * SECOND), "{code}");
        assert!(office.hears_prompt(anna, "N-08"), "{code}");
        assert!(office[anna].saw(&Happened::Refused(404)), "{code}");
        assert_eq!(office.left_over(), None, "{code}");
    }
}

/// MI-01, MI-02, MI-03: each is answered and ends by itself.
#[test]
fn the_system_speaks_about_itself_and_hangs_up() {
    for (code, phrase) in [("**11", "MI-04"), ("**12", "MI-02"), ("**13", "MI-03")] {
        let mut office = Office::new(5);
        let [anna] = office.phones(["100"]);
        talk_to(&mut office, anna, code);
        assert!(office.run_until_idle(60 * SECOND), "{code}");
        assert!(office.hears_prompt(anna, phrase), "{code}");
        assert!(office[anna].saw(&Happened::HungUp), "{code}");
        assert_eq!(office.left_over(), None, "{code}");
    }
}

/// SI-13
#[test]
fn after_a_restart_phones_can_be_called_at_once_and_the_calls_of_before_are_gone() {
    let mut office = Office::new(6);
    let [anna, bob, carl] = office.phones(["100", "101", "102"]);
    talk(&mut office, anna, bob);
    office.restart();
    assert_eq!((office.registered(), office.calls()), (3, 0));
    talk(&mut office, carl, bob);
    office.run_for(2 * SECOND);
    assert!(office[carl].hears(&office[bob]));
    // Who hangs up a call that the server does not know is told that it is over.
    office[anna].hang_up();
    office.run_for(SECOND);
    assert_eq!(office[anna].calls(), 0);
}

/// SI-13, SI-01: registrations go on for hours, also over a restart.
#[test]
fn phones_stay_registered() {
    let mut office = Office::new(7);
    let phones = office.phones(["100", "101", "102"]);
    office.run_for(3_600 * SECOND);
    office.restart();
    office.run_for(3_600 * SECOND);
    assert_eq!(office.registered(), 3);
    for phone in phones {
        assert!(office[phone].count(&Happened::Registered) >= 10);
        let refused = |what: &Happened| matches!(what, Happened::NotRegistered(_));
        assert!(!office[phone].log().iter().any(|(_, what)| refused(what)));
    }
}

/// SI-01: what is not on disk is not promised, but nobody waits for ever for a disk.
#[test]
fn a_phone_is_registered_although_the_disk_is_stuck() {
    let mut office = Office::new(8);
    office.set_disk(Disk::Stuck);
    let [anna] = ["100"].map(|extension| office.phone(extension));
    office.run_for(Duration::from_millis(400));
    assert!(!office[anna].saw(&Happened::Registered));
    office.run_for(Duration::from_millis(400));
    assert!(office[anna].saw(&Happened::Registered));
}

/// Calls a number that is answered by the server itself.
fn talk_to(office: &mut Office, caller: sim::PhoneId, number: &str) {
    office[caller].dial(number);
    let talks = |office: &Office| office[caller].stage() == Some(Stage::Talking);
    assert!(
        office.run_until(5 * SECOND, talks),
        "{number} does not answer"
    );
}
