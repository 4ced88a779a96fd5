//! Logging in and out.

use crate::support::{Office, Proof, number, password};
use model::{Role, Secret, Site};
use std::net::SocketAddr;
use std::sync::Arc;

fn portal(site: &mut Site, on: bool) {
    let mut directory = (*site.directory).clone();
    directory.system.portal = on;
    site.directory = Arc::new(directory);
}

/// GEN-03 GEN-06
#[tokio::test]
async fn an_extension_logs_in_with_its_own_number_and_password() {
    let office = Office::open().await;
    let answer = office.stranger().login("100", &password("100")).await;
    assert_eq!(
        (answer.status, &answer.json["role"]),
        (200, &"extension".into())
    );
    assert_eq!(answer.json["number"], "100");
    let set = answer.headers["set-cookie"].to_str().expect("text");
    for word in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(word), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let me = office.login("005").await.get("me").await;
    assert_eq!((me.status, &me.json["name"]), (200, &"005".into()));
}

/// GEN-05: unknown accounts, other spellings and wrong passwords get the same answer.
#[tokio::test]
async fn who_exists_cannot_be_told_from_an_answer() {
    let office = Office::open().await;
    let mut answers = Vec::new();
    for (account, password) in [
        ("100", "wrong"),
        ("100", " "),
        ("100", ""),
        ("999", "wrong"),
        ("nobody", "wrong"),
        ("admin", "wrong"),
        ("ADMIN", &*password("admin")),
        ("5", &*password("005")),
        (" 100", &*password("100")),
        ("100", &*format!("{} ", password("100"))),
        ("100", &*password("100").to_uppercase()),
        ("' OR 1=1 --", "x"),
        ("100", &*"x".repeat(10_000)),
    ] {
        let person = office.stranger();
        let answer = person.login(account, password).await;
        assert_eq!(answer.status, 401, "{account} {password}");
        answers.push(answer.text);
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

/// GEN-05
#[tokio::test]
async fn the_sixth_wrong_password_waits_and_its_owner_elsewhere_does_not() {
    let office = Office::open().await;
    let thief = office.stranger();
    for _ in 0..5 {
        assert_eq!(thief.login("100", "wrong").await.status, 401);
    }
    let answer = thief.login("100", &password("100")).await;
    assert_eq!((answer.status, answer.code()), (429, "too-many-attempts"));
    assert!(answer.headers.contains_key("retry-after"));
    let unknown = office.stranger();
    for _ in 0..5 {
        assert_eq!(unknown.login("999", "wrong").await.status, 401);
    }
    assert_eq!(
        unknown.login("999", "wrong").await.status,
        429,
        "as for one who exists"
    );
    let mut owner = office.stranger();
    owner.address = SocketAddr::from(([192, 0, 2, 99], 1));
    assert_eq!(owner.login("100", &password("100")).await.status, 200);
    office.passes(5 * 60_000);
    assert_eq!(thief.login("100", &password("100")).await.status, 200);
}

/// GEN-01
#[tokio::test]
async fn without_the_portal_there_is_no_login_for_extensions() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    office.set_up(|site| portal(site, false)).await;
    assert_eq!(owner.get("me").await.status, 401, "the session is cut");
    let known = office.stranger().login("100", &password("100")).await;
    let unknown = office.stranger().login("999", "x").await;
    assert_eq!((known.status, known.code()), (403, "portal-off"));
    assert_eq!(known.text, unknown.text);
    assert_eq!(
        office
            .stranger()
            .login("admin", &password("admin"))
            .await
            .status,
        200
    );
    office.set_up(|site| portal(site, true)).await;
    assert_eq!(owner.get("me").await.status, 401, "and stays cut");
    office.login("100").await;
}

/// GEN-02
#[tokio::test]
async fn one_extension_can_be_kept_out() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    office
        .with("100", |extension| extension.portal = false)
        .await;
    assert_eq!(owner.get("me").await.status, 401);
    let answer = office.stranger().login("100", &password("100")).await;
    assert_eq!((answer.status, answer.code()), (403, "portal-off"));
    let answer = office.stranger().login("100", "wrong").await;
    assert_eq!(answer.status, 401, "only its owner hears that");
    office.login("101").await;
}

/// GEN-03
#[tokio::test]
async fn sessions_end_with_the_password() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let admin = office.login("admin").await;
    office
        .with("100", |extension| {
            extension.secret = Secret {
                md5: [2; 16],
                sha256: [2; 32],
            };
        })
        .await;
    assert_eq!(owner.get("me").await.status, 401);
    assert_eq!(admin.get("me").await.status, 200);
    office
        .set_up(|site| {
            let user = site.users.get_mut("admin").expect("known");
            let user = Arc::make_mut(user);
            user.password = api::password::hash("another").expect("a hash");
        })
        .await;
    assert_eq!(admin.get("me").await.status, 401);
}

/// GEN-03
#[tokio::test]
async fn sessions_end_with_the_extension_and_the_user() {
    let office = Office::open().await;
    let (owner, operator) = (office.login("100").await, office.login("operator").await);
    office
        .set_up(|site| {
            site.users.remove("operator");
            let mut directory = (*site.directory).clone();
            directory.extensions.remove(&number("100"));
            site.directory = Arc::new(directory);
        })
        .await;
    assert_eq!(owner.get("me").await.status, 401);
    assert_eq!(operator.get("me").await.status, 401);
}

