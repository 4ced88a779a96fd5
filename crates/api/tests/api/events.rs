//! Events as they happen.

use crate::support::{NOW, Office, Person, number};
use axum::body::Body;
use futures_util::StreamExt;
use model::{
    CallId, Change, Duration, ExtensionState, Fact, LegId, Origin, Party, Queue, QueueEvent,
    QueueFact, RoomFact, RoomRole, Switched, Ticket, Wall,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// A stream of events, read event by event.
pub(crate) struct Stream {
    body: axum::body::BodyDataStream,
    read: String,
}

#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) kind: String,
    id: String,
    pub(crate) data: Value,
}

impl Stream {
    pub(crate) async fn of(person: &Person<'_>, last: Option<&str>) -> Self {
        let response = person.listen(last).await;
        let kind = response.headers()["content-type"]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        let body: Body = response.into_body();
        Self {
            body: body.into_data_stream(),
            read: String::new(),
        }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| {
                    let mut lines = event.lines().filter_map(|line| line.split_once(": "));
                    lines
                        .find(|(field, _)| *field == name)
                        .map(|(_, value)| value.to_owned())
                };
                if let Some(kind) = field("event") {
                    let data = serde_json::from_str(&field("data").expect("data"));
                    return Some(Event {
                        kind,
                        id: field("id").expect("an id"),
                        data: data.expect("JSON"),
                    });
                }
                continue;
            }
            let piece = self.body.next().await?.expect("no error");
            self.read
                .push_str(std::str::from_utf8(&piece).expect("text"));
        }
    }

    /// What the next event of a call says.
    pub(crate) async fn call(&mut self) -> Value {
        loop {
            let event = self.event().await;
            if event.kind == "calls" {
                return event.data;
            }
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        self.next().await.expect("an event")
    }
}

fn presence(office: &Office, extension: &str, state: ExtensionState) {
    office
        .teller
        .fact(Wall(NOW), &Fact::Extension(number(extension), state));
}

/// EXT-01
#[tokio::test]
async fn a_listener_begins_with_everything_and_hears_what_changes() {
    let office = Office::open().await;
    let mut stream = Stream::of(&office.login("100").await, None).await;
    let snapshot = stream.event().await;
    assert_eq!(snapshot.kind, "snapshot");
    let numbers: Vec<_> = snapshot.data["presence"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| &item["number"])
        .collect();
    assert_eq!(numbers, ["005", "100", "101"]);
    assert_eq!(snapshot.data["settings"]["settings"]["dnd"], false);
    presence(&office, "101", ExtensionState::Ringing);
    loop {
        let event = stream.event().await;
        if event.data["number"] == "101" {
            assert_eq!(
                (&*event.kind, event.data),
                ("presence", json!({ "number": "101", "state": "ringing" }))
            );
            break;
        }
    }
}

/// SET-02: a star code shows on the page without a reload, and only on its owner's.
#[tokio::test]
async fn settings_reach_their_owner_only() {
    let office = Office::open().await;
    let (owner, other) = (office.login("100").await, office.login("101").await);
    let mut own = Stream::of(&owner, None).await;
    let mut others = Stream::of(&other, None).await;
    let change = Change::DoNotDisturb(number("100"), Switched::On);
    office.store.save_change(change).await.expect("saved");
    presence(&office, "005", ExtensionState::InUse);
    let changed = loop {
        let event = own.event().await;
        if event.kind == "settings" {
            break event;
        }
    };
    assert_eq!(
        changed.data,
        json!({ "changed": ["settings"], "settings": { "dnd": true, "email": "", "voicemail": true } })
    );
    loop {
        let event = others.event().await;
        assert_ne!(event.kind, "settings");
        if event.data["state"] == "in-use" {
            break;
        }
    }
}

/// CO-11: whoever looks after conferences sees who comes and goes; others do not.
#[tokio::test]
async fn what_changes_in_a_conference_reaches_administrators() {
    let office = Office::open().await;
    let (admin, other) = (office.login("admin").await, office.login("100").await);
    let mut streams = [
        Stream::of(&admin, None).await,
        Stream::of(&other, None).await,
    ];
    for stream in &mut streams {
        stream.event().await;
    }
    let joined = RoomFact::Joined {
        leg: LegId(7),
        party: Party {
            number: Some(number("101")),
            name: String::from("李四"),
        },
        role: RoomRole::Member,
    };
    let fact = Fact::Room(number("700"), joined);
    office.teller.fact(Wall(NOW), &fact);
    presence(&office, "005", ExtensionState::InUse);
    let [admin, other] = &mut streams;
    let event = admin.event().await;
    let shown = json!({ "room": "700", "change": "joined", "member": 7, "number": "101", "name": "李四", "role": "member" });
    assert_eq!((&*event.kind, event.data), ("rooms", shown));
    assert_eq!(other.event().await.kind, "presence");
}

