//! Settings, forwarding, follow-me, codes.

use crate::support::{Office, number};
use model::{Change, ForwardWhen, Switched};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// SET-01 SET-02 SET-03 SET-04 SET-05, DN-03
#[tokio::test]
async fn settings_are_told_and_replaced_whole() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let told = owner.get("settings").await.json;
    assert_eq!(
        told,
        json!({ "dnd": false, "email": "", "voicemail": true })
    );
    let wanted = json!({ "dnd": true, "email": "a@example.org, b@example.org", "voicemail": false, "voicemail_pin": "8642" });
    let put = owner.put("settings", wanted).await;
    let now = json!({ "dnd": true, "email": "a@example.org,b@example.org", "voicemail": false });
    assert_eq!((put.status, &put.json), (200, &now));
    assert_eq!(owner.get("settings").await.json, now);
    let site = office.store.site();
    let extension = site.directory.extension(&number("100")).expect("known");
    assert!(extension.do_not_disturb && !extension.voicemail);
    assert_eq!(extension.voicemail_pin, "8642");
    let put = owner.put("settings", now.clone()).await;
    assert_eq!(put.json, now, "what GET gave is what PUT takes");
    let site = office.store.site();
    let extension = site.directory.extension(&number("100")).expect("known");
    assert_eq!(
        extension.voicemail_pin, "8642",
        "a PIN that is not mentioned stays"
    );
    let other = site.directory.extension(&number("101")).expect("known");
    assert!(!other.do_not_disturb, "others keep theirs");
}

/// SET-03 SET-05
#[tokio::test]
async fn wrong_settings_are_told_by_field_and_change_nothing() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let before = owner.get("settings").await.json;
    let with = |name: &str, value: Value| {
        let mut settings = before.clone();
        settings[name] = value;
        settings
    };
    for (settings, field, code) in [
        (with("email", json!("nobody")), "email", "not-an-email"),
        (
            with("email", json!("a@b.c\r\nBcc: d@e.f")),
            "email",
            "not-an-email",
        ),
        (
            with("voicemail_pin", json!("12a4")),
            "voicemail_pin",
            "not-a-pin",
        ),
        (
            with("voicemail_pin", json!("123")),
            "voicemail_pin",
            "not-a-pin",
        ),
        (
            with("voicemail_pin", json!("12345678901")),
            "voicemail_pin",
            "not-a-pin",
        ),
        (
            with("voicemail_pin", json!("１２３４")),
            "voicemail_pin",
            "not-a-pin",
        ),
        (with("dnd", json!("yes")), "dnd", "wrong-type"),
        (with("colour", json!(1)), "colour", "unknown-field"),
        (json!({ "dnd": true }), "email", "missing-field"),
    ] {
        let answer = owner.put("settings", settings.clone()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (422, "invalid"),
            "{settings}"
        );
        assert_eq!(answer.errors(), [(field, code)], "{settings}");
    }
    assert_eq!(owner.get("settings").await.json, before);
}

/// SET-02 DN-03 CFW-01 CF-09: what a star code sets shows here at once, and the other way round.
#[tokio::test]
async fn star_codes_and_pages_set_the_same() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let code = |change| office.store.save_change(change);
    let me = number("100");
    code(Change::DoNotDisturb(me, Switched::On))
        .await
        .expect("saved");
    assert_eq!(owner.get("settings").await.json["dnd"], true);
    code(Change::Forward(me, ForwardWhen::Busy, Some(number("101"))))
        .await
        .expect("saved");
    code(Change::Forward(
        me,
        ForwardWhen::NoAnswer,
        Some(number("005")),
    ))
    .await
    .expect("saved");
    let told = owner.get("forwarding").await.json;
    let both = json!([{ "when": "busy", "to": "101" }, { "when": "no-answer", "to": "005" }]);
    assert_eq!(
        told,
        json!({ "enabled": true, "active": true, "rules": both }),
        "CFW-08"
    );
    let off =
        json!({ "enabled": true, "active": true, "rules": [{ "when": "no-answer", "to": "005" }] });
    assert_eq!(owner.put("forwarding", off.clone()).await.json, off);
    let site = office.store.site();
    let forwarding = &site.directory.extension(&me).expect("known").forwarding;
    assert_eq!(
        (forwarding.busy, forwarding.no_answer),
        (None, Some(number("005")))
    );
}

