//! Numbers that lead to one place in opening hours and to another outside them.

use crate::office::{Office, number};
use model::{
    CivilDate, Destination, InboundRoute, Input, Number, OpenHours, Origin, Schedule, Wall, Zone,
};
use std::sync::Arc;

/// AD-08: from inside and outside, at every hour, on holidays, over midnight, and with daylight saving time.
#[test]
fn a_schedule_leads_where_the_clock_says() {
    // 2018-03-14, a Wednesday, 04:00 UTC: noon in China.
    let noon = 1_521_000_000_000;
    let hour = 3_600_000;
    for (open, closed_dates, zone, at, rings) in [
        ("mon-fri 09:00-18:00", "", 8, noon, "101"),
        ("mon-fri 09:00-18:00", "2018-03-14", 8, noon, "102"),
        ("mon-fri 09:00-18:00", "2018-03-15", 8, noon, "101"),
        ("mon-fri 09:00-18:00", "", 0, noon, "102"),
        ("mon-fri 09:00-18:00", "", 8, noon + 6 * hour - 1, "101"),
        ("mon-fri 09:00-18:00", "", 8, noon + 6 * hour, "102"),
        ("mon-fri 09:00-18:00", "", 8, noon + 3 * 24 * hour, "102"),
        ("wed 22:00-02:00", "", 8, noon + 13 * hour, "101"),
        ("wed 22:00-02:00", "", 8, noon + 14 * hour, "102"),
    ] {
        for outside in [false, true] {
            let mut office = Office::new();
            schedule(&mut office, open, closed_dates);
            office.give(Input::Zone(Zone::fixed(zone * 3_600)));
            office.now.wall = Wall(at);
            let caller = if outside { "13912345678" } else { "100" };
            match outside {
                true => office.calls_from_outside(caller, "5551000"),
                false => office.dials(caller, "620"),
            };
            office.answers(rings);
            assert!(office.talk(caller, rings), "{open} {zone} {at} {caller}");
        }
    }
    // Clocks are put forward an hour at noon: it is one o'clock, and closed.
    let mut office = Office::new();
    schedule(&mut office, "wed 11:00-13:00", "");
    office.give(Input::Zone(Zone {
        offset: 8 * 3_600,
        changes: vec![(Wall(noon), 9 * 3_600)],
    }));
    office.now.wall = Wall(noon - 1);
    office.dials("100", "620").answers("101").hangs_up("101");
    office.now.wall = Wall(noon);
    office.dials("100", "620");
    assert!(office.is_in_a_call("102"));
}

/// AD-08: a caller hears when the office is open, in his own language.
#[test]
fn without_a_number_for_closed_hours_the_caller_hears_that_it_is_closed() {
    let mut office = Office::new();
    schedule(&mut office, "sat 09:00-10:00", "");
    office.reconfigures(|directory| {
        let schedule = directory.schedules.get_mut(&number("620")).unwrap();
        Arc::make_mut(schedule).when_closed = None;
    });
    office.dials("100", "620").dials("103", "620");
    assert_eq!(office.heard("100"), "IV-02");
    assert_eq!(office.heard("103"), "en:IV-02");
    office.calls_from_outside("13912345678", "5551000");
    assert_eq!(office.heard("13912345678"), "IV-02");
}

/// AD-08: one schedule leads to another, but not for ever.
#[test]
fn a_schedule_that_leads_to_itself_ends() {
    let mut office = Office::new();
    schedule(&mut office, "mon-sun 00:00-24:00", "");
    office.reconfigures(|directory| {
        let schedule = directory.schedules.get_mut(&number("620")).unwrap();
        Arc::make_mut(schedule).when_open = Some(number("620"));
    });
    office.dials("100", "620");
    assert_eq!(office.heard("100"), "N-02");
}

#[test]
fn a_schedule_is_explained() {
    let mut office = Office::new();
    schedule(&mut office, "mon-fri 09:00-18:00", "");
    office.give(Input::Zone(Zone::fixed(8 * 3_600)));
    let asked = switch::Asked {
        from: Origin::Extension(number("100")),
        caller: None,
        dialled: number("620"),
        at: None,
    };
    let lines = office.switch.explain(&asked);
    assert_eq!(
        lines[..2],
        [
            "620 is a schedule, open at this time",
            "101 is an extension, 李四"
        ]
    );
}

/// Schedule 620: 101 when open, 102 when closed; 5551000 leads to it from outside.
fn schedule(office: &mut Office, open: &str, closed: &str) {
    office.reconfigures(|directory| {
        let schedule = Schedule {
            number: number("620"),
            name: String::new(),
            open: vec![OpenHours::parse(open).unwrap()],
            closed_dates: CivilDate::parse(closed).into_iter().collect(),
            when_open: Number::parse("101").ok(),
            when_closed: Number::parse("102").ok(),
        };
        directory
            .schedules
            .insert(schedule.number, Arc::new(schedule));
        directory.inbound_routes.push(Arc::new(InboundRoute {
            trunk: "carrier".into(),
            number: Some(number("5551000")),
            caller: String::new(),
            to: Destination::Number(number("620")),
        }));
    });
}
