//! Feature codes, dialled.

use crate::office::{Office, number, seconds, set};
use model::{
    CallStatus, Cause, Change, Destination, Effect, ExtensionState, Fact, InboundRoute, Question,
    Reply, Switched,
};
use std::sync::Arc;

/// MI-03, FC-03
#[test]
fn star_star_13_says_the_own_extension() {
    let mut office = Office::with(|directory| {
        let mut extension = directory.extensions[&number("103")].as_ref().clone();
        extension.number = number("005");
        directory
            .extensions
            .insert(number("005"), Arc::new(extension));
    });
    office.dials("005", "**13");
    assert_eq!(office.last("005").answered, 1);
    assert_eq!(office.heard("005"), "en:MI-03 en:D-0 en:D-0 en:D-5");
    office.hears_it_out("005");
    assert_eq!(office.last("005").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

/// MI-01 MI-02
#[test]
fn star_star_11_and_12_say_the_addresses() {
    for (code, words) in [
        ("**11", "MI-01 D-1 D-0 D-dot D-0 D-dot D-0 D-dot D-2"),
        ("**12", "MI-02 D-1 D-9 D-2 D-dot D-1 D-dot D-2 D-dot D-3"),
        ("**12#", "MI-02 D-1 D-9 D-2 D-dot D-1 D-dot D-2 D-dot D-3"),
    ] {
        let mut office = Office::new();
        office.dials("100", code);
        assert_eq!(office.last("100").answered, 1);
        office.replies(Reply::Addresses {
            wan: Some("10.0.0.2".parse().unwrap()),
            lan: Some("192.1.2.3".parse().unwrap()),
        });
        assert_eq!(office.heard("100"), words);
        office.hears_it_out("100");
        assert_eq!(office.last("100").ended, Some(Cause::Normal));
        assert!(office.is_quiet());
    }
}

/// MI-01
#[test]
fn an_interface_that_does_not_exist_has_no_address() {
    let mut office = Office::new();
    office.dials("100", "**11").replies(Reply::Addresses {
        wan: None,
        lan: Some("192.1.2.3".parse().unwrap()),
    });
    assert_eq!(office.heard("100"), "MI-04");
}

#[test]
fn a_question_that_nobody_answers_ends_in_an_error() {
    for code in ["**11", "*74"] {
        let mut office = Office::new();
        office.dials("100", code).passes(seconds(10));
        assert_eq!(office.heard("100"), "N-25", "{code}");
        // What comes too late is not spoken.
        office.replies(Reply::Saved);
        assert_eq!(office.heard("100"), "N-25", "{code}");
        office.hears_it_out("100");
        assert!(office.is_quiet());
    }
}

#[test]
fn a_senseless_answer_ends_in_an_error() {
    let mut office = Office::new();
    office.dials("100", "**11").replies(Reply::Saved);
    assert_eq!(office.heard("100"), "N-25");
}

/// DN-01 DN-02, FC-11: what is said is on disk.
#[test]
fn star_74_keeps_all_calls_away_until_star_074() {
    let mut office = Office::new();
    office.dials("101", "*74");
    let asked = Question::Save(Change::DoNotDisturb(number("101"), Switched::On));
    assert_eq!(office.questions[0].1, asked);
    assert_eq!(
        office.heard("101"),
        "",
        "nothing is said before it is saved"
    );
    office.saves();
    assert_eq!(office.heard("101"), "DN-01");
    office.hears_it_out("101");
    assert_eq!(office.state("101"), ExtensionState::Dnd);
    office.dials("100", "101");
    assert_eq!(office.heard("100"), "N-05");
    office.hears_it_out("100");

    office.dials("101", "*074").saves();
    assert_eq!(office.heard("101"), "DN-02");
    office.hears_it_out("101");
    office.dials("100", "101").answers("101");
    assert!(office.talk("100", "101"));
}

#[test]
fn do_not_disturb_can_be_switched_on_twice() {
    let mut office = Office::new();
    for _ in 0..2 {
        office.dials("101", "*74").saves();
        assert_eq!(office.heard("101"), "DN-01");
        office.hears_it_out("101");
        assert_eq!(office.state("101"), ExtensionState::Dnd);
    }
}

/// FC-11
#[test]
fn what_could_not_be_saved_is_not_confirmed() {
    let mut office = Office::new();
    office.dials("101", "*74").replies(Reply::NotSaved);
    assert_eq!(office.heard("101"), "N-25");
    office.hears_it_out("101");
    office.dials("100", "101");
    assert!(office.is_in_a_call("101"));
}

/// FC-03
#[test]
fn who_hangs_up_before_the_confirmation_leaves_nothing_behind() {
    let mut office = Office::new();
    office.dials("101", "*74").hangs_up("101");
    assert!(office.is_quiet());
    office.saves();
    assert_eq!(office.state("101"), ExtensionState::Dnd);
    assert!(office.is_quiet());
}

/// DN-07
#[test]
fn do_not_disturb_leaves_a_call_in_progress_alone() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = true;
            extension.call_waiting = true;
        });
    });
    assert!(office.talk("100", "101"));
    assert_eq!(office.state("101"), ExtensionState::InUse);
    office.dials("102", "101");
    assert_eq!(office.heard("102"), "N-05");
}

