//! A leg's newest figures, where another thread can read them.

use super::Quality;
use rtp::Codec;
use rtp::quality::{Loss, Path, Rating};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// How a leg fares, written by the thread that carries its sound and read by any other, without a lock: figures that
/// are read together may be 250 ms apart, which nobody notices.
#[derive(Debug)]
pub struct Gauge {
    /// Of the codec that was said last.
    payload_type: AtomicU8,
    /// 0 until the peer has said it.
    peer_opinion_x10: AtomicU8,
    expected: AtomicU64,
    received: AtomicU64,
    lost: AtomicU64,
    bursts: AtomicU64,
    peer_lost: AtomicU64,
    jitter_micros: AtomicU64,
    /// [`UNKNOWN`] until the peer has said it.
    round_trip_micros: AtomicU64,
    delay_micros: AtomicU64,
}

/// What a gauge showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) codec: Codec,
    pub(crate) received: u64,
    pub(crate) lost: u64,
    pub(crate) peer_lost: u64,
    pub(crate) peer_opinion_x10: Option<u8>,
    pub(crate) jitter: Duration,
    pub(crate) round_trip: Option<Duration>,
    pub(crate) rating: Rating,
}

impl Default for Gauge {
    fn default() -> Self {
        Self {
            payload_type: AtomicU8::new(0),
            peer_opinion_x10: AtomicU8::new(0),
            expected: AtomicU64::new(0),
            received: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            bursts: AtomicU64::new(0),
            peer_lost: AtomicU64::new(0),
            jitter_micros: AtomicU64::new(0),
            round_trip_micros: AtomicU64::new(UNKNOWN),
            delay_micros: AtomicU64::new(0),
        }
    }
}

impl Gauge {
    /// Shows new figures. What it costs to rate them, whoever reads them pays.
    pub(super) fn set(&self, quality: &Quality) {
        let path = quality.path();
        let came = quality.loss.expected.saturating_sub(quality.loss.lost);
        let peer_lost = u64::try_from(quality.peer_lost).unwrap_or(0);
        self.payload_type
            .store(quality.codec.payload_type, Ordering::Relaxed);
        self.peer_opinion_x10
            .store(quality.peer_opinion_x10.unwrap_or(0), Ordering::Relaxed);
        for (place, figure) in [
            (&self.expected, path.loss.expected),
            (&self.received, came),
            (&self.lost, path.loss.lost),
            (&self.bursts, path.loss.bursts),
            (&self.peer_lost, peer_lost),
            (&self.jitter_micros, micros(quality.jitter)),
            (
                &self.round_trip_micros,
                quality.round_trip.map_or(UNKNOWN, micros),
            ),
            (&self.delay_micros, micros(path.delay)),
        ] {
            place.store(figure, Ordering::Relaxed);
        }
    }

    /// What it shows, of a leg that may say these codecs; `None` when nothing was heard of it.
    pub(crate) fn read(&self, codecs: &[Codec]) -> Option<Reading> {
        let figure = |place: &AtomicU64| place.load(Ordering::Relaxed);
        let said = self.payload_type.load(Ordering::Relaxed);
        let codec = codecs.iter().find(|codec| codec.payload_type == said);
        let path = Path {
            codec: *codec.or_else(|| codecs.first())?,
            loss: Loss {
                expected: figure(&self.expected),
                lost: figure(&self.lost),
                bursts: figure(&self.bursts),
            },
            delay: Duration::from_micros(figure(&self.delay_micros)),
        };
        if path.loss.expected == 0 {
            return None;
        }
        let peer_opinion = self.peer_opinion_x10.load(Ordering::Relaxed);
        let round_trip = Some(figure(&self.round_trip_micros)).filter(|micros| *micros != UNKNOWN);
        Some(Reading {
            codec: path.codec,
            received: figure(&self.received),
            lost: path.loss.lost,
            peer_lost: figure(&self.peer_lost),
            peer_opinion_x10: Some(peer_opinion).filter(|opinion| *opinion > 0),
            jitter: Duration::from_micros(figure(&self.jitter_micros)),
            round_trip: round_trip.map(Duration::from_micros),
            rating: path.rating(),
        })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(UNKNOWN - 1)
}

const UNKNOWN: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_and_rated_as_by_the_leg_itself() {
        let gauge = Gauge::default();
        let codecs = [Codec::PCMU, Codec::PCMA];
        assert_eq!(gauge.read(&codecs), None, "nothing was heard");
        let quality = Quality {
            codec: Codec::PCMA,
            loss: Loss {
                expected: 1_000,
                lost: 50,
                bursts: 10,
            },
            jitter: Duration::from_millis(12),
            peer_lost: -3,
            peer_opinion_x10: None,
            round_trip: None,
            playout: None,
        };
        gauge.set(&quality);
        let expected = Reading {
            codec: Codec::PCMA,
            received: 950,
            lost: 50,
            peer_lost: 0,
            peer_opinion_x10: None,
            jitter: Duration::from_millis(12),
            round_trip: None,
            rating: quality.rating(),
        };
        assert_eq!(gauge.read(&codecs), Some(expected));
        assert_eq!(gauge.read(&[]), None, "nothing was agreed");
        let round_trip = Some(Duration::from_millis(300));
        gauge.set(&Quality {
            round_trip,
            peer_opinion_x10: Some(38),
            ..quality
        });
        let reading = gauge.read(&codecs).unwrap();
        assert_eq!(reading.peer_opinion_x10, Some(38));
        assert_eq!(reading.round_trip, round_trip);
        assert!(reading.rating < expected.rating, "delay is heard");
    }
}
