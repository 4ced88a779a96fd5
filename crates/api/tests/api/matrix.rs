//! Who may do what: every address for every role (AD-01).

use crate::support::{Office, Person};
use model::Role;
use serde_json::Value;

/// Method, path with an id that nobody has, and the statuses for a stranger, an extension, an operator and an
/// administrator. What is allowed ends with the error that follows: there is no such id, or the body is empty.
const MATRIX: &[(&str, &str, [u16; 4])] = &[
    ("GET", "me", [401, 200, 200, 200]),
    ("GET", "sessions", [401, 200, 200, 200]),
    ("DELETE", "sessions/1", [401, 404, 404, 404]),
    ("GET", "events", [401, 200, 200, 200]),
    ("GET", "directory", [401, 200, 200, 200]),
    ("GET", "contacts", [401, 200, 403, 403]),
    ("POST", "contacts", [401, 400, 403, 403]),
    ("PUT", "contacts/9", [401, 400, 403, 403]),
    ("DELETE", "contacts/9", [401, 404, 403, 403]),
    ("GET", "calls", [401, 200, 403, 403]),
    ("GET", "calls.csv", [401, 200, 403, 403]),
    ("GET", "calls/9", [401, 404, 403, 403]),
    ("GET", "calls/9/recording", [401, 404, 403, 403]),
    ("GET", "settings", [401, 200, 403, 403]),
    ("PUT", "settings", [401, 400, 403, 403]),
    ("GET", "forwarding", [401, 200, 403, 403]),
    ("PUT", "forwarding", [401, 400, 403, 403]),
    ("GET", "follow-me", [401, 200, 403, 403]),
    ("PUT", "follow-me", [401, 400, 403, 403]),
    ("POST", "rooms/9", [401, 400, 403, 403]),
    ("GET", "feature-codes", [401, 200, 403, 403]),
    ("GET", "softphone", [401, 200, 403, 403]),
    ("PATCH", "me", [401, 400, 403, 403]),
    ("PUT", "password", [401, 400, 400, 400]),
    ("GET", "live", [401, 200, 403, 403]),
    ("POST", "live/9", [401, 400, 403, 403]),
    ("GET", "voicemail/9/peaks", [401, 404, 403, 403]),
    ("DELETE", "admin/live/9", [401, 403, 403, 404]),
    ("GET", "voicemail", [401, 200, 403, 403]),
    ("PATCH", "voicemail/9", [401, 400, 403, 403]),
    ("DELETE", "voicemail/9", [401, 404, 403, 403]),
    ("GET", "voicemail/9/audio", [401, 404, 403, 403]),
    ("GET", "agent", [401, 200, 403, 403]),
    ("POST", "agent", [401, 400, 403, 403]),
    ("GET", "wake-ups", [401, 200, 403, 403]),
    ("POST", "wake-ups", [401, 400, 403, 403]),
    ("DELETE", "wake-ups/9", [401, 404, 403, 403]),
    ("GET", "admin/wake-ups", [401, 403, 200, 200]),
    ("POST", "admin/wake-ups", [401, 403, 400, 400]),
    ("PUT", "admin/wake-ups/9", [401, 403, 400, 400]),
    ("DELETE", "admin/wake-ups/9", [401, 403, 404, 404]),
    ("GET", "admin/contacts", [401, 403, 200, 200]),
    ("POST", "admin/contacts", [401, 403, 400, 400]),
    ("PUT", "admin/contacts/9", [401, 403, 400, 400]),
    ("DELETE", "admin/contacts/9", [401, 403, 404, 404]),
    ("GET", "admin/blacklist", [401, 403, 200, 200]),
    ("POST", "admin/blacklist", [401, 403, 400, 400]),
    ("PUT", "admin/blacklist/9", [401, 403, 400, 400]),
    ("DELETE", "admin/blacklist/9", [401, 403, 404, 404]),
    ("GET", "admin/calls", [401, 403, 200, 200]),
    ("GET", "admin/calls.csv", [401, 403, 200, 200]),
    ("GET", "admin/calls/9", [401, 403, 404, 404]),
    ("GET", "admin/calls/9/recording", [401, 403, 403, 404]),
    ("GET", "admin/calls/9/trace", [401, 403, 403, 404]),
    ("GET", "admin/live", [401, 403, 403, 200]),
    ("GET", "admin/queues", [401, 403, 200, 200]),
    ("GET", "admin/queues/9", [401, 403, 404, 404]),
    ("GET", "admin/rooms", [401, 403, 403, 200]),
    ("GET", "admin/rooms/9", [401, 403, 403, 404]),
    ("POST", "admin/rooms/9", [401, 403, 403, 400]),
    ("GET", "admin/prompts", [401, 403, 403, 200]),
    ("GET", "admin/prompts/9/9/audio", [401, 403, 403, 404]),
    ("PUT", "admin/prompts/9/9/audio", [401, 403, 403, 404]),
    ("DELETE", "admin/prompts/9/9/audio", [401, 403, 403, 404]),
    ("GET", "admin/site", [401, 403, 403, 200]),
    ("PUT", "admin/site", [401, 403, 403, 200]),
    ("GET", "admin/tokens", [401, 403, 403, 200]),
    ("POST", "admin/tokens", [401, 403, 403, 400]),
    ("DELETE", "admin/tokens/9", [401, 403, 403, 404]),
    ("DELETE", "session", [401, 204, 204, 204]),
];

