//! Linear samples of 16 bits in network byte order (RFC 3551 §4.5.11).

use crate::Rate;
use rtp::Codec;

/// L16 with one channel or two, of which we hear the mean and send both alike.
#[derive(Clone, Copy, Debug)]
pub struct L16 {
    rate: Rate,
    channels: Channels,
}

#[derive(Clone, Copy, Debug)]
enum Channels {
    One,
    Two,
}

impl L16 {
    /// L16 as it was agreed on; `None` at other rates than ours or with more channels.
    pub(super) fn of(codec: &Codec) -> Option<Self> {
        let channels = match codec.channels {
            1 => Channels::One,
            2 => Channels::Two,
            _ => return None,
        };
        let rate = Rate::of_hz(codec.clock_rate)?;
        Some(Self { rate, channels })
    }

    pub(super) const fn rate(self) -> Rate {
        self.rate
    }

    pub(super) fn decode(self, payload: &[u8], out: &mut [i16]) -> usize {
        let (words, _) = payload.as_chunks::<2>();
        match self.channels {
            Channels::One => fill(out, words.iter().map(|word| i16::from_be_bytes(*word))),
            Channels::Two => fill(out, words.as_chunks::<2>().0.iter().map(mean)),
        }
    }

    pub(super) fn encode(self, samples: &[i16], payload: &mut [u8]) -> usize {
        let (words, _) = payload.as_chunks_mut::<2>();
        match self.channels {
            Channels::One => {
                for (word, sample) in words.iter_mut().zip(samples) {
                    *word = sample.to_be_bytes();
                }
                2 * words.len().min(samples.len())
            }
            Channels::Two => {
                let (pairs, _) = words.as_chunks_mut::<2>();
                for (pair, sample) in pairs.iter_mut().zip(samples) {
                    *pair = [sample.to_be_bytes(); 2];
                }
                4 * pairs.len().min(samples.len())
            }
        }
    }
}

fn mean([left, right]: &[[u8; 2]; 2]) -> i16 {
    let sum = i32::from(i16::from_be_bytes(*left)) + i32::from(i16::from_be_bytes(*right));
    // Half of the sum of two of its kind fits.
    (sum / 2) as i16
}

fn fill(out: &mut [i16], samples: impl ExactSizeIterator<Item = i16>) -> usize {
    let count = samples.len().min(out.len());
    for (to, sample) in out.iter_mut().zip(samples) {
        *to = sample;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtp::Encoding;

    #[test]
    fn samples_come_back_as_they_were_in_network_byte_order() {
        let l16 = l16(16_000, 1).unwrap();
        let mut payload = [0; 6];
        assert_eq!(l16.encode(&[1, -2, i16::MIN], &mut payload), 6);
        assert_eq!(payload, [0, 1, 0xff, 0xfe, 0x80, 0]);
        let mut samples = [0; 4];
        assert_eq!(l16.decode(&payload, &mut samples), 3);
        assert_eq!(samples, [1, -2, i16::MIN, 0]);
        assert_eq!(l16.rate(), Rate::Wide);
    }

    #[test]
    fn of_two_channels_the_mean_is_heard_and_both_are_sent() {
        let l16 = l16(48_000, 2).unwrap();
        let mut payload = [0; 10];
        assert_eq!(l16.encode(&[7, i16::MAX], &mut payload), 8);
        payload[0..2].copy_from_slice(&5_i16.to_be_bytes());
        let mut samples = [0; 4];
        assert_eq!(
            l16.decode(&payload[..9], &mut samples),
            2,
            "a torn sample is left out"
        );
        assert_eq!(samples[..2], [6, i16::MAX]);
    }

    #[test]
    fn what_there_is_no_room_for_is_left_out() {
        let l16 = l16(8_000, 1).unwrap();
        assert_eq!(l16.decode(&[0; 10], &mut [0; 3]), 3);
        assert_eq!(l16.encode(&[0; 10], &mut [0; 5]), 4);
    }

    #[test]
    fn other_rates_and_more_channels_are_only_relayed() {
        assert!(l16(44_100, 1).is_none() && l16(8_000, 6).is_none());
    }

    fn l16(clock_rate: u32, channels: u8) -> Option<L16> {
        L16::of(&Codec::new(Encoding::L16, 97, clock_rate, channels))
    }
}
