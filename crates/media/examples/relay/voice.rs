//! What phones say.

use media::Rate;
use media::codec::{Encoder, PAYLOAD_MAX};
use rtp::{Codec, Encoding};
use std::sync::Arc;

/// Packets that a phone says again and again.
#[derive(Clone)]
pub(crate) struct Voice {
    pub(crate) codec: Codec,
    pub(crate) payloads: Arc<[Vec<u8>]>,
    pub(crate) stamp: Stamp,
}

/// Whether the first bytes of a payload say when it was sent. It is no sound then.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    Yes,
    No,
}

impl Voice {
    /// Silence that tells how long it is underway.
    pub(crate) fn stamped() -> Self {
        Self {
            codec: Codec::PCMA,
            payloads: Arc::new([vec![0xd5; 160]]),
            stamp: Stamp::Yes,
        }
    }

    /// Silence as a muted phone sends it.
    pub(crate) fn silent(codec: Codec) -> Self {
        Self::of(codec, |_| 0.0)
    }

    /// Something like speech: a voice of harmonics that rise and fall four times a second.
    pub(crate) fn talking(codec: Codec, pitch_hz: f64) -> Self {
        let turn = std::f64::consts::TAU;
        Self::of(codec, |second| {
            let swell = 0.6 - 0.4 * (turn * 4.0 * second).cos();
            let harmonics = (1..=12).map(|n| {
                let n = f64::from(n);
                (turn * pitch_hz * n * second).sin() / n
            });
            4_000.0 * swell * harmonics.sum::<f64>()
        })
    }

    fn of(codec: Codec, sound: impl Fn(f64) -> f64) -> Self {
        let mut encoder = Encoder::of(&codec, Rate::Full).expect("it can be encoded");
        let rate = encoder.rate();
        let samples: Vec<_> = (0..rate.hz())
            .map(|place| sound(f64::from(place) / f64::from(rate.hz())) as i16)
            .collect();
        let packets = samples.chunks_exact(rate.samples(codec.ptime_ms));
        let payloads = packets.map(|samples| {
            let mut payload = vec![0; PAYLOAD_MAX];
            let bytes = encoder.encode(samples, &mut payload);
            payload.truncate(bytes);
            payload
        });
        Self {
            codec,
            payloads: payloads.collect(),
            stamp: Stamp::No,
        }
    }
}

/// As browsers offer it.
pub(crate) const OPUS: Codec = Codec::new(Encoding::Opus, 111, 48_000, 2);
