//! Transfers (manual §2.4): by keys and by the phones themselves.

use crate::office::{Deed, Office, number, seconds, set};
use model::{Cause, FinalCallee, TransferProgress, TransferTo};

/// XF-01 XF-02 XF-04 XF-09 XF-10, CDR-06
#[test]
fn a_blind_transfer_connects_the_other_party() {
    for (by, kept) in [("101", "100"), ("100", "101")] {
        let mut office = Office::talking();
        office.types(by, "#");
        assert!(office.hears_music(kept), "{kept} waits");
        assert_eq!(office.heard(by), "XF-01");
        assert!(!office.talk("100", "101"));
        office.types(by, "102#");
        assert_eq!(office.last(by).ended, Some(Cause::Normal), "{by} is free");
        office.rings("102").answers("102");
        assert!(office.talk(kept, "102"));
        assert!(!office.hears_music(kept));
        let name = |who: &str| office.last(who).shown.number.unwrap().to_string();
        assert_eq!((name(kept), name("102")), ("102".into(), kept.into()));
        office.hangs_up("102");
        assert!(office.is_quiet());
        let record = office.record();
        assert_eq!(record.caller, "100");
        assert_eq!(record.callee, number("101"));
        assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
    }
}

/// XF-02: the number ends by itself after five seconds.
#[test]
fn a_pause_ends_the_number() {
    let mut office = Office::talking();
    office.types("101", "#102").passes(seconds(4));
    assert!(!office.is_in_a_call("102"));
    office.passes(seconds(1));
    assert!(office.is_in_a_call("102"));
}

/// XF-02: to nowhere, to the other party himself: three tries, and the call goes on.
#[test]
fn a_number_that_leads_nowhere_is_asked_for_again_and_then_the_call_goes_on() {
    for code in ["#", "*2"] {
        let mut office = Office::talking();
        office.types("101", code).types("101", "999#");
        assert!(office.heard("101").ends_with("N-01 XF-02"), "{code}");
        office.types("101", "100#").types("101", "#");
        assert!(office.heard("101").ends_with("XF-03"), "{code}");
        assert!(office.talk("100", "101"), "{code}");
        assert!(!office.hears_music("100"), "{code}");
        office.hangs_up("100");
        assert!(office.is_quiet());
    }
}

/// XF-03: a blind transfer does not come back.
#[test]
fn who_is_transferred_in_vain_hears_why() {
    let mut office = Office::talking();
    office
        .types("101", "#102#")
        .rings("102")
        .passes(seconds(30));
    assert_eq!(office.heard("100"), "Music Tone(Ring) N-04");
    office.hears_it_out("100");
    assert!(office.is_quiet());
}

/// XF-04
#[test]
fn either_ends_the_call_while_the_number_is_dialled() {
    for code in ["#", "*2"] {
        for who in ["100", "101"] {
            let mut office = Office::talking();
            office.types("101", code).types("101", "10").hangs_up(who);
            assert!(office.is_quiet(), "{code}, {who} hangs up");
        }
    }
}

/// IX-10
#[test]
fn when_both_want_to_transfer_the_first_does() {
    let mut office = Office::talking();
    office.types("100", "#").types("101", "#102#");
    assert!(office.hears_music("101"));
    assert!(!office.is_in_a_call("102"));
    office.types("100", "103#");
    assert!(office.is_in_a_call("103"));
    assert_eq!(office.last("100").ended, Some(Cause::Normal));
}

/// XF-05 XF-06 XF-09 XF-10
#[test]
fn an_attended_transfer_is_completed_by_hanging_up() {
    for (by, kept) in [("101", "100"), ("100", "101")] {
        let mut office = Office::talking();
        office.types(by, "*2").types(by, "102#");
        assert!(office.hears_music(kept));
        office.rings("102").answers("102");
        assert!(office.talk(by, "102"));
        assert!(!office.hears(kept, "102") && !office.hears("102", kept));
        assert!(!office.hears(kept, by) && !office.hears(by, kept));
        office.hangs_up(by);
        assert!(office.talk(kept, "102"));
        assert!(!office.hears_music(kept));
        assert_eq!(office.last("102").shown.number, Some(number(kept)));
        assert_eq!(office.last(kept).shown.number, Some(number("102")));
        office.hangs_up(kept);
        assert!(office.is_quiet());
        let record = office.record();
        assert_eq!(
            (record.caller.as_str(), record.callee),
            ("100", number("101"))
        );
        assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
        assert_eq!(record.legs.len(), 3);
    }
}

