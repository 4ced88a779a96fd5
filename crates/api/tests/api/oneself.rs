//! What somebody is told of himself, and may change: language and password.

use crate::support::{Office, Proof, ha1, number, password};
use serde_json::json;
use std::sync::Arc;

/// CON-03 MI-04: a page shows no button that does nothing.
#[tokio::test]
async fn me_says_what_one_may_do() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let me = owner.get("me").await.json;
    assert_eq!(me["may_record"], true);
    assert_eq!(me["may_monitor"], false);
    assert_eq!(me["is_agent"], false);
    assert_eq!(me["voicemail_pin_is_default"], true);
    assert_eq!(me["password_is_weak"], false);
    office
        .with("100", |extension| {
            extension.may_record = false;
            extension.voicemail_pin = String::from("4711");
        })
        .await;
    let me = owner.get("me").await.json;
    assert_eq!(me["may_record"], false);
    assert_eq!(me["voicemail_pin_is_default"], false);
}

/// GEN-14
#[tokio::test]
async fn each_chooses_his_language() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    for language in ["en", "zh-CN"] {
        let answer = owner
            .ask("PATCH", "me", &json!({ "language": language }).to_string())
            .await;
        assert_eq!(
            (answer.status, &answer.json["language"]),
            (200, &json!(language))
        );
        assert_eq!(owner.get("me").await.json["language"], language);
    }
    let answer = owner.ask("PATCH", "me", r#"{"language":"fr"}"#).await;
    assert_eq!(answer.json["errors"][0]["code"], "unknown-language");
    assert_eq!(
        owner.ask("PATCH", "me", r#"{"language":""}"#).await.status,
        200
    );
}

/// GEN-03: the session in which it is changed goes on, others end.
#[tokio::test]
async fn the_password_is_changed_by_who_knows_it() {
    for account in ["100", "admin"] {
        let office = Office::open().await;
        let (here, elsewhere) = (office.login(account).await, office.login(account).await);
        let change = |current: &str, new: &str| json!({ "current": current, "new": new });
        let old = password(account);
        let answer = here.put("password", change("wrong", "correct horse")).await;
        assert_eq!(answer.json["errors"][0]["field"], "current");
        let changed = here.put("password", change(&old, "correct horse")).await;
        assert_eq!(changed.status, 204, "{}", changed.text);
        assert_eq!(here.get("me").await.status, 200);
        assert_eq!(elsewhere.get("me").await.status, 401);
        assert_eq!(office.stranger().login(account, &old).await.status, 401);
        let again = office.stranger().login(account, "correct horse").await;
        assert_eq!(again.status, 200);
        let back = here.proof.clone();
        let office = office.restart().await;
        let mut here = office.stranger();
        here.proof = back;
        assert_eq!(here.get("me").await.status, 200, "also after a restart");
    }
}

#[tokio::test]
async fn what_everybody_would_try_is_no_password() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let long = "x".repeat(300);
    for (new, code) in [
        ("short", "too-short"),
        ("12345678", "weak"),
        ("aaaaaaaaaa", "weak"),
        ("Password1", "weak"),
        (" spaces around ", "control-character"),
        (&long, "too-long"),
        (&password("100"), "unchanged"),
    ] {
        let change = json!({ "current": password("100"), "new": new });
        let answer = owner.put("password", change).await;
        assert_eq!(answer.json["errors"][0]["code"], code, "{new}");
    }
    assert_eq!(owner.get("me").await.status, 200);
}

/// GEN-03: whoever still has the password of the first day hears so.
#[tokio::test]
async fn a_password_that_is_the_number_is_told_to_be_weak() {
    let office = Office::open().await;
    let secret = ha1(&number("100"), "100");
    office
        .set_up(move |site| {
            let mut directory = (*site.directory).clone();
            let extension = directory.extensions.get_mut(&number("100")).expect("known");
            Arc::make_mut(extension).secret = secret;
            site.directory = Arc::new(directory);
        })
        .await;
    let mut person = office.stranger();
    let answer = person.login("100", "100").await;
    assert_eq!(answer.json["password_is_weak"], true);
    person.proof = Proof::Cookie(answer.cookie());
    assert_eq!(person.get("me").await.json["password_is_weak"], true);
    let change = json!({ "current": "100", "new": "correct horse" });
    assert_eq!(person.put("password", change).await.status, 204);
    assert_eq!(person.get("me").await.json["password_is_weak"], false);
}

/// GEN-06
#[tokio::test]
async fn who_wants_to_stay_logged_in_stays_for_a_month() {
    let office = Office::open().await;
    let mut owner = office.stranger();
    let login = json!({ "account": "100", "password": password("100"), "stay": true });
    let answer = owner.post("session", login).await;
    let cookie = answer.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.contains("Max-Age=2592000"), "{cookie}");
    owner.proof = Proof::Cookie(answer.cookie());
    office.passes(29 * 24 * 3_600_000);
    let proof = owner.proof.clone();
    let office = office.restart().await;
    let mut owner = office.stranger();
    owner.proof = proof;
    assert_eq!(owner.get("me").await.status, 200);
    office.passes(31 * 24 * 3_600_000);
    assert_eq!(owner.get("me").await.status, 401);
}
