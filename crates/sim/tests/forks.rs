//! An extension with several phones.

mod support;

use model::Duration;
use sim::{Happened, Manner, Office, PhoneId, Stage};
use support::SECOND;

/// DIAL-07, DIAL-08
#[test]
fn all_phones_of_an_extension_ring_and_the_others_see_that_one_answered() {
    let mut office = Office::new(1);
    let [anna, desk, soft] = office.phones(["100", "101", "101"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    assert!(rings(&office, desk) && rings(&office, soft));
    office[soft].answer();
    office.run_for(2 * SECOND);
    let elsewhere = "SIP;cause=200;text=\"Call completed elsewhere\"".to_owned();
    assert!(
        office[desk].saw(&Happened::Cancelled(Some(elsewhere))),
        "{:?}",
        office[desk].log()
    );
    assert!(office[anna].hears(&office[soft]));
    assert!(office[anna].is_deaf_to(&office[desk]));
    office[anna].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// DIAL-07, CHECKLIST 2.26 Races
#[test]
fn of_two_phones_that_answer_in_the_same_moment_exactly_one_gets_the_call() {
    for seed in 0..50 {
        let mut office = Office::new(seed);
        let [anna, desk, soft] = office.phones(["100", "101", "101"]);
        office.set_link(sim::Link {
            latency: Duration::from_millis(1),
            jitter: Duration::from_millis(5),
            ..sim::Link::default()
        });
        office[anna].dial("101");
        office.run_for(SECOND);
        office[desk].answer();
        office[soft].answer();
        office.run_for(2 * SECOND);
        let talking = [desk, soft]
            .into_iter()
            .filter(|phone| office[*phone].calls() == 1);
        let [winner] = talking.collect::<Vec<_>>()[..] else {
            panic!("seed {seed}: not one phone has the call");
        };
        let loser = if winner == desk { soft } else { desk };
        assert!(office[anna].hears(&office[winner]), "seed {seed}");
        assert!(office[winner].hears(&office[anna]), "seed {seed}");
        assert!(office[anna].is_deaf_to(&office[loser]), "seed {seed}");
        office[anna].hang_up();
        assert!(office.run_until_idle(40 * SECOND), "seed {seed}");
        assert_eq!(office.left_over(), None, "seed {seed}");
        assert_eq!(office.records().len(), 1);
    }
}

/// IX-22
#[test]
fn one_rings_on_when_the_others_refuse() {
    let mut office = Office::new(2);
    let [anna, desk, soft, home] = office.phones(["100", "101", "101", "101"]);
    office[desk].manner = Manner::Refuses(486);
    office[soft].manner = Manner::Refuses(480);
    office[anna].dial("101");
    office.run_for(5 * SECOND);
    assert!(rings(&office, home));
    office[home].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[home]));
}

/// IX-23
#[test]
fn who_declines_declines_for_all_his_phones() {
    let mut office = Office::new(3);
    let [anna, desk, soft] = office.phones(["100", "101", "101"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    office[desk].refuse(603);
    assert!(office.run_until_idle(30 * SECOND));
    assert!(office[anna].saw(&Happened::Refused(603)));
    assert!(!office[soft].saw(&Happened::Answered));
    assert_eq!(office.left_over(), None);
}

/// SI-03: one of the two is gone, and nobody knows.
#[test]
fn one_phone_that_vanished_does_not_keep_the_other_from_answering() {
    let mut office = Office::new(4);
    let [anna, desk, soft] = office.phones(["100", "101", "101"]);
    office[desk].vanish();
    office[anna].dial("101");
    office.run_for(4 * SECOND);
    office[soft].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[soft]));
    office[soft].hang_up();
    assert!(office.run_until_idle(2 * SECOND) || office.run_until_idle(60 * SECOND));
    assert_eq!(office.left_over(), None);
}

fn rings(office: &Office, phone: PhoneId) -> bool {
    office[phone].stage() == Some(Stage::Ringing)
}
