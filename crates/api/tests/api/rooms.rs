//! Conferences, seen and told what to do.

use crate::support::{Office, number};
use model::{Command, LegId, Room, RoomCommand, Switched};
use serde_json::json;
use std::sync::Arc;

async fn office() -> Office {
    let office = Office::open().await;
    office
        .set_up(|site| {
            let mut directory = (*site.directory).clone();
            let room = Room {
                name: String::from("board"),
                admin_pin: String::from("9911"),
                user_pin: String::from("1111"),
                ..Room::new(number("700"))
            };
            directory.rooms.insert(room.number, Arc::new(room));
            site.directory = Arc::new(directory);
        })
        .await;
    office
}

/// CO-11: whoever administers sees who is in a conference and does there what he likes.
#[tokio::test]
async fn an_administrator_sees_conferences_and_tells_them_what_to_do() {
    let office = office().await;
    let admin = office.login("admin").await;
    let listed = admin.ask("GET", "admin/rooms", "").await.json;
    assert_eq!(listed["total"], 1);
    let room = &listed["items"][0];
    assert_eq!(room["number"], "700");
    assert_eq!(
        room["members"][0],
        json!({
            "id": 3, "number": "100", "name": "张三", "role": "member", "muted": false,
            "since": "2026-03-14T12:00:00+08:00",
        })
    );
    let muted = admin
        .ask("POST", "admin/rooms/700", r#"{"action":"mute","member":3}"#)
        .await;
    assert_eq!(muted.status, 200);
    assert_eq!(muted.json["members"][0]["muted"], true);
    for body in [
        r#"{"action":"unmute","member":3}"#,
        r#"{"action":"mute-all"}"#,
        r#"{"action":"unmute-all"}"#,
        r#"{"action":"remove","member":3}"#,
        r#"{"action":"lock"}"#,
        r#"{"action":"unlock"}"#,
        r#"{"action":"invite","number":"101"}"#,
        r#"{"action":"end"}"#,
    ] {
        let answer = admin.ask("POST", "admin/rooms/700", body).await;
        assert_eq!(answer.status, 200, "{body}");
    }
    let (leg, on, off) = (LegId(3), Switched::On, Switched::Off);
    let invite = RoomCommand::Invite {
        number: number("101"),
        rights: None,
    };
    let asked = [
        RoomCommand::Mute(leg, on),
        RoomCommand::Mute(leg, off),
        RoomCommand::MuteAll(on),
        RoomCommand::MuteAll(off),
        RoomCommand::Remove(leg),
        RoomCommand::Lock(on),
        RoomCommand::Lock(off),
        invite,
        RoomCommand::End,
    ];
    let asked = asked.map(|command| Command::Room(number("700"), command));
    assert_eq!(*office.asked.lock().expect("no panic"), asked);
}

/// CO-11: what is missing or wrong is named, and nothing is done.
#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let office = office().await;
    let admin = office.login("admin").await;
    for (path, body, status, code) in [
        ("admin/rooms/700", r#"{"action":"mute"}"#, 422, "invalid"),
        (
            "admin/rooms/700",
            r#"{"action":"invite","number":"x"}"#,
            422,
            "invalid",
        ),
        ("admin/rooms/700", r#"{"action":"dance"}"#, 422, "invalid"),
        ("admin/rooms/701", r#"{"action":"end"}"#, 404, "not-found"),
    ] {
        let answer = admin.ask("POST", path, body).await;
        assert_eq!(
            (answer.status, &answer.json["code"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    assert!(office.asked.lock().expect("no panic").is_empty());
}

/// CO-11: an extension with the administrator's PIN, with its own rights; tries are counted.
#[tokio::test]
async fn the_holder_of_the_administrators_pin_does_the_same() {
    let office = office().await;
    let owner = office.login("100").await;
    let looked = owner.ask("POST", "rooms/700", r#"{"pin":"9911"}"#).await;
    assert_eq!(looked.json["members"][0]["number"], "100");
    assert!(office.asked.lock().expect("no panic").is_empty());
    let body = r#"{"pin":"9911","action":"invite","number":"985337106"}"#;
    assert_eq!(owner.ask("POST", "rooms/700", body).await.status, 200);
    let invite = RoomCommand::Invite {
        number: number("985337106"),
        rights: Some(number("100")),
    };
    assert_eq!(
        *office.asked.lock().expect("no panic"),
        [Command::Room(number("700"), invite)]
    );
    for pin in ["1111", "", "0000", "9912", "99110"] {
        let body = format!(r#"{{"pin":"{pin}","action":"end"}}"#);
        let answer = owner.ask("POST", "rooms/700", &body).await;
        assert_eq!(
            (answer.status, &answer.json["code"]),
            (403, &json!("wrong-pin"))
        );
    }
    let body = r#"{"pin":"9911","action":"end"}"#;
    assert_eq!(owner.ask("POST", "rooms/700", body).await.status, 429);
    assert_eq!(office.asked.lock().expect("no panic").len(), 1);
}
