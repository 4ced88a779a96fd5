//! The HTTP API beside real phones.

use crate::{baresip, office, text};
use peers::{ApiUser, PATIENCE, Server, Site, until};
use serde_json::json;

/// What an extension does, as the directory shows it.
fn state(user: &ApiUser, number: &str) -> String {
    let directory = user.get("directory");
    let items = directory["items"].as_array().expect("a list");
    let entry = items.iter().find(|item| text(item, "number") == number);
    text(entry.expect("an extension"), "state").to_owned()
}

/// SET-02 CFW-01 EXT-01 CDR-14 CDR-15 GEN-03 GEN-06
#[test]
fn what_a_phone_sets_shows_on_the_page_and_the_other_way_round() {
    let server = Server::start(&office(["100", "101"]).system("portal = true"));
    let mut alice = baresip(&server, "100").start().registered();
    let mut bob = baresip(&server, "101").start().registered();
    let page = ApiUser::of(&server);
    assert_eq!(page.login("101", "wrong"), 401);
    assert_eq!(page.login("101", &Site::password("101")), 200);
    until("both phones are free", PATIENCE, || {
        ["100", "101"]
            .iter()
            .all(|number| state(&page, number) == "idle")
    });

    bob.call("*74");
    bob.up();
    bob.call_ends();
    assert_eq!(page.get("settings")["dnd"], true);
    until("do not disturb shows", PATIENCE, || {
        state(&page, "101") == "dnd"
    });

    let mut settings = page.get("settings");
    settings["dnd"] = json!(false);
    page.put("settings", &settings);
    alice.call("101");
    bob.rings();
    until("the call shows", PATIENCE, || {
        state(&page, "101") == "ringing"
    });
    alice.hang_up();
    alice.call_ends();
    bob.call_ends();

    settings["dnd"] = json!(true);
    page.put("settings", &settings);
    alice.call("101");
    let reason = alice.call_ends();
    assert!(reason.starts_with("486"), "{reason}");

    server.is_quiet();
    let mut calls = json!(null);
    until("the calls are in the list", PATIENCE, || {
        calls = page.get("calls?number=100");
        calls["total"] == 2
    });
    assert_eq!(
        (
            text(&calls["items"][1], "caller"),
            text(&calls["items"][1], "type")
        ),
        ("100", "internal")
    );
    assert_eq!(page.ask("DELETE", "session", None).0, 204);
    assert_eq!(page.ask("GET", "me", None).0, 401);
}

/// GEN-01 AD-15
#[test]
fn the_portal_is_off_until_whoever_owns_the_machine_gets_in_and_switches_it_on() {
    let server = Server::start(&office(["100"]));
    let (owner, admin) = (ApiUser::of(&server), ApiUser::of(&server));
    assert_eq!(owner.login("100", &Site::password("100")), 403);
    let said = server.command_with(&["admin", "set-password"], "correct horse\n");
    assert!(said.contains("admin was added"), "{said}");
    assert_eq!(admin.login("admin", "correct horse"), 200);
    let (status, applied) = admin.apply("[system]\nportal = true\n");
    assert_eq!(
        (status, applied["changes"].as_array().map(Vec::len)),
        (200, Some(1)),
        "{applied}"
    );
    assert_eq!(owner.login("100", &Site::password("100")), 200);
    assert_eq!(owner.get("me")["number"], "100");
    assert_eq!(admin.apply("[system]\nportal = false\n").0, 200);
    assert_eq!(owner.ask("GET", "me", None).0, 401);
    let token = server.command(&["admin", "token", "watch", "--role", "operator"]);
    let token = token.trim();
    assert!(token.starts_with("bellwire_"), "{token}");
    assert_eq!(owner.with_token(token).get("me")["role"], "operator");
}
