//! Wake-up calls: `*55*`, `*55`, `*055`, and the calls themselves.

use crate::office::{Office, number, seconds, set};
use model::{
    Cause, Change, Directory, Effect, Fact, Input, Question, Reply, WakeUp, WakeUpId,
    WakeUpOutcome, Wall, Weekday, Zone,
};
use std::sync::Arc;

/// WU-03 WU-10, FC-11: read back to the end once it is saved, in both languages.
#[test]
fn a_wake_up_call_is_booked_saved_and_read_back() {
    for (from, dialled, said) in [
        (
            "101",
            "*55*03151456",
            "WU-03 T-mon3 T-day15 D-14 T-h D-50 D-6 T-min",
        ),
        (
            "103",
            "*55*03151456#",
            "en:WU-03 en:T-mon3 en:T-day15 en:D-2 en:D-50 en:D-6 en:T-pm",
        ),
        // Earlier this year is next year.
        (
            "101",
            "*55*03061456",
            "WU-03 WU-18 T-mon3 T-day6 D-14 T-h D-50 D-6 T-min",
        ),
        (
            "103",
            "*55*03140000",
            "en:WU-03 en:T-mon3 en:T-day14 en:D-12 en:T-oclock en:T-am en:WU-18",
        ),
    ] {
        let mut office = at_noon();
        office.dials(from, dialled);
        assert_eq!(office.heard(from), "", "it is not saved yet");
        office.saves();
        assert_eq!(office.heard(from), said);
        office.types(from, "1#").hears_it_out(from);
        assert!(office.heard(from).ends_with("N-23"));
        office.hears_it_out(from);
        assert_eq!(office.last(from).ended, Some(Cause::Normal));
        assert_eq!(office.directory.wake_ups_of(&number(from)).len(), 1);
    }
}

/// WU-03: what is no moment is explained, and books nothing.
#[test]
fn what_is_no_moment_is_explained() {
    for keys in [
        "1",
        "0315145",
        "031514560",
        "13011200",
        "00011200",
        "02301200",
        "04311200",
        "02292400",
        "03152400",
        "03151260",
        "02291200",
    ] {
        let mut office = at_noon();
        office.dials("101", &format!("*55*{keys}"));
        assert_eq!(office.heard("101"), "WU-04", "{keys}");
        office.hears_it_out("101");
        assert!(office.questions.is_empty() && office.is_quiet(), "{keys}");
    }
}

/// WU-03: a moment of the minute that has begun comes as soon as the phone is down.
#[test]
fn this_minute_is_the_next() {
    for (into_the_minute, minute) in [(20, "D-1"), (55, "D-2")] {
        let mut office = at_noon();
        office.passes(seconds(into_the_minute));
        office.dials("101", "*55*03141200").saves();
        let said = format!("T-mon3 T-day14 D-12 T-h D-h0 {minute} T-min");
        assert_eq!(office.heard("101"), format!("WU-03 {said}"));
    }
}

/// WU-09
#[test]
fn no_time_is_booked_twice_and_nobody_has_more_than_twenty() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 60));
    office.dials("101", "*55*03141300");
    assert_eq!(office.heard("101"), "WU-17");
    // Somebody else may be woken at the same time.
    office.hears_it_out("101").dials("100", "*55*03141300");
    office.saves();
    office.reconfigures(|directory| {
        for nth in 2..=20 {
            book(directory, nth, "101", 200 + i64::try_from(nth).unwrap());
        }
    });
    office.dials("101", "*55*03141400");
    assert_eq!(office.heard("101"), "WU-16");
}

/// A disk that does not save: nothing is confirmed.
#[test]
fn what_was_not_saved_is_not_confirmed() {
    let ways: [fn(&mut Office); 2] = [
        |office| {
            office.replies(Reply::NotSaved);
        },
        |office| {
            office.passes(seconds(10));
        },
    ];
    for fails in ways {
        let mut office = at_noon();
        office.dials("101", "*55*03151456");
        fails(&mut office);
        assert_eq!(office.heard("101"), "N-25");
        office.hears_it_out("101");
        assert!(office.is_quiet());
    }
}

/// WU-04
#[test]
fn all_of_an_extension_are_cancelled_and_nobody_elses() {
    let mut office = at_noon();
    office.dials("101", "*055#");
    assert_eq!(office.heard("101"), "WU-05");
    office.hears_it_out("101").reconfigures(|directory| {
        book(directory, 1, "101", 60);
        book(directory, 2, "101", 70);
        book(directory, 3, "100", 60);
    });
    office.dials("101", "*055").saves();
    assert_eq!(office.heard("101"), "WU-11");
    assert!(office.directory.wake_ups_of(&number("101")).is_empty());
    assert_eq!(office.directory.wake_ups_of(&number("100")).len(), 1);
}

