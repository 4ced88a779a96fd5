//! Conferences (manual §2.8): `*0` from a call, and the door of a room.

use crate::office::{Office, number, seconds};
use model::{Cause, Room};
use std::sync::Arc;

pub(crate) fn with_rooms(office: &mut Office) -> &mut Office {
    office.reconfigures(|directory| {
        for (room, admin, user) in [("700", "9911", "1111"), ("701", "9922", "2222")] {
            let room = Room {
                admin_pin: admin.into(),
                user_pin: user.into(),
                max_members: std::num::NonZeroU32::new(3),
                ..Room::new(number(room))
            };
            directory.rooms.insert(room.number, Arc::new(room));
        }
    })
}

/// CO-07 CO-08
#[test]
fn two_who_talk_go_into_a_conference() {
    for (pin, role) in [("9911", "CO-05"), ("1111", "CO-04")] {
        let mut office = Office::talking();
        with_rooms(&mut office).types("101", "*0");
        assert!(office.hears_music("100"));
        assert_eq!(office.heard("101"), "CO-02");
        office.types("101", pin).types("101", "#");
        assert!(office.talk("100", "101"), "{pin}");
        assert!(
            office
                .heard("101")
                .ends_with(&format!("{role} CO-07 D-2 CO-08"))
        );
        assert_eq!(office.lamp("700"), Some(""));
        assert_eq!(office.lamp("701"), None);
        // A third one dials in.
        office.dials("102", "700").types("102", "1111#");
        assert!(office.talk("102", "100") && office.talk("102", "101"));
        office.hangs_up("101");
        assert!(office.talk("102", "100"));
        office.hears_it_out("100").hangs_up("102");
        assert!(office.hears_music("100"), "who is alone hears music");
        office.hangs_up("100");
        assert_eq!(office.lamp("700"), None);
        assert!(office.is_quiet());
    }
}

/// CO-07
#[test]
fn three_wrong_passwords_bring_the_call_back() {
    let mut office = Office::talking();
    with_rooms(&mut office).types("101", "*0");
    for _ in 0..3 {
        office.types("101", "1234#");
    }
    assert!(office.heard("101").ends_with("CO-31"));
    assert!(office.talk("100", "101"));
    assert!(!office.hears_music("100"));
}

/// CO-07
#[test]
fn who_is_left_at_the_door_waits_a_minute() {
    let mut office = Office::talking();
    with_rooms(&mut office)
        .types("101", "*0")
        .hangs_up("101")
        .passes(seconds(59));
    assert!(office.hears_music("100"));
    office.passes(seconds(1));
    assert_eq!(office.last("100").ended, Some(Cause::Normal));
    assert!(office.is_quiet());
}

/// CO-08
#[test]
fn without_a_room_the_call_goes_on() {
    let mut office = Office::talking();
    office.types("101", "*0");
    assert!(office.heard("101").ends_with("CO-26"));
    assert!(office.talk("100", "101"));
}

/// CO-02 to CO-06, as far as `*0` needs it.
#[test]
fn the_door_of_a_room_lets_in_who_knows_its_password() {
    let mut office = Office::new();
    with_rooms(&mut office)
        .dials("100", "700")
        .types("100", "9911#");
    assert_eq!(office.heard("100"), "CO-02 CO-05 CO-06");
    office.hears_it_out("100");
    assert!(office.hears_music("100"));
    office.dials("101", "700").types("101", "1111#");
    assert!(!office.hears_music("100"));
    assert!(office.talk("100", "101"));
    office.dials("102", "700").types("102", "2222#1111#");
    assert!(office.talk("100", "102"));
    office.dials("103", "700").types("103", "1111#");
    assert!(office.heard("103").ends_with("en:CO-25"));
    assert!(!office.hears("103", "100"));
}

/// CO-01: by `#`, or a moment after as many digits as a password has.
#[test]
fn a_password_ends_by_itself() {
    let mut office = Office::new();
    with_rooms(&mut office)
        .dials("100", "700")
        .types("100", "1111")
        .passes(model::Duration::from_millis(1_400));
    assert_eq!(office.heard("100"), "CO-02");
    office.passes(model::Duration::from_millis(100));
    assert!(office.heard("100").starts_with("CO-02 CO-04"));
    // A shorter one is waited for.
    office
        .dials("101", "700")
        .types("101", "111")
        .passes(seconds(4));
    assert_eq!(office.heard("101"), "CO-02");
    office.passes(seconds(1));
    assert_eq!(office.heard("101"), "CO-02 CO-03 CO-02");
    office.restarts().types("101", "2222#").types("101", "1#");
    assert!(office.heard("101").ends_with("N-16"), "three times");
    office.hears_it_out("101");
    assert_eq!(office.last("101").ended, Some(Cause::Normal));
}

/// CO-02 BL-01: callers from outside are asked too, in the language of the system.
#[test]
fn a_conference_has_a_number_outside() {
    let mut office = Office::with_lines();
    with_rooms(&mut office).reconfigures(|directory| {
        let way = Arc::make_mut(&mut directory.inbound_routes[0]);
        way.to = model::Destination::Number(number("700"));
    });
    office
        .calls_from_outside("13912345678", "02885337100")
        .types("13912345678", "1111#");
    office.dials("103", "700").types("103", "9911#");
    assert!(office.heard("13912345678").starts_with("CO-02 CO-04 CO-06"));
    assert!(office.talk("103", "13912345678"));
    office.hangs_up("13912345678").hangs_up("103");
    assert!(office.is_quiet());
}

/// IX-02: who is in a conference, parks or monitors is busy.
#[test]
fn whoever_does_anything_is_busy_and_forwarded_as_busy() {
    let deeds: [crate::office::Deed<'_>; 3] = [
        &|office| {
            office.dials("101", "700").types("101", "1111#");
        },
        &|office| {
            office.dials("101", "102").answers("102").types("101", "*4");
        },
        &|office| {
            office
                .dials("102", "103")
                .answers("103")
                .dials("101", "*90102");
        },
    ];
    for (nth, deed) in deeds.into_iter().enumerate() {
        let mut office = Office::new();
        with_rooms(&mut office).reconfigures(|directory| {
            let extra = model::Extension::new(number("104"), "赵六", model::Secret::NONE);
            directory.extensions.insert(extra.number, Arc::new(extra));
            crate::office::set(directory, "102", |extension| {
                extension.may_be_monitored = true
            });
            crate::office::set(directory, "101", |extension| {
                extension.may_monitor = true;
                extension
                    .forwarding
                    .set(model::ForwardWhen::Busy, Some(number("104")));
            });
        });
        office.registers("104");
        deed(&mut office);
        assert!(office.is_in_a_call("101"), "deed {nth}");
        office.dials("100", "101").answers("104");
        assert!(office.talk("100", "104"), "deed {nth}");
    }
}

/// IX-15
#[test]
fn a_call_that_is_monitored_becomes_a_conference() {
    let mut office = Office::talking();
    with_rooms(&mut office).reconfigures(|directory| {
        crate::office::set(directory, "102", |extension| extension.may_monitor = true);
        crate::office::set(directory, "101", |extension| {
            extension.may_be_monitored = true
        });
    });
    office.dials("102", "*90101").types("101", "*01111#");
    assert!(office.talk("100", "101"));
    assert!(office.hears("102", "100") && !office.hears("100", "102"));
}