/// GEN-06
#[tokio::test]
async fn a_session_ends_half_an_hour_after_its_last_request() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    office.passes(29 * 60_000);
    assert_eq!(owner.get("me").await.status, 200);
    office.passes(29 * 60_000);
    assert_eq!(owner.get("me").await.status, 200);
    office.passes(30 * 60_000);
    assert_eq!(owner.get("me").await.status, 401);
}

/// GEN-06
#[tokio::test]
async fn whoever_logs_out_is_out() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let other = office.login("100").await;
    let answer = owner.delete("session").await;
    assert_eq!(answer.status, 204);
    let unset = answer.headers["set-cookie"].to_str().expect("text");
    assert!(unset.contains("Max-Age=0"), "{unset}");
    assert_eq!(owner.get("me").await.status, 401);
    assert_eq!(other.get("me").await.status, 200, "another window stays");
}

/// GEN-06: a page of another origin can send a cookie, but no header of ours.
#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let office = Office::open().await;
    let mut owner = office.login("100").await;
    let Proof::Cookie(cookie) = owner.proof.clone() else {
        panic!("a cookie")
    };
    owner.proof = Proof::CookieAlone(cookie.clone());
    assert_eq!(owner.get("settings").await.status, 200);
    let settings = serde_json::json!({ "dnd": true, "email": "", "voicemail": true });
    let answer = owner.put("settings", settings.clone()).await;
    assert_eq!((answer.status, answer.code()), (403, "header-missing"));
    assert_eq!(owner.delete("session").await.code(), "header-missing");
    owner.proof = Proof::Cookie(cookie);
    assert_eq!(owner.put("settings", settings).await.status, 200);
}

/// GEN-06
#[tokio::test]
async fn sessions_are_listed_and_ended_from_elsewhere() {
    let office = Office::open().await;
    let lost = office.login("100").await;
    let here = office.login("100").await;
    let stranger = office.login("101").await;
    let list = here.get("sessions").await;
    assert_eq!(list.json["total"], 2);
    let items = list.json["items"].as_array().expect("a list");
    let other = items
        .iter()
        .find(|item| item["current"] == false)
        .expect("the lost one");
    assert_eq!(other["address"], "192.0.2.1");
    let path = format!("sessions/{}", other["id"]);
    assert_eq!(stranger.delete(&path).await.status, 404);
    assert_eq!(here.delete(&path).await.status, 204);
    assert_eq!(here.delete(&path).await.status, 404);
    assert_eq!(lost.get("me").await.status, 401);
    assert_eq!(here.get("me").await.status, 200);
}

#[tokio::test]
async fn the_oldest_of_many_sessions_gives_way() {
    let office = Office::open().await;
    let first = office.login("100").await;
    for _ in 0..20 {
        office.passes(1_000);
        office.login("100").await;
    }
    assert_eq!(first.get("me").await.status, 401);
    assert_eq!(
        office.login("100").await.get("sessions").await.json["total"],
        20
    );
}

#[tokio::test]
async fn sessions_and_tokens_outlast_a_restart_and_nothing_opens_them_from_the_disk() {
    let office = Office::open().await;
    let owner = office.login("100").await.proof;
    let script = office.script(Role::Operator).await.proof;
    let gone = office.login("101").await;
    assert_eq!(gone.delete("session").await.status, 204);
    let gone = gone.proof.clone();
    let office = office.restart().await;
    let as_before = |proof: &Proof| {
        let mut person = office.stranger();
        person.proof = proof.clone();
        person
    };
    assert_eq!(as_before(&owner).get("me").await.json["number"], "100");
    assert_eq!(as_before(&script).get("me").await.json["role"], "operator");
    assert_eq!(as_before(&gone).get("me").await.status, 401);
    let kept: String = {
        let sessions = office.store.sessions().await.expect("read");
        let tokens = office.store.tokens().await.expect("read");
        format!("{sessions:?} {tokens:?}")
    };
    for proof in [owner.clone(), script] {
        let (Proof::Cookie(secret) | Proof::Token(secret)) = proof else {
            panic!("a secret")
        };
        let secret = secret.rsplit(['=', '_']).next().expect("a last part");
        assert!(secret.len() == 64 && !kept.contains(secret), "{kept}");
    }
    office.passes(31 * 60_000);
    let office = office.restart().await;
    let mut late = office.stranger();
    late.proof = owner;
    assert_eq!(late.get("me").await.status, 401, "too old");
}

#[tokio::test]
async fn tokens_are_made_told_once_and_taken_back() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    let wanted = serde_json::json!({ "name": "backup", "role": "operator" });
    let made = admin.post("admin/tokens", wanted.clone()).await;
    assert_eq!(made.status, 201);
    let mut script = office.stranger();
    script.proof = Proof::Token(made.json["token"].as_str().expect("a token").to_owned());
    assert_eq!(script.get("me").await.json["account"], "backup");
    assert_eq!(
        admin.post("admin/tokens", wanted).await.code(),
        "name-taken"
    );
    let list = admin.get("admin/tokens").await;
    assert_eq!(
        (list.all("name"), list.text.contains("\"token\"")),
        (vec![&"backup".into()], false)
    );
    assert_eq!(admin.delete("admin/tokens/backup").await.status, 204);
    assert_eq!(admin.delete("admin/tokens/backup").await.status, 404);
    assert_eq!(script.get("me").await.status, 401);
}

#[tokio::test]
async fn a_login_must_be_json() {
    let office = Office::open().await;
    let request = office.stranger().request("POST", "session");
    let form = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body("account=100&password=x".into());
    let answer = office.send(form.expect("a request")).await;
    assert_eq!(answer.status(), 415, "a form of another site is not taken");
}
