//! How legs fare and fared, until the records of their calls are written.

use crate::Gauge;
use model::{LegId, LegQuality};
use rtp::{Codec, Stream};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The figures of legs, of those that are closed too: a call's record is made after its legs are gone.
#[derive(Debug, Default)]
pub struct Ratings {
    legs: BTreeMap<LegId, Rated>,
    /// The oldest first.
    closed: VecDeque<LegId>,
}

#[derive(Debug, Default)]
struct Rated {
    gauge: Arc<Gauge>,
    /// What the peer may say.
    codecs: Vec<Codec>,
}

impl Ratings {
    /// A leg's ports are open: what is known of an earlier one of this number is forgotten.
    pub fn open(&mut self, leg: LegId) {
        if self.legs.insert(leg, Rated::default()).is_some() {
            self.closed.retain(|closed| *closed != leg);
        }
    }

    /// What offer and answer came to.
    pub fn agreed(&mut self, leg: LegId, stream: &Stream) {
        if let Some(rated) = self.legs.get_mut(&leg) {
            rated.codecs.clone_from(&stream.receives);
        }
    }

    /// Where a leg's figures are shown.
    #[must_use]
    pub fn gauge(&self, leg: LegId) -> Arc<Gauge> {
        let rated = self.legs.get(&leg);
        rated.map_or_else(Arc::default, |rated| Arc::clone(&rated.gauge))
    }

    /// A leg is closed; it is forgotten once many others are.
    pub fn close(&mut self, leg: LegId) {
        if !self.legs.contains_key(&leg) {
            return;
        }
        self.closed.push_back(leg);
        if self.closed.len() > CLOSED_MAX
            && let Some(oldest) = self.closed.pop_front()
        {
            self.legs.remove(&oldest);
        }
    }

    /// How a leg fares or fared; `None` when nothing was heard of it, or it was closed long ago.
    #[must_use]
    pub fn of(&self, leg: LegId) -> Option<LegQuality> {
        let rated = self.legs.get(&leg)?;
        let reading = rated.gauge.read(&rated.codecs)?;
        Some(LegQuality {
            leg,
            codec: reading.codec.encoding.to_string(),
            received: reading.received,
            lost: reading.lost,
            peer_lost: reading.peer_lost,
            peer_mos_x100: reading.peer_opinion_x10.map(|x10| u16::from(x10) * 10),
            jitter_ms: millis(reading.jitter),
            round_trip_ms: reading.round_trip.map(millis),
            // 100 to 450.
            mos_x100: (reading.rating.mean_opinion() * 100.0).round() as u16,
        })
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from((time.as_micros() + 500) / 1_000).unwrap_or(u32::MAX)
}

/// A leg that left its call while others went on is known until so many more were closed: 3 MB at most.
const CLOSED_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_legs_are_forgotten_oldest_first() {
        let mut ratings = Ratings::default();
        let most = u64::try_from(CLOSED_MAX).unwrap();
        for leg in 0..=most {
            ratings.open(LegId(leg));
        }
        for leg in 0..most {
            ratings.close(LegId(leg));
        }
        ratings.close(LegId(99_999));
        assert_eq!(ratings.legs.len(), CLOSED_MAX + 1);
        ratings.open(LegId(0));
        ratings.close(LegId(most));
        assert!(ratings.legs.contains_key(&LegId(1)), "there is room again");
        ratings.open(LegId(most + 1));
        ratings.close(LegId(most + 1));
        assert!(!ratings.legs.contains_key(&LegId(1)));
        assert!(ratings.legs.contains_key(&LegId(0)), "it is open");
        assert!(ratings.closed.len() <= CLOSED_MAX);
    }
}
