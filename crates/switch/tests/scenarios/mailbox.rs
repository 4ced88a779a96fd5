//! A mailbox by telephone (manual §2.1).

use crate::office::{Deed, Office, lines, mailboxes, number, seconds, set};
use model::{
    Cause, FinalCallee, GreetingKind, Heard, Input, RecordingId, Reply, Target, Wall, Zone,
};

/// The menus, as they are said.
const MAIN: &str = "VM-12 VM-13 VM-14 VM-15";
const MESSAGE: &str = "VM-23 VM-24 VM-25 VM-26 VM-27 N-29 N-30";
const OPTIONS: &str = "VM-42 VM-43 VM-44 VM-45 VM-46 N-29";
const GREETING: &str = "VM-48 VM-51";

/// An office in which 101 has two new messages, from 102 and from outside, and an old one from nobody knows whom.
fn office() -> Office {
    let mut office = Office::with(|directory| {
        lines(directory);
        mailboxes(directory);
    });
    for extension in ["100", "101", "102", "103"] {
        office.reconfigures(|directory| {
            set(directory, extension, |it| {
                it.voicemail_pin = String::from("4711")
            });
        });
    }
    office
        .has_message("101", 1, "anonymous", Heard::Old)
        .has_message("101", 2, "102", Heard::New)
        .has_message("101", 3, "02885337106", Heard::New);
    office
}

/// 101 has opened its mailbox.
fn opened() -> Office {
    let mut office = office();
    office
        .dials("101", "*61")
        .types("101", "4711#")
        .disk_works();
    office
}

/// 101 hears its first new message.
fn listening() -> Office {
    let mut office = opened();
    office.types("101", "1").hears_it_out("101");
    assert!(office.heard("101").ends_with("voicemail/2.wav"));
    office.disk_works();
    office
}

fn english(said: &str) -> String {
    let words = said.split(' ').map(|word| format!("en:{word}"));
    words.collect::<Vec<_>>().join(" ")
}

/// What was said to a party since.
fn then(office: &Office, party: &str, before: &str) -> String {
    let heard = office.heard(party);
    let rest = heard.strip_prefix(before);
    rest.unwrap_or_else(|| panic!("{heard} begins with {before}"))
        .trim()
        .to_owned()
}

/// VM-06 VM-07 VM-09: the script of `*61`, in both languages.
#[test]
fn one_s_own_mailbox_opens_with_its_pin() {
    let mut office = opened();
    let counted = "VM-05 D-liang VM-08 VM-11 D-1 VM-09";
    assert_eq!(office.heard("101"), format!("VM-01 VM-03 {counted} {MAIN}"));
    office.types("101", "#");
    assert!(office.heard("101").ends_with("N-23"));
    office.hears_it_out("101");
    assert!(office.is_quiet());
    assert_eq!(office.record().callee, number("*61"));
    let mut office = self::office();
    office.reconfigures(|directory| {
        set(directory, "103", |it| {
            it.voicemail_pin = String::from("1234")
        });
    });
    office
        .dials("103", "*61")
        .types("103", "1234#")
        .disk_works();
    let said = format!("VM-01 VM-03 VM-57 VM-05 VM-06 {MAIN}");
    assert_eq!(
        office.heard("103"),
        english(&said),
        "the PIN that everybody knows is to be changed"
    );
}

/// VM-09
#[test]
fn messages_are_counted() {
    for (new, old, chinese, in_english) in [
        (0, 0, "VM-05 VM-06", "VM-05 VM-06"),
        (1, 0, "VM-05 D-1 VM-07", "VM-05 D-1 VM-07"),
        (2, 0, "VM-05 D-liang VM-08", "VM-05 D-2 VM-08"),
        (0, 1, "VM-05 D-1 VM-09", "VM-05 D-1 VM-09"),
        (0, 12, "VM-05 D-12 VM-10", "VM-05 D-12 VM-10"),
        (
            1,
            2,
            "VM-05 D-1 VM-07 VM-11 D-liang VM-10",
            "VM-05 D-1 VM-07 VM-11 D-2 VM-10",
        ),
    ] {
        for (who, said) in [
            ("100", format!("{chinese} {MAIN}")),
            ("103", english(&format!("{in_english} {MAIN}"))),
        ] {
            let mut office = office();
            for id in 0..new {
                office.has_message(who, 10 + id, "102", Heard::New);
            }
            for id in 0..old {
                office.has_message(who, 100 + id, "102", Heard::Old);
            }
            office.dials(who, "*61").types(who, "4711#");
            let before = office.heard(who);
            office.disk_works();
            assert_eq!(then(&office, who, &before), said);
        }
    }
}

