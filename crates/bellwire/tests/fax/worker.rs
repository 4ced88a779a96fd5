//! `bellwire fax-worker`.

use fax::engine::{ErrorCorrection, Fastest, Job, Outcome, Progress, Task};
use fax::worker::{Carrier, Report, Worker};
use fax::{Page, Reason, Resolution, tiff};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::Command;

const T38: Carrier = Carrier::T38 {
    redundancy: 3,
    datagram_max: 400,
};

/// FAX-01, FAX-08
#[test]
fn two_processes_fax_over_sound_and_tell_how_it_goes() {
    let folder = Folder::new();
    let mut call = Call::new(&folder, Carrier::Audio, Carrier::Audio);
    assert_eq!(call.run(), [succeeded(2), succeeded(2)]);
    assert_eq!(folder.received(), folder.sent());
    let told = &call.ends[0].progress;
    assert!(told.contains(&Progress::Peer("200".to_owned())));
    assert!(
        told.iter()
            .any(|told| matches!(told, Progress::Training(training) if training.rate == 14_400))
    );
    assert!(told.contains(&Progress::Pages(1)) && told.contains(&Progress::Pages(2)));
}

/// FAX-10
#[test]
fn two_processes_fax_over_t38() {
    let folder = Folder::new();
    let mut call = Call::new(&folder, T38, T38);
    assert_eq!(call.run(), [succeeded(2), succeeded(2)]);
    assert_eq!(folder.received(), folder.sent());
}

/// FAX-10: the receiver's side asks for T.38 when it has heard that a fax calls.
#[test]
fn a_call_that_began_as_sound_goes_on_as_t38() {
    let folder = Folder::new();
    let mut call = Call::new(&folder, Carrier::Audio, Carrier::Audio);
    for _ in 0..150 {
        call.step();
    }
    for who in 0..2 {
        let job = job(&folder, who);
        call.ends[who].worker.change(&job, T38);
        call.ends[who].carrier = T38;
    }
    assert_eq!(call.run(), [succeeded(2), succeeded(2)]);
    assert_eq!(folder.received(), folder.sent());
}

/// A crash of the modem is the end of that fax, told with a reason, and of nothing else.
#[test]
fn a_worker_that_crashes_costs_its_own_fax() {
    for signal in [Signal::ABORT, Signal::KILL, Signal::ILL] {
        let folder = Folder::new();
        let mut call = Call::new(&folder, Carrier::Audio, Carrier::Audio);
        for _ in 0..500 {
            call.step();
        }
        call.ends[0].signal(signal);
        let [sender, receiver] = call.run();
        assert_eq!(sender, failed(Reason::Broken, sender.pages));
        assert!(
            receiver.failure.is_some(),
            "the other end gives up by itself"
        );
    }
}

/// A worker that hangs is found by what it does not answer.
#[test]
fn a_worker_that_hangs_is_given_up() {
    let folder = Folder::new();
    let mut call = Call::new(&folder, Carrier::Audio, Carrier::Audio);
    for _ in 0..100 {
        call.step();
    }
    call.ends[0].signal(Signal::STOP);
    let end = &mut call.ends[0];
    for _ in 0..200 {
        end.worker.samples(&[0; 160]);
    }
    end.take(|end| end.outcome().is_some());
    assert_eq!(end.outcome(), Some(&failed(Reason::Broken, 0)));
}

/// FAX-08, FAX-07
#[test]
fn hanging_up_and_cancelling_are_told_apart() {
    for (cancel, reason) in [(false, Reason::Dropped), (true, Reason::Cancelled)] {
        for carrier in [Carrier::Audio, T38] {
            let folder = Folder::new();
            let mut call = Call::new(&folder, carrier, carrier);
            for _ in 0..300 {
                call.step();
            }
            let end = &mut call.ends[0];
            if cancel {
                end.worker.cancel();
            } else {
                end.worker.hang_up();
            }
            end.take(|end| end.outcome().is_some());
            assert_eq!(end.outcome(), Some(&failed(reason, 0)));
        }
    }
}

#[test]
fn a_worker_ends_when_its_owner_is_gone() {
    let mut command = bellwire();
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped());
    let output = command.output().expect("it runs");
    assert!(output.status.success());
}

#[test]
fn nonsense_in_the_pipe_ends_a_worker() {
    use std::io::Write;
    let mut child = bellwire()
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(&[77; 5_000]).expect("it is taken");
    drop(pipe);
    assert!(!child.wait().expect("it ends").success());
}

/// T.38 packets changed at random on the way: whatever the library makes of them, each fax ends with an outcome.
#[test]
fn calls_with_mutated_packets_all_end() {
    let folder = Folder::new();
    for seed in 0..40 {
        let mut call = Call::new(&folder, T38, T38);
        call.mutates = Some(seed);
        call.run();
    }
}

fn bellwire() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwire"));
    command.arg("fax-worker");
    command
}

fn succeeded(pages: u32) -> Outcome {
    Outcome {
        failure: None,
        pages,
    }
}

