//! What fuzzing of scenarios begins with stays harmless; and so does the same with its lines in another order.
#![expect(clippy::unwrap_used, reason = "a replay that cannot go on has failed")]

#[path = "../../../fuzz/bodies/scenario.rs"]
mod scenario;

use std::fs;
use std::path::Path;

#[test]
fn the_seeds_of_the_fuzzer_break_nothing_in_any_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/scenario");
    let seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|seed| fs::read_to_string(seed.unwrap().path()).unwrap())
        .collect();
    assert!(seeds.len() > 4);
    let lines: Vec<_> = seeds.iter().flat_map(|seed| seed.lines()).collect();
    for seed in &seeds {
        scenario::run(seed.as_bytes());
    }
    let mut chance = Chance(1);
    for _ in 0..VARIANTS {
        let seed = &seeds[chance.below(seeds.len())];
        let mut story: Vec<_> = seed.lines().collect();
        for _ in 0..chance.below(8) {
            let at = chance.below(story.len());
            match chance.below(3) {
                0 => drop(story.remove(at)),
                1 => story.insert(at, lines[chance.below(lines.len())]),
                _ => {
                    let other = chance.below(story.len());
                    story.swap(at, other);
                }
            }
        }
        scenario::run(story.join("\n").as_bytes());
    }
}

/// The same numbers each time (Knuth, MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

const VARIANTS: usize = 3_000;
