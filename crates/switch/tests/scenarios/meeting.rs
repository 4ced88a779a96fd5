//! What happens in a conference: its menu, its tones, who waits, who is sent away, and what is asked of it from outside.

use crate::conference::with_rooms;
use crate::office::{Office, number, seconds};
use model::{
    Announce, Cause, Command, Effect, Fact, Input, Number, Room, RoomCommand, RoomFact, RoomRole,
    Switched,
};
use std::sync::Arc;

/// CO-09: by a tone, to those who listen and not to those who are told something.
#[test]
fn those_who_listen_hear_who_comes_and_goes() {
    let mut office = meeting(&["101", "102"]);
    settle(&mut office, &["100", "101", "102"]);
    change(&mut office, |room| room.max_members = None);
    office.dials("103", "700").types("103", "1111#");
    assert_eq!(
        office.heard("103"),
        "en:CO-02 en:CO-04 en:CO-07 en:D-4 en:CO-08"
    );
    for other in ["100", "101", "102"] {
        assert_eq!(last_heard(&office, other), "Tone(Join)", "{other}");
    }
    office.hangs_up("103");
    for other in ["100", "101", "102"] {
        assert_eq!(last_heard(&office, other), "Tone(Leave)", "{other}");
    }
    change(&mut office, |room| room.announce = Announce::None);
    let told = office.last("100").heard.len();
    office
        .dials("103", "700")
        .types("103", "1111#")
        .hangs_up("103");
    assert_eq!(office.last("100").heard.len(), told);
}

/// CO-09: whoever is left alone is told so, and hears music until somebody comes.
#[test]
fn who_is_left_alone_is_told_and_hears_music() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.hangs_up("101");
    assert!(office.heard("100").ends_with("CO-06 Music"));
    office.restarts().dials("101", "700").types("101", "1111#");
    assert!(!office.hears_music("100") && office.talk("100", "101"));
}

/// CO-10 CO-20: heard no longer, but hearing.
#[test]
fn a_party_mutes_itself_by_the_menu() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.types("101", "*");
    assert_eq!(last_heard(&office, "101"), "CO-27");
    assert!(office.talk("100", "101"), "meanwhile");
    office.types("101", "1");
    assert_eq!(last_heard(&office, "101"), "CO-20");
    assert!(office.hears("101", "100") && !office.hears("100", "101"));
    office.restarts().hears_it_out("101").types("101", "*1");
    assert_eq!(last_heard(&office, "101"), "CO-21");
    assert!(office.talk("100", "101"));
    let leg = office.leg("101");
    assert_eq!(
        facts(&office)[2..],
        [
            RoomFact::Muted(leg, Switched::On),
            RoomFact::Muted(leg, Switched::Off)
        ]
    );
}

/// CO-10 CO-17: only administrators are let in, and let others in again.
#[test]
fn an_administrator_locks_the_conference() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.types("100", "*");
    assert_eq!(last_heard(&office, "100"), "CO-28");
    office.types("100", "2");
    assert_eq!(last_heard(&office, "100"), "CO-18");
    office.dials("103", "700").types("103", "1111#");
    assert!(office.heard("103").ends_with("en:CO-17"));
    office.hears_it_out("103").dials("103", "700");
    office.types("103", "9911#");
    assert!(office.talk("103", "100"), "administrators are let in");
    office.hangs_up("103").types("100", "*2");
    assert_eq!(last_heard(&office, "100"), "CO-19");
    office.dials("102", "700").types("102", "1111#");
    assert!(office.talk("102", "100"));
    // Members have no such key.
    office.types("102", "*2");
    assert!(office.heard("102").ends_with("CO-27 N-10 CO-27"));
}

/// CO-10 CO-24
#[test]
fn an_administrator_removes_who_came_last_and_leaves_by_the_menu() {
    let mut office = meeting(&["101", "102"]);
    settle(&mut office, &["100", "101", "102"]);
    office.types("100", "*3");
    assert_eq!(last_heard(&office, "102"), "CO-24");
    assert!(!office.hears("102", "100") && office.talk("100", "101"));
    assert_eq!(last_heard(&office, "100"), "Tone(Leave)");
    office.hears_it_out("102");
    assert_eq!(office.last("102").ended, Some(Cause::Normal));
    office.types("100", "*8");
    assert_eq!(last_heard(&office, "100"), "N-23");
    assert!(office.hears_music("101"));
    office.hears_it_out("100").hangs_up("101");
    assert!(office.is_quiet());
    assert_eq!(office.lamp("700"), None);
}