#[test]
fn star_43_echoes_until_pound() {
    let mut office = Office::new();
    office.dials("100", "*43");
    assert_eq!(office.heard("100"), "MI-11");
    assert!(!office.last("100").echo, "not while the prompt is spoken");
    office.hears_it_out("100");
    assert!(office.last("100").echo);
    office.types("100", "5").passes(seconds(200));
    assert!(office.last("100").echo);
    office.types("100", "#");
    assert!(!office.last("100").echo);
    assert_eq!(office.heard("100"), "MI-11 N-23");
    office.hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

#[test]
fn a_key_begins_the_echo_test_early() {
    let mut office = Office::new();
    office.dials("100", "*43").types("100", "1");
    assert!(office.last("100").echo);
}

#[test]
fn pound_during_the_prompt_ends_the_echo_test() {
    let mut office = Office::new();
    office.dials("100", "*43").types("100", "#");
    assert_eq!(office.heard("100"), "MI-11 N-23");
    assert!(!office.last("100").echo);
}

#[test]
fn a_forgotten_echo_test_ends_after_5_minutes() {
    let mut office = Office::new();
    office.dials("100", "*43").hears_it_out("100");
    office.passes(seconds(300));
    assert!(!office.last("100").echo);
    office.hears_it_out("100");
    assert!(office.is_quiet());
}

/// FC-04, N-08, P-03 P-04 P-05 P-06
#[test]
fn an_invalid_code_is_spoken_of_and_not_found() {
    for code in [
        "*99", "*7", "*77", "*551", "*94", "*0", "*4", "*1", "*2101", "#", "#*60",
    ] {
        invalid(&mut Office::new(), code);
    }
}

/// FC-04 FC-10
#[test]
fn a_code_that_is_switched_off_is_invalid() {
    let mut office = Office::with(|directory| {
        directory
            .feature_codes
            .insert(String::from("dnd_on"), String::new());
    });
    invalid(&mut office, "*74");
}

/// FC-10: a change applies to the next call.
#[test]
fn codes_can_be_swapped_at_run_time() {
    let mut office = Office::new();
    office.reconfigures(|directory| {
        let codes = &mut directory.feature_codes;
        codes.insert(String::from("say_wan"), String::from("**13"));
        codes.insert(String::from("say_extension"), String::from("**11"));
    });
    office.dials("100", "**11");
    assert_eq!(office.heard("100"), "MI-03 D-1 D-0 D-0");
}

/// FC-05, P-13, CF-10
#[test]
fn a_code_without_its_number_asks_for_it() {
    for (code, prompt, then) in [
        ("*71", "CF-06", "CF-01 CF-04 D-1 D-0 D-1"),
        ("*72", "CF-06", "CF-02 CF-04 D-1 D-0 D-1"),
        ("*73", "CF-06", "CF-03 CF-04 D-1 D-0 D-1"),
        ("*75", "BL-01", "BL-07"),
        ("*075", "BL-02", "D-1 D-0 D-1 BL-06"),
        ("*90", "N-13", "MO-01"),
        ("*50", "N-13", ""),
        ("*51", "N-13", ""),
    ] {
        let mut office = Office::new();
        office.dials("100", code);
        assert_eq!(office.heard("100"), prompt, "{code}");
        office.types("100", "101#");
        assert_eq!(
            office.heard("100"),
            format!("{prompt} {then}").trim(),
            "{code}"
        );
    }
}

/// FC-05
#[test]
fn a_pause_of_5_seconds_ends_a_number() {
    let mut office = Office::new();
    office.dials("100", "*90").hears_it_out("100");
    office.types("100", "10").passes(seconds(4));
    office.types("100", "1").passes(seconds(4));
    assert_eq!(office.heard("100"), "N-13");
    office.passes(seconds(1));
    assert_eq!(office.heard("100"), "N-13 MO-01");
}

/// FC-05
#[test]
fn three_silences_of_10_seconds_are_enough() {
    let mut office = Office::new();
    office.dials("100", "*90");
    for _ in 0..2 {
        office.hears_it_out("100").passes(seconds(9));
        let before = office.heard("100");
        office.passes(seconds(1));
        assert_eq!(office.heard("100"), format!("{before} N-11 N-13"));
    }
    office.hears_it_out("100").passes(seconds(10));
    assert_eq!(office.heard("100"), "N-13 N-11 N-13 N-11 N-13 N-16");
    office.hears_it_out("100");
    assert!(office.is_quiet());
}

/// FC-05
#[test]
fn a_wrong_key_is_one_try() {
    let mut office = Office::new();
    office.dials("100", "*90").types("100", "10*");
    assert_eq!(office.heard("100"), "N-13 N-10 N-13");
    office.types("100", "#");
    assert_eq!(office.heard("100"), "N-13 N-10 N-13 N-11 N-13");
    office.types("100", "101#");
    assert_eq!(office.heard("100"), "N-13 N-10 N-13 N-11 N-13 MO-01");
}

/// FC-05
#[test]
fn a_number_that_never_ends_is_cut() {
    let mut office = Office::new();
    office.dials("100", "*90").types("100", &"1".repeat(32));
    assert_eq!(office.heard("100"), "N-13 MO-01");
}

/// FC-07
#[test]
fn codes_are_not_for_callers_from_outside() {
    for dialled in ["*74", "**11", "*43", "*90101", "5551000"] {
        let mut office = Office::with(|directory| {
            directory.inbound_routes.push(Arc::new(InboundRoute {
                trunk: String::from("carrier"),
                number: Some(number("5551000")),
                caller: String::new(),
                to: Destination::Number(number("*74")),
            }));
        });
        office.calls_from_outside("85337106", dialled);
        assert_eq!(office.heard("85337106"), "N-01", "{dialled}");
        office.hears_it_out("85337106");
        assert_eq!(office.last("85337106").ended, Some(Cause::NotFound));
        assert!(office.questions.is_empty());
    }
}

/// DN-04: an outside caller hears that the person is busy, not why.
#[test]
fn a_caller_from_outside_is_led_by_the_way_in() {
    let mut office = Office::with(|directory| {
        directory.inbound_routes.push(Arc::new(InboundRoute {
            trunk: String::from("carrier"),
            number: None,
            caller: String::from("85"),
            to: Destination::Number(number("101")),
        }));
    });
    office
        .calls_from_outside("85337106", "5551000")
        .answers("101");
    assert!(office.talk("85337106", "101"));
    office.hangs_up("101");
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = true
        });
    });
    office.calls_from_outside("85337106", "5551000");
    assert_eq!(office.heard("85337106"), "N-03");
    office.calls_from_outside("99", "5551000");
    assert_eq!(office.heard("99"), "N-01");
}

/// FC-12
#[test]
fn the_use_of_a_code_is_noted() {
    let mut office = Office::new();
    office.dials("100", "**13").dials("101", "*99");
    let used: Vec<_> = office
        .log
        .iter()
        .filter_map(|effect| match effect {
            Effect::Fact(Fact::CodeUsed { by, code }) => Some((by.to_string(), code.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(used, [(String::from("100"), String::from("**13"))]);
}

/// FC-03: a code is a call like any other in the records.
#[test]
fn a_code_is_recorded_as_answered() {
    let mut office = Office::new();
    office.dials("100", "**13").passes(seconds(3));
    office.hears_it_out("100");
    let record = office.record();
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(record.talked, seconds(3));
    assert_eq!(record.callee, number("**13"));
}

fn invalid(office: &mut Office, code: &str) {
    office.dials("100", code);
    assert_eq!(office.heard("100"), "N-08", "{code}");
    assert_eq!(office.last("100").answered, 0);
    office.hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::NotFound));
    assert!(office.is_quiet());
}
