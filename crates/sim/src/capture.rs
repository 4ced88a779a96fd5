//! Where captures of failed runs are kept.

use std::path::PathBuf;

/// Writes a capture to `target/sim/<name>-<seed>.pcap` and says where it is, or why not.
pub fn keep(name: &str, seed: u64, pcap: &[u8]) -> String {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
        PathBuf::from,
    );
    let folder = target.join("sim");
    let file = folder.join(format!("{name}-{seed}.pcap"));
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, pcap));
    match written {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("not kept: {error}"),
    }
}
