//! Says which package is missing before the linker would say that a library is.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let Ok(output) = Command::new("cc")
        .arg("-print-file-name=libspandsp.so")
        .output()
    else {
        return; // Without a compiler driver nothing links, and cargo says so.
    };
    let path = String::from_utf8_lossy(&output.stdout);
    assert!(
        path.trim().contains('/'),
        "libspandsp.so is missing: install it with `apt-get install libspandsp-dev` (`make run` and `make test` do)"
    );
}
