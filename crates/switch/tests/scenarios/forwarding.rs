//! Forwarding: where a call goes that its callee does not take.

use crate::office::{Office, number, seconds, set};
use model::ForwardWhen::{Always, Busy, NoAnswer};
use model::{CallType, Cause, FinalCallee, ForwardWhen, Number};

/// CF-01, IX-01
#[test]
fn all_calls_are_forwarded_whatever_the_state() {
    type Before = fn(&mut Office);
    let states: [(&str, Before); 4] = [
        ("free", |_| {}),
        ("in a call", |office| {
            office.dials("101", "103").answers("103");
        }),
        ("away", |office| {
            office.unregisters("101");
        }),
        ("not to be disturbed", |office| {
            office.reconfigures(|directory| {
                set(directory, "101", |extension| {
                    extension.do_not_disturb = true
                });
            });
        }),
    ];
    for (state, before) in states {
        let mut office = Office::new();
        forwards(&mut office, "101", Always, "102");
        before(&mut office);
        office.dials("100", "101").rings("102");
        assert!(!office.log_has_ring("101"), "{state}");
        assert_eq!(office.last("102").forwarded_by, ["101"]);
        assert_eq!(office.last("102").shown.number, Some(number("100")));
        assert_eq!(office.last("100").shown.name, "王五");
        office.answers("102");
        assert!(office.talk("100", "102"), "{state}");
    }
}

/// CFW-03 CFW-02
#[test]
fn what_is_not_active_forwards_nothing() {
    for (enabled, active) in [(false, true), (true, false), (false, false)] {
        let mut office = Office::new();
        forwards(&mut office, "101", Always, "102");
        office.reconfigures(|directory| {
            set(directory, "101", |extension| {
                (extension.forwarding.enabled, extension.forwarding.active) = (enabled, active);
            });
        });
        office.dials("100", "101");
        assert!(office.is_in_a_call("101"));
    }
}

/// CF-08, manual §2.10: what is set while the phone rings is for the next call.
#[test]
fn forwarding_must_be_set_beforehand() {
    let mut office = Office::new();
    office.dials("100", "101").rings("101");
    forwards(&mut office, "101", Always, "102");
    office.answers("101");
    assert!(office.talk("100", "101"));
    office.hangs_up("100");
    office.dials("100", "101").rings("102");
}

/// CF-06: in a call, calling, refused by hand, all phones declined (IX-23), do-not-disturb (§1.3 step 4).
#[test]
fn calls_while_busy_are_forwarded() {
    type Before = fn(&mut Office);
    let ways: [(&str, Before, Before); 5] = [
        (
            "talking",
            |office| {
                office.dials("101", "103").answers("103");
            },
            |_| {},
        ),
        (
            "calling",
            |office| {
                office.dials("101", "103");
            },
            |_| {},
        ),
        (
            "refuses",
            |_| {},
            |office| {
                office.fails("101", Cause::Busy);
            },
        ),
        (
            "declines",
            |_| {},
            |office| {
                office.fails("101", Cause::Declined);
            },
        ),
        (
            "not to be disturbed",
            |office| {
                office.reconfigures(|directory| {
                    set(directory, "101", |extension| {
                        extension.do_not_disturb = true
                    });
                });
            },
            |_| {},
        ),
    ];
    for (way, before, after) in ways {
        let mut office = Office::new();
        forwards(&mut office, "101", Busy, "102");
        before(&mut office);
        office.dials("100", "101");
        after(&mut office);
        assert!(office.is_in_a_call("102"), "{way}");
        office.answers("102");
        assert!(office.talk("100", "102"), "{way}");
    }
    let mut office = Office::new();
    forwards(&mut office, "101", Busy, "102");
    office.dials("100", "101").rings("101").passes(seconds(30));
    assert_eq!(office.heard("100"), "N-04", "not answered is not busy");
    office
        .hears_it_out("100")
        .unregisters("101")
        .dials("100", "101");
    assert!(office.heard("100").ends_with("N-02"), "nor is away");
}

/// CF-07: after exactly the ring time; at once when no phone can be rung; the caller hears one ringing.
#[test]
fn calls_not_answered_are_forwarded() {
    let mut office = Office::new();
    forwards(&mut office, "101", NoAnswer, "102");
    office.dials("100", "101").rings("101").passes(seconds(29));
    assert!(office.is_in_a_call("101") && !office.is_in_a_call("102"));
    office.passes(seconds(1)).rings("102");
    assert_eq!(office.last("101").ended, Some(Cause::NoAnswer));
    assert_eq!(office.last("100").alerted, 1);
    assert_eq!(office.heard("100"), "");
    office.answers("102").hangs_up("102");
    let record = office.record();
    assert_eq!(record.callee, number("101"));
    assert_eq!(record.final_callee, FinalCallee::Number(number("102")));
    assert_eq!(record.extensions, ["100", "101", "102"].map(number));

    office.unregisters("101").dials("100", "101");
    assert!(office.is_in_a_call("102"), "at once");
}

