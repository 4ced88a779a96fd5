//! A phone is called to see whether sound goes both ways.

use crate::office::{Office, number, seconds};
use model::{CallStatus, Cause, Effect, Input};

#[test]
fn a_phone_is_asked_to_answer_by_itself_and_hears_music_for_a_while() {
    let mut office = Office::new();
    office.give(check("101"));
    let asks = office.log.iter().any(|effect| {
        matches!(effect, Effect::Ring(ring) if ring.auto_answer == model::AutoAnswer::Yes
            && ring.on_behalf.is_none())
    });
    assert!(asks);
    office.answers("101");
    assert!(office.hears_music("101"));
    office.passes(seconds(11)).restarts();
    assert!(office.is_in_a_call("101"));
    office.passes(seconds(1));
    assert!(office.is_quiet());
    assert_eq!(office.record().status, CallStatus::Answered);
}

#[test]
fn a_phone_that_nobody_answers_is_left_alone_after_a_while() {
    let mut office = Office::new();
    office.give(check("101")).rings("101").passes(seconds(20));
    assert!(office.is_quiet());
    office
        .give(check("101"))
        .rings("101")
        .fails("101", Cause::Declined);
    assert!(office.is_quiet());
    office.give(check("101")).answers("101").hangs_up("101");
    assert!(office.is_quiet());
}

#[test]
fn nobody_is_disturbed_for_it() {
    let mut office = Office::talking();
    let rung = |office: &Office| {
        let rings = office.log.iter();
        rings
            .filter(|effect| matches!(effect, Effect::Ring(_)))
            .count()
    };
    let before = rung(&office);
    office
        .give(check("101"))
        .unregisters("102")
        .give(check("102"));
    office
        .give(check("9999"))
        .give(Input::Drain)
        .give(check("103"));
    assert_eq!(rung(&office), before);
    assert!(office.talk("100", "101"));
}

fn check(extension: &str) -> Input {
    Input::SoundCheck(number(extension))
}