/// VM-05: any mailbox, for who knows its number and PIN.
#[test]
fn any_mailbox_opens_with_its_number_and_pin() {
    let mut office = office();
    office
        .dials("103", "*60")
        .types("103", "101#")
        .types("103", "4711#")
        .disk_works();
    let said = format!("VM-01 VM-02 VM-03 VM-05 D-2 VM-08 VM-11 D-1 VM-09 {MAIN}");
    assert_eq!(office.heard("103"), english(&said));
    // A pause ends what is typed, as # does.
    let mut office = self::office();
    office
        .dials("100", "*60")
        .types("100", "101")
        .passes(seconds(5))
        .types("100", "4711");
    office.passes(seconds(5)).disk_works();
    assert!(office.heard("100").ends_with(MAIN));
}

/// VM-05, SI-11: whatever is wrong sounds the same, is told to the defence, and ends at the third time.
#[test]
fn a_mailbox_stays_shut_for_who_does_not_know_its_pin() {
    let mut office = office();
    office.dials("100", "*60");
    for (of, pin) in [("101", "1234"), ("999", "4711"), ("101", "0815")] {
        office
            .types("100", &format!("{of}#"))
            .types("100", &format!("{pin}#"));
    }
    let once = "VM-02 VM-03 VM-04";
    let said = format!("VM-01 {once} {once} VM-02 VM-03 N-16");
    assert_eq!(office.heard("100"), said);
    office.hears_it_out("100");
    assert!(office.is_quiet() && office.questions.is_empty());
    let refused: Vec<_> = office
        .disk
        .refused
        .iter()
        .map(|(_, of)| of.expect("a mailbox").to_string())
        .collect();
    assert_eq!(refused, ["101", "999", "101"]);
    let mut office = self::office();
    office.dials("103", "*61");
    for pin in ["1#", "2#", "3#"] {
        office.types("103", pin);
    }
    let said = "VM-01 VM-03 VM-04 VM-03 VM-04 VM-03 N-16";
    assert_eq!(office.heard("103"), english(said));
    // The PIN of somebody else opens nothing.
    let mut office = self::office();
    office.reconfigures(|directory| {
        set(directory, "100", |it| {
            it.voicemail_pin = String::from("0815")
        });
    });
    office.dials("100", "*61").types("100", "4711#");
    assert!(office.heard("100").ends_with("VM-04 VM-03"));
    office.types("100", "0815#").disk_works();
    assert!(
        office.heard("100").ends_with(MAIN),
        "the second time is soon enough"
    );
}

/// VM-05, SI-11: nobody tries all PINs there are, and nobody shuts out an owner at his own phone.
#[test]
fn too_many_wrong_pins_open_nothing_for_an_hour() {
    let wrong = |office: &mut Office, from: &str| {
        for _ in 0..3 {
            office.dials(from, "*60");
            for _ in 0..3 {
                office.types(from, "101#").types(from, "0000#");
            }
            office.hears_it_out(from);
        }
    };
    let mut office = office();
    wrong(&mut office, "100");
    office.dials("100", "*60");
    assert_eq!(office.last("100").heard, ["N-16"]);
    office.hears_it_out("100").dials("100", "*61");
    assert_eq!(office.last("100").heard, ["N-16"]);
    office.hears_it_out("100").restarts();
    office
        .dials("101", "*61")
        .types("101", "4711#")
        .disk_works();
    assert!(office.heard("101").ends_with(MAIN), "the owner is let in");
    office.hangs_up("101").passes(seconds(3_600));
    office
        .dials("100", "*60")
        .types("100", "101#")
        .types("100", "4711#")
        .disk_works();
    assert!(office.heard("100").ends_with(MAIN));
    // Outside the mailbox counts, whoever calls.
    let mut office = self::office();
    office.unregisters("100");
    for n in 0..3 {
        let from = format!("555{n}");
        office
            .calls_on("carrier", &from, "02885337100")
            .disk_works()
            .types(&from, "*");
        for _ in 0..3 {
            office.types(&from, "0000#");
        }
        office.hears_it_out(&from);
    }
    office
        .calls_on("carrier", "777", "02885337100")
        .disk_works()
        .types("777", "*");
    assert!(office.heard("777").ends_with("N-16"));
    office
        .registers("100")
        .dials("100", "*61")
        .types("100", "4711#")
        .disk_works();
    assert!(
        office.heard("100").ends_with(MAIN),
        "inside it is another matter"
    );
}

