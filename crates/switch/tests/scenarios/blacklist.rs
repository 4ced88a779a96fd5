//! `*75 *76 *075`.

use crate::office::{Office, number, seconds};
use model::{Cause, Party, Question, Reply, Wall};

/// BL-04 BL-01, FC-11
#[test]
fn star_75_blocks_a_number() {
    let mut office = Office::with_lines();
    office.dials("101", "*75");
    assert_eq!(office.heard("101"), "BL-01");
    office.types("101", "02885337106#").saves();
    let heard = "BL-01 D-0 D-2 D-8 D-8 D-5 D-3 D-3 D-7 D-1 D-0 D-6 BL-03";
    assert_eq!(office.heard("101"), heard);
    let listed = &office.directory.blacklist[&number("02885337106")];
    assert_eq!(listed.added_by, "101");
    assert_eq!(listed.added_at, Some(Wall(1_521_000_000_000)));
    office.hears_it_out("101");
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    office.calls_from_outside("+862885337106", "02885337100");
    assert_eq!(office.last("+862885337106").ended, Some(Cause::Declined));
    assert!(office.is_quiet());
}

/// BL-04: dialled in one, and blocked already in another spelling.
#[test]
fn a_number_is_blocked_once() {
    let mut office = Office::with_lines();
    office.dials("103", "*7513912345678").saves();
    assert!(office.heard("103").ends_with("en:BL-03"));
    office.hears_it_out("103").dials("101", "*75013912345678");
    assert!(office.heard("101").ends_with("D-8 BL-05"));
    assert!(office.questions.is_empty());
}

/// BL-04 BL-06
#[test]
fn numbers_that_are_needed_cannot_be_blocked() {
    for (listed, prompt) in [
        ("100", "BL-07"),
        ("110", "BL-12"),
        ("02885337100", "BL-12"),
        ("85337100", "BL-12"),
        ("5", "BL-12"),
        ("41", "BL-12"),
        ("700", "BL-12"),
    ] {
        let mut office = Office::with_lines();
        office.reconfigures(|directory| {
            let room = model::Room::new(number("700"));
            directory.rooms.insert(room.number, room.into());
        });
        office.dials("101", &format!("*75{listed}"));
        assert_eq!(office.heard("101"), prompt, "{listed}");
        office.hears_it_out("101");
        assert!(office.is_quiet() && office.questions.is_empty());
    }
}

/// BL-02: with `blacklist_scope = "extension"` what an extension lists is its own affair.
#[test]
fn a_list_may_be_personal() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        directory.system.blacklist_scope = model::BlacklistScope::Extension;
    });
    office
        .dials("101", "*7513912345678")
        .saves()
        .hears_it_out("101");
    office.calls_from_outside("13912345678", "02885337100");
    assert!(office.is_in_a_call("100"), "100 listed nobody");
    office.hangs_up("13912345678");
    office
        .dials("100", "*7513800000000")
        .saves()
        .hears_it_out("100");
    office.calls_from_outside("+8613800000000", "02885337100");
    let refused = office.last("+8613800000000");
    assert_eq!(refused.ended, Some(Cause::Declined), "100 listed him");
    office.reconfigures(|directory| {
        let listed = directory.blacklist.get_mut(&number("13912345678")).unwrap();
        std::sync::Arc::make_mut(listed).added_by = String::from("admin");
    });
    office.calls_from_outside("13912345678", "02885337100");
    let refused = office.last("13912345678");
    assert_eq!(refused.ended, Some(Cause::Declined), "for everybody");
}

/// BL-10
#[test]
fn ten_thousand_numbers_are_enough() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        for n in 0..10_000 {
            let listed = model::Blacklisted {
                number: number(&format!("139{n:08}")),
                note: String::new(),
                added_by: String::new(),
                added_at: None,
            };
            directory.blacklist.insert(listed.number, listed.into());
        }
    });
    office.dials("101", "*7513800000000");
    assert_eq!(office.heard("101"), "N-38");
    office.hears_it_out("101");
    office.calls_from_outside("013900009999", "02885337100");
    assert_eq!(office.last("013900009999").ended, Some(Cause::Declined));
}

/// BL-05: however it is spelled on the list.
#[test]
fn star_075_lets_a_number_call_again() {
    let mut office = Office::with_lines();
    office
        .dials("101", "*7502885337106")
        .saves()
        .hears_it_out("101");
    office
        .dials("102", "*075")
        .types("102", "85337106#")
        .saves();
    assert!(office.heard("102").ends_with("D-7 D-1 D-0 D-6 BL-04"));
    office.hears_it_out("102");
    assert!(office.directory.blacklist.is_empty());
    office.calls_from_outside("02885337106", "02885337100");
    assert!(office.is_in_a_call("100"));
    office.dials("102", "*07502885337106");
    assert!(office.heard("102").ends_with("D-0 D-6 BL-06"), "twice");
}

/// BL-03
#[test]
fn star_76_blocks_the_last_caller() {
    let mut office = Office::with_lines();
    office.dials("101", "*76");
    assert_eq!(office.questions[0].1, Question::LastCaller(number("101")));
    office.replies(last("13912345678")).saves();
    let heard = "BL-10 D-1 D-3 D-9 D-1 D-2 D-3 D-4 D-5 D-6 D-7 D-8 BL-03";
    assert_eq!(office.heard("101"), heard);
    office.hears_it_out("101");
    office.dials("101", "*76").replies(last("13912345678"));
    assert!(office.heard("101").ends_with("D-8 BL-05"), "twice");
}

/// BL-03 BL-06
#[test]
fn a_last_caller_may_be_nobody_nameless_or_a_colleague() {
    for (reply, prompt) in [
        (Reply::LastCaller(None), "BL-08"),
        (Reply::LastCaller(Some(Party::default())), "BL-09"),
        (last("100"), "BL-07"),
        (Reply::Saved, "N-25"),
    ] {
        let mut office = Office::with_lines();
        office.dials("101", "*76").replies(reply);
        assert_eq!(office.heard("101"), prompt);
        office.hears_it_out("101");
        assert!(office.is_quiet() && office.questions.is_empty());
    }
    let mut office = Office::with_lines();
    office.dials("101", "*76").passes(seconds(5));
    assert_eq!(office.heard("101"), "N-25", "nobody knows");
}

fn last(caller: &str) -> Reply {
    Reply::LastCaller(Some(Party {
        number: Some(number(caller)),
        name: String::new(),
    }))
}