/// CO-10: a key that is not in the menu, and silence.
#[test]
fn the_menu_is_left_by_wrong_keys_and_silence() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.types("101", "*").passes(seconds(300));
    let heard = office.heard("101");
    assert!(heard.ends_with("CO-27 CO-27 CO-27"), "{heard}");
    office.types("101", "7");
    assert_eq!(office.heard("101"), heard, "he confers again");
    office.types("101", "*777");
    assert!(office.heard("101").ends_with("CO-27 N-10 CO-27 N-10 CO-27"));
    assert!(office.talk("100", "101"));
    office.hangs_up("101").hangs_up("100");
    assert!(office.is_quiet());
}

/// CO-09 CO-22: members wait with music, in their own language, until an administrator is there.
#[test]
fn members_wait_for_the_administrator() {
    let mut office = Office::new();
    with_rooms(&mut office);
    change(&mut office, |room| room.wait_for_admin = true);
    for member in ["101", "103"] {
        office.dials(member, "700").types(member, "1111#");
        assert!(office.hears_music(member));
    }
    assert_eq!(office.heard("103"), "en:CO-02 en:CO-22 Music");
    assert!(!office.hears("101", "103"));
    assert_eq!(office.lamp("700"), Some(""));
    office
        .restarts()
        .types("101", "*0")
        .dials("100", "700")
        .types("100", "9911#");
    assert!(office.heard("100").ends_with("CO-05 CO-07 D-3 CO-08"));
    for member in ["101", "103"] {
        assert!(office.talk(member, "100") && !office.hears_music(member));
    }
    assert!(office.talk("101", "103"));
    // Once it has begun it goes on without him.
    settle(&mut office, &["100", "101", "103"]);
    office.hangs_up("100");
    assert!(office.talk("101", "103"));
    office.hangs_up("101").hangs_up("103");
    assert!(office.is_quiet());
}

/// CO-09 CO-13 CO-23
#[test]
fn a_conference_ends_with_its_last_administrator_where_that_is_set_up() {
    for ends in [true, false] {
        let mut office = meeting(&["101", "102"]);
        settle(&mut office, &["100", "101", "102"]);
        change(&mut office, |room| room.end_with_admin = ends);
        office.vanishes("100");
        if ends {
            for member in ["101", "102"] {
                assert_eq!(last_heard(&office, member), "CO-23");
                assert!(!office.talk("101", "102"));
                office.hears_it_out(member);
            }
        } else {
            assert!(office.talk("101", "102"));
            office.hangs_up("101").hangs_up("102");
        }
        assert!(office.is_quiet());
    }
}

/// CO-12 CO-29: one recording, in everybody's record, which goes on with whoever stays.
#[test]
fn a_conference_is_recorded() {
    let mut office = Office::new();
    with_rooms(&mut office);
    change(&mut office, |room| room.record = true);
    for (party, pin) in [("100", "9911#"), ("101", "1111#"), ("102", "1111#")] {
        office.dials(party, "700").types(party, pin);
        assert!(office.heard(party).ends_with("CO-29"));
    }
    assert_eq!(office.recorded(), ["100"]);
    office.holds("100");
    assert_eq!(office.recorded(), ["101"], "who holds hears nothing");
    office.resumes("100").hangs_up("101");
    assert_eq!(office.recorded(), ["100"]);
    office.restarts().hangs_up("100").hangs_up("102");
    assert!(office.is_quiet());
    assert_eq!(office.tapes.len(), 1);
    let tape = *office.tapes.keys().next().unwrap();
    assert_eq!(office.records.len(), 3, "a record for each");
    for record in &office.records {
        assert_eq!(record.callee, number("700"));
        assert_eq!(record.recordings, [tape]);
    }
    assert!(office.log.iter().any(|effect| matches!(
        effect,
        Effect::Record {
            layout: model::RecordingLayout::Mixed,
            ..
        }
    )));
}

