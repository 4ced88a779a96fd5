//! Prompts, announcements and music. What a file must be is held by the tests of media.

use crate::support::{NOW, Office};
use api::{SoundKind, SoundRecording, SoundRefused, SoundRow, Studio};
use model::{Language, Wall};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// One prompt and the built-in music, and what was brought; anything that begins with `RIFF` is sound.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<BTreeMap<(SoundKind, String), Brought>>);

/// A file, and who brought it.
type Brought = (Vec<u8>, String);

impl Shelf {
    fn brought(&self) -> MutexGuard<'_, BTreeMap<(SoundKind, String), Brought>> {
        self.0.lock().expect("no panic")
    }
}

impl Studio for Shelf {
    fn sounds(&self) -> Vec<SoundRow> {
        let brought = self.brought().clone();
        let row = |kind, name: &str, chinese: &str, english: &str| SoundRow {
            kind,
            name: name.to_owned(),
            chinese: chinese.to_owned(),
            english: english.to_owned(),
            recording: brought
                .get(&(kind, name.to_owned()))
                .map(|(_, by)| SoundRecording {
                    by: by.clone(),
                    at: Wall(NOW),
                    length_ms: 1_500,
                }),
        };
        let chinese = SoundKind::Prompt(Language::Chinese);
        let mut rows = vec![
            row(chinese, "N-23", "谢谢，再见。", "Thank you. Goodbye."),
            row(SoundKind::Music, "", "", ""),
        ];
        let others = brought.keys().filter(|(kind, _)| *kind != chinese);
        rows.extend(others.map(|(kind, name)| row(*kind, name, "", "")));
        rows
    }

    fn heard(&self, kind: SoundKind, name: &str) -> Option<Vec<u8>> {
        let brought = self.brought();
        let found = brought.get(&(kind, name.to_owned()));
        found.map(|(wav, _)| wav.clone())
    }

    fn put_in(
        &self,
        kind: SoundKind,
        name: &str,
        wav: &[u8],
        by: &str,
    ) -> Result<(), SoundRefused> {
        if matches!(kind, SoundKind::Prompt(_)) && name != "N-23" {
            return Err(SoundRefused::Unknown(String::from("unknown")));
        }
        if name == "one-more" {
            return Err(SoundRefused::Full(String::from("there are too many")));
        }
        if !wav.starts_with(b"RIFF") {
            return Err(SoundRefused::Unusable(String::from("it is not a WAV file")));
        }
        let mut brought = self.brought();
        brought.insert((kind, name.to_owned()), (wav.to_vec(), by.to_owned()));
        Ok(())
    }

    fn take_out(&self, kind: SoundKind, name: &str) -> Result<bool, SoundRefused> {
        let mut brought = self.brought();
        Ok(brought.remove(&(kind, name.to_owned())).is_some())
    }
}

/// AD-10
#[tokio::test]
async fn prompts_are_listed_replaced_heard_and_restored() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    let one = || async { admin.get("admin/prompts?q=goodbye").await.json["items"][0].clone() };
    let built_in = json!({
        "kind": "zh-CN", "name": "N-23", "text_zh": "谢谢，再见。", "text_en": "Thank you. Goodbye.",
        "source": "built-in", "made_by": "", "made_at": "", "duration_ms": 0,
    });
    assert_eq!(one().await, built_in);
    let audio = "admin/prompts/zh-CN/N-23/audio";
    assert_eq!(admin.ask("PUT", audio, "RIFF of mine").await.status, 204);
    let recorded = one().await;
    assert_eq!(
        [
            &recorded["source"],
            &recorded["made_by"],
            &recorded["duration_ms"]
        ],
        [&json!("recording"), &json!("admin"), &json!(1_500)]
    );
    assert!(
        recorded["made_at"]
            .as_str()
            .is_some_and(|at| at.contains("+08:00"))
    );
    let heard = admin.get(audio).await;
    assert_eq!(heard.headers["content-type"], "audio/wav");
    assert_eq!(heard.text, "RIFF of mine");
    assert_eq!(admin.delete(audio).await.status, 204);
    assert_eq!(admin.delete(audio).await.status, 404);
    assert_eq!(one().await, built_in);
}

/// AD-10
#[tokio::test]
async fn what_is_no_sound_or_has_no_place_is_refused_in_words() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    for (path, body, status, code) in [
        ("music/jazz", "ID3", 422, "invalid"),
        ("music/jazz", "", 422, "invalid"),
        ("music/one-more", "RIFF", 409, "too-many"),
        ("en/N-999", "RIFF", 404, "not-found"),
        ("fr/N-23", "RIFF", 404, "not-found"),
    ] {
        let path = format!("admin/prompts/{path}/audio");
        let answer = admin.ask("PUT", &path, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{path}");
    }
    let answer = admin
        .ask("PUT", "admin/prompts/music/jazz/audio", "ID3")
        .await;
    assert_eq!(answer.errors(), [("audio", "unusable-sound")]);
    assert!(
        answer.json["detail"]
            .as_str()
            .is_some_and(|it| it.contains("not a WAV file"))
    );
}

/// AD-10: each kind by itself, and what somebody brought.
#[tokio::test]
async fn music_and_announcements_are_listed_by_kind() {
    let office = Office::open().await;
    let admin = office.login("admin").await;
    for path in ["music/jazz", "announcement/sale"] {
        let path = format!("admin/prompts/{path}/audio");
        assert_eq!(admin.ask("PUT", &path, "RIFF").await.status, 204);
    }
    for (query, names) in [
        ("kind=music", json!(["default", "jazz"])),
        ("kind=music&recorded=true", json!(["jazz"])),
        ("kind=announcement", json!(["sale"])),
        ("recorded=true&per_page=1", json!(["sale"])),
        ("q=再见", json!(["N-23"])),
    ] {
        let answer = admin.get(&format!("admin/prompts?{query}")).await;
        let items = answer.json["items"].as_array().cloned().unwrap_or_default();
        let found: Vec<Value> = items.iter().map(|item| item["name"].clone()).collect();
        assert_eq!(json!(found), names, "{query}");
    }
    let answer = admin.get("admin/prompts?kind=fr").await;
    assert_eq!(answer.errors(), [("kind", "unknown-kind")]);
}
