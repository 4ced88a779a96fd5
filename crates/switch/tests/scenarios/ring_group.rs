//! Ring groups: several extensions behind one number.

use crate::forwarding::forwards;
use crate::office::{Office, number, seconds, set};
use model::RingStrategy::{All, Linear};
use model::{
    CallStatus, Cause, Destination, Directory, FinalCallee, ForwardWhen, InboundRoute, RingGroup,
    RingStrategy,
};
use std::sync::Arc;

/// AD-03: the first to answer takes the call, and the others stop to ring.
#[test]
fn all_members_ring_and_the_first_to_answer_takes_the_call() {
    let mut office = Office::new();
    group(&mut office, All, &["101", "102", "103"], "");
    office.dials("100", "630");
    assert_eq!(office.last("100").shown.name, "sales");
    for member in ["101", "102", "103"] {
        assert_eq!(office.last(member).shown.number, Some(number("100")));
        office.rings(member);
    }
    assert_eq!(office.last("100").alerted, 1, "one ringing for the caller");
    office.answers("102");
    assert!(office.talk("100", "102"));
    for other in ["101", "103"] {
        assert_eq!(office.last(other).ended, Some(Cause::AnsweredElsewhere));
    }
    office.passes(seconds(60)).hangs_up("100");
    assert!(office.is_quiet());
    let record = office.record();
    assert_eq!(record.callee, number("630"));
    assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(
        record.extensions,
        ["100", "101", "102", "103"].map(number),
        "CDR-14"
    );
}

/// AD-03: each for the group's time, from outside too.
#[test]
fn members_ring_one_after_another() {
    let mut office = Office::new();
    group(&mut office, Linear, &["101", "102", "103"], "");
    way_in(&mut office);
    office
        .calls_from_outside("13912345678", "5551000")
        .rings("101");
    assert!(!office.is_in_a_call("102") && !office.is_in_a_call("103"));
    office.passes(seconds(20));
    assert!(!office.is_in_a_call("101") && office.is_in_a_call("102"));
    office.fails("102", Cause::Declined).restarts();
    assert!(office.is_in_a_call("103"), "who refuses takes no time");
    office.answers("103");
    assert!(office.talk("13912345678", "103"));
    office.hangs_up("103");
    assert!(office.is_quiet());
}

/// AD-03: busy, away and not to be disturbed; who rings at home rings nowhere else.
#[test]
fn who_cannot_be_rung_is_passed_over_and_nobodys_own_forwarding_counts() {
    let mut office = Office::new();
    group(&mut office, All, &["100", "101", "102", "103"], "");
    forwards(&mut office, "103", ForwardWhen::Always, "102");
    office
        .reconfigures(|directory| set(directory, "101", |own| own.do_not_disturb = true))
        .unregisters("102")
        .dials("100", "630");
    assert!(office.is_in_a_call("103"));
    for other in ["100", "101", "102"] {
        assert!(!office.log_has_ring(other), "{other}");
    }
    office.fails("103", Cause::Busy);
    assert_eq!(office.heard("100"), "N-03");
    office.hears_it_out("100");
    assert!(office.is_quiet());
    // Nobody is free at all.
    office
        .dials("103", "*43")
        .dials("100", "630")
        .hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::Busy));
}

/// AD-03: what follows when nobody answers, and that it does not go in circles.
#[test]
fn a_call_that_nobody_takes_goes_on() {
    for strategy in [All, Linear] {
        let mut office = Office::new();
        group(&mut office, strategy, &["101"], "102");
        office.dials("100", "630").rings("101").passes(seconds(20));
        assert_eq!(office.last("101").ended, Some(Cause::NoAnswer));
        office.answers("102");
        assert!(office.talk("100", "102"));

        let mut circle = Office::new();
        group(&mut circle, strategy, &["101"], "630");
        circle.dials("100", "630");
        for _ in 0..6 {
            assert!(circle.is_in_a_call("101"));
            circle.passes(seconds(20));
        }
        assert!(!circle.is_in_a_call("101"), "five times are enough");
        assert_eq!(circle.heard("100"), "N-02");
    }
}

