//! Menus that the site sets up.

use crate::office::{Office, number, seconds};
use model::{
    Cause, Destination, Digit, InboundRoute, Menu, Number, OpenHours, RingGroup, RingStrategy,
    Schedule,
};
use std::sync::Arc;

/// AD-09: at any time, in the greeting or after it, from inside and outside.
#[test]
fn a_key_leads_where_it_is_set_to() {
    for (caller, keys, who) in [
        ("13912345678", "2", "102"),
        ("103", "2", "102"),
        ("13912345678", "101", "101"),
        ("13912345678", "0", "100"),
    ] {
        for hears_it_out in [false, true] {
            let mut office = office();
            call(&mut office, caller);
            assert_eq!(office.last(caller).answered, 1);
            let english = caller == "103";
            let greeting = if english { "en:IV-01" } else { "IV-01" };
            assert_eq!(office.heard(caller), greeting);
            if hears_it_out {
                office.hears_it_out(caller).passes(seconds(9)).restarts();
            }
            office.types(caller, keys).answers(who);
            assert!(office.talk(caller, who), "{caller} {keys}");
            office.hangs_up(caller);
            assert!(office.is_quiet());
            let record = office.record();
            let dialled = if english { "610" } else { "5551000" };
            assert_eq!(record.callee, number(dialled));
            assert_eq!(record.final_callee, model::FinalCallee::Number(number(who)));
        }
    }
}

