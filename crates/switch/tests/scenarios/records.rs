//! What is written down of calls.

use crate::office::{Office, number, seconds};
use model::{
    CallStatus, CallType, Cause, Destination, Duration, Effect, Fact, FinalCallee, InboundRoute,
    Input,
};
use std::sync::Arc;

/// CDR-02 CDR-03 CDR-06 CDR-14
#[test]
fn an_answered_call_is_written_down() {
    let mut office = Office::new();
    let start = office.now.wall;
    office.dials("100", "101").passes(seconds(1)).rings("101");
    office.passes(seconds(5)).answers("101");
    office.passes(seconds(2)).hangs_up("101");
    let record = office.record();
    assert_eq!(record.start, start);
    assert_eq!(record.end, start + seconds(8));
    assert_eq!(
        (record.caller.as_str(), record.caller_name.as_str()),
        ("100", "张三")
    );
    assert_eq!(record.callee, number("101"));
    assert_eq!(record.final_callee, FinalCallee::Number(number("101")));
    assert_eq!(record.talked, seconds(2), "ringing does not count");
    assert_eq!(record.call_type, CallType::Internal);
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(record.cause, Cause::Normal);
    assert_eq!(record.extensions, [number("100"), number("101")]);
    assert_eq!(record.legs.len(), 2);
}

/// CDR-03
#[test]
fn time_on_hold_is_talk_time() {
    let mut office = Office::talking();
    office.passes(seconds(1)).holds("100").passes(seconds(60));
    office.resumes("100").passes(seconds(1)).hangs_up("100");
    assert_eq!(office.record().talked, seconds(62));
}

/// CDR-03, IX-27
#[test]
fn a_jump_of_the_wall_clock_changes_no_talk_time() {
    let mut office = Office::talking();
    office.passes(seconds(10)).sets_the_clock(-3_600_000);
    office.passes(seconds(10)).hangs_up("100");
    assert_eq!(office.record().talked, seconds(20));
}

/// CDR-05
#[test]
fn each_way_to_fail_has_its_status() {
    type Story = fn(&mut Office);
    let stories: [(&str, Story, CallStatus, Cause); 9] = [
        (
            "nobody answers",
            |office| {
                office.dials("100", "101").rings("101").passes(seconds(30));
                office.hears_it_out("100");
            },
            CallStatus::NoAnswer,
            Cause::NoAnswer,
        ),
        (
            "the caller gives up while it rings",
            |office| {
                office.dials("100", "101").rings("101").hangs_up("100");
            },
            CallStatus::NoAnswer,
            Cause::Normal,
        ),
        (
            "the caller gives up before it rings",
            |office| {
                office.dials("100", "101").hangs_up("100");
            },
            CallStatus::Cancelled,
            Cause::Normal,
        ),
        (
            "the callee is busy",
            |office| {
                office.dials("100", "101").fails("101", Cause::Busy);
                office.hears_it_out("100");
            },
            CallStatus::Busy,
            Cause::Busy,
        ),
        (
            "the callee declines and the caller hangs up on the prompt",
            |office| {
                office.dials("100", "101").rings("101");
                office.fails("101", Cause::Declined).hangs_up("100");
            },
            CallStatus::Busy,
            Cause::Declined,
        ),
        (
            "no phone is registered",
            |office| {
                office.unregisters("101").dials("100", "101");
                office.hears_it_out("100");
            },
            CallStatus::NoAnswer,
            Cause::Unavailable,
        ),
        (
            "there is no such number",
            |office| {
                office.dials("100", "999").hears_it_out("100");
            },
            CallStatus::Failed,
            Cause::NotFound,
        ),
        (
            "the server is about to stop",
            |office| {
                office.give(Input::Drain).dials("100", "101");
            },
            CallStatus::Failed,
            Cause::Congestion,
        ),
        (
            "the server stops",
            |office| {
                office
                    .dials("100", "101")
                    .rings("101")
                    .give(Input::HangUpAll);
            },
            CallStatus::Failed,
            Cause::Restarted,
        ),
    ];
    for (what, story, status, cause) in stories {
        let mut office = Office::new();
        story(&mut office);
        let record = office.record();
        assert_eq!((record.status, record.cause), (status, cause), "{what}");
        assert_eq!(record.talked, Duration::ZERO, "{what}");
        assert!(office.is_quiet(), "{what}");
    }
}

