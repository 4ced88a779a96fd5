//! Calls between two phones, from the first ring to the record.

mod support;

use model::{CallStatus, Duration};
use sim::{Codecs, Disk, Happened, Office, Stage};
use support::{SECOND, talk};

/// SI-04
#[test]
fn two_phones_talk_and_hear_each_other_until_the_caller_hangs_up() {
    let mut office = Office::new(1);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    assert!(office[anna].saw(&Happened::RingsBack));
    assert_eq!(office[bob].stage(), Some(Stage::Ringing));
    office[bob].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
    assert!(office[bob].is_deaf_to(&office[bob]), "no echo");
    office[anna].hang_up();
    office.run_for(2 * SECOND);
    assert!(office[bob].saw(&Happened::HungUp));
    assert!(office[bob].hears_nothing());
    let record = office.record();
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(record.talked.as_secs(), 2);
    assert_eq!(office.left_over(), None);
}

/// SI-04, CDR-03: talk time counts, ringing does not.
#[test]
fn the_callee_may_hang_up_too() {
    let mut office = Office::new(2);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    office.run_for(7 * SECOND);
    office[bob].answer();
    office.run_for(3 * SECOND);
    office[bob].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert!(office[anna].saw(&Happened::HungUp));
    let record = office.record();
    assert_eq!((record.caller.as_str(), &*record.callee), ("100", "101"));
    assert_eq!(record.talked.as_secs(), 3);
    assert_eq!(office.left_over(), None);
}

/// CDR-15: what ended is on disk before the phone is told so, as long as the disk moves at all.
#[test]
fn a_stuck_disk_does_not_keep_a_call_from_ending() {
    let mut office = Office::new(3);
    let [anna, bob] = office.phones(["100", "101"]);
    talk(&mut office, anna, bob);
    office.set_disk(Disk::Stuck);
    office[anna].hang_up();
    assert!(office.run_until_idle(2 * SECOND));
    assert!(office[anna].saw(&Happened::Over));
    assert_eq!(office.left_over(), None);
}

/// SI-05
#[test]
fn phones_without_a_common_codec_hear_each_other() {
    let mut office = Office::new(4);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].codecs = Codecs::A;
    office[bob].codecs = Codecs::Mu;
    talk(&mut office, anna, bob);
    office.run_for(2 * SECOND);
    assert!(
        office[anna].hears(&office[bob]),
        "{:?}",
        office[anna].levels()
    );
    assert!(office[bob].hears(&office[anna]));
}

/// SI-04
#[test]
fn a_caller_who_leaves_the_offer_to_the_server_is_heard_too() {
    let mut office = Office::new(5);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial_without_offer("101");
    office.run_for(SECOND);
    office[bob].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
}

/// SI-04
#[test]
fn what_the_callee_plays_before_he_answers_is_heard() {
    let mut office = Office::new(6);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    office[bob].play_early();
    office.run_for(2 * SECOND);
    assert!(office[anna].saw(&Happened::Progress));
    assert!(office[anna].hears(&office[bob]));
    office[bob].answer();
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[bob]));
    assert!(office[bob].hears(&office[anna]));
    assert_eq!(office[anna].count(&Happened::Answered), 1);
}

/// CON-09
#[test]
fn the_display_shows_who_proved_to_call() {
    let mut office = Office::new(7);
    let [anna, bob] = office.phones(["100", "101"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    let shown = Happened::Rings("sip:100@192.0.2.1:5060".to_owned());
    assert!(office[bob].saw(&shown), "{:?}", office[bob].log());
}

/// SI-04: three calls at once do not hear one another.
#[test]
fn each_pair_hears_itself_alone() {
    let mut office = Office::new(8);
    let all = office.phones(["100", "101", "102", "103", "104", "105"]);
    for pair in all.chunks_exact(2) {
        talk(&mut office, pair[0], pair[1]);
    }
    office.run_for(2 * SECOND);
    for (i, one) in all.into_iter().enumerate() {
        for (j, other) in all.into_iter().enumerate() {
            let (one, other) = (&office[one], &office[other]);
            if i / 2 == j / 2 && i != j {
                assert!(one.hears(other), "{i} {j}");
            } else {
                assert!(one.is_deaf_to(other), "{i} {j}");
            }
        }
    }
}

/// SI-04: the same seed, the same run, to the last byte.
#[test]
fn a_run_can_be_repeated() {
    let run = |seed| {
        let mut office = Office::new(seed);
        office.set_link(sim::Link {
            latency: Duration::from_millis(5),
            jitter: Duration::from_millis(20),
            loss_permille: 30,
            doubled_permille: 30,
        });
        let [anna, bob] = ["100", "101"].map(|extension| office.phone(extension));
        office.run_for(5 * SECOND);
        office[anna].dial("101");
        office.run_for(5 * SECOND);
        office[bob].answer();
        office.run_for(5 * SECOND);
        office.pcap()
    };
    let one = run(9);
    assert!(one.len() > 10_000 && one == run(9));
    assert!(one != run(10));
}
