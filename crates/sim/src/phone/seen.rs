//! What can be seen and heard of a phone.

use super::{Happened, Phone, Power, Stage, TONES_HZ};
use crate::ears;
use crate::voice::RATE_HZ;
use model::{Duration, Time};
use std::net::SocketAddr;

impl Phone {
    /// Whether it hears the other one well: in the last second, from beginning to end.
    #[must_use]
    pub fn hears(&self, other: &Self) -> bool {
        let samples = self.heard_within(SECOND);
        let enough = samples.len() * 10 > usize::try_from(RATE_HZ).unwrap_or(0) * 8;
        let windows = samples.chunks_exact(WINDOW);
        let count = windows.len();
        let is_loud =
            |part: &&[i16]| ears::level_dbfs(part, RATE_HZ, other.tone.hz.into()) > HEARD_DBFS;
        enough && windows.filter(is_loud).count() * 4 >= count * 3
    }

    /// Whether it has heard nothing at all of the other one in the last second.
    #[must_use]
    pub fn is_deaf_to(&self, other: &Self) -> bool {
        let samples = self.heard_within(SECOND);
        samples
            .chunks(WINDOW)
            .all(|part| ears::level_dbfs(part, RATE_HZ, other.tone.hz.into()) < UNHEARD_DBFS)
    }

    /// How loud each phone's tone was to it in the last second, in Hz and dB below full scale.
    #[must_use]
    pub fn levels(&self) -> Vec<(u32, f64)> {
        let samples = self.heard_within(SECOND);
        let level = |hz: u32| (hz, ears::level_dbfs(&samples, RATE_HZ, hz.into()).round());
        TONES_HZ.into_iter().map(level).collect()
    }

    /// The tones of phones that it heard within the last while.
    #[must_use]
    pub fn tones(&self, within: Duration) -> Vec<u32> {
        let samples = self.heard_within(within);
        let is_loud = |hz: &u32| ears::level_dbfs(&samples, RATE_HZ, (*hz).into()) > HEARD_DBFS;
        TONES_HZ.into_iter().filter(is_loud).collect()
    }

    /// Whether nothing came in the last second.
    #[must_use]
    pub fn hears_nothing(&self) -> bool {
        self.heard_within(SECOND).is_empty()
    }

    /// What it heard within the last while.
    #[must_use]
    pub fn heard_within(&self, while_: Duration) -> Vec<i16> {
        let micros = u64::try_from(while_.as_micros()).unwrap_or(u64::MAX);
        self.ears.since(Time(self.now.0.saturating_sub(micros)))
    }

    /// How many packets of sound came so far.
    #[must_use]
    pub const fn packets_heard(&self) -> u64 {
        self.ears.count
    }

    /// How far its newest call is; `None` when it has none.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.calls.values().next_back().map(|call| call.stage)
    }

    /// Whether it is plugged in.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.power == Power::On
    }

    /// How many calls it has.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// What happened at it, and when.
    #[must_use]
    pub fn log(&self) -> &[(Time, Happened)] {
        &self.log
    }

    /// How often that happened.
    #[must_use]
    pub fn count(&self, what: &Happened) -> usize {
        self.log.iter().filter(|(_, w)| w == what).count()
    }

    /// When that happened last.
    #[must_use]
    pub fn when(&self, what: &Happened) -> Option<Time> {
        let mut found = self.log.iter().rev().filter(|(_, w)| w == what);
        found.next().map(|(at, _)| *at)
    }

    /// Whether that happened.
    #[must_use]
    pub fn saw(&self, what: &Happened) -> bool {
        self.count(what) > 0
    }

    /// The keys that it heard, in order.
    #[must_use]
    pub fn keys(&self) -> String {
        let keys = self.log.iter().filter_map(|(_, what)| match what {
            Happened::Key(key) => Some(*key),
            _ => None,
        });
        keys.collect()
    }

    /// Its SIP address, as it knows it.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.flow.local
    }

    /// Its number.
    #[must_use]
    pub fn extension(&self) -> &str {
        &self.extension
    }
}

const SECOND: Duration = Duration::from_secs(1);
/// 200 ms: within it nobody notices that a packet is missing.
const WINDOW: usize = 1_600;
/// Above this a tone is heard: half of what phones send. Music has no single tone as loud.
const HEARD_DBFS: f64 = -18.0;
/// Below this nothing was heard: -50 dBm0 (CHECKLIST 2.26).
const UNHEARD_DBFS: f64 = -53.0;
