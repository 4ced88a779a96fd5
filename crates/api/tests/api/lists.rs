//! The directory, the blacklist, live calls, the site file.

use crate::support::{Office, number};
use model::{ExtensionState, Fact, Wall};
use serde_json::json;

/// EXT-01 EXT-02
#[tokio::test]
async fn the_directory_shows_everybody_and_what_he_does() {
    let office = Office::open().await;
    let owner = office.login("101").await;
    let states = async |wanted: [&str; 3]| {
        // What is told is taken in by another task.
        loop {
            let list = owner.get("directory").await;
            assert_eq!(list.all("number"), ["005", "100", "101"]);
            if list.all("state") == wanted {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    states(["unavailable", "idle", "unavailable"]).await;
    for (state, shown) in [
        (ExtensionState::Ringing, "ringing"),
        (ExtensionState::InUse, "in-use"),
        (ExtensionState::Dnd, "dnd"),
        (ExtensionState::Unavailable, "unavailable"),
    ] {
        office
            .teller
            .fact(Wall(0), &Fact::Extension(number("100"), state));
        states(["unavailable", shown, "unavailable"]).await;
    }
    assert_eq!(
        owner.get("directory?q=%E5%BC%A0").await.all("number"),
        ["100"]
    );
    assert_eq!(
        owner.get("directory").await.all("name"),
        ["005", "张三", "李四"]
    );
}

/// BL-02 BL-04 BL-05 BL-06 BL-07
#[tokio::test]
async fn operators_keep_the_blacklist() {
    let office = Office::open().await;
    let operator = office.login("operator").await;
    let added = operator
        .post(
            "admin/blacklist",
            json!({ "number": "028 0000-0000", "note": "spam" }),
        )
        .await;
    let shown = json!({ "number": "02800000000", "note": "spam", "added_by": "operator",
        "added_at": "2026-03-14T12:00:00+08:00", "hits": 0 });
    assert_eq!((added.status, &added.json), (201, &shown));
    office
        .store
        .note(Wall(0), &Fact::Blocked(number("02800000000")));
    office
        .store
        .note(Wall(0), &Fact::Blocked(number("02800000000")));
    let mut counted = shown.clone();
    counted["note"] = json!("spam!");
    let put = operator
        .put("admin/blacklist/02800000000", counted.clone())
        .await;
    counted["hits"] = json!(2);
    assert_eq!(put.json, counted);
    let list = operator.get("admin/blacklist?q=spam").await;
    assert_eq!(list.json, json!({ "items": [counted], "total": 1 }));
    for (number, code) in [
        ("101", "internal-number"),
        ("02885337100", "own-number"),
        ("+86 28 8533 7100", "own-number"),
        ("110", "emergency-number"),
        ("*60", "not-a-number"),
        ("", "not-a-number"),
        ("x", "not-a-number"),
        ("1'; DROP TABLE object; --", "not-a-number"),
    ] {
        let answer = operator
            .post("admin/blacklist", json!({ "number": number }))
            .await;
        assert_eq!(answer.errors(), [("number", code)], "{number}");
    }
    let again = operator
        .post("admin/blacklist", json!({ "number": "02800000000" }))
        .await;
    assert_eq!((again.status, again.code()), (409, "already-listed"));
    let plus = operator
        .post("admin/blacklist", json!({ "number": "+8613800000000" }))
        .await;
    assert_eq!(plus.status, 201);
    assert_eq!(
        operator
            .delete("admin/blacklist/%2B8613800000000")
            .await
            .status,
        204
    );
    assert_eq!(
        operator.delete("admin/blacklist/02800000000").await.status,
        204
    );
    assert_eq!(
        operator.delete("admin/blacklist/02800000000").await.status,
        404
    );
    assert!(office.store.site().directory.blacklist.is_empty());
}

/// AD-16
#[tokio::test]
async fn administrators_see_live_calls() {
    let office = Office::open().await;
    let live = office.login("admin").await.get("admin/live").await;
    assert_eq!(
        live.json["items"][0],
        json!({ "call": 7, "start": "2026-03-14T11:59:55+08:00",
        "caller": "100", "caller_name": "张三", "callee": "101", "state": "talk", "seconds": 5, "parties": ["100", "101"] })
    );
}

#[tokio::test]
async fn the_site_file_is_read_tried_and_applied() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    let file = admin.get("admin/site").await;
    assert_eq!((file.status, &*file.text), (200, "# 3 extensions\n"));
    assert_eq!(
        file.headers["content-type"],
        "application/toml; charset=utf-8"
    );
    let tried = admin.ask("PUT", "admin/site?dry_run=true", "x").await;
    assert_eq!(tried.json["changes"], json!(["looked at"]));
    let applied = admin.ask("PUT", "admin/site", "x").await;
    assert_eq!(applied.json["changes"], json!(["applied"]));
    let wrong = admin.ask("PUT", "admin/site", "wrong").await;
    assert_eq!(
        (wrong.status, wrong.errors()),
        (422, vec![("site", "wrong-line")])
    );
    assert!(wrong.text.contains("site:1:1: is wrong"));
}