/// WU-02
#[test]
fn the_menu_books_tells_and_cancels() {
    let mut office = at_noon();
    office.dials("101", "*55");
    assert_eq!(office.heard("101"), "WU-01");
    // 0 booked
    office.types("101", "2");
    assert!(office.heard("101").ends_with("WU-05 WU-01"));
    office.types("101", "3");
    assert!(office.heard("101").ends_with("WU-05 WU-01"));
    // The moment is complete with its eighth key; what is none is asked for again.
    office.types("101", "1");
    assert!(office.heard("101").ends_with("WU-02"));
    office.types("101", "03142500");
    assert!(office.heard("101").ends_with("WU-04 WU-02"));
    office.types("101", "03151456").saves();
    let moment = "T-mon3 T-day15 D-14 T-h D-50 D-6 T-min";
    assert!(office.heard("101").ends_with(&format!("WU-03 {moment}")));
    office.hears_it_out("101");
    assert!(office.heard("101").ends_with(&format!("{moment} WU-01")));
    office.reconfigures(|directory| book(directory, 1, "101", 60));
    // They are told in their order.
    office.types("101", "2");
    let first = "T-mon3 T-day14 D-13 T-oclock";
    let told = format!("WU-06 D-liang WU-07 WU-08 D-1 {first} WU-08 D-2 {moment} WU-01");
    assert!(
        office.heard("101").ends_with(&told),
        "{}",
        office.heard("101")
    );
    // The second is cancelled, not the first.
    office.types("101", "32");
    assert!(
        office
            .heard("101")
            .ends_with(&format!("WU-08 D-2 {moment} WU-09"))
    );
    office.types("101", "1").saves();
    assert!(office.heard("101").ends_with("WU-10 WU-01"));
    let left = office.directory.wake_ups_of(&number("101"));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, WakeUpId(1));
    // Past the last one is the menu.
    office.types("101", "32");
    assert!(office.heard("101").ends_with("WU-09 WU-01"));
    // Silence ends it.
    for _ in 0..3 {
        office.hears_it_out("101").passes(seconds(10));
    }
    assert!(office.heard("101").ends_with("N-23"));
}

/// WU-05 WU-06 WU-11: it rings whatever is set, says the time, and that was it.
#[test]
fn a_wake_up_call_rings_and_says_the_time() {
    let mut office = at_noon();
    office.reconfigures(|directory| {
        book(directory, 1, "103", 1);
        set(directory, "103", |extension| {
            extension.do_not_disturb = true;
            extension
                .forwarding
                .set(model::ForwardWhen::Always, Some(number("100")));
        });
    });
    office.passes(seconds(59));
    assert!(!office.log_has_ring("103"));
    office.passes(seconds(1)).rings("103").answers("103");
    assert!(!office.log_has_ring("100"));
    assert_eq!(office.last("103").shown.name, "Wake-up call");
    let said = "en:WU-12 en:WU-13 en:D-12 en:D-h0 en:D-1 en:T-pm en:WU-14";
    assert_eq!(office.heard("103"), said);
    office.types("103", "0");
    assert!(office.heard("103").ends_with("en:WU-14 en:N-23"));
    office.saves().hears_it_out("103");
    assert!(office.directory.wake_ups.is_empty() && office.is_quiet());
    assert_eq!(outcomes(&office), [WakeUpOutcome::Answered]);
    let record = office.record();
    assert_eq!(record.caller_name, "Wake-up call");
    assert_eq!(record.call_type, model::CallType::Internal);
    assert_eq!(record.status, model::CallStatus::Answered);
}

/// WU-06: no key is as good as any, after it was asked twice; so is putting the phone down.
#[test]
fn who_answers_is_awake() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.passes(seconds(60)).answers("101");
    office.hears_it_out("101").passes(seconds(5));
    office.hears_it_out("101").passes(seconds(5));
    assert!(office.heard("101").ends_with("WU-14 N-23"));
    assert_eq!(outcomes(&office), [WakeUpOutcome::Answered]);

    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office
        .passes(seconds(60))
        .answers("101")
        .hangs_up("101")
        .saves();
    assert_eq!(outcomes(&office), [WakeUpOutcome::Answered]);
    assert!(office.is_quiet());
}

