//! Call parking (manual §2.3).

use crate::office::{Deed, Office, number, seconds, set};
use model::{Cause, Duration, FinalCallee, TransferProgress, TransferTo};

/// PK-01 PK-03 PK-05 PK-06 PK-07 PK-08 PK-11
#[test]
fn a_parked_call_is_taken_up_from_any_phone() {
    for (code, retriever) in [("*4", "102"), ("*4#", "101"), ("*4", "103")] {
        let mut office = Office::talking();
        office.types("101", code);
        assert!(office.hears_music("100"));
        assert_eq!(office.heard("101"), "PK-01 D-4 D-1 PK-01 D-4 D-1");
        assert_eq!(office.lamp("41"), Some("张三"));
        office.hears_it_out("101");
        assert_eq!(
            office.last("101").ended,
            Some(Cause::Normal),
            "his phone is free"
        );
        assert!(office.is_in_a_call("100"));
        office.dials(retriever, "41");
        assert!(office.talk("100", retriever));
        assert!(!office.hears_music("100"));
        assert_eq!(office.lamp("41"), None);
        assert_eq!(office.last(retriever).shown.name, "张三");
        office.passes(seconds(100));
        assert!(office.talk("100", retriever), "no recall");
        office.hangs_up(retriever);
        assert!(office.is_quiet());
        let record = office.record();
        assert_eq!(record.callee, number("101"));
        assert_eq!(record.final_callee, FinalCallee::Number(number(retriever)));
    }
}

/// PK-01: the caller parks, too.
#[test]
fn the_caller_may_park_as_well() {
    let mut office = Office::talking();
    office.types("100", "*4").dials("102", "41");
    assert!(office.talk("101", "102"));
    assert!(!office.is_in_a_call("100"));
}

/// PK-06
#[test]
fn whoever_parks_may_hang_up_at_once_and_who_waits_may_leave() {
    let mut office = Office::talking();
    office.types("101", "*4").hangs_up("101");
    assert!(office.hears_music("100"));
    assert_eq!(office.lamp("41"), Some("张三"));
    office.hangs_up("100");
    assert_eq!(office.lamp("41"), None);
    assert!(office.is_quiet());
}

/// PK-04 PK-09
#[test]
fn after_45_seconds_the_phone_that_parked_rings() {
    let mut office = Office::talking();
    office.types("101", "*4").hears_it_out("101");
    office.passes(seconds(44));
    assert!(!office.is_in_a_call("101"));
    office.passes(seconds(1));
    let shown = &office.last("101").shown;
    assert_eq!(
        (shown.name.as_str(), shown.number),
        ("parked-41 张三", Some(number("100")))
    );
    assert!(office.hears_music("100"));
    office.rings("101").answers("101");
    assert!(office.talk("100", "101"));
    assert!(office.heard("101").ends_with("PK-04"));
    assert_eq!(office.lamp("41"), None);
}

/// PK-04: while it rings the call can be taken up, by dialling the slot and by pickup.
#[test]
fn a_call_that_returns_can_still_be_taken_up() {
    for how in ["41", "**101"] {
        let mut office = Office::talking();
        office
            .types("101", "*4")
            .hears_it_out("101")
            .passes(seconds(45));
        office.rings("101").dials("102", how);
        assert!(office.talk("100", "102"), "{how}");
        assert_eq!(office.last("101").ended, Some(Cause::AnsweredElsewhere));
    }
}

/// PK-04, IX-08: busy, unregistered, undisturbed or silent, the parker does not take it back.
#[test]
fn nobody_takes_it_back() {
    let reasons: [Deed<'_>; 4] = [
        &|office| {
            office.dials("101", "103");
        },
        &|office| {
            office.unregisters("101");
        },
        &|office| {
            office.reconfigures(|directory| {
                set(directory, "101", |extension| {
                    extension.do_not_disturb = true
                });
            });
        },
        &|_| {},
    ];
    for (nth, reason) in reasons.into_iter().enumerate() {
        for operator in [None, Some(number("102"))] {
            let mut office = Office::talking();
            office.reconfigures(|directory| directory.system.operator = operator);
            office.types("101", "*4").hears_it_out("101");
            reason(&mut office);
            office.passes(seconds(45));
            if nth == 3 {
                office.rings("101").passes(seconds(30));
                assert_eq!(office.last("101").ended, Some(Cause::NoAnswer));
            }
            if operator.is_some() {
                office.answers("102");
                assert!(office.talk("100", "102"), "reason {nth}");
                continue;
            }
            assert!(
                office.hears_music("100"),
                "reason {nth}: it waits once more"
            );
            office.passes(seconds(44));
            assert!(office.is_in_a_call("100"));
            office.passes(seconds(1));
            assert!(!office.is_in_a_call("100"), "reason {nth}");
            assert_eq!(office.lamp("41"), None);
        }
    }
}

