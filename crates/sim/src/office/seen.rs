//! What was done in an office, and what is left of it.

use super::{Office, PhoneId, START};
use crate::{Network, sound};
use model::{CallRecord, Duration, Fact, Phrase, Time};
use std::collections::BTreeSet;

/// What was done, and what is left.
impl Office {
    /// Everything that happened in the switch.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The call records so far.
    #[must_use]
    pub fn records(&self) -> Vec<&CallRecord> {
        let records = self.facts.iter().filter_map(|fact| match fact {
            Fact::Ended(record) => Some(record),
            _ => None,
        });
        records.collect()
    }

    /// The record of the only call so far.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[must_use]
    pub fn record(&self) -> &CallRecord {
        match self.records()[..] {
            [record] => record,
            ref records => panic!("not one record: {records:?}"),
        }
    }

    /// How many phones are registered.
    #[must_use]
    pub fn registered(&self) -> usize {
        self.edge.registered()
    }

    /// How many calls are in progress.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.switch.call_count()
    }

    /// What is left of calls anywhere in the server, as one sentence; `None` when nothing is.
    #[must_use]
    pub fn left_over(&self) -> Option<String> {
        let (calls, legs) = (self.switch.call_count(), self.edge.legs().count());
        let sessions = self.edge.sessions();
        let (sounds, ports) = self.sound.left();
        let began = self.facts.iter().filter_map(|fact| match fact {
            Fact::Began { call, .. } => Some(*call),
            _ => None,
        });
        let mut without: BTreeSet<_> = began.collect();
        // What became part of another call is told of in its record.
        for fact in &self.facts {
            if let Fact::Merged { call, .. } = fact {
                without.remove(call);
            }
        }
        let mut twice = Vec::new();
        for record in self.records() {
            if !without.remove(&record.call) {
                twice.push(record.call);
            }
        }
        let clean = [calls, legs, sessions, sounds, ports]
            .iter()
            .all(|n| *n == 0)
            && without.is_empty()
            && twice.is_empty();
        (!clean).then(|| {
            let legs: Vec<_> = self.edge.legs().collect();
            format!(
                "{calls} calls, {} legs {legs:?}, {sessions} sessions, {sounds} sounds, {ports} ports; without a \
                 record: {without:?}; with several: {twice:?}",
                legs.len()
            )
        })
    }

    /// Whether a phone hears music on hold: its last tenth of a second is somewhere in the track.
    #[must_use]
    pub fn hears_music(&self, phone: PhoneId) -> bool {
        let music = sound::library().music(crate::voice::RATE_HZ);
        let heard = self[phone].heard_within(Duration::from_secs(1));
        let last = heard.rchunks_exact(800).next();
        last.is_some_and(|piece| crate::ears::is_among(piece, &music))
    }

    /// Whether a phone has heard a phrase in the last half minute, in the system's language.
    #[must_use]
    pub fn hears_prompt(&self, phone: PhoneId, phrase: &'static str) -> bool {
        let language = self.directory.system.language;
        let rate = crate::voice::RATE_HZ;
        let prompt = sound::library().get(language, &Phrase::named(phrase), rate);
        let heard = self[phone].heard_within(Duration::from_secs(30));
        prompt.is_some_and(|prompt| crate::ears::is_among(&prompt, &heard))
    }

    /// What came over the network, as a file for Wireshark.
    #[must_use]
    pub fn pcap(&self) -> Vec<u8> {
        self.network.pcap()
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// What the phones went through, for whoever looks into a failure.
    #[must_use]
    pub fn story(&self, last: usize) -> String {
        let mut lines: Vec<(Time, String)> = Vec::new();
        for phone in &self.phones {
            for (at, what) in phone.log() {
                lines.push((
                    *at,
                    format!("{}@{} {what:?}", phone.extension(), phone.address()),
                ));
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        let skipped = lines.len().saturating_sub(last);
        let lines = lines.iter().skip(skipped);
        lines
            .map(|(at, line)| format!("{:>12.6} {line}\n", at.since(START).as_secs_f64()))
            .collect()
    }
}

/// A failing test leaves a capture.
impl Drop for Office {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("run").replace("::", "-");
            let file = crate::capture::keep(&name, self.seed, &self.pcap());
            eprintln!("{}seed {}, capture {file}", self.story(40), self.seed);
        }
    }
}
