//! Killed, full, damaged, forbidden: what was acknowledged is there, and what is wrong is said.
//!
//! Some of it needs a process that can be killed, or a disk of its own: such a test starts this binary
//! again for one test that does nothing when it is run as usual.

use crate::support::{block_on, number, open, record, with_extension};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use store::{CallQuery, OpenError, WriteError};

/// Names the folder that a process started by a test works in.
const FOLDER: &str = "BELLWIRE_TEST_FOLDER";

/// This binary, to be run for one of its tests.
fn this_test(name: &str) -> (String, [String; 3]) {
    let binary = std::env::current_exe().expect("this binary");
    let arguments = ["--exact", "--nocapture", &format!("faults::{name}")].map(str::to_owned);
    (binary.display().to_string(), arguments)
}

/// CDR-15, SI-13: each round writes, is killed at another moment, and everything that was acknowledged
/// in any round is there.
#[test]
fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = 0;
    for round in 0..ROUNDS {
        let (binary, arguments) = this_test("writes_until_it_is_killed");
        let mut child = Command::new(binary)
            .args(arguments)
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let said = |line: &str| {
            line.strip_prefix("acknowledged ")
                .and_then(|n| n.parse::<u64>().ok())
        };
        let until = acknowledged + 20 + round * 7;
        for line in lines.by_ref().map_while(Result::ok) {
            acknowledged = said(&line).unwrap_or(acknowledged);
            if acknowledged >= until {
                break;
            }
        }
        child.kill().expect("killed");
        // What it said before it died counts too.
        for line in lines.map_while(Result::ok) {
            acknowledged = said(&line).unwrap_or(acknowledged);
        }
        child.wait().expect("ended");
        let (_folder, opened) = open(folder.path()).expect("the database is sound");
        let found = block_on(opened.store.calls(&CallQuery::default())).expect("an answer");
        assert!(
            found.total >= acknowledged,
            "round {round}: {acknowledged} acknowledged, {} found",
            found.total
        );
        assert_eq!(opened.bindings.len(), 1, "round {round}");
        assert!(opened.bindings[0].body.parse::<u64>().expect("a count") >= acknowledged);
        block_on(opened.store.check()).expect("sound");
        acknowledged = found.total;
        opened.store.close();
    }
}

/// Started by `what_was_acknowledged_survives_kill_9`.
#[test]
fn writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let (_folder, opened) = open(Path::new(&folder)).expect("open");
    let store = opened.store;
    let found = block_on(store.calls(&CallQuery::default())).expect("an answer");
    let mut out = std::io::stdout();
    for count in found.total + 1.. {
        let start = i64::try_from(count).expect("small");
        let written = store.put_record(record(count, start));
        let bound = store.put_binding(store::BindingRow {
            extension: number("100"),
            contact: String::from("a"),
            expires: model::Wall(i64::MAX),
            body: count.to_string(),
        });
        written.wait().expect("written");
        bound.wait().expect("written");
        writeln!(out, "acknowledged {count}").expect("said");
        out.flush().expect("said");
    }
}

#[test]
fn a_full_disk_loses_no_record_and_refuses_changes() {
    in_a_small_disk("fills_the_disk_and_frees_it");
}

/// Started by `a_full_disk_loses_no_record_and_refuses_changes`.
#[test]
fn fills_the_disk_and_frees_it() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let (taken, opened) = open(&folder.join("data")).expect("open");
    let store = &opened.store;
    store.put_record(record(1, 1)).wait().expect("written");
    let filler = folder.join("filler");
    let mut file = std::fs::File::create(&filler).expect("made");
    while file.write_all(&[0; 4096]).is_ok() {}
    // Enough for what SQLite has set aside not to hold it.
    let waiting: Vec<_> = (2..2_000)
        .map(|call| store.put_record(record(call, 2)))
        .collect();
    let health = store.health();
    let alarm = wait_for(|| health.alarm());
    assert!(
        alarm.starts_with("no room is left on the disk of "),
        "{alarm}"
    );
    let refused = store
        .change(|site| Some(with_extension(site, "100")))
        .wait();
    assert_eq!(refused, Err(WriteError::Refused(alarm)));
    assert!(store.site().directory.extensions.is_empty());
    assert!(health.retained() > 0);
    std::fs::remove_file(&filler).expect("removed");
    drop(file);
    for completion in waiting {
        completion.wait().expect("written when there is room again");
    }
    assert_eq!((health.alarm(), health.retained()), (None, 0));
    store
        .change(|site| Some(with_extension(site, "100")))
        .wait()
        .expect("saved");
    store.close();
    drop(taken);
    let (_taken, opened) = open(&folder.join("data")).expect("open again");
    let found = block_on(opened.store.calls(&CallQuery::default())).expect("an answer");
    assert_eq!(found.total, 1_999);
    opened.store.close();
}

