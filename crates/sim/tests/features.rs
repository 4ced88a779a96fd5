//! What is heard of the manual's chapter 2: each phone sends a tone of its own, and each one's ears say who hears whom.

mod support;

use model::{Duration, Room};
use sim::{Happened, Office, PhoneId, Stage};
use std::sync::Arc;
use support::{SECOND, dials, press, talk};

/// MON-02 MON-03 MON-04, MI-07 MI-08: who hears whom, each pair of it.
#[test]
fn each_kind_of_monitoring_is_heard_by_those_it_is_for() {
    // Anna talks with Bob, Carl watches Bob: (speaker, listener).
    let talk_only = vec![(0, 1), (1, 0)];
    for (code, more) in [
        ("*90101", vec![(0, 2), (1, 2)]),
        ("*91101", vec![(0, 2), (1, 2), (2, 1)]),
        ("*92101", vec![(0, 2), (1, 2), (2, 0), (2, 1)]),
    ] {
        let mut office = Office::new(1);
        let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
        office.configure_extension("102", |extension| extension.may_monitor = true);
        office.configure_extension("101", |extension| extension.may_be_monitored = true);
        talk(&mut office, anna, bob);
        office.run_for(SECOND);
        let before = (
            office[anna].packets_heard(),
            office[bob].count(&Happened::Offered),
        );
        office[carl].dial(code);
        office.run_for(2 * SECOND);
        matrix(&office, &phones, &[talk_only.clone(), more].concat(), code);
        let after = (
            office[anna].packets_heard(),
            office[bob].count(&Happened::Offered),
        );
        assert_eq!(after.1, before.1, "{code}: nobody is asked anything");
        let came = after.0 - before.0;
        assert!((99..=101).contains(&came), "{code}: {came} packets in 2 s");
        office[carl].hang_up();
        office.run_for(2 * SECOND);
        matrix(&office, &phones, &talk_only, code);
        office[bob].hang_up();
        assert!(office.run_until_idle(5 * SECOND));
        assert_eq!(office.left_over(), None);
    }
}

