//! Agents of queues, as the portal sets them.

use crate::support::{Office, number};
use model::{Queue, Site};
use serde_json::{Value, json};
use std::sync::Arc;

/// QU-03 to QU-06, QU-15: the same rules and the same result as by telephone.
#[tokio::test]
async fn an_agent_logs_in_and_out_and_takes_breaks_in_the_portal() {
    let office = Office::open().await;
    let saved = office.store.change(|site| {
        let mut directory = (*site.directory).clone();
        let mut queue = Queue::new(number("600"));
        queue.dynamic_agents.push(number("100"));
        queue.static_agents.push(number("101"));
        directory.queues.insert(queue.number, Arc::new(queue));
        Some(Site {
            directory: Arc::new(directory),
            ..site.clone()
        })
    });
    saved.await.unwrap();
    let owner = office.login("100").await;
    let is = |logged_in: bool, paused: bool| -> Value {
        json!({
            "queues": ["600"], "static_queues": [], "logged_in": logged_in, "paused": paused,
            "waiting": [{
                "queue": "600", "name": "", "logged_in": logged_in, "callers": 1,
                "since": "2026-03-14T11:59:30+08:00",
            }],
        })
    };
    assert_eq!(owner.get("agent").await.json, is(false, false));
    for (action, then) in [
        ("login", is(true, false)),
        ("login", is(true, false)),
        ("pause", is(true, true)),
        ("logout", is(false, true)),
        ("resume", is(false, false)),
    ] {
        let answer = owner.post("agent", json!({ "action": action })).await;
        assert_eq!((answer.status, &answer.json), (200, &then), "{action}");
        assert_eq!(owner.get("agent").await.json, then, "{action}");
    }
    let unknown = owner.post("agent", json!({ "action": "rest" })).await;
    assert!((400..500).contains(&unknown.status), "{unknown:?}");

    let fixed = office.login("101").await;
    assert_eq!(fixed.get("agent").await.json["logged_in"], true);
    let refused = fixed.post("agent", json!({ "action": "logout" })).await;
    assert_eq!((refused.status, refused.code()), (409, "static-agent"));
}

/// QU-01
#[tokio::test]
async fn who_is_no_agent_changes_nothing() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let nothing = owner.get("agent").await.json;
    assert_eq!(nothing["queues"], json!([]));
    assert_eq!(nothing["waiting"], json!([]));
    for action in ["login", "logout", "pause", "resume"] {
        let refused = owner.post("agent", json!({ "action": action })).await;
        assert_eq!((refused.status, refused.code()), (409, "not-an-agent"));
    }
    assert_eq!(owner.get("agent").await.json, nothing);
}
