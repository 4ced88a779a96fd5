//! `bellwire backup` and `bellwire restore`.

use super::client::{Client, escaped};
use super::{Output, Place};
use crate::backup::{BackupOf, Existing, Saved, Target, restore as put_back, save};
use crate::print;
use anyhow::{Context, Result};
use std::path::{Path, absolute};
use std::process::ExitCode;
use store::DataFolder;

pub(super) fn backup(place: &Place, file: &Path, output: Output) -> Result<ExitCode> {
    let file = absolute(file).with_context(|| format!("{} is no file name", file.display()))?;
    let saved: Saved = match Client::find(&place.data)? {
        Some(client) => {
            let path = format!("/backup?file={}", escaped(&file.to_string_lossy()));
            client.send("POST", &path, "")?
        }
        None => {
            let config = place.config()?;
            let (folder, store) = super::site::open(place)?;
            let what = BackupOf {
                data: folder.path().to_owned(),
                database: folder.join(&config.store.database),
                files: folder.join(&config.store.files),
                store: store.clone(),
            };
            let saved = crate::block_on(save(what, file));
            store.close();
            saved?
        }
    };
    if output.json {
        print::line(&serde_json::to_string_pretty(&saved)?);
    } else {
        print::line(&format!(
            "{} files, {} bytes in {}; keep it safe: the key to the passwords is in it",
            saved.files,
            saved.bytes,
            saved.file.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(place: &Place, file: &Path, force: bool, output: Output) -> Result<ExitCode> {
    let config = place.config()?;
    let folder = DataFolder::take(&place.data)?;
    let target = Target {
        database: folder.join(&config.store.database),
        files: folder.join(&config.store.files),
        folder,
        existing: if force {
            Existing::PutAside
        } else {
            Existing::Refuse
        },
    };
    let restored = put_back(file, &target)?;
    if output.json {
        print::line(&serde_json::to_string_pretty(&restored)?);
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!(
        "{} files, {} extensions restored into {}",
        restored.files,
        restored.extensions,
        place.data.display()
    ));
    if let Some(aside) = &restored.put_aside {
        print::line(&format!("what was there is in {}", aside.display()));
    }
    Ok(ExitCode::SUCCESS)
}
