//! `bellwire site …`.

use super::client::{Client, escaped};
use super::{Output, Place};
use crate::document::{Report, SecretsFrom};
use crate::print;
use crate::site::{Applied, Draft, Mode, apply, export, resolve};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{DataFolder, Store};

#[derive(Debug, Subcommand)]
pub(super) enum Site {
    /// Prints every error of a site file with line and column
    ///
    /// A file that lists extensions is taken for a whole site: what it refers to must be in it.
    Check {
        /// The site file
        file: PathBuf,
    },
    /// Prints what applying a site file would change; exit code 2 if anything
    Diff {
        /// The site file
        file: PathBuf,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Makes the system equal to a site file, in one transaction
    ///
    /// A list in the file replaces that list whole. A list that it does not mention is left alone, and so
    /// are a key of [system], [smtp] or [parking] and a password that it does not mention. A new extension
    /// without a password gets one, which is printed once.
    Apply {
        /// The site file
        file: PathBuf,
        /// Only prints what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Writes the system as a site file, without passwords
    Export {
        /// The file to make; stdout when there is none
        file: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}

impl Site {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Check { file } => check(&file),
            Self::Diff {
                file,
                output,
                place,
            } => {
                let applied = send(&place, &file, Mode::DryRun)?;
                show(&applied, output)?;
                Ok(match applied.changes.is_empty() {
                    true => ExitCode::SUCCESS,
                    false => ExitCode::from(DIFFERENT),
                })
            }
            Self::Apply {
                file,
                dry_run,
                output,
                place,
            } => {
                let mode = if dry_run { Mode::DryRun } else { Mode::Apply };
                let applied = send(&place, &file, mode)?;
                show(&applied, output)?;
                if mode == Mode::Apply {
                    show_passwords(&applied, output);
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Export { file, place } => write_out(&place, file.as_deref()),
        }
    }
}

fn check(file: &Path) -> Result<ExitCode> {
    match Draft::check(&file.display().to_string(), &read(file)?) {
        Ok(draft) => {
            warn(&draft.warnings);
            print::line(&format!("{} is in order", file.display()));
            Ok(ExitCode::SUCCESS)
        }
        Err(report) => {
            print::note(&report.to_string());
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Applies a file to the running server, or to a stopped one.
fn send(place: &Place, file: &Path, mode: Mode) -> Result<Applied> {
    let name = file.display().to_string();
    let text = read(file)?;
    let Some(client) = Client::find(&place.data)? else {
        // A system that was never started can be set up too.
        let (_folder, store) = match mode {
            Mode::Apply => take(place)?,
            Mode::DryRun => open(place)?,
        };
        let applied = apply(&store, &name, &text, SecretsFrom::Machine, mode);
        store.close();
        return Ok(applied?.0);
    };
    let report = Report::new(&name, &text);
    let resolved = resolve(&text, &report);
    // The server then says what else is wrong, and nothing is applied.
    let mode = if report.is_clean() {
        mode
    } else {
        Mode::DryRun
    };
    let dry_run = mode == Mode::DryRun;
    let path = format!("/site?name={}&dry_run={dry_run}", escaped(&name));
    let answer = client.send("PUT", &path, &resolved);
    match (report.is_clean(), answer) {
        (true, answer) => answer,
        (false, Ok(Applied { .. })) => bail!("{report}"),
        (false, Err(error)) => bail!("{report}\n{error}"),
    }
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        print::note(&format!("warning: {warning}"));
    }
}

fn show(applied: &Applied, output: Output) -> Result<()> {
    if !output.json {
        warn(&applied.warnings);
    }
    if output.json {
        print::line(&serde_json::to_string_pretty(applied)?);
    } else if applied.changes.is_empty() {
        print::line("no change");
    } else {
        print::line(&applied.changes.join("\n"));
    }
    Ok(())
}

/// What is said once and never again.
fn show_passwords(applied: &Applied, output: Output) {
    if output.json || applied.generated.is_empty() {
        return;
    }
    print::line("\npasswords made up for new extensions, shown this once:");
    for (number, password) in &applied.generated {
        print::line(&format!("{number}  {password}"));
    }
}

fn write_out(place: &Place, file: Option<&Path>) -> Result<ExitCode> {
    let text = match Client::find(&place.data)? {
        Some(client) => client.text("/site")?,
        None => {
            let (_folder, store) = open(place)?;
            let text = export(&store.site());
            store.close();
            text
        }
    };
    let Some(file) = file else {
        print::line(text.trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    // PINs are in it.
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut to| to.write_all(text.as_bytes()))
        .with_context(|| {
            format!(
                "cannot write {}; give a file that this user may write",
                file.display()
            )
        })?;
    Ok(ExitCode::SUCCESS)
}

/// The database of a data folder that exists and that no server uses.
pub(super) fn open(place: &Place) -> Result<(DataFolder, Store)> {
    if !place.data.is_dir() {
        bail!(
            "there is no data folder {}; name that of the system with --data, or start it once with `bellwire serve`",
            place.data.display()
        );
    }
    take(place)
}

fn take(place: &Place) -> Result<(DataFolder, Store)> {
    let config = place.config()?;
    let folder = DataFolder::take(&place.data)?;
    let opened = Store::open(&folder, &config.store.database, |_| {})?;
    Ok((folder, opened.store))
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the site file {}", file.display()))
}

/// Exit code of `diff` when there is a difference.
const DIFFERENT: u8 = 2;
