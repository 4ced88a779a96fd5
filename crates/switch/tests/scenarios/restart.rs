//! Plain data: inputs and effects are journalled, and a switch can be put down and taken up.

use crate::office::{Office, number, seconds};
use model::{
    Cause, Digit, Effect, Incoming, Input, LegEvent, LegId, Origin, Party, PlayEnd, PlayId,
    QuestionId, Reachability, RecordingId, Reply,
};
use std::sync::Arc;

#[test]
fn calls_go_on_after_a_restart() {
    let mut office = Office::talking();
    office.dials("102", "103").rings("103").passes(seconds(20));
    office.restarts();
    assert!(office.talk("100", "101"));
    office.holds("100");
    assert!(office.hears_music("101"));
    office.restarts().resumes("100");
    assert!(!office.hears_music("101") && office.talk("100", "101"));
    office.passes(seconds(9));
    assert!(office.is_in_a_call("103"));
    office.passes(seconds(1));
    assert!(!office.is_in_a_call("103"), "at its original deadline");
    office.restarts().hears_it_out("102").hangs_up("101");
    assert!(office.is_quiet());
    assert_eq!(office.records.len(), 2);
}

#[test]
fn a_number_being_typed_survives_a_restart() {
    let mut office = Office::new();
    office.dials("100", "*90").types("100", "10").restarts();
    office.types("100", "1#");
    assert_eq!(office.heard("100"), "N-13 MO-01");
}

/// A draining server that is taken up again keeps draining.
#[test]
fn a_snapshot_is_complete() {
    let mut office = Office::talking();
    office.give(Input::Drain).dials("100", "*43");
    let state = office.switch.snapshot();
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<switch::State>(&json).unwrap(), state);
}

/// Issue 2, item 5
#[test]
fn every_input_survives_the_journal() {
    let office = Office::new();
    let number = number("101");
    let leg = LegId::inbound(1);
    let mut inputs = vec![
        Input::Incoming(Incoming {
            leg,
            origin: Origin::Extension(number),
            caller: Party {
                number: Some(number),
                name: String::from("李四 \"Li\""),
            },
            dialled: self::number("**13"),
            hops: 1,
            replaces: None,
        }),
        Input::Incoming(Incoming {
            leg,
            origin: Origin::Trunk(String::from("carrier")),
            caller: Party::default(),
            dialled: self::number("+862885337106"),
            hops: 0,
            replaces: None,
        }),
        Input::Reachable(number, Reachability::Available),
        Input::Directory(Arc::new(office.directory)),
        Input::Answer(QuestionId(1), Reply::Saved),
        Input::Answer(
            QuestionId(1),
            Reply::Addresses {
                wan: Some("::1".parse().unwrap()),
                lan: None,
            },
        ),
        Input::Timeout,
        Input::Drain,
        Input::HangUpAll,
    ];
    let events = [
        LegEvent::Ringing,
        LegEvent::EarlyMedia,
        LegEvent::Answered,
        LegEvent::Failed(Cause::NotAcceptable),
        LegEvent::HungUp(Cause::Vanished),
        LegEvent::Held,
        LegEvent::Resumed,
        LegEvent::Digit(Digit::parse('#').unwrap()),
        LegEvent::Played(PlayId(3), PlayEnd::CutShort),
        LegEvent::RecordingFailed(RecordingId(4)),
    ];
    inputs.extend(events.map(|event| Input::Leg(leg, event)));
    for input in inputs {
        let json = serde_json::to_string(&input).unwrap();
        assert_eq!(serde_json::from_str::<Input>(&json).unwrap(), input);
    }
}

/// Issue 2, item 5
#[test]
fn every_effect_survives_the_journal() {
    let mut office = Office::talking();
    office.holds("100").resumes("100").types("100", "5");
    office
        .dials("102", "103")
        .sends_early_media("103")
        .hangs_up("103");
    office
        .dials("103", "*43")
        .hears_it_out("103")
        .types("103", "#");
    office.give(Input::HangUpAll);
    for extension in ["100", "101"] {
        office.restarts().dials(extension, "*74");
    }
    let mut kinds = std::collections::BTreeSet::new();
    for effect in &office.log {
        let json = serde_json::to_string(effect).unwrap();
        assert_eq!(serde_json::from_str::<Effect>(&json).unwrap(), *effect);
        let debug = format!("{effect:?}");
        let kind = debug.split(['(', ' ']).next().unwrap_or_default();
        kinds.insert(kind.to_owned());
    }
    let kinds: Vec<_> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "Alert",
            "Answer",
            "Echo",
            "Fact",
            "HangUp",
            "Identify",
            "Mix",
            "Play",
            "Progress",
            "Ring",
            "SendDigit",
            "Silence"
        ]
    );
}
