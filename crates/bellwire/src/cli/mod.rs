//! The command line.

mod admin;
mod backup;
mod client;
mod doctor;
mod explain;
mod fax;
mod live;
mod prompts;
mod replay;
mod serve;
mod simulate;
mod site;
mod table;

use crate::config::Config;
use crate::explain::Question;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A complete IP telephone system.
#[derive(Debug, Parser)]
#[command(name = "bellwire", version = VERSION, propagate_version = false, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the telephone system in the foreground
    ///
    /// Prints `ready` on stderr when phones can register. SIGTERM takes no new calls and ends with the
    /// last one (or after drain_seconds); a second SIGTERM ends at once; SIGHUP reads configuration and
    /// certificates again.
    Serve {
        #[command(flatten)]
        place: Place,
        /// Applies this site file before the first call
        #[arg(long, value_name = "FILE")]
        site: Option<PathBuf>,
    },
    /// Runs the telephone system with a built-in demo site and prints its logins
    Demo {
        #[command(flatten)]
        place: Place,
    },
    /// Checks, compares, applies and exports the site file: what an administrator sets up
    #[command(subcommand)]
    Site(site::Site),
    /// Prints the signalling of a call as a ladder
    Trace {
        /// The call's number from `bellwire calls`, or a SIP Call-ID
        call: String,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Lists the calls in progress
    Calls {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Lists the registered phones
    Registrations {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Lists the outside lines and whether calls can go out on them
    Trunks {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Lists the legs of the calls in progress
    Channels {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Tells which way a call would take, and why, each step considered in order
    ///
    /// Asks the running server, which knows who is registered and in a call; of a stopped one it is assumed that
    /// every phone is free.
    Explain {
        /// What would be dialled
        number: String,
        /// Who would call: an extension, or trunk:NAME
        #[arg(long, value_name = "EXT|trunk:NAME")]
        from: String,
        /// Who would call on a trunk; nobody knows when it is left out
        #[arg(long, value_name = "NUMBER", default_value = "")]
        caller: String,
        /// When: 2026-03-06T14:56 by the clocks of the site, or RFC 3339; now when it is left out
        #[arg(long, value_name = "TIME", default_value = "")]
        at: String,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Runs a written scenario in virtual time: phones dial, answer, press keys, and what is expected is compared
    ///
    /// Exits with 1 when an expectation is not met. The format is documented in docs/simulate.md.
    Simulate {
        /// The scenario
        file: PathBuf,
        /// The site; that of the data folder when it is left out, or the demo site when there is none
        #[arg(long, value_name = "FILE")]
        site: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Feeds a journal (`journal/` in the data folder) to the switch again and prints what came of each input
    Replay {
        /// The journal
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// Saves everything (database, key, voicemail, recordings, faxes, prompts) into one file, also while running
    Backup {
        /// The file to make
        file: PathBuf,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Puts a backup back into a data folder that no server uses
    Restore {
        /// The backup
        file: PathBuf,
        /// Puts aside what is in the data folder
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// Passwords of those who administer, and tokens for scripts
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The spoken prompts: their texts, the menus they are said in, missing ones, replacements
    #[command(subcommand)]
    Prompts(prompts::Prompts),
    /// Checks ports, certificate, clock, disk, DNS, addresses and prompts; a line each, with the remedy
    Doctor {
        #[command(subcommand)]
        check: Option<doctor::Check>,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        place: Place,
    },
    /// One fax call, told through a pipe by the server
    #[command(hide = true)]
    FaxWorker,
}

/// Which server a command is about.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The data folder: database, key, voicemail, recordings
    #[arg(
        long,
        value_name = "DIR",
        env = "BELLWIRE_DATA",
        default_value = "data"
    )]
    pub(crate) data: PathBuf,
    /// The configuration file (TOML); every key can also be set as BELLWIRE_SECTION__KEY
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// How a command prints.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Place {
    /// Reads the configuration.
    pub(crate) fn config(&self) -> Result<Config> {
        Ok(Config::load(self.config.as_deref())?)
    }
}

/// Runs the command; what goes wrong is one sentence on stderr and exit code 1.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            let code = u8::from(usage.use_stderr());
            // A closed pipe is nobody's error.
            let _ = usage.print();
            return ExitCode::from(code);
        }
    };
    match cli.command.run() {
        Ok(code) => code,
        Err(error) => {
            crate::print::error(&error);
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> Result<ExitCode> {
        match self {
            Self::Serve { place, site } => serve::serve(&place, site.as_deref()),
            Self::Demo { place } => serve::demo(&place),
            Self::Site(command) => command.run(),
            Self::Admin(command) => command.run(),
            Self::Prompts(command) => command.run(),
            Self::Trace {
                call,
                output,
                place,
            } => live::trace(&place, &call, output),
            Self::Calls { output, place } => live::calls(&place, output),
            Self::Registrations { output, place } => live::registrations(&place, output),
            Self::Trunks { output, place } => live::trunks(&place, output),
            Self::Channels { output, place } => live::channels(&place, output),
            Self::Explain {
                number,
                from,
                caller,
                at,
                output,
                place,
            } => {
                let question = Question {
                    number,
                    from,
                    caller,
                    at,
                };
                explain::explain(&place, &question, output)
            }
            Self::Simulate {
                file,
                site,
                output,
                place,
            } => simulate::simulate(&place, &file, site.as_deref(), output),
            Self::Replay { file, output } => replay::replay_file(&file, output),
            Self::Backup {
                file,
                output,
                place,
            } => backup::backup(&place, &file, output),
            Self::Restore {
                file,
                force,
                output,
                place,
            } => backup::restore(&place, &file, force, output),
            Self::Doctor {
                check: Some(check), ..
            } => check.run(),
            Self::Doctor {
                check: None,
                output,
                place,
            } => doctor::doctor(&place, output),
            Self::FaxWorker => fax::worker(),
        }
    }
}

/// Version, commit and build date.
pub(crate) const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("BELLWIRE_COMMIT"),
    ", ",
    env!("BELLWIRE_BUILT"),
    ")"
);
