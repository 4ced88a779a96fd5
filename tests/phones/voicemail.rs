//! Voice messages between real phones, through the mailbox, and by mail.

use crate::{baresip, is_in, linphone};
use model::Language;
use peers::tones::ALICE;
use peers::{
    ApiUser, Baresip, MailServer, PATIENCE, Recording, Server, Site, read_wav, talk, until,
};
use std::time::Duration;

/// VM-01 VM-02 VM-03 VM-06 VM-09 VM-12 VM-13 VM-15 SET-03
#[test]
fn a_message_is_left_shown_heard_and_mailed_in_chinese() {
    let subject = "新的语音留言：Alice (100)";
    a_message_is_left_shown_heard_and_mailed(Language::Chinese, "zh-CN", subject);
}

/// As in Chinese.
#[test]
fn a_message_is_left_shown_heard_and_mailed_in_english() {
    let subject = "New voice message from Alice (100)";
    a_message_is_left_shown_heard_and_mailed(Language::English, "en", subject);
}

fn a_message_is_left_shown_heard_and_mailed(language: Language, named: &str, subject: &str) {
    let mail = MailServer::start();
    let site = office(named).also(&mail.site());
    let server = Server::start_trusting(&site, &mail);
    let mut bob = baresip(&server, "101").watching("100").start().registered();
    bob.prints(&["Messages-Waiting: no"]);
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("101");
    bob.rings();
    bob.hang_up();
    alice.up();
    speaks(&server, 5);
    alice.press("#");
    is_in(&server, "message_review");
    talk(Duration::from_secs(9));
    alice.press("1");
    alice.call_ends();
    let heard = alice.switched_off();
    heard.says_in(language, &["VM-34", "VM-36", "VM-33", "VM-41", "VM-40"]);

    bob.prints(&["Messages-Waiting: yes"]);
    bob.prints(&["Voice-Message: 1/0"]);
    opens(&mut bob);
    bob.press("1");
    bob.prints(&["Messages-Waiting: no"]);
    talk(Duration::from_secs(10));
    bob.hang_up();
    server.is_quiet();
    let heard = bob.switched_off();
    let menu = [
        "VM-01", "VM-03", "VM-57", "VM-05", "D-1", "VM-07", "VM-12", "VM-16",
    ];
    heard.says_in(language, &menu);
    heard.hears(ALICE, 3.5);

    until("it is mailed", PATIENCE, || !mail.taken().is_empty());
    let [letter] = &mail.taken()[..] else {
        panic!("one mail, not {:?}", mail.taken());
    };
    assert!(letter.encrypted && letter.authenticated, "{letter:?}");
    assert_eq!(letter.to, ["bob@example.org"]);
    assert_eq!(letter.header("Subject"), subject);
    let attached = letter.part("audio/wav");
    let [file] = &server.voice_files()[..] else {
        panic!("one message");
    };
    let file = std::fs::read(file).expect("the message");
    assert!(attached == file, "the mail holds the same file");
    sound(&file).hears(ALICE, 4.0);
}

/// VM-03 VM-13 IX-28: what was said up to the crash is a message, and a phone that asks is told of it.
#[test]
fn a_message_that_a_crash_interrupts_is_kept_up_to_the_last_second() {
    let mut server = Server::start(&office("en").system("portal = true"));
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("*63101");
    alice.up();
    speaks(&server, 6);
    server.kill();
    server.start_again();
    alice.hang_up();
    let mut bob = baresip(&server, "101").watching("100").start().registered();
    bob.prints(&["Messages-Waiting: yes"]);
    let page = ApiUser::of(&server);
    assert_eq!(page.login("101", &Site::password("101")), 200);
    let listed = page.get("voicemail");
    assert_eq!(listed["total"], 1, "{listed}");
    let length = listed["items"][0]["duration_seconds"].as_f64();
    assert!(length >= Some(5.0), "{listed}");
    let [file] = &server.voice_files()[..] else {
        panic!("one message");
    };
    sound(&std::fs::read(file).expect("the message")).hears(ALICE, 4.9);
    opens(&mut bob);
    bob.press("1");
    talk(Duration::from_secs(10));
    bob.hang_up();
    bob.switched_off().hears(ALICE, 4.0);
}

/// VM-14 VMW-02 VMW-03: nobody rings, and what the page says of the message the phone shows.
#[test]
fn a_message_is_left_without_ringing_and_marked_on_the_page() {
    let server = Server::start(&office("en").system("portal = true"));
    let mut bob = baresip(&server, "101").watching("100").start().registered();
    let mut alice = linphone(&server, "100").tone(ALICE).start().registered();
    alice.call("*63101");
    alice.up();
    speaks(&server, 4);
    alice.hang_up();
    bob.prints(&["Messages-Waiting: yes"]);
    assert!(!bob.had("CALL_INCOMING"));
    alice.switched_off().says(&["VM-34", "VM-35", "VM-33"]);
    let page = ApiUser::of(&server);
    assert_eq!(page.login("101", &Site::password("101")), 200);
    let listed = page.get("voicemail");
    assert_eq!(
        (&listed["total"], &listed["items"][0]["from"]),
        (&1.into(), &"100".into())
    );
    let message = format!("voicemail/{}", listed["items"][0]["id"]);
    for (read, shown) in [
        (true, "Messages-Waiting: no"),
        (false, "Messages-Waiting: yes"),
    ] {
        let change = serde_json::json!({ "read": read });
        assert_eq!(page.ask("PATCH", &message, Some(&change)).0, 200);
        bob.prints(&[shown]);
    }
    assert_eq!(page.ask("DELETE", &message, None).0, 204);
    bob.prints(&["Messages-Waiting: no"]);
    assert!(
        server.voice_files().is_empty(),
        "the file goes with the message"
    );
}

/// Alice at 100; Bob at 101 has a mailbox and an address.
fn office(language: &str) -> Site {
    Site::with(["100", "101"])
        .system(&format!("language = \"{language}\""))
        .extension("100", "name = \"Alice\"\nvoicemail = false")
        .extension("101", "email = \"bob@example.org\"")
}

/// Waits until somebody's message is being recorded, and then for so many seconds of it.
fn speaks(server: &Server, seconds: u64) {
    is_in(server, "leave_message");
    until("a message is recorded", PATIENCE, || {
        !server.voice_files().is_empty()
    });
    talk(Duration::from_secs(seconds));
}

/// Opens the own mailbox, and waits for the menu.
fn opens(phone: &mut Baresip) {
    phone.call("*61");
    phone.up();
    talk(Duration::from_secs(7));
    phone.press("1234#");
    talk(Duration::from_secs(14));
}

/// A message as sound.
fn sound(file: &[u8]) -> Recording {
    let (samples, rate_hz) = read_wav(file).expect("a WAV file");
    Recording::of("the message", samples, rate_hz)
}
