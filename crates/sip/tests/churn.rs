//! Random stories against transactions and sessions: the fuzz target's body, with seeds that are always
//! played.

#[path = "../../../fuzz/bodies/transaction.rs"]
mod story;

use sip::Ids;

/// SI-10
#[test]
fn no_story_panics_or_leaves_anything_behind() {
    let stories = std::env::var("STORM")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_000);
    for seed in 0..stories {
        let mut dice = Ids::new(seed);
        let length = dice.below(600);
        let story: Vec<u8> = (0..length)
            .map(|_| dice.below(256).to_le_bytes()[0])
            .collect();
        let played = std::panic::catch_unwind(|| story::run(&story));
        assert!(played.is_ok(), "seed {seed}");
    }
}

#[test]
fn the_seeds_of_the_fuzzer_leave_nothing_behind() {
    let seeds =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/transaction");
    let seeds: Vec<_> = std::fs::read_dir(seeds).unwrap().flatten().collect();
    assert!(seeds.len() > 2);
    for seed in seeds {
        story::run(&std::fs::read(seed.path()).unwrap());
    }
}
