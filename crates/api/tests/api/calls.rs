//! Call records and their recordings.

use crate::support::{NOW, Office, number};
use model::{
    CallId, CallRecord, CallStatus, CallType, Cause, Duration, FinalCallee, LegId, RecordingId,
    Wall,
};
use serde_json::json;

/// A call that began so many minutes before now.
fn call(id: u64, from: &str, to: &str, minutes: i64) -> CallRecord {
    let start = Wall(NOW - minutes * 60_000);
    let inside = |text: &str| (text.len() == 3).then(|| number(text));
    CallRecord {
        call: CallId(id),
        start,
        end: Wall(start.0 + 5_000),
        caller: from.to_owned(),
        caller_name: String::from("=1+1"),
        callee: number(to),
        final_callee: FinalCallee::Number(number(to)),
        talked: Duration::from_millis(2_500),
        call_type: match (inside(from), inside(to)) {
            (None, _) => CallType::Inbound,
            (_, None) => CallType::Outbound,
            (Some(_), Some(_)) => CallType::Internal,
        },
        status: CallStatus::Answered,
        cause: Cause::Normal,
        extensions: [inside(from), inside(to)].into_iter().flatten().collect(),
        legs: vec![LegId(1)],
        recordings: Vec::new(),
        quality: Vec::new(),
    }
}

/// Four calls: the newest is 100 to 101, the oldest (of the day before) is from outside to 100.
async fn busy_day() -> Office {
    let office = Office::open().await;
    let voicemail = CallRecord {
        final_callee: FinalCallee::Voicemail(number("101")),
        status: CallStatus::NoAnswer,
        talked: Duration::ZERO,
        ..call(2, "100", "101", 10)
    };
    for record in [
        call(1, "100", "101", 1),
        voicemail,
        call(3, "101", "985337106", 20),
        call(4, "02885337106", "100", 24 * 60),
    ] {
        office.store.put_record(record).await.expect("saved");
    }
    office
}

/// CDR-01 CDR-02 CDR-03 CDR-05 CDR-06 CDR-12 CDR-14
#[tokio::test]
async fn an_extension_sees_the_calls_it_took_part_in() {
    let office = busy_day().await;
    let calls = office.login("100").await.get("calls").await;
    assert_eq!(
        (calls.json["total"].as_u64(), calls.all("caller")),
        (
            Some(3),
            vec![&json!("100"), &json!("100"), &json!("02885337106")]
        )
    );
    let first = &calls.json["items"][0];
    assert_eq!(first["start"], "2026-03-14T11:59:00+08:00");
    assert_eq!(
        (&first["duration_seconds"], &first["type"], &first["status"]),
        (&json!(3), &json!("internal"), &json!("answered"))
    );
    assert_eq!(
        (&first["final_callee"], &first["recording"]),
        (&json!("101"), &json!(null))
    );
    let second = &calls.json["items"][1];
    assert_eq!(
        (&second["final_callee"], &second["status"]),
        (&json!("voicemail:101"), &json!("no-answer"))
    );
    assert_eq!(
        office.login("005").await.get("calls").await.json["total"],
        0
    );
    assert_eq!(
        office.login("operator").await.get("admin/calls").await.json["total"],
        4
    );
}

/// CDR-04 CDR-07 CDR-09 CDR-10 CDR-11
#[tokio::test]
async fn filters_hold_together() {
    let office = busy_day().await;
    let owner = office.login("100").await;
    for (query, total) in [
        ("type=all", 3),
        ("type=internal", 2),
        ("type=inbound", 1),
        ("type=outbound", 0),
        ("status=all&recorded=0", 3),
        ("status=busy", 0),
        ("number=101", 2),
        ("number=10", 0),
        ("number=100", 3),
        ("number=", 3),
        ("number=028+8533-7106", 1),
        ("from=2026-03-14&to=2026-03-14", 2),
        ("from=2026-03-13&to=2026-03-13", 1),
        ("from=2026-03-13&to=2026-03-14", 3),
        ("to=2026-03-12", 0),
        ("from=2030-01-01", 0),
        ("from=2026-03-14T11:59:00%2B08:00", 1),
        ("to=2026-03-14T11:50:00%2B08:00", 2),
        ("from=2026-03-14&type=internal&number=101", 2),
        ("from=2026-03-14&type=inbound", 0),
    ] {
        let calls = owner.get(&format!("calls?{query}")).await;
        assert_eq!(calls.json["total"], total, "{query} {}", calls.text);
    }
    let page = owner.get("calls?per_page=1&page=3").await;
    assert_eq!(
        (page.all("caller"), &page.json["total"]),
        (vec![&json!("02885337106")], &json!(3))
    );
}

/// CDR-07
#[tokio::test]
async fn wrong_filters_are_told_by_name() {
    let office = busy_day().await;
    let owner = office.login("100").await;
    for (query, field, code) in [
        ("from=2026-03-14&to=2026-03-13", "from", "from-after-to"),
        ("from=2018-02-30", "from", "not-a-date"),
        ("to=yesterday", "to", "not-a-date"),
        ("type=sideways", "type", "unknown-type"),
        ("number=%27%20OR%201=1%20--", "number", "not-a-number"),
        ("number=101%25", "number", "not-a-number"),
        ("number=_", "number", "not-a-number"),
        ("per_page=0", "per_page", "out-of-range"),
        ("per_page=-1", "per_page", "wrong-type"),
        ("numbr=101", "numbr", "unknown-field"),
    ] {
        let answer = owner.get(&format!("calls?{query}")).await;
        assert_eq!(
            (answer.status, answer.errors()),
            (422, vec![(field, code)]),
            "{query}"
        );
    }
}

