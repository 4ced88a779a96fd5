//! Everything that lasts in one file, and back.
//!
//! A backup is a plain tar archive: the database as it was at one moment, the files folder and whatever
//! else lies in the data folder (key, certificate), and at the end a list of all of it with checksums. An
//! archive without the list was cut short.

mod archive;
mod restore;
#[cfg(test)]
mod tests;

pub(crate) use restore::{Existing, Target, restore};

use anyhow::{Context, Result};
use archive::Packer;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{DataFolder, Store};

/// What is saved.
pub(crate) struct BackupOf {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The database, which is left out where it lies in the data folder: a copy is saved.
    pub(crate) database: PathBuf,
    /// The files folder.
    pub(crate) files: PathBuf,
    /// The open database.
    pub(crate) store: Store,
}

/// What a backup holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// How many files are in it.
    pub(crate) files: usize,
}

/// Makes a backup while calls go on. The file appears when it is complete, or not at all.
pub(crate) async fn save(what: BackupOf, file: PathBuf) -> Result<Saved> {
    let scratch = Scratch::new(&what.data, "backup")?;
    let copy = scratch.0.join("database");
    // What has happened until now is in it, unless the disk takes nothing more.
    let _ = tokio::time::timeout(WRITTEN_WITHIN, what.store.barrier()).await;
    what.store
        .copy_to(&copy)
        .await
        .context("the database cannot be copied")?;
    let work = move || {
        let saved = pack(&what, &copy, &file);
        drop(scratch);
        saved
    };
    tokio::task::spawn_blocking(work).await?
}

/// How long what waits for the disk is waited for.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

fn pack(what: &BackupOf, copy: &Path, file: &Path) -> Result<Saved> {
    let trouble = || {
        format!(
            "cannot write {}; give a file in a folder that this user may write",
            file.display()
        )
    };
    let mut packer = Packer::begin(file).with_context(trouble)?;
    packer.file(DATABASE, copy).with_context(trouble)?;
    if what.files.exists() {
        packer.folder(FILES, &what.files).with_context(trouble)?;
    }
    for entry in fs::read_dir(&what.data).with_context(|| unreadable(&what.data))? {
        let path = entry.with_context(|| unreadable(&what.data))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| !is_left_out(what, &path, name)) else {
            continue;
        };
        let name = format!("{DATA}{name}");
        if path.is_dir() {
            packer.folder(&name, &path).with_context(trouble)?;
        } else if path.is_file() {
            packer.file(&name, &path).with_context(trouble)?;
        }
    }
    let (bytes, files) = packer.finish().with_context(trouble)?;
    Ok(Saved {
        file: file.to_owned(),
        bytes,
        files,
    })
}

/// Whether a part of the data folder is saved otherwise, or is of this run only.
fn is_left_out(what: &BackupOf, path: &Path, name: &str) -> bool {
    let is_database = what.database.file_name().is_some_and(|database| {
        let beside = name.strip_prefix(database.to_str().unwrap_or(name));
        path.parent() == what.database.parent() && matches!(beside, Some("" | "-wal" | "-shm"))
    });
    is_database
        || path == what.files
        || name.starts_with('.')
        || name.starts_with(REPLACED)
        || matches!(name, DataFolder::LOCK | DataFolder::SOCKET | JOURNAL)
}

fn unreadable(folder: &Path) -> String {
    format!("cannot read {}", folder.display())
}

/// A folder in the data folder that goes when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new(data: &Path, purpose: &str) -> Result<Self> {
        let folder = data.join(format!(".{purpose}-{}", std::process::id()));
        // What a process of that number left behind that was killed.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder)
            .with_context(|| format!("cannot write into {}; is it this user's?", data.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next backup of the process number.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The database's name in a backup.
const DATABASE: &str = "database";
/// The files folder's name in a backup.
const FILES: &str = "files";
/// What stands before the names of whatever else lies in the data folder.
const DATA: &str = "data/";
/// The journal is a record of the machine, not of the site.
const JOURNAL: &str = "journal";
/// What a restore put aside.
const REPLACED: &str = "replaced-";
