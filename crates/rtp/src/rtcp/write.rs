//! Writing RTCP.

use super::{
    BLOCK_BYTES, BYE, CNAME, DESCRIPTION, EXTENDED_REPORT, RECEIVER_REPORT, ReportBlock,
    SENDER_REPORT, SenderInfo, VERSION, VoiceReport,
};

/// What one party of a two-party session sends: a compound of a report, its name, and a farewell if it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// Who.
    pub ssrc: u32,
    /// What it sent, if it did since the report before (§6.4).
    pub sent: Option<SenderInfo>,
    /// What it received, if it did since the report before.
    pub received: Option<ReportBlock>,
    /// How it hears whom it reports on, where that is wished for (RFC 3611 §4.7).
    pub voice: Option<VoiceReport>,
    /// Its lasting name (§6.5.1), at most [`Report::CNAME_MAX`] bytes.
    pub cname: &'a str,
    /// Whether it leaves.
    pub farewell: Farewell,
}

/// Whether a party leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Farewell {
    /// It stays.
    #[default]
    None,
    /// It leaves (§6.6).
    Bye,
}

/// The name is longer than [`Report::CNAME_MAX`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name is longer than {} bytes", Report::CNAME_MAX)]
pub struct NameTooLong;

impl Report<'_> {
    /// The most bytes of a name.
    pub const CNAME_MAX: usize = 64;
    /// The most bytes that are written.
    pub const BYTES_MAX: usize =
        28 + BLOCK_BYTES + 12 + Self::CNAME_MAX + 3 + 8 + VoiceReport::BYTES + 8;

    /// Writes the compound and says how many bytes it has.
    ///
    /// # Errors
    /// When the name is too long.
    pub fn write(&self, to: &mut [u8; Report::BYTES_MAX]) -> Result<usize, NameTooLong> {
        if self.cname.len() > Self::CNAME_MAX {
            return Err(NameTooLong);
        }
        let mut pen = Pen { to, at: 0 };
        self.report(&mut pen);
        self.name(&mut pen);
        if let Some(voice) = self.voice {
            pen.head(0, EXTENDED_REPORT, 1 + VoiceReport::BYTES as u16 / 4);
            pen.word(self.ssrc);
            pen.put(&voice.to_bytes());
        }
        if self.farewell == Farewell::Bye {
            pen.head(1, BYE, 1);
            pen.word(self.ssrc);
        }
        Ok(pen.at)
    }

    fn report(&self, pen: &mut Pen<'_>) {
        let blocks = u8::from(self.received.is_some());
        let words = 1 + 6 * u16::from(blocks);
        match self.sent {
            Some(sent) => {
                pen.head(blocks, SENDER_REPORT, words + 5);
                pen.word(self.ssrc);
                pen.put(&sent.ntp.to_be_bytes());
                pen.word(sent.rtp);
                pen.word(sent.packets);
                pen.word(sent.octets);
            }
            None => {
                pen.head(blocks, RECEIVER_REPORT, words);
                pen.word(self.ssrc);
            }
        }
        if let Some(block) = self.received {
            pen.word(block.ssrc);
            let lost = block.lost.clamp(LOST_MIN, LOST_MAX).cast_unsigned() & 0x00ff_ffff;
            pen.word(u32::from(block.fraction_lost) << 24 | lost);
            pen.word(block.highest);
            pen.word(block.jitter);
            pen.word(block.last_report);
            pen.word(block.delay);
        }
    }

    fn name(&self, pen: &mut Pen<'_>) {
        let length = u8::try_from(self.cname.len()).unwrap_or_default();
        // Type and length, the text, then one to four zeros up to a whole word.
        let padded = (usize::from(length) + 2) / 4 * 4 + 4;
        let words = u16::try_from(padded / 4).unwrap_or_default();
        pen.head(1, DESCRIPTION, words + 1);
        pen.word(self.ssrc);
        pen.put(&[CNAME, length]);
        pen.put(self.cname.as_bytes());
        let zeros = padded.saturating_sub(usize::from(length) + 2);
        pen.put([0; 4].get(..zeros).unwrap_or_default());
    }
}

/// Writes one after the other. [`Report::BYTES_MAX`] has room for everything; what had none would be left out.
struct Pen<'a> {
    to: &'a mut [u8],
    at: usize,
}

