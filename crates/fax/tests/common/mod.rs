//! A line with a machine at each end, and pages to send.
#![allow(dead_code)] // Not every test file uses all of it.

use fax::engine::{Audio, ErrorCorrection, Fastest, Job, Outcome, Progress, Task};
use fax::{Page, Resolution, WIDTH, tiff};
use std::path::{Path, PathBuf};

/// A folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, pages: &[Page]) -> PathBuf {
        let path = self.path(name);
        let mut writer = tiff::Writer::create(&path).expect("it begins");
        for page in pages {
            writer.page(page).expect("it is written");
        }
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<Page> {
        tiff::read(&std::fs::read(self.path(name)).expect("a file")).expect("pages")
    }
}

/// Pages of A4 that look like text and differ from one another.
pub(crate) fn pages(resolution: Resolution, count: u32) -> Vec<Page> {
    (0..count)
        .map(|number| {
            let mut page = Page::white(resolution, resolution.rows(2_970));
            for y in 100..page.height() - 100 {
                for x in 150..WIDTH - 150 {
                    let letter = (x / 24) * 31 + (y / 40) * 17 + number * 7;
                    if y % 40 < 24 && x % 24 < 18 && (letter ^ (x / 4) ^ (y / 6)) % 3 == 0 {
                        page.blacken(x, y);
                    }
                }
            }
            page
        })
        .collect()
}

pub(crate) fn send(file: &Path) -> Job {
    Job {
        task: Task::Send {
            file: file.to_owned(),
            from: 0,
        },
        ident: "+86 28 100".to_owned(),
        error_correction: ErrorCorrection::On,
        fastest: Fastest::V17,
    }
}

pub(crate) fn receive(file: &Path) -> Job {
    Job {
        task: Task::Receive {
            file: file.to_owned(),
        },
        ident: "+86 28 200".to_owned(),
        ..send(file)
    }
}

/// One machine and what it told.
pub(crate) struct Ear {
    pub(crate) end: Audio,
    pub(crate) progress: Vec<Progress>,
}

impl Ear {
    pub(crate) fn new(end: Audio) -> Self {
        Self {
            end,
            progress: Vec::new(),
        }
    }

    pub(crate) fn outcome(&self) -> Option<&Outcome> {
        self.progress.iter().find_map(|progress| match progress {
            Progress::Ended(outcome) => Some(outcome),
            _ => None,
        })
    }

    fn listen(&mut self) {
        while let Some(progress) = self.end.progress() {
            self.progress.push(progress);
        }
    }
}

/// A line through G.711, 20 ms at a time.
pub(crate) struct Line {
    pub(crate) sender: Ear,
    pub(crate) receiver: Ear,
    pub(crate) loses_one_in: Option<u32>,
    blocks: u32,
}

impl Line {
    pub(crate) fn new(
        from: &Path,
        to: &Path,
        correction: ErrorCorrection,
        fastest: Fastest,
    ) -> Self {
        let (mut send, mut receive) = (send(from), receive(to));
        for job in [&mut send, &mut receive] {
            job.error_correction = correction;
            job.fastest = fastest;
        }
        Self::of(&send, &receive)
    }

    pub(crate) fn from_page(from: &Path, to: &Path, page: u32) -> Self {
        let mut job = send(from);
        job.task = Task::Send {
            file: from.to_owned(),
            from: page,
        };
        Self::of(&job, &receive(to))
    }

    fn of(send: &Job, receive: &Job) -> Self {
        Self {
            sender: Ear::new(Audio::new(send).expect("it begins")),
            receiver: Ear::new(Audio::new(receive).expect("it begins")),
            loses_one_in: None,
            blocks: 0,
        }
    }

    pub(crate) fn seconds(&self) -> u32 {
        self.blocks / 50
    }

    /// Runs until both ended.
    pub(crate) fn run(&mut self) {
        self.run_until(|line| line.sender.outcome().is_some() && line.receiver.outcome().is_some());
    }

    pub(crate) fn run_for(&mut self, seconds: u32) {
        let until = self.blocks + seconds * 50;
        self.run_until(|line| line.blocks >= until);
    }

    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            assert!(self.seconds() < 3_600, "an hour is enough");
            self.step();
        }
    }

    fn step(&mut self) {
        let mut blocks = [[0_i16; 160]; 2];
        self.sender.end.speak(&mut blocks[0]);
        self.receiver.end.speak(&mut blocks[1]);
        for block in &mut blocks {
            for sample in block {
                *sample = companded(*sample);
            }
        }
        self.blocks += 1;
        let lost = |direction: u32| {
            self.loses_one_in
                .is_some_and(|one_in| random(self.blocks * 2 + direction).is_multiple_of(one_in))
        };
        let (lost_there, lost_back) = (lost(0), lost(1));
        for (ear, block, lost) in [
            (&mut self.receiver, &blocks[0], lost_there),
            (&mut self.sender, &blocks[1], lost_back),
        ] {
            if lost {
                ear.end.miss(block.len());
            } else {
                ear.end.hear(block);
            }
            ear.listen();
        }
    }

    pub(crate) fn both_succeeded(&self, pages: u32) {
        let well = Outcome {
            failure: None,
            pages,
        };
        assert_eq!(
            self.sender.outcome(),
            Some(&well),
            "{:?}",
            self.sender.progress
        );
        assert_eq!(
            self.receiver.outcome(),
            Some(&well),
            "{:?}",
            self.receiver.progress
        );
    }
}

/// Runs one end against what `line` brings, until it ended; returns the seconds.
pub(crate) fn until_ended(ear: &mut Ear, mut line: impl FnMut(&mut [i16])) -> u32 {
    for block_number in 0.. {
        ear.listen();
        if ear.outcome().is_some() || block_number > 50 * 3_600 {
            return block_number / 50;
        }
        let mut block = [0; 160];
        ear.end.speak(&mut block);
        line(&mut block);
        ear.end.hear(&block);
    }
    unreachable!()
}

/// Something between a voice and a hum.
pub(crate) struct Hum {
    level: f32,
    time: f32,
}

impl Hum {
    pub(crate) fn new(level: f32) -> Self {
        Self { level, time: 0.0 }
    }

    pub(crate) fn fill(&mut self, block: &mut [i16]) {
        for sample in block {
            self.time += 1.0 / 8_000.0;
            let tone = |hz: f32| (self.time * hz * std::f32::consts::TAU).sin();
            let syllable = tone(3.1).abs();
            *sample = (self.level * syllable * (tone(220.0) + tone(447.0) / 2.0) / 1.5) as i16;
        }
    }
}

/// A sample after A-law and back (G.711), near enough: eight bits, finer where it is quiet.
pub(crate) fn companded(sample: i16) -> i16 {
    let magnitude = i32::from(sample.unsigned_abs()).min(32_635);
    let exponent = (magnitude >> 8).max(1).ilog2().min(7);
    let step = if magnitude < 256 { 16 } else { 16 << exponent };
    let value = magnitude / step * step + step / 2;
    let value = value.min(32_767) as i16;
    if sample < 0 { -value } else { value }
}

/// The same numbers in every run.
pub(crate) fn random(seed: u32) -> u32 {
    let mut x = seed.wrapping_mul(0x9E37_79B9) ^ 0x5BD1_E995;
    x ^= x >> 15;
    x = x.wrapping_mul(0x2C1B_3C6D);
    x ^= x >> 12;
    x = x.wrapping_mul(0x297A_2D39);
    x ^ (x >> 15)
}