/// PU-01 PU-02 PU-03
#[test]
fn a_call_of_a_group_is_picked_up() {
    for code in ["*8", "**101"] {
        let mut office = Office::new();
        group(&mut office, All, &["101", "102"], "");
        office.reconfigures(|directory| {
            for own in ["101", "103"] {
                set(directory, own, |own| {
                    own.departments.insert("sales".into());
                });
            }
        });
        office.dials("100", "630").rings("101").rings("102");
        office.dials("103", code);
        assert!(office.talk("100", "103"), "{code}");
        assert!(!office.is_in_a_call("101") && !office.is_in_a_call("102"));
        office.hangs_up("100");
        assert!(office.is_quiet());
    }
}

/// Both at once, and every way to leave.
#[test]
fn whoever_hangs_up_while_a_group_rings_leaves_nothing_behind() {
    let mut office = Office::new();
    group(&mut office, All, &["101", "102"], "");
    office.dials("100", "630").rings("101").hangs_up("100");
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
    assert_eq!(office.record().status, CallStatus::NoAnswer);

    office.dials("100", "630");
    let (one, other) = (office.leg("101"), office.leg("102"));
    for leg in [one, other] {
        office.give(model::Input::Leg(leg, model::LegEvent::Answered));
    }
    assert!(office.talk("100", "101"), "the first who answers");
    assert!(!office.is_in_a_call("102"));
    office
        .hangs_up("101")
        .dials("100", "630")
        .vanishes("101")
        .vanishes("102");
    assert_eq!(office.heard("100"), "N-02");
}

/// XF-03 XF-06: asked before the transfer, it comes back when nobody answers, and goes nowhere else.
#[test]
fn a_group_is_asked_before_a_call_is_transferred_to_it() {
    let mut office = Office::talking();
    group(&mut office, All, &["102", "103"], "100");
    office.types("101", "*2").types("101", "630#").rings("102");
    assert!(office.hears_music("100"));
    office.answers("103");
    assert!(office.talk("101", "103"));
    office.hangs_up("101");
    assert!(office.talk("100", "103"));
    office.hangs_up("100");
    assert!(office.is_quiet());
    let mut office = Office::talking();
    group(&mut office, All, &["102", "103"], "100");
    office
        .types("101", "*2")
        .types("101", "630#")
        .passes(seconds(20));
    assert!(office.heard("101").ends_with("XF-04"));
    assert!(office.talk("100", "101"));
}

/// AD-03: what `bellwire explain` says of it.
#[test]
fn a_group_is_explained_member_by_member() {
    let mut office = Office::new();
    group(&mut office, All, &["101", "102"], "103");
    office.unregisters("102");
    let asked = switch::Asked {
        from: model::Origin::Extension(number("100")),
        caller: None,
        dialled: number("630"),
        at: None,
    };
    let lines = office.switch.explain(&asked);
    assert_eq!(
        lines[..6],
        [
            "630 is a ring group",
            "  101 is rung for 20 s",
            "  102 is passed over",
            "if nobody answers:",
            "  103 is an extension, Eve",
            "  the phones of 103 ring for 30 s",
        ]
    );
}

/// A ring group 630, `sales`, that rings for 20 s.
fn group(office: &mut Office, strategy: RingStrategy, members: &[&str], then: &str) {
    office.reconfigures(|directory| {
        let group = RingGroup {
            number: number("630"),
            name: "sales".into(),
            members: members.iter().map(|member| number(member)).collect(),
            strategy,
            ring_time: seconds(20),
            then: model::Number::parse(then).ok(),
        };
        directory.ring_groups.insert(group.number, Arc::new(group));
    });
}

fn way_in(office: &mut Office) {
    office.reconfigures(|directory: &mut Directory| {
        directory.inbound_routes.push(Arc::new(InboundRoute {
            trunk: "carrier".into(),
            number: None,
            caller: String::new(),
            to: Destination::Number(number("630")),
        }));
    });
}
