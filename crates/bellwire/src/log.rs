//! Logs: fields, not prose; on stderr.

use crate::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

/// Begins to log. Called once, before anything else is done.
pub(crate) fn begin(log: &Log) {
    // sqlx speaks of every statement at debug; what it has to say to an operator comes as an error.
    let filter = format!("{},sqlx=warn,hyper=warn", log.level);
    let filter = EnvFilter::new(filter);
    let begun = match log.format {
        LogFormat::Text => tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
        LogFormat::Json => tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .try_init(),
    };
    if begun.is_err() {
        crate::print::note("logging had already begun");
    }
}
