//! What fuzzing begins with stays harmless.

use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/playout.rs"]
mod playout;

#[test]
fn the_seeds_of_the_fuzzer_break_nothing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/playout");
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 4);
    for seed in seeds {
        let path = seed.expect("it can be read").path();
        playout::run(&fs::read(path).expect("it can be read"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_packets_break_the_playout(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        playout::run(&bytes);
    }
}
