//! The figures that are too many to be counted at each event.

use super::Signalling;
use crate::metrics::{TrunkFigures, Way};
use edge::TrunkState;
use media::Counts;
use model::{Now, Time, TrunkKind};
use std::time::Duration;

/// What was last shown in the metrics.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Figures {
    /// What media had counted then.
    pub(super) counted: Counts,
    /// When they may be shown again.
    pub(super) due: Time,
    /// Whether anything has happened since.
    pub(super) stale: bool,
}

impl Signalling {
    /// Brings the figures up to date that are too many to be counted at each event.
    pub(super) fn show_figures(&mut self, now: Now) {
        self.metrics
            .set_calls(count(self.switch.live().map(|call| call.phase)));
        self.metrics.set_registrations(self.edge.registered());
        self.metrics.set_bans(self.edge.bans(now));
        let trunks = self.edge.trunks(now).map(|trunk| TrunkFigures {
            up: trunk.state == TrunkState::Up,
            registered: match trunk.kind {
                TrunkKind::Peer => None,
                TrunkKind::Register => Some(trunk.registered_for.is_some()),
            },
            trunk: trunk.name,
        });
        self.metrics.set_trunks(trunks.collect());
        let counts = self.plane.counts();
        let before = std::mem::replace(&mut self.figures.counted, counts);
        self.figures.due = now.mono + FIGURES_EVERY;
        self.figures.stale = false;
        self.metrics
            .rtp_packets(Way::In, counts.received - before.received);
        self.metrics
            .rtp_packets(Way::Out, counts.sent - before.sent);
        self.metrics.rtp_lost(counts.lost - before.lost);
        self.metrics.srtp_refused(counts.refused - before.refused);
    }
}

/// How many of each there are.
fn count<'n>(names: impl Iterator<Item = &'n str>) -> Vec<(&'n str, u64)> {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for name in names {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

/// How often the figures are shown while anything happens.
const FIGURES_EVERY: Duration = Duration::from_secs(1);
