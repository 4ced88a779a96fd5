//! What is heard: how loud a tone is among samples (Goertzel 1958), and whether a recording is among them.

use media::g711::{self, Law};
use model::{Duration, Time};
use std::collections::VecDeque;

/// The last half minute that a phone heard.
#[derive(Debug, Default)]
pub(crate) struct Ears {
    packets: VecDeque<Packet>,
    /// How many packets of sound ever came.
    pub(crate) count: u64,
    pub(crate) attention: Attention,
}

/// Whether anybody listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attention {
    /// Sound is kept.
    #[default]
    Listens,
    /// Packets are only counted.
    Counts,
}

#[derive(Debug)]
struct Packet {
    at: Time,
    /// Whose, and which of his.
    order: (u32, u16),
    samples: Vec<i16>,
}

impl Packet {
    /// How many packets of the same sender are missing between this one and a later one.
    fn missing_until(&self, later: &Self) -> usize {
        let step = later.order.1.wrapping_sub(self.order.1);
        match self.order.0 == later.order.0 {
            true if (2..GAP_MAX).contains(&step) => usize::from(step - 1),
            true | false => 0,
        }
    }
}

impl Ears {
    pub(crate) fn hear(&mut self, now: Time, order: (u32, u16), law: Law, payload: &[u8]) {
        self.count += 1;
        if self.attention == Attention::Counts {
            return;
        }
        let mut samples = vec![0; payload.len()];
        g711::decode(law, payload, &mut samples);
        let at = now;
        self.packets.push_back(Packet { at, order, samples });
        while let Some(first) = self.packets.front()
            && now.since(first.at) > KEPT
        {
            self.packets.pop_front();
        }
    }

    /// What was heard since then, each packet once and in the order in which it was sent.
    pub(crate) fn since(&self, then: Time) -> Vec<i16> {
        let mut packets: Vec<&Packet> = self.packets.iter().filter(|p| p.at > then).collect();
        // Sorted within one sender only: who began to be heard later comes later.
        let mut begin = 0;
        while let Some(first) = packets.get(begin).map(|packet| packet.order) {
            let same = packets
                .iter()
                .skip(begin)
                .take_while(|packet| packet.order.0 == first.0)
                .count();
            if let Some(of_one) = packets.get_mut(begin..begin + same) {
                of_one.sort_by_key(|packet| packet.order.1.wrapping_sub(first.1).cast_signed());
            }
            begin += same;
        }
        packets.dedup_by_key(|packet| packet.order);
        let mut samples = Vec::new();
        let mut before: Option<&Packet> = None;
        for packet in packets {
            // What is missing is a gap, or what comes after it would sound out of step.
            let missing = before.map_or(0, |before| before.missing_until(packet));
            samples.resize(samples.len() + missing * packet.samples.len(), 0);
            samples.extend(&packet.samples);
            before = Some(packet);
        }
        samples
    }
}

/// A longer gap is a new beginning.
const GAP_MAX: u16 = 50;
/// How long sound is kept.
const KEPT: Duration = Duration::from_secs(30);

/// Whether `samples` hold a piece of `recording`: the piece of a tenth of a second that tells most is looked for,
/// by correlation, which neither the volume nor G.711 spoils.
#[must_use]
pub fn is_among(recording: &[i16], samples: &[i16]) -> bool {
    let loudest = recording
        .chunks_exact(PIECE)
        .max_by_key(|piece| power(piece));
    let Some(piece) = loudest.filter(|piece| power(piece) > 0) else {
        return false;
    };
    let own = (power(piece) as f64).sqrt();
    // The power of each window follows from that of the one before.
    let mut other = samples.get(..PIECE).map_or(0, power);
    let leaving = samples.iter().map(|sample| square(*sample));
    let coming = samples.iter().skip(PIECE).map(|sample| square(*sample));
    let mut changes = leaving.zip(coming);
    samples.windows(PIECE).any(|window| {
        let limit = ALIKE * own * (other as f64).sqrt();
        let alike = other > 0 && dot(piece, window) as f64 > limit;
        if let Some((leaves, comes)) = changes.next() {
            other += comes - leaves;
        }
        alike
    })
}

fn square(sample: i16) -> i64 {
    i64::from(sample) * i64::from(sample)
}

