//! Calls that nobody takes: why, and what the caller is told.

mod support;

use model::{CallStatus, Duration};
use sim::{Happened, Link, Manner, Office};
use support::{SECOND, talk};

/// DIAL-05, N-01: nobody has that number.
#[test]
fn an_unknown_number_is_said_to_be_unknown() {
    let mut office = Office::new(1);
    let [anna] = office.phones(["100"]);
    office[anna].dial("999");
    assert!(office.run_until_idle(30 * SECOND));
    assert!(
        office[anna].saw(&Happened::Progress),
        "a prompt is sound before the answer"
    );
    assert!(office.hears_prompt(anna, "N-01"));
    assert!(!office.hears_prompt(anna, "N-02"));
    assert!(office[anna].saw(&Happened::Refused(404)));
    assert_eq!(office.record().status, CallStatus::Failed);
    assert_eq!(office.left_over(), None);
}

/// N-02, SI-01
#[test]
fn who_has_no_phone_is_not_available() {
    let mut office = Office::new(2);
    let [anna, bob] = office.phones(["100", "101"]);
    office[bob].unregister();
    office.run_for(SECOND);
    assert_eq!(office.registered(), 1);
    office[anna].dial("101");
    assert!(office.run_until_idle(30 * SECOND));
    assert!(office.hears_prompt(anna, "N-02"));
    assert!(office[anna].saw(&Happened::Refused(480)));
    assert_eq!(office.left_over(), None);
}

/// N-03, D-10
#[test]
fn who_talks_is_busy() {
    let mut office = Office::new(3);
    let [anna, bob, carl] = office.phones(["100", "101", "102"]);
    talk(&mut office, anna, bob);
    office[carl].dial("101");
    office.run_for(20 * SECOND);
    assert!(office.hears_prompt(carl, "N-03"));
    assert!(office[carl].saw(&Happened::Refused(486)));
    assert!(office[bob].hears(&office[anna]), "the call goes on");
    assert!(office[bob].is_deaf_to(&office[carl]));
    assert_eq!(office.record().status, CallStatus::Busy);
}

/// N-03
#[test]
fn a_phone_that_refuses_is_busy_and_one_that_declines_declined() {
    for (by, status) in [(486, 486), (600, 486), (603, 603), (480, 480)] {
        let mut office = Office::new(by.into());
        let [anna, bob] = office.phones(["100", "101"]);
        office[bob].manner = Manner::Refuses(by);
        office[anna].dial("101");
        assert!(office.run_until_idle(30 * SECOND));
        assert!(
            office[anna].saw(&Happened::Refused(status)),
            "{by}: {:?}",
            office[anna].log()
        );
        assert_eq!(office.left_over(), None);
    }
}

/// N-04
#[test]
fn a_phone_rings_for_30_s_and_not_a_moment_longer() {
    let mut office = Office::new(5);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    assert!(office.run_until_idle(60 * SECOND));
    let [_, (rang, _), (stopped, Happened::Cancelled(reason))] = office[bob].log() else {
        panic!("{:?}", office[bob].log());
    };
    assert_eq!(stopped.since(*rang), Duration::from_secs(30));
    assert!(office.hears_prompt(anna, "N-04"));
    assert_eq!(
        reason.as_deref(),
        Some("Q.850;cause=19;text=\"No answer from user\"")
    );
    assert!(office[anna].saw(&Happened::Refused(480)));
    assert_eq!(office.record().status, CallStatus::NoAnswer);
    assert_eq!(office.record().talked, Duration::ZERO);
    assert_eq!(office.left_over(), None);
}

/// SI-04, CDR-05
#[test]
fn a_caller_who_gives_up_stops_the_ringing() {
    let mut office = Office::new(6);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    office.run_for(3 * SECOND);
    office[anna].cancel();
    assert!(office.run_until_idle(2 * SECOND));
    assert!(
        office[bob]
            .log()
            .iter()
            .any(|(_, what)| matches!(what, Happened::Cancelled(_)))
    );
    assert_eq!(office.record().status, CallStatus::NoAnswer);
    assert_eq!(office.left_over(), None);
}

