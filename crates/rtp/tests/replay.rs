//! What fuzzing begins with stays harmless.

use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/candidate.rs"]
mod candidate;
#[path = "../../../fuzz/bodies/sdp.rs"]
mod sdp;
#[path = "../../../fuzz/bodies/srtp.rs"]
mod srtp;

#[test]
fn the_seeds_of_the_fuzzer_break_nothing() {
    replay("sdp", sdp::run);
    replay("candidate", candidate::run);
    replay("srtp", srtp::run);
}

fn replay(name: &str, run: impl Fn(&[u8])) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let folder = folder.join(name);
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 2);
    for seed in seeds {
        let path = seed.expect("it can be read").path();
        run(&fs::read(path).expect("it can be read"));
    }
}
