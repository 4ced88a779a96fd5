//! What is the same over sound and over packets: how the call goes and how it ended.

use super::frame::{self, Training};
use super::spandsp::{Heard, T30};
use super::watchdog::{Bite, Watchdog};
use crate::Reason;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What happens in a call, for who watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The other machine said who it is.
    Peer(String),
    /// Both machines try a speed.
    Training(Training),
    /// So many pages went through, those before the first one sent not counted.
    Pages(u32),
    /// It is over; nothing follows.
    Ended(Outcome),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it failed; nothing when all pages went through.
    pub failure: Option<Reason>,
    /// Pages that the receiver confirmed.
    pub pages: u32,
}

/// The state of one end.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) t30: T30,
    watchdog: Watchdog,
    progress: VecDeque<Progress>,
    pages: u32,
    peer_known: bool,
    /// Whether the other side ever spoke as a fax machine does.
    peer_heard: bool,
    ended: bool,
}

impl Call {
    pub(super) const fn new(t30: T30) -> Self {
        Self {
            t30,
            watchdog: Watchdog::new(),
            progress: VecDeque::new(),
            pages: 0,
            peer_known: false,
            peer_heard: false,
            ended: false,
        }
    }

    pub(super) fn next(&mut self) -> Option<Progress> {
        self.progress.pop_front()
    }

    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    pub(super) const fn life(&mut self) {
        self.watchdog.life();
    }

    /// Takes in what the library said, and that time went by.
    pub(super) fn elapse(&mut self, samples: usize) {
        self.look();
        if self.ended {
            return;
        }
        match self.watchdog.elapse(samples) {
            None => {}
            Some(Bite::Silence) => self.abandon(Reason::Silence),
            Some(Bite::Page) => self.abandon(Reason::TooSlow),
        }
    }

    /// Ends the call from this side and says why.
    pub(super) fn abandon(&mut self, reason: Reason) {
        if self.ended {
            return;
        }
        self.t30.terminate();
        self.look_until_the_end();
        self.end(Some(reason));
    }

    /// Takes in what the library said.
    pub(super) fn look(&mut self) {
        if let Some(failure) = self.look_until_the_end() {
            self.end(failure);
        }
    }

    /// Says what happened; how it ended, if it did.
    fn look_until_the_end(&mut self) -> Option<Option<Reason>> {
        self.count_pages();
        let mut end = None;
        for heard in self.t30.heard() {
            match heard {
                Heard::Received(frame) => {
                    self.peer_heard = true;
                    self.frame(&frame);
                }
                Heard::Sent(frame) => self.frame(&frame),
                Heard::Ended { code, pages } => {
                    self.say_pages(pages);
                    end = Some(Reason::of_t30(code));
                }
            }
        }
        end
    }

    fn frame(&mut self, frame: &[u8]) {
        if let Some(training) = frame::training(frame) {
            self.say_peer();
            self.say(Progress::Training(training));
        }
    }

    fn count_pages(&mut self) {
        if !self.ended {
            let pages = self.t30.pages();
            self.say_pages(pages);
        }
    }

    fn say_pages(&mut self, pages: u32) {
        if pages > self.pages {
            self.pages = pages;
            self.watchdog.page();
            self.say(Progress::Pages(pages));
        }
    }

    fn say_peer(&mut self) {
        if !self.peer_known
            && let Some(ident) = self.t30.peer()
        {
            self.peer_known = true;
            self.say(Progress::Peer(ident));
        }
    }

    fn end(&mut self, failure: Option<Reason>) {
        if self.ended {
            return;
        }
        self.say_peer();
        self.ended = true;
        let failure = match failure {
            Some(Reason::NoResponse | Reason::PageRefused | Reason::Silence)
                if !self.peer_heard =>
            {
                Some(Reason::NoFaxTone)
            }
            failure => failure,
        };
        self.progress.push_back(Progress::Ended(Outcome {
            failure,
            pages: self.pages,
        }));
    }

    /// Keeps what nobody took within bounds; how a call ended is always told.
    fn say(&mut self, progress: Progress) {
        if self.progress.len() < PROGRESS_MAX {
            self.progress.push_back(progress);
        }
    }
}

/// What waits to be taken at most.
const PROGRESS_MAX: usize = 256;