impl Pen<'_> {
    /// The length is that of the body in words, which is that of the packet less one (§6.4.1).
    fn head(&mut self, count: u8, kind: u8, words: u16) {
        let [l0, l1] = words.to_be_bytes();
        self.put(&[VERSION << 6 | count, kind, l0, l1]);
    }

    fn word(&mut self, word: u32) {
        self.put(&word.to_be_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(place) = self.to.get_mut(self.at..end) {
            place.copy_from_slice(bytes);
            self.at = end;
        }
    }
}

const LOST_MAX: i32 = 0x007f_ffff;
const LOST_MIN: i32 = -0x0080_0000;

#[cfg(test)]
mod tests {
    use super::super::{Compound, Item};
    use super::*;

    const SENT: SenderInfo = SenderInfo {
        ntp: 0x0123_4567_89ab_cdef,
        rtp: 1,
        packets: 2,
        octets: 3,
    };
    const BLOCK: ReportBlock = ReportBlock {
        ssrc: 9,
        fraction_lost: 255,
        lost: -3,
        highest: 4,
        jitter: 5,
        last_report: 6,
        delay: 7,
    };

    const VOICE: VoiceReport = VoiceReport {
        ssrc: 9,
        fraction_lost: 1,
        fraction_discarded: 2,
        round_trip: core::time::Duration::from_millis(3),
        delay: core::time::Duration::from_millis(4),
        rating: Some(93),
        opinion_x10: Some(44),
    };

    #[test]
    fn what_is_written_is_read_again_whatever_the_length_of_the_name() {
        for length in 0..=Report::CNAME_MAX {
            let cname = "n".repeat(length);
            let report = Report {
                ssrc: 8,
                sent: Some(SENT),
                received: Some(BLOCK),
                voice: Some(VOICE),
                cname: &cname,
                farewell: Farewell::Bye,
            };
            let bytes = written(&report);
            assert_eq!(bytes.len() % 4, 0);
            let items: Vec<_> = Compound::parse(&bytes).unwrap().items().collect();
            let [
                Item::Sender {
                    ssrc: 8,
                    sent,
                    blocks,
                },
                name,
                voice,
                bye,
            ] = items[..]
            else {
                panic!("{items:?}")
            };
            assert_eq!(
                (sent, blocks.iter().collect::<Vec<_>>()),
                (SENT, vec![BLOCK])
            );
            let (ssrc, cname) = (8, cname.as_bytes());
            assert_eq!(voice, Item::Voice { ssrc, heard: VOICE });
            assert_eq!(
                (name, bye),
                (Item::Name { ssrc, cname }, Item::Bye { ssrc })
            );
        }
    }

    #[test]
    fn who_only_listens_sends_a_receiver_report() {
        let report = Report {
            ssrc: 8,
            sent: None,
            received: None,
            voice: None,
            cname: "me",
            farewell: Farewell::None,
        };
        let bytes = written(&report);
        let items: Vec<_> = Compound::parse(&bytes).unwrap().items().collect();
        assert!(matches!(
            items[..],
            [Item::Receiver { ssrc: 8, .. }, Item::Name { .. }]
        ));
    }

    #[test]
    fn losses_stay_within_24_bits() {
        for (lost, read) in [(i32::MAX, LOST_MAX), (i32::MIN, LOST_MIN), (-1, -1)] {
            let report = Report {
                ssrc: 8,
                sent: None,
                received: Some(ReportBlock { lost, ..BLOCK }),
                voice: None,
                cname: "",
                farewell: Farewell::None,
            };
            let bytes = written(&report);
            let Some(Item::Receiver { blocks, .. }) =
                Compound::parse(&bytes).unwrap().items().next()
            else {
                panic!("no report")
            };
            assert_eq!(blocks.iter().next().map(|block| block.lost), Some(read));
        }
    }

    #[test]
    fn a_name_too_long_is_refused() {
        let cname = "n".repeat(Report::CNAME_MAX + 1);
        let report = Report {
            ssrc: 8,
            sent: None,
            received: None,
            voice: None,
            cname: &cname,
            farewell: Farewell::None,
        };
        assert_eq!(report.write(&mut [0; Report::BYTES_MAX]), Err(NameTooLong));
    }

    fn written(report: &Report<'_>) -> Vec<u8> {
        let mut bytes = [0xee; Report::BYTES_MAX];
        let length = report.write(&mut bytes).unwrap();
        bytes[..length].to_vec()
    }
}