fn failed(reason: Reason, pages: u32) -> Outcome {
    Outcome {
        failure: Some(reason),
        pages,
    }
}

fn job(folder: &Folder, who: usize) -> Job {
    let file = folder.path(["sent.tif", "received.tif"][who]);
    Job {
        task: if who == 0 {
            Task::Send { file, from: 0 }
        } else {
            Task::Receive { file }
        },
        ident: ["100", "200"][who].to_owned(),
        error_correction: ErrorCorrection::On,
        fastest: Fastest::V17,
    }
}

/// A folder with two pages to send.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        let mut writer = tiff::Writer::create(&folder.path("sent.tif")).expect("it begins");
        for number in 0..2 {
            let mut page = Page::white(Resolution::Fine, 1_000);
            for y in 0..1_000 {
                for x in (100..1_600).filter(|x| (x / 8 * 7 + y / 8 * (3 + number)) % 11 == 0) {
                    page.blacken(x, y);
                }
            }
            writer.page(&page).expect("it is written");
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn sent(&self) -> Vec<Page> {
        read(&self.path("sent.tif"))
    }

    fn received(&self) -> Vec<Page> {
        read(&self.path("received.tif"))
    }
}

fn read(path: &Path) -> Vec<Page> {
    tiff::read(&std::fs::read(path).expect("a file")).expect("pages")
}

/// One process and what it told.
struct End {
    worker: Worker,
    carrier: Carrier,
    progress: Vec<Progress>,
    samples: Vec<i16>,
    datagrams: Vec<Vec<u8>>,
    answered: bool,
}

impl End {
    fn new(folder: &Folder, who: usize, carrier: Carrier) -> Self {
        Self {
            worker: Worker::start(bellwire(), &job(folder, who), carrier).expect("it starts"),
            carrier,
            progress: Vec::new(),
            samples: vec![0; 160],
            datagrams: Vec::new(),
            answered: false,
        }
    }

    fn outcome(&self) -> Option<&Outcome> {
        self.progress.iter().find_map(|progress| match progress {
            Progress::Ended(outcome) => Some(outcome),
            _ => None,
        })
    }

    fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(self.worker.process() as i32).expect("a process");
        kill_process(process, signal).expect("it runs");
    }

    /// Takes reports until what is waited for came.
    fn take(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            while let Some(report) = self.worker.report() {
                match report {
                    Report::Samples(samples) => (self.samples, self.answered) = (samples, true),
                    Report::Datagram(datagram) => self.datagrams.push(datagram),
                    Report::Elapsed => self.answered = true,
                    Report::Progress(progress) => self.progress.push(progress),
                }
            }
            if done(self) {
                return;
            }
            let mut pipe = [PollFd::new(&self.worker, PollFlags::IN)];
            let deadline = Timespec {
                tv_sec: 30,
                tv_nsec: 0,
            };
            assert_ne!(poll(&mut pipe, Some(&deadline)), Ok(0), "it says nothing");
        }
    }

    /// Gives 20 ms of what the other said, and takes the answer.
    fn exchange(&mut self, samples: &[i16], datagrams: &[Vec<u8>]) {
        if self.outcome().is_some() {
            self.samples.fill(0);
            self.datagrams.clear();
            return;
        }
        self.answered = false;
        match self.carrier {
            Carrier::Audio => self.worker.samples(samples),
            Carrier::T38 { .. } => {
                for datagram in datagrams {
                    self.worker.datagram(datagram);
                }
                self.worker.elapsed(160);
            }
        }
        self.take(|end| end.answered || end.outcome().is_some());
    }
}

struct Call {
    ends: [End; 2],
    mutates: Option<u64>,
    steps: u32,
}

impl Call {
    fn new(folder: &Folder, sender: Carrier, receiver: Carrier) -> Self {
        Self {
            ends: [End::new(folder, 0, sender), End::new(folder, 1, receiver)],
            mutates: None,
            steps: 0,
        }
    }

    fn step(&mut self) {
        self.steps += 1;
        for who in 0..2 {
            let other = &mut self.ends[1 - who];
            let samples = other.samples.clone();
            let mut datagrams = std::mem::take(&mut other.datagrams);
            if let Some(random) = &mut self.mutates {
                datagrams
                    .iter_mut()
                    .for_each(|datagram| mutate(datagram, random));
            }
            self.ends[who].exchange(&samples, &datagrams);
        }
    }

    fn run(&mut self) -> [Outcome; 2] {
        while self.ends.iter().any(|end| end.outcome().is_none()) {
            assert!(self.steps < 3_600 * 50, "an hour is enough");
            self.step();
        }
        [0, 1].map(|who| self.ends[who].outcome().expect("both ended").clone())
    }
}

/// Changes a byte behind the number in one datagram of five.
fn mutate(datagram: &mut [u8], random: &mut u64) {
    let mut next = || {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *random >> 33
    };
    if next() % 5 == 0 && datagram.len() > 3 {
        let place = 2 + next() as usize % (datagram.len() - 2);
        datagram[place] = next() as u8;
    }
}
