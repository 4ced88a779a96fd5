//! `*50` and `*51`.

use crate::office::{Office, number, seconds, set};
use model::{AutoAnswer, Cause, Effect};

/// MI-07 MI-09
#[test]
fn a_phone_called_by_intercom_answers_by_itself_and_both_talk() {
    let mut office = Office::new();
    office.dials("100", "*50101");
    assert_eq!(asked_to_answer(&office), [AutoAnswer::Yes]);
    assert_eq!(office.last("101").shown.number, Some(number("100")));
    office.answers("101");
    assert_eq!(office.heard("101"), "Tone(Beep)");
    assert_eq!(office.last("100").answered, 1);
    assert!(office.talk("100", "101"));
    office.hangs_up("101");
    assert!(office.is_quiet());
}

/// MI-07: a phone that does not know how rings.
#[test]
fn a_phone_that_does_not_answer_by_itself_rings() {
    let mut office = Office::new();
    office.dials("100", "*50101").rings("101");
    assert_eq!(office.last("100").alerted, 1);
    office.passes(seconds(30));
    assert_eq!(office.heard("100"), "N-04");
    office.hears_it_out("100");
    assert!(office.is_quiet());
}

/// MI-08: nothing comes back.
#[test]
fn who_is_paged_hears_and_is_not_heard() {
    let mut office = Office::new();
    office.dials("100", "*51101").answers("101");
    assert_eq!(office.heard("101"), "Tone(Beep)");
    assert!(office.hears("101", "100") && !office.hears("100", "101"));
    office.holds("100").resumes("100").restarts();
    assert!(office.hears("101", "100") && !office.hears("100", "101"));
    office.types("101", "5").types("100", "5");
    assert_eq!(office.last("100").keys_received, "");
    office.hangs_up("100");
    assert!(office.is_quiet());
}

/// MI-09
#[test]
fn a_page_lasts_a_minute() {
    let mut office = Office::new();
    office
        .dials("100", "*51101")
        .answers("101")
        .passes(seconds(59));
    assert!(office.hears("101", "100"));
    office.passes(seconds(1));
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

/// MI-07 MI-10, DN-01, IX-19: nobody is broken in on.
#[test]
fn who_cannot_be_made_to_answer_is_left_alone() {
    type Before = fn(&mut Office);
    let ways: [(Before, &str, Cause); 5] = [
        (
            |office| {
                office.unregisters("101");
            },
            "N-02",
            Cause::Unavailable,
        ),
        (
            |office| {
                office.reconfigures(|directory| {
                    set(directory, "101", |extension| extension.call_waiting = true);
                });
                office.dials("101", "103").answers("103");
            },
            "N-03",
            Cause::Busy,
        ),
        (
            |office| {
                office.reconfigures(|directory| {
                    set(directory, "101", |extension| {
                        extension.do_not_disturb = true
                    });
                });
            },
            "N-05",
            Cause::Busy,
        ),
        (
            |office| {
                office.reconfigures(|directory| {
                    directory.extensions.remove(&number("101"));
                });
            },
            "N-01",
            Cause::NotFound,
        ),
        (
            |office| {
                office.dials("101", "*43");
            },
            "N-03",
            Cause::Busy,
        ),
    ];
    for (before, prompt, cause) in ways {
        for code in ["*50101", "*51101"] {
            let mut office = Office::new();
            before(&mut office);
            office.dials("100", code);
            assert_eq!(office.heard("100"), prompt, "{code}");
            office.hears_it_out("100");
            assert_eq!(office.last("100").ended, Some(cause));
            assert_eq!(
                asked_to_answer(&office).len(),
                usize::from(prompt == "N-03" && office.is_in_a_call("103"))
            );
        }
    }
    let mut office = Office::new();
    office.dials("100", "*50100");
    assert_eq!(office.heard("100"), "N-03", "himself");
}

/// MI-09, FM-12: not forwarded, not followed.
#[test]
fn intercom_is_for_this_phone_only() {
    use model::ForwardWhen::{Always, Busy, NoAnswer};
    for case in [Always, Busy, NoAnswer] {
        let mut office = Office::new();
        crate::forwarding::forwards(&mut office, "101", case, "102");
        office.dials("100", "*50101");
        assert!(office.is_in_a_call("101"));
        office.fails("101", Cause::Busy);
        assert_eq!(office.heard("100"), "N-03");
        assert!(!office.log_has_ring("102"));
    }
}

fn asked_to_answer(office: &Office) -> Vec<AutoAnswer> {
    let rings = office.log.iter().filter_map(|effect| match effect {
        Effect::Ring(ring) => Some(ring.auto_answer),
        _ => None,
    });
    rings.collect()
}
