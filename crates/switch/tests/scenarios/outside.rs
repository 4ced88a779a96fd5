//! Calls that go out on trunks, and calls that come in on them.

use crate::office::{Office, number, route, seconds, set, set_route, set_trunk};
use model::{
    Blacklisted, CallStatus, CallType, Cause, Destination, Fact, FinalCallee, InboundRoute, Input,
    OpenHours, Wall,
};
use std::num::NonZeroU32;
use std::sync::Arc;

/// AD-07, CF-04, CDR-06
#[test]
fn nine_and_a_number_goes_out() {
    let mut office = Office::with_lines();
    office.dials("100", "985337106");
    assert_eq!(office.last("85337106").trunk, "carrier");
    assert_eq!(office.last("100").alerted, 0);
    office.rings("85337106");
    assert_eq!(office.last("100").alerted, 1);
    office.answers("85337106");
    assert!(office.talk("100", "85337106"));
    office.hangs_up("85337106");
    assert!(office.is_quiet());
    let record = office.record();
    assert_eq!(record.call_type, CallType::Outbound);
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(record.callee, number("985337106"));
    assert_eq!(
        record.final_callee,
        FinalCallee::Number(number("985337106"))
    );
}

/// SI-04: what the provider says before an answer is heard.
#[test]
fn an_announcement_of_the_provider_is_heard() {
    let mut office = Office::with_lines();
    office
        .dials("100", "985337106")
        .sends_early_media("85337106");
    assert!(office.hears("100", "85337106"));
    office.types("100", "1").answers("85337106");
    assert_eq!(office.last("85337106").keys_received, "1");
    assert!(office.talk("100", "85337106"));
}

/// AD-07: the extension's own number, else the trunk's first.
#[test]
fn outside_a_number_of_the_outside_is_shown() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| {
            extension.caller_id = Some(number("02885337101"));
        });
    });
    office.dials("100", "985337106").dials("101", "985337107");
    let shown = |party: &str| office.last(party).shown.clone();
    assert_eq!(shown("85337106").number, Some(number("02885337100")));
    assert_eq!(shown("85337106").name, "张三");
    assert_eq!(shown("85337107").number, Some(number("02885337101")));
}

/// P-11
#[test]
fn a_number_inside_wins_over_a_route() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        let mut extension = directory.extensions[&number("101")].as_ref().clone();
        extension.number = number("985");
        directory
            .extensions
            .insert(number("985"), Arc::new(extension));
    });
    office.registers("985").dials("100", "985").answers("985");
    assert!(office.talk("100", "985"));
}

/// AD-07: order, patterns, rights.
#[test]
fn the_first_route_that_fits_and_may_be_used_is_taken() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        let mut mobiles = route("mobiles", "9");
        mobiles.pattern = String::from("1XXXXXXXXXX");
        mobiles.prepend = String::from("0");
        mobiles.trunks = vec![String::from("spare")];
        directory.outbound_routes.insert(0, Arc::new(mobiles));
        set(directory, "101", |extension| {
            extension.outbound_routes = [String::from("city")].into();
        });
        set(directory, "102", |extension| {
            extension.outbound_routes.clear();
        });
    });
    office.dials("100", "913912345678");
    assert_eq!(office.last("013912345678").trunk, "spare");
    office
        .hangs_up("100")
        .dials("101", "913912345678")
        .answers("13912345678");
    assert_eq!(office.last("13912345678").trunk, "carrier");
    office.dials("102", "985337106");
    assert_eq!(office.heard("102"), "N-07");
    office.hears_it_out("102");
    assert_eq!(office.last("102").ended, Some(Cause::Forbidden));
    office.dials("103", "85337106");
    assert_eq!(office.heard("103"), "en:N-01", "no route begins like that");
}

