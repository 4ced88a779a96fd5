//! One's own calls of this moment.

use crate::events::Stream;
use crate::support::{NOW, Office, number};
use model::{CallId, Command, Fact, LegId, Origin, Party, RecordingId, TalkCommand, Wall};
use serde_json::json;

/// Somebody outside calls 100, who answers.
fn talks(office: &Office) {
    let facts = [
        Fact::Began {
            call: CallId(7),
            leg: LegId(1),
            origin: Origin::Trunk(String::from("carrier")),
            dialled: number("100"),
        },
        Fact::Joined {
            call: CallId(7),
            leg: LegId(1),
            party: party("02885337100", "王五"),
        },
        Fact::Entered {
            call: CallId(7),
            phase: "dial".into(),
        },
        Fact::Joined {
            call: CallId(7),
            leg: LegId(2),
            party: party("100", ""),
        },
        Fact::Entered {
            call: CallId(7),
            phase: "talk".into(),
        },
    ];
    for fact in facts {
        office.teller.fact(Wall(NOW), &fact);
    }
}

fn party(text: &str, name: &str) -> Party {
    Party {
        number: Some(number(text)),
        name: name.to_owned(),
    }
}

/// CON-09 DIAL-06 GEN-15
#[tokio::test]
async fn a_page_sees_who_calls_and_whether_it_is_recorded() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let mut events = Stream::of(&owner, None).await;
    talks(&office);
    let mut call = json!(null);
    while call["state"] != "talk" {
        call = events.call().await;
    }
    let told = json!({
        "call": 7, "start": "2026-03-14T12:00:00+08:00", "caller": "02885337100", "caller_name": "王五",
        "callee": "100", "callee_name": "张三", "state": "talk", "recording": false, "trunk": "carrier",
    });
    assert_eq!(call, told);
    assert_eq!(owner.get("live").await.json["items"][0], told);
    let (call, recording) = (CallId(7), RecordingId(9));
    office
        .teller
        .fact(Wall(NOW), &Fact::Recording { call, recording });
    assert_eq!(events.call().await["recording"], true);
    office
        .teller
        .fact(Wall(NOW), &Fact::RecordingEnded { call, recording });
    assert_eq!(events.call().await["recording"], false);
    assert_eq!(office.login("101").await.get("live").await.json["total"], 0);
}

/// DIAL-06 XF-01 PK-01 MI-04 GEN-15
#[tokio::test]
async fn a_page_has_things_done_in_its_own_calls_only() {
    let office = Office::open().await;
    let (owner, other) = (office.login("100").await, office.login("101").await);
    let mut events = Stream::of(&owner, None).await;
    talks(&office);
    while events.call().await["state"] != "talk" {}
    for (asked, what) in [
        (
            json!({ "action": "transfer", "number": "1 0 1" }),
            TalkCommand::Transfer(number("101")),
        ),
        (
            json!({ "action": "consult", "number": "101" }),
            TalkCommand::Consult(number("101")),
        ),
        (json!({ "action": "park" }), TalkCommand::Park),
        (json!({ "action": "record" }), TalkCommand::Record),
        (json!({ "action": "confer" }), TalkCommand::Confer),
    ] {
        assert_eq!(
            owner.post("live/7", asked.clone()).await.status,
            204,
            "{asked}"
        );
        let (by, call) = (number("100"), CallId(7));
        let last = office.asked.lock().expect("no panic").pop();
        assert_eq!(last, Some(Command::Talk { by, call, what }));
    }
    assert_eq!(
        other
            .post("live/7", json!({ "action": "park" }))
            .await
            .status,
        404
    );
    assert_eq!(
        owner
            .post("live/8", json!({ "action": "park" }))
            .await
            .status,
        404
    );
    for wrong in [
        json!({ "action": "transfer" }),
        json!({ "action": "transfer", "number": "x" }),
    ] {
        assert_eq!(
            owner.post("live/7", wrong).await.json["errors"][0]["field"],
            "number"
        );
    }
    office
        .with("100", |extension| extension.may_record = false)
        .await;
    assert_eq!(
        owner
            .post("live/7", json!({ "action": "record" }))
            .await
            .status,
        403
    );
    assert!(office.asked.lock().expect("no panic").is_empty());
}

/// AD-16
#[tokio::test]
async fn an_administrator_ends_a_call() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    assert_eq!(admin.delete("admin/live/8").await.status, 404);
    assert_eq!(admin.delete("admin/live/7").await.status, 204);
    let asked = office.asked.lock().expect("no panic").clone();
    assert_eq!(asked, [Command::End(CallId(7))]);
}
