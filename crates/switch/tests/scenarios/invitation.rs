//! Invitations to a conference (manual §2.8): `0` and a number, then `**` or `*#`.

use crate::forwarding::forwards;
use crate::meeting::{change, last_heard, meeting, settle};
use crate::office::{Office, number, seconds, set};
use model::{Cause, Command, FinalCallee, ForwardWhen, Input, RoomCommand};

/// CO-04 CO-05
#[test]
fn the_administrator_brings_somebody_in() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.types("100", "0");
    assert_eq!(last_heard(&office, "100"), "CO-11");
    assert!(office.hears_music("101"), "the room goes on without him");
    office.hears_it_out("100");
    assert_eq!(last_heard(&office, "100"), "Tone(Dial)");
    office.restarts().types("100", "102").types("100", "#");
    assert_eq!(office.last("102").shown.number, Some(number("100")));
    office.rings("102");
    assert_eq!(last_heard(&office, "100"), "Tone(Ring)");
    // Nobody can be brought in who has not answered.
    office.types("100", "**");
    assert!(office.is_in_a_call("102") && !office.talk("100", "101"));
    office.restarts().answers("102");
    assert!(office.talk("100", "102"));
    assert_eq!(last_heard(&office, "100"), "CO-12");
    assert!(!office.hears("101", "102"));
    office.restarts().types("100", "**");
    assert_eq!(office.heard("102"), "CO-15 CO-04 CO-07 D-3 CO-08");
    assert!(office.talk("100", "101"));
    assert!(office.talk("100", "102") && office.talk("101", "102"));
    assert_eq!(last_heard(&office, "101"), "Tone(Join)");
    assert_eq!(office.last("102").keys_received, "");
    // Whoever was invited stays when the administrator goes, and may not invite.
    office.hangs_up("100").types("102", "0");
    assert!(office.heard("102").ends_with("CO-16"));
    assert!(office.talk("101", "102"));
    office.hangs_up("102").hangs_up("101");
    assert!(office.is_quiet());
    let invited = office
        .records
        .iter()
        .find(|record| record.callee == number("102"));
    let invited = invited.expect("a record of its own");
    assert_eq!(invited.caller, "100");
    assert_eq!(invited.final_callee, FinalCallee::Number(number("102")));
    assert_eq!(office.records.len(), 3);
}

/// CO-06: while it rings, and while they talk.
#[test]
fn the_administrator_drops_whom_he_called() {
    for answers in [false, true] {
        let mut office = inviting("102");
        if answers {
            office.answers("102");
        }
        office.types("100", "*").restarts().types("100", "#");
        assert!(!office.is_in_a_call("102"));
        assert_eq!(last_heard(&office, "100"), "CO-13");
        assert!(office.talk("100", "101"));
        office.hangs_up("100").hangs_up("101");
        assert!(office.is_quiet());
    }
}

/// CO-06: the administrator is back by himself, and hears why.
#[test]
fn an_invitation_in_vain_leads_back() {
    let deeds: [(&str, &str, crate::office::Deed<'_>); 7] = [
        ("102", "XF-06", &|office| {
            office.answers("102").hangs_up("102");
        }),
        ("102", "CO-14", &|office| {
            office.fails("102", Cause::Busy);
        }),
        ("102", "CO-14", &|office| {
            office.passes(seconds(29));
            assert!(office.is_in_a_call("102"));
            office.passes(seconds(1));
        }),
        ("999", "N-01", &|_| {}),
        ("41", "N-01", &|_| {}),
        ("*74", "CO-13", &|_| {}),
        ("701", "N-01", &|_| {}),
    ];
    for (invited, told, deed) in deeds {
        let mut office = inviting(invited);
        deed(&mut office);
        assert_eq!(last_heard(&office, "100"), told, "{invited}");
        assert!(office.talk("100", "101"), "{invited} {told}");
        assert!(!office.is_in_a_call("102"));
        // He can try again.
        office.types("100", "0102#").answers("102");
        office.types("100", "**");
        assert!(office.talk("101", "102"));
        for party in ["100", "101", "102"] {
            office.hangs_up(party);
        }
        assert!(office.is_quiet());
    }
}

/// CO-04: ten seconds after the prompt.
#[test]
fn who_dials_nothing_is_back() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office
        .types("100", "0")
        .hears_it_out("100")
        .passes(seconds(9));
    assert_eq!(last_heard(&office, "100"), "Tone(Dial)");
    office.passes(seconds(1));
    assert_eq!(last_heard(&office, "100"), "CO-13");
    assert!(office.talk("100", "101"));
}