/// AD-07: a trunk that is down or full is passed over; who is busy is busy on every trunk.
#[test]
fn the_next_trunk_is_tried_when_the_first_gives_no_line() {
    for (cause, is_of_line) in [
        (Cause::Unavailable, true),
        (Cause::Congestion, true),
        (Cause::Failed, true),
        (Cause::Busy, false),
        (Cause::Declined, false),
        (Cause::NotFound, false),
        (Cause::NoAnswer, false),
    ] {
        let mut office = Office::with_lines();
        office.dials("100", "985337106").fails("85337106", cause);
        assert_eq!(office.is_in_a_call("85337106"), is_of_line, "{cause:?}");
        if is_of_line {
            assert_eq!(office.last("85337106").trunk, "spare");
            office.fails("85337106", cause);
        }
        assert!(!office.is_in_a_call("85337106"), "no third trunk");
        let prompt = match cause {
            Cause::Unavailable | Cause::Congestion => "N-06",
            Cause::Failed => "N-25",
            Cause::NotFound => "N-01",
            Cause::NoAnswer => "N-04",
            _ => "N-03",
        };
        assert_eq!(office.heard("100"), prompt, "{cause:?}");
        office.hears_it_out("100");
        assert!(office.is_quiet());
    }
}

/// AD-07: `max_calls`, in both directions.
#[test]
fn a_trunk_takes_so_many_calls() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        for name in ["carrier", "spare"] {
            set_trunk(directory, name, |trunk| {
                trunk.max_calls = NonZeroU32::new(1);
            });
        }
    });
    office.calls_from_outside("13900000001", "02885337100");
    office.calls_from_outside("13900000002", "02885337100");
    assert_eq!(
        office.last("13900000002").ended,
        Some(Cause::Congestion),
        "refused at once"
    );
    office.dials("101", "985337106").answers("85337106");
    assert_eq!(office.last("85337106").trunk, "spare");
    office.dials("102", "985337107");
    assert_eq!(office.heard("102"), "N-06");
    office.hears_it_out("102");
    assert_eq!(office.last("102").ended, Some(Cause::Congestion));
    office.hangs_up("101").dials("102", "985337107");
    assert_eq!(office.last("85337107").trunk, "spare");
}

/// SI-11: whoever found out one password calls the world no more than so often.
#[test]
fn an_extension_has_so_many_calls_outside() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        directory.system.outside_calls_max = NonZeroU32::new(2);
        directory.system.outside_calls_a_minute = NonZeroU32::new(2);
    });
    office
        .dials("100", "911")
        .dials("100", "91")
        .dials("100", "92")
        .dials("100", "93");
    assert!(office.is_in_a_call("1") && office.is_in_a_call("2"));
    assert_eq!(office.heard("100"), "N-06", "two at a time, 911 aside");
    office.hears_it_out("100").hangs_up("100");
    assert!(!office.is_in_a_call("2"));
    office.dials("100", "94");
    assert_eq!(office.heard("100"), "N-06", "two a minute");
    office.hears_it_out("100").passes(seconds(60));
    office.dials("100", "94");
    assert!(office.is_in_a_call("4"));
    office.dials("101", "95");
    assert!(office.is_in_a_call("5"), "others may");
}

/// SI-12
#[test]
fn emergency_numbers_go_out_whatever_stands_in_the_way() {
    for dialled in ["110", "119", "120", "122", "112", "911", "9110"] {
        let mut office = Office::with_lines();
        office.reconfigures(|directory| {
            for name in ["carrier", "spare"] {
                set_trunk(directory, name, |trunk| {
                    trunk.max_calls = NonZeroU32::new(1);
                });
            }
            set_route(directory, 0, |route| {
                route.open = vec![OpenHours::parse("sun 03:00-03:01").unwrap()];
            });
            directory.system.outside_calls_max = NonZeroU32::new(1);
            set(directory, "100", |extension| {
                extension.outbound_routes.clear();
                extension.do_not_disturb = true;
                extension
                    .forwarding
                    .set(model::ForwardWhen::Always, Some(number("101")));
            });
        });
        office.calls_on("carrier", "13900000001", "02885337100");
        let called = dialled
            .strip_prefix("91")
            .map_or(dialled, |rest| match rest {
                "10" => "110",
                _ => dialled,
            });
        office
            .dials("100", dialled)
            .fails(called, Cause::Congestion);
        assert_eq!(office.last(called).trunk, "spare", "{dialled}");
        office.answers(called);
        assert!(office.talk("100", called), "{dialled}");
    }
}