/// CFW-07, CFW-08: each case has a number of its own.
#[test]
fn busy_and_not_answered_may_lead_to_different_numbers() {
    let mut office = Office::new();
    forwards(&mut office, "101", Busy, "102");
    forwards(&mut office, "101", NoAnswer, "103");
    office.dials("100", "101").passes(seconds(30));
    assert!(office.is_in_a_call("103"));
    office
        .hangs_up("100")
        .dials("100", "101")
        .fails("101", Cause::Busy);
    assert!(office.is_in_a_call("102"));
}

/// CF-12: the target's own forwarding applies.
#[test]
fn a_call_is_forwarded_on() {
    let mut office = Office::new();
    forwards(&mut office, "101", Always, "102");
    forwards(&mut office, "102", NoAnswer, "103");
    office
        .dials("100", "101")
        .passes(seconds(30))
        .answers("103");
    assert!(office.talk("100", "103"));
    assert_eq!(office.last("103").forwarded_by, ["101", "102"]);
}

/// CF-11: both forward to each other; to themselves; five hops.
#[test]
fn forwarding_in_circles_ends() {
    let mut office = Office::new();
    forwards(&mut office, "101", Always, "102");
    forwards(&mut office, "102", Always, "101");
    office.dials("100", "101");
    assert_eq!(office.heard("100"), "N-02");
    office.hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::Unavailable));

    forwards(&mut office, "101", Always, "101");
    office.dials("100", "101");
    assert!(office.heard("100").ends_with("N-02"), "to itself");
    office.hears_it_out("100");

    let mut office = Office::new();
    forwards(&mut office, "101", NoAnswer, "102");
    forwards(&mut office, "102", NoAnswer, "101");
    office.dials("100", "101").passes(seconds(60));
    assert_eq!(office.heard("100"), "N-04", "each has rung once");
    office.hears_it_out("100");
    assert!(office.is_quiet());
}

/// CF-11, §1.3 step 8
#[test]
fn a_call_is_forwarded_five_times_and_no_more() {
    let mut office = Office::with(|directory| {
        for n in 1..=8 {
            let mut extension = directory.extensions[&number("101")].as_ref().clone();
            extension.number = number(&format!("20{n}"));
            let next = number(&format!("20{}", n + 1));
            extension.forwarding.set(Always, Some(next));
            directory
                .extensions
                .insert(extension.number, extension.into());
        }
        set(directory, "208", |extension| {
            extension.forwarding = model::Forwarding::default();
        });
    });
    office.dials("100", "203").answers("208");
    assert_eq!(office.last("208").forwarded_by.len(), 5);
    office.hangs_up("100").dials("100", "202");
    assert_eq!(office.heard("100"), "N-02");
}

/// CF-15
#[test]
fn whom_calls_are_forwarded_to_still_reaches_who_forwards_them() {
    let mut office = Office::new();
    forwards(&mut office, "101", Always, "102");
    office.dials("102", "101").answers("101");
    assert!(office.talk("102", "101"));
}

/// CF-04 CF-13, CDR-04: with the rights of who forwards, and the caller's own number shown.
#[test]
fn a_call_is_forwarded_outside() {
    let mut office = Office::with_lines();
    forwards(&mut office, "100", Always, "913912345678");
    office.calls_from_outside("02885337106", "02885337100");
    let mobile = office.last("13912345678");
    assert_eq!(mobile.trunk, "carrier");
    assert_eq!(mobile.shown.number, Some(number("02885337106")));
    assert_eq!(mobile.forwarded_by, ["100"]);
    office.answers("13912345678");
    assert!(office.talk("02885337106", "13912345678"));
    office.hangs_up("02885337106");
    let record = office.record();
    assert_eq!(record.call_type, CallType::Inbound);
    assert_eq!(record.extensions, [number("100")]);
    assert_eq!(
        record.final_callee,
        FinalCallee::Number(number("913912345678"))
    );
}

/// CF-04, IX-11, SI-12: rights are asked for at each call; nobody is forwarded to the police, or to a code.
#[test]
fn a_target_that_its_owner_may_not_call_is_none() {
    for to in ["913912345678", "110", "*74", "9999"] {
        let mut office = Office::with_lines();
        forwards(&mut office, "101", Always, to);
        office.reconfigures(|directory| {
            set(directory, "101", |extension| {
                extension.outbound_routes.clear()
            });
        });
        office.dials("100", "101");
        assert_eq!(office.heard("100"), "N-02", "{to}");
        office.hears_it_out("100");

        forwards(&mut office, "101", NoAnswer, to);
        office.reconfigures(|directory| {
            set(directory, "101", |extension| {
                extension.forwarding.always = None
            });
        });
        office.dials("100", "101").passes(seconds(30));
        assert!(office.heard("100").ends_with("N-04"), "{to}");
        office.hears_it_out("100");
        assert!(office.is_quiet());
    }
}

/// Somebody who is looked for outside and not found is not a reason to call the wrong people.
#[test]
fn a_busy_target_outside_is_busy() {
    let mut office = Office::with_lines();
    forwards(&mut office, "101", Always, "913912345678");
    office.dials("100", "101").fails("13912345678", Cause::Busy);
    assert_eq!(office.heard("100"), "N-03");
    office.hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::Busy));
}

pub(crate) fn forwards(office: &mut Office, by: &str, when: ForwardWhen, to: &str) {
    office.reconfigures(|directory| {
        set(directory, by, |extension| {
            extension.forwarding.set(when, Number::parse(to).ok());
        });
    });
}