/// PK-04: with nobody to take it back, the parker's mailbox does; the operator comes first.
#[test]
fn whom_nobody_takes_back_leaves_a_message() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        directory.system.operator = Some(number("102"));
        set(directory, "101", |extension| extension.voicemail = true);
    });
    office.types("101", "*4").hears_it_out("101");
    office.passes(seconds(75)).passes(seconds(30));
    assert_eq!(office.last("102").ended, Some(Cause::NoAnswer));
    assert_eq!(office.phases().last(), Some(&"leave_message"));
    assert_eq!(office.lamp("41"), None);
}

/// PK-02
#[test]
fn nine_are_parked_and_the_tenth_call_goes_on() {
    let mut office = Office::with(|directory| {
        for number in 200..220_u32 {
            let extension = crate::office::number(&number.to_string());
            let extension = model::Extension::new(extension, "", model::Secret::NONE);
            directory
                .extensions
                .insert(extension.number, std::sync::Arc::new(extension));
        }
    });
    let parks = |office: &mut Office, nth: u32| {
        let (caller, callee) = ((200 + 2 * nth).to_string(), (201 + 2 * nth).to_string());
        office
            .dials(&caller, &callee)
            .answers(&callee)
            .types(&callee, "*4");
        callee
    };
    for nth in 0..9 {
        let parker = parks(&mut office, nth);
        office.hears_it_out(&parker);
        assert!(office.lamp(&(41 + nth).to_string()).is_some());
    }
    let parker = parks(&mut office, 9);
    assert_eq!(office.heard(&parker), "PK-02");
    assert!(office.talk("218", "219"));
    // The lowest slot that is free is used again.
    office.dials("100", "43").hangs_up("204");
    office.types("219", "*4");
    assert_eq!(office.lamp("43"), Some(""));
}

/// PK-03
#[test]
fn an_empty_slot_says_so_and_of_two_one_takes_the_call() {
    let mut office = Office::talking();
    office.dials("102", "42");
    assert_eq!(office.heard("102"), "PK-03");
    office
        .hears_it_out("102")
        .types("101", "*4")
        .dials("102", "41")
        .dials("103", "41");
    assert!(office.talk("100", "102"));
    assert_eq!(office.heard("103"), "en:PK-03");
}

/// PK-03: nobody outside.
#[test]
fn a_stranger_takes_no_call_up() {
    let mut office = Office::with_an_outside_line();
    office.dials("100", "101").answers("101").types("101", "*4");
    office.calls_from_outside("02885337106", "5551041");
    assert!(office.hears_music("100"));
    assert!(!office.talk("100", "02885337106"));
}

/// PK-04: a call taken up in the last moment.
#[test]
fn the_last_moment_counts() {
    let mut office = Office::talking();
    office.types("101", "*4").hears_it_out("101");
    office
        .passes(Duration::from_millis(44_999))
        .dials("102", "41");
    assert!(office.talk("100", "102"));
    office.passes(seconds(60));
    assert!(!office.is_in_a_call("101"));
}

/// PK-08
#[test]
fn a_call_is_transferred_to_a_slot() {
    let mut office = Office::talking();
    office.types("101", "#47#");
    assert!(office.hears_music("100"));
    assert_eq!(office.lamp("47"), Some("张三"));
    assert!(!office.is_in_a_call("101"));
    office.dials("102", "47");
    assert!(office.talk("100", "102"));

    let mut office = Office::talking();
    office.refers(office.leg("101"), TransferTo::Number(number("*4")));
    assert_eq!(office.lamp("41"), Some("张三"));
    assert_eq!(office.last("101").transfers, [TransferProgress::Done]);
    office.dials("102", "103").answers("103");
    office.refers(office.leg("103"), TransferTo::Number(number("41")));
    let occupied = TransferProgress::Failed(Cause::Busy);
    assert_eq!(office.last("103").transfers, [occupied]);
    assert!(office.talk("102", "103"));
    office.refers(office.leg("103"), TransferTo::Number(number("42")));
    assert_eq!(
        office.last("103").transfers,
        [occupied, TransferProgress::Done]
    );
    assert_eq!(office.lamp("42"), Some("王五"));
}

/// PK-10
#[test]
fn what_is_parked_survives_a_new_configuration_and_a_restart() {
    let mut office = Office::talking();
    office
        .types("101", "*4")
        .hears_it_out("101")
        .unregisters("101");
    office.reconfigures(|_| {}).restarts();
    office.dials("102", "41");
    assert!(office.talk("100", "102"));
}

/// IX-27
#[test]
fn a_jump_of_the_clock_moves_no_recall() {
    for ahead in [3_600_000, -3_600_000] {
        let mut office = Office::talking();
        office
            .types("101", "*4")
            .hears_it_out("101")
            .sets_the_clock(ahead);
        office.passes(seconds(44));
        assert!(!office.is_in_a_call("101"));
        office.passes(seconds(1));
        assert!(office.is_in_a_call("101"));
    }
}