/// WU-06: five times at most.
#[test]
fn who_wants_to_sleep_on_is_called_again() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.passes(seconds(60)).answers("101").types("101", "2");
    assert!(office.heard("101").ends_with("WU-15 D-10 QU-18"));
    office.saves().saves().hears_it_out("101");
    let later = office.directory.wake_ups.values().next().unwrap();
    assert_eq!(later.at, Wall(office.now.wall.0 + 600_000));
    assert_eq!(office.directory.wake_ups.len(), 1);
    for minutes in [10, 15, 15, 15] {
        office
            .passes(seconds(minutes * 60))
            .answers("101")
            .types("101", "3");
        office.saves().saves().hears_it_out("101");
    }
    office.passes(seconds(900)).answers("101");
    assert!(
        office.heard("101").ends_with("N-23"),
        "{}",
        office.heard("101")
    );
    assert!(!office.heard("101").contains("WU-14"));
    office.saves().hears_it_out("101");
    assert!(office.is_quiet());
    let snoozed = outcomes(&office);
    assert_eq!(snoozed.len(), 6);
    assert_eq!(snoozed[5], WakeUpOutcome::Answered);
}

/// WU-07
#[test]
fn a_call_that_nobody_takes_comes_twice_more() {
    let ways: [fn(&mut Office); 3] = [
        |office| {
            office.passes(seconds(45));
        },
        |office| {
            office.fails("101", Cause::Busy);
        },
        |office| {
            office.fails("101", Cause::Declined);
        },
    ];
    for way in ways {
        let mut office = at_noon();
        office.reconfigures(|directory| book(directory, 1, "101", 1));
        office.passes(seconds(60));
        for nth in 1..=3 {
            assert!(office.is_in_a_call("101"), "{nth}");
            way(&mut office);
            assert!(!office.is_in_a_call("101"));
            if nth < 3 {
                office.passes(seconds(59));
                assert!(!office.is_in_a_call("101"));
                office.passes(seconds(1));
            }
        }
        assert_eq!(outcomes(&office), [WakeUpOutcome::NotAnswered]);
        office.saves();
        assert!(office.is_quiet());
        assert_eq!(office.records.len(), 3);
    }
}

/// WU-07, IX-17: whoever is in a call, or has no phone, is tried as often, and not rung.
#[test]
fn who_cannot_be_rung_is_tried_again() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.dials("101", "*43").passes(seconds(61));
    assert!(!office.log_has_ring("101"));
    office.hangs_up("101").passes(seconds(60));
    assert!(office.log_has_ring("101"), "free again");

    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.unregisters("101").passes(seconds(180));
    assert_eq!(outcomes(&office), [WakeUpOutcome::NotAnswered]);
    assert!(!office.log_has_ring("101"));
}

/// WU-05: all within the minute, twenty a second.
#[test]
fn many_at_the_same_minute_are_called_one_after_another() {
    let mut office = at_noon();
    office.reconfigures(|directory| {
        for nth in 0..500 {
            let extension = (1_000 + nth).to_string();
            let added = model::Extension::new(number(&extension), "", model::Secret::NONE);
            directory.extensions.insert(added.number, Arc::new(added));
            book(directory, nth, &extension, 1);
        }
    });
    for nth in 0..500 {
        office.registers(&(1_000 + nth).to_string());
    }
    let rung = |office: &Office| {
        let rings = office.log.iter();
        rings
            .filter(|effect| matches!(effect, Effect::Ring(_)))
            .count()
    };
    office.passes(seconds(60));
    assert_eq!(rung(&office), 1);
    office.passes(seconds(1));
    assert_eq!(rung(&office), 21);
    office.passes(seconds(24));
    assert_eq!(rung(&office), 500);
}

/// WU-09
#[test]
fn one_that_repeats_comes_again_on_its_day() {
    let mut office = at_noon();
    office.reconfigures(|directory| {
        book(directory, 1, "101", 1);
        let wake_up = directory.wake_ups.get_mut(&WakeUpId(1)).unwrap();
        // Today is a Wednesday.
        Arc::make_mut(wake_up).days = [Weekday::Wed, Weekday::Thu].into();
    });
    office.passes(seconds(60)).answers("101").types("101", "1");
    // Who sleeps on is called once more today, and tomorrow at the usual time.
    office.saves().saves().hears_it_out("101");
    let times = office
        .directory
        .wake_ups
        .values()
        .map(|one| one.at.0 - NOON);
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    assert_eq!(times, [360_000, 86_400_000 + 60_000]);
    office.passes(seconds(300)).answers("101").types("101", "0");
    office
        .saves()
        .hears_it_out("101")
        .passes(seconds(86_400 - 300));
    assert!(office.is_in_a_call("101"));
}

