//! What is written is what is read, and a full disk or a killed server loses only the end.

use super::*;
use model::{Digit, Effect, Extension, LegEvent, LegId, Number, Secret, Time, Wall};
use std::path::{Path, PathBuf};

fn header() -> Header {
    let mut directory = Directory::default();
    let number = Number::parse("100").expect("a number");
    let secret = Secret {
        md5: [7; 16],
        sha256: [9; 32],
    };
    let extension = Extension::new(number, "张三", secret);
    directory.extensions.insert(number, Arc::new(extension));
    Header::new(42, Arc::new(directory), None)
}

fn now(count: u64) -> Now {
    Now {
        mono: Time(count),
        wall: Wall(0),
    }
}

fn key() -> Input {
    let digit = Digit::parse('5').expect("a key");
    Input::Leg(LegId(1), LegEvent::Digit(digit))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn entries(file: &Path) -> Vec<Entry> {
    let reader = Reader::open(file).expect("a journal");
    reader.collect::<Result<_, _>>().expect("entries")
}

#[test]
fn what_is_written_is_what_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = Writer::begin(folder.path(), header(), Limits::default()).expect("begun");
    for count in 0..1_000 {
        writer.put(now(count), &key());
    }
    drop(writer);
    let [file] = files(folder.path()).try_into().expect("one file");
    let reader = Reader::open(&file).expect("a journal");
    assert_eq!((reader.header().seed, reader.header().format), (42, FORMAT));
    // Passwords are not in it.
    let number = Number::parse("100").expect("a number");
    let known = reader.header().directory.extension(&number).expect("there");
    assert_eq!(
        (known.name.as_str(), &known.secret),
        ("张三", &Secret::NONE)
    );
    let expected = (0..1_000).map(|count| Entry::Input {
        now: now(count),
        input: key(),
    });
    assert_eq!(entries(&file), expected.collect::<Vec<_>>());
}

#[test]
fn equal_effects_have_equal_hashes() {
    let entries = || {
        let inputs = (0..3).map(|count| Entry::Input {
            now: now(count),
            input: key(),
        });
        inputs.chain([Entry::Lost { lost: 2 }]).map(Ok)
    };
    let alert = |leg| vec![Effect::Alert(LegId(leg))];
    let mut shown = 0;
    let one = replay(
        entries(),
        |now, _| alert(now.mono.0),
        |_, _, effects| shown += effects.len(),
    );
    let one = one.expect("a journal");
    let same = replay(entries(), |now, _| alert(now.mono.0), |_, _, _| {}).expect("a journal");
    let other = replay(entries(), |_, _| alert(7), |_, _, _| {}).expect("a journal");
    assert_eq!((one.inputs, one.lost, shown), (3, 2, 3));
    assert_eq!(one, same);
    assert_ne!(one.hash, other.hash);
}

#[test]
fn how_calls_sounded_is_read_back_and_changes_nothing_in_a_replay() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = Writer::begin(folder.path(), header(), Limits::default()).expect("begun");
    writer.put(now(1), &key());
    let mut record = record();
    writer.rate(now(2), &record);
    record.quality.push(quality());
    writer.rate(now(3), &record);
    writer.put(now(4), &key());
    drop(writer);
    let written = entries(&files(folder.path())[0]);
    let input = |count| Entry::Input {
        now: now(count),
        input: key(),
    };
    let rated = Entry::Rated {
        now: now(3),
        call: record.call,
        quality: record.quality,
    };
    assert_eq!(written, [input(1), rated, input(4)]);
    let alert = |now: Now, _| vec![Effect::Alert(LegId(now.mono.0))];
    let hash = |entries: Vec<Entry>| {
        let replayed = replay(entries.into_iter().map(Ok), alert, |_, _, _| {});
        replayed.expect("a journal")
    };
    assert_eq!(hash(written), hash(vec![input(1), input(4)]));
}

fn quality() -> LegQuality {
    LegQuality {
        leg: LegId(1),
        codec: String::from("opus"),
        received: 1_000,
        lost: 10,
        peer_lost: 3,
        peer_mos_x100: Some(380),
        jitter_ms: 12,
        round_trip_ms: Some(40),
        mos_x100: 417,
    }
}

fn record() -> model::CallRecord {
    let number = Number::parse("101").expect("a number");
    model::CallRecord {
        call: CallId(7),
        start: Wall(0),
        end: Wall(0),
        caller: String::from("100"),
        caller_name: String::new(),
        callee: number,
        final_callee: model::FinalCallee::Number(number),
        talked: std::time::Duration::from_secs(20),
        call_type: model::CallType::Internal,
        status: model::CallStatus::Answered,
        cause: model::Cause::Normal,
        extensions: Vec::new(),
        legs: vec![LegId(1)],
        recordings: Vec::new(),
        quality: Vec::new(),
    }
}

#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal");
    drop(Writer::begin(&journal, header(), Limits::default()).expect("begun"));
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).expect("there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&journal), 0o700);
    assert_eq!(mode(&files(&journal)[0]), 0o600);
}

#[test]
fn files_follow_one_another_and_the_oldest_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        file_bytes: 2_000,
        total_bytes: 6_000,
    };
    let writer = Writer::begin(folder.path(), header(), limits).expect("begun");
    let mut begun = 1;
    let mut count = 0;
    while begun < 6 {
        writer.put(now(count), &key());
        count += 1;
        if writer.wants_next_file() {
            begun += 1;
            writer.next_file(header());
        }
        assert!(count < 10_000_000, "another file is never wanted");
    }
    drop(writer);
    let files = files(folder.path());
    assert!((2..=4).contains(&files.len()), "{files:?}");
    for file in &files {
        let length = std::fs::metadata(file).expect("there").len();
        assert!(length <= 2 * limits.file_bytes + 200, "{length}");
        entries(file);
    }
}

#[test]
fn a_file_that_nobody_ends_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        file_bytes: 2_000,
        total_bytes: 6_000,
    };
    let writer = Writer::begin(folder.path(), header(), limits).expect("begun");
    for count in 0..5_000 {
        writer.put(now(count), &key());
    }
    drop(writer);
    let length = std::fs::metadata(&files(folder.path())[0])
        .expect("there")
        .len();
    assert!(length <= 2 * limits.file_bytes + 200, "{length}");
}

#[test]
fn half_a_line_at_the_end_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = Writer::begin(folder.path(), header(), Limits::default()).expect("begun");
    writer.put(now(1), &key());
    writer.put(now(2), &key());
    drop(writer);
    let file = &files(folder.path())[0];
    let text = std::fs::read(file).expect("there");
    std::fs::write(file, &text[..text.len() - 10]).expect("written");
    assert_eq!(entries(file).len(), 1);
}

#[test]
fn what_is_no_journal_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x");
    let error = Reader::open(&file).expect_err("nothing is there");
    assert!(matches!(error, JournalError::File { .. }));
    std::fs::write(&file, "hello\n").expect("written");
    let error = Reader::open(&file).expect_err("no journal").to_string();
    assert!(error.contains("x:1: "), "{error}");
    let newer = serde_json::to_string(&Header {
        format: FORMAT + 1,
        ..header()
    });
    std::fs::write(&file, newer.expect("JSON")).expect("written");
    assert!(matches!(
        Reader::open(&file),
        Err(JournalError::Newer { .. })
    ));
}
