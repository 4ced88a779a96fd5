//! One-touch recording (`*1`, manual §2.12), and recordings that are set up.

use crate::office::{Office, set};
use model::{Effect, Input, LegEvent, RecordPolicy, RecordingFormat, RecordingLayout};

/// MI-04 MI-05 MI-06, P-08: a `#` behind a code only ends it.
#[test]
fn the_same_key_begins_and_ends_a_recording() {
    for who in ["100", "101"] {
        let mut office = Office::talking();
        office.types(who, "*1");
        assert_eq!(
            office.recorded(),
            ["100"],
            "the caller is left, the callee right"
        );
        for party in ["100", "101"] {
            assert!(office.heard(party).ends_with("Tone(BeepStart)"), "{party}");
        }
        assert!(office.talk("100", "101"));
        let record = office.log.iter().find_map(|effect| match effect {
            Effect::Record { layout, format, .. } => Some((*layout, *format)),
            _ => None,
        });
        assert_eq!(
            record,
            Some((RecordingLayout::Stereo, RecordingFormat::Wav))
        );
        office.types(who, "*1#");
        assert!(office.recorded().is_empty());
        assert!(office.heard("100").ends_with("Tone(BeepStop)"));
        assert_eq!(office.last("101").keys_received, "", "no key was heard");
        office.types(who, "*1").hangs_up(who);
        assert!(office.is_quiet());
        assert_eq!(office.record().recordings.len(), 2, "two pieces");
    }
}

/// MI-04
#[test]
fn who_may_not_record_hears_so() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        set(directory, "101", |extension| extension.may_record = false);
    });
    office.types("101", "*1");
    assert!(office.heard("101").ends_with("N-07"));
    assert!(office.recorded().is_empty());
    assert!(office.talk("100", "101"));
}

/// XF-10, IX-06: one file, whatever becomes of the call.
#[test]
fn a_recording_goes_on_with_whoever_stays() {
    let mut office = Office::talking();
    office
        .types("101", "*1")
        .types("100", "*2102#")
        .answers("102");
    assert_eq!(
        office.recorded(),
        ["101"],
        "what is asked in between is nobody's"
    );
    office.hangs_up("100");
    assert!(office.talk("101", "102"));
    assert_eq!(office.recorded(), ["101"]);
    office.types("102", "*4").hears_it_out("102");
    office
        .dials("103", "41")
        .types("103", "#102#")
        .answers("102");
    assert!(office.talk("101", "102"));
    assert_eq!(office.recorded(), ["101"]);
    office.hangs_up("101");
    assert!(office.is_quiet());
    assert_eq!(office.tapes.len(), 1);
    let record = office.records.iter().find(|record| record.caller == "100");
    assert_eq!(record.unwrap().recordings.len(), 1);
}

#[test]
fn calls_are_recorded_as_their_extensions_want() {
    for (policy, inside, outside) in [
        (RecordPolicy::Off, false, false),
        (RecordPolicy::All, true, true),
        (RecordPolicy::Internal, true, false),
        (RecordPolicy::Outside, false, true),
    ] {
        let mut office = Office::with_an_outside_line();
        office.reconfigures(|directory| {
            set(directory, "101", |extension| extension.record = policy);
        });
        office.dials("100", "101").answers("101");
        assert_eq!(!office.recorded().is_empty(), inside, "{policy:?}");
        assert!(!office.heard("100").contains("Beep"));
        office.hangs_up("100");
        office
            .calls_from_outside("02885337106", "5551000")
            .answers("101");
        assert_eq!(!office.recorded().is_empty(), outside, "{policy:?}");
        if outside {
            office.types("101", "*1").holds("101").resumes("101");
            assert!(office.recorded().is_empty(), "whoever ends it has ended it");
        }
    }
}

/// MI-05, IX-28
#[test]
fn a_recording_that_fails_leaves_the_call_as_it_is() {
    let mut office = Office::talking();
    office.types("101", "*1");
    let recording = *office.tapes.keys().next().unwrap();
    office.tapes.insert(recording, None);
    let failed = LegEvent::RecordingFailed(recording);
    office.give(Input::Leg(office.leg("100"), failed));
    assert!(office.heard("101").ends_with("N-38"));
    assert!(office.talk("100", "101"));
    office.types("101", "*1");
    assert_eq!(office.tapes.len(), 2, "it can be begun again");
}