/// XF-07
#[test]
fn the_star_key_brings_the_original_call_back() {
    let stages: [(&str, Deed<'_>); 4] = [
        ("dialling", &|_| {}),
        ("a digit", &|office| {
            office.types("101", "1");
        }),
        ("ringing", &|office| {
            office.types("101", "102#").rings("102");
        }),
        ("talking", &|office| {
            office.types("101", "102#").rings("102").answers("102");
        }),
    ];
    for (stage, goes_on) in stages {
        let mut office = Office::talking();
        office.types("101", "*2");
        goes_on(&mut office);
        office.types("101", "*");
        assert!(office.talk("100", "101"), "{stage}");
        assert!(!office.hears_music("100"), "{stage}");
        assert!(office.heard("101").ends_with("XF-05"), "{stage}");
        assert!(!office.is_in_a_call("102"), "{stage}");
        // And once more, to the end.
        office.types("101", "*2102#").answers("102").hangs_up("101");
        assert!(office.talk("100", "102"), "{stage}");
        office.hangs_up("100");
        assert!(office.is_quiet(), "{stage}");
    }
}

/// XF-07: whoever is asked does not come to the telephone.
#[test]
fn a_consultation_in_vain_returns_to_the_call() {
    let ends: [(&str, Deed<'_>); 4] = [
        ("XF-04", &|office| {
            office.rings("102").passes(seconds(30));
        }),
        ("XF-03", &|office| {
            office.fails("102", Cause::Busy);
        }),
        ("XF-03", &|office| {
            office.fails("102", Cause::Declined);
        }),
        ("XF-06", &|office| {
            office.answers("102").hangs_up("102");
        }),
    ];
    for (said, end) in ends {
        let mut office = Office::talking();
        office.types("101", "*2102#");
        end(&mut office);
        assert!(
            office.heard("101").ends_with(said),
            "{}",
            office.heard("101")
        );
        assert!(office.talk("100", "101"));
        assert!(!office.hears_music("100"));
    }
    let mut office = Office::talking();
    office.unregisters("102").types("101", "*2102#");
    assert!(
        office.heard("101").ends_with("XF-03"),
        "{}",
        office.heard("101")
    );
    assert!(office.talk("100", "101"));
}

/// XF-06: hanging up while the third party still rings makes it a blind transfer.
#[test]
fn hanging_up_while_it_rings_transfers_too() {
    let mut office = Office::talking();
    office.types("101", "*2102#").rings("102").hangs_up("101");
    assert!(office.is_in_a_call("100") && office.is_in_a_call("102"));
    office.answers("102");
    assert!(office.talk("100", "102"));
    office.hangs_up("102");
    assert!(office.is_quiet());
    assert_eq!(
        office.record().final_callee,
        FinalCallee::Number(number("102"))
    );
}

#[test]
fn the_two_who_consult_go_on_when_the_other_hangs_up() {
    let mut office = Office::talking();
    office.types("101", "*2102#").answers("102").hangs_up("100");
    assert!(office.talk("101", "102"));
    office.types("101", "#103#").answers("103");
    assert!(office.talk("102", "103"), "it is a call like any other");
}

/// P-07: in a consultation only `*` means something; all other keys are the third party's.
#[test]
fn other_keys_of_a_consultation_reach_the_third_party() {
    let mut office = Office::talking();
    office
        .types("101", "*2102#")
        .answers("102")
        .types("101", "4#0");
    assert_eq!(office.last("102").keys_received, "4#0");
    office.types("102", "*4#");
    assert_eq!(office.last("101").keys_received, "*4#");
    assert!(office.talk("101", "102"));
}

/// XF-12: what other systems use for swapping and joining is no code here.
#[test]
fn keys_that_other_systems_use_are_not_stolen() {
    let mut office = Office::talking();
    office
        .types("101", "*2102#")
        .answers("102")
        .types("101", "3");
    assert_eq!(office.last("102").keys_received, "3");
    let mut office = Office::talking();
    office.types("101", "*3");
    assert_eq!(office.last("100").keys_received, "*3");
}

/// IX-09: a slot and a room take the call at once, because there is nobody to ask; a mailbox or another code is no
/// number to transfer to.
#[test]
fn an_attended_transfer_to_a_place_is_made_at_once() {
    let mut office = Office::talking();
    office.types("101", "*2").types("101", "41#");
    assert_eq!(office.lamp("41"), Some("张三"));
    assert!(!office.is_in_a_call("101"));
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        let room = model::Room::new(number("700"));
        directory
            .rooms
            .insert(room.number, std::sync::Arc::new(room));
    });
    office.types("101", "*2").types("101", "700#");
    assert!(office.heard("100").ends_with("CO-04 CO-06"));
    assert!(!office.is_in_a_call("101"));
    for code in ["*61", "*74", "**102"] {
        let mut office = Office::talking();
        office.refers(office.leg("101"), TransferTo::Number(number(code)));
        let told = office.last("101").transfers.last();
        assert!(matches!(told, Some(TransferProgress::Failed(_))), "{code}");
        assert!(office.talk("100", "101"), "{code}");
    }
}

