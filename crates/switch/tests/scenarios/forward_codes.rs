//! `*71 *72 *73` and `*071 *072 *073`.

use crate::office::{Office, number, seconds, set};
use model::ForwardWhen::{Always, Busy, NoAnswer};
use model::{Cause, Change, Question};

/// CF-02 CF-03, FC-11: read back to the end, saved when it is confirmed, and in force then.
#[test]
fn a_number_is_read_back_confirmed_and_saved() {
    for (code, when, name) in [
        ("*71102", Always, "CF-01"),
        ("*72102#", Busy, "CF-02"),
        ("*73102", NoAnswer, "CF-03"),
    ] {
        let mut office = Office::new();
        office.dials("101", code);
        assert_eq!(office.last("101").answered, 1);
        assert_eq!(office.heard("101"), format!("{name} CF-04 D-1 D-0 D-2"));
        office.types("101", "1");
        assert!(
            office.questions.is_empty(),
            "what must be heard is heard first"
        );
        office.hears_it_out("101").hears_it_out("101");
        assert!(office.heard("101").ends_with("CF-05"));
        office.types("101", "1");
        let change = Change::Forward(number("101"), when, Some(number("102")));
        assert_eq!(office.questions[0].1, Question::Save(change));
        assert!(office.heard("101").ends_with("CF-05"), "not saved yet");
        office.saves();
        assert!(office.heard("101").ends_with("N-19"));
        let forwarding = &office.directory.extensions[&number("101")].forwarding;
        assert_eq!(forwarding.to(when), Some(number("102")));
        office.hears_it_out("101");
        assert_eq!(office.last("101").ended, Some(Cause::Normal));
        assert!(office.is_quiet());
    }
}

/// CF-02, FC-06
#[test]
fn key_2_asks_for_another_number() {
    let mut office = Office::new();
    office.dials("103", "*71101").hears_it_out("103");
    office.types("103", "2");
    assert!(office.heard("103").ends_with("en:CF-05 en:N-12"));
    office.types("103", "102#");
    let again = "en:CF-01 en:CF-04 en:D-1 en:D-0 en:D-2";
    assert!(office.heard("103").ends_with(again));
    office.hears_it_out("103").types("103", "1").saves();
    let forwarding = &office.directory.extensions[&number("103")].forwarding;
    assert_eq!(forwarding.always, Some(number("102")));
}

/// CF-02
#[test]
fn who_hangs_up_before_he_confirms_has_changed_nothing() {
    for keys in ["", "2", "7"] {
        let mut office = Office::new();
        office.dials("101", "*71102").hears_it_out("101");
        office.types("101", keys).hangs_up("101");
        assert!(office.questions.is_empty() && office.is_quiet(), "{keys:?}");
    }
}

/// FC-03
#[test]
fn who_says_nothing_hears_that_nothing_was_saved() {
    let mut office = Office::new();
    office.dials("101", "*71102").hears_it_out("101");
    for _ in 0..3 {
        assert!(office.heard("101").ends_with("CF-05"));
        office.hears_it_out("101").passes(seconds(10));
    }
    assert!(office.heard("101").ends_with("CF-11"));
    office.hears_it_out("101");
    assert!(office.is_quiet() && office.questions.is_empty());
}

/// A prompt whose end is never reported holds nobody.
#[test]
fn a_reading_that_never_ends_goes_on() {
    let mut office = Office::new();
    office.dials("101", "*71102").passes(seconds(30));
    assert!(office.heard("101").ends_with("CF-05"));
    office.types("101", "1").saves();
    assert!(office.heard("101").ends_with("N-19"));
}

/// CF-04 CFW-04, D-08: to itself, to nowhere, to codes, where it may not call, to the police.
#[test]
fn a_number_that_calls_may_not_go_to_is_refused() {
    for (to, rights, prompt) in [
        ("101", "*", "CF-09"),
        ("555", "*", "N-01"),
        ("85337106", "*", "N-01"),
        ("985337106", "", "CF-10"),
        ("110", "*", "CF-10"),
    ] {
        let mut office = Office::with_lines();
        office.reconfigures(|directory| {
            set(directory, "101", |extension| {
                extension.outbound_routes = Some(String::from(rights))
                    .filter(|rights| !rights.is_empty())
                    .into_iter()
                    .collect();
            });
        });
        office.dials("101", &format!("*71{to}"));
        assert_eq!(office.heard("101"), prompt, "{to}");
        office.hears_it_out("101");
        assert!(office.is_quiet() && office.questions.is_empty());
    }
}

/// CF-04: the number outside is read with its prefix, as it was dialled.
#[test]
fn a_number_outside_can_be_set() {
    let mut office = Office::with_lines();
    office.dials("101", "*71985337106").hears_it_out("101");
    office.types("101", "1").saves().hears_it_out("101");
    office.dials("100", "101");
    assert_eq!(office.last("85337106").trunk, "carrier");
    assert_eq!(office.last("85337106").forwarded_by, ["101"]);
}

/// CF-05, CFW-01: off, whether or not it was on; the other cases stay.
#[test]
fn a_case_is_switched_off() {
    for (code, when, name) in [
        ("*071", Always, "CF-01"),
        ("*072#", Busy, "CF-02"),
        ("*073", NoAnswer, "CF-03"),
    ] {
        let mut office = Office::new();
        for case in [Always, Busy, NoAnswer] {
            crate::forwarding::forwards(&mut office, "101", case, "102");
        }
        for _ in 0..2 {
            office.dials("101", code).saves();
            assert_eq!(office.heard("101"), format!("{name} CF-08"));
            office.hears_it_out("101");
        }
        let forwarding = &office.directory.extensions[&number("101")].forwarding;
        for case in [Always, Busy, NoAnswer] {
            let expected = Some(number("102")).filter(|_| case != when);
            assert_eq!(forwarding.to(case), expected, "{code}: {case:?}");
        }
    }
}

/// FC-11
#[test]
fn what_the_disk_refuses_is_not_confirmed() {
    let mut office = Office::new();
    office.dials("101", "*71102").hears_it_out("101");
    office.types("101", "1").replies(model::Reply::NotSaved);
    assert!(office.heard("101").ends_with("N-25"));
}

/// FC-11: in the middle of the dialogue.
#[test]
fn a_dialogue_survives_a_restart() {
    let mut office = Office::new();
    office.dials("101", "*71102").restarts();
    office.hears_it_out("101").restarts();
    office.types("101", "2").restarts().types("101", "103#");
    office
        .hears_it_out("101")
        .types("101", "1")
        .restarts()
        .saves();
    let forwarding = &office.directory.extensions[&number("101")].forwarding;
    assert_eq!(forwarding.always, Some(number("103")));
}
