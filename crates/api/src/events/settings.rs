//! What changed between two configurations, and whom that concerns.

use super::tell::Parties;
use crate::own::agent::Agent;
use crate::own::{follow_me, forwarding, settings};
use model::{Extension, Number, Site};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One change each, as events tell it.
pub(super) fn changes(before: &Site, after: &Site) -> Vec<(Value, Parties)> {
    let mut changes = Vec::new();
    let (was, is) = (&before.directory, &after.directory);
    for (number, extension) in &is.extensions {
        let Some(old) = was.extensions.get(number) else {
            continue;
        };
        if Arc::ptr_eq(old, extension) {
            continue;
        }
        let (old, new) = (told(old), told(extension));
        let changed: Map<_, _> = new
            .into_iter()
            .filter(|(name, value)| old.get(name) != Some(value))
            .collect();
        if !changed.is_empty() {
            changes.push((named(changed), Parties::Owner(*number)));
        }
    }
    let shown = |directory: &model::Directory| {
        let names = directory.extensions.values();
        names
            .map(|extension| (extension.number, extension.name.clone()))
            .collect::<Vec<_>>()
    };
    let mut for_all = Vec::new();
    if shown(was) != shown(is) {
        for_all.push("directory");
    }
    if was.contacts != is.contacts {
        for_all.push("contacts");
    }
    if was.feature_codes != is.feature_codes {
        for_all.push("feature-codes");
    }
    if !for_all.is_empty() {
        changes.push((json!({ "changed": for_all }), Parties::All));
    }
    if was.agents != is.agents || was.queues != is.queues {
        for number in is.extensions.keys() {
            let (old, new) = (Agent::of(was, *number), Agent::of(is, *number));
            if old != new {
                let told = json!({ "changed": ["agent"], "agent": new });
                changes.push((told, Parties::Owner(*number)));
            }
        }
    }
    if was.wake_ups != is.wake_ups {
        let mut owners: BTreeSet<Number> = BTreeSet::new();
        for (one, other) in [(was, is), (is, was)] {
            let changed = one.wake_ups.iter();
            let changed = changed.filter(|(id, wake_up)| other.wake_ups.get(id) != Some(wake_up));
            owners.extend(changed.map(|(_, wake_up)| wake_up.extension));
        }
        let told = json!({ "changed": ["wake-ups"] });
        let owners = owners.into_iter().map(Parties::Owner);
        let all = owners.chain([Parties::Operators]);
        changes.extend(all.map(|parties| (told.clone(), parties)));
    }
    if was.blacklist != is.blacklist {
        changes.push((json!({ "changed": ["blacklist"] }), Parties::Operators));
    }
    changes
}

/// The settings of one extension, for a snapshot.
pub(super) fn of(site: &Site, number: &Number) -> Value {
    let extension = site.directory.extension(number);
    extension.map_or_else(|| json!({}), |extension| Value::Object(told(extension)))
}

/// The resources of an extension by name, as their own addresses show them.
fn told(extension: &Extension) -> Map<String, Value> {
    let resources = [
        ("settings", json!(settings::Settings::of(extension))),
        (
            "forwarding",
            json!(forwarding::Forwarding::of(&extension.forwarding)),
        ),
        (
            "follow-me",
            json!(follow_me::FollowMe::of(&extension.follow_me)),
        ),
    ];
    resources
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn named(changed: Map<String, Value>) -> Value {
    let names: Vec<_> = changed.keys().cloned().collect();
    let mut data = changed;
    data.insert(String::from("changed"), json!(names));
    Value::Object(data)
}