/// CFW-02 CFW-03 CFW-05 CFW-07
#[tokio::test]
async fn forwarding_has_four_types_and_two_switches() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    for when in ["always", "busy", "no-answer", "busy-or-no-answer"] {
        for (enabled, active) in [(true, true), (true, false), (false, false)] {
            let rules = json!([{ "when": when, "to": "101" }]);
            let wanted = json!({ "enabled": enabled, "active": active, "rules": rules });
            let put = owner.put("forwarding", wanted.clone()).await;
            assert_eq!(
                (put.status, &put.json),
                (200, &wanted),
                "another type clears the one before"
            );
            assert_eq!(owner.get("forwarding").await.json, wanted);
        }
    }
    let site = office.store.site();
    let forwarding = &site
        .directory
        .extension(&number("100"))
        .expect("known")
        .forwarding;
    assert_eq!(forwarding.busy, Some(number("101")));
    assert_eq!(
        forwarding.to(ForwardWhen::Busy),
        None,
        "kept, and not in force"
    );
}

/// CFW-06
#[tokio::test]
async fn what_another_window_saved_is_not_overwritten_unseen() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    for path in ["forwarding", "follow-me", "settings"] {
        let seen = owner.get(path).await;
        let version = seen.headers["etag"].to_str().expect("text").to_owned();
        let mut changed = seen.json.clone();
        let switch = if path == "settings" { "dnd" } else { "enabled" };
        changed[switch] = json!(true);
        let put = async |body: &Value, version: &str| {
            let text = body.to_string();
            owner
                .ask_with("PUT", path, &text, &[("if-match", version)])
                .await
        };
        let saved = put(&changed, &version).await;
        assert_eq!(saved.status, 200, "{path}");
        let stale = put(&seen.json, &version).await;
        assert_eq!(
            (stale.status, stale.code()),
            (412, "changed-meanwhile"),
            "{path}"
        );
        assert_eq!(owner.get(path).await.json, changed);
        let version = saved.headers["etag"].to_str().expect("text").to_owned();
        assert_eq!(
            put(&seen.json, &format!("\"x\", {version}")).await.status,
            200
        );
        assert_eq!(put(&changed, "*").await.status, 200);
        assert_eq!(
            owner.put(path, seen.json).await.status,
            200,
            "who does not ask overwrites"
        );
    }
}

/// CFW-04
#[tokio::test]
async fn calls_are_only_forwarded_where_they_may_go() {
    let office = Office::open().await;
    office
        .with("101", |extension| {
            extension.outbound_routes.clear();
            extension
                .forwarding
                .set(ForwardWhen::Always, Some(number("100")));
        })
        .await;
    let (owner, poor) = (office.login("100").await, office.login("101").await);
    let rules = |rules: Value| json!({ "enabled": true, "active": true, "rules": rules });
    let to = |to: &str| rules(json!([{ "when": "busy", "to": to }]));
    for (to, code) in [
        ("100", "own-number"),
        ("", "not-a-number"),
        ("abc", "not-a-number"),
        ("101' OR '1'='1", "not-a-number"),
        ("777", "unknown-number"),
        ("*61", "feature-code"),
    ] {
        let answer = owner.put("forwarding", self::rules(to)).await;
        assert_eq!(answer.errors(), [("rules[0].to", code)], "{to:?}");
    }
    for good in ["101", "005", "985337106", "9 8533-7106"] {
        assert_eq!(
            owner.put("forwarding", to(good)).await.status,
            200,
            "{good}"
        );
    }
    let answer = poor.put("forwarding", to("985337106")).await;
    assert_eq!(answer.errors(), [("rules[0].to", "not-allowed")]);
    let round = rules(json!([{ "when": "always", "to": "101" }]));
    assert_eq!(
        owner.put("forwarding", round).await.errors(),
        [("rules", "loop")]
    );
    let twice = rules(
        json!([{ "when": "busy", "to": "101" }, { "when": "busy-or-no-answer", "to": "005" }]),
    );
    assert_eq!(
        owner.put("forwarding", twice).await.errors(),
        [("rules[1].when", "duplicate")]
    );
    let unknown = rules(json!([{ "when": "sometimes", "to": "101" }]));
    assert_eq!(
        owner.put("forwarding", unknown).await.errors(),
        [("rules[0].when", "wrong-type")]
    );
    let extra = rules(json!([{ "when": "busy", "to": "101", "color": 1 }]));
    assert_eq!(
        owner.put("forwarding", extra).await.errors(),
        [("rules[0].color", "unknown-field")]
    );
}

fn rules(to: &str) -> Value {
    json!({ "enabled": true, "active": true, "rules": [{ "when": "busy", "to": to }] })
}

