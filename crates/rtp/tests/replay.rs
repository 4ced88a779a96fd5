//! What fuzzing begins with stays harmless.

use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/sdp.rs"]
mod sdp;

#[test]
fn the_seeds_of_the_fuzzer_break_nothing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/sdp");
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 2);
    for seed in seeds {
        let path = seed.expect("it can be read").path();
        sdp::run(&fs::read(path).expect("it can be read"));
    }
}