/// CO-12, IX-28: the conference goes on when its recording cannot.
#[test]
fn a_recording_that_fails_changes_nothing_else() {
    let mut office = Office::new();
    with_rooms(&mut office);
    change(&mut office, |room| room.record = true);
    for (party, pin) in [("100", "9911#"), ("101", "1111#")] {
        office.dials(party, "700").types(party, pin);
    }
    let tape = *office.tapes.keys().next().unwrap();
    office.tapes.insert(tape, None);
    let (leg, failed) = (office.leg("100"), model::LegEvent::RecordingFailed(tape));
    office.give(Input::Leg(leg, failed));
    assert!(office.talk("100", "101"));
    office.hangs_up("100");
    assert_eq!(
        office.recorded(),
        Vec::<&str>::new(),
        "it is not begun again"
    );
    office.hangs_up("101");
    assert!(office.is_quiet());
}

/// CO-11: muted, sent away, locked and ended by whoever watches it in the portal.
#[test]
fn a_conference_does_what_is_asked_of_it_from_outside() {
    let mut office = meeting(&["101", "102"]);
    settle(&mut office, &["100", "101", "102"]);
    let [admin, one, other] = ["100", "101", "102"].map(|party| office.leg(party));
    asks(&mut office, RoomCommand::Mute(one, Switched::On));
    assert_eq!(last_heard(&office, "101"), "CO-20");
    assert!(!office.hears("100", "101"));
    asks(&mut office, RoomCommand::MuteAll(Switched::On));
    assert!(office.hears("102", "100") && !office.hears("100", "102"));
    assert_eq!(
        last_heard(&office, "101"),
        "CO-20",
        "who is muted is not told again"
    );
    asks(&mut office, RoomCommand::MuteAll(Switched::Off));
    assert!(office.talk("101", "102"));
    asks(&mut office, RoomCommand::Lock(Switched::On));
    asks(&mut office, RoomCommand::Remove(other));
    assert_eq!(last_heard(&office, "102"), "CO-24");
    office.hears_it_out("102").dials("102", "700");
    office.types("102", "1111#");
    assert!(office.heard("102").ends_with("CO-17"));
    office.hangs_up("102");
    asks(&mut office, RoomCommand::End);
    for party in ["100", "101"] {
        assert_eq!(last_heard(&office, party), "N-23");
        office.hears_it_out(party);
    }
    assert!(office.is_quiet());
    let facts = facts(&office);
    let joined = |leg, who: &str, role| RoomFact::Joined {
        leg,
        party: model::Party {
            number: Some(number(who)),
            name: office.directory.extensions[&number(who)].name.clone(),
        },
        role,
    };
    assert_eq!(
        facts[..3],
        [
            joined(admin, "100", RoomRole::Administrator),
            joined(one, "101", RoomRole::Member),
            joined(other, "102", RoomRole::Member),
        ]
    );
    assert!(facts.contains(&RoomFact::Locked(Switched::On)));
    assert!(facts.contains(&RoomFact::Left(other)));
}

/// CO-11: what makes no sense has no effect.
#[test]
fn nothing_is_asked_of_nobody() {
    let mut office = meeting(&["101"]);
    let stranger = office.dials("102", "*43").leg("102");
    let before = office.log.len();
    for command in [
        RoomCommand::Mute(stranger, Switched::On),
        RoomCommand::Remove(stranger),
    ] {
        asks(&mut office, command);
    }
    for command in [RoomCommand::End, RoomCommand::Lock(Switched::On)] {
        office.give(Input::Command(Command::Room(number("999"), command)));
    }
    assert_eq!(office.log.len(), before);
    assert!(office.is_in_a_call("102"));
}

