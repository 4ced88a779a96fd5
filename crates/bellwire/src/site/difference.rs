//! What applying a site file would change, in lines for people.

use super::describe::{Table, TableKind, describe};
use model::{Directory, Number, Site};
use std::collections::BTreeMap;

/// One line for each object that is added (`+`), removed (`-`) or changed (`~`); none when nothing is.
pub(crate) fn difference(old: &Site, new: &Site) -> Vec<String> {
    let (was, is) = (indexed(old), indexed(new));
    let mut lines = Vec::new();
    for (key, table) in &is {
        match was.get(key) {
            None => lines.push(format!("+ {}", headline(table))),
            Some(known) => {
                let mut changes = changed_keys(known, table);
                changes.extend(changed_secrets(old, new, table));
                if !changes.is_empty() {
                    lines.push(format!("~ {}: {}", headline(table), changes.join(", ")));
                }
            }
        }
    }
    for (key, table) in &was {
        if !is.contains_key(key) {
            lines.push(format!("- {}", headline(table)));
        }
    }
    lines.extend(orders(old, new));
    lines
}

/// Tables by the place of their list in a file, their name, and a count that tells equal names apart.
fn indexed(site: &Site) -> BTreeMap<(usize, String, usize), Table> {
    let mut seen: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut tables = BTreeMap::new();
    for table in describe(site) {
        let list = LISTS.iter().position(|list| *list == table.list);
        let list = list.unwrap_or(LISTS.len());
        let count = seen.entry((list, table.name.clone())).or_default();
        *count += 1;
        tables.insert((list, table.name.clone(), *count), table);
    }
    tables
}

fn headline(table: &Table) -> String {
    match table.kind {
        TableKind::Single => table.list.to_owned(),
        TableKind::Listed => format!("{} {}", table.list, table.name),
    }
}

/// Keys that differ, with their old and new value. A key that one side leaves out has its default there.
fn changed_keys(old: &Table, new: &Table) -> Vec<String> {
    let was: BTreeMap<_, _> = old.keys.iter().map(|(key, value)| (*key, value)).collect();
    let is: BTreeMap<_, _> = new.keys.iter().map(|(key, value)| (*key, value)).collect();
    let keys = was
        .keys()
        .chain(is.keys().filter(|key| !was.contains_key(*key)));
    keys.filter_map(|key| match (was.get(key), is.get(key)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(was), Some(is)) => Some(format!("{key} {was} -> {is}")),
        (Some(was), None) => Some(format!("{key} {was} -> default")),
        (None, Some(is)) => Some(format!("{key} default -> {is}")),
        (None, None) => None,
    })
    .collect()
}

/// Passwords that differ; what they are is not said.
fn changed_secrets(old: &Site, new: &Site, table: &Table) -> Option<String> {
    let (was, is) = (&old.directory, &new.directory);
    let differ = match table.list {
        "smtp" => old.mail.password != new.mail.password,
        "user" => {
            let password = |site: &Site| {
                site.users
                    .get(&table.name)
                    .map(|user| user.password.clone())
            };
            password(old) != password(new)
        }
        "trunk" => {
            let password = |trunks: &BTreeMap<_, std::sync::Arc<model::Trunk>>| {
                trunks.get(&table.name).map(|trunk| trunk.password.clone())
            };
            password(&was.trunks) != password(&is.trunks)
        }
        "extension" => {
            let number = Number::parse(&table.name).ok()?;
            let secret = |directory: &Directory| {
                directory
                    .extension(&number)
                    .map(|known| known.secret.clone())
            };
            secret(was) != secret(is)
        }
        _ => false,
    };
    differ.then(|| String::from("password changed"))
}

/// Lists in which only the order of what stays differs.
fn orders(old: &Site, new: &Site) -> Vec<String> {
    let mut lines = Vec::new();
    for list in ["outbound_route", "inbound_route", "contact"] {
        let names = |site: &Site| -> Vec<String> {
            let tables = describe(site).into_iter();
            tables
                .filter(|table| table.list == list)
                .map(|table| table.name)
                .collect()
        };
        let (was, is) = (names(old), names(new));
        let stays = |names: &[String], others: &[String]| -> Vec<String> {
            let stay = names.iter().filter(|name| others.contains(name));
            stay.cloned().collect()
        };
        if stays(&was, &is) != stays(&is, &was) {
            lines.push(format!("~ {list}: order"));
        }
    }
    lines
}

/// The lists in the order of a site file.
const LISTS: [&str; 17] = [
    "system",
    "smtp",
    "parking",
    "feature_codes",
    "user",
    "department",
    "extension",
    "trunk",
    "outbound_route",
    "inbound_route",
    "ring_group",
    "queue",
    "room",
    "menu",
    "schedule",
    "contact",
    "blacklist",
];
