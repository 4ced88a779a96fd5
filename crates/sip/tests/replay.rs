//! What fuzzing found, or begins with, stays harmless; and so does whatever is like it.

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../fuzz/bodies/message.rs"]
mod message;
#[path = "../../../fuzz/bodies/stream.rs"]
mod stream;
#[path = "../../../fuzz/bodies/uri.rs"]
mod uri;

/// SI-10
#[test]
fn the_seeds_of_the_fuzzer_and_the_torture_messages_break_nothing() {
    let torture = torture();
    assert_eq!(torture.len(), 61);
    torture.iter().for_each(|bytes| message::run(bytes));
    let seeds = [
        ("message", message::run as fn(&[u8])),
        ("uri", uri::run),
        ("stream", stream::run),
    ];
    for (target, run) in seeds {
        let seeds = files(&here().join("../../fuzz/seeds").join(target), "");
        assert!(seeds.len() > 2, "{target}");
        seeds.iter().for_each(|bytes| run(bytes));
    }
}

#[test]
fn a_stream_of_messages_comes_out_the_same_wherever_it_is_cut() {
    let names = [
        "wsinv.dat",
        "intmeth.dat",
        "esc01.dat",
        "mpart01.dat",
        "unreason.dat",
        "semiuri.dat",
    ];
    let mut whole = Vec::new();
    for name in names {
        whole.extend(fs::read(here().join("tests/torture").join(name)).expect("it is there"));
    }
    let (expected, broken) = stream::messages(std::iter::once(&whole[..]));
    assert_eq!((expected.len(), broken), (names.len(), None));
    for at in 0..whole.len() {
        let (before, after) = whole.split_at(at);
        assert_eq!(
            stream::messages([before, after].into_iter()).0,
            expected,
            "cut at {at}"
        );
    }
    let bytes = whole.chunks(1);
    assert_eq!(stream::messages(bytes).0, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// SI-10
    #[test]
    fn mutated_torture_messages_break_nothing(bytes in mutated()) {
        message::run(&bytes);
        stream::run(&bytes);
    }

    #[test]
    fn mutated_uris_break_nothing(text in "(sip|sips|tel|x):[a-z0-9%;=:@?&<>\"\\[\\]. ]{0,40}(\nsip:[a-z%41;=:@?&]{0,20})?") {
        uri::run(text.as_bytes());
    }
}

/// A torture message with some of its bytes changed, taken out, or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let messages = torture();
    let change = (any::<prop::sample::Index>(), 0..4_u8, interesting());
    (
        prop::sample::select(messages),
        prop::collection::vec(change, 1..12),
    )
        .prop_map(|(mut bytes, changes)| {
            for (place, kind, byte) in changes {
                if bytes.is_empty() {
                    break;
                }
                let at = place.index(bytes.len());
                match kind {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    2 => drop(bytes.remove(at)),
                    _ => {
                        let copy: Vec<u8> = bytes
                            .iter()
                            .skip(at)
                            .take(usize::from(byte))
                            .copied()
                            .collect();
                        bytes.splice(at..at, copy);
                    }
                }
            }
            bytes
        })
}

/// Bytes that mean something more often than others.
fn interesting() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(b"\r\n \t:;,<>\"\\@=/?%[]0\0\xff".to_vec()),
        any::<u8>()
    ]
}

fn torture() -> Vec<Vec<u8>> {
    files(&here().join("tests/torture"), ".dat")
}

/// The files of a folder whose names end so, in the order of their names.
fn files(folder: &Path, end: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    paths.sort();
    let named = |path: &PathBuf| path.to_string_lossy().ends_with(end);
    paths
        .iter()
        .filter(|path| named(path))
        .map(|path| fs::read(path).expect("it can be read"))
        .collect()
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
