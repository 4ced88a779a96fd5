//! Leaving a message (manual §2.1).

use crate::meeting::{meeting, settle};
use crate::office::{Deed, Office, lines, mailboxes, number, seconds, set};
use model::{
    CallStatus, Cause, Effect, FinalCallee, FollowMe, FollowStep, ForwardWhen, GreetingKind, Heard,
    MESSAGES_MAX, RecordingId, Wall,
};

const TONE: &str = "VM-33 Tone(Beep)";

/// Somebody called 101 in vain and heard the tone: he may speak.
fn at_the_tone(from: &str) -> Office {
    let mut office = Office::with_mailboxes();
    office.dials(from, "101").rings("101").passes(seconds(30));
    office.disk_works().hears_it_out(from);
    assert_eq!(office.disk.speaking().len(), 1);
    office
}

/// He spoke for a minute and pressed `#`.
fn has_spoken(from: &str) -> Office {
    let mut office = at_the_tone(from);
    office.passes(seconds(60)).types(from, "#");
    assert_eq!(
        office.heard(from).split(' ').next_back(),
        Some(last("VM-41", from).as_str())
    );
    office
}

fn last(phrase: &str, listener: &str) -> String {
    match listener {
        "103" => format!("en:{phrase}"),
        _ => String::from(phrase),
    }
}

/// VM-01 VM-02 VM-03 VM-16 VM-18, FC-06: in both languages.
#[test]
fn who_is_not_answered_leaves_a_message() {
    for (from, default) in [
        ("100", "VM-34 D-1 D-0 D-1 VM-35 VM-33 Tone(Beep)"),
        (
            "103",
            "en:VM-34 en:D-1 en:D-0 en:D-1 en:VM-35 en:VM-33 Tone(Beep)",
        ),
    ] {
        let mut office = Office::with_mailboxes();
        office.dials(from, "101").rings("101").passes(seconds(30));
        assert_eq!(
            office.last(from).answered,
            0,
            "the mailbox is asked for first"
        );
        office.disk_works();
        assert_eq!(office.last(from).answered, 1);
        assert_eq!(office.heard(from), default);
        let began = office.now.wall;
        office.passes(seconds(4)).hears_it_out(from);
        office.passes(seconds(60)).types(from, "1*#");
        assert_eq!(office.disk.speaking(), [], "only # ends it");
        assert!(office.mailbox("101").messages.is_empty());
        office.types(from, "1").disk_works();
        assert!(office.heard(from).ends_with(&last("VM-40", from)));
        office.hears_it_out(from);
        assert!(office.is_quiet());
        let name = office
            .directory
            .extension(&number(from))
            .unwrap()
            .name
            .clone();
        let message = office.mailbox("101").messages[0].clone();
        assert_eq!(message.from.number, Some(number(from)));
        assert_eq!(message.from.name, name);
        assert_eq!(message.length, seconds(60));
        assert_eq!(message.at, began + seconds(4));
        assert_eq!(message.heard, Heard::New);
        let record = office.record();
        assert_eq!(record.status, CallStatus::NoAnswer);
        assert_eq!(record.final_callee, FinalCallee::Voicemail(number("101")));
        assert_eq!(record.callee, number("101"));
        assert_eq!(record.talked, seconds(64), "what the line was used for");
    }
}

