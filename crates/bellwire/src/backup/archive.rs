//! The archive: files with checksums, and a list of them at the end.

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

/// Says what is in an archive.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct List {
    /// The form of the archive; see [`FORMAT`].
    pub(super) format: u32,
    /// Who made it.
    pub(super) version: String,
    /// SHA-256 of each file, by name.
    pub(super) files: BTreeMap<String, String>,
}

/// Writes an archive. Dropped before its end, nothing of it stays.
pub(super) struct Packer {
    tar: tar::Builder<BufWriter<File>>,
    list: List,
    part: PathBuf,
    file: PathBuf,
}

impl Packer {
    pub(super) fn begin(file: &Path) -> io::Result<Self> {
        let mut part = file.to_owned().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let to = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        Ok(Self {
            tar: tar::Builder::new(BufWriter::new(to)),
            list: List {
                format: FORMAT,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                files: BTreeMap::new(),
            },
            part,
            file: file.to_owned(),
        })
    }

    /// Adds a file. One that vanished meanwhile is left out.
    pub(super) fn file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let from = match File::open(path) {
            Ok(from) => from,
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(other) => return Err(other),
        };
        let metadata = from.metadata()?;
        let mut header = tar::Header::new_gnu();
        header.set_metadata(&metadata);
        // A file that grows meanwhile is saved up to the length it had.
        let mut from = Summed::new(BufReader::new(from).take(metadata.len()));
        self.tar.append_data(&mut header, name, &mut from)?;
        self.list.files.insert(name.to_owned(), from.sum());
        Ok(())
    }

    /// Adds a folder with everything in it; symbolic links and hidden files are left out.
    pub(super) fn folder(&mut self, name: &str, path: &Path) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let inner = entry.file_name();
            let Some(inner) = inner.to_str().filter(|inner| !inner.starts_with('.')) else {
                continue;
            };
            let inner = format!("{name}/{inner}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.folder(&inner, &entry.path())?;
            } else if kind.is_file() {
                self.file(&inner, &entry.path())?;
            }
        }
        Ok(())
    }

    /// Adds the list, makes the archive durable, and gives it its name. Returns its size, and how many
    /// files are in it.
    pub(super) fn finish(mut self) -> io::Result<(u64, usize)> {
        let list = serde_json::to_vec_pretty(&self.list)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(list.len()).unwrap_or(u64::MAX));
        header.set_mode(0o600);
        self.tar.append_data(&mut header, LIST, &*list)?;
        self.tar.finish()?;
        let to = self.tar.get_mut();
        to.flush()?;
        to.get_ref().sync_all()?;
        let bytes = to.get_ref().metadata()?.len();
        fs::rename(&self.part, &self.file)?;
        Ok((bytes, self.list.files.len()))
    }
}

impl Drop for Packer {
    fn drop(&mut self) {
        // After the rename there is nothing of that name.
        let _ = fs::remove_file(&self.part);
    }
}

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is no backup of bellwire, or it was cut short")]
    NoList,
    #[error("it was made by a newer bellwire ({0}); restore it with that version")]
    Newer(String),
    #[error("{0} in it is damaged")]
    Damaged(String),
    #[error("it holds {0:?}, which no backup does")]
    Foreign(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Unpacks an archive into an empty folder and checks every file against the list.
pub(super) fn unpack(file: &Path, into: &Path) -> Result<List, Unusable> {
    let mut archive = tar::Archive::new(BufReader::new(File::open(file)?));
    let mut sums = BTreeMap::new();
    let mut list = None;
    for entry in archive.entries()? {
        let entry = entry?;
        let name = entry.path()?.into_owned();
        let name = safe(&name).ok_or_else(|| Unusable::Foreign(name.display().to_string()))?;
        if !entry.header().entry_type().is_file() {
            return Err(Unusable::Foreign(name.to_owned()));
        }
        if name == LIST {
            list = Some(serde_json::from_reader(entry.take(LIST_MAX)).map_err(io::Error::from)?);
            continue;
        }
        let path = into.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let name = name.to_owned();
        let mut from = Summed::new(entry);
        io::copy(&mut from, &mut to)?;
        to.sync_all()?;
        sums.insert(name, from.sum());
    }
    let list: List = list.ok_or(Unusable::NoList)?;
    if list.format > FORMAT {
        return Err(Unusable::Newer(list.version));
    }
    let names = list.files.keys().chain(sums.keys());
    for name in names {
        if list.files.get(name) != sums.get(name) {
            return Err(Unusable::Damaged(name.clone()));
        }
    }
    Ok(list)
}

/// A name that stays in the folder it is joined to.
fn safe(name: &Path) -> Option<&str> {
    let plain = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    name.to_str().filter(|name| plain && !name.is_empty())
}

/// A reader that sums up what passes.
struct Summed<R> {
    inner: R,
    sum: Context,
}

impl<R: Read> Summed<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            sum: Context::new(&SHA256),
        }
    }

    fn sum(self) -> String {
        let sum = self.sum.finish();
        let digits = sum.as_ref().iter().map(|byte| format!("{byte:02x}"));
        digits.collect()
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.sum.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// The form of archive that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;
/// The list's name in an archive.
const LIST: &str = "bellwire-backup.json";
/// The longest list that is read.
const LIST_MAX: u64 = 256 << 20;
