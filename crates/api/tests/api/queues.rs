//! Queues, as those see them who watch over them.

use crate::support::{NOW, Office, number};
use model::{
    CallId, Duration, Fact, LeftBecause, Party, Queue, QueueEvent, QueueFact, Ticket, Wall,
};
use serde_json::json;
use std::sync::Arc;

async fn office() -> Office {
    let office = Office::open().await;
    office
        .set_up(|site| {
            let mut directory = (*site.directory).clone();
            let queue = Queue {
                name: String::from("support"),
                static_agents: vec![number("100")],
                dynamic_agents: vec![number("101")],
                service_level: Duration::from_secs(20),
                ..Queue::new(number("600"))
            };
            directory.queues.insert(queue.number, Arc::new(queue));
            site.directory = Arc::new(directory);
        })
        .await;
    office
}

fn happened(office: &Office, ticket: u64, at: i64, event: QueueEvent) -> Fact {
    let fact = Fact::Queue(QueueFact {
        queue: number("600"),
        ticket: Ticket(ticket),
        call: CallId(ticket),
        event,
    });
    office.store.note(Wall(at), &fact);
    fact
}

fn eve() -> Party {
    Party {
        number: Some(number("5550001")),
        name: String::from("Eve"),
    }
}

/// QU-13, QU-15: who waits, who rings, and what everybody does.
#[tokio::test]
async fn operators_see_who_waits_and_what_agents_do() {
    let office = office().await;
    for person in ["operator", "admin"] {
        let listed = office.login(person).await.get("admin/queues").await.json;
        assert_eq!(listed["total"], 1);
        let queue = &listed["items"][0];
        assert_eq!(
            queue,
            &json!({
                "number": "600", "name": "support",
                "waiting": [{
                    "ticket": 9, "position": 1, "number": "5550001", "name": "Eve",
                    "since": "2026-03-14T11:59:30+08:00", "seconds": 30, "ringing": ["100"],
                }],
                "agents": [
                    { "number": "100", "name": "张三", "state": "ringing", "taken": 2 },
                    { "number": "101", "name": "李四", "state": "logged-out", "taken": 2 },
                ],
            })
        );
    }
}

/// QU-13: two callers today, of whom one was answered in time; one yesterday, who gave up.
#[tokio::test]
async fn the_statistics_of_a_queue_are_told_by_day_and_agent() {
    let office = office().await;
    let waited = |seconds| Duration::from_secs(seconds);
    let (agent, yesterday) = (number("100"), NOW - 86_400_000);
    for (ticket, at, event) in [
        (1, yesterday, QueueEvent::Joined(eve())),
        (
            1,
            yesterday,
            QueueEvent::Left {
                because: LeftBecause::Abandoned,
                waited: waited(70),
            },
        ),
        (2, NOW, QueueEvent::Joined(eve())),
        (2, NOW, QueueEvent::Offered(agent)),
        (2, NOW, QueueEvent::Missed(agent)),
        (2, NOW, QueueEvent::Offered(agent)),
        (
            2,
            NOW,
            QueueEvent::Answered {
                by: agent,
                waited: waited(12),
            },
        ),
        (2, NOW, QueueEvent::Done { talked: waited(33) }),
        (
            3,
            NOW,
            QueueEvent::TurnedAway {
                caller: eve(),
                because: LeftBecause::Full,
            },
        ),
    ] {
        happened(&office, ticket, at, event);
    }
    office.store.barrier().await.expect("written");
    let operator = office.login("operator").await;
    let today = operator.get("admin/queues/600").await.json;
    assert_eq!(today["number"], "600");
    assert_eq!(today["statistics"]["days"][0]["day"], "2026-03-14");
    let total = &today["statistics"]["total"];
    assert_eq!(
        total,
        &json!({
            "offered": 2, "answered": 1, "abandoned": 0, "overflowed": 1, "left_by_key": 0, "left_message": 0,
            "not_reached": 0, "interrupted": 0, "waiting": 0, "callbacks": 0, "service_level_percent": 50.0,
            "mean_waited_seconds": 12.0, "max_waited_seconds": 12.0, "mean_talked_seconds": 33.0,
        })
    );
    assert_eq!(
        today["statistics"]["agents"],
        json!([{
            "number": "100", "name": "张三", "offered": 2, "missed": 1, "answered": 1, "mean_talked_seconds": 33.0,
            "days": [{ "offered": 2, "missed": 1, "answered": 1, "mean_talked_seconds": 33.0 }],
        }])
    );
    let both = operator
        .get("admin/queues/600?from=2026-03-13&to=2026-03-14")
        .await
        .json;
    let days = &both["statistics"]["days"];
    assert_eq!(days[0]["abandoned"], 1);
    assert_eq!(days[1]["answered"], 1);
    assert_eq!(both["statistics"]["total"]["max_waited_seconds"], 70.0);
    for (asked, code) in [
        ("from=2026-03-15", "from-after-to"),
        ("from=2024-01-01", "out-of-range"),
        ("from=x", "not-a-date"),
        ("to=2026-02-30", "not-a-date"),
    ] {
        let refused = operator.get(&format!("admin/queues/600?{asked}")).await;
        assert_eq!(refused.status, 422, "{asked}");
        assert_eq!(refused.errors()[0].1, code, "{asked}");
    }
}
