//! `bellwire simulate`: a written scenario, in virtual time.

use super::client::Client;
use super::{Output, Place, site};
use crate::demo;
use crate::print;
use crate::simulate;
use crate::site::Draft;
use anyhow::{Context, Result, bail};
use model::Directory;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Runs a scenario on a site file, else on the site of the data folder, else on the demo site.
pub(super) fn simulate(
    place: &Place,
    file: &Path,
    site: Option<&Path>,
    output: Output,
) -> Result<ExitCode> {
    let name = file.display().to_string();
    let text = read(file)?;
    let directory = directory(place, site)?;
    let outcome = match simulate::run(&name, &text, directory) {
        Ok(outcome) => outcome,
        Err(errors) => bail!(errors.join("\n")),
    };
    if output.json {
        let json = json!({
            "lines": outcome.lines, "expected": outcome.expected, "failed": outcome.failed,
        });
        print::line(&serde_json::to_string_pretty(&json)?);
    } else {
        outcome.lines.iter().for_each(|line| print::line(line));
        let (expected, failed) = (outcome.expected, outcome.failed);
        print::line(&format!("{expected} expected, {failed} failed"));
    }
    Ok(match outcome.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn directory(place: &Place, site: Option<&Path>) -> Result<Directory> {
    if let Some(file) = site {
        return drafted(&file.display().to_string(), &read(file)?);
    }
    if let Some(client) = Client::find(&place.data)? {
        return drafted("the running site", &client.text("/site")?);
    }
    if place.data.is_dir() {
        let (_folder, store) = site::open(place)?;
        let directory = store.site().directory.as_ref().clone();
        store.close();
        return Ok(directory);
    }
    drafted("the demo site", &demo::without_passwords())
}

fn drafted(name: &str, text: &str) -> Result<Directory> {
    match Draft::check(name, text) {
        Ok(draft) => Ok(draft.site.directory.as_ref().clone()),
        Err(report) => bail!(report.to_string()),
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
