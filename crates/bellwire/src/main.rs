//! Bellwire: a complete IP telephone system in one binary.
//!
//! `cli` reads the command line; `serve` runs the telephone system; everything else is what both need:
//! `config` (how this server runs), `site` (what an administrator sets up), `admin` (the way into a running
//! server), `backup`, `metrics`, `health`, `log`.

mod admin;
mod backup;
mod cli;
mod config;
mod demo;
mod document;
mod explain;
mod health;
mod journal;
mod log;
mod metrics;
mod print;
mod serve;
mod simulate;
mod site;
mod texts;

use std::process::ExitCode;

/// A call is made of many short-lived pieces: this allocator takes a third of the time of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}

/// Waits for something of a command; a server has a runtime of its own.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread needs nothing that could be missing")
        .block_on(work)
}