/// FC-08 FC-09: what is a code is not heard, and what is none is heard late but whole.
#[test]
fn keys_that_are_no_code_are_the_other_party_s() {
    let mut office = Office::talking();
    office.types("100", "12*7");
    assert_eq!(office.last("101").keys_received, "12*7");
    office.types("100", "*");
    assert_eq!(office.last("101").keys_received, "12*7");
    office.passes(model::Duration::from_millis(1_499));
    assert_eq!(office.last("101").keys_received, "12*7");
    office.passes(model::Duration::from_millis(1));
    assert_eq!(office.last("101").keys_received, "12*7*");
    assert!(office.talk("100", "101"));
}

/// P-09 FC-07: a stranger's keys do nothing; on calls that came in from outside the extension's do.
#[test]
fn codes_are_for_extensions() {
    let mut office = Office::with_an_outside_line();
    office
        .calls_from_outside("02885337106", "5551000")
        .answers("101");
    office.types("02885337106", "*4#102#");
    assert_eq!(office.last("101").keys_received, "*4#102#");
    assert!(office.talk("02885337106", "101"));
    office.types("101", "#102#").answers("102");
    assert!(office.talk("02885337106", "102"));
}

/// FC-10, IX-26: codes change while a call is in progress.
#[test]
fn codes_can_be_changed_in_the_middle_of_a_call() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        let codes = &mut directory.feature_codes;
        codes.insert("attended_transfer".into(), "*9".into());
        codes.insert("blind_transfer".into(), String::new());
    });
    office.types("101", "#*2");
    assert_eq!(office.last("100").keys_received, "#*2");
    office.types("101", "*9102#").answers("102");
    assert!(office.talk("101", "102"));
}

/// XF-08
#[test]
fn a_phone_transfers_by_itself() {
    let mut office = Office::talking();
    let to = TransferTo::Number(number("102"));
    office.refers(office.leg("101"), to);
    assert!(office.hears_music("100"));
    assert!(office.is_in_a_call("101"), "it waits to hear how it goes");
    office.rings("102");
    assert_eq!(office.last("101").transfers, [TransferProgress::Ringing]);
    office.answers("102");
    let (ringing, done) = (TransferProgress::Ringing, TransferProgress::Done);
    assert_eq!(office.last("101").transfers, [ringing, done]);
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    assert!(office.talk("100", "102"));
    office.hangs_up("100");
    assert!(office.is_quiet());
    let record = office.record();
    assert_eq!(
        (record.caller.as_str(), record.callee),
        ("100", number("101"))
    );
    assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
}

