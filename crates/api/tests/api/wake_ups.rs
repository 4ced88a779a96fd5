//! Wake-up calls of one's own, and of everybody.

use crate::support::{Office, number};
use serde_json::json;

/// WU-01: what `*55*` books is listed, the next first, and cancelled.
#[tokio::test]
async fn wake_up_calls_are_booked_listed_and_cancelled() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    assert_eq!(
        owner.get("wake-ups").await.json,
        json!({ "items": [], "total": 0 })
    );
    let late = owner
        .post(
            "wake-ups",
            json!({ "at": "2026-03-16T07:00:00+08:00", "days": ["mon", "fri"] }),
        )
        .await;
    assert_eq!(late.status, 201);
    let soon = owner
        .post("wake-ups", json!({ "at": "2026-03-14T05:00:00Z" }))
        .await;
    assert_eq!(soon.json["at"], "2026-03-14T13:00:00+08:00");
    let listed = owner.get("wake-ups").await.json;
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["items"][0], soon.json);
    assert_eq!(listed["items"][1], late.json);
    assert_eq!(late.json["days"], json!(["mon", "fri"]));
    let path = format!("wake-ups/{}", soon.json["id"]);
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(owner.delete(&path).await.status, 404);
    assert_eq!(owner.get("wake-ups").await.json["total"], 1);
}

/// WU-03 WU-09, GEN-15
#[tokio::test]
async fn what_cannot_be_booked_is_told_by_field() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let booked = json!({ "at": "2026-03-16T07:00:00+08:00" });
    let id = owner.post("wake-ups", booked.clone()).await.json["id"].clone();
    let again = owner.post("wake-ups", booked).await;
    assert_eq!((again.status, again.code()), (409, "already-booked"));
    for (book, field, code) in [
        (json!({ "at": "2026-03-14T11:59:00+08:00" }), "at", "past"),
        (
            json!({ "at": "2027-04-14T11:59:00+08:00" }),
            "at",
            "too-late",
        ),
        (json!({ "at": "tomorrow" }), "at", "not-a-time"),
        (json!({ "at": "2026-02-30T07:00:00Z" }), "at", "not-a-time"),
        (
            json!({ "at": "2026-03-16T07:00:00Z", "for": "101" }),
            "for",
            "unknown-field",
        ),
    ] {
        let refused = owner.post("wake-ups", book).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.errors(), [(field, code)]);
    }
    let other = office.login("101").await;
    let path = format!("wake-ups/{id}");
    assert_eq!(other.delete(&path).await.status, 404, "not one's own");
    for hour in 0..19 {
        let at = format!("2026-03-17T{hour:02}:00:00Z");
        assert_eq!(
            owner.post("wake-ups", json!({ "at": at })).await.status,
            201
        );
    }
    let full = owner
        .post("wake-ups", json!({ "at": "2026-03-18T00:00:00Z" }))
        .await;
    assert_eq!((full.status, full.code()), (409, "too-many"));
}

/// WU-09: for several at once, and for all of them or none.
#[tokio::test]
async fn an_operator_sees_to_everybodys() {
    let office = Office::open().await;
    let operator = office.login("operator").await;
    let at = "2026-03-16T07:00:00+08:00";
    let both = json!({ "extensions": ["100", "005"], "at": at });
    let booked = operator.post("admin/wake-ups", both).await;
    assert_eq!((booked.status, &booked.json["total"]), (201, &json!(2)));
    let one_is_taken = json!({ "extensions": ["101", "005"], "at": at });
    assert_eq!(
        operator.post("admin/wake-ups", one_is_taken).await.status,
        409
    );
    let nobody = json!({ "extensions": ["101", "5"], "at": at });
    let refused = operator.post("admin/wake-ups", nobody).await;
    assert_eq!(refused.errors(), [("extensions[1]", "unknown-extension")]);
    let listed = operator.get("admin/wake-ups").await.json;
    assert_eq!(listed["total"], 2, "none but the first two");
    let of_one = operator.get("admin/wake-ups?extension=005").await.json;
    assert_eq!(of_one["total"], 1);
    let path = format!("admin/wake-ups/{}", of_one["items"][0]["id"]);
    let moved = json!({ "at": "2026-03-16T08:00:00+08:00", "days": ["sat"] });
    let put = operator.put(&path, moved).await;
    assert_eq!(put.json["at"], "2026-03-16T08:00:00+08:00");
    assert_eq!(put.json["extension"], "005");
    assert_eq!(operator.delete(&path).await.status, 204);
    let site = office.store.site();
    assert_eq!(site.directory.wake_ups_of(&number("005")).len(), 0);
    assert_eq!(site.directory.wake_ups_of(&number("100")).len(), 1);
}

/// IX-25: they go with their extension, and outlast everything else.
#[tokio::test]
async fn wake_up_calls_go_with_their_extension() {
    let office = Office::open().await;
    for extension in ["100", "101"] {
        let owner = office.login(extension).await;
        let book = json!({ "at": "2026-03-16T07:00:00+08:00" });
        assert_eq!(owner.post("wake-ups", book).await.status, 201);
    }
    let removed = office.store.change(|site| {
        let mut directory = (*site.directory).clone();
        directory.extensions.remove(&number("101"))?;
        Some(model::Site {
            directory: directory.into(),
            ..site.clone()
        })
    });
    let site = removed.await.expect("removed");
    assert_eq!(site.directory.wake_ups.len(), 1);
}
