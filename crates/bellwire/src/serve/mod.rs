//! The running server: sockets, threads, wiring.

use crate::config::Config;
use crate::demo::Login;
use crate::metrics::Metrics;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use store::{DataFolder, Opened};

/// Everything that is ready before the first packet.
pub(crate) struct Prepared {
    /// How this server runs.
    pub(crate) config: Config,
    /// Where that was read from, for SIGHUP.
    pub(crate) config_file: Option<PathBuf>,
    /// The data folder, taken.
    pub(crate) folder: DataFolder,
    /// The store with what was found in it.
    pub(crate) opened: Opened,
    /// The figures; commits are counted already.
    pub(crate) metrics: Arc<Metrics>,
    /// Logins to print, for the demo.
    pub(crate) logins: Vec<Login>,
}

/// Runs until the server is told to end.
pub(crate) fn run(prepared: Prepared) -> Result<()> {
    prepared.opened.store.close();
    anyhow::bail!("the wiring is not there yet")
}
