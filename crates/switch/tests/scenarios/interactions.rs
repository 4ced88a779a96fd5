//! Ways of calls that meet other features.

use crate::forwarding::forwards;
use crate::office::{Office, number, seconds, set};
use model::ForwardWhen::{Always, Busy, NoAnswer};
use model::{Cause, FinalCallee, FollowMe, FollowStep};

/// IX-01: forwarding, do-not-disturb and a mailbox, all at once.
#[test]
fn forwarding_comes_before_do_not_disturb_and_mailbox() {
    let mut office = Office::new();
    forwards(&mut office, "101", Always, "102");
    forwards(&mut office, "101", Busy, "103");
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = true;
            extension.voicemail = true;
        });
    });
    office.dials("100", "101").answers("102");
    assert!(office.talk("100", "102"));
    office.hangs_up("100").reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.forwarding.always = None
        });
    });
    office.dials("100", "101").answers("103");
    assert!(office.talk("100", "103"), "do-not-disturb is busy");
}

/// IX-03: a call that rings at its second place is picked up there, by that place's department.
#[test]
fn a_forwarded_call_is_picked_up_where_it_rings() {
    let mut office = Office::new();
    forwards(&mut office, "101", NoAnswer, "102");
    office.dials("100", "101").passes(seconds(30));
    office.dials("103", "**101");
    assert!(!office.talk("100", "103"), "it rings there no more");
    office.hangs_up("103").dials("103", "**102");
    assert!(office.talk("100", "103"));
    assert_eq!(office.last("102").ended, Some(Cause::AnsweredElsewhere));
    office.hangs_up("103");
    let record = office
        .records
        .iter()
        .find(|record| record.callee == number("101"));
    let record = record.expect("it was written down");
    assert_eq!(
        record.final_callee,
        FinalCallee::Number(number("103")),
        "CDR-06"
    );
}

/// IX-04
#[test]
fn the_second_place_of_follow_me_is_picked_up() {
    let mut office = Office::new();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.follow_me = FollowMe {
                enabled: true,
                ring_time: seconds(5),
                steps: vec![FollowStep {
                    number: number("102"),
                    time: seconds(20),
                }],
            };
        });
    });
    office.dials("100", "101").passes(seconds(5)).rings("102");
    office.dials("103", "**102");
    assert!(office.talk("100", "103"));
    office.passes(seconds(60)).hangs_up("100");
    assert!(office.is_quiet());
}

/// IX-11: whoever is transferred to an extension goes no further than that extension may call.
#[test]
fn a_transfer_to_who_forwards_outside_without_the_right_comes_to_nothing() {
    let mut office = Office::with_lines();
    forwards(&mut office, "102", Always, "913912345678");
    office.reconfigures(|directory| {
        set(directory, "102", |extension| {
            extension.outbound_routes.clear()
        });
    });
    office.dials("100", "101").answers("101");
    office.types("101", "#").types("101", "102#");
    assert!(!office.is_in_a_call("13912345678"));
    assert!(
        office.heard("100").ends_with("N-02"),
        "{}",
        office.heard("100")
    );
}

/// IX-12: who is on the blacklist is refused when he calls, not when somebody else brings him.
#[test]
fn a_blacklisted_number_can_be_called_and_transferred() {
    let mut office = Office::with_lines();
    office
        .dials("101", "*7585337106")
        .saves()
        .hears_it_out("101");
    office
        .reconfigures(|directory| directory.system.outbound_call_features = true)
        .dials("100", "985337106")
        .answers("85337106");
    assert!(office.talk("100", "85337106"));
    office.types("100", "#").types("100", "101#").answers("101");
    assert!(office.talk("101", "85337106"));
}

/// XF-11, P-09: from outside to outside only with the rights of an extension, and no longer than the route allows.
#[test]
fn a_caller_from_outside_is_transferred_outside_with_the_rights_of_who_does_it() {
    for allowed in [true, false] {
        let mut office = Office::with_lines();
        office.reconfigures(|directory| {
            crate::office::set_route(directory, 0, |route| {
                route.max_minutes = std::num::NonZeroU32::new(2);
            });
            if !allowed {
                set(directory, "100", |extension| {
                    extension.outbound_routes.clear()
                });
            }
        });
        office
            .calls_from_outside("13912345678", "02885337100")
            .answers("100");
        office.types("100", "#").types("100", "985337106#");
        assert_eq!(office.is_in_a_call("85337106"), allowed);
        if !allowed {
            assert!(office.talk("100", "13912345678") || office.is_in_a_call("100"));
            continue;
        }
        let outside = office.last("85337106");
        assert_eq!(outside.shown.number, Some(number("13912345678")));
        assert_eq!(outside.forwarded_by, ["100"]);
        assert_eq!(office.last("13912345678").answered, 1);
        office.answers("85337106").passes(seconds(119));
        assert!(office.talk("13912345678", "85337106"));
        office.passes(seconds(1));
        assert!(office.is_quiet(), "the route's time is over");
    }
}

/// P-09: keys for a bank's menu go out as they are.
#[test]
fn keys_pressed_on_a_call_outside_are_for_the_outside() {
    let mut office = Office::with_lines();
    office.dials("100", "985337106").answers("85337106");
    office.types("100", "*4#*2101#");
    assert_eq!(office.last("85337106").keys_received, "*4#*2101#");
    assert!(office.talk("100", "85337106"));
}

/// IX-22 IX-25: whoever the call is on its way to may vanish from the site.
#[test]
fn an_extension_deleted_while_it_rings_is_rung_in_vain() {
    let mut office = Office::new();
    forwards(&mut office, "101", NoAnswer, "102");
    office.dials("100", "101").rings("101");
    office.reconfigures(|directory| {
        directory.extensions.remove(&number("101"));
    });
    office.passes(seconds(30));
    assert_eq!(office.heard("100"), "N-04");
    office.hears_it_out("100");
    assert!(office.is_quiet());
}
