//! Whether the places of a trunk answer: an OPTIONS now and then (AD-07).

use super::book::Presence;
use model::{Duration, Time};
use sip::Flow;

/// The questioning of one trunk's places.
#[derive(Debug, Default)]
pub(super) struct Health {
    probes: Vec<Probe>,
}

#[derive(Debug)]
struct Probe {
    flow: Flow,
    state: State,
    /// How often it was asked.
    round: u32,
    /// Questions in a row without an answer.
    failures: u8,
}

/// Where the questioning of a place stands; each has the time at which it goes on.
#[derive(Clone, Copy, Debug)]
enum State {
    /// It is asked then.
    Resting(Time),
    /// It was asked, and the question counts as unanswered then.
    Asked(Time),
}

impl State {
    const fn due(self) -> Time {
        match self {
            Self::Resting(due) | Self::Asked(due) => due,
        }
    }
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A place is to be asked, for the how-manieth time.
    Ask(Flow, u32),
    /// A place has not answered this time.
    Silent(Flow, u32),
}

impl Health {
    /// Takes the places of the trunk. New ones are asked at once.
    pub(super) fn found(&mut self, now: Time, flows: impl Iterator<Item = Flow>) {
        let mut known = std::mem::take(&mut self.probes);
        for flow in flows {
            let place = known.iter().position(|probe| probe.flow == flow);
            self.probes.push(match place {
                Some(place) => known.swap_remove(place),
                None => Probe {
                    flow,
                    state: State::Resting(now),
                    round: 0,
                    failures: 0,
                },
            });
        }
    }

    /// The next thing that is due. A place to be asked counts as asked then; one that is silent is passed to
    /// [`Self::failed`].
    pub(super) fn next(&mut self, now: Time) -> Option<Due> {
        let is_due = |probe: &&mut Probe| probe.state.due() <= now;
        let probe = self.probes.iter_mut().find(is_due)?;
        match probe.state {
            State::Resting(_) => {
                probe.state = State::Asked(now + ANSWER_WITHIN);
                probe.round = probe.round.wrapping_add(1);
                Some(Due::Ask(probe.flow, probe.round))
            }
            State::Asked(_) => Some(Due::Silent(probe.flow, probe.round)),
        }
    }

    /// A place answered. `spread` is a random number of milliseconds, so that not all are asked at once.
    pub(super) fn answered(&mut self, now: Time, flow: &Flow, spread: Duration) {
        if let Some(probe) = self.probe(flow) {
            probe.failures = 0;
            probe.state = State::Resting(now + EVERY + spread);
        }
    }

    /// A place did not answer this time, or cannot be reached. Says what it counts as from here on. Each question
    /// counts once, however often it is told that nothing came of it.
    pub(super) fn failed(&mut self, now: Time, flow: &Flow, round: u32) -> Presence {
        let waits =
            |probe: &&mut Probe| probe.round == round && matches!(probe.state, State::Asked(_));
        let Some(probe) = self.probe(flow).filter(waits) else {
            return Presence::There;
        };
        probe.failures = probe.failures.saturating_add(1);
        if probe.failures < FAILURES_MAX {
            probe.state = State::Resting(now + AGAIN_AFTER);
            return Presence::There;
        }
        probe.state = State::Resting(now + GONE_EVERY);
        Presence::Gone
    }

    /// When [`Self::next`] has something.
    pub(super) fn due(&self) -> Option<Time> {
        self.probes.iter().map(|probe| probe.state.due()).min()
    }

    fn probe(&mut self, flow: &Flow) -> Option<&mut Probe> {
        self.probes.iter_mut().find(|probe| probe.flow == *flow)
    }
}

/// A place that answers is asked this often, and up to [`SPREAD`] later. It also keeps the way through address
/// translators and the connection open.
const EVERY: Duration = Duration::from_secs(30);
/// See [`EVERY`].
pub(super) const SPREAD: Duration = Duration::from_secs(15);
/// How long a place may take to answer: over UDP it is asked four times in this time (RFC 3261 §17.1.2.2).
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// The wait before a place is asked a second time that did not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How often a place is asked that is gone.
const GONE_EVERY: Duration = Duration::from_secs(15);
/// Questions in a row without an answer that make a place count as gone.
const FAILURES_MAX: u8 = 2;