/// WU-08, IX-27: the wall's clock counts, and a jump of it is noticed. What is late for long is of no use.
#[test]
fn a_clock_that_jumps_wakes_in_time_and_nobody_too_late() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 65));
    office.passes(seconds(30)).sets_the_clock(3_600_000);
    office.passes(seconds(15));
    assert!(!office.is_in_a_call("101"), "it is 13:00");
    office.sets_the_clock(-3_600_000).passes(seconds(3_600));
    assert!(!office.is_in_a_call("101"), "it is 13:00 now");
    office.passes(seconds(270));
    assert!(office.is_in_a_call("101"), "{:?}", office.now);

    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 60));
    office
        .sets_the_clock(3_600_000 + 601_000)
        .passes(seconds(15));
    assert_eq!(outcomes(&office), [WakeUpOutcome::Missed]);
    assert!(!office.log_has_ring("101"));
    office.saves();
    assert!(office.is_quiet());
}

/// WU-08: nothing is forgotten, and nothing comes twice.
#[test]
fn wake_up_calls_outlast_a_restart() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.restarts().passes(seconds(60)).restarts();
    assert!(office.is_in_a_call("101"));
    office
        .answers("101")
        .restarts()
        .types("101", "0")
        .restarts();
    // The disk is slow; the directory is replaced by something else meanwhile.
    office
        .reconfigures(|directory| set(directory, "100", |extension| extension.call_waiting = true));
    office.hears_it_out("101").passes(seconds(120));
    assert!(!office.is_in_a_call("101"), "it rang already");
    office.saves();
    assert!(office.is_quiet());
}

/// WU-08: due while the server was down; its phones are known a moment after its start.
#[test]
fn what_became_due_during_a_crash_rings_once_phones_are_back() {
    let mut office = Office::with(|directory| book(directory, 1, "101", -5));
    assert!(!office.is_in_a_call("101"));
    office.passes(seconds(5));
    assert!(office.is_in_a_call("101"));
}

/// IX-25, WU-04: cancelled while it rings, and gone with its extension.
#[test]
fn what_is_cancelled_rings_no_more() {
    let mut office = at_noon();
    office.reconfigures(|directory| {
        book(directory, 1, "101", 1);
        book(directory, 2, "102", 1);
    });
    office.passes(seconds(61)).fails("101", Cause::Declined);
    office.reconfigures(|directory| {
        directory.wake_ups.remove(&WakeUpId(1));
        directory.extensions.remove(&number("102"));
        directory.forget_the_gone();
    });
    assert!(office.directory.wake_ups.is_empty());
    office.passes(seconds(45 + 120));
    assert!(!office.is_in_a_call("101") && !office.is_in_a_call("102"));
    assert!(office.is_quiet() && office.questions.is_empty());
}

/// SIGTERM: nobody is woken by a server that is about to stop; the next one does.
#[test]
fn nobody_is_woken_while_the_server_stops() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.give(Input::Drain).passes(seconds(120));
    assert!(!office.log_has_ring("101") && office.is_quiet());
}

/// FC-12 and the store: nothing is asked of a disk but what was pressed.
#[test]
fn a_snooze_is_a_wake_up_call_of_its_own() {
    let mut office = at_noon();
    office.reconfigures(|directory| book(directory, 1, "101", 1));
    office.passes(seconds(60)).answers("101").types("101", "1");
    let asked: Vec<_> = office.questions.iter().map(|(_, asked)| asked).collect();
    assert!(matches!(
        asked[..],
        [
            Question::Save(Change::BookWakeUp(WakeUp { snoozed: 1, .. })),
            Question::Save(Change::CancelWakeUp(WakeUpId(1))),
        ]
    ));
}

/// Noon on 14 March 2018, a Wednesday, in Shanghai.
fn at_noon() -> Office {
    let mut office = Office::new();
    assert_eq!(office.now.wall, Wall(NOON));
    office.give(Input::Zone(Zone::fixed(8 * 3_600)));
    office
}

/// A wake-up call so many minutes after noon.
fn book(directory: &mut Directory, id: u64, extension: &str, minutes: i64) {
    let wake_up = WakeUp {
        id: WakeUpId(id),
        extension: number(extension),
        at: Wall(NOON + minutes * 60_000),
        days: std::collections::BTreeSet::new(),
        snoozed: 0,
    };
    directory.wake_ups.insert(wake_up.id, Arc::new(wake_up));
}

fn outcomes(office: &Office) -> Vec<WakeUpOutcome> {
    let facts = office.log.iter().filter_map(|effect| match effect {
        Effect::Fact(Fact::WokenUp { outcome, .. }) => Some(*outcome),
        _ => None,
    });
    facts.collect()
}

const NOON: i64 = 1_521_000_000_000;