async fn status(person: &Person<'_>, method: &str, path: &str) -> u16 {
    if path == "events" {
        let office = person.ask(method, "me", "").await;
        // The stream does not end: whoever is somebody may listen.
        return office.status;
    }
    person.ask(method, path, "").await.status
}

/// AD-01
#[tokio::test]
async fn each_role_reaches_what_is_its_own() {
    let office = Office::open().await;
    let people = [
        office.stranger(),
        office.login("100").await,
        office.login("operator").await,
        office.login("admin").await,
    ];
    for (method, path, expected) in MATRIX {
        for (person, expected) in people.iter().zip(expected) {
            let found = status(person, method, path).await;
            assert_eq!(found, *expected, "{method} {path} for {expected:?}");
        }
    }
}

/// AD-01: a token may do what its role may.
#[tokio::test]
async fn tokens_reach_what_their_role_does() {
    let office = Office::open().await;
    for (role, place) in [(Role::Operator, 2), (Role::Admin, 3)] {
        let script = office.script(role).await;
        for (method, path, expected) in MATRIX {
            let found = status(&script, method, path).await;
            assert_eq!(
                found, expected[place],
                "{method} {path} for a token of {role:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_matrix_has_every_address_of_the_document() {
    let document = serde_json::to_value(api::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut documented = Vec::new();
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            documented.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut tried: Vec<_> = MATRIX
        .iter()
        .map(|(method, path, _)| {
            let path: Vec<_> = path
                .split('/')
                .enumerate()
                .map(|(place, part)| match (part, place) {
                    ("1" | "9", place) => placeholder(path, place),
                    (part, _) => part,
                })
                .collect();
            format!("{method} /api/v1/{}", path.join("/"))
        })
        .collect();
    tried.push(String::from("POST /api/v1/session"));
    tried.sort();
    documented.sort();
    assert_eq!(tried, documented);
}

fn placeholder(path: &str, place: usize) -> &'static str {
    match path {
        path if path.contains("prompts") && place == 2 => "{kind}",
        path if path.contains("prompts") => "{name}",
        path if path.contains("blacklist") => "{number}",
        path if path.contains("queues") => "{number}",
        path if path.contains("rooms") => "{number}",
        path if path.contains("tokens") => "{name}",
        _ => "{id}",
    }
}

#[tokio::test]
async fn what_is_refused_is_a_problem_with_a_code() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    for (method, path, status, code) in [
        ("GET", "nothing", 404, "not-found"),
        ("DELETE", "me", 405, "method-not-allowed"),
        ("GET", "admin/calls/x", 404, "not-found"),
        ("GET", "admin/calls?page=0", 422, "invalid"),
        ("GET", "admin/calls?page=x", 422, "invalid"),
        ("GET", "admin/calls?colour=1", 422, "invalid"),
        ("POST", "admin/tokens", 400, "malformed-json"),
    ] {
        let answer = admin.ask(method, path, "").await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{method} {path}"
        );
        assert_eq!(answer.json["status"], Value::from(status));
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    let answer = admin.get("admin/calls?colour=1").await;
    assert_eq!(answer.errors(), [("colour", "unknown-field")]);
}

#[tokio::test]
async fn no_answer_is_kept_guessed_at_or_framed() {
    let office = Office::open().await;
    for answer in [
        office.stranger().get("me").await,
        office.login("100").await.get("me").await,
    ] {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.headers[name], value);
        }
        assert!(answer.headers.contains_key("content-security-policy"));
        // A browser would not let anybody past a self-signed certificate any more (GEN-09).
        assert!(!answer.headers.contains_key("strict-transport-security"));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let long = format!("{{\"dnd\": \"{}\"}}", "x".repeat(70_000));
    let answer = owner.ask("PUT", "settings", &long).await;
    assert_eq!((answer.status, answer.code()), (413, "too-large"));
}