/// CO-04 CO-16: in both languages.
#[test]
fn only_administrators_invite() {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    office.dials("103", "700").types("103", "1111#");
    for (member, told) in [("101", "CO-16"), ("103", "en:CO-16")] {
        office.types(member, "0");
        assert_eq!(last_heard(&office, member), told);
        assert!(office.talk("100", member));
    }
}

/// CO-02 CO-04: an administrator outside has no rights to call with.
#[test]
fn an_administrator_from_outside_invites_nobody() {
    let mut office = Office::with_lines();
    crate::conference::with_rooms(&mut office).reconfigures(|directory| {
        let way = std::sync::Arc::make_mut(&mut directory.inbound_routes[0]);
        way.to = model::Destination::Number(number("700"));
    });
    office
        .calls_from_outside("13912345678", "02885337100")
        .types("13912345678", "9911#");
    assert!(office.heard("13912345678").contains("CO-05"));
    office.dials("101", "700").types("101", "1111#");
    assert!(office.talk("101", "13912345678"));
    office.types("13912345678", "0");
    assert_eq!(last_heard(&office, "13912345678"), "N-07");
}

/// IX-16: to a machine outside that wants keys; only the two codes are not for it.
#[test]
fn keys_reach_a_machine_that_was_called() {
    let mut office = Office::with_lines();
    crate::conference::with_rooms(&mut office);
    office.dials("100", "700").types("100", "9911#");
    office.dials("101", "700").types("101", "1111#");
    office.types("100", "0985337106#").answers("85337106");
    assert!(office.talk("100", "85337106"));
    office.types("100", "12*5#").types("100", "*");
    assert_eq!(office.last("85337106").keys_received, "12*5#");
    office.passes(seconds(2));
    assert_eq!(office.last("85337106").keys_received, "12*5#*");
    // What would transfer or park in a conversation is the machine's as well.
    office.types("100", "*4*2");
    assert_eq!(office.last("85337106").keys_received, "12*5#**4*2");
    office.types("100", "**");
    assert!(office.talk("101", "85337106"));
    assert_eq!(office.last("85337106").keys_received, "12*5#**4*2");
    // His own keys do nothing but what a member's do.
    office.types("85337106", "0");
    assert_eq!(last_heard(&office, "85337106"), "CO-16");
}

/// IX-16: do not disturb, forwarding, follow-me, ring groups, and what an extension may not call.
#[test]
fn an_invitation_takes_the_ways_of_a_call_but_ends_nowhere_else() {
    let mut office = inviting_set("102", |office| {
        office.reconfigures(|directory| set(directory, "102", |own| own.do_not_disturb = true));
    });
    assert_eq!(last_heard(&office, "100"), "CO-14");
    office.hangs_up("100").hangs_up("101");

    let mut office = inviting_set("102", |office| {
        office.reconfigures(|directory| set(directory, "102", |own| own.voicemail = true));
    });
    office.passes(seconds(30));
    assert_eq!(last_heard(&office, "100"), "CO-14", "no mailbox answers");

    let mut office = inviting_set("102", |office| {
        forwards(office, "102", ForwardWhen::Always, "103");
    });
    office.answers("103").types("100", "**");
    assert!(office.talk("101", "103"));

    let mut office = inviting_set("630", |office| {
        office.reconfigures(|directory| {
            let group = model::RingGroup {
                number: number("630"),
                name: String::new(),
                members: ["102", "103"].map(number).into(),
                strategy: model::RingStrategy::All,
                ring_time: seconds(20),
                then: Some(number("101")),
            };
            directory.ring_groups.insert(group.number, group.into());
        });
    });
    assert!(office.is_in_a_call("102") && office.is_in_a_call("103"));
    office.passes(seconds(20));
    assert_eq!(last_heard(&office, "100"), "CO-14", "not where it goes on");
    assert!(office.talk("100", "101"));
}