/// VM-05, SI-11: whoever guesses at another's mailbox gains nothing by opening his own now and then.
#[test]
fn the_own_pin_does_not_make_up_for_guesses_at_others() {
    let mut office = office();
    for round in 0..4 {
        office.dials("103", "*60");
        if office.heard("103").ends_with("N-16") {
            assert_eq!(round, 3, "after nine guesses");
            return;
        }
        for _ in 0..3 {
            office.types("103", "101#").types("103", "0000#");
        }
        office.hears_it_out("103").dials("103", "*61");
        if !office.heard("103").ends_with("N-16") {
            office.types("103", "4711#").disk_works().hangs_up("103");
        }
    }
    panic!("he may guess on");
}

/// VM-05: a PIN that is right makes up for the wrong ones before it.
#[test]
fn who_knows_his_pin_after_all_may_mistype_again() {
    let mut office = office();
    for _ in 0..5 {
        office
            .dials("101", "*61")
            .types("101", "1#")
            .types("101", "2#")
            .types("101", "4711#");
        office.disk_works();
        assert!(office.heard("101").ends_with(MAIN));
        office.hangs_up("101");
    }
}

/// VM-05, FC-05: who enters nothing is asked three times.
#[test]
fn who_enters_nothing_is_let_go() {
    let mut office = office();
    office.dials("101", "*61");
    for _ in 0..3 {
        office.hears_it_out("101").passes(seconds(10));
    }
    assert_eq!(
        office.heard("101"),
        "VM-01 VM-03 N-11 VM-03 N-11 VM-03 N-16"
    );
    assert!(office.disk.refused.is_empty(), "nothing is no wrong PIN");
}

/// VM-05, SET-04
#[test]
fn who_has_no_mailbox_hears_so() {
    let mut office = office();
    office.reconfigures(|directory| set(directory, "101", |it| it.voicemail = false));
    office.dials("101", "*61");
    assert_eq!(office.heard("101"), "VM-58");
    office
        .hangs_up("101")
        .dials("100", "*60")
        .types("100", "101#")
        .types("100", "0000#");
    assert!(
        office.heard("100").ends_with("VM-04 VM-02"),
        "that is for who knows the PIN"
    );
    office.types("100", "101#").types("100", "4711#");
    assert!(office.heard("100").ends_with("VM-58"));
}

/// VM-02, IX-21: `*` in the greeting, and after a message, asks for the owner's PIN; from outside not everybody's will do.
#[test]
fn an_owner_opens_his_mailbox_from_anywhere() {
    for (after, messages) in [(false, 0), (true, 1)] {
        let mut office = office();
        office
            .unregisters("100")
            .calls_on("carrier", "13912345678", "02885337100")
            .disk_works();
        if after {
            office
                .hears_it_out("13912345678")
                .passes(seconds(9))
                .types("13912345678", "#");
        }
        office.types("13912345678", "*").disk_works();
        assert!(office.heard("13912345678").ends_with("VM-03"));
        office.types("13912345678", "4711#").disk_works();
        assert!(office.heard("13912345678").ends_with(MAIN), "{after}");
        assert_eq!(office.mailbox("100").messages.len(), messages);
        office.hangs_up("13912345678");
        assert!(office.is_quiet());
        assert_eq!(
            office.record().final_callee,
            FinalCallee::Voicemail(number("100"))
        );
    }
    for (from, opens) in [("13912345678", false), ("102", true)] {
        let mut office = office();
        office.reconfigures(|directory| {
            set(directory, "100", |it| {
                it.voicemail_pin = String::from("1234")
            });
        });
        office.unregisters("100");
        match from {
            "102" => office.dials("102", "100"),
            outside => office.calls_on("carrier", outside, "02885337100"),
        };
        office
            .disk_works()
            .types(from, "*")
            .types(from, "1234#")
            .disk_works();
        assert_eq!(office.heard(from).ends_with(MAIN), opens, "{from}");
        assert_eq!(
            office.heard(from).ends_with("VM-04 VM-03"),
            !opens,
            "{from}"
        );
    }
}

