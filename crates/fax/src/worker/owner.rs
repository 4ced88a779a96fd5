//! The owner's side: never waits for the worker, and always gets an outcome.

use super::frame::{self, Carrier, Order, Report};
use crate::Reason;
use crate::engine::{Job, Outcome, Progress};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// A fax in a process of its own.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    orders: ChildStdin,
    reports: ChildStdout,
    /// What came of a frame that is not whole.
    partial: Vec<u8>,
    /// Orders that are to be answered and are not yet.
    unanswered: u32,
    pages: u32,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running,
    /// It died, hung or spoke nonsense; nobody was told yet.
    Broken,
    Ended,
}

impl Worker {
    /// Starts `command`, which calls [`serve`](super::serve) on its standard input and output.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(mut command: Command, job: &Job, carrier: Carrier) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(orders), Some(reports)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        never_wait(orders.as_fd())?;
        never_wait(reports.as_fd())?;
        let mut worker = Self {
            child,
            orders,
            reports,
            partial: Vec::new(),
            unanswered: 0,
            pages: 0,
            state: State::Running,
        };
        worker.give(&Order::Begin(job.clone(), carrier));
        Ok(worker)
    }

    /// Gives what the line brought; [`Report::Samples`] of the same length answers. At most
    /// [`SAMPLES_MAX`](super::SAMPLES_MAX).
    pub fn samples(&mut self, samples: &[i16]) {
        self.ask(&Order::Samples(samples.to_vec()));
    }

    /// Says that so many samples are lost; [`Report::Samples`] of the same length answers.
    pub fn missed(&mut self, samples: usize) {
        self.ask(&Order::Missed(samples));
    }

    /// Gives a datagram that came.
    pub fn datagram(&mut self, datagram: &[u8]) {
        self.give(&Order::Datagram(datagram.to_vec()));
    }

    /// Says that time went by over T.38; [`Report::Datagram`]s and [`Report::Elapsed`] answer.
    pub fn elapsed(&mut self, samples: usize) {
        self.ask(&Order::Elapsed(samples));
    }

    /// Begins the same fax over another carrier: both sides agreed on T.38 in a call that was answered.
    pub fn change(&mut self, job: &Job, carrier: Carrier) {
        self.unanswered = 0;
        self.give(&Order::Begin(job.clone(), carrier));
    }

    /// The call is gone.
    pub fn hang_up(&mut self) {
        self.give(&Order::HungUp);
    }

    /// Somebody does not want it any more.
    pub fn cancel(&mut self) {
        self.give(&Order::Cancel);
    }

    /// Kills a worker that does not end when it should. The outcome is [`Reason::Broken`].
    pub fn kill(&mut self) {
        self.broken();
    }

    /// What it said since it was asked last, without waiting. The last is always [`Progress::Ended`].
    pub fn report(&mut self) -> Option<Report> {
        loop {
            match self.state {
                State::Ended => return None,
                State::Broken => return Some(self.say_broken()),
                State::Running => {}
            }
            match frame::cut(&mut self.partial) {
                Ok(Some((kind, body))) => match Report::read(kind, &body) {
                    Some(report) => return Some(self.note(report)),
                    None => self.broken(),
                },
                Ok(None) if !self.read_more() => return None,
                Ok(None) => {}
                Err(_nonsense) => self.broken(),
            }
        }
    }

    /// How the process ended, for who looks into a broken one.
    pub fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The number of the process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn ask(&mut self, order: &Order) {
        self.unanswered += 1;
        if self.unanswered > UNANSWERED_MAX {
            self.broken();
        } else {
            self.give(order);
        }
    }

    fn give(&mut self, order: &Order) {
        if self.state != State::Running {
            return;
        }
        // A frame is below PIPE_BUF, so it goes whole or not at all. A full pipe means that the worker hangs; a
        // closed one, that it ended: what it said before is still to be read.
        match self.orders.write_all(&order.frame().0) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.broken(),
            Ok(()) | Err(_) => {}
        }
    }

    fn note(&mut self, report: Report) -> Report {
        match &report {
            Report::Samples(_) | Report::Elapsed => {
                self.unanswered = self.unanswered.saturating_sub(1);
            }
            Report::Progress(Progress::Pages(pages)) => self.pages = *pages,
            Report::Progress(Progress::Ended(_)) => self.state = State::Ended,
            Report::Progress(Progress::Peer(_) | Progress::Training(_)) | Report::Datagram(_) => {}
        }
        report
    }

    /// Whether there is more to look at.
    fn read_more(&mut self) -> bool {
        let mut bytes = [0; READ_BYTES];
        match self.reports.read(&mut bytes) {
            Ok(0) => self.broken(),
            Ok(length) => self.partial.extend(bytes.iter().take(length)),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return false,
                io::ErrorKind::Interrupted => {}
                _ => self.broken(),
            },
        }
        true
    }

    fn broken(&mut self) {
        if self.state == State::Running {
            self.state = State::Broken;
            let _gone = self.child.kill();
        }
    }

    fn say_broken(&mut self) -> Report {
        self.state = State::Ended;
        Report::Progress(Progress::Ended(Outcome {
            failure: Some(Reason::Broken),
            pages: self.pages,
        }))
    }
}

impl AsFd for Worker {
    /// Readable when there is a report.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reports.as_fd()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn never_wait(pipe: BorrowedFd<'_>) -> io::Result<()> {
    let flags = fcntl_getfl(pipe)?;
    Ok(fcntl_setfl(pipe, flags | OFlags::NONBLOCK)?)
}

/// How many blocks a worker may be behind: two seconds of 20 ms. A pipe holds more.
const UNANSWERED_MAX: u32 = 100;

/// Bytes that are read at once.
const READ_BYTES: usize = 4_096;