/// Both at once, in every order.
#[test]
fn whoever_hangs_up_in_an_invitation_leaves_the_others_where_they_belong() {
    // The administrator goes while it rings, and while they talk.
    for answers in [false, true] {
        let mut office = inviting("102");
        if answers {
            office.answers("102");
        }
        office.hangs_up("100");
        assert!(!office.is_in_a_call("102"));
        assert!(office.hears_music("101"));
        office.hangs_up("101");
        assert!(office.is_quiet());
    }
    // He says `**` as the other hangs up.
    let mut office = inviting("102");
    office.answers("102").types("100", "*").hangs_up("102");
    office.types("100", "*");
    assert!(office.talk("100", "101"));
    office.hangs_up("100").hangs_up("101");
    assert!(office.is_quiet());
    // Everybody else left meanwhile.
    let mut office = inviting("102");
    office.answers("102").hangs_up("101");
    office.restarts().types("100", "**");
    assert!(office.talk("100", "102"));
    office.hangs_up("102");
    assert!(office.hears_music("100"));
    office.hangs_up("100");
    assert!(office.is_quiet());
}

/// CO-09 CO-11: he who is away is still the administrator; sent away, he is.
#[test]
fn an_administrator_who_is_away_keeps_the_conference_and_can_be_removed() {
    let mut office = inviting("102");
    change(&mut office, |room| room.end_with_admin = true);
    office.answers("102");
    assert!(office.hears_music("101"));
    let away = office.leg("100");
    let remove = RoomCommand::Remove(away);
    office.give(Input::Command(Command::Room(number("700"), remove)));
    assert!(!office.is_in_a_call("100") && !office.is_in_a_call("102"));
    assert_eq!(last_heard(&office, "101"), "CO-23");
    office.hears_it_out("101");
    assert!(office.is_quiet());
}

/// CO-09: nobody is let in beyond the most.
#[test]
fn a_full_conference_takes_nobody_in() {
    let mut office = inviting("102");
    office.answers("102");
    office.dials("103", "700").types("103", "1111#");
    assert!(office.talk("103", "101"));
    office.types("100", "**");
    assert_eq!(last_heard(&office, "100"), "CO-25");
    assert!(office.talk("100", "102"), "they go on talking");
    office.types("100", "*#").types("100", "0");
    assert_eq!(last_heard(&office, "100"), "CO-25");
}

/// XF-11: whoever is invited may be transferred by his own phone, and the conference forgets both.
#[test]
fn an_invited_phone_that_transfers_the_administrator_takes_him_out() {
    let mut office = inviting("102");
    office.answers("102");
    let invited = office.leg("102");
    office.refers(invited, model::TransferTo::Number(number("103")));
    office.answers("103");
    assert!(office.talk("100", "103"));
    assert!(office.hears_music("101"));
    office.hangs_up("101");
    assert_eq!(office.lamp("700"), None);
    office.hangs_up("100");
    assert!(office.is_quiet());
}

/// CO-07: who made a conference of a call with the administrator's password may invite.
#[test]
fn a_call_with_somebody_outside_becomes_a_conference_with_a_third() {
    let mut office = Office::with_lines();
    crate::conference::with_rooms(&mut office);
    office
        .calls_from_outside("13912345678", "02885337100")
        .answers("100");
    office.types("100", "*0").types("100", "9911#");
    assert!(office.talk("100", "13912345678"));
    assert!(office.heard("13912345678").contains("CO-04"));
    office.types("100", "0102#").answers("102");
    office.types("100", "**");
    assert!(office.talk("13912345678", "102"));
    office.hangs_up("100");
    assert!(office.talk("13912345678", "102"));
    office.hangs_up("102").hangs_up("13912345678");
    assert!(office.is_quiet());
}

/// 100 and 101 confer, and 100 invites somebody.
fn inviting(number: &str) -> Office {
    inviting_set(number, |_| {})
}

fn inviting_set(number: &str, change: impl FnOnce(&mut Office)) -> Office {
    let mut office = meeting(&["101"]);
    settle(&mut office, &["100", "101"]);
    change(&mut office);
    office
        .types("100", "0")
        .types("100", number)
        .types("100", "#");
    office
}
