//! What is told of queues.

use model::{Number, QueueEvent, QueueFact, Site};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The agents of each queue, logged in or not.
pub(super) fn agents(site: &Site) -> BTreeMap<Number, Arc<BTreeSet<Number>>> {
    let queues = site.directory.queues.iter();
    let agents = queues.map(|(number, queue)| {
        let agents = queue.static_agents.iter().chain(&queue.dynamic_agents);
        (*number, Arc::new(agents.copied().collect()))
    });
    agents.collect()
}

/// What happened to a caller; `None`: who is rung shows in the states of extensions.
pub(super) fn told(fact: &QueueFact) -> Option<Value> {
    let (change, more) = match &fact.event {
        QueueEvent::Joined(caller) => (
            "joined",
            json!({ "number": caller.number, "name": caller.name }),
        ),
        QueueEvent::TurnedAway { caller, because } => (
            "turned-away",
            json!({ "number": caller.number, "name": caller.name, "because": because }),
        ),
        QueueEvent::Answered { by, waited } => (
            "answered",
            json!({ "agent": by, "waited_seconds": waited.as_secs() }),
        ),
        QueueEvent::Done { talked } => ("done", json!({ "talked_seconds": talked.as_secs() })),
        QueueEvent::Left { because, waited } => (
            "left",
            json!({ "because": because, "waited_seconds": waited.as_secs() }),
        ),
        QueueEvent::Offered(_) | QueueEvent::Missed(_) => return None,
    };
    let mut told = json!({ "queue": fact.queue, "ticket": fact.ticket.0, "change": change });
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    Some(told)
}
