//! What the network does to calls: address translators, loss, strangers, phones that vanish.

mod support;

use model::{CallStatus, Cause, Duration};
use sim::{Datagram, Happened, Link, Office, SERVER};
use support::{SECOND, talk};

/// SI-03
#[test]
fn a_phone_behind_an_address_translator_is_heard_and_hears() {
    let mut office = Office::new(1);
    let anna = office.phone_behind_nat("100");
    let bob = office.phone_behind_nat("101");
    office.run_for(SECOND);
    talk(&mut office, anna, bob);
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
    office[bob].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// SI-03, SI-02: the translator's hole is kept open, so that it can be called an hour later.
#[test]
fn a_phone_behind_an_address_translator_can_be_called_an_hour_later() {
    let mut office = Office::new(2);
    let anna = office.phone("100");
    let bob = office.phone_behind_nat("101");
    office.run_for(3_600 * SECOND);
    talk(&mut office, anna, bob);
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
}

/// SI-03: nobody else is heard, and nobody else gets the sound.
#[test]
fn what_a_stranger_sends_to_the_port_of_a_call_is_not_heard() {
    let mut office = Office::new(3);
    let [anna, bob, mallory] = office.phones(["100", "101", "102"]);
    talk(&mut office, anna, bob);
    // The tone of somebody who is not in the call, taken from the packets of a call that he makes.
    office[mallory].dial("*43");
    office.run_for(15 * SECOND);
    let stolen: Vec<Datagram> = (office.network().latest())
        .map(|(_, datagram)| datagram.clone())
        .filter(|d| d.from.ip() == office[mallory].address().ip() && d.bytes.len() == 172)
        .take(50)
        .collect();
    assert_eq!(stolen.len(), 50);
    for (i, mut datagram) in stolen.into_iter().rev().enumerate() {
        // To every port that may belong to the call, from his own address and from one that he made up.
        for port in (10_000..10_010).step_by(2) {
            datagram.to = (SERVER, port).into();
            datagram
                .from
                .set_port(if i % 2 == 0 { 9_999 } else { 4_000 });
            office.inject(datagram.clone());
        }
        office.run_for(Duration::from_millis(20));
    }
    assert!(office[anna].hears(&office[bob]) && office[bob].hears(&office[anna]));
    assert!(office[anna].is_deaf_to(&office[mallory]));
    assert!(office[bob].is_deaf_to(&office[mallory]));
}

/// CHECKLIST 2.26, fault run
#[test]
fn five_of_a_hundred_lost_and_much_jitter_leave_a_call_up_and_heard() {
    let mut office = Office::new(4);
    let [anna, bob] = office.phones(["100", "101"]);
    office.set_link(Link {
        latency: Duration::from_millis(30),
        jitter: Duration::from_millis(40),
        loss_permille: 50,
        doubled_permille: 20,
    });
    talk(&mut office, anna, bob);
    office.run_for(60 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
    office[anna].hang_up();
    assert!(office.run_until_idle(60 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// SI-07
#[test]
fn a_phone_that_vanishes_takes_its_call_with_it_after_30_s() {
    let mut office = Office::new(5);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    let gone = office.now().mono;
    office[bob].vanish();
    office.run_for(29 * SECOND);
    assert_eq!(office.calls(), 1);
    office.run_for(2 * SECOND);
    assert_eq!(office.calls(), 0);
    let at = office[anna].when(&Happened::HungUp).expect("it ends");
    assert_eq!(at.since(gone).as_secs(), 30);
    let record = office.record();
    assert_eq!(
        (record.status, record.cause),
        (CallStatus::Answered, Cause::Vanished)
    );
    // The BYE to the phone that is gone is given up in the end.
    office.run_for(40 * SECOND);
    assert_eq!(office.left_over(), None);
}

/// SI-07: when both are gone nobody says so, and still the call ends.
#[test]
fn a_call_whose_phones_both_vanished_ends() {
    let mut office = Office::new(6);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office[anna].vanish();
    office[bob].vanish();
    office.run_for(100 * SECOND);
    assert_eq!(office.record().cause, Cause::Vanished);
    assert_eq!(office.left_over(), None);
}