#[test]
fn a_disk_that_was_full_before_the_start_is_named() {
    in_a_small_disk("starts_on_a_full_disk");
}

/// Started by `a_disk_that_was_full_before_the_start_is_named`.
#[test]
fn starts_on_a_full_disk() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    std::fs::create_dir(folder.join("data")).expect("made");
    let mut file = std::fs::File::create(folder.join("filler")).expect("made");
    while file.write_all(&[0; 4096]).is_ok() {}
    let error = open(&folder.join("data")).expect_err("no room").to_string();
    assert!(
        error.contains("No space left") || error.contains("no room is left"),
        "{error}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    in_a_small_disk("starts_on_a_read_only_disk");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = open(&file.path().join("data")).expect_err("a file is no folder");
    assert!(matches!(error, OpenError::Folder { .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("give one that this user may write with --data")
    );
}

/// Started by `a_folder_that_cannot_be_written_is_named`.
#[test]
fn starts_on_a_read_only_disk() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let data = Path::new(&folder).join("data");
    let (taken, opened) = open(&data).expect("open");
    opened.store.close();
    drop(taken);
    let status = Command::new("mount")
        .args(["-o", "remount,ro", &folder])
        .status()
        .expect("mount runs");
    assert!(status.success());
    let error = open(&data).expect_err("read only").to_string();
    assert!(error.contains("Read-only file system"), "{error}");
    assert!(
        error.ends_with("give one that this user may write with --data"),
        "{error}"
    );
}

/// Runs one test of this binary in a file system of 2 MiB that nobody else sees and that goes with it.
fn in_a_small_disk(test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let (binary, arguments) = this_test(test);
    let script = "mount -t tmpfs -o size=2m tmpfs \"$1\" && shift && exec \"$@\"";
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
        ])
        .arg(folder.path())
        .arg(binary)
        .args(arguments)
        .env(FOLDER, folder.path())
        .output()
        .expect("unshare (util-linux) runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_damaged_database_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (taken, opened) = open(folder.path()).expect("open");
    opened
        .store
        .change(|site| Some(with_extension(site, "100")))
        .wait()
        .expect("saved");
    opened.store.close();
    drop(taken);
    let file = folder.path().join("bellwire.db");
    let sound = std::fs::read(&file).expect("readable");
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 3] = [
        ("no database at all", |bytes| bytes.fill(b'x')),
        ("a page of the tables overwritten", |bytes| {
            bytes[100..4_000].fill(0xff)
        }),
        ("the second half cut off", |bytes| {
            bytes.truncate(bytes.len() / 2)
        }),
    ];
    for (damage, apply) in damages {
        let mut bytes = sound.clone();
        apply(&mut bytes);
        std::fs::write(&file, bytes).expect("written");
        let error = open(folder.path()).expect_err(damage);
        assert!(
            matches!(error, OpenError::Damaged { .. }),
            "{damage}: {error}"
        );
        let message = error.to_string();
        assert!(
            message.contains("bellwire restore FILE"),
            "{damage}: {message}"
        );
    }
}

#[test]
fn two_servers_do_not_share_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    let error = open(folder.path()).expect_err("it is in use");
    let process = std::process::id();
    assert!(
        error.to_string().contains(&format!("(process {process})")),
        "{error}"
    );
    opened.store.close();
}

#[test]
fn what_is_put_after_the_end_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_taken, opened) = open(folder.path()).expect("open");
    opened.store.close();
    assert_eq!(
        opened.store.put_record(record(1, 1)).wait(),
        Err(WriteError::Closed)
    );
}

fn wait_for<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < deadline, "it does not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How often the writing process is killed.
const ROUNDS: u64 = 15;
