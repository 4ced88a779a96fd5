//! Keys pressed in a conversation: which are codes, and which are the other party's (FC-08, FC-09, P-06 to P-08).

use crate::cx::Cx;
use crate::features::codes::{self, Code, Keyed, Place};
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use model::{Digit, Duration, TimerId};
use serde::{Deserialize, Serialize};

/// What one party has pressed and nobody has understood yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pressed {
    keys: VecDeque<Digit>,
    waits: Option<Waits>,
}

/// What the next key is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Waits {
    /// It may complete a code.
    ForMore(TimerId),
    /// A `#` would only end the code before it (P-08).
    ForEnd(TimerId),
}

/// What came of a key, or of waiting for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Nothing yet.
    More,
    /// A code.
    Code(Code),
    /// No code: these are the other party's.
    Keys(Vec<Digit>),
}

impl Pressed {
    pub(crate) const fn new() -> Self {
        Self {
            keys: VecDeque::new(),
            waits: None,
        }
    }

    /// Takes a key.
    pub(crate) fn key(&mut self, key: Digit, place: Place, cx: &mut Cx<'_>) -> Read {
        let waited = self.waits;
        self.stop(cx);
        if matches!(waited, Some(Waits::ForEnd(_))) && key.as_char() == '#' {
            return Read::More;
        }
        self.keys.push_back(key);
        let mut others = Vec::new();
        while !self.keys.is_empty() {
            let text: String = self.keys.iter().map(|key| key.as_char()).collect();
            match codes::keyed(&text, place, &cx.directory().feature_codes) {
                Keyed::Code(code) if others.is_empty() => return self.understood(code, cx),
                // What was pressed before it goes to the other party; the code waits for its turn.
                Keyed::Code(_) | Keyed::Begun(_) => {
                    self.waits = Some(Waits::ForMore(cx.timer(PAUSE)));
                    break;
                }
                Keyed::Nothing => others.extend(self.keys.pop_front()),
            }
        }
        if others.is_empty() {
            Read::More
        } else {
            Read::Keys(others)
        }
    }

    /// No further key came. `None`: it is none of our timers.
    pub(crate) fn waited(&mut self, timer: TimerId, place: Place, cx: &mut Cx<'_>) -> Option<Read> {
        match self.waits? {
            Waits::ForEnd(waits) if waits == timer => {
                self.waits = None;
                Some(Read::More)
            }
            Waits::ForMore(waits) if waits == timer => {
                self.waits = None;
                let text: String = self.keys.iter().map(|key| key.as_char()).collect();
                Some(
                    match codes::keyed(&text, place, &cx.directory().feature_codes) {
                        Keyed::Code(code) | Keyed::Begun(Some(code)) => self.understood(code, cx),
                        Keyed::Begun(None) | Keyed::Nothing => {
                            Read::Keys(self.keys.drain(..).collect())
                        }
                    },
                )
            }
            Waits::ForEnd(_) | Waits::ForMore(_) => None,
        }
    }

    fn understood(&mut self, code: Code, cx: &mut Cx<'_>) -> Read {
        self.keys.clear();
        self.waits = Some(Waits::ForEnd(cx.timer(PAUSE)));
        Read::Code(code)
    }

    /// Waits no longer.
    pub(crate) fn stop(&mut self, cx: &mut Cx<'_>) {
        if let Some(Waits::ForMore(timer) | Waits::ForEnd(timer)) = self.waits.take() {
            cx.cancel(timer);
        }
    }

    pub(crate) fn timer(&self) -> Option<TimerId> {
        self.waits
            .map(|(Waits::ForMore(timer) | Waits::ForEnd(timer))| timer)
    }
}

/// The pause after which keys are what they are (FC-09), and in which a `#` only ends a code (P-08).
const PAUSE: Duration = Duration::from_millis(1_500);