/// AD-09: key 1 is a ring group, and extensions begin with 1.
#[test]
fn a_key_that_begins_an_extension_waits_for_the_rest_of_it() {
    let mut office = office();
    call(&mut office, "13912345678");
    office.types("13912345678", "1").passes(seconds(2));
    assert!(!office.is_in_a_call("102"));
    office.passes(seconds(1));
    assert!(office.is_in_a_call("102") && office.is_in_a_call("103"));

    call(&mut office, "13800138000");
    office.types("13800138000", "1#");
    let heard = office.heard("13800138000");
    assert_eq!(
        heard, "IV-01 N-03",
        "`#` ends it, and the group rings for another"
    );
    office.hangs_up("13912345678").hears_it_out("13800138000");
    call(&mut office, "13600136000");
    office.types("13600136000", "10").passes(seconds(3));
    assert_eq!(office.heard("13600136000"), "IV-01 N-28 IV-01");
    office.types("13600136000", "109");
    assert_eq!(
        office.heard("13600136000"),
        "IV-01 N-28 IV-01 N-28 IV-01",
        "no extension begins like this"
    );
    office.types("13600136000", "9");
    assert_eq!(office.last("13600136000").heard[5], "N-16");
    office.hears_it_out("13600136000");
    assert_eq!(office.last("13600136000").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

/// AD-09: ten seconds, three times.
#[test]
fn who_presses_nothing_is_asked_three_times() {
    for then in ["", "103"] {
        let mut office = office();
        change(&mut office, |menu| menu.then = Number::parse(then).ok());
        call(&mut office, "13912345678");
        for heard in ["IV-01", "IV-01 IV-01", "IV-01 IV-01 IV-01"] {
            assert_eq!(office.heard("13912345678"), heard);
            office.hears_it_out("13912345678").passes(seconds(9));
            assert_eq!(office.heard("13912345678"), heard);
            office.passes(seconds(1));
        }
        if then.is_empty() {
            assert!(office.heard("13912345678").ends_with("N-23"));
            office.hears_it_out("13912345678");
        } else {
            office.answers("103");
            assert!(office.talk("13912345678", "103"));
            office.hangs_up("103");
        }
        assert!(office.is_quiet());
    }
}

/// AD-09: a wrong key is told of, and does not lead anywhere without direct dialling.
#[test]
fn a_wrong_key_is_told_of_and_the_menu_is_heard_again() {
    let mut office = office();
    change(&mut office, |menu| menu.direct_dial = false);
    call(&mut office, "103");
    office.types("103", "7");
    assert_eq!(office.heard("103"), "en:IV-01 en:N-10 en:IV-01");
    // Without direct dialling the key waits for nothing.
    office.types("103", "1");
    assert!(office.is_in_a_call("102"));
}

/// AD-09: menus lead to menus as often as the caller likes, but not by themselves.
#[test]
fn a_menu_leads_to_another_and_back() {
    let mut office = office();
    office.reconfigures(|directory| {
        let mut second = directory.menus[&number("610")].as_ref().clone();
        second.number = number("611");
        second.greeting = String::from("summer");
        second.keys = [(Digit::parse('*').unwrap(), number("610"))].into();
        directory.menus.insert(second.number, Arc::new(second));
    });
    change(&mut office, |menu| {
        menu.keys.insert(Digit::parse('*').unwrap(), number("611"));
    });
    call(&mut office, "13912345678");
    for _ in 0..10 {
        office.types("13912345678", "**");
    }
    let heard = office.heard("13912345678");
    assert!(
        heard.ends_with("IV-01 File(\"prompts/summer.wav\") IV-01"),
        "{heard}"
    );
    office.types("13912345678", "2").answers("102");
    assert!(office.talk("13912345678", "102"));
    office.hangs_up("102");

    change(&mut office, |menu| {
        menu.then = Some(number("610"));
        menu.tries = 1;
    });
    call(&mut office, "13912345678");
    for _ in 0..6 {
        office.hears_it_out("13912345678").passes(seconds(10));
    }
    assert!(office.heard("13912345678").ends_with("N-02"));
}

/// AD-08 AD-09: the hours of the office, then its menu.
#[test]
fn a_schedule_leads_to_a_menu() {
    let mut office = office();
    office.reconfigures(|directory| {
        let schedule = Schedule {
            number: number("620"),
            name: String::new(),
            open: vec![OpenHours::parse("mon-sun 00:00-24:00").unwrap()],
            closed_dates: std::collections::BTreeSet::new(),
            when_open: Some(number("610")),
            when_closed: None,
        };
        directory
            .schedules
            .insert(schedule.number, Arc::new(schedule));
    });
    office.dials("101", "620").types("101", "2").answers("102");
    assert!(office.talk("101", "102"));
}

/// AD-09: whoever goes, and whatever becomes of the menu meanwhile.
#[test]
fn nothing_is_left_of_a_caller_who_hangs_up_or_a_menu_that_is_gone() {
    let mut office = office();
    call(&mut office, "13912345678");
    office.types("13912345678", "1").hangs_up("13912345678");
    assert!(office.is_quiet());
    call(&mut office, "13912345678");
    office.reconfigures(|directory| directory.menus.clear());
    office.types("13912345678", "2");
    assert!(office.heard("13912345678").ends_with("N-16"));
    office.hears_it_out("13912345678");
    assert!(office.is_quiet());
}

/// FC-07: what comes in from outside gets no further than inside.
#[test]
fn no_code_and_no_number_outside_is_dialled_in_a_menu() {
    let mut office = Office::with_lines();
    let menu = menu();
    office.reconfigures(|directory| {
        directory.menus.insert(menu.number, Arc::new(menu));
    });
    for keys in ["*7", "98", "**"] {
        office.dials("101", "610").types("101", keys);
        assert_eq!(office.heard("101"), "IV-01 N-10 IV-01 N-10 IV-01", "{keys}");
        office.hangs_up("101");
    }
    assert!(office.questions.is_empty());
}

/// What `bellwire explain` says of it.
#[test]
fn a_menu_is_explained_key_by_key() {
    let mut office = office();
    change(&mut office, |menu| menu.then = Some(number("100")));
    let asked = switch::Asked {
        from: model::Origin::Trunk("carrier".into()),
        caller: None,
        dialled: number("5551000"),
        at: None,
    };
    assert_eq!(
        office.switch.explain(&asked)[..8],
        [
            "inbound route 1 to 610: fits",
            "610 is a menu",
            "the caller hears \"welcome\"",
            "  key 1 leads to 630",
            "  key 2 leads to 102",
            "  an extension may be dialled",
            "if nothing that leads on is pressed:",
            "  100 is an extension, 张三",
        ]
    );
}

/// Menu 610, to which 5551000 leads from outside; 100 is the operator.
fn office() -> Office {
    let mut office = Office::new();
    office.reconfigures(|directory| {
        directory.system.operator = Some(number("100"));
        let group = RingGroup {
            number: number("630"),
            name: String::new(),
            members: ["102", "103"].map(number).into(),
            strategy: RingStrategy::All,
            ring_time: seconds(20),
            then: None,
        };
        directory.ring_groups.insert(group.number, Arc::new(group));
        let menu = menu();
        directory.menus.insert(menu.number, Arc::new(menu));
        directory.inbound_routes.push(Arc::new(InboundRoute {
            trunk: "carrier".into(),
            number: None,
            caller: String::new(),
            to: Destination::Number(number("610")),
        }));
    });
    office
}

fn menu() -> Menu {
    Menu {
        number: number("610"),
        name: String::new(),
        greeting: "welcome".into(),
        direct_dial: true,
        timeout: seconds(10),
        tries: 3,
        then: None,
        keys: [('1', "630"), ('2', "102")]
            .map(|(key, to)| (Digit::parse(key).unwrap(), number(to)))
            .into(),
    }
}

fn change(office: &mut Office, change: impl FnOnce(&mut Menu)) {
    office.reconfigures(|directory| {
        let menu = directory.menus.get_mut(&number("610")).unwrap();
        change(Arc::make_mut(menu));
    });
}

/// Extensions call 610; others call in.
fn call(office: &mut Office, caller: &str) {
    match caller.len() {
        3 => office.dials(caller, "610"),
        _ => office.calls_from_outside(caller, "5551000"),
    };
}
