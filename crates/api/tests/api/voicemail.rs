//! One's own messages.

use crate::events::Stream;
use crate::support::{NOW, Office, number};
use model::{
    Duration, Heard, MailboxChange, Message, MessageCounts, Number, Party, RecordingId, Wall,
};
use serde_json::json;

/// VMW-01 VMW-02 VM-16: newest first, whoever left it.
#[tokio::test]
async fn an_extension_sees_its_messages() {
    let office = Office::open().await;
    leave(&office, "100", 1, ("", "")).await;
    leave(&office, "100", 2, ("02885337100", "王五")).await;
    leave(&office, "101", 3, ("100", "")).await;
    let anna = office.login("100").await;
    let list = anna.get("voicemail").await;
    assert_eq!((list.status, &list.json["total"]), (200, &json!(2)));
    let newest = json!({
        "id": 2, "time": "2026-03-14T12:02:00+08:00", "from": "02885337100", "from_name": "王五",
        "duration_seconds": 3, "read": false,
    });
    assert_eq!(list.json["items"][0], newest);
    assert_eq!(list.json["items"][1]["from"], "");
    let page = anna.get("voicemail?page=2&per_page=1").await;
    assert_eq!(page.all("id"), [&json!(1)]);
    let empty = office.login("005").await.get("voicemail").await;
    assert_eq!(empty.json, json!({ "items": [], "total": 0 }));
}

/// VMW-03 VMW-06: whoever listens hears of it, as do the lamps, which the store tells.
#[tokio::test]
async fn what_is_marked_or_deleted_is_so_everywhere() {
    let office = Office::open().await;
    leave(&office, "100", 1, ("101", "")).await;
    let anna = office.login("100").await;
    let mut events = Stream::of(&anna, None).await;
    assert_eq!(
        events.event().await.data["voicemail"],
        json!({ "new": 1, "old": 0 })
    );
    let marked = anna.ask("PATCH", "voicemail/1", r#"{"read":true}"#).await;
    assert_eq!((marked.status, &marked.json["read"]), (200, &json!(true)));
    let event = events.event().await;
    assert_eq!(
        (&*event.kind, event.data),
        ("voicemail", json!({ "new": 0, "old": 1 }))
    );
    assert_eq!(anna.get("voicemail").await.json["items"][0]["read"], true);
    let again = anna.ask("PATCH", "voicemail/1", r#"{"read":false}"#).await;
    assert_eq!(again.json["read"], false);
    let nonsense = anna.ask("PATCH", "voicemail/1", r#"{"heard":true}"#).await;
    assert_eq!(nonsense.status, 422);
    // Somebody listens to it by telephone meanwhile.
    let heard = MailboxChange::Mark(vec![RecordingId(1)], Heard::Old);
    office
        .store
        .change_mailbox(number("100"), heard)
        .await
        .expect("marked");
    assert_eq!(anna.get("voicemail").await.json["items"][0]["read"], true);
    assert_eq!(anna.delete("voicemail/1").await.status, 204);
    assert_eq!(anna.delete("voicemail/1").await.status, 404);
    assert_eq!(anna.get("voicemail/1/audio").await.status, 404);
    let counts = office.store.message_counts().await.expect("an answer");
    assert_eq!(counts.get(&number("100")), None::<&MessageCounts>);
}

/// VMW-04 VMW-05 VM-15
#[tokio::test]
async fn a_message_is_heard_whole_in_parts_and_saved_under_a_name_that_tells_of_it() {
    let office = Office::open().await;
    leave(&office, "100", 7, ("02885337100", "王五")).await;
    let anna = office.login("100").await;
    let whole = anna.get("voicemail/7/audio").await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.headers["content-type"], "audio/wav");
    assert_eq!(whole.headers["content-length"], "1044");
    assert_eq!(whole.headers.get("content-disposition"), None);
    let part = [("range", "bytes=40-43")];
    let part = anna.ask_with("GET", "voicemail/7/audio", "", &part).await;
    assert_eq!((part.status, part.text.len()), (206, 4));
    assert_eq!(part.headers["content-range"], "bytes 40-43/1044");
    let saved = anna.get("voicemail/7/audio?download=1").await;
    let told = saved.headers["content-disposition"].to_str().expect("text");
    let expected = "attachment; filename=\"100-20260314-120700-__.wav\"; \
        filename*=UTF-8''100-20260314-120700-%E7%8E%8B%E4%BA%94.wav";
    assert_eq!(told, expected);
}

/// VMW-04: a picture of 200 bars, from silence to as loud as can be.
#[tokio::test]
async fn a_message_has_a_picture() {
    let office = Office::open().await;
    leave(&office, "100", 7, ("", "")).await;
    let anna = office.login("100").await;
    let path = office.folder.path().join("files");
    let path = path.join(model::voice_file(RecordingId(7)));
    assert_eq!(
        anna.get("voicemail/7/peaks").await.status,
        404,
        "it is no sound"
    );
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).expect("a file");
    for place in 0..8_000_i16 {
        let loud = if place < 4_000 { 0 } else { 16_384 };
        file.write_sample(loud).expect("written");
    }
    file.finalize().expect("complete");
    let peaks = anna.get("voicemail/7/peaks").await;
    let peaks = peaks.json["peaks"].as_array().expect("a list").clone();
    assert_eq!(peaks.len(), 200);
    assert_eq!(
        (&peaks[0], &peaks[99], &peaks[100], &peaks[199]),
        (&json!(0), &json!(0), &json!(128), &json!(128))
    );
    let bob = office.login("101").await;
    assert_eq!(bob.get("voicemail/7/peaks").await.status, 404);
}

/// What belongs to somebody else is as if it were not there.
#[tokio::test]
async fn nobody_reaches_the_messages_of_another() {
    let office = Office::open().await;
    leave(&office, "100", 1, ("", "")).await;
    let bob = office.login("101").await;
    for (method, path, body) in [
        ("PATCH", "voicemail/1", r#"{"read":true}"#),
        ("DELETE", "voicemail/1", ""),
        ("GET", "voicemail/1/audio", ""),
        ("GET", "voicemail/99999999999999999/audio", ""),
    ] {
        assert_eq!(
            bob.ask(method, path, body).await.status,
            404,
            "{method} {path}"
        );
    }
    let mailbox = office
        .store
        .mailbox(&number("100"))
        .await
        .expect("an answer");
    assert_eq!(mailbox.messages.len(), 1);
    assert_eq!(mailbox.messages[0].heard, Heard::New);
}

/// Leaves a message of 2.5 s, so many minutes after noon.
async fn leave(office: &Office, mailbox: &str, id: u64, (from, name): (&str, &str)) {
    let message = Message {
        id: RecordingId(id),
        at: Wall(NOW + id as i64 * 60_000),
        from: Party {
            number: Number::parse(from).ok(),
            name: name.to_owned(),
        },
        length: Duration::from_millis(2_500),
        heard: Heard::New,
    };
    let file = office
        .folder
        .path()
        .join("files")
        .join(model::voice_file(message.id));
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    std::fs::write(file, [0; 1_044]).expect("written");
    let deliver = MailboxChange::Deliver(message);
    let delivered = office.store.change_mailbox(number(mailbox), deliver).await;
    delivered.expect("delivered");
}