/// XF-04 XF-05 XF-06 XF-07
#[test]
fn who_consults_is_heard_by_nobody_else() {
    let mut office = Office::new(2);
    let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
    talk(&mut office, anna, bob);
    press(&mut office, bob, "*2102#");
    office.run_for(SECOND);
    assert_eq!(office[carl].stage(), Some(Stage::Ringing));
    assert!(office.hears_music(anna));
    assert_eq!(office[anna].keys(), "", "keys of a code are not heard");
    office[carl].answer();
    office.run_for(2 * SECOND);
    matrix(&office, &phones, &[(1, 2), (2, 1)], "consulting");
    assert!(office.hears_music(anna) && !office.hears_music(carl));
    press(&mut office, bob, "*");
    office.run_for(3 * SECOND);
    matrix(&office, &phones, &[(0, 1), (1, 0)], "back");
    assert!(!office.hears_music(anna));
    assert!(office[carl].calls() == 0, "who was asked is free");
    press(&mut office, bob, "*2102#");
    office.run_for(SECOND);
    office[carl].answer();
    office.run_for(SECOND);
    office[bob].hang_up();
    office.run_for(Duration::from_millis(1_200));
    matrix(&office, &phones, &[(0, 2), (2, 0)], "transferred");
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// XF-02 XF-04, FC-08: keys by RFC 4733 and by INFO.
#[test]
fn a_blind_transfer_is_heard() {
    for info in [false, true] {
        let mut office = Office::new(3);
        let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
        talk(&mut office, anna, bob);
        for key in "#102#".chars() {
            if info {
                office[bob].press_by_info(key);
            } else {
                office[bob].press(key);
            }
            office.run_for(SECOND / 4);
        }
        office.run_for(SECOND);
        assert!(office[bob].calls() == 0, "whoever transfers is free");
        assert_eq!(office[carl].stage(), Some(Stage::Ringing));
        office[carl].answer();
        office.run_for(2 * SECOND);
        matrix(&office, &phones, &[(0, 2), (2, 0)], "transferred");
        assert_eq!(office[anna].keys(), "");
        office[carl].hang_up();
        assert!(office.run_until_idle(5 * SECOND));
        assert_eq!(office.left_over(), None);
    }
}

/// PK-01 PK-05 PK-06 PK-07: three times in a row.
#[test]
fn a_parked_call_waits_with_music_and_is_taken_up() {
    let mut office = Office::new(4);
    let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
    talk(&mut office, anna, bob);
    for (parker, retriever) in [(bob, carl), (carl, bob), (bob, carl)] {
        press(&mut office, parker, "*4#");
        office.run_for(SECOND);
        assert!(office.hears_prompt(parker, "PK-01"));
        office.run_for(7 * SECOND);
        assert!(office[parker].calls() == 0, "whoever parked is free");
        assert!(office.hears_music(anna));
        matrix(&office, &phones, &[], "parked");
        dials(&mut office, retriever, "41");
        office.run_for(2 * SECOND);
        let nth = if retriever == carl { 2 } else { 1 };
        matrix(&office, &phones, &[(0, nth), (nth, 0)], "taken up");
        assert!(!office.hears_music(anna));
    }
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// PU-03 PU-09
#[test]
fn who_picks_up_talks_with_the_caller() {
    let mut office = Office::new(5);
    let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    assert_eq!(office[bob].stage(), Some(Stage::Ringing));
    dials(&mut office, carl, "**101");
    office.run_for(2 * SECOND);
    matrix(&office, &phones, &[(0, 2), (2, 0)], "picked up");
    let elsewhere = office[bob].log().iter().any(
        |(_, what)| matches!(what, Happened::Cancelled(Some(reason)) if reason.contains("200")),
    );
    assert!(elsewhere, "{:?}", office[bob].log());
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// PU-05: the call rings at three phones of one extension.
#[test]
fn when_a_call_is_picked_up_all_phones_that_rang_stop() {
    let mut office = Office::new(6);
    let [anna, desk, soft, home, carl] = office.phones(["100", "101", "101", "101", "102"]);
    office[anna].dial("101");
    office.run_for(SECOND);
    for phone in [desk, soft, home] {
        assert_eq!(office[phone].stage(), Some(Stage::Ringing));
    }
    dials(&mut office, carl, "**101");
    office.run_for(2 * SECOND);
    assert!(office[anna].hears(&office[carl]) && office[carl].hears(&office[anna]));
    for phone in [desk, soft, home] {
        assert_eq!(office[phone].calls(), 0, "{:?}", office[phone].log());
        let cancelled = |(_, what): &(_, _)| matches!(what, Happened::Cancelled(_));
        assert!(office[phone].log().iter().any(cancelled));
    }
    office[anna].hang_up();
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// MI-07 MI-08 MI-09
#[test]
fn who_is_paged_is_never_heard() {
    for (code, heard) in [("*50101", vec![(0, 1), (1, 0)]), ("*51101", vec![(0, 1)])] {
        let mut office = Office::new(6);
        let phones @ [anna, bob, _] = office.phones(["100", "101", "102"]);
        office[anna].dial(code);
        office.run_for(SECOND);
        office[bob].answer();
        office.run_for(3 * SECOND);
        matrix(&office, &phones, &heard, code);
        office[anna].hang_up();
        assert!(office.run_until_idle(5 * SECOND));
        assert_eq!(office.left_over(), None);
    }
}

/// CO-07
#[test]
fn two_who_talk_make_it_three() {
    let mut office = Office::new(7);
    let phones @ [anna, bob, carl] = office.phones(["100", "101", "102"]);
    office.configure(|directory| {
        let room = Room {
            admin_pin: "9911".to_owned(),
            user_pin: "1111".to_owned(),
            ..Room::new("700".parse().expect("a number"))
        };
        directory.rooms.insert(room.number, Arc::new(room));
    });
    talk(&mut office, anna, bob);
    press(&mut office, bob, "*0");
    office.run_for(2 * SECOND);
    assert!(office.hears_music(anna));
    press(&mut office, bob, "9911#");
    office.run_for(10 * SECOND);
    matrix(&office, &phones, &[(0, 1), (1, 0)], "two");
    dials(&mut office, carl, "700");
    press(&mut office, carl, "1111#");
    office.run_for(10 * SECOND);
    let all = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
    matrix(&office, &phones, &all, "three");
    for phone in phones {
        office[phone].hang_up();
    }
    assert!(office.run_until_idle(5 * SECOND));
    assert_eq!(office.left_over(), None);
}

/// Who hears whom in the last second, each pair of it: the others hear nothing at all.
fn matrix(office: &Office, phones: &[PhoneId; 3], heard: &[(usize, usize)], when: &str) {
    for (speaker, from) in phones.iter().enumerate() {
        for (listener, to) in phones.iter().enumerate() {
            if speaker == listener {
                continue;
            }
            let (from, to) = (&office[*from], &office[*to]);
            if heard.contains(&(speaker, listener)) {
                assert!(to.hears(from), "{when}: {listener} hears {speaker}");
            } else {
                assert!(
                    to.is_deaf_to(from),
                    "{when}: {listener} is deaf to {speaker}"
                );
            }
        }
    }
}
