//! What happens to calls while something else happens.

mod support;

use model::{Cause, Duration};
use sim::{Disk, Happened, Office, Stage, Way};
use support::{SECOND, talk};

/// D-10: with call waiting a second call rings during a call, and each is heard in its turn.
#[test]
fn one_talks_with_the_second_while_the_first_hears_music() {
    let mut office = Office::new(1);
    let [anna, bob, carl] = office.phones(["100", "101", "102"]);
    office.configure_extension("101", |extension| extension.call_waiting = true);
    talk(&mut office, anna, bob);
    office[carl].dial("101");
    office.run_for(2 * SECOND);
    assert_eq!(office[bob].stage(), Some(Stage::Ringing));
    assert!(office[bob].hears(&office[anna]));
    office[bob].turn(Way::SendOnly);
    office[bob].answer();
    office.run_for(3 * SECOND);
    assert!(office[bob].hears(&office[carl]) && office[carl].hears(&office[bob]));
    assert!(office[bob].is_deaf_to(&office[anna]));
    assert!(office.hears_music(anna) && !office.hears_music(carl));
    office[carl].hang_up();
    office.run_for(SECOND);
    office[bob].turn(Way::Talk);
    office.run_for(2 * SECOND);
    assert!(office[bob].hears(&office[anna]) && office[anna].hears(&office[bob]));
    office[anna].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert_eq!(office.records().len(), 2);
    assert_eq!(office.left_over(), None);
}

/// IX-25
#[test]
fn an_extension_that_is_deleted_in_a_call_leaves_nothing_behind() {
    let mut office = Office::new(2);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office.configure(|directory| {
        directory
            .extensions
            .remove(&"101".parse().expect("a number"));
    });
    assert_eq!(office.registered(), 1);
    office.run_for(2 * SECOND);
    office[anna].hang_up();
    assert!(office.run_until_idle(40 * SECOND));
    assert_eq!(office.record().talked.as_secs(), 2);
    assert_eq!(office.left_over(), None);
    office[anna].dial("101");
    assert!(office.run_until_idle(30 * SECOND));
    assert!(office[anna].saw(&Happened::Refused(404)));
}

/// IX-27
#[test]
fn a_clock_that_is_set_an_hour_on_or_back_changes_no_duration() {
    for hours in [-1, 1] {
        let mut office = Office::new(3);
        let [anna, bob] = office.phones(["100", "101"]);
        office[anna].dial("101");
        office.run_for(10 * SECOND);
        office.jump(hours * 3_600_000);
        assert!(office.run_until_idle(60 * SECOND));
        let rang = office[bob]
            .log()
            .iter()
            .find_map(|(at, what)| matches!(what, Happened::Rings(_)).then_some(*at));
        let stopped = office[bob].log().last().map(|(at, _)| *at);
        let rang_for = stopped.zip(rang).map(|(stopped, rang)| stopped.since(rang));
        assert_eq!(rang_for, Some(Duration::from_secs(30)), "{hours} h");
        assert_eq!(office.registered(), 2, "{hours} h");
        talk(&mut office, anna, bob);
        office.run_for(5 * SECOND);
        office.jump(hours * 3_600_000);
        office.run_for(5 * SECOND);
        office[anna].hang_up();
        assert!(office.run_until_idle(2 * SECOND));
        let record = office.records().pop().expect("a record");
        assert_eq!(record.talked.as_secs(), 10, "{hours} h");
    }
}

/// IX-29
#[test]
fn a_disk_that_takes_two_seconds_delays_no_call() {
    let mut office = Office::new(4);
    let [anna, bob] = office.phones(["100", "101"]);
    office.set_disk(Disk::Takes(2 * SECOND));
    office[anna].dial("101");
    office.run_for(Duration::from_millis(100));
    assert_eq!(office[bob].stage(), Some(Stage::Ringing));
    office[bob].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    office[anna].hang_up();
    assert!(office.run_until_idle(SECOND));
}

/// DN-07
#[test]
fn do_not_disturb_ends_no_call_that_is_in_progress() {
    let mut office = Office::new(5);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office.configure_extension("101", |extension| extension.do_not_disturb = true);
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
}

/// SI-11: a wrong password opens nothing, and who tries on is not heard any more.
#[test]
fn a_phone_with_a_wrong_password_neither_registers_nor_calls() {
    let mut office = Office::new(6);
    let [anna, bob] = office.phones(["100", "101"]);
    let mallory = office.phone("100");
    office[mallory].password = "guessed".to_owned();
    office.run_for(SECOND);
    assert!(office[mallory].saw(&Happened::NotRegistered(401)));
    office[mallory].dial("101");
    office.run_for(SECOND);
    assert!(
        office[mallory].saw(&Happened::Refused(401)),
        "{:?}",
        office[mallory].log()
    );
    assert!(
        office[bob]
            .log()
            .iter()
            .all(|(_, what)| !matches!(what, Happened::Rings(_)))
    );
    assert_eq!(office.registered(), 2);
    for _ in 0..20 {
        office[mallory].register();
        office.run_for(SECOND);
    }
    office.run_for(40 * SECOND);
    assert!(office[mallory].saw(&Happened::NotRegistered(408)), "banned");
    talk(&mut office, anna, bob);
}

/// SIGTERM: calls in progress end when their people wish, and no new ones begin.
#[test]
fn a_server_that_is_to_end_takes_no_new_calls_and_lets_the_old_ones_finish() {
    let mut office = Office::new(7);
    let [anna, bob, carl, dora] = office.phones(["100", "101", "102", "103"]);
    talk(&mut office, anna, bob);
    office.drain();
    office[carl].dial("103");
    office.run_for(2 * SECOND);
    assert!(office[carl].saw(&Happened::Refused(503)));
    assert_eq!(office[dora].calls(), 0);
    assert!(office[anna].hears(&office[bob]));
    office.hang_up_all();
    assert!(office.run_until_idle(2 * SECOND));
    assert!(office[anna].saw(&Happened::HungUp) && office[bob].saw(&Happened::HungUp));
    assert_eq!(office.record().cause, Cause::Restarted);
    assert_eq!(office.left_over(), None);
}
