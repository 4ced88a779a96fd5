//! What fuzzing of the browsers' port begins with stays harmless, and so does whatever else comes there.

use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/browser.rs"]
mod browser;

#[test]
fn the_seeds_of_the_fuzzer_break_nothing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/browser");
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 2);
    for seed in seeds {
        let path = seed.expect("it can be read").path();
        browser::run(&fs::read(path).expect("it can be read"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_datagrams_break_a_session(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        browser::run(&bytes);
    }
}