/// GEN-15 CDR-14
#[tokio::test]
async fn a_call_of_others_does_not_exist() {
    let office = busy_day().await;
    let owner = office.login("100").await;
    let admin = office.login("admin").await;
    let all = admin.get("admin/calls").await;
    for (id, callee) in all.all("id").iter().zip(all.all("callee")) {
        let status = owner.get(&format!("calls/{id}")).await.status;
        let own = callee != "985337106";
        assert_eq!(status, if own { 200 } else { 404 }, "{callee}");
        assert_eq!(admin.get(&format!("admin/calls/{id}")).await.status, 200);
    }
    for id in [
        "0",
        "-1",
        "99999",
        "1%20OR%201=1",
        "../1",
        "9223372036854775808",
    ] {
        assert_eq!(owner.get(&format!("calls/{id}")).await.status, 404, "{id}");
    }
    let newest = all.all("id")[0];
    assert_eq!(
        admin.get(&format!("admin/calls/{newest}/trace")).await.json["call"],
        1
    );
}

/// CDR-15
#[tokio::test]
async fn records_become_a_table() {
    let office = busy_day().await;
    let owner = office.login("100").await;
    let table = owner.get("calls.csv?type=internal").await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<_> = table.text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", table.text);
    assert_eq!(
        lines[0],
        "id,start,caller,callee,final_callee,duration_seconds,type,status,recording"
    );
    assert!(
        lines[1].ends_with(",2026-03-14T11:59:00+08:00,100,101,101,3,internal,answered,"),
        "{}",
        lines[1]
    );
    assert!(!table.text.contains('='), "no name is a formula");
    let more = (0..2_100).map(|extra| office.store.put_record(call(10 + extra, "100", "101", 2)));
    for saved in more.collect::<Vec<_>>() {
        saved.await.expect("saved");
    }
    let table = owner.get("calls.csv").await;
    assert_eq!(table.text.lines().count(), 1 + 3 + 2_100, "all pages");
}

/// CDR-13 GEN-15
#[tokio::test]
async fn recordings_are_played_whole_and_in_parts_by_who_took_part() {
    let office = Office::open().await;
    let folder = office.folder.path().join("files/recordings");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("5.wav"), "RIFF0123456789").expect("a file");
    let recordings = vec![RecordingId(5), RecordingId(6)];
    let record = CallRecord {
        recordings,
        ..call(1, "100", "101", 1)
    };
    office.store.put_record(record).await.expect("saved");
    let owner = office.login("100").await;
    let path = owner.get("calls").await.json["items"][0]["recording"].clone();
    let path = path
        .as_str()
        .expect("a recording")
        .strip_prefix("/api/v1/")
        .expect("ours")
        .to_owned();
    let whole = owner.get(&path).await;
    assert_eq!((whole.status, &*whole.text), (200, "RIFF0123456789"));
    assert_eq!(
        (
            &whole.headers["content-type"],
            &whole.headers["accept-ranges"]
        ),
        (
            &"audio/wav".parse().expect("a header"),
            &"bytes".parse().expect("a header")
        )
    );
    for (range, status, text, told) in [
        ("bytes=4-7", 206, "0123", "bytes 4-7/14"),
        ("bytes=-2", 206, "89", "bytes 12-13/14"),
        ("bytes=0-", 206, "RIFF0123456789", "bytes 0-13/14"),
        ("bytes=14-", 416, "", "bytes */14"),
    ] {
        let part = owner.ask_with("GET", &path, "", &[("range", range)]).await;
        assert_eq!(
            (part.status, &part.headers["content-range"]),
            (status, &told.parse().expect("a header")),
            "{range}"
        );
        assert!(status == 416 || part.text == text, "{range}: {}", part.text);
    }
    let head = owner.ask("HEAD", &path, "").await;
    assert_eq!(
        (head.status, &*head.text, &head.headers["content-length"]),
        (200, "", &"14".parse().expect("a header"))
    );
    let saved = owner.get(&format!("{path}?download=1")).await;
    assert!(
        saved.headers["content-disposition"]
            .to_str()
            .expect("text")
            .contains("attachment")
    );
    assert_eq!(
        owner.get(&format!("{path}?part=2")).await.status,
        404,
        "its file is gone"
    );
    assert_eq!(owner.get(&format!("{path}?part=3")).await.status, 404);
    assert_eq!(office.login("005").await.get(&path).await.status, 404);
    let admin = office.login("admin").await;
    assert_eq!(admin.get(&format!("admin/{path}")).await.status, 200);
    std::fs::remove_file(folder.join("5.wav")).expect("removed");
    assert_eq!(
        owner.get("calls").await.json["items"][0]["recording"],
        json!(null)
    );
    assert_eq!(owner.get(&path).await.status, 404);
}
