//! Extended reports (RFC 3611): of their blocks, how a phone rates what it hears.

use core::time::Duration;

/// How a receiver fares with one sender: the VoIP metrics report block (RFC 3611 §4.7), as far as it is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoiceReport {
    /// Of whom.
    pub ssrc: u32,
    /// Packets that never came since the beginning, in 1/256.
    pub fraction_lost: u8,
    /// Packets that came too late or too early to be heard, in 1/256.
    pub fraction_discarded: u8,
    /// To the other side and back on the network; zero when it is not known.
    pub round_trip: Duration,
    /// What it adds to that: how long sound waits and takes to fill packets.
    pub delay: Duration,
    /// The rating factor R, 0 to 100; `None` when it is not said.
    pub rating: Option<u8>,
    /// What a conversation is worth, with the delay: 10 (bad) to 50, in tenths; `None` when it is not said.
    pub opinion_x10: Option<u8>,
}

/// The first VoIP metrics in the blocks of an extended report. Other blocks are stepped over; what lies behind one that
/// promises more than there is means nothing.
pub(super) fn voice_report(mut blocks: &[u8]) -> Option<VoiceReport> {
    loop {
        let (&[kind, _, l0, l1], rest) = blocks.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([l0, l1])) * 4;
        let (body, rest) = rest.split_at_checked(length)?;
        if kind == VOIP_METRICS
            && let Ok(body) = <&[u8; VOIP_BYTES]>::try_from(body)
        {
            return Some(read(body));
        }
        blocks = rest;
    }
}

fn read(body: &[u8; VOIP_BYTES]) -> VoiceReport {
    #[rustfmt::skip]
    let [
        s0, s1, s2, s3,
        fraction_lost, fraction_discarded, _burst_density, _gap_density,
        _, _, _, _, // how long bursts and gaps are
        t0, t1, d0, d1, // round trip, delay in the phone
        _signal, _noise, _echo, _gap_min,
        rating, _external, _listening, opinion,
        ..
    ] = *body;
    VoiceReport {
        ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
        fraction_lost,
        fraction_discarded,
        round_trip: Duration::from_millis(u16::from_be_bytes([t0, t1]).into()),
        delay: Duration::from_millis(u16::from_be_bytes([d0, d1]).into()),
        rating: Some(rating).filter(|rating| *rating <= 100),
        opinion_x10: Some(opinion).filter(|opinion| (10..=50).contains(opinion)),
    }
}

impl VoiceReport {
    /// The bytes of its block.
    pub(super) const BYTES: usize = 4 + VOIP_BYTES;

    /// The block. Losses are not told apart by whether they come in bursts, and of levels nothing is said.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let [s0, s1, s2, s3] = self.ssrc.to_be_bytes();
        let [t0, t1] = millis(self.round_trip);
        let [d0, d1] = millis(self.delay);
        let gap_density = self.fraction_lost.saturating_add(self.fraction_discarded);
        let opinion = self.opinion_x10.unwrap_or(UNKNOWN);
        #[rustfmt::skip]
        let bytes = [
            VOIP_METRICS, 0, 0, 8,
            s0, s1, s2, s3,
            self.fraction_lost, self.fraction_discarded, 0, gap_density,
            0, 0, 0, 0,
            t0, t1, d0, d1,
            UNKNOWN, UNKNOWN, UNKNOWN, GAP_MIN,
            self.rating.unwrap_or(UNKNOWN), UNKNOWN, UNKNOWN, opinion,
            0, 0, d0, d1,
            d0, d1, d0, d1,
        ];
        bytes
    }
}

fn millis(time: Duration) -> [u8; 2] {
    u16::try_from(time.as_millis())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
}

/// What is not known (§4.7).
const UNKNOWN: u8 = 127;
/// The recommended value (§4.7.2).
const GAP_MIN: u8 = 16;
/// The block type.
const VOIP_METRICS: u8 = 7;
/// Bytes of its body; its length is always 8 words (§4.7).
const VOIP_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REPORT: VoiceReport = VoiceReport {
        ssrc: 0x0102_0304,
        fraction_lost: 13,
        fraction_discarded: 2,
        round_trip: Duration::from_millis(0x0140),
        delay: Duration::from_millis(60),
        rating: Some(80),
        opinion_x10: Some(38),
    };

    #[test]
    fn voip_metrics_are_found_behind_other_blocks() {
        let reference_time = [4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8];
        let blocks = [&reference_time[..], &voip(38), &voip(20)].concat();
        assert_eq!(voice_report(&blocks), Some(REPORT));
    }

    /// 127 is for what is not known (§4.7.5); others are not on the scale.
    #[test]
    fn an_opinion_that_is_none_is_not_taken_for_one() {
        for opinion in [127, 0, 9, 51, 255] {
            let report = voice_report(&voip(opinion)).unwrap();
            assert_eq!(report.opinion_x10, None, "{opinion}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for report in [
            REPORT,
            VoiceReport {
                rating: None,
                opinion_x10: None,
                ..REPORT
            },
        ] {
            assert_eq!(voice_report(&report.to_bytes()), Some(report));
        }
    }

    #[test]
    fn lengths_that_lie_give_nothing() {
        let block = voip(38);
        for length in [7, 9, 0xffff] {
            let mut lying = block.clone();
            lying[2..4].copy_from_slice(&u16::to_be_bytes(length));
            assert_eq!(voice_report(&lying), None, "{length}");
        }
        for cut in 0..block.len() {
            assert_eq!(voice_report(&block[..cut]), None, "{cut} bytes");
        }
        // One of another length is stepped over by what it says of itself.
        let empty = [7, 0, 0, 0];
        assert_eq!(voice_report(&[&empty[..], &block].concat()), Some(REPORT));
        let behind = [&[4, 0, 0, 99][..], &block].concat();
        assert_eq!(voice_report(&behind), None);
    }

    proptest! {
        #[test]
        fn any_bytes_end(blocks in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = voice_report(&blocks);
        }
    }

    fn voip(opinion: u8) -> Vec<u8> {
        let mut block = vec![
            7, 0, 0, 8, 1, 2, 3, 4, 13, 2, 0, 0, 0, 0, 0, 0, 1, 0x40, 0, 60,
        ];
        block.extend([
            127, 127, 127, 16, 80, 127, 41, opinion, 0, 0, 0, 40, 0, 60, 0, 200,
        ]);
        block
    }
}
