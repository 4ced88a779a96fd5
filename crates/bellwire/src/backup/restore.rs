//! Putting a backup back.

use super::archive::{Unusable, unpack};
use super::{DATA, DATABASE, FILES, REPLACED, Scratch};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use store::{DataFolder, Store};

/// Where a backup is put.
pub(crate) struct Target {
    /// The data folder, which nobody else uses.
    pub(crate) folder: DataFolder,
    /// The database.
    pub(crate) database: PathBuf,
    /// The files folder.
    pub(crate) files: PathBuf,
    /// What becomes of what is there.
    pub(crate) existing: Existing,
}

/// What becomes of what is there before a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Nothing may be there.
    Refuse,
    /// It is put aside into a folder of its own.
    PutAside,
}

/// What was put back.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Restored {
    /// How many files.
    pub(crate) files: usize,
    /// Extensions in the configuration that was put back.
    pub(crate) extensions: usize,
    /// Where what was there before is.
    pub(crate) put_aside: Option<PathBuf>,
}

/// Puts a backup back. It is unpacked beside what is there and checked as a whole first: a backup that
/// cannot be used changes nothing.
pub(crate) fn restore(file: &Path, target: &Target) -> Result<Restored> {
    let data = target.folder.path();
    let there = there(target)?;
    if let (Existing::Refuse, Some(first)) = (target.existing, there.first()) {
        bail!(
            "{} is not empty ({} is there); add --force to put what is there aside, or give another folder with --data",
            data.display(),
            first.display()
        );
    }
    let scratch = Scratch::new(data, "restore")?;
    let list = unpack(file, &scratch.0).map_err(|unusable| match unusable {
        Unusable::Io(error) => anyhow::anyhow!("cannot restore {}: {error}", file.display()),
        other => anyhow::anyhow!(
            "cannot restore {}: {other}; use another backup",
            file.display()
        ),
    })?;
    let extensions = check(&scratch.0)?;
    let put_aside = if there.is_empty() {
        None
    } else {
        Some(put_aside(data, &there)?)
    };
    put(&scratch.0, target)?;
    Ok(Restored {
        files: list.files.len(),
        extensions,
        put_aside,
    })
}

/// Whatever of a site is in the places that the backup needs.
fn there(target: &Target) -> Result<Vec<PathBuf>> {
    let data = target.folder.path();
    let mut there = Vec::new();
    for entry in fs::read_dir(data).with_context(|| super::unreadable(data))? {
        let path = entry.with_context(|| super::unreadable(data))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let of_this_run = matches!(name, DataFolder::LOCK | DataFolder::SOCKET);
        if !of_this_run && !name.starts_with('.') && !name.starts_with(REPLACED) {
            there.push(path);
        }
    }
    for outside in [&target.database, &target.files] {
        if outside.exists() && !there.contains(outside) {
            there.push(outside.clone());
        }
    }
    Ok(there)
}

/// Opens what was unpacked as a server would; returns how many extensions there are.
fn check(unpacked: &Path) -> Result<usize> {
    let trial = unpacked.join("data");
    let folder = DataFolder::take(&trial)?;
    let database = unpacked.join(DATABASE);
    if !database.exists() {
        bail!("there is no database in the backup; use another one");
    }
    let opened = Store::open(&folder, &database, |_| {}).context("the backup cannot be used")?;
    let sound = crate::block_on(opened.store.check());
    opened.store.close();
    sound.context("the database in the backup is damaged; use another one")?;
    drop(folder);
    fs::remove_file(trial.join(DataFolder::LOCK))?;
    Ok(opened.site.directory.extensions.len())
}

fn put_aside(data: &Path, there: &[PathBuf]) -> Result<PathBuf> {
    let when = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
    let aside = data.join(format!("{REPLACED}{when}"));
    fs::create_dir(&aside).with_context(|| format!("cannot make {}", aside.display()))?;
    for path in there {
        let name = path.file_name().unwrap_or(path.as_os_str());
        fs::rename(path, aside.join(name))
            .with_context(|| format!("cannot put {} aside", path.display()))?;
    }
    Ok(aside)
}

fn put(unpacked: &Path, target: &Target) -> Result<()> {
    let moved = |from: &Path, to: &Path| -> Result<()> {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(from, to).with_context(|| format!("cannot put {} in its place", to.display()))
    };
    let rest = unpacked.join(DATA);
    for entry in fs::read_dir(&rest)? {
        let entry = entry?;
        moved(&entry.path(), &target.folder.join(entry.file_name()))?;
    }
    if unpacked.join(FILES).exists() {
        moved(&unpacked.join(FILES), &target.files)?;
    }
    // Last: with the database the site is there.
    moved(&unpacked.join(DATABASE), &target.database)
}