/// VM-08 VM-09: a message is introduced, played, and its keys are told.
#[test]
fn new_messages_are_heard_one_after_another() {
    let mut office = opened();
    office.give(Input::Zone(Zone::fixed(8 * 3600)));
    let before = office.heard("101");
    // 2018-03-14 12:00 in Shanghai.
    office.types("101", "1");
    assert_eq!(
        then(&office, "101", &before),
        "VM-16 VM-19 VM-62 D-11 T-h D-50 D-9 T-min"
    );
    office.hears_it_out("101");
    assert!(office.heard("101").ends_with("T-min voicemail/2.wav"));
    office.disk_works();
    assert_eq!(
        office.mailbox("101").messages[1].heard,
        Heard::Old,
        "at once"
    );
    assert_eq!(office.mailbox("101").messages[2].heard, Heard::New);
    office.hears_it_out("101");
    assert!(
        office
            .heard("101")
            .ends_with(&format!("voicemail/2.wav {MESSAGE}"))
    );
    let before = office.heard("101");
    office.types("101", "6").hears_it_out("101");
    assert_eq!(
        then(&office, "101", &before),
        "VM-17 VM-19 VM-62 D-11 T-h D-50 D-9 T-min voicemail/3.wav"
    );
    office.types("101", "6");
    assert!(
        office.heard("101").ends_with(&format!("VM-32 {MESSAGE}")),
        "there is no next one"
    );
    office.types("101", "4").hears_it_out("101");
    assert!(office.heard("101").ends_with("voicemail/2.wav"));
    office.types("101", "4");
    assert!(office.heard("101").ends_with(&format!("VM-32 {MESSAGE}")));
    // Back at the main menu both are old.
    office.types("101", "*").disk_works();
    assert!(
        office
            .heard("101")
            .ends_with(&format!("VM-05 D-3 VM-10 {MAIN}"))
    );
    office.types("101", "1");
    assert!(
        office
            .heard("101")
            .ends_with(&format!("VM-05 D-0 VM-08 {MAIN}"))
    );
    office.types("101", "2").hears_it_out("101");
    assert!(office.heard("101").ends_with("voicemail/1.wav"));
}

/// VM-09: what is told of a message, in both languages.
#[test]
fn a_message_is_described() {
    let day = 86_400_000;
    for (ago_ms, from, length, chinese, in_english) in [
        (
            60_000,
            "102",
            119,
            "VM-19 VM-62 D-11 T-h D-50 D-9 T-min VM-20 N-35 D-1 D-0 D-2 VM-22 D-1 QU-17 D-50 D-9 T-sec",
            "VM-19 VM-62 D-11 D-50 D-9 T-am VM-20 N-35 D-1 D-0 D-2 VM-22 D-1 QU-17 D-50 D-9 T-sec",
        ),
        (
            day,
            "5551",
            150,
            "VM-19 VM-63 D-12 T-oclock VM-20 N-36 D-5 D-5 D-5 D-1 VM-22 D-liang QU-18 D-30 T-sec",
            "VM-19 VM-63 D-12 T-oclock T-pm VM-20 N-36 D-5 D-5 D-5 D-1 VM-22 D-2 QU-18 D-30 T-sec",
        ),
        (
            2 * day,
            "anonymous",
            60,
            "VM-19 T-mon3 T-day12 D-12 T-oclock VM-21 VM-22 D-1 QU-17",
            "VM-19 T-mon3 T-day12 D-12 T-oclock T-pm VM-21 VM-22 D-1 QU-17",
        ),
    ] {
        for (who, said) in [("101", String::from(chinese)), ("103", english(in_english))] {
            let mut office = office();
            office.give(Input::Zone(Zone::fixed(8 * 3600)));
            office.mailbox(who).messages.clear();
            office.has_message(who, 5, from, Heard::New);
            let now = office.now.wall.0;
            let message = &mut office.mailbox(who).messages[0];
            message.at = Wall(now - ago_ms);
            message.length = seconds(length);
            office
                .dials(who, "*61")
                .types(who, "4711#")
                .disk_works()
                .types(who, "1");
            let introduced = office.heard(who);
            let long = introduced.contains("VM-22");
            assert_eq!(long, length >= 120, "a long message says so by itself");
            office.types(who, "3");
            assert!(
                then(&office, who, &introduced).starts_with(&said),
                "{}",
                office.heard(who)
            );
        }
    }
}

/// VM-08, CHECKLIST §4: back, on, pause.
#[test]
fn a_message_is_wound_and_paused() {
    let mut office = listening();
    let from = |ms: u64| {
        format!(
            "FileFrom(\"voicemail/2.wav\", {:?})",
            model::Duration::from_millis(ms)
        )
    };
    office.passes(seconds(10)).types("101", "*");
    assert!(office.heard("101").ends_with(&from(7_000)));
    office
        .passes(model::Duration::from_millis(500))
        .types("101", "#");
    assert!(office.heard("101").ends_with(&from(10_500)));
    office.types("101", "0");
    let paused = office.heard("101");
    office.passes(seconds(100));
    assert_eq!(office.heard("101"), paused, "nothing is heard");
    office.types("101", "0");
    assert!(office.heard("101").ends_with(&from(10_500)));
    office.types("101", "0#");
    assert!(
        office.heard("101").ends_with(&from(13_500)),
        "a pause ends with any key"
    );
    office.types("101", "####");
    assert!(office.heard("101").ends_with(MESSAGE), "past its end");
    office
        .types("101", "5")
        .passes(seconds(1))
        .types("101", "*");
    assert!(
        office
            .heard("101")
            .ends_with("voicemail/2.wav voicemail/2.wav"),
        "before its beginning"
    );
    office.types("101", "0").passes(seconds(300));
    assert!(
        office.heard("101").ends_with(MESSAGE),
        "nobody pauses for ever"
    );
}

