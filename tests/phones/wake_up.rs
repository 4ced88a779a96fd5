//! Wake-up calls on real phones.

use crate::{baresip, linphone, office};
use peers::{ApiUser, Keys, PATIENCE, Server, Site, talk, until};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// WU-03 WU-04: booked and cancelled by a phone, and seen on the page.
#[test]
fn a_phone_books_a_wake_up_call_and_cancels_it() {
    let server = Server::start(&office(["100"]).system("portal = true"));
    let mut alice = baresip(&server, "100").start().registered();
    let page = ApiUser::of(&server);
    assert_eq!(page.login("100", &Site::password("100")), 200);
    for (code, booked) in [("*55*12311456", 1), ("*055#", 0)] {
        alice.call(code);
        alice.up();
        alice.call_ends();
        assert_eq!(page.get("wake-ups")["total"], booked, "{code}");
    }
    alice
        .switched_off()
        .says(&["WU-03", "T-mon12", "T-day31", "WU-11"]);
    server.is_quiet();
}

/// WU-05 WU-06 WU-08: one that rings when the server is killed rings again; whoever puts it off is called later.
#[test]
fn a_wake_up_call_outlasts_a_crash_and_is_put_off() {
    let mut server = Server::start(&office(["100"]).system("portal = true"));
    let mut alice = linphone(&server, "100")
        .keys(Keys::Events)
        .start()
        .registered();
    let page = ApiUser::of(&server);
    assert_eq!(page.login("100", &Site::password("100")), 200);
    let (status, booked) = page.ask("POST", "wake-ups", Some(&json!({ "at": moment(3) })));
    assert_eq!(status, 201, "{booked}");
    alice.rings();
    server.kill();
    // Nobody is left to tell the phone that nobody calls.
    alice.hang_up();
    server.start_again();
    alice.rings();
    alice.answer();
    talk(Duration::from_secs(5));
    alice.press("1");
    alice.call_ends();
    until("another is booked, five minutes later", PATIENCE, || {
        let listed = page.get("wake-ups");
        listed["total"] == 1 && listed["items"][0]["id"] != booked["id"]
    });
    alice.switched_off().says(&["WU-13", "WU-15"]);
}

/// So many seconds from now, as RFC 3339.
fn moment(seconds: u64) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let at = format!("@{}", now.as_secs() + seconds);
    let date = Command::new("date")
        .args(["-u", "-d", &at, "+%Y-%m-%dT%H:%M:%SZ"])
        .output();
    let date = date.expect("date runs").stdout;
    json!(String::from_utf8_lossy(&date).trim())
}