/// CO-11: called because it was asked for, inside and outside, and in the conference at once.
#[test]
fn somebody_is_called_into_a_conference() {
    let mut office = Office::with_lines();
    with_rooms(&mut office);
    change(&mut office, |room| {
        room.max_members = None;
        room.name = "board".into();
    });
    office.dials("100", "700").types("100", "9911#");
    let invite = |number, rights: &str| RoomCommand::Invite {
        number,
        rights: Number::parse(rights).ok(),
    };
    asks(&mut office, invite(number("101"), ""));
    assert_eq!(office.last("101").shown.name, "board");
    office.rings("101").restarts().answers("101");
    assert!(office.heard("101").starts_with("CO-15 CO-04 CO-07 D-2"));
    assert!(office.talk("100", "101"));
    // Outside only with the rights of somebody who may.
    asks(&mut office, invite(number("985337106"), ""));
    asks(&mut office, invite(number("110"), "100"));
    assert_eq!(office.records.len(), 2, "both came to nothing");
    asks(&mut office, invite(number("985337106"), "100"));
    assert_eq!(
        office.last("85337106").shown.number,
        Some(number("02885337100"))
    );
    office.rings("85337106").answers("85337106");
    assert!(office.talk("100", "85337106"));
    // Nobody answers, or wants to.
    for (party, refuses) in [("102", true), ("103", false)] {
        asks(&mut office, invite(number(party), ""));
        match refuses {
            true => office.fails(party, Cause::Busy),
            false => office.passes(seconds(30)),
        };
        assert!(!office.is_in_a_call(party));
    }
    for party in ["100", "101", "85337106"] {
        office.hangs_up(party);
    }
    assert!(office.is_quiet());
}

/// CO-03 CO-13: a hundred parties, fifty of them within a second, and all gone at once.
#[test]
fn a_hundred_parties_are_one_group() {
    let mut office = Office::new();
    with_rooms(&mut office);
    change(&mut office, |room| room.max_members = None);
    office.reconfigures(|directory| {
        for nth in 0..100 {
            let number = number(&format!("{}", 2000 + nth));
            let own = model::Extension::new(number, &number, model::Secret::NONE);
            directory.extensions.insert(number, Arc::new(own));
        }
    });
    for nth in 0..100 {
        let party = format!("{}", 2000 + nth);
        office.dials(&party, "700").types(&party, "1111#");
        office.passes(model::Duration::from_millis(20));
    }
    let plan = office.log.iter().rev().find_map(|effect| match effect {
        Effect::Mix(_, plan) => Some(plan.clone()),
        _ => None,
    });
    let plan = plan.unwrap();
    assert_eq!((plan.seats.len(), plan.groups.len()), (100, 1));
    assert!(office.talk("2000", "2099") && !office.hears("2000", "2000"));
    for nth in 0..100 {
        office.hangs_up(&format!("{}", 2000 + nth));
    }
    assert!(office.is_quiet());
    assert_eq!(office.records.len(), 100);
}

/// XF-06: a phone leaves its place to another; as administrator only to one of its own.
#[test]
fn a_place_in_a_conference_is_left_to_another_phone() {
    for (heir, role) in [("100", "CO-05"), ("103", "en:CO-04")] {
        let mut office = meeting(&["101"]);
        change(&mut office, |room| room.max_members = None);
        let old = office.leg("100");
        office.replaces(heir, old);
        if heir == "103" {
            assert!(
                !office.talk("103", "101"),
                "nobody takes another's place by himself"
            );
            continue;
        }
        assert!(office.phone(old).ended.is_some());
        assert!(office.heard(heir).contains(role));
        assert!(office.talk(heir, "101"));
    }
}

/// Room 700 with 100 as its administrator and others as members.
pub(crate) fn meeting(members: &[&str]) -> Office {
    let mut office = Office::new();
    with_rooms(&mut office)
        .dials("100", "700")
        .types("100", "9911#");
    for member in members {
        office.dials(member, "700").types(member, "1111#");
    }
    office
}

/// What is being said to them comes to its end.
pub(crate) fn settle(office: &mut Office, parties: &[&str]) {
    for party in parties {
        if office.is_told(party) {
            office.hears_it_out(party);
        }
    }
}

pub(crate) fn change(office: &mut Office, change: impl FnOnce(&mut Room)) {
    office.reconfigures(|directory| {
        let room = directory.rooms.get_mut(&number("700")).unwrap();
        change(Arc::make_mut(room));
    });
}

pub(crate) fn last_heard(office: &Office, party: &str) -> String {
    office.last(party).heard.last().cloned().unwrap_or_default()
}

fn asks(office: &mut Office, command: RoomCommand) {
    office.give(Input::Command(Command::Room(number("700"), command)));
}

fn facts(office: &Office) -> Vec<RoomFact> {
    let facts = office.log.iter().filter_map(|effect| match effect {
        Effect::Fact(Fact::Room(room, fact)) if *room == number("700") => Some(fact.clone()),
        _ => None,
    });
    facts.collect()
}
