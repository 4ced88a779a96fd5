//! A real browser on the real binary: telephones in pages, by the server's own WebSocket.

use peers::tones::{ALICE, BOB, CAROL};
use peers::{
    ApiUser, Baresip, BrowserPhone, Chromium, PATIENCE, Server, Site, talk, until, write_tone,
};
use std::time::Duration;

/// GEN-11, DIAL-03, DIAL-04
#[test]
fn a_page_calls_the_echo_test_and_hears_what_its_microphone_hears() {
    let server = Server::start(&office(["100"]));
    let folder = tempfile::tempdir().expect("a folder");
    let microphone = folder.path().join("microphone.wav");
    write_tone(&microphone, ALICE, 30).expect("a tone");
    let browser = Chromium::start(Some(&microphone));
    let phone = browser.phone(server.https(), &server.login("100"), None);
    let phone = phone.registered();
    let call = phone.call("*43");
    let connected = call.connects();
    let level = call.hears(ALICE);
    let statistics = call.statistics();
    println!(
        "connected {connected:?} after the call began; heard at {level:.1} dBFS; {statistics}"
    );
    let srtp = statistics["srtp"].as_str().unwrap_or_default();
    assert!(srtp.contains("GCM"), "{statistics}");
    call.hang_up();
    server.is_quiet();
}

/// DIAL-04, DIAL-06, SI-06
#[test]
fn a_page_and_a_desk_phone_hear_each_other_hold_each_other_and_press_keys() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = auto(&server, "101", BOB);

    let call = alice.call("101");
    bob.up();
    let _ = call.connects();
    call.hears(BOB);
    talk(CONVERSATION);
    call.hold();
    call.does_not_hear(BOB);
    call.resume();
    call.hears(BOB);
    call.press("5");
    assert_eq!(bob.receives_keys("5"), "5", "each key once");
    call.restart();
    call.hears(BOB);
    call.hang_up();
    bob.call_ends();
    server.is_quiet();
    let bob = bob.switched_off();
    bob.hears(ALICE, 2.0);
    bob.does_not_hear(BOB);
}

/// DIAL-07, DIAL-04
#[test]
fn a_page_is_called_by_a_desk_phone() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = Baresip::with(server.login("101"))
        .tone(BOB)
        .start()
        .registered();

    bob.call("100");
    alice.rings();
    bob.hears_ringing();
    let call = alice.answer();
    bob.up();
    let connected = call.connects();
    println!("a called page is connected {connected:?} after it answered");
    call.hears(BOB);
    talk(CONVERSATION);
    bob.hang_up();
    call.ends();
    server.is_quiet();
    bob.switched_off().hears(ALICE, 1.5);
}

/// DIAL-04, GEN-11
#[test]
fn two_pages_call_each_other() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let bob = page(&browser, &server, "101", BOB);
    // The callee answers while the caller waits for that.
    alice.evaluate("globalThis.calling = phone.call('101'); undefined");
    bob.rings();
    let called = bob.answer();
    let calling = alice.called("calling");
    calling.hears(BOB);
    called.hears(ALICE);
    called.hang_up();
    calling.ends();
    server.is_quiet();
}

