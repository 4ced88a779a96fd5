//! Whether a trunk is there.

use super::support::{Office, Tells, sdp};
use super::{carrier, party};
use edge::TrunkState;
use model::{Cause, LegEvent, Trunk, TrunkHealth};
use std::time::Duration;

fn state(office: &Office) -> TrunkState {
    let mut all = office.edge.trunks(office.now);
    all.next().expect("a trunk").state
}

fn office(places: &[&'static str]) -> Office {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), places);
    office
}

/// AD-07
#[test]
fn a_trunk_that_is_silent_twice_is_not_called_until_it_answers() {
    let mut office = office(&["carrier"]);
    office.phone("carrier").tells = Tells::Nothing;
    office.after(Duration::from_secs(60));
    assert_eq!(state(&office), TrunkState::NoAnswer);
    let leg = office.call_out("carrier", "119", party("100", ""));
    office.expect(leg, LegEvent::Failed(Cause::Unavailable));
    office.forget("carrier");
    office.phone("carrier").tells = Tells::ThatItIsThere;
    office.after(Duration::from_secs(20));
    assert_eq!(state(&office), TrunkState::Up);
    office.forget("carrier");
    office.call_out("carrier", "119", party("100", ""));
    office.hear_request("carrier", "INVITE");
}

#[test]
fn one_answer_that_is_lost_takes_no_trunk_down() {
    let mut office = office(&["carrier"]);
    office.phone("carrier").tells = Tells::Nothing;
    office.after(Duration::from_secs(46));
    // Asked at last after 45 s, and not given up for another 5.
    office.phone("carrier").tells = Tells::ThatItIsThere;
    office.after(Duration::from_secs(10));
    assert_eq!(state(&office), TrunkState::Up);
}

/// A question that nobody answered is given up at once, and its transaction 27 s later.
#[test]
fn one_question_without_an_answer_counts_once() {
    let mut office = office(&["carrier"]);
    office.phone("carrier").tells = Tells::Nothing;
    office.after(Duration::from_secs(46));
    office.after_until("carrier", Duration::from_secs(5));
    office.phone("carrier").tells = Tells::ThatItIsThere;
    for _ in 0..10 {
        office.after(Duration::from_secs(6));
        assert_eq!(state(&office), TrunkState::Up);
    }
}

#[test]
fn whatever_a_trunk_answers_it_is_there_unless_it_says_otherwise() {
    for (status, expected) in [
        (404, TrunkState::Up),
        (401, TrunkState::Up),
        (405, TrunkState::Up),
        (503, TrunkState::NoAnswer),
    ] {
        let mut office = office(&["carrier"]);
        office.phone("carrier").tells = Tells::Nothing;
        for _ in 0..200 {
            office.after(Duration::from_millis(500));
            while let Some(sip::message::Message::Request(options)) = office.hear("carrier") {
                let line = super::support::Line::called("carrier", &options, 1);
                let reply = line.reply(&options, status, "", "");
                office.say("carrier", &reply);
            }
        }
        assert_eq!(state(&office), expected, "{status}");
    }
}

/// AD-07
#[test]
fn of_several_places_those_are_called_that_are_there() {
    let mut office = office(&["first", "second"]);
    office.phone("first").tells = Tells::Nothing;
    office.after(Duration::from_secs(60));
    office.forget("first");
    assert_eq!(state(&office), TrunkState::Up);
    let leg = office.call_out("carrier", "119", party("100", ""));
    let (invite, line) = office.rung("second");
    office.say("second", &line.reply(&invite, 200, "", &sdp(9)));
    office.expect(leg, LegEvent::Answered);
}

#[test]
fn a_trunk_that_is_not_watched_counts_as_there() {
    let mut office = Office::with(&["100"]);
    let trunk = Trunk {
        health: TrunkHealth::None,
        ..carrier()
    };
    office.trunk(trunk, &["carrier"]);
    office.phone("carrier").tells = Tells::Nothing;
    office.after(Duration::from_secs(600));
    office.hear_nothing("carrier");
    assert_eq!(state(&office), TrunkState::Up);
}

/// AD-07
#[test]
fn a_host_that_is_not_found_is_looked_up_again() {
    let mut office = Office::with(&["100"]);
    office.trunk(carrier(), &["carrier"]);
    let places = std::mem::take(&mut office.places);
    office.set_trunk(Trunk::to("carrier", "elsewhere.example"));
    assert_eq!(state(&office), TrunkState::NotFound);
    office.places = places;
    office.after(Duration::from_secs(6));
    assert_eq!(state(&office), TrunkState::Up);
}

/// What was true stays the best guess while the name server is away.
#[test]
fn a_name_server_that_is_away_takes_no_trunk_down() {
    let mut office = Office::with(&["100"]);
    office.valid_for = Duration::from_secs(30);
    office.trunk(carrier(), &["carrier"]);
    office.places.clear();
    office.after(Duration::from_secs(600));
    assert_eq!(state(&office), TrunkState::Up);
}
