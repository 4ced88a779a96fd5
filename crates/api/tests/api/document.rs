//! The OpenAPI document.

use crate::support::Office;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_document_is_served_to_whoever_asks() {
    let office = Office::open().await;
    let request = axum::http::Request::get("/api/openapi.json").body(axum::body::Body::empty());
    let answer = office.send(request.expect("a request")).await;
    assert_eq!(answer.status(), 200);
    let body = axum::body::to_bytes(answer.into_body(), 1 << 24)
        .await
        .expect("a body");
    let document: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        document,
        serde_json::to_value(api::openapi()).expect("JSON")
    );
}

/// The web client's types are made from this copy. `UPDATE=1 cargo test -p bellwire-api document` writes it again.
#[test]
fn the_copy_that_the_web_client_is_made_from_is_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
    let document = serde_json::to_string_pretty(&api::openapi()).expect("JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &document).expect("written");
    }
    let copy = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        copy == document,
        "web/openapi.json is old: run this test with UPDATE=1"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = serde_json::to_value(api::openapi()).expect("JSON");
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let path = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(path).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_says_what_it_answers_and_who_may_ask() {
    let document = serde_json::to_value(api::openapi()).expect("JSON");
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let place = format!("{method} {path}");
            let responses = operation["responses"].as_object().expect("responses");
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{place}"
            );
            assert!(responses.contains_key("401"), "{place}");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{place}"
            );
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{name} names two operations");
        }
    }
    assert_eq!(document["security"].as_array().map(Vec::len), Some(2));
    let login = &document["paths"]["/api/v1/session"]["post"]["security"];
    assert_eq!(*login, serde_json::json!([{}]), "nobody is logged in yet");
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("$ref", Value::String(reference)) => {
                        references.insert(reference.clone());
                    }
                    (_, value) => collect(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
