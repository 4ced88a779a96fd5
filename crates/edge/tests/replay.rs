//! What fuzzing begins with stays harmless, and so does what is like it.

use sip::Ids;
use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/trunk.rs"]
mod trunk;

/// SI-10, AD-07
#[test]
fn a_trunk_may_answer_whatever_it_likes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/trunk");
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 2);
    let mut ids = Ids::new(1_u64);
    for seed in seeds {
        let path = seed.expect("it can be read").path();
        let bytes = fs::read(path).expect("it can be read");
        trunk::run(&bytes);
        for _ in 0..20 {
            trunk::run(&damaged(bytes.clone(), &mut ids));
        }
    }
}

/// A few bytes are changed, lost, doubled or put elsewhere.
fn damaged(mut bytes: Vec<u8>, ids: &mut Ids) -> Vec<u8> {
    for _ in 0..=ids.below(6) {
        let length = u32::try_from(bytes.len()).expect("a short input").max(1);
        let at = ids.below(length) as usize;
        match ids.below(4) {
            0 => bytes.extend_from_within(at..),
            1 => drop(bytes.drain(at..(at + 5).min(bytes.len()))),
            2 => bytes.insert(at, b"\n 0129,;=\""[ids.below(10) as usize]),
            _ => bytes.rotate_left(at),
        }
    }
    bytes
}
