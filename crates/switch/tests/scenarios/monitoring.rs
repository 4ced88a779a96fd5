//! Monitoring (manual §2.6).

use crate::office::{Deed, Office, seconds, set};
use model::{Cause, Effect};

/// 102 may monitor and 101 may be monitored; 100 called 101.
fn supervised() -> Office {
    let mut office = Office::with(|directory| {
        set(directory, "102", |extension| extension.may_monitor = true);
        set(directory, "101", |extension| {
            extension.may_be_monitored = true
        });
    });
    office.dials("100", "101").rings("101").answers("101");
    office
}

/// Who hears whom, of the two who talk and the one who monitors: (speaker, listener).
fn matrix(office: &Office) -> Vec<(&'static str, &'static str)> {
    let all = ["100", "101", "102"];
    let pairs = all.iter().flat_map(|a| all.iter().map(move |b| (*a, *b)));
    pairs.filter(|(a, b)| office.hears(b, a)).collect()
}

/// MON-02 MON-03 MON-04
#[test]
fn each_code_has_its_own_table_of_who_hears_whom() {
    let talk = vec![("100", "101"), ("101", "100")];
    for (code, more) in [
        ("*90101", vec![("100", "102"), ("101", "102")]),
        (
            "*91101",
            vec![("100", "102"), ("101", "102"), ("102", "101")],
        ),
        (
            "*92101",
            vec![
                ("100", "102"),
                ("101", "102"),
                ("102", "100"),
                ("102", "101"),
            ],
        ),
    ] {
        let mut office = supervised();
        let before = office.log.len();
        office.dials("102", code);
        let mut expected = [talk.clone(), more].concat();
        expected.sort_unstable();
        assert_eq!(matrix(&office), expected, "{code}");
        // Nothing is done to the two: no signalling, no sound, and they stay in their room.
        let (one, other) = (office.leg("100"), office.leg("101"));
        for effect in &office.log[before..] {
            match effect {
                Effect::Play { leg, .. }
                | Effect::Silence(leg)
                | Effect::Identify(leg, _)
                | Effect::HangUp(leg, _) => assert!(![one, other].contains(leg), "{effect:?}"),
                _ => {}
            }
        }
        let rooms = office.log.iter().filter_map(|effect| match effect {
            Effect::Mix(room, _) => Some(room),
            _ => None,
        });
        assert_eq!(rooms.collect::<std::collections::BTreeSet<_>>().len(), 1);
        office.hangs_up("102");
        assert_eq!(matrix(&office), talk, "{code}: the two go on");
        office.hangs_up("100");
        assert!(office.is_quiet());
    }
}

/// MON-01 MON-05 MON-09
#[test]
fn what_is_not_allowed_or_not_possible_is_said() {
    let refused: [(&str, &str, &str, Deed<'_>); 7] = [
        ("100", "*90101", "MO-01", &|_| {}),
        ("102", "*90103", "MO-03", &|_| {}),
        ("102", "*90999", "MO-02", &|_| {}),
        ("102", "*90102", "MO-05", &|_| {}),
        ("102", "*90101", "MO-02", &|office| {
            office.hangs_up("101");
        }),
        ("102", "*90101", "MO-02", &|office| {
            office.hangs_up("101").dials("100", "101").rings("101");
        }),
        ("102", "*91101", "MO-02", &|office| {
            office.types("100", "*4");
        }),
    ];
    for (who, code, said, before) in refused {
        let mut office = supervised();
        before(&mut office);
        if who == "100" {
            office.dials("103", code);
            assert_eq!(office.heard("103"), format!("en:{said}"));
            continue;
        }
        office.dials(who, code);
        assert_eq!(office.heard(who), said, "{code}");
        office.hears_it_out(who);
        assert!(!office.is_in_a_call(who));
    }
}

/// MON-09: not one's own call.
#[test]
fn nobody_monitors_a_call_he_is_in() {
    let mut office = Office::with(|directory| {
        set(directory, "102", |extension| extension.may_monitor = true);
        set(directory, "101", |extension| {
            extension.may_be_monitored = true
        });
    });
    office
        .dials("102", "101")
        .answers("101")
        .dials("102", "*90101");
    assert_eq!(office.heard("102"), "MO-05");
}

/// MON-07
#[test]
fn monitoring_ends_with_the_call() {
    for who in ["100", "101"] {
        let mut office = supervised();
        office.dials("102", "*90101").hangs_up(who);
        assert_eq!(office.heard("102"), "MO-04");
        office.hears_it_out("102");
        assert_eq!(office.last("102").ended, Some(Cause::Normal));
        assert!(office.is_quiet());
    }
}

/// MON-06, IX-14
#[test]
fn what_is_monitored_follows_the_extension() {
    let mut office = supervised();
    office.dials("102", "*91101").holds("101");
    assert_eq!(matrix(&office), [("100", "102")]);
    office.resumes("101");
    assert!(office.hears("101", "102"));
    // It is with its extension while that consults, and when that is back.
    office.types("101", "*2103#").answers("103");
    assert!(office.hears("102", "103") && office.hears("102", "101"));
    assert!(office.hears("101", "102") && !office.hears("103", "102"));
    assert!(!office.hears("102", "100"));
    office.types("101", "*");
    assert!(office.hears("102", "100") && office.hears("101", "102"));
    // The other party is transferred by the monitored extension, who is free then.
    office.types("101", "#103#");
    assert_eq!(office.heard("102"), "MO-04");

    // The other party transfers the monitored extension: it is followed.
    let mut office = supervised();
    office.dials("102", "*90101").types("100", "#103#");
    assert_eq!(matrix(&office), []);
    office.answers("103");
    assert!(office.hears("102", "101") && office.hears("102", "103"));
    office.hangs_up("103").hears_it_out("102");
    assert!(office.is_quiet());
}

/// IX-06 IX-14
#[test]
fn a_monitored_call_can_be_parked_and_taken_up() {
    let mut office = supervised();
    office.dials("102", "*92101").types("100", "*4");
    office.hears_it_out("100").dials("103", "41");
    assert!(office.talk("101", "103") && office.talk("102", "103"));
    office.hangs_up("102");
    assert!(office.talk("101", "103"));
}

/// MON-09
#[test]
fn several_monitor_one_call_and_nobody_monitors_a_monitor() {
    let mut office = supervised();
    office.reconfigures(|directory| {
        set(directory, "103", |extension| extension.may_monitor = true);
        set(directory, "102", |extension| {
            extension.may_be_monitored = true
        });
    });
    office.dials("102", "*90101").dials("103", "*91101");
    assert!(office.hears("102", "100") && office.hears("103", "100"));
    assert!(office.hears("101", "103") && !office.hears("102", "103"));
    office.hangs_up("103").dials("103", "*90102");
    assert_eq!(office.heard("103"), "en:MO-02");
}

/// MON-11: nobody but the supervisor has it in his list of calls.
#[test]
fn the_record_of_monitoring_names_the_supervisor_only() {
    let mut office = supervised();
    office
        .dials("102", "*90101")
        .passes(seconds(5))
        .hangs_up("102");
    let record = office.record();
    assert_eq!(record.extensions, [crate::office::number("102")]);
    assert_eq!(record.caller, "102");
}
