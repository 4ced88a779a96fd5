//! What is saved is what is put back, and nothing else is.

use super::*;
use crate::document::SecretsFrom;
use crate::site::{Mode, apply, export};
use std::os::unix::fs::PermissionsExt;

/// A data folder with a site and a recording.
fn office(folder: &Path) -> (DataFolder, Store) {
    let taken = DataFolder::take(folder).expect("free");
    let store = Store::open(&taken, Path::new("bellwire.db"), |_| {})
        .expect("open")
        .store;
    let text = "[[extension]]\nnumber = \"100\"\n[[trunk]]\nname = \"t\"\nhost = \"h\"\npassword = \"secret\"\n";
    apply(&store, "s.toml", text, SecretsFrom::Text, Mode::Apply).expect("applied");
    let recordings = folder.join("files/recordings");
    fs::create_dir_all(&recordings).expect("made");
    fs::write(recordings.join("1.wav"), b"RIFF").expect("written");
    fs::create_dir_all(folder.join("journal")).expect("made");
    fs::write(folder.join("journal/1"), b"{}").expect("written");
    (taken, store)
}

fn saved(folder: &Path, store: &Store, file: &Path) -> Saved {
    let what = BackupOf {
        data: folder.to_owned(),
        database: folder.join("bellwire.db"),
        files: folder.join("files"),
        store: store.clone(),
    };
    crate::block_on(save(what, file.to_owned())).expect("saved")
}

fn into(folder: &Path, existing: Existing) -> Target {
    Target {
        folder: DataFolder::take(folder).expect("free"),
        database: folder.join("bellwire.db"),
        files: folder.join("files"),
        existing,
    }
}

#[test]
fn what_is_saved_is_what_is_put_back() {
    let root = tempfile::tempdir().expect("a folder");
    let (from, to, file) = (
        root.path().join("a"),
        root.path().join("b"),
        root.path().join("b.tar"),
    );
    let (_taken, store) = office(&from);
    let before = store.site();
    let saved = saved(&from, &store, &file);
    // Database, key, recording.
    assert_eq!(saved.files, 3);
    assert_eq!(saved.bytes, fs::metadata(&file).expect("there").len());
    assert_eq!(
        fs::metadata(&file).expect("there").permissions().mode() & 0o777,
        0o600
    );
    // What comes after the backup is not in it.
    apply(
        &store,
        "s.toml",
        "extension = []",
        SecretsFrom::Text,
        Mode::Apply,
    )
    .expect("applied");
    store.close();
    let restored = restore(&file, &into(&to, Existing::Refuse)).expect("restored");
    assert_eq!(
        (restored.files, restored.extensions, restored.put_aside),
        (3, 1, None)
    );
    assert_eq!(
        fs::read(to.join("files/recordings/1.wav")).expect("there"),
        b"RIFF"
    );
    assert!(!to.join("journal").exists());
    let taken = DataFolder::take(&to).expect("free");
    let opened = Store::open(&taken, Path::new("bellwire.db"), |_| {}).expect("open");
    assert_eq!(opened.site, before);
    assert_eq!(opened.site.directory.trunks["t"].password.0, "secret");
    assert_eq!(export(&opened.site), export(&before));
    opened.store.close();
    let left: Vec<_> = fs::read_dir(&to)
        .expect("there")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn what_is_there_is_put_aside_or_stops_a_restore() {
    let root = tempfile::tempdir().expect("a folder");
    let (data, file) = (root.path().join("a"), root.path().join("b.tar"));
    let (taken, store) = office(&data);
    saved(&data, &store, &file);
    store.close();
    drop(taken);
    let error = restore(&file, &into(&data, Existing::Refuse)).expect_err("it is not empty");
    assert!(error.to_string().contains("is not empty"), "{error}");
    assert!(error.to_string().contains("--force"), "{error}");
    let restored = restore(&file, &into(&data, Existing::PutAside)).expect("restored");
    let aside = restored.put_aside.expect("something was there");
    assert!(aside.join("bellwire.db").exists() && aside.join("journal/1").exists());
    assert!(data.join("bellwire.db").exists());
}

#[test]
fn a_backup_that_cannot_be_used_changes_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let (data, file) = (root.path().join("a"), root.path().join("b.tar"));
    let (taken, store) = office(&data);
    saved(&data, &store, &file);
    store.close();
    drop(taken);
    let sound = fs::read(&file).expect("there");
    let flipped = {
        let mut bytes = sound.clone();
        // Within the database, behind its header.
        bytes[8_000] ^= 0xff;
        bytes
    };
    let cases = [
        (b"hello".to_vec(), "cannot restore"),
        (sound[..sound.len() / 2].to_vec(), "cannot restore"),
        (
            sound[..512 + database_bytes(&sound)].to_vec(),
            "it was cut short",
        ),
        (flipped, "database in it is damaged"),
        (foreign("../outside"), "which no backup does"),
        (foreign("/etc/outside"), "which no backup does"),
    ];
    for (bytes, expected) in cases {
        fs::write(&file, bytes).expect("written");
        let before = fs::read(data.join("bellwire.db")).expect("there");
        let error = restore(&file, &into(&data, Existing::PutAside)).expect_err(expected);
        let message = format!("{error:#}");
        assert!(message.contains(expected), "{message}");
        assert_eq!(fs::read(data.join("bellwire.db")).expect("there"), before);
        assert!(!root.path().join("outside").exists());
    }
}

/// The size of the first file of a backup, which is the database.
fn database_bytes(backup: &[u8]) -> usize {
    let mut archive = tar::Archive::new(backup);
    let mut files = archive.entries().expect("an archive");
    let first = files.next().expect("a first file").expect("sound");
    usize::try_from(first.size()).expect("it fits into memory")
}

/// An archive with one file of a name that leads elsewhere.
fn foreign(name: &str) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().expect("gnu").name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(1);
    header.set_mode(0o600);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append(&header, &b"x"[..]).expect("appended");
    archive.into_inner().expect("finished")
}
