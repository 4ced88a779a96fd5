//! Follow-me (一号通).

use crate::forwarding::forwards;
use crate::office::{Office, number, seconds, set};
use model::{Cause, FinalCallee, FollowMe, FollowStep, ForwardWhen};

/// FM-01 FM-02 FM-06 FM-10: own 15 s, 101 10 s, 102 20 s, 103 30 s, then the end.
#[test]
fn the_numbers_of_the_list_ring_one_after_another() {
    let mut office = Office::new();
    follows(
        &mut office,
        "100",
        15,
        &[("101", 10), ("102", 20), ("103", 30)],
    );
    office.reconfigures(|directory| {
        let mut extension = directory.extensions[&number("100")].as_ref().clone();
        extension.number = number("200");
        extension.follow_me = FollowMe::default();
        directory.extensions.insert(number("200"), extension.into());
    });
    office.dials("200", "100").rings("100");
    let mut ringing = Vec::new();
    for second in 0..=76 {
        let rings: Vec<_> = ["100", "101", "102", "103"]
            .into_iter()
            .filter(|party| office.is_in_a_call(party))
            .collect();
        assert!(rings.len() <= 1, "one at a time: {rings:?}");
        let rings = rings.first().copied().unwrap_or("nobody");
        if ringing.last().is_none_or(|&(_, party)| party != rings) {
            ringing.push((second, rings));
            if rings != "nobody" && rings != "100" {
                office.rings(rings);
                assert_eq!(office.last(rings).shown.number, Some(number("200")));
                assert_eq!(office.last(rings).forwarded_by, ["100"]);
            }
        }
        office.passes(seconds(1));
    }
    let expected = [
        (0, "100"),
        (15, "101"),
        (25, "102"),
        (45, "103"),
        (75, "nobody"),
    ];
    assert_eq!(ringing, expected);
    assert_eq!(office.last("200").alerted, 1, "one ringing for the caller");
    assert_eq!(office.heard("200"), "FM-04");
    office.hears_it_out("200");
    assert_eq!(office.last("200").ended, Some(Cause::NoAnswer));
    assert!(office.is_quiet());
}

/// FM-07
#[test]
fn who_answers_ends_the_search() {
    let mut office = Office::new();
    follows(&mut office, "101", 15, &[("102", 10), ("103", 10)]);
    office
        .dials("100", "101")
        .passes(seconds(24))
        .answers("102");
    assert!(office.talk("100", "102"));
    office.passes(seconds(60)).hangs_up("100");
    assert!(!office.log_has_ring("103"));
    assert_eq!(
        office.record().final_callee,
        FinalCallee::Number(number("102"))
    );
}

/// FM-09: busy, refused, away and not-to-be-disturbed ones take no time.
#[test]
fn who_cannot_be_rung_is_passed_over_at_once() {
    let mut office = Office::new();
    follows(
        &mut office,
        "100",
        15,
        &[("101", 10), ("102", 10), ("103", 10)],
    );
    office
        .unregisters("100")
        .unregisters("101")
        .dials("102", "100");
    assert!(office.is_in_a_call("103"), "100, 101 are away, 102 calls");
    office.fails("103", Cause::Busy);
    assert_eq!(office.heard("102"), "FM-04");
    office.hears_it_out("102");
    assert!(office.is_quiet());

    office.registers("101").reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.do_not_disturb = true
        });
    });
    office.dials("103", "100");
    assert!(office.is_in_a_call("102"), "101 is not to be disturbed");
    office.fails("102", Cause::Declined);
    assert_eq!(office.heard("103"), "en:FM-04");
}

/// FM-05
#[test]
fn a_list_that_is_off_is_ignored() {
    let mut office = Office::new();
    follows(&mut office, "101", 15, &[("102", 10)]);
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.follow_me.enabled = false
        });
    });
    office.dials("100", "101").passes(seconds(29));
    assert!(office.is_in_a_call("101"), "for its own ring time");
    office.passes(seconds(1));
    assert_eq!(office.heard("100"), "N-04");
}

/// FM-02: no time at all for the own phone.
#[test]
fn the_own_phone_may_be_left_out() {
    let mut office = Office::new();
    follows(&mut office, "101", 0, &[("102", 10)]);
    office.dials("100", "101");
    assert!(office.is_in_a_call("102") && !office.log_has_ring("101"));
}

/// §1.3 step 7: forwarding comes first, and then the own ring time counts.
#[test]
fn forwarding_when_not_answered_comes_before_the_list() {
    let mut office = Office::new();
    follows(&mut office, "101", 15, &[("102", 10)]);
    forwards(&mut office, "101", ForwardWhen::NoAnswer, "103");
    office.dials("100", "101").passes(seconds(29));
    assert!(office.is_in_a_call("101"));
    office.passes(seconds(1));
    assert!(office.is_in_a_call("103") && !office.is_in_a_call("102"));
}

