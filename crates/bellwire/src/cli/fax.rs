//! The processes that do what could break: one fax call, one document.

use anyhow::Result;
use std::io::{stdin, stdout};
use std::process::ExitCode;

/// `bellwire fax-worker`: one fax, told through standard input.
pub(super) fn worker() -> Result<ExitCode> {
    fax::worker::serve(stdin().lock(), stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