/// SI-04: whatever crosses whatever, both ends agree afterwards.
#[test]
fn a_caller_who_gives_up_in_the_moment_of_the_answer_leaves_nobody_talking() {
    for early_ms in 0..30 {
        let mut office = Office::new(early_ms);
        let [anna, bob] = office.phones(["100", "101"]);
        office[anna].dial("101");
        office.run_for(SECOND);
        office[bob].answer();
        office.run_for(Duration::from_millis(early_ms));
        office[anna].cancel();
        office[anna].hang_up();
        assert!(office.run_until_idle(40 * SECOND), "{early_ms} ms");
        assert_eq!(office.left_over(), None, "{early_ms} ms");
        assert_eq!(office.records().len(), 1);
    }
}

/// SI-02: as long as nobody knows that a phone is gone, it is called as if it were there.
#[test]
fn a_call_to_a_phone_that_vanished_without_a_word_is_given_up() {
    let mut office = Office::new(8);
    let [anna, bob] = office.phones(["100", "101"]);
    office[bob].vanish();
    office[anna].dial("101");
    assert!(office.run_until_idle(90 * SECOND));
    assert!(office[anna].saw(&Happened::Refused(480)));
    assert_eq!(office.left_over(), None);
}

/// SI-02: an OPTIONS now and then tells that it is gone, and that it is back.
#[test]
fn a_phone_that_was_gone_can_be_called_again_as_soon_as_it_registers() {
    let mut office = Office::new(9);
    let [anna, bob] = office.phones(["100", "101"]);
    office[bob].vanish();
    office.run_for(150 * SECOND);
    office[anna].dial("101");
    assert!(
        office.run_until_idle(10 * SECOND),
        "nobody waits for a phone that is known to be gone"
    );
    assert!(office[anna].saw(&Happened::Refused(480)));
    office[bob].restart();
    office.run_for(SECOND);
    talk(&mut office, anna, bob);
}

/// SI-02: a question from before it came back, which nobody answers any more, says nothing about it.
#[test]
fn a_phone_that_comes_back_in_the_last_moment_of_a_question_is_not_taken_for_gone() {
    let mut office = Office::new(11);
    let [anna, bob] = office.phones(["100", "101"]);
    office[bob].vanish();
    let is_asked = |office: &Office| {
        let latest = office.network().latest();
        let mut of_now = latest.take_while(|(at, _)| *at == office.now().mono);
        of_now.any(|(_, datagram)| {
            datagram.to == office[bob].address() && datagram.bytes.starts_with(b"OPTIONS ")
        })
    };
    assert!(office.run_until(60 * SECOND, is_asked));
    // The question is repeated for the last time after 31.5 s and given up after 32 s.
    office.run_for(Duration::from_millis(31_700));
    office[bob].restart();
    office.run_for(SECOND);
    assert!(office[bob].count(&Happened::Registered) == 2);
    talk(&mut office, anna, bob);
}

/// SI-01: nobody may call who does not prove who he is, however bad the network.
#[test]
fn a_call_comes_about_over_a_network_that_loses_every_fifth_datagram() {
    let mut office = Office::new(10);
    let [anna, bob] = office.phones(["100", "101"]);
    office.set_link(Link {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(100),
        loss_permille: 200,
        doubled_permille: 100,
    });
    office[bob].manner = Manner::AnswersAfter(SECOND);
    office[anna].dial("101");
    let talks = |office: &Office| office[anna].saw(&Happened::Answered);
    assert!(office.run_until(60 * SECOND, talks));
    assert_eq!(
        office[bob]
            .log()
            .iter()
            .filter(|(_, w)| matches!(w, Happened::Rings(_)))
            .count(),
        1
    );
    office[anna].hang_up();
    assert!(office.run_until_idle(120 * SECOND));
    assert_eq!(office.left_over(), None);
}