/// VM-08: a message is deleted when the messages are left, and can be restored until then.
#[test]
fn a_deleted_message_can_be_restored_until_the_messages_are_left() {
    let ids = |office: &mut Office| {
        let messages = office.mailbox("101").messages.iter();
        messages.map(|it| it.id.0).collect::<Vec<_>>()
    };
    let mut office = listening();
    office.types("101", "7").disk_works();
    assert!(office.heard("101").ends_with(&format!("VM-28 {MESSAGE}")));
    assert_eq!(ids(&mut office), [1, 2, 3]);
    office.types("101", "7");
    assert!(office.heard("101").ends_with(&format!("VM-29 {MESSAGE}")));
    office.types("101", "7").types("101", "9");
    assert!(
        office.heard("101").ends_with(&format!("VM-30 {MESSAGE}")),
        "saved is not deleted"
    );
    office.types("101", "*").disk_works();
    assert_eq!(ids(&mut office), [1, 2, 3]);
    let leaves: [(&str, Deed<'_>); 5] = [
        ("menu", &|office| {
            office.types("101", "*");
        }),
        ("hangs up", &|office| {
            office.hangs_up("101");
        }),
        ("stops", &|office| {
            office.give(Input::HangUpAll);
        }),
        ("calls back", &|office| {
            office.types("101", "2");
        }),
        ("silence", &|office| {
            for _ in 0..3 {
                office.hears_it_out("101").passes(seconds(10));
            }
        }),
    ];
    for (how, leaves) in leaves {
        let mut office = listening();
        office.types("101", "7");
        leaves(&mut office);
        office.disk_works();
        assert_eq!(ids(&mut office), [1, 3], "{how}");
    }
}

/// VM-08
#[test]
fn a_message_is_forwarded() {
    let mut office = listening();
    office.types("101", "8");
    assert!(office.heard("101").ends_with("N-13"));
    office.types("101", "999#");
    assert!(office.heard("101").ends_with("N-28 N-13"));
    office.types("101", "101#");
    assert!(office.heard("101").ends_with("N-10 N-13"), "he has it");
    office.types("101", "103#");
    assert!(
        !office.heard("101").contains("VM-31"),
        "only what is on disk is confirmed"
    );
    office.disk_works();
    assert!(office.heard("101").ends_with(&format!("VM-31 {MESSAGE}")));
    assert_eq!(office.mailbox("103").messages[0].heard, Heard::New);
    office.types("101", "8").types("101", "103#").disk_fails();
    assert!(office.heard("101").ends_with(&format!("N-25 {MESSAGE}")));
    office.reconfigures(|directory| set(directory, "102", |it| it.voicemail = false));
    office.types("101", "8").types("101", "102#");
    assert!(office.heard("101").ends_with("VM-58 N-13"));
    office.hangs_up("101");
    assert!(office.is_quiet());
}

/// VM-08: the sender is called with the rights of the owner; nobody from outside gets out again.
#[test]
fn whoever_left_a_message_is_called_back() {
    let mut office = listening();
    office.types("101", "2").rings("102").answers("102");
    assert!(office.talk("101", "102"));
    let mut office = listening();
    office.types("101", "6").types("101", "2");
    assert!(office.log.iter().any(|effect| matches!(effect, model::Effect::Ring(ring)
        if ring.target == Target::Trunk { trunk: String::from("carrier"), number: number("02885337106") })));
    let mut office = opened();
    office.types("101", "2").types("101", "2");
    assert!(
        office.heard("101").ends_with(&format!("VM-21 {MESSAGE}")),
        "nobody knows who"
    );
    // Without the right.
    let mut office = listening();
    office.reconfigures(|directory| set(directory, "101", |it| it.outbound_routes.clear()));
    office.types("101", "6").types("101", "2");
    assert!(office.heard("101").ends_with(&format!("N-07 {MESSAGE}")));
    // From outside.
    for (key, goes) in [("6", false), ("", true)] {
        let mut office = self::office();
        office
            .unregisters("100")
            .has_message("100", 7, "102", Heard::New);
        office.has_message("100", 8, "13912345678", Heard::New);
        office
            .calls_on("carrier", "555", "02885337100")
            .disk_works()
            .types("555", "*");
        office
            .types("555", "4711#")
            .disk_works()
            .types("555", "1")
            .types("555", key);
        office.types("555", "2");
        assert_eq!(office.is_in_a_call("102"), goes);
        assert!(!office.is_in_a_call("13912345678"));
        assert_eq!(
            office.heard("555").ends_with(&format!("N-07 {MESSAGE}")),
            !goes
        );
    }
}

/// VM-08: keys outside a menu, help, and silence.
#[test]
fn wrong_keys_and_silence_are_met_politely() {
    let mut office = opened();
    office.types("101", "8");
    assert!(office.heard("101").ends_with(&format!("N-10 {MAIN}")));
    office.types("101", "*");
    assert!(office.heard("101").ends_with(&format!("VM-64 {MAIN}")));
    for _ in 0..3 {
        office.hears_it_out("101").passes(seconds(10));
    }
    assert!(
        office
            .heard("101")
            .ends_with(&format!("{MAIN} {MAIN} {MAIN} N-23"))
    );
    office.hears_it_out("101");
    assert!(office.is_quiet());
    let mut office = listening();
    office.hears_it_out("101").types("101", "#");
    assert!(
        office
            .heard("101")
            .ends_with(&format!("{MESSAGE} {MESSAGE}"))
    );
    let mut office = opened();
    office.types("101", "1#").disk_works();
    assert!(
        office.heard("101").ends_with("voicemail/2.wav"),
        "# skips what is said of it"
    );
    office.types("101", "A");
    assert!(office.heard("101").ends_with(&format!("N-10 {MESSAGE}")));
}

/// VM-10: greetings are recorded, heard, accepted and deleted.
#[test]
fn greetings_are_recorded_by_telephone() {
    for (key, kind) in [
        ("1", GreetingKind::Unavailable),
        ("2", GreetingKind::Busy),
        ("3", GreetingKind::Name),
        ("4", GreetingKind::Temporary),
    ] {
        let mut office = opened();
        office.types("101", "0");
        assert!(office.heard("101").ends_with(OPTIONS));
        office.types("101", key);
        assert!(office.heard("101").ends_with("VM-47 Tone(Beep)"));
        office
            .hears_it_out("101")
            .passes(seconds(8))
            .types("101", "#");
        assert!(
            office
                .heard("101")
                .ends_with(&format!("Tone(Beep) {GREETING}"))
        );
        let first = *office.disk.files.keys().next().unwrap();
        office.types("101", "2");
        assert!(
            office
                .heard("101")
                .ends_with(&format!("voicemail/{first}.wav"))
        );
        office
            .types("101", "3")
            .types("101", "#")
            .hears_it_out("101")
            .passes(seconds(5));
        assert!(!office.disk.files.contains_key(&first));
        office.types("101", "#").types("101", "1");
        assert!(!office.heard("101").contains("VM-49"));
        office.disk_works();
        assert!(office.heard("101").ends_with(&format!("VM-49 {OPTIONS}")));
        let recorded = office.mailbox("101").greetings[&kind];
        // What there is can be heard, kept and deleted.
        office.types("101", key);
        assert!(
            office
                .heard("101")
                .ends_with(&format!("{OPTIONS} {GREETING}"))
        );
        office.types("101", "2");
        assert!(
            office
                .heard("101")
                .ends_with(&format!("voicemail/{recorded}.wav"))
        );
        office.hears_it_out("101").types("101", "1");
        assert!(office.heard("101").ends_with(&format!("VM-49 {OPTIONS}")));
        office.types("101", key).types("101", "4").disk_works();
        assert!(office.heard("101").ends_with(&format!("VM-50 {OPTIONS}")));
        assert!(office.mailbox("101").greetings.is_empty());
        office.types("101", "*").disk_works();
        assert!(office.heard("101").ends_with(MAIN));
    }
}

/// VM-10: what is not accepted changes nothing.
#[test]
fn a_greeting_stays_until_another_is_accepted() {
    let ends: [(&str, Deed<'_>); 6] = [
        ("hangs up at the tone", &|office| {
            office.hangs_up("101");
        }),
        ("hangs up speaking", &|office| {
            office
                .hears_it_out("101")
                .passes(seconds(9))
                .hangs_up("101");
        }),
        ("hangs up after it", &|office| {
            office
                .hears_it_out("101")
                .passes(seconds(9))
                .types("101", "#")
                .hangs_up("101");
        }),
        ("says nothing", &|office| {
            office
                .hears_it_out("101")
                .passes(seconds(5))
                .falls_silent("101");
        }),
        ("disk full", &|office| {
            office
                .hears_it_out("101")
                .passes(seconds(9))
                .disk_is_full("101");
        }),
        ("server stops", &|office| {
            office
                .hears_it_out("101")
                .passes(seconds(9))
                .give(Input::HangUpAll);
        }),
    ];
    for (how, ends) in ends {
        let mut office = office();
        office.has_greeting("101", GreetingKind::Busy, 77);
        office
            .dials("101", "*61")
            .types("101", "4711#")
            .disk_works()
            .types("101", "023");
        ends(&mut office);
        let said = match how {
            "says nothing" => "VM-60",
            "disk full" => "N-38",
            _ => "",
        };
        if !said.is_empty() {
            assert!(
                office.heard("101").ends_with(&format!("{said} {OPTIONS}")),
                "{how}"
            );
            office.hangs_up("101");
        }
        office.disk_works();
        assert!(office.is_quiet() && office.disk.files.is_empty(), "{how}");
        assert_eq!(
            office.mailbox("101").greetings[&GreetingKind::Busy],
            RecordingId(77)
        );
    }
    // A minute is enough.
    let mut office = opened();
    office
        .types("101", "01")
        .hears_it_out("101")
        .passes(seconds(60));
    assert!(office.heard("101").ends_with(GREETING));
    office.types("101", "1").disk_fails();
    assert!(office.heard("101").ends_with(&format!("N-25 {OPTIONS}")));
}

/// VM-02 VM-10: what was recorded is what the next caller hears.
#[test]
fn the_next_caller_hears_the_new_greeting() {
    let mut office = opened();
    office
        .types("101", "01")
        .hears_it_out("101")
        .passes(seconds(8))
        .types("101", "#1")
        .disk_works();
    let greeting = office.mailbox("101").greetings[&GreetingKind::Unavailable];
    office
        .hangs_up("101")
        .unregisters("101")
        .dials("100", "101")
        .disk_works();
    assert!(
        office
            .heard("100")
            .starts_with(&format!("voicemail/{greeting}.wav VM-33"))
    );
    // One that is there for a while is told of.
    office
        .hangs_up("100")
        .has_greeting("101", GreetingKind::Temporary, 5)
        .registers("101");
    office
        .dials("101", "*61")
        .types("101", "4711#")
        .disk_works();
    assert!(office.heard("101").starts_with("VM-01 VM-03 VM-59 VM-05"));
}

/// VM-11, SET-05
#[test]
fn a_pin_is_changed_by_telephone() {
    let mut office = opened();
    office.types("101", "05");
    assert!(office.heard("101").ends_with("VM-52"));
    office.types("101", "123#");
    assert!(office.heard("101").ends_with("VM-55 VM-52"));
    office.types("101", "12345678901#");
    assert!(office.heard("101").ends_with("N-10 VM-52"));
    office.types("101", "0815#");
    assert!(office.heard("101").ends_with("VM-53"));
    office.types("101", "0816#");
    assert!(office.heard("101").ends_with("VM-54 VM-52"));
    office.types("101", "0815#").types("101", "0815#");
    assert!(!office.heard("101").contains("VM-56"));
    office.saves();
    assert!(office.heard("101").ends_with(&format!("VM-56 {OPTIONS}")));
    office
        .hangs_up("101")
        .dials("101", "*61")
        .types("101", "4711#");
    assert!(office.heard("101").ends_with("VM-04 VM-03"));
    office.types("101", "0815#").disk_works();
    assert!(office.heard("101").ends_with(MAIN));
    // A disk that fails changes nothing.
    office
        .types("101", "05")
        .types("101", "4711#")
        .types("101", "4711#")
        .replies(Reply::NotSaved);
    assert!(office.heard("101").ends_with(&format!("N-25 {OPTIONS}")));
    assert_eq!(
        office
            .directory
            .extension(&number("101"))
            .unwrap()
            .voicemail_pin,
        "0815"
    );
    // Who gives up has changed nothing either.
    office.types("101", "5");
    for _ in 0..3 {
        office.types("101", "1#");
    }
    assert!(office.heard("101").ends_with(&format!("N-20 {OPTIONS}")));
}

/// VM-17: a message that comes meanwhile is there when the main menu is.
#[test]
fn a_message_that_comes_meanwhile_is_told_at_the_main_menu() {
    let mut office = listening();
    office
        .dials("100", "101")
        .disk_works()
        .hears_it_out("100")
        .passes(seconds(9))
        .hangs_up("100");
    office.disk_works();
    assert_eq!(office.mailbox("101").messages.len(), 4);
    office.types("101", "6").hears_it_out("101");
    office.types("101", "6");
    assert!(
        office.heard("101").ends_with(&format!("VM-32 {MESSAGE}")),
        "not among those he hears"
    );
    office.types("101", "*").disk_works();
    assert!(
        office
            .heard("101")
            .ends_with(&format!("VM-05 D-1 VM-07 VM-11 D-3 VM-10 {MAIN}"))
    );
}

/// VM-17: a message is deleted in the portal, or by another phone, while it is heard.
#[test]
fn two_may_handle_one_mailbox() {
    let mut office = listening();
    office
        .mailbox("101")
        .messages
        .retain(|it| it.id != RecordingId(2));
    office
        .types("101", "7")
        .types("101", "8")
        .types("101", "103#")
        .disk_fails();
    assert!(office.heard("101").ends_with(&format!("N-25 {MESSAGE}")));
    office
        .dials("102", "*60")
        .types("102", "101#")
        .types("102", "4711#")
        .disk_works();
    office
        .types("102", "1#")
        .disk_works()
        .types("102", "7")
        .types("102", "*")
        .disk_works();
    assert!(
        office
            .mailbox("101")
            .messages
            .iter()
            .all(|it| it.id != RecordingId(3))
    );
    office.types("101", "6#7*").disk_works();
    assert!(
        office
            .heard("101")
            .ends_with(&format!("VM-05 D-1 VM-09 {MAIN}"))
    );
}

/// IX-25: the extension is deleted, or its mailbox switched off, while its owner is there.
#[test]
fn a_mailbox_disappears_while_its_owner_is_there() {
    for deleted in [true, false] {
        let mut office = listening();
        office.reconfigures(|directory| {
            if deleted {
                directory.extensions.remove(&number("101"));
            } else {
                set(directory, "101", |it| it.voicemail = false);
            }
        });
        office.hears_it_out("101").types("101", "*");
        assert!(office.heard("101").ends_with("VM-58"));
        office.hears_it_out("101").disk_works();
        assert!(office.is_quiet());
    }
}

/// A disk that does not answer, or answers nonsense, is no dead end.
#[test]
fn a_mailbox_that_cannot_be_read_says_so() {
    let mut office = office();
    office
        .dials("101", "*61")
        .types("101", "4711#")
        .passes(seconds(5));
    assert!(office.heard("101").ends_with("N-25"));
    let mut office = self::office();
    office
        .dials("101", "*61")
        .types("101", "4711#")
        .replies(Reply::Saved);
    assert!(office.heard("101").ends_with("N-25"));
}

/// Whoever is at a mailbox may hang up at any time, and the server may restart at any time.
#[test]
fn every_state_ends_when_somebody_hangs_up_and_survives_a_restart() {
    let keys = [
        "",
        "1",
        "1#",
        "1#0",
        "1#5",
        "1#8",
        "1#8103#",
        "1#3",
        "0",
        "01",
        "01#",
        "05",
        "054711#",
        "054711#4711#",
        "2",
    ];
    for keys in keys {
        let mut office = opened();
        office.types("101", keys).restarts();
        office.vanishes("101").disk_works();
        assert!(office.is_quiet(), "{keys}");
        assert_eq!(office.last("101").ended, Some(Cause::Vanished));
    }
    for keys in ["", "10", "101#", "101#47"] {
        let mut office = office();
        office
            .dials("100", "*60")
            .types("100", keys)
            .restarts()
            .hangs_up("100");
        assert!(office.is_quiet(), "{keys}");
    }
}

/// VM-08: nobody takes a call that is with a mailbox.
#[test]
fn who_is_at_a_mailbox_is_left_alone() {
    let mut office = listening();
    let leg = office.leg("101");
    office
        .refers(leg, model::TransferTo::Number(number("102")))
        .dials("100", "**101");
    assert!(office.heard("100").ends_with("PU-01"));
    assert!(!office.is_in_a_call("102"));
    office.hears_it_out("101");
    assert!(office.heard("101").ends_with(MESSAGE));
}

/// IX-30: a thousand are at their doors at once, and who goes in finds what is his.
#[test]
fn a_thousand_open_their_mailboxes_at_once() {
    let mut office = Office::with(|directory| {
        for n in 0..1_000 {
            let number = number(&format!("2{n:03}"));
            let extension = model::Extension::new(number, "Li", model::Secret::NONE);
            directory.extensions.insert(number, extension.into());
        }
    });
    for n in 0..1_000 {
        office.dials(&format!("2{n:03}"), "*61");
    }
    for n in (0..1_000).step_by(50) {
        let who = format!("2{n:03}");
        office
            .has_message(&who, n + 1, "100", Heard::New)
            .types(&who, "1234#");
    }
    assert_eq!(office.questions.len(), 20);
    office.disk_works();
    for n in (0..1_000).step_by(50) {
        let who = format!("2{n:03}");
        office.types(&who, "1#");
        let own = format!("voicemail/{}.wav", n + 1);
        assert!(office.heard(&who).ends_with(&own), "{who}");
    }
    office.disk_works().give(Input::HangUpAll);
    assert!(office.is_quiet());
}
