//! Pages as phones.

use crate::support::{Office, number};

/// SET-06 GEN-10
#[tokio::test]
async fn a_page_gets_a_login_of_its_own_and_the_address_it_was_asked_by() {
    let office = Office::open().await;
    let alice = office.login("100").await;
    let host = [("Host", "pbx.example:8443")];
    let answer = alice.ask_with("GET", "softphone", "", &host).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = &answer.json;
    assert_eq!(told["websocket"], "wss://pbx.example:8443/sip");
    assert_eq!(told["uri"], "sip:100@pbx.example");
    assert_eq!(told["realm"], "bellwire");
    assert_eq!(told["expires_in_seconds"], 900);
    let passes = office.passes_good();
    assert_eq!(passes.len(), 1);
    assert_eq!(passes[0].extension, number("100"));
    assert_eq!(told["password"], passes[0].password.as_str());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let again = alice.get("softphone").await;
    assert_ne!(again.json["password"], told["password"]);
    assert_ne!(again.json["user"], told["user"]);
    assert_eq!(office.passes_good().len(), 2, "both are good for a while");
}

/// GEN-06: only what belongs to the session ends with it.
#[tokio::test]
async fn a_page_is_no_phone_any_more_when_its_session_ends() {
    let office = Office::open().await;
    let (here, there) = (office.login("100").await, office.login("100").await);
    let other = office.login("101").await;
    for person in [&here, &there, &other] {
        assert_eq!(person.get("softphone").await.status, 200);
    }
    assert_eq!(here.delete("session").await.status, 204);
    assert_eq!(office.passes_good().len(), 2);
    // Another ends it.
    let sessions = other.get("sessions").await.json;
    let id = &sessions["items"][0]["id"];
    assert_eq!(other.delete(&format!("sessions/{id}")).await.status, 204);
    assert_eq!(office.passes_good().len(), 1);
    // So does time.
    office.passes(31 * 60_000);
    assert_eq!(there.get("softphone").await.status, 401);
    assert!(office.passes_good().is_empty());
}