/// QU-15: what happens in a queue reaches its agents, operators and administrators, and nobody else.
#[tokio::test]
async fn what_happens_in_a_queue_reaches_its_agents_and_who_watches_over_it() {
    let office = Office::open().await;
    office
        .set_up(|site| {
            let mut directory = (*site.directory).clone();
            let queue = Queue {
                dynamic_agents: vec![number("101")],
                ..Queue::new(number("600"))
            };
            directory.queues.insert(queue.number, Arc::new(queue));
            site.directory = Arc::new(directory);
        })
        .await;
    let mut streams = Vec::new();
    for person in ["101", "operator", "admin", "100"] {
        let mut stream = Stream::of(&office.login(person).await, None).await;
        stream.event().await;
        streams.push(stream);
    }
    let caller = Party {
        number: Some(number("5550001")),
        name: String::from("Eve"),
    };
    for event in [
        QueueEvent::Joined(caller),
        QueueEvent::Offered(number("101")),
        QueueEvent::Answered {
            by: number("101"),
            waited: Duration::from_secs(7),
        },
    ] {
        let fact = QueueFact {
            queue: number("600"),
            ticket: Ticket(3),
            call: CallId(1),
            event,
        };
        office.teller.fact(Wall(NOW), &Fact::Queue(fact));
    }
    presence(&office, "005", ExtensionState::InUse);
    let stranger = streams.pop();
    for stream in &mut streams {
        let joined = stream.event().await;
        assert_eq!(joined.kind, "queues");
        assert_eq!(
            joined.data,
            json!({ "queue": "600", "ticket": 3, "change": "joined", "number": "5550001", "name": "Eve" })
        );
        let answered = stream.event().await;
        assert_eq!(
            answered.data,
            json!({ "queue": "600", "ticket": 3, "change": "answered", "agent": "101", "waited_seconds": 7 })
        );
    }
    let event = stranger.expect("100").event().await;
    assert_eq!(event.kind, "presence");
}

/// GEN-15
#[tokio::test]
async fn calls_reach_who_is_in_them_and_administrators() {
    let office = Office::open().await;
    let people = ["100", "101", "005", "admin"];
    let mut streams = Vec::new();
    for person in people {
        let mut stream = Stream::of(&office.login(person).await, None).await;
        stream.event().await;
        streams.push(stream);
    }
    let call = CallId(3);
    let party = Party {
        number: Some(number("101")),
        name: String::new(),
    };
    for fact in [
        Fact::Began {
            call,
            leg: LegId(1),
            origin: Origin::Extension(number("100")),
            dialled: number("101"),
        },
        Fact::Joined {
            call,
            leg: LegId(2),
            party,
        },
        Fact::Entered {
            call,
            phase: "talk".into(),
        },
        Fact::Extension(number("005"), ExtensionState::InUse),
    ] {
        office.teller.fact(Wall(NOW), &fact);
    }
    for (person, stream) in people.iter().zip(&mut streams) {
        let mut calls = Vec::new();
        loop {
            let event = stream.event().await;
            match &*event.kind {
                "calls" => calls.push(event.data),
                "presence" if event.data["number"] == "005" => break,
                _ => {}
            }
        }
        let shown = json!({
            "call": 3, "start": "2026-03-14T12:00:00+08:00", "caller": "100", "caller_name": "张三",
            "callee": "101", "callee_name": "李四", "state": "talk", "recording": false,
        });
        let expected = if *person == "005" {
            vec![]
        } else {
            vec![shown]
        };
        assert_eq!(calls, expected, "{person}");
    }
    let snapshot = Stream::of(&office.login("101").await, None)
        .await
        .event()
        .await;
    assert_eq!(snapshot.data["calls"][0]["state"], "talk");
    let snapshot = Stream::of(&office.login("005").await, None)
        .await
        .event()
        .await;
    assert_eq!(snapshot.data["calls"], json!([]));
}

#[tokio::test]
async fn whoever_comes_back_hears_what_he_missed() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let mut stream = Stream::of(&owner, None).await;
    stream.event().await;
    presence(&office, "101", ExtensionState::Ringing);
    let last = loop {
        let event = stream.event().await;
        if event.data["state"] == "ringing" {
            break event.id;
        }
    };
    drop(stream);
    presence(&office, "101", ExtensionState::InUse);
    presence(&office, "101", ExtensionState::Idle);
    let mut stream = Stream::of(&owner, Some(&last)).await;
    for state in ["in-use", "idle"] {
        let event = stream.event().await;
        assert_eq!(
            (&*event.kind, &event.data["state"]),
            ("presence", &json!(state))
        );
    }
    for unknown in ["", "x", "1-1", "-", &*format!("{NOW}-99999")] {
        let event = Stream::of(&owner, Some(unknown)).await.event().await;
        assert_eq!(event.kind, "snapshot", "{unknown}");
    }
}

#[tokio::test]
async fn a_slow_reader_gets_what_is_in_place_of_what_was() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let mut slow = Stream::of(&owner, None).await;
    assert_eq!(slow.event().await.kind, "snapshot");
    let mut quick = Stream::of(&owner, None).await;
    for round in 0..500 {
        let state = [ExtensionState::InUse, ExtensionState::Idle][round % 2];
        presence(&office, "101", state);
        // Nobody else runs between what is told and what is read.
        tokio::task::yield_now().await;
    }
    presence(&office, "005", ExtensionState::InUse);
    loop {
        let event = quick.event().await;
        let all = event.data["presence"].as_array();
        let last = |item: &Value| item["number"] == "005" && item["state"] == "in-use";
        if last(&event.data) || all.is_some_and(|all| all.iter().any(last)) {
            break;
        }
    }
    let event = slow.event().await;
    assert_eq!(event.kind, "snapshot");
    let states: Vec<_> = event.data["presence"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| &item["state"])
        .collect();
    assert_eq!(states[0], "in-use");
}

/// GEN-01
#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let mut stream = Stream::of(&owner, None).await;
    stream.event().await;
    assert_eq!(owner.delete("session").await.status, 204);
    presence(&office, "101", ExtensionState::InUse);
    while let Some(event) = stream.next().await {
        assert_ne!(event.data["state"], "in-use", "it was told after the end");
    }
}

#[tokio::test]
async fn an_account_cannot_take_all_streams() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(Stream::of(&owner, None).await);
    }
    assert_eq!(owner.get("events").await.status, 503);
    streams.pop();
    Stream::of(&owner, None).await;
    Stream::of(&office.login("101").await, None).await;
}
