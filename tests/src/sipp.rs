//! A crowd of phones: `sipp` (Debian's `sip-tester`) with the scenarios of `tests/sipp/`.

use crate::{PATIENCE, Process, ports::is_taken, until};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// What a run is to be like.
#[derive(Debug)]
pub struct SippSetup {
    scenario: PathBuf,
    local: SocketAddr,
    arguments: Vec<String>,
    users: Option<String>,
}

/// A run in progress.
#[derive(Debug)]
pub struct Sipp {
    process: Process,
    folder: TempDir,
    local: SocketAddr,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it exited with; 0 when every call went as written. `None` when it was killed.
    pub exit: Option<i32>,
    figures: HashMap<String, String>,
    errors: String,
}

impl SippSetup {
    /// Sends to a server.
    #[must_use]
    pub fn to(self, server: SocketAddr) -> Self {
        self.argument(&server.to_string())
    }

    /// Makes so many calls, so many a second, then ends.
    #[must_use]
    pub fn calls(self, count: u32, per_second: u32) -> Self {
        self.option("-m", count).option("-r", per_second)
    }

    /// The lines of the injection file, fields separated by `;`, taken one after the other.
    #[must_use]
    pub fn users(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        let lines: Vec<String> = lines.into_iter().collect();
        self.users = Some(format!("SEQUENTIAL\n{}\n", lines.join("\n")));
        self
    }

    /// A variable of the scenario: `[name]`.
    #[must_use]
    pub fn key(self, name: &str, value: impl ToString) -> Self {
        self.argument("-key")
            .argument(name)
            .argument(&value.to_string())
    }

    /// An option with its value.
    #[must_use]
    pub fn option(self, name: &str, value: impl ToString) -> Self {
        self.argument(name).argument(&value.to_string())
    }

    /// An argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Starts the run and waits until it listens.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn start(self) -> Sipp {
        let folder = tempfile::tempdir().expect("a folder for sipp");
        let scenario = self.scenario.display().to_string();
        let (ip, port) = (self.local.ip().to_string(), self.local.port().to_string());
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (errors, figures, log) = (at("errors"), at("figures"), at("log"));
        let mut program: Vec<&str> = vec![
            "sipp",
            "-sf",
            &scenario,
            "-i",
            &ip,
            "-p",
            &port,
            "-mi",
            &ip,
            "-nostdin",
            "-trace_err",
            "-error_file",
            &errors,
            "-trace_logs",
            "-log_file",
            &log,
            "-trace_stat",
            "-stf",
            &figures,
            "-fd",
            "1",
        ];
        let users = at("users");
        if let Some(lines) = &self.users {
            std::fs::write(&users, lines).expect("an injection file");
            program.extend(["-inf", &users]);
        }
        program.extend(self.arguments.iter().map(String::as_str));
        let process = Process::start("sipp", &program, |command| {
            command.current_dir(folder.path()).env("TERM", "dumb");
        });
        let mut run = Sipp {
            process,
            folder,
            local: self.local,
        };
        until("sipp listens", PATIENCE, || {
            run.process.ended().is_some() || is_taken(run.local)
        });
        run
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it does not end by the deadline.
    #[must_use]
    pub fn run(self, within: Duration) -> Outcome {
        self.start().ends(within)
    }
}

impl Sipp {
    /// A run of a scenario in `tests/sipp/`, speaking from this address.
    ///
    /// # Panics
    /// When there is no such scenario.
    #[must_use]
    pub fn scenario(name: &str, local: SocketAddr) -> SippSetup {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sipp");
        let scenario = folder.join(name);
        assert!(scenario.exists(), "{} is missing", scenario.display());
        SippSetup {
            scenario,
            local,
            arguments: Vec::new(),
            users: None,
        }
    }

    /// Waits until it has made its calls.
    ///
    /// # Panics
    /// When it has not by the deadline.
    #[must_use]
    pub fn ends(mut self, within: Duration) -> Outcome {
        let Some(status) = self.process.wait(within) else {
            panic!(
                "sipp did not end within {within:?}:\n{:#?}",
                self.outcome(None)
            );
        };
        self.outcome(status.code())
    }

    /// What the scenario has logged, line by line.
    #[must_use]
    pub fn logged(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Lets it finish what it is at, and gives what it counted.
    #[must_use]
    pub fn stopped(mut self) -> Outcome {
        self.process.signal(rustix::process::Signal::USR1);
        let status = self.process.wait(Duration::from_secs(5));
        self.outcome(status.and_then(|status| status.code()))
    }

    fn outcome(&self, exit: Option<i32>) -> Outcome {
        let read =
            |name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let figures = read("figures");
        let mut lines = figures.lines();
        let names = lines.next().unwrap_or_default().split(';');
        let last = lines.last().unwrap_or_default().split(';');
        let pairs = names.zip(last);
        Outcome {
            exit,
            figures: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            errors: read("errors").chars().take(ERRORS_MAX).collect(),
        }
    }
}

impl Outcome {
    /// A count over the whole run, as `SuccessfulCall`; 0 when it was not counted.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        let figure = self.figures.get(&format!("{name}(C)"));
        figure.and_then(|figure| figure.parse().ok()).unwrap_or(0)
    }

    /// Fails unless so many calls went as written, and no call did not.
    ///
    /// # Panics
    /// When it is otherwise.
    pub fn all_went_well(&self, calls: u64) {
        let counts = (self.count("SuccessfulCall"), self.count("FailedCall"));
        assert_eq!(
            counts,
            (calls, 0),
            "{}: {}",
            self.exit.unwrap_or(-1),
            self.errors
        );
        assert_eq!(self.exit, Some(0), "{}", self.errors);
    }
}

/// Characters of the error log that a failure shows.
const ERRORS_MAX: usize = 4_000;