/// FM-08 FM-11: a mobile's mailbox presses no key.
#[test]
fn who_answers_outside_is_asked_whether_he_wants_the_call() {
    let mut office = Office::with_lines();
    follows(&mut office, "101", 15, &[("913912345678", 20), ("102", 10)]);
    office.dials("100", "101").rings("101").passes(seconds(15));
    let mobile = "13912345678";
    assert_eq!(office.last(mobile).trunk, "carrier");
    assert_eq!(office.last(mobile).forwarded_by, ["101"]);
    assert_eq!(
        office.last(mobile).shown.number,
        Some(number("02885337100"))
    );
    office.sends_early_media(mobile);
    assert!(!office.hears("100", mobile), "he hears ringing");
    office.answers(mobile);
    assert_eq!(office.heard(mobile), "FM-02 D-1 D-0 D-0 FM-03");
    assert!(!office.hears("100", mobile));
    assert_eq!(office.last("100").answered, 0);
    office.types(mobile, "1");
    assert!(office.talk("100", mobile));
    office.hangs_up("100");
    assert_eq!(
        office.record().final_callee,
        FinalCallee::Number(number("913912345678"))
    );
    assert!(office.is_quiet());
}

/// FM-08
#[test]
fn who_refuses_or_presses_nothing_is_passed_over() {
    let mobile = "13912345678";
    let begin = || {
        let mut office = Office::with_lines();
        follows(&mut office, "103", 0, &[("913912345678", 20), ("102", 10)]);
        office.dials("100", "103").answers(mobile);
        office
    };
    let mut office = begin();
    office.types(mobile, "2");
    assert!(office.last(mobile).ended.is_some() && office.is_in_a_call("102"));

    let mut office = begin();
    for _ in 0..3 {
        assert!(office.is_in_a_call(mobile));
        assert!(office.last(mobile).heard.concat().starts_with("en:FM-02"));
        office.hears_it_out(mobile).passes(seconds(5));
    }
    assert!(office.last(mobile).ended.is_some() && office.is_in_a_call("102"));

    let mut office = begin();
    office.types(mobile, "7");
    assert!(office.heard(mobile).contains("N-10"), "a wrong key");
    office.types(mobile, "1");
    assert!(office.talk("100", mobile));

    let mut office = begin();
    office.hangs_up(mobile);
    assert!(office.is_in_a_call("102"), "he hangs up");

    let mut office = begin();
    office.hangs_up("100");
    assert!(office.is_quiet(), "the caller gives up");
}

/// FM-01: a number is tried on each trunk before the next number.
#[test]
fn a_number_outside_is_tried_on_each_trunk() {
    let mut office = Office::with_lines();
    follows(&mut office, "101", 0, &[("913912345678", 20)]);
    office
        .dials("100", "101")
        .fails("13912345678", Cause::Congestion);
    assert_eq!(office.last("13912345678").trunk, "spare");
    office.fails("13912345678", Cause::Congestion);
    assert_eq!(office.heard("100"), "FM-04");
}

/// FM-10: at every step.
#[test]
fn a_caller_who_gives_up_stops_the_search() {
    for passed in [0, 15, 25] {
        let mut office = Office::new();
        follows(&mut office, "101", 15, &[("102", 10), ("103", 10)]);
        office.dials("100", "101").passes(seconds(passed));
        office.hangs_up("100");
        assert!(office.is_quiet(), "after {passed} s");
    }
}

/// CF-15 likewise: who looks for somebody is not looked up.
#[test]
fn the_caller_is_not_rung_himself() {
    let mut office = Office::new();
    follows(
        &mut office,
        "101",
        0,
        &[("100", 10), ("102", 10), ("101", 10)],
    );
    office.dials("100", "101");
    assert!(office.is_in_a_call("102"));
    office.passes(seconds(10));
    assert_eq!(office.heard("100"), "FM-04", "nor the owner again");
}

fn follows(office: &mut Office, owner: &str, own: u64, steps: &[(&str, u64)]) {
    let steps = steps.iter().map(|(to, time)| FollowStep {
        number: number(to),
        time: seconds(*time),
    });
    let follow_me = FollowMe {
        enabled: true,
        ring_time: seconds(own),
        steps: steps.collect(),
    };
    office.reconfigures(|directory| {
        set(directory, owner, |extension| {
            extension.follow_me = follow_me
        });
    });
}