fn power(samples: &[i16]) -> i64 {
    dot(samples, samples)
}

fn dot(one: &[i16], other: &[i16]) -> i64 {
    let products = one
        .iter()
        .zip(other)
        .map(|(a, b)| i64::from(*a) * i64::from(*b));
    products.sum()
}

/// 100 ms at 8 kHz.
const PIECE: usize = 800;
/// Correlation of what counts as the same.
const ALIKE: f64 = 0.9;

/// The level of one tone in dB below a full-scale sine; -120 where there is nothing.
#[must_use]
pub fn level_dbfs(samples: &[i16], rate_hz: u32, tone_hz: f64) -> f64 {
    if samples.is_empty() {
        return SILENCE_DBFS;
    }
    let turn = std::f64::consts::TAU * tone_hz / f64::from(rate_hz);
    let length = samples.len() as f64;
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let place = place as f64;
        // A Hann window keeps a loud tone out of its neighbours.
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * place / length).cos();
        let value = f64::from(*sample) / f64::from(i16::MAX) * window;
        re += value * (turn * place).cos();
        im -= value * (turn * place).sin();
        weight += window;
    }
    let amplitude = 2.0 * re.hypot(im) / weight;
    (20.0 * amplitude.max(1e-6).log10()).max(SILENCE_DBFS)
}

/// In how many of the windows of 200 ms a tone is heard, from 0 to 1.
#[must_use]
pub fn share_heard(samples: &[i16], rate_hz: u32, tone_hz: f64) -> f64 {
    let window = usize::try_from(rate_hz / 5).unwrap_or(1_600);
    let windows = samples.chunks_exact(window);
    let count = windows.len();
    if count == 0 {
        return 0.0;
    }
    let heard = windows.filter(|part| level_dbfs(part, rate_hz, tone_hz) > HEARD_DBFS);
    heard.count() as f64 / count as f64
}

/// Below this, nobody hears anything.
pub const SILENCE_DBFS: f64 = -120.0;
/// Above this, a tone counts as heard.
pub const HEARD_DBFS: f64 = -45.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, amplitude: f64) -> Vec<i16> {
        (0..8_000)
            .map(|place| {
                let turn = std::f64::consts::TAU * hz * f64::from(place) / 8_000.0;
                (turn.sin() * amplitude * f64::from(i16::MAX)) as i16
            })
            .collect()
    }

    #[test]
    fn a_tone_is_heard_at_its_level_and_no_other_is() {
        let samples = tone(1_150.0, 0.1);
        assert!((level_dbfs(&samples, 8_000, 1_150.0) + 20.0).abs() < 0.1);
        assert!(level_dbfs(&samples, 8_000, 520.0) < -70.0);
        assert!(share_heard(&samples, 8_000, 1_150.0) > 0.99);
        assert!(share_heard(&samples, 8_000, 520.0) < 0.01);
        assert!(level_dbfs(&[], 8_000, 520.0) <= SILENCE_DBFS);
    }

    #[test]
    fn a_piece_of_a_recording_is_recognised_and_another_is_not() {
        let recording = tone(700.0, 0.2);
        let mut heard = tone(1_300.0, 0.2);
        assert!(!is_among(&recording, &heard));
        heard.extend(tone(700.0, 0.1));
        assert!(is_among(&recording, &heard));
        assert!(
            !is_among(&[0; 8_000], &[0; 8_000]),
            "silence is no recording"
        );
        assert!(!is_among(&recording, &[]));
    }

    #[test]
    fn packets_are_heard_once_in_their_order_and_what_is_missing_is_a_gap() {
        let mut ears = Ears::default();
        for (at, sequence) in [(1, 65_534), (2, 0), (3, 65_535), (4, 0), (5, 3)] {
            ears.hear(Time(at), (7, sequence), Law::A, &[0x55]);
        }
        ears.hear(Time(6), (8, 9), Law::A, &[0x55]);
        let silence = ears
            .since(Time(0))
            .iter()
            .filter(|sample| **sample == 0)
            .count();
        assert_eq!((ears.since(Time(0)).len(), silence), (7, 2));
        assert_eq!(ears.since(Time(4)).len(), 2);
        assert_eq!(ears.count, 6);
    }
}