/// SI-12, DN-05: whoever looks after the house hears of it, and help may call back for half an hour.
#[test]
fn who_called_for_help_is_called_back_although_he_wants_no_calls() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        set(directory, "100", |extension| {
            extension.do_not_disturb = true
        });
    });
    office.calls_from_outside("02885330110", "02885337100");
    assert!(!office.is_in_a_call("100"), "nobody called for help");
    office.hears_it_out("02885330110");
    office.dials("100", "110").answers("110").hangs_up("100");
    let told = office.log.iter().filter(|effect| {
        matches!(effect, model::Effect::Fact(Fact::Emergency { by, number, .. })
            if *by == Some(self::number("100")) && *number == self::number("110"))
    });
    assert_eq!(told.count(), 1);
    office.dials("101", "100");
    assert_eq!(office.heard("101"), "N-05", "not for colleagues");
    office
        .hears_it_out("101")
        .passes(seconds(30 * 60 - 1))
        .restarts();
    office.calls_from_outside("02885330110", "02885337100");
    assert!(office.is_in_a_call("100"));
    office.hangs_up("02885330110").passes(seconds(1));
    office.calls_from_outside("02885330110", "02885337100");
    assert!(!office.is_in_a_call("100"), "that was long ago");
}

/// SI-12: a number inside that is the same is meant first; nobody forwards his calls to the police.
#[test]
fn an_extension_110_is_called_inside() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        let mut extension = directory.extensions[&number("101")].as_ref().clone();
        extension.number = number("110");
        directory
            .extensions
            .insert(number("110"), Arc::new(extension));
    });
    office.registers("110").dials("100", "110");
    assert_eq!(office.last("110").trunk, "");
}

/// AD-07: hours are those of the site's clocks.
#[test]
fn a_route_is_closed_outside_its_hours() {
    // 2018-03-14, a Wednesday, 03:59:59.999 UTC: two hours before noon at UTC+6.
    let before = Wall(1_521_000_000_000 - 1);
    for (zone, hours, goes) in [
        (0, "wed 03:00-04:00", true),
        (0, "wed 04:00-05:00", false),
        (6 * 3_600, "wed 09:00-10:00", true),
        (6 * 3_600, "wed 03:00-04:00", false),
        (-4 * 3_600, "tue 23:00-24:00", true),
        (-4 * 3_600, "wed 00:00-24:00", false),
    ] {
        let mut office = Office::with_lines();
        office.now.wall = before;
        office
            .give(Input::Zone(model::Zone::fixed(zone)))
            .reconfigures(|directory| {
                set_route(directory, 0, |route| {
                    route.open = vec![OpenHours::parse(hours).unwrap()];
                });
            });
        office.dials("100", "985337106");
        assert_eq!(office.is_in_a_call("85337106"), goes, "{zone} {hours}");
        if !goes {
            assert_eq!(office.heard("100"), "N-07");
        }
    }
}

/// AD-07, XF-11: the minutes count from the answer.
#[test]
fn a_call_on_a_route_with_a_limit_ends() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        set_route(directory, 0, |route| route.max_minutes = NonZeroU32::new(3));
    });
    office.dials("103", "985337106").rings("85337106");
    office.passes(seconds(60)).answers("85337106");
    office.passes(seconds(119));
    assert_eq!(office.heard("103"), "");
    office.passes(seconds(1)).restarts();
    assert_eq!(office.heard("103"), "en:N-32");
    assert!(office.talk("103", "85337106"));
    office.passes(seconds(59));
    assert!(office.talk("103", "85337106"));
    office.passes(seconds(1));
    assert!(office.is_quiet());
    assert_eq!(office.record().cause, Cause::Normal);
}

/// DESIGN §11: nobody calls abroad until somebody says where to.
#[test]
fn calls_abroad_are_off_until_countries_are_chosen() {
    let mut office = Office::with_lines();
    for (allowed, dialled, goes) in [
        ("", "90044201234567", false),
        ("+44", "90044201234567", true),
        ("+44", "90012025550123", false),
        ("*", "90012025550123", true),
        ("", "9008613912345678", true),
    ] {
        office.reconfigures(|directory| {
            directory.system.abroad = Some(allowed)
                .filter(|allowed| !allowed.is_empty())
                .map(String::from)
                .into_iter()
                .collect();
        });
        office.dials("100", dialled);
        assert_eq!(
            office.is_in_a_call(&dialled[1..]),
            goes,
            "{allowed} {dialled}"
        );
        if goes {
            office.hangs_up("100");
        } else {
            assert!(office.last("100").heard.concat().contains("N-07"));
            office.hears_it_out("100");
        }
    }
}

