//! Call pickup (manual §2.2).

use crate::office::{Deed, Office, number, seconds, set};
use model::{CallStatus, Cause, Directory, FinalCallee, LegId};

/// PU-01 PU-03 PU-04 PU-08
#[test]
fn a_call_that_rings_elsewhere_is_taken() {
    for how in ["**101", "**101#", "*8"] {
        let mut office = Office::with(sales);
        office.dials("100", "101").rings("101").dials("102", how);
        assert!(office.talk("100", "102"), "{how}");
        assert_eq!(office.last("101").ended, Some(Cause::AnsweredElsewhere));
        assert_eq!(office.last("102").shown.name, "张三");
        assert_eq!(office.last("100").shown.name, "王五");
        office.hangs_up("100");
        assert!(office.is_quiet());
        let record = office.record();
        assert_eq!(record.callee, number("101"));
        assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
        assert_eq!(record.status, CallStatus::Answered);
        assert_eq!(record.extensions, ["100", "101", "102"].map(number));
    }
}

/// PU-01 PU-02
#[test]
fn where_nothing_rings_nothing_is_taken() {
    let refused: [(&str, &str, &str, Deed<'_>); 6] = [
        ("102", "**101", "PU-01", &|_| {}),
        ("102", "**999", "PU-01", &|_| {}),
        ("102", "**100", "PU-01", &|office| {
            office.dials("100", "101");
        }),
        ("102", "**101", "PU-01", &|office| {
            office.dials("100", "101").rings("101").answers("101");
        }),
        ("103", "*8", "en:PU-03", &|office| {
            office.dials("100", "101");
        }),
        ("102", "*8", "PU-01", &|office| {
            office.dials("100", "103");
        }),
    ];
    for (who, code, said, before) in refused {
        let mut office = Office::with(sales);
        before(&mut office);
        office.dials(who, code);
        assert_eq!(office.heard(who), said, "{who} dials {code}");
        office.hears_it_out(who);
        assert!(!office.is_in_a_call(who));
    }
}

/// PU-02: the one that has rung longest.
#[test]
fn of_two_calls_the_older_is_taken() {
    let mut office = Office::with(sales);
    office.dials("103", "101").rings("101").passes(seconds(1));
    office.dials("100", "102").rings("102");
    office.reconfigures(|directory| {
        set(directory, "104", |extension| {
            extension.departments.insert("sales".into());
        });
    });
    office.dials("104", "*8");
    assert!(office.talk("103", "104"));
    assert!(office.is_in_a_call("102"));
    office.dials("104", "*8");
    assert!(office.talk("100", "104"));
}

/// PU-03: with the phone that rings, with the caller who gives up, with another who picks up.
#[test]
fn a_race_has_one_winner() {
    let mut office = Office::with(sales);
    office
        .dials("100", "101")
        .rings("101")
        .answers("101")
        .dials("102", "**101");
    assert!(office.talk("100", "101"));
    assert_eq!(office.heard("102"), "PU-01");
    let mut office = Office::with(sales);
    office
        .dials("100", "101")
        .rings("101")
        .dials("102", "**101");
    let late = office.legs.iter().find(|(_, phone)| phone.party == "101");
    let late: LegId = *late.unwrap().0;
    office.give(model::Input::Leg(late, model::LegEvent::Answered));
    office.dials("104", "**101");
    assert!(office.talk("100", "102"));
    assert_eq!(office.heard("104"), "PU-01");
    let mut office = Office::with(sales);
    office
        .dials("100", "101")
        .hangs_up("100")
        .dials("102", "**101");
    assert_eq!(office.heard("102"), "PU-01");
}

/// PU-06
#[test]
fn who_does_not_want_to_be_disturbed_can_pick_up() {
    let mut office = Office::with(sales);
    office.reconfigures(|directory| {
        set(directory, "102", |extension| {
            extension.do_not_disturb = true
        });
    });
    office.dials("100", "101").rings("101").dials("102", "*8");
    assert!(office.talk("100", "102"));
}

/// PU-07
#[test]
fn a_key_of_the_phone_picks_up() {
    let mut office = Office::with(sales);
    office.dials("100", "101").rings("101");
    office.replaces("103", office.leg("101"));
    assert!(office.talk("100", "103"));
    assert_eq!(office.last("101").ended, Some(Cause::AnsweredElsewhere));
    office.replaces("103", LegId::outbound(99));
    assert_eq!(office.heard("103"), "en:N-07");
}

/// A conversation moves from one phone of an extension to another.
#[test]
fn a_phone_takes_over_a_conversation_of_its_own_extension() {
    let mut office = Office::talking();
    let first = office.leg("101");
    office.replaces("101", first);
    assert_eq!(office.phone(first).ended, Some(Cause::Normal));
    assert!(office.talk("100", "101"));
    office.hangs_up("101");
    assert!(office.is_quiet());
}

fn sales(directory: &mut Directory) {
    for who in ["100", "101", "102"] {
        set(directory, who, |extension| {
            extension.departments.insert("sales".into());
        });
    }
    let extra = model::Extension::new(number("104"), "赵六", model::Secret::NONE);
    directory
        .extensions
        .insert(extra.number, std::sync::Arc::new(extra));
}
