//! The web client, as `make web` left it in `web/dist`: one table of files, each as it is and compressed.
//!
//! Without it the table is empty, and the server says how the client is built.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes `client.rs`, which `serve/pages.rs` includes.
pub(crate) fn write() {
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let dist = package.join("../../web/dist");
    if !dist.exists() {
        make(&dist);
    }
    println!("cargo:rerun-if-changed={}", dist.display());
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut files = Vec::new();
    collect(&dist, &mut files);
    files.sort();
    let mut table = String::from("[\n");
    for file in &files {
        let row = row(&dist, file, &out)
            .unwrap_or_else(|error| panic!("{} cannot be embedded: {error}", file.display()));
        table.push_str(&row);
    }
    table.push_str("]\n");
    fs::write(out.join("client.rs"), table).expect("cargo made the folder");
}

/// Cargo would build again each time for a path that is missing. The folder is older than this build, or it would once.
fn make(dist: &Path) {
    let made = fs::create_dir_all(dist).and_then(|()| File::open(dist));
    if let Ok(folder) = made {
        // The price of a failure is one build.
        let _ = folder.set_modified(SystemTime::UNIX_EPOCH);
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_map = path.extension().is_some_and(|kind| kind == "map");
        if path.is_dir() {
            collect(&path, files);
        } else if !is_map {
            files.push(path);
        }
    }
}

/// A row of the table; the compressed copy is left in `out`, unless it is no shorter.
fn row(dist: &Path, file: &Path, out: &Path) -> io::Result<String> {
    let bytes = fs::read(file)?;
    let name = file.strip_prefix(dist).map_err(io::Error::other)?;
    let name = name.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
    let hash = hash(&bytes);
    let compressed = compress(&bytes)?;
    let brotli = if compressed.len() < bytes.len() {
        let copy = out.join(format!("{hash}.br"));
        fs::write(&copy, compressed)?;
        format!("Some(include_bytes!({copy:?}))")
    } else {
        String::from("None")
    };
    let file = file.canonicalize()?;
    Ok(format!(
        "    File {{ name: {name:?}, hash: {hash:?}, plain: include_bytes!({file:?}), brotli: {brotli} }},\n"
    ))
}

/// 128 bits of SHA-256.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let mut hash = String::new();
    for byte in digest.iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &best)?;
    Ok(compressed)
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