/// VM-01 VM-02, §1.3 steps 4 to 7: which greeting belongs to what.
#[test]
fn each_reason_has_its_greeting() {
    let busy = "VM-34 D-1 D-0 D-1 VM-36";
    let unavailable = "VM-34 D-1 D-0 D-1 VM-35";
    let reasons: [(&str, Deed<'_>, &str); 6] = [
        (
            "in a call",
            &|office| {
                office.dials("101", "*43").dials("100", "101");
            },
            busy,
        ),
        (
            "wants no calls",
            &|office| {
                office
                    .reconfigures(|directory| set(directory, "101", |it| it.do_not_disturb = true))
                    .dials("100", "101");
            },
            busy,
        ),
        (
            "refuses",
            &|office| {
                office.dials("100", "101").fails("101", Cause::Declined);
            },
            busy,
        ),
        (
            "is busy",
            &|office| {
                office.dials("100", "101").fails("101", Cause::Busy);
            },
            busy,
        ),
        (
            "is away",
            &|office| {
                office.unregisters("101").dials("100", "101");
            },
            unavailable,
        ),
        (
            "has vanished",
            &|office| {
                office.dials("100", "101").fails("101", Cause::Unavailable);
            },
            unavailable,
        ),
    ];
    for (reason, happens, greeting) in reasons {
        for own in [None, Some(7)] {
            let mut office = Office::with_mailboxes();
            if own.is_some() {
                office
                    .has_greeting("101", GreetingKind::Busy, 1)
                    .has_greeting("101", GreetingKind::Unavailable, 2);
            }
            happens(&mut office);
            office.disk_works();
            let file = if greeting == busy {
                "voicemail/1.wav"
            } else {
                "voicemail/2.wav"
            };
            let expected = match own {
                None => format!("{greeting} {TONE}"),
                Some(_) => format!("{file} {TONE}"),
            };
            assert_eq!(office.heard("100"), expected, "{reason}");
        }
    }
}

/// VM-02 VM-10
#[test]
fn a_temporary_greeting_is_heard_instead_of_all_others_and_a_name_instead_of_the_number() {
    for (kinds, heard) in [
        (&[GreetingKind::Name][..], "voicemail/1.wav VM-35"),
        (
            &[GreetingKind::Name, GreetingKind::Busy],
            "voicemail/1.wav VM-35",
        ),
        (
            &[GreetingKind::Name, GreetingKind::Unavailable],
            "voicemail/2.wav",
        ),
        (
            &[GreetingKind::Unavailable, GreetingKind::Temporary],
            "voicemail/2.wav",
        ),
    ] {
        let mut office = Office::with_mailboxes();
        for (id, kind) in (1..).zip(kinds) {
            office.has_greeting("101", *kind, id);
        }
        office.unregisters("101").dials("100", "101").disk_works();
        assert_eq!(office.heard("100"), format!("{heard} {TONE}"));
    }
}

/// VM-01 CF-11 CF-12 FM-06, SET-04: a mailbox is what comes last, and whose it is.
#[test]
fn a_mailbox_comes_after_everything_else() {
    let forwards = |when| {
        move |office: &mut Office| {
            office.reconfigures(|directory| {
                set(directory, "101", |it| {
                    it.forwarding.set(when, Some(number("102")))
                });
            });
        }
    };
    // The target's own mailbox is the one that a forwarded call ends in.
    for when in [
        ForwardWhen::Always,
        ForwardWhen::Busy,
        ForwardWhen::NoAnswer,
    ] {
        let mut office = Office::with_mailboxes();
        forwards(when)(&mut office);
        if when == ForwardWhen::Busy {
            office.dials("101", "*43");
        } else {
            office.unregisters("101");
        }
        office
            .dials("100", "101")
            .rings("102")
            .passes(seconds(30))
            .disk_works();
        assert_eq!(
            office.heard("100"),
            format!("VM-34 D-1 D-0 D-2 VM-35 {TONE}"),
            "{when:?}"
        );
    }
    // Who forwards in circles has a mailbox all the same.
    let mut office = Office::with_mailboxes();
    forwards(ForwardWhen::Always)(&mut office);
    office.reconfigures(|directory| {
        set(directory, "102", |it| {
            it.forwarding.set(ForwardWhen::Always, Some(number("101")))
        });
    });
    office.dials("100", "101").disk_works();
    assert_eq!(
        office.heard("100"),
        format!("VM-34 D-1 D-0 D-2 VM-35 {TONE}")
    );
    // Who is looked for elsewhere in vain.
    let mut office = Office::with_mailboxes();
    office.reconfigures(|directory| {
        set(directory, "101", |it| {
            it.follow_me = FollowMe {
                enabled: true,
                ring_time: seconds(15),
                steps: vec![FollowStep {
                    number: number("102"),
                    time: seconds(10),
                }],
            };
        });
    });
    office
        .dials("100", "101")
        .rings("101")
        .passes(seconds(15))
        .rings("102")
        .passes(seconds(10));
    office.disk_works();
    assert_eq!(
        office.heard("100"),
        format!("VM-34 D-1 D-0 D-1 VM-35 {TONE}")
    );
    // Who has none.
    let mut office = Office::new();
    office.dials("100", "101").rings("101").passes(seconds(30));
    assert_eq!(office.heard("100"), "N-04");
}

/// VM-01 VM-16: outside, in the system's language; without a number nobody knows who it was.
#[test]
fn callers_from_outside_leave_messages_too() {
    for (from, known) in [("02885337106", true), ("anonymous", false)] {
        let mut office = Office::with(|directory| {
            lines(directory);
            mailboxes(directory);
        });
        office
            .calls_on("carrier", from, "02885337100")
            .rings("100")
            .passes(seconds(30));
        office.disk_works();
        assert_eq!(
            office.heard(from),
            format!("VM-34 D-1 D-0 D-0 VM-35 {TONE}")
        );
        office
            .hears_it_out(from)
            .passes(seconds(5))
            .hangs_up(from)
            .disk_works();
        let message = &office.mailbox("100").messages[0];
        assert_eq!(message.from.number.is_some(), known);
        assert_eq!(
            office.record().final_callee,
            FinalCallee::Voicemail(number("100"))
        );
        assert!(office.is_quiet());
    }
}

/// VM-02
#[test]
fn a_key_skips_the_greeting_and_others_do_nothing() {
    let mut office = Office::with_mailboxes();
    office.unregisters("101").dials("100", "101").disk_works();
    office.types("100", "10");
    assert_eq!(
        office.heard("100"),
        format!("VM-34 D-1 D-0 D-1 VM-35 {TONE}")
    );
    office.types("100", "#");
    assert!(office.heard("100").ends_with("Tone(Beep) Tone(Beep)"));
    assert_eq!(office.disk.speaking(), []);
    office.hears_it_out("100");
    assert_eq!(office.disk.speaking().len(), 1);
}

/// VM-02, IX-21: 0 leads to the operator, with whatever was said kept.
#[test]
fn zero_leads_to_the_operator_if_there_is_one() {
    let operator = |office: &mut Office| {
        office.reconfigures(|directory| directory.system.operator = Some(number("102")));
    };
    let mut office = Office::with_mailboxes();
    operator(&mut office);
    office.unregisters("101").dials("100", "101").disk_works();
    let greeting = office.heard("100");
    assert!(
        greeting.contains("VM-35 N-26 VM-33"),
        "he is told: {greeting}"
    );
    office.types("100", "0");
    assert!(office.heard("100").ends_with("N-27"));
    office.hears_it_out("100").rings("102").answers("102");
    assert!(office.talk("100", "102"));
    office.hangs_up("100");
    assert_eq!(
        office.record().final_callee,
        FinalCallee::Number(number("102"))
    );
    assert_eq!(office.record().status, CallStatus::Answered);
    let mut office = has_spoken("100");
    operator(&mut office);
    office
        .types("100", "0")
        .disk_works()
        .hears_it_out("100")
        .rings("102")
        .answers("102");
    assert!(office.talk("100", "102"));
    assert_eq!(office.mailbox("101").messages.len(), 1);
    let mut office = has_spoken("100");
    office.types("100", "0");
    assert!(
        office.heard("100").ends_with("N-10 VM-41"),
        "nobody is the operator"
    );
}

/// VM-03: whatever ends it, it is a message from two seconds on.
#[test]
fn a_message_ends_by_key_silence_length_or_by_hanging_up() {
    for (spoken, ends, kept) in [
        (60, "#", Some(60)),
        (2, "#", Some(2)),
        (1, "#", None),
        (60, "hangs up", Some(60)),
        (1, "hangs up", None),
        (180, "", Some(180)),
        (42, "silence", Some(42)),
        (10, "silence", None),
        (30, "disk full", Some(30)),
        (1, "disk full", None),
    ] {
        let mut office = at_the_tone("100");
        office.passes(seconds(spoken));
        match ends {
            "#" => {
                office.types("100", "#");
            }
            "hangs up" => {
                office.hangs_up("100");
            }
            "silence" => {
                office.falls_silent("100");
            }
            "disk full" => {
                office.disk_is_full("100");
            }
            _ => {}
        }
        if ends == "disk full" {
            assert!(office.heard("100").ends_with("N-38"));
        } else if kept.is_none() && ends != "hangs up" {
            assert!(
                office.heard("100").ends_with("VM-38 VM-33 Tone(Beep)"),
                "{ends}"
            );
        } else if ends.is_empty() {
            assert!(office.heard("100").ends_with("VM-39 VM-41"));
        }
        if office.is_in_a_call("100") {
            office.hangs_up("100");
        }
        office.disk_works();
        let messages = &office.mailbox("101").messages;
        let lengths: Vec<_> = messages.iter().map(|it| it.length.as_secs()).collect();
        assert_eq!(lengths, Vec::from_iter(kept), "{spoken} s, {ends}");
        assert!(office.is_quiet());
        assert!(office.disk.drafts.is_empty(), "no draft is left over");
    }
}

/// VM-03: before the tone nothing is a message.
#[test]
fn who_hangs_up_before_he_speaks_leaves_nothing() {
    let mut office = Office::with_mailboxes();
    office
        .unregisters("101")
        .dials("100", "101")
        .hangs_up("100")
        .disk_works();
    assert!(office.is_quiet());
    office
        .dials("100", "101")
        .disk_works()
        .passes(seconds(5))
        .hangs_up("100");
    assert!(office.is_quiet());
    assert!(office.disk.files.is_empty() && office.mailbox("101").messages.is_empty());
    let statuses: Vec<_> = office.records.iter().map(|record| record.status).collect();
    assert_eq!(statuses, [CallStatus::Cancelled, CallStatus::NoAnswer]);
}

/// VM-03: too short five times, and it is over.
#[test]
fn who_never_says_anything_is_let_go() {
    let mut office = at_the_tone("100");
    for _ in 0..4 {
        office
            .passes(seconds(10))
            .falls_silent("100")
            .hears_it_out("100");
    }
    office.passes(seconds(10)).falls_silent("100");
    assert!(office.heard("100").ends_with("VM-38 N-23"));
    office.hears_it_out("100");
    assert!(office.is_quiet() && office.disk.files.is_empty());
}

/// VM-03: the menu after a message; whoever does nothing has saved it.
#[test]
fn a_message_is_heard_again_recorded_again_and_saved() {
    let mut office = has_spoken("103");
    let first = *office.disk.files.keys().next().unwrap();
    office.types("103", "2");
    assert!(
        office
            .heard("103")
            .ends_with(&format!("voicemail/{first}.wav"))
    );
    office.hears_it_out("103");
    assert!(office.heard("103").ends_with(".wav en:VM-41"));
    // A key while it is played is one of the menu.
    office.types("103", "2").types("103", "9");
    assert!(office.heard("103").ends_with("en:N-10 en:VM-41"));
    office.types("103", "2").types("103", "3");
    assert!(
        !office.disk.files.contains_key(&first),
        "what was said first is gone"
    );
    assert!(office.heard("103").ends_with("en:VM-33 Tone(Beep)"));
    office
        .hears_it_out("103")
        .passes(seconds(30))
        .types("103", "#");
    office.hears_it_out("103");
    for _ in 0..2 {
        office.passes(seconds(10)).hears_it_out("103");
    }
    office.passes(seconds(10)).disk_works();
    assert!(office.heard("103").ends_with("en:VM-40"));
    assert_eq!(office.mailbox("101").messages.len(), 1);
    assert_eq!(office.mailbox("101").messages[0].length, seconds(30));
}

/// VM-03: who hangs up while he reviews it, hears it or waits for the disk has left it, once.
#[test]
fn who_hangs_up_after_a_message_has_left_it() {
    for keys in ["", "2", "1", "9"] {
        let mut office = has_spoken("100");
        office.types("100", keys).hangs_up("100").disk_works();
        assert_eq!(office.mailbox("101").messages.len(), 1, "{keys}");
        assert!(office.is_quiet());
    }
}

/// VM-03: what is confirmed is on disk.
#[test]
fn a_message_that_cannot_be_saved_is_not_confirmed() {
    let mut office = has_spoken("100");
    office.types("100", "1");
    assert!(!office.heard("100").contains("VM-40"));
    office.disk_fails();
    assert!(office.heard("100").ends_with("N-25"));
    let mut office = has_spoken("100");
    office.types("100", "1").passes(seconds(10));
    assert!(
        office.heard("100").ends_with("N-25"),
        "a disk that does not answer"
    );
}

/// IX-29: a disk that does not answer delays nobody for long.
#[test]
fn a_message_can_be_left_while_the_mailbox_cannot_be_read() {
    let mut office = Office::with_mailboxes();
    office
        .unregisters("101")
        .dials("100", "101")
        .passes(seconds(2));
    assert_eq!(
        office.heard("100"),
        format!("VM-34 D-1 D-0 D-1 VM-35 {TONE}")
    );
    office
        .disk_works()
        .hears_it_out("100")
        .passes(seconds(5))
        .hangs_up("100");
    office.disk_works();
    assert_eq!(office.mailbox("101").messages.len(), 1);
}

/// VM-04
#[test]
fn a_full_mailbox_takes_no_message() {
    let mut office = Office::with_mailboxes();
    for id in 0..MESSAGES_MAX as u64 {
        office.has_message("101", id, "100", Heard::Old);
    }
    office.unregisters("101").dials("100", "101").disk_works();
    assert_eq!(office.heard("100"), "VM-37");
    assert_eq!(office.disk.full, [number("101")]);
    office.hears_it_out("100");
    assert!(office.is_quiet());
    office.mailbox("101").messages.pop();
    office.dials("100", "101").disk_works();
    assert!(office.heard("100").ends_with(TONE));
}

/// VM-14: directly, by code and by transfer, without ringing anybody.
#[test]
fn a_message_is_left_directly() {
    let mut office = Office::with_mailboxes();
    office.dials("100", "*63101").disk_works();
    assert!(!office.log_has_ring("101"));
    assert_eq!(
        office.heard("100"),
        format!("VM-34 D-1 D-0 D-1 VM-35 {TONE}")
    );
    office.hangs_up("100");
    assert_eq!(
        office.record().final_callee,
        FinalCallee::Voicemail(number("101"))
    );
    // Whoever has none.
    for (dialled, heard) in [("*63102", "VM-58"), ("*63999", "N-01")] {
        let mut office = Office::with_mailboxes();
        office.reconfigures(|directory| set(directory, "102", |it| it.voicemail = false));
        office.dials("100", dialled);
        assert_eq!(office.heard("100"), heard);
    }
    // Without a number it is asked for.
    office.dials("100", "*63").types("100", "101#").disk_works();
    assert_eq!(
        office.heard("100"),
        format!("N-13 VM-34 D-1 D-0 D-1 VM-35 {TONE}")
    );
    // By transfer, as phones do it.
    let mut office = Office::with_mailboxes();
    office.dials("100", "101").rings("101").answers("101");
    let leg = office.leg("101");
    office
        .refers(leg, model::TransferTo::Number(number("*63102")))
        .disk_works();
    assert!(
        office
            .heard("100")
            .ends_with(&format!("VM-34 D-1 D-0 D-2 VM-35 {TONE}"))
    );
    office
        .hears_it_out("100")
        .passes(seconds(9))
        .hangs_up("100")
        .disk_works();
    assert_eq!(office.mailbox("102").messages.len(), 1);
    assert!(!office.is_in_a_call("101"), "who transferred is free");
}

/// XF-05: whom one only wants to ask has no mailbox; whom one sends somebody to has.
#[test]
fn consultations_never_end_in_a_mailbox() {
    for (happens, heard) in [("busy", "XF-03"), ("silent", "XF-04")] {
        let mut office = Office::with_mailboxes();
        office.dials("100", "101").rings("101").answers("101");
        if happens == "busy" {
            office.dials("102", "*43").types("101", "*2102#");
        } else {
            office
                .types("101", "*2102#")
                .rings("102")
                .passes(seconds(30));
        }
        assert!(office.talk("100", "101"), "{happens}");
        assert!(office.heard("101").ends_with(heard), "{happens}");
        assert!(office.questions.is_empty());
    }
    let mut office = Office::with_mailboxes();
    office.dials("100", "101").rings("101").answers("101");
    office
        .types("101", "#102#")
        .rings("102")
        .passes(seconds(30))
        .disk_works();
    assert!(
        office
            .heard("100")
            .ends_with(&format!("VM-34 D-1 D-0 D-2 VM-35 {TONE}"))
    );
    office.hangs_up("100");
    let record = office.record();
    assert_eq!(record.status, CallStatus::Answered, "101 did answer");
    assert_eq!(record.final_callee, FinalCallee::Voicemail(number("102")));
}

/// SI-13: what was said until the server stops is a message.
#[test]
fn a_server_that_stops_keeps_what_was_said() {
    for (spoken, keys, kept) in [(60, "", 1), (1, "", 0), (60, "#", 1), (60, "#1", 1)] {
        let mut office = at_the_tone("100");
        office.passes(seconds(spoken)).types("100", keys);
        office.give(model::Input::HangUpAll).disk_works();
        assert_eq!(
            office.mailbox("101").messages.len(),
            kept,
            "{spoken} s, {keys}"
        );
        assert!(office.is_quiet() && office.disk.drafts.is_empty());
    }
}

/// CO-04, IX-16: whom one invites into a conference has no mailbox either.
#[test]
fn invitations_never_end_in_a_mailbox() {
    let mut office = meeting(&["101"]);
    office.reconfigures(mailboxes);
    settle(&mut office, &["100", "101"]);
    office.types("100", "0").types("100", "102#");
    office.rings("102").passes(seconds(30));
    assert!(!office.is_in_a_call("102"));
    assert!(office.talk("100", "101"), "he is back");
    assert!(office.questions.is_empty());
}

/// AD-03 QU-14: who is rung for a group is not called: his mailbox is none of its business.
#[test]
fn ring_groups_end_in_no_member_s_mailbox() {
    let mut office = Office::with_mailboxes();
    office.reconfigures(|directory| {
        let group: model::RingGroup = serde_json::from_value(serde_json::json!({
            "number": "630", "name": "", "members": ["101", "102"], "strategy": "all",
            "ring_time": { "secs": 20, "nanos": 0 }, "then": null,
        }))
        .unwrap();
        directory.ring_groups.insert(group.number, group.into());
    });
    office.dials("100", "630").rings("101").passes(seconds(20));
    assert!(!office.heard("100").contains("VM-"));
    // Where the group leads then, is another matter.
    office.hangs_up("100").reconfigures(|directory| {
        let group = directory.ring_groups.get_mut(&number("630")).unwrap();
        std::sync::Arc::make_mut(group).then = Some(number("103"));
    });
    office
        .unregisters("103")
        .dials("100", "630")
        .rings("101")
        .passes(seconds(20))
        .disk_works();
    assert!(
        office
            .heard("100")
            .ends_with(&format!("VM-34 D-1 D-0 D-3 VM-35 {TONE}"))
    );
}

/// The server stops and goes on while somebody leaves a message.
#[test]
fn leaving_a_message_survives_restarts() {
    let mut office = Office::with_mailboxes();
    office
        .unregisters("101")
        .dials("100", "101")
        .restarts()
        .disk_works();
    office
        .restarts()
        .hears_it_out("100")
        .restarts()
        .passes(seconds(60));
    office
        .restarts()
        .types("100", "#")
        .restarts()
        .types("100", "2")
        .restarts();
    office
        .hears_it_out("100")
        .restarts()
        .types("100", "1")
        .restarts()
        .disk_works();
    assert!(office.heard("100").ends_with("VM-40"));
    assert_eq!(office.mailbox("101").messages[0].length, seconds(60));
}

/// IX-25, SET-04: the mailbox is gone, or switched off, while somebody speaks into it.
#[test]
fn a_mailbox_disappears_while_somebody_speaks() {
    let mut office = at_the_tone("100");
    office.reconfigures(|directory| drop(directory.extensions.remove(&number("101"))));
    office
        .passes(seconds(5))
        .types("100", "#")
        .types("100", "1")
        .disk_fails();
    assert!(office.heard("100").ends_with("N-25"));
    let mut office = at_the_tone("100");
    office.reconfigures(|directory| set(directory, "101", |it| it.voicemail = false));
    office
        .passes(seconds(5))
        .types("100", "#")
        .types("100", "1")
        .disk_works();
    assert!(
        office.heard("100").ends_with("VM-40"),
        "what was begun is kept"
    );
}

/// IX-27: the clock is set while somebody speaks.
#[test]
fn a_clock_that_is_set_changes_no_length() {
    let mut office = at_the_tone("100");
    office
        .passes(seconds(20))
        .sets_the_clock(-3_600_000)
        .passes(seconds(20));
    office.types("100", "#1").disk_works();
    assert_eq!(office.mailbox("101").messages[0].length, seconds(40));
}

/// Nobody takes a call that is with a mailbox.
#[test]
fn who_leaves_a_message_is_left_alone() {
    let mut office = at_the_tone("100");
    let leg = office.leg("100");
    office.dials("102", "**101");
    assert!(office.heard("102").ends_with("PU-01"));
    office.replaces("101", leg);
    assert_eq!(office.disk.speaking().len(), 1);
    assert!(office.is_in_a_call("100"));
    // A REFER is for who talks with somebody.
    office.refers(leg, model::TransferTo::Number(number("102")));
    assert_eq!(office.disk.speaking().len(), 1);
}

/// VM-15: what names a file outlasts a run.
#[test]
fn a_message_is_named_by_the_moment_at_which_it_was_begun() {
    let mut office = at_the_tone("100");
    let id = office.disk.speaking()[0];
    let at = office.now.wall;
    assert_eq!(id.0 / 1_000, RecordingId::begun(Wall(at.0), 0).0 / 1_000);
    let told = office.log.iter().any(|effect| {
        matches!(effect, Effect::TakeDown { recording, silence, .. }
            if *recording == id && *silence == seconds(10))
    });
    assert!(told);
    office.give(model::Input::Leg(
        office.leg("100"),
        model::LegEvent::Silent(RecordingId(1)),
    ));
    assert_eq!(
        office.disk.speaking(),
        [id],
        "another file's silence ends nothing"
    );
}