/// CDR-14: a call that did not ring is in the list of who was called.
#[test]
fn the_called_extension_took_part_even_if_it_did_not_ring() {
    let mut office = Office::new();
    office.unregisters("101").dials("100", "101");
    office.hears_it_out("100");
    assert_eq!(office.record().extensions, [number("100"), number("101")]);
}

/// CDR-04
#[test]
fn a_call_from_a_trunk_is_inbound() {
    let mut office = Office::with(|directory| {
        directory.inbound_routes.push(Arc::new(InboundRoute {
            trunk: String::from("carrier"),
            number: Some(number("5551000")),
            caller: String::new(),
            to: Destination::Number(number("101")),
        }));
    });
    office
        .calls_from_outside("85337106", "5551000")
        .answers("101");
    office.passes(seconds(2)).hangs_up("85337106");
    let record = office.record();
    assert_eq!(record.call_type, CallType::Inbound);
    assert_eq!(record.caller, "85337106");
    assert_eq!(record.callee, number("5551000"));
    assert_eq!(record.final_callee, FinalCallee::Number(number("101")));
    assert_eq!(record.extensions, [number("101")]);
}

/// CDR-15
#[test]
fn a_call_that_ends_with_the_server_keeps_its_talk_time() {
    let mut office = Office::talking();
    office.passes(seconds(5)).give(Input::HangUpAll);
    let record = office.record();
    assert_eq!(record.status, CallStatus::Answered);
    assert_eq!(record.cause, Cause::Restarted);
    assert_eq!(record.talked, seconds(5));
}

/// The facts of a call tell its story: it began, legs joined it, it went from phase to phase, it ended.
#[test]
fn facts_tell_the_story_of_a_call() {
    let mut office = Office::talking();
    office.hangs_up("100");
    let story: Vec<_> = office
        .log
        .iter()
        .filter_map(|effect| match effect {
            Effect::Fact(Fact::Began { dialled, .. }) => Some(format!("began {dialled}")),
            Effect::Fact(Fact::Joined { party, .. }) => Some(format!("joined {}", party.name)),
            Effect::Fact(Fact::Entered { phase, .. }) => Some(format!("entered {phase}")),
            Effect::Fact(Fact::Ended(record)) => Some(format!("ended {}", record.call)),
            _ => None,
        })
        .collect();
    assert_eq!(
        story,
        [
            "began 101",
            "joined 李四",
            "entered dial",
            "entered talk",
            "ended 1"
        ]
    );
}

/// What `bellwire calls` shows.
#[test]
fn calls_in_progress_can_be_listed() {
    let mut office = Office::talking();
    office.dials("102", "103").rings("103");
    let calls: Vec<_> = office.switch.live().collect();
    let rows: Vec<_> = calls
        .iter()
        .map(|call| {
            let legs = call.legs.iter().map(|leg| leg.party.name.as_str());
            (
                call.phase,
                call.caller.name.as_str(),
                call.dialled.as_str(),
                legs.collect(),
            )
        })
        .collect();
    let parties: fn(&[&'static str]) -> Vec<&'static str> = |names| names.to_vec();
    assert_eq!(
        rows,
        [
            ("talk", "张三", "101", parties(&["张三", "李四"])),
            ("dial", "王五", "103", parties(&["王五", "Eve"])),
        ]
    );
    assert_eq!(calls[0].start, office.now.wall);
    assert_eq!(
        office.switch.call_of(office.leg("103")),
        Some(calls[1].call)
    );
    office.hangs_up("100").hangs_up("102");
    assert_eq!(office.switch.live().count(), 0);
}
