//! What holds the house together: crates know only what lies below them, and every dependency has a
//! licence that the product may ship.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// DESIGN §2: who may know whom. The binary and the tests may know everybody.
const ARROWS: &[(&str, &[&str])] = &[
    ("bellwire-model", &[]),
    ("bellwire-sip", &[]),
    ("bellwire-rtp", &[]),
    ("bellwire-media", &["bellwire-model", "bellwire-rtp"]),
    ("bellwire-fax", &["bellwire-model"]),
    ("bellwire-switch", &["bellwire-model"]),
    (
        "bellwire-edge",
        &["bellwire-model", "bellwire-sip", "bellwire-rtp"],
    ),
    ("bellwire-store", &["bellwire-model"]),
    ("bellwire-api", &["bellwire-model", "bellwire-store"]),
    (
        "bellwire-sim",
        &[
            "bellwire-model",
            "bellwire-sip",
            "bellwire-rtp",
            "bellwire-media",
            "bellwire-switch",
            "bellwire-edge",
        ],
    ),
];

/// May know everybody.
const TOP: &[&str] = &["bellwire", "bellwire-tests", "bellwire-bench"];

/// Pure crates stay small: at most so many dependencies from outside.
const PURE: &[&str] = &[
    "bellwire-model",
    "bellwire-sip",
    "bellwire-rtp",
    "bellwire-switch",
    "bellwire-edge",
];
const PURE_DEPENDENCIES_MAX: usize = 4;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Workspace members and their ordinary (not dev, not build) dependencies by name.
fn members(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let ids: BTreeSet<&str> = list(metadata, "workspace_members")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    list(metadata, "packages")
        .iter()
        .filter(|package| ids.contains(text(package, "id")))
        .map(|package| {
            let dependencies = list(package, "dependencies")
                .iter()
                .filter(|dependency| text(dependency, "kind").is_empty())
                .map(|dependency| text(dependency, "name").to_owned())
                .collect();
            (text(package, "name").to_owned(), dependencies)
        })
        .collect()
}

#[test]
fn crates_know_only_what_lies_below_them() {
    let members = members(&metadata());
    for (name, dependencies) in &members {
        if TOP.contains(&name.as_str()) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            panic!("{name} is not in the table of crates; add it there and to ARCHITECTURE.md");
        };
        for dependency in dependencies
            .iter()
            .filter(|dependency| members.contains_key(*dependency))
        {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not know {dependency}"
            );
        }
    }
    for (name, _) in ARROWS {
        assert!(
            members.contains_key(*name),
            "{name} is in the table but not in the workspace"
        );
    }
}

#[test]
fn pure_crates_stay_small() {
    let members = members(&metadata());
    for name in PURE {
        let outside: Vec<_> = members[*name]
            .iter()
            .filter(|dependency| !members.contains_key(*dependency))
            .collect();
        assert!(
            outside.len() <= PURE_DEPENDENCIES_MAX,
            "{name} depends on {outside:?}"
        );
    }
}

#[test]
fn every_licence_may_be_shipped() {
    let deny = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deny.toml"))
        .expect("deny.toml");
    let allowed: BTreeSet<&str> = deny
        .split_once("allow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(inside, _)| inside.split('"').skip(1).step_by(2).collect())
        .expect("deny.toml lists licences");
    let metadata = metadata();
    for package in list(&metadata, "packages") {
        let expression = text(package, "license").replace('/', " OR ");
        assert!(
            may_be_shipped(&expression, &allowed),
            "{} is under {expression:?}",
            text(package, "name")
        );
    }
}

/// Whether one alternative of an SPDX expression is made of allowed licences only. Nested alternatives
/// are read as if they stood outside, which accepts `A AND (B OR C)` when `A AND B` or `C` would do.
fn may_be_shipped(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    expression
        .replace(['(', ')'], " ")
        .split(" OR ")
        .any(|alternative| {
            alternative.split(" AND ").all(|licence| {
                let licence = licence.split(" WITH ").next().unwrap_or_default().trim();
                allowed.contains(licence)
            })
        })
}
