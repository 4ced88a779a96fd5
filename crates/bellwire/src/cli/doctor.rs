//! `bellwire doctor`: what keeps a telephone system from working, and what to do.

mod audio;
mod certificate;
mod checks;

use super::{Output, Place};
use crate::print;
use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;
use std::process::ExitCode;

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    /// What was checked.
    what: String,
    state: State,
    /// What was found, and what to do when that is not good.
    message: String,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Good.
    Ok,
    /// It works, but not for everybody or not for long.
    Warn,
    /// It does not work.
    Fail,
}

/// A check of something that runs.
#[derive(Debug, Subcommand)]
pub(super) enum Check {
    /// Calls a phone, plays music to it, and says in which direction sound goes
    ///
    /// The phone is asked to answer by itself; on one that does not, somebody must take the call. It takes 15 seconds.
    Audio {
        /// Whose phone
        extension: String,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
}

impl Check {
    pub(super) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Audio {
                extension,
                output,
                place,
            } => report(&audio::check(&place, &extension)?, output),
        }
    }
}

pub(super) fn doctor(place: &Place, output: Output) -> Result<ExitCode> {
    report(&checks::all(place)?, output)
}

/// Prints what was found; what does not work is the exit code 1.
fn report(findings: &[Finding], output: Output) -> Result<ExitCode> {
    if output.json {
        print::line(&serde_json::to_string_pretty(findings)?);
    } else {
        let width = findings.iter().map(|finding| finding.what.len()).max();
        let width = width.unwrap_or_default();
        for Finding {
            what,
            state,
            message,
        } in findings
        {
            let state = match state {
                State::Ok => "ok  ",
                State::Warn => "warn",
                State::Fail => "FAIL",
            };
            print::line(&format!("{state}  {what:width$}  {message}"));
        }
    }
    let failed = findings.iter().any(|finding| finding.state == State::Fail);
    Ok(ExitCode::from(u8::from(failed)))
}

impl Finding {
    fn ok(what: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(what, State::Ok, message)
    }

    fn warn(what: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(what, State::Warn, message)
    }

    fn fail(what: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(what, State::Fail, message)
    }

    fn new(what: impl Into<String>, state: State, message: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state,
            message: message.into(),
        }
    }
}
