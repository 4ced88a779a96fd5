//! Calls between extensions.

use crate::office::{Office, number, seconds, set};
use model::{Cause, Digit, Effect, Input, LegEvent, Sound};

#[test]
fn two_phones_talk() {
    let mut office = Office::new();
    office.dials("100", "101");
    assert_eq!(office.last("101").shown.name, "张三");
    assert_eq!(office.last("100").shown.name, "李四");
    assert_eq!(office.last("100").alerted, 0, "nothing rings yet");
    office.rings("101").rings("101");
    assert_eq!(office.last("100").alerted, 1, "told once");
    assert_eq!(office.last("100").answered, 0);
    office.answers("101");
    assert_eq!(office.last("100").answered, 1);
    assert!(office.talk("100", "101"));
    assert_eq!(office.phases(), ["dial", "talk"]);
    office.hangs_up("100");
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

#[test]
fn either_side_ends_the_call() {
    for who in ["100", "101"] {
        let mut office = Office::talking();
        office.hangs_up(who);
        assert!(office.is_quiet(), "{who} hung up");
    }
}

/// SI-04: what the callee sends before he answers is heard, and keys reach him.
#[test]
fn sound_before_the_answer_is_heard() {
    let mut office = Office::new();
    office.dials("100", "101").sends_early_media("101");
    assert_eq!(office.last("100").progressed, 1);
    assert!(office.hears("100", "101"));
    office.types("100", "5").rings("101");
    assert_eq!(office.last("101").keys_received, "5");
    assert_eq!(
        office.last("100").alerted,
        0,
        "a 180 would silence the early media"
    );
    office.answers("101");
    assert!(office.talk("100", "101"));
    let mixes = office
        .log
        .iter()
        .filter(|effect| matches!(effect, Effect::Mix(..)));
    assert_eq!(mixes.count(), 1, "the sound goes on as it is");
    office.hangs_up("101");
    assert!(office.is_quiet());
}

/// N-04; §1.3 step 7
#[test]
fn nobody_answers_within_30_seconds() {
    let mut office = Office::new();
    office.dials("100", "101").rings("101").passes(seconds(29));
    assert!(office.is_in_a_call("101"));
    office.passes(seconds(1));
    assert_eq!(office.last("101").ended, Some(Cause::NoAnswer));
    assert_eq!(office.heard("100"), "N-04");
    assert_eq!(office.last("100").progressed, 1, "heard before any answer");
    assert_eq!(office.last("100").answered, 0);
    office.hears_it_out("100");
    assert_eq!(office.last("100").ended, Some(Cause::NoAnswer));
    assert!(office.is_quiet());
}

#[test]
fn each_extension_has_its_own_ring_time() {
    let mut office = Office::with(|directory| {
        set(directory, "101", |extension| {
            extension.ring_time = Some(seconds(10));
        });
    });
    office.dials("100", "101").rings("101").passes(seconds(9));
    assert!(office.is_in_a_call("101"));
    office.passes(seconds(1));
    assert!(!office.is_in_a_call("101"));
}

/// N-01
#[test]
fn a_number_that_does_not_exist_is_not_found() {
    refused("100", "999", "N-01", Cause::NotFound, |_| {});
}

/// Leading zeros count.
#[test]
fn five_is_not_double_zero_five() {
    refused("100", "00100", "N-01", Cause::NotFound, |_| {});
}

/// N-02; §1.3 step 6
#[test]
fn a_phone_that_is_not_registered_is_unavailable_at_once() {
    refused("100", "101", "N-02", Cause::Unavailable, |office| {
        office.unregisters("101");
    });
}

/// N-03, D-10; §1.3 step 5
#[test]
fn who_talks_is_busy() {
    refused("102", "101", "N-03", Cause::Busy, |office| {
        office.dials("100", "101").answers("101");
    });
}

/// D-10
#[test]
fn who_calls_is_busy() {
    refused("102", "100", "N-03", Cause::Busy, |office| {
        office.dials("100", "101");
    });
}

/// D-10
#[test]
fn who_is_being_rung_is_busy() {
    refused("102", "101", "N-03", Cause::Busy, |office| {
        office.dials("100", "101").rings("101");
    });
}

#[test]
fn who_dials_his_own_number_is_busy() {
    refused("100", "100", "N-03", Cause::Busy, |_| {});
    refused("100", "100", "N-03", Cause::Busy, |office| {
        office.reconfigures(|directory| {
            set(directory, "100", |extension| extension.call_waiting = true);
        });
    });
}

/// D-10
#[test]
fn with_call_waiting_a_second_call_rings() {
    let mut office = Office::with(|directory| {
        set(directory, "101", |extension| extension.call_waiting = true);
    });
    office
        .dials("100", "101")
        .answers("101")
        .dials("102", "101");
    office.rings("101");
    assert_eq!(office.last("102").alerted, 1);
    office.answers("101");
    assert!(office.talk("102", "101") && office.talk("100", "101"));
    assert!(!office.hears("102", "100"), "two calls, not one");
}

/// DN-01 DN-04, N-05
#[test]
fn who_wants_no_calls_is_busy_and_says_so_to_colleagues() {
    refused("100", "101", "N-05", Cause::Busy, |office| {
        office.reconfigures(|directory| {
            set(directory, "101", |extension| {
                extension.do_not_disturb = true
            });
        });
    });
}

/// DN-01
#[test]
fn who_wants_no_calls_may_call() {
    let mut office = Office::with(|directory| {
        set(directory, "100", |extension| {
            extension.do_not_disturb = true
        });
    });
    office.dials("100", "101").answers("101");
    assert!(office.talk("100", "101"));
}

/// What a phone answers is what the caller is told (N-02 N-03 N-06 N-07 N-25, IX-23).
#[test]
fn the_refusal_of_a_phone_reaches_the_caller() {
    for (phone_says, prompt, caller_gets) in [
        (Cause::Busy, "N-03", Cause::Busy),
        (Cause::Declined, "N-03", Cause::Declined),
        (Cause::NoAnswer, "N-04", Cause::NoAnswer),
        (Cause::Unavailable, "N-02", Cause::Unavailable),
        (Cause::NotFound, "N-02", Cause::Unavailable),
        (Cause::Forbidden, "N-07", Cause::Forbidden),
        (Cause::NotAcceptable, "N-02", Cause::NotAcceptable),
        (Cause::Congestion, "N-06", Cause::Congestion),
        (Cause::Failed, "N-25", Cause::Failed),
    ] {
        let mut office = Office::new();
        office.dials("100", "101").rings("101");
        office.fails("101", phone_says);
        assert_eq!(office.heard("100"), prompt, "{phone_says:?}");
        office.hears_it_out("100");
        assert_eq!(office.last("100").ended, Some(caller_gets));
        assert_eq!(office.last("100").answered, 0);
        assert!(office.is_quiet());
    }
}

#[test]
fn a_caller_can_give_up_at_any_time() {
    type Step = fn(&mut Office);
    let steps: [Step; 4] = [
        |_| {},
        |office| {
            office.rings("101");
        },
        |office| {
            office.sends_early_media("101");
        },
        |office| {
            office.fails("101", Cause::Busy);
        },
    ];
    for until in 0..=steps.len() {
        let mut office = Office::new();
        office.dials("100", "101");
        for step in &steps[..until] {
            step(&mut office);
        }
        office.hangs_up("100");
        assert!(office.is_quiet(), "after {until} steps");
        if until < 4 {
            assert_eq!(office.last("101").ended, Some(Cause::Normal));
        }
    }
}

#[test]
fn a_prompt_whose_end_is_never_reported_holds_nobody() {
    let mut office = Office::new();
    office.dials("100", "999").passes(seconds(60));
    assert_eq!(office.last("100").ended, Some(Cause::NotFound));
    assert!(office.is_quiet());
}

#[test]
fn a_key_cuts_a_prompt_short() {
    let mut office = Office::new();
    office.dials("100", "999").types("100", "1");
    assert_eq!(office.last("100").ended, Some(Cause::NotFound));
}

/// SI-04
#[test]
fn who_is_on_hold_hears_music_until_he_is_resumed() {
    let mut office = Office::talking();
    office.holds("100");
    assert!(office.hears_music("101"));
    assert!(!office.hears("101", "100") && !office.hears("100", "101"));
    office.resumes("100");
    assert!(!office.hears_music("101"));
    assert!(office.talk("100", "101"));
}

#[test]
fn when_both_hold_nobody_hears_anything() {
    let mut office = Office::talking();
    office.holds("100").holds("101");
    assert!(!office.hears_music("100") && !office.hears_music("101"));
    assert!(!office.hears("101", "100") && !office.hears("100", "101"));
    office.resumes("100");
    assert!(office.hears_music("100") && !office.hears_music("101"));
    office.resumes("101");
    assert!(office.talk("100", "101"));
    assert!(!office.hears_music("100") && !office.hears_music("101"));
}

#[test]
fn a_call_can_end_on_hold() {
    for who in ["100", "101"] {
        let mut office = Office::talking();
        office.holds("100").hangs_up(who);
        assert!(office.is_quiet(), "{who} hung up");
    }
}

/// Keys that no code consumes are for the other party.
#[test]
fn keys_in_a_conversation_reach_the_other_party() {
    let mut office = Office::talking();
    office.types("100", "12*30").types("101", "9");
    assert_eq!(office.last("101").keys_received, "12*30");
    assert_eq!(office.last("100").keys_received, "9");
}

/// SI-07
#[test]
fn a_phone_that_vanishes_ends_its_call() {
    let mut office = Office::talking();
    office.vanishes("101");
    assert_eq!(office.last("100").ended, Some(Cause::Normal));
    assert_eq!(office.record().cause, Cause::Vanished);
}

/// IX-25
#[test]
fn a_call_goes_on_when_its_extension_is_deleted() {
    let mut office = Office::talking();
    office.reconfigures(|directory| {
        directory.extensions.remove(&number("101"));
    });
    assert!(office.talk("100", "101"));
    office.types("100", "7");
    assert_eq!(office.last("101").keys_received, "7");
    office.hangs_up("100");
    assert!(office.is_quiet());
    office.dials("100", "101");
    assert_eq!(office.heard("100"), "N-01");
}

/// A deleted extension calls nobody, even if its phone is still trusted somewhere.
#[test]
fn an_extension_that_was_deleted_may_not_call() {
    refused("101", "100", "N-07", Cause::Forbidden, |office| {
        office.reconfigures(|directory| {
            directory.extensions.remove(&number("101"));
        });
    });
}

/// IX-27: ring time is not measured by the clock on the wall.
#[test]
fn a_jump_of_the_wall_clock_moves_no_deadline() {
    for jump_ms in [3_600_000, -3_600_000] {
        let mut office = Office::new();
        office.dials("100", "101").rings("101").passes(seconds(10));
        office.sets_the_clock(jump_ms).give(Input::Timeout);
        office.passes(seconds(19));
        assert!(office.is_in_a_call("101"));
        office.passes(seconds(1));
        assert!(!office.is_in_a_call("101"));
    }
}

/// Monotonic time that steps back, as a fault elsewhere could make it, is taken for standing still.
#[test]
fn time_never_goes_back() {
    let mut office = Office::new();
    office.dials("100", "101").rings("101").passes(seconds(20));
    office.give(Input::Timeout);
    let now = office.now;
    office.now.mono = model::Time(0);
    office.rings("101").dials("102", "103").rings("103");
    office.now = now;
    office.passes(seconds(10));
    assert!(!office.is_in_a_call("101"));
    assert!(office.is_in_a_call("103"));
    office.passes(seconds(20));
    assert!(!office.is_in_a_call("103"), "30 s after its own beginning");
}

#[test]
fn while_draining_calls_go_on_and_new_ones_are_refused() {
    let mut office = Office::talking();
    office.give(Input::Drain).dials("102", "103");
    assert_eq!(office.last("102").ended, Some(Cause::Congestion));
    assert_eq!(office.last("102").heard, [""; 0], "refused at once");
    assert!(office.talk("100", "101"));
    office.hangs_up("100");
    assert!(office.is_quiet());
}

#[test]
fn every_call_ends_when_the_server_stops() {
    let mut office = Office::talking();
    office
        .dials("102", "103")
        .rings("103")
        .give(Input::HangUpAll);
    for party in ["100", "101", "102", "103"] {
        assert_eq!(office.last(party).ended, Some(Cause::Restarted), "{party}");
    }
    assert_eq!(office.records.len(), 2);
    assert!(office.is_quiet());
    office.dials("100", "101");
    assert_eq!(office.last("100").ended, Some(Cause::Congestion));
}

/// Late and senseless events have no effect.
#[test]
fn what_makes_no_sense_has_no_effect() {
    let mut office = Office::talking();
    let (caller, callee) = (office.leg("100"), office.leg("101"));
    let log = office.log.len();
    for (leg, event) in [
        (callee, LegEvent::Ringing),
        (callee, LegEvent::EarlyMedia),
        (callee, LegEvent::Answered),
        (callee, LegEvent::Failed(Cause::Busy)),
        (caller, LegEvent::Answered),
        (caller, LegEvent::Ringing),
        (caller, LegEvent::Failed(Cause::Busy)),
        (caller, LegEvent::Resumed),
        (
            caller,
            LegEvent::Played(model::PlayId(1), model::PlayEnd::Finished),
        ),
    ] {
        office.give(Input::Leg(leg, event));
    }
    office.give(Input::Answer(model::QuestionId(1), model::Reply::Saved));
    office.give(Input::Timeout);
    assert_eq!(office.log.len(), log, "{:?}", &office.log[log..]);
    office.hangs_up("100");
    let log = office.log.len();
    let digit = Digit::parse('5').unwrap();
    office.give(Input::Leg(caller, LegEvent::HungUp(Cause::Normal)));
    office.give(Input::Leg(callee, LegEvent::Digit(digit)));
    office.give(Input::Leg(callee, LegEvent::Held));
    assert_eq!(office.log.len(), log, "{:?}", &office.log[log..]);
}

/// A leg that calls in again, or bears an id of ours, is not taken for a new one.
#[test]
fn a_leg_calls_in_once() {
    let mut office = Office::talking();
    let log = office.log.len();
    for leg in [office.leg("100"), model::LegId::outbound(77)] {
        office.give(Input::Incoming(model::Incoming {
            leg,
            origin: model::Origin::Extension(number("102")),
            caller: model::Party::default(),
            dialled: number("103"),
            hops: 0,
            replaces: None,
        }));
    }
    assert_eq!(office.log.len(), log);
}

/// FC-06
#[test]
fn each_caller_is_spoken_to_in_his_language() {
    let mut office = Office::new();
    office.dials("103", "999").dials("100", "999");
    assert_eq!(office.heard("103"), "en:N-01");
    assert_eq!(office.heard("100"), "N-01");
}

#[test]
fn music_is_played_until_it_is_stopped_and_reports_keys() {
    let mut office = Office::talking();
    office.holds("100").types("101", "5");
    assert!(office.hears_music("101"), "a key does not end it");
    assert_eq!(office.last("100").keys_received, "5");
    let music = office.log.iter().filter(
        |effect| matches!(effect, Effect::Play { sounds, .. } if *sounds == [Sound::Music]),
    );
    assert_eq!(music.count(), 1);
}

/// Somebody calls in vain: he hears why before any answer, then his phone is told.
fn refused(
    from: &str,
    dialled: &str,
    prompt: &str,
    cause: Cause,
    before: impl FnOnce(&mut Office),
) {
    let mut office = Office::new();
    before(&mut office);
    office.dials(from, dialled);
    assert_eq!(office.heard(from), prompt);
    assert_eq!(office.last(from).progressed, 1);
    assert_eq!(office.last(from).answered, 0);
    office.hears_it_out(from);
    assert_eq!(office.last(from).ended, Some(cause));
    assert_eq!(office.last(from).alerted, 0);
    assert_eq!(office.record().cause, cause);
}
