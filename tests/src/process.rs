//! A program that a test started, and that ends with the test.

use crate::Log;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A running program. It leads a process group of its own, which is killed when the value goes; the kernel
/// kills it too when the thread that started it ends without that, as when the test run is interrupted.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Log<String>,
    readers: Vec<JoinHandle<()>>,
    /// Lines before this place were waited for already.
    mark: usize,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts a program with its arguments; `arrange` sets folder, environment and the like.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(name: &str, program: &[&str], arrange: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .args(program)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        arrange(&mut command);
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("setpriv {program:?} does not start: {error}"));
        let lines = Log::new(name);
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        let readers = streams
            .into_iter()
            .flatten()
            .map(|stream| {
                let lines = lines.clone();
                std::thread::spawn(move || read(stream, &lines))
            })
            .collect();
        Self {
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines,
            readers,
            mark: 0,
            ended: None,
        }
    }

    /// Types a line. A program that has ended hears nothing, which what is waited for next will show.
    pub fn type_line(&mut self, line: &str) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// Waits for a line that contains one of these texts; only lines after the last one waited for count.
    ///
    /// # Panics
    /// When there is none by the deadline.
    pub fn expect_line(&mut self, any: &[&str], within: Duration) -> String {
        let what = any.join("|");
        let (line, next) = self.lines.expect(&what, self.mark, within, |line| {
            any.iter().any(|text| line.contains(text))
        });
        self.mark = next;
        line
    }

    /// As [`Process::expect_line`], without failing.
    pub fn find_line(&mut self, any: &[&str], within: Duration) -> Option<String> {
        let (line, next) = self.lines.find(self.mark, within, |line| {
            any.iter().any(|text| line.contains(text))
        })?;
        self.mark = next;
        Some(line)
    }

    /// All it said, on either stream.
    #[must_use]
    pub const fn lines(&self) -> &Log<String> {
        &self.lines
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the program and whatever it started.
    pub fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let (Some(group), None) = (group, self.ended) {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }

    /// How it ended, once it has: all it said has been read then.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
            if self.ended.is_some() {
                for reader in self.readers.drain(..) {
                    // A reader only reads.
                    let _ = reader.join();
                }
            }
        }
        self.ended
    }

    /// Waits until it has ended; `None` when it still runs at the deadline.
    pub fn wait(&mut self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            match self.ended() {
                Some(status) => return Some(status),
                None if Instant::now() > deadline => return None,
                None => std::thread::sleep(LOOK_EVERY),
            }
        }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait(crate::PATIENCE);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{} ({}) said:\n{}", self.name, self.id(), self.lines.tail());
        }
    }
}

fn read(stream: impl Read, lines: &Log<String>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        match stream.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => lines.push(String::from_utf8_lossy(&line).trim_end().to_owned()),
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PATIENCE;

    #[test]
    fn a_program_ends_with_its_value_together_with_what_it_started() {
        let mut shell = Process::start(
            "sh",
            &["sh", "-c", "sleep 1000 & echo child $!; wait"],
            |_| {},
        );
        let line = shell.expect_line(&["child"], PATIENCE);
        let child = line.rsplit(' ').next().expect("a number").to_owned();
        let alive = || {
            let stat = std::fs::read_to_string(format!("/proc/{child}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        assert!(alive());
        drop(shell);
        crate::until("the child is gone", PATIENCE, || !alive());
    }

    #[test]
    fn what_is_typed_is_heard_and_what_is_said_is_read_to_the_end() {
        let mut cat = Process::start("cat", &["head", "-n", "1"], |_| {});
        cat.type_line("hello");
        assert!(cat.wait(PATIENCE).is_some_and(|status| status.success()));
        assert_eq!(cat.lines().since(0), ["hello"]);
    }
}