/// FM-01 FM-02 FM-03 FM-04 FM-05 FM-06
#[tokio::test]
async fn follow_me_is_a_list_with_times() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let fresh = owner.get("follow-me").await.json;
    assert_eq!(
        fresh,
        json!({ "enabled": false, "ring_seconds": 30, "steps": [] })
    );
    let steps = json!([{ "number": "101", "seconds": 10 }, { "number": "005", "seconds": 30 }, { "number": "965302387", "seconds": 1 }]);
    let wanted = json!({ "enabled": true, "ring_seconds": 15, "steps": steps });
    assert_eq!(owner.put("follow-me", wanted.clone()).await.json, wanted);
    assert_eq!(owner.get("follow-me").await.json, wanted);
    let off = json!({ "enabled": false, "ring_seconds": 0, "steps": [{ "number": "101" }] });
    let told = json!({ "enabled": false, "ring_seconds": 0, "steps": [{ "number": "101", "seconds": 30 }] });
    assert_eq!(
        owner.put("follow-me", off).await.json,
        told,
        "a time that is missing is 30 s"
    );
    let site = office.store.site();
    let kept = &site
        .directory
        .extension(&number("100"))
        .expect("known")
        .follow_me;
    assert_eq!(
        (kept.ring_time, kept.steps[0].time),
        (Duration::ZERO, Duration::from_secs(30))
    );
}

/// FM-02 FM-03
#[tokio::test]
async fn a_wrong_list_is_told_by_field() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let step = |number: &str, seconds: Value| json!({ "number": number, "seconds": seconds });
    let ok = json!(10);
    let many: Vec<_> = (0..11)
        .map(|n| step(&format!("9000{n}"), ok.clone()))
        .collect();
    for (ring, steps, errors) in [
        (301, json!([]), vec![("ring_seconds", "out-of-range")]),
        (
            30,
            json!([step("101", json!(0))]),
            vec![("steps[0].seconds", "out-of-range")],
        ),
        (
            30,
            json!([step("101", json!(301))]),
            vec![("steps[0].seconds", "out-of-range")],
        ),
        (
            30,
            json!([step("101", json!(-1))]),
            vec![("steps[0].seconds", "wrong-type")],
        ),
        (
            30,
            json!([step("101", json!("ten"))]),
            vec![("steps[0].seconds", "wrong-type")],
        ),
        (
            30,
            json!([step("100", ok.clone())]),
            vec![("steps[0].number", "own-number")],
        ),
        (
            30,
            json!([step("*60", ok.clone())]),
            vec![("steps[0].number", "feature-code")],
        ),
        (
            30,
            json!([step("101", ok.clone()), step("101", ok.clone())]),
            vec![("steps[1].number", "duplicate")],
        ),
        (
            30,
            json!([step("777", ok.clone()), step("", ok.clone())]),
            vec![
                ("steps[0].number", "unknown-number"),
                ("steps[1].number", "not-a-number"),
            ],
        ),
        (30, json!(many), vec![("steps", "too-many")]),
    ] {
        let body = json!({ "enabled": true, "ring_seconds": ring, "steps": steps });
        let answer = owner.put("follow-me", body.clone()).await;
        assert_eq!(answer.errors(), errors, "{body}");
    }
    assert_eq!(owner.get("follow-me").await.json["steps"], json!([]));
}

/// FCP-01
#[tokio::test]
async fn codes_are_those_in_force_that_one_may_use() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let codes = owner.get("feature-codes").await;
    assert_eq!(codes.all("code"), ["*74"]);
    office
        .with("100", |extension| extension.may_monitor = true)
        .await;
    office
        .set_up(|site| {
            let mut directory = (*site.directory).clone();
            directory
                .feature_codes
                .insert(String::from("dnd_on"), String::from("*99"));
            site.directory = Arc::new(directory);
        })
        .await;
    assert_eq!(owner.get("feature-codes").await.all("code"), ["*99", "*90"]);
}

/// SET-06
#[tokio::test]
async fn no_answer_tells_a_password_or_pin() {
    let office = Office::open().await;
    office
        .with("100", |extension| {
            extension.voicemail_pin = String::from("86421357")
        })
        .await;
    let owner = office.login("100").await;
    for path in [
        "me",
        "sessions",
        "directory",
        "contacts",
        "calls",
        "settings",
        "forwarding",
        "follow-me",
        "feature-codes",
    ] {
        let text = owner.get(path).await.text;
        assert!(
            !text.contains("86421357") && !text.contains("secret"),
            "{text}"
        );
    }
}
