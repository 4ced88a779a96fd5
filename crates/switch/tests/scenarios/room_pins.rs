//! Passwords of rooms that are wrong (SI-11).

use crate::conference::with_rooms;
use crate::office::{Office, number, seconds};
use model::Destination;
use std::sync::Arc;

/// SI-11, CO-01: nobody tries all passwords there are, and nobody else suffers for it.
#[test]
fn whoever_guesses_at_a_room_is_let_in_nowhere_for_an_hour() {
    let mut office = Office::with_lines();
    with_rooms(&mut office);
    for _ in 0..3 {
        office.dials("100", "700");
        for _ in 0..3 {
            office.types("100", "0000#");
        }
        office.hears_it_out("100");
    }
    assert_eq!(office.disk.refused.len(), 9, "the defence is told");
    for room in ["700", "701"] {
        office.dials("100", room);
        assert!(office.heard("100").ends_with("N-16"), "{room}");
        office.hears_it_out("100");
    }
    office.dials("101", "700").types("101", "1111#");
    assert!(office.phases().contains(&"conference"), "others are let in");
    office.passes(seconds(3_600));
    office.dials("100", "701").types("100", "2222#");
    assert!(!office.heard("100").ends_with("N-16"));
}

/// SI-11: from outside by the number that is shown; who shows none shares his guesses with those who do not either.
#[test]
fn guests_from_outside_do_not_shut_each_other_out() {
    for guesser in ["5550001", "anonymous"] {
        let mut office = Office::with_lines();
        with_rooms(&mut office).reconfigures(|directory| {
            for route in &mut directory.inbound_routes {
                Arc::make_mut(route).to = Destination::Number(number("700"));
            }
        });
        for _ in 0..3 {
            office.calls_on("carrier", guesser, "02885337100");
            for _ in 0..3 {
                office.types(guesser, "0000#");
            }
            office.hears_it_out(guesser);
        }
        office.calls_on("carrier", guesser, "02885337100");
        assert!(office.heard(guesser).ends_with("N-16"), "{guesser}");
        office.hears_it_out(guesser);
        office.calls_on("carrier", "5550002", "02885337100");
        office.types("5550002", "1111#");
        assert!(office.phases().contains(&"conference"), "{guesser}");
    }
}

/// SI-11, CO-07: the code that opens whichever room has the password is no way round.
#[test]
fn the_code_in_a_call_opens_no_room_for_who_guesses() {
    let mut office = Office::talking();
    with_rooms(&mut office);
    for _ in 0..3 {
        office.types("101", "*0");
        for _ in 0..3 {
            office.types("101", "0000#");
        }
        office.hears_it_out("101");
    }
    office.types("101", "*0").types("101", "1111#");
    assert!(!office.phases().contains(&"conference"));
}