/// AD-08
#[test]
fn a_number_called_leads_where_its_route_says() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        for (number, caller, to) in [
            ("02885337101", "", "101"),
            ("", "0139", "102"),
            ("", "", "103"),
        ] {
            directory.inbound_routes.push(Arc::new(InboundRoute {
                trunk: String::from("carrier"),
                number: number_of(number),
                caller: String::from(caller),
                to: Destination::Number(self::number(to)),
            }));
        }
    });
    for (caller, dialled, rings) in [
        ("13900000001", "02885337100", "100"),
        ("13900000001", "+862885337100", "100"),
        ("13900000001", "85337100", "100"),
        ("13900000001", "00862885337101", "101"),
        ("13900000001", "02885337102", "102"),
        ("+8613900000001", "02885337102", "102"),
        ("13800000001", "02885337102", "103"),
        ("anonymous", "02885337102", "103"),
    ] {
        office.calls_from_outside(caller, dialled);
        assert!(office.is_in_a_call(rings), "{caller} {dialled}");
        assert_eq!(office.last(rings).shown.number, number_of(caller));
        office.hangs_up(caller);
    }
    office.calls_on("spare", "13900000001", "02885337100");
    assert_eq!(
        office.heard("13900000001"),
        "N-01",
        "no route of that trunk"
    );
}

/// FC-07
#[test]
fn a_stranger_reaches_neither_codes_nor_the_outside() {
    let mut office = Office::with_lines();
    for dialled in ["*74", "*71985337106", "985337106", "100", "110", "**100"] {
        office.calls_from_outside("13900000001", dialled);
        assert_eq!(office.heard("13900000001"), "N-01", "{dialled}");
        office.hears_it_out("13900000001");
        assert_eq!(office.last("13900000001").ended, Some(Cause::NotFound));
        assert_eq!(office.last("13900000001").answered, 0);
    }
    assert!(office.questions.is_empty());
}

/// BL-01 BL-06 BL-09, §1.3 step 1
#[test]
fn a_blacklisted_caller_is_refused_however_his_number_is_written() {
    for listed in ["02885337106", "+862885337106", "85337106"] {
        for caller in ["02885337106", "+862885337106", "00862885337106", "85337106"] {
            let mut office = Office::with_lines();
            office.reconfigures(|directory| block(directory, listed));
            office.calls_from_outside(caller, "02885337100");
            assert_eq!(office.last(caller).ended, Some(Cause::Declined));
            assert_eq!(office.last(caller).heard, [""; 0], "not a word");
            assert!(!office.is_in_a_call("100"));
            let facts = office
                .log
                .iter()
                .filter(|effect| **effect == model::Effect::Fact(Fact::Blocked(number(listed))));
            assert_eq!(facts.count(), 1, "{caller} is on the list as {listed}");
            assert!(office.is_quiet());
        }
    }
}

/// BL-06 BL-08
#[test]
fn the_blacklist_is_for_callers_from_outside() {
    let mut office = Office::with_lines();
    office.reconfigures(|directory| {
        block(directory, "02885337106");
        block(directory, "101");
    });
    office.dials("101", "100").answers("100");
    assert!(office.talk("100", "101"), "not for colleagues");
    office.hangs_up("101").dials("100", "902885337106");
    assert!(office.is_in_a_call("02885337106"), "nor for calls to him");
    office.calls_from_outside("13900000001", "02885337100");
    assert!(office.is_in_a_call("13900000001"), "nor for others");
}

/// AD-11, N-33
#[test]
fn anonymous_callers_can_be_refused() {
    let mut office = Office::with_lines();
    office.calls_from_outside("anonymous", "02885337100");
    assert!(office.is_in_a_call("100"), "they are not unless it is set");
    office
        .hangs_up("anonymous")
        .reconfigures(|directory| directory.system.block_anonymous = true);
    office.calls_from_outside("anonymous", "02885337100");
    assert_eq!(office.heard("anonymous"), "N-33");
    office.hears_it_out("anonymous");
    assert_eq!(office.last("anonymous").ended, Some(Cause::Declined));
}

fn block(directory: &mut model::Directory, listed: &str) {
    let listed = Blacklisted {
        number: number(listed),
        note: String::new(),
        added_by: String::new(),
        added_at: None,
    };
    directory.blacklist.insert(listed.number, Arc::new(listed));
}

fn number_of(text: &str) -> Option<model::Number> {
    model::Number::parse(text).ok()
}