/// SI-06: pictures and data are refused in their places, and the call goes on without them.
#[test]
fn a_page_that_offers_pictures_and_data_too_gets_sound() {
    let server = Server::start(&office(["100"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let call = alice.call_with("*43", "{ media: { audio: true, video: true, data: true } }");
    call.hears(ALICE);
    let answer = call.answer();
    assert_eq!(answer.matches("\nm=").count(), 3, "{answer}");
    assert_eq!(answer.matches("\na=mid:").count(), 3, "{answer}");
    assert!(
        answer.contains("m=video 0 ") && answer.contains("m=application 0 "),
        "{answer}"
    );
    call.hang_up();
}

/// SI-06: as older clients and gateways write it, without `a=mid`, and with Firefox's one clock of keys.
#[test]
fn a_page_that_leaves_out_names_of_lines_is_answered_without() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = auto(&server, "101", BOB);
    let edit = "{ edit: (sdp) => sdp.replace(/a=(mid|group|extmap)[^\\r]*\\r\\n/g, '')\
                .replace(/a=rtpmap:110 [^\\r]*\\r\\n/, '').replace(/^(m=audio .*) 110/m, '$1') }";
    // The page itself knows the line by its name, which an answer may leave out (RFC 8829 §5.10).
    let call = alice.call_with("101", edit);
    bob.up();
    call.hears(BOB);
    assert!(!call.answer().contains("a=mid"), "{}", call.answer());
    call.press("7");
    assert_eq!(bob.receives_keys("7"), "7");
    call.hang_up();
    bob.call_ends();
}

/// IX-07, PK-01 PK-03 PK-05: star codes are those of a desk phone.
#[test]
fn a_page_parks_a_call_and_takes_it_up_again() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = auto(&server, "101", BOB);
    let call = alice.call("101");
    bob.up();
    call.hears(BOB);
    call.press("*4");
    call.ends();
    let again = alice.call("41");
    again.hears(BOB);
    talk(CONVERSATION);
    again.hang_up();
    bob.call_ends();
    server.is_quiet();
    bob.switched_off().hears(ALICE, 2.0);
}

/// MON-03 MON-08
#[test]
fn a_page_whispers_to_a_desk_phone() {
    let site = office(["100", "101", "102"])
        .extension("100", "may_monitor = true")
        .extension("101", "may_be_monitored = true");
    let server = Server::start(&site);
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = auto(&server, "101", BOB);
    let carol = Baresip::with(server.login("102")).tone(CAROL);
    let mut carol = carol.start().registered();
    carol.call("101");
    bob.up();
    carol.up();
    let whisper = alice.call("*91101");
    whisper.hears(BOB);
    whisper.hears(CAROL);
    talk(CONVERSATION);
    whisper.hang_up();
    carol.hang_up();
    bob.call_ends();
    server.is_quiet();
    bob.switched_off().hears(ALICE, 1.5);
    carol.switched_off().does_not_hear(ALICE);
}

/// IX-20, MI-08
#[test]
fn a_page_that_is_paged_is_not_heard() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = Baresip::with(server.login("101"))
        .tone(BOB)
        .start()
        .registered();
    bob.call("*51100");
    alice.rings();
    let call = alice.answer();
    bob.up();
    call.hears(BOB);
    talk(CONVERSATION);
    bob.hang_up();
    call.ends();
    server.is_quiet();
    bob.switched_off().does_not_hear(ALICE);
}

fn page(browser: &Chromium, server: &Server, number: &str, tone: f64) -> BrowserPhone {
    let login = server.login(number);
    browser
        .phone(server.https(), &login, Some(tone))
        .registered()
}

/// A desk phone that answers at once.
fn auto(server: &Server, number: &str, tone: f64) -> Baresip {
    let phone = Baresip::with(server.login(number));
    phone.tone(tone).answering().start().registered()
}

/// GEN-01 IX-24: with the portal off, a page is no phone; its call ends, and whoever it talked with learns so at once.
#[test]
fn pages_are_cut_off_when_the_portal_is_switched_off() {
    let server = Server::start(&office(["100", "101"]));
    let browser = Chromium::start(None);
    let alice = page(&browser, &server, "100", ALICE);
    let mut bob = auto(&server, "101", BOB);
    let call = alice.call("101");
    bob.up();
    call.hears(BOB);
    server.apply(&Site::with(["100", "101"]).system("portal = false"));
    bob.call_ends_within(Duration::from_secs(5));
    call.ends();
    server.is_quiet();
    until("the page is no phone any more", PATIENCE, || {
        let phones = server.registrations();
        phones.iter().all(|phone| phone["extension"] != "100")
    });
}

/// GEN-06 SET-06 DIAL-08: no page ever sees the password, and what was opened in a session is closed with it.
#[test]
fn a_page_is_a_phone_by_a_login_of_its_own_for_as_long_as_its_session() {
    let server = Server::start(&office(["100"]));
    let user = ApiUser::of(&server);
    assert_eq!(user.login("100", &Site::password("100")), 200);
    let told = user.get("softphone");
    let url = told["websocket"].as_str().expect("an address");
    assert!(
        url.starts_with("wss://localhost:") && url.ends_with("/sip"),
        "{url}"
    );
    let browser = Chromium::start(None);
    let page = browser.phone_with(server.https(), "100", &told, Some(ALICE));
    let page = page.registered();
    let call = page.call("*43");
    call.hears(ALICE);

    assert_eq!(user.ask("DELETE", "session", None).0, 204);
    server.is_quiet();
    until("the page is no phone any more", PATIENCE, || {
        server.registrations().is_empty()
    });
    let again = browser.phone_with(server.https(), "100", &told, None);
    let refused = again.evaluate("phone.register().then(String, String)");
    assert!(
        refused
            .as_str()
            .is_some_and(|refused| refused.contains("401")),
        "{refused}"
    );
}

fn office<'a>(extensions: impl IntoIterator<Item = &'a str> + Clone) -> Site {
    let site = Site::with(extensions.clone()).system("language = \"en\"\nportal = true");
    let no_mailbox = |site: Site, number| site.extension(number, "voicemail = false");
    extensions.into_iter().fold(site, no_mailbox)
}

/// A conversation long enough to tell who is heard.
const CONVERSATION: Duration = Duration::from_secs(2);