/// XF-08: what cannot be done is said, and the call goes on.
#[test]
fn a_transfer_in_vain_gives_the_phone_its_call_back() {
    let mut office = Office::talking();
    let to = |text| TransferTo::Number(number(text));
    office.refers(office.leg("101"), to("999"));
    let mut told = vec![TransferProgress::Failed(Cause::NotFound)];
    assert_eq!(office.last("101").transfers, told);
    assert!(office.talk("100", "101"));
    office
        .refers(office.leg("101"), to("102"))
        .fails("102", Cause::Busy);
    told.push(TransferProgress::Failed(Cause::Busy));
    assert_eq!(office.last("101").transfers, told);
    assert!(office.talk("100", "101"));
    assert!(!office.hears_music("100"));
    office.hangs_up("100");
    assert!(office.is_quiet());
    let made = office
        .records
        .iter()
        .filter(|record| record.caller == "100");
    assert_eq!(made.count(), 2, "the call, and the way in vain");
}

/// XF-08: who talks with nobody has nobody to send elsewhere, and is not left without an answer.
#[test]
fn a_phone_that_talks_with_nobody_cannot_transfer() {
    let mut office = Office::new();
    office.dials("100", "*43");
    let to = TransferTo::Number(number("102"));
    for told in 1..=2 {
        office.refers(office.leg("100"), to);
        assert_eq!(
            office.last("100").transfers,
            vec![TransferProgress::Failed(Cause::Forbidden); told]
        );
    }
    assert!(office.is_in_a_call("100"));
    let mut office = Office::talking();
    office.refers(office.leg("101"), to);
    office.refers(office.leg("101"), to);
    assert_eq!(
        office.last("101").transfers,
        [TransferProgress::Failed(Cause::Forbidden)],
        "one at a time"
    );
}

/// XF-08: many phones hang up as soon as the transfer was accepted.
#[test]
fn a_phone_that_transferred_need_not_wait() {
    let mut office = Office::talking();
    let to = TransferTo::Number(number("102"));
    office.refers(office.leg("101"), to).hangs_up("101");
    office.rings("102").answers("102");
    assert!(office.talk("100", "102"));
    office.hangs_up("102");
    assert!(office.is_quiet());
    assert_eq!(office.record().callee, number("101"));
}

/// XF-08 XF-09
#[test]
fn a_phone_with_two_calls_connects_them() {
    for holds in [true, false] {
        let mut office = Office::talking();
        let first = office.leg("101");
        if holds {
            office.holds("101");
        }
        office.dials("101", "102").rings("102");
        let second = office.leg("101");
        assert_ne!(first, second);
        if holds {
            office.answers("102");
        }
        office.refers(first, TransferTo::Leg(second));
        office.answers("102");
        assert!(office.talk("100", "102"));
        assert!(!office.is_in_a_call("101"));
        assert_eq!(office.phone(first).transfers, [TransferProgress::Done]);
        assert_eq!(office.last("100").shown.number, Some(number("102")));
        assert_eq!(office.last("102").shown.number, Some(number("100")));
        office.hangs_up("100");
        assert!(office.is_quiet());
        let record = office.record();
        assert_eq!(
            (record.caller.as_str(), record.callee),
            ("100", number("101"))
        );
        assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
    }
}

/// Nobody can take part in a conversation that is not his.
#[test]
fn a_phone_cannot_transfer_into_somebody_else_s_call() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| extension.call_waiting = true);
    });
    office.dials("102", "103").answers("103");
    let (own, others) = (office.leg("101"), office.leg("103"));
    for leg in [own, others, office.leg("100")] {
        office.refers(own, TransferTo::Leg(leg));
        let told = office.phone(own).transfers.last();
        assert_eq!(told, Some(&TransferProgress::Failed(Cause::NotFound)));
    }
    assert!(office.talk("100", "101") && office.talk("102", "103"));
    office.replaces("100", others);
    assert_eq!(office.heard("100"), "N-07");
    assert!(office.talk("102", "103"));
}
