//! Reading RTCP.

use super::extended::voice_report;
use super::{
    BLOCK_BYTES, BYE, CNAME, COUNT, DESCRIPTION, EXTENDED_REPORT, PADDING, RECEIVER_REPORT,
    ReportBlock, SENDER_REPORT, SenderInfo, VERSION, VoiceReport,
};

/// A compound packet whose bounds hold, borrowed from the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compound<'a> {
    datagram: &'a [u8],
}

/// One packet of a compound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A report of somebody who sends (SR).
    Sender {
        /// Who.
        ssrc: u32,
        /// What it sent.
        sent: SenderInfo,
        /// What it received.
        blocks: ReportBlocks<'a>,
    },
    /// A report of somebody who only receives (RR).
    Receiver {
        /// Who.
        ssrc: u32,
        /// What it received.
        blocks: ReportBlocks<'a>,
    },
    /// The lasting name of the first source described (SDES CNAME).
    Name {
        /// Whose.
        ssrc: u32,
        /// The name; empty when the description has none.
        cname: &'a [u8],
    },
    /// Somebody leaves (BYE); the first of those who do.
    Bye {
        /// Who.
        ssrc: u32,
    },
    /// How somebody rates what it hears (XR, VoIP metrics).
    Voice {
        /// Who.
        ssrc: u32,
        /// What it hears, and how.
        heard: VoiceReport,
    },
    /// Anything else: feedback, other extended reports, application data.
    Other {
        /// Its packet type.
        kind: u8,
    },
}

/// The blocks of a report; at most 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlocks<'a>(&'a [[u8; BLOCK_BYTES]]);

/// Why a datagram is no RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRtcp {
    /// A packet ends before what it promises, or bytes are left over.
    #[error("the packet is cut short")]
    Short,
    /// Its version is not 2.
    #[error("the packet has version {0}, not 2")]
    Version(u8),
    /// A compound begins with a report (§6.1), and not with this.
    #[error("the first packet is of type {0}, not a report")]
    First(u8),
    /// Only the last packet of a compound may be padded (§6.4.1), and by whole words that it has.
    #[error("the padding does not fit")]
    Padding,
    /// There are more than [`Compound::ITEMS_MAX`] packets.
    #[error("there are more than {} packets", Compound::ITEMS_MAX)]
    TooMany,
}

impl<'a> Compound<'a> {
    /// The most packets that one datagram may hold.
    pub const ITEMS_MAX: usize = 32;

    /// Reads a datagram by the rules for compound packets (§6.1, appendix A.2).
    ///
    /// # Errors
    /// When a rule is broken; nothing of the datagram may then be used.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, NotRtcp> {
        let mut rest = datagram;
        for count in 0.. {
            let (packet, after) = split(rest)?;
            if count == 0 && !matches!(packet.kind, SENDER_REPORT | RECEIVER_REPORT) {
                return Err(NotRtcp::First(packet.kind));
            }
            if count >= Self::ITEMS_MAX {
                return Err(NotRtcp::TooMany);
            }
            packet.check(after)?;
            if after.is_empty() {
                break;
            }
            rest = after;
        }
        Ok(Self { datagram })
    }

    /// Its packets in order.
    #[must_use]
    pub const fn items(&self) -> Items<'a> {
        Items(self.datagram)
    }
}

/// The packets of a compound.
#[derive(Clone, Debug)]
pub struct Items<'a>(&'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (packet, rest) = split(self.0).ok()?;
        self.0 = rest;
        Some(packet.read().unwrap_or(Item::Other { kind: packet.kind }))
    }
}

impl ReportBlocks<'_> {
    /// The blocks in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ReportBlock> + '_ {
        self.0.iter().map(block)
    }
}

/// One packet as it lies in the datagram.
#[derive(Clone, Copy)]
struct Raw<'a> {
    flags: u8,
    kind: u8,
    body: &'a [u8],
}

impl<'a> Raw<'a> {
    /// That what it counts is there, and its padding in place.
    fn check(&self, after: &[u8]) -> Result<(), NotRtcp> {
        if self.flags & PADDING != 0 {
            let padding = self.body.last().copied().map_or(0, usize::from);
            let fits = padding > 0 && padding.is_multiple_of(4) && padding <= self.body.len();
            if !fits || !after.is_empty() {
                return Err(NotRtcp::Padding);
            }
        }
        let needed = match self.kind {
            SENDER_REPORT => 24 + self.count() * BLOCK_BYTES,
            RECEIVER_REPORT => 4 + self.count() * BLOCK_BYTES,
            BYE => self.count() * 4,
            _ => 0,
        };
        if self.body.len() < needed {
            return Err(NotRtcp::Short);
        }
        Ok(())
    }

    fn read(&self) -> Option<Item<'a>> {
        match self.kind {
            SENDER_REPORT => self.sender(),
            RECEIVER_REPORT => {
                let (ssrc, blocks) = self.body.split_first_chunk()?;
                Some(Item::Receiver {
                    ssrc: u32::from_be_bytes(*ssrc),
                    blocks: self.blocks(blocks)?,
                })
            }
            DESCRIPTION => {
                let (ssrc, items) = self.body.split_first_chunk()?;
                Some(Item::Name {
                    ssrc: u32::from_be_bytes(*ssrc),
                    cname: cname(items).unwrap_or_default(),
                })
            }
            BYE if self.count() > 0 => {
                let ssrc = self.body.first_chunk()?;
                Some(Item::Bye {
                    ssrc: u32::from_be_bytes(*ssrc),
                })
            }
            EXTENDED_REPORT => {
                let (ssrc, blocks) = self.body.split_first_chunk()?;
                Some(Item::Voice {
                    ssrc: u32::from_be_bytes(*ssrc),
                    heard: voice_report(blocks)?,
                })
            }
            _ => None,
        }
    }

    fn sender(&self) -> Option<Item<'a>> {
        let (ssrc, rest) = self.body.split_first_chunk()?;
        let (ntp, rest) = rest.split_first_chunk()?;
        let (rtp, rest) = rest.split_first_chunk()?;
        let (packets, rest) = rest.split_first_chunk()?;
        let (octets, rest) = rest.split_first_chunk()?;
        Some(Item::Sender {
            ssrc: u32::from_be_bytes(*ssrc),
            sent: SenderInfo {
                ntp: u64::from_be_bytes(*ntp),
                rtp: u32::from_be_bytes(*rtp),
                packets: u32::from_be_bytes(*packets),
                octets: u32::from_be_bytes(*octets),
            },
            blocks: self.blocks(rest)?,
        })
    }

    fn blocks(&self, rest: &'a [u8]) -> Option<ReportBlocks<'a>> {
        rest.as_chunks().0.get(..self.count()).map(ReportBlocks)
    }

    fn count(&self) -> usize {
        usize::from(self.flags & COUNT)
    }
}

/// The first packet, and what follows it.
fn split(rest: &[u8]) -> Result<(Raw<'_>, &[u8]), NotRtcp> {
    let (head, after) = rest.split_first_chunk::<4>().ok_or(NotRtcp::Short)?;
    let [flags, kind, l0, l1] = *head;
    if flags >> 6 != VERSION {
        return Err(NotRtcp::Version(flags >> 6));
    }
    let length = usize::from(u16::from_be_bytes([l0, l1])) * 4;
    let (body, after) = after.split_at_checked(length).ok_or(NotRtcp::Short)?;
    Ok((Raw { flags, kind, body }, after))
}

fn block(bytes: &[u8; BLOCK_BYTES]) -> ReportBlock {
    let word = |at: usize| {
        let four = bytes.get(at..).and_then(<[u8]>::first_chunk);
        four.map_or(0, |four| u32::from_be_bytes(*four))
    };
    let losses = word(4);
    ReportBlock {
        ssrc: word(0),
        fraction_lost: (losses >> 24) as u8,
        // Shifted up and down again, so that the sign of the 24 bits is kept.
        lost: (losses << 8).cast_signed() >> 8,
        highest: word(8),
        jitter: word(12),
        last_report: word(16),
        delay: word(20),
    }
}

/// The items of a chunk are type, length and text, and end with a zero (§6.5).
fn cname(mut items: &[u8]) -> Option<&[u8]> {
    loop {
        let (&[kind, length], rest) = items.split_first_chunk()?;
        if kind == 0 {
            return None;
        }
        let (text, rest) = rest.split_at_checked(usize::from(length))?;
        if kind == CNAME {
            return Some(text);
        }
        items = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_phone_sends_is_read() {
        let mut bytes = sender_report(1);
        bytes.extend([0x81, 202, 0, 3, 0, 0, 0, 7, 1, 3, b'a', b'@', b'b', 0, 0, 0]);
        bytes.extend([0x81, 203, 0, 1, 0, 0, 0, 7]);
        let items: Vec<_> = Compound::parse(&bytes).unwrap().items().collect();
        let Item::Sender { ssrc, sent, blocks } = items[0] else {
            panic!("{items:?}")
        };
        assert_eq!((ssrc, sent.ntp, sent.rtp), (7, 1 << 32 | 2, 3));
        assert_eq!((sent.packets, sent.octets), (4, 5));
        let block = blocks.iter().next().unwrap();
        assert_eq!((block.ssrc, block.fraction_lost, block.lost), (9, 64, -2));
        assert_eq!((block.highest, block.jitter), (0x1_0005, 6));
        assert_eq!((block.last_report, block.delay), (8, 10));
        assert_eq!(
            items[1..],
            [
                Item::Name {
                    ssrc: 7,
                    cname: b"a@b"
                },
                Item::Bye { ssrc: 7 }
            ]
        );
    }

    #[test]
    fn what_breaks_the_rules_of_a_compound_is_refused_whole() {
        let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
        let bye = [0x80, 203, 0, 0];
        for (bytes, error) in [
            (vec![], NotRtcp::Short),
            (bye.to_vec(), NotRtcp::First(203)),
            ([0x40, 201, 0, 1, 0, 0, 0, 7].to_vec(), NotRtcp::Version(1)),
            (report[..7].to_vec(), NotRtcp::Short),
            ([&report[..], &[0]].concat(), NotRtcp::Short),
            // One block is promised, none is there.
            ([0x81, 201, 0, 1, 0, 0, 0, 7].to_vec(), NotRtcp::Short),
            (
                [&report[..], &[0x82, 203, 0, 1, 0, 0, 0, 7]].concat(),
                NotRtcp::Short,
            ),
            // Padding within, of nothing, and of more than there is.
            (
                [&[0xa0, 201, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4][..], &bye].concat(),
                NotRtcp::Padding,
            ),
            ([0xa0, 201, 0, 1, 0, 0, 0, 0].to_vec(), NotRtcp::Padding),
            ([0xa0, 201, 0, 1, 0, 0, 0, 8].to_vec(), NotRtcp::Padding),
            (
                [&report[..], &bye.repeat(Compound::ITEMS_MAX)].concat(),
                NotRtcp::TooMany,
            ),
        ] {
            assert_eq!(Compound::parse(&bytes).map(|_| ()), Err(error), "{bytes:?}");
        }
        let most = [&report[..], &bye.repeat(Compound::ITEMS_MAX - 1)].concat();
        assert_eq!(Compound::parse(&most).unwrap().items().count(), 32);
    }

    #[test]
    fn what_is_not_known_is_stepped_over() {
        let mut bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 7];
        bytes.extend([0x8f, 205, 0, 1, 1, 2, 3, 4]);
        bytes.extend([0x80, 203, 0, 0]);
        let items: Vec<_> = Compound::parse(&bytes).unwrap().items().collect();
        assert_eq!(
            items[1..],
            [Item::Other { kind: 205 }, Item::Other { kind: 203 }]
        );
    }

    #[test]
    fn a_name_is_found_behind_other_items() {
        assert_eq!(cname(&[6, 1, b'x', 1, 2, b'm', b'e', 0]), Some(&b"me"[..]));
        assert_eq!(cname(&[0, 1, 2]), None);
        assert_eq!(cname(&[1, 9, b'x']), None);
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_fail(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200),
            kind in 199..206_u8,
        ) {
            if let [flags, second, l0, l1, ..] = bytes.as_mut_slice() {
                *flags = *flags & 0x3f | 0x80;
                *second = kind;
                (*l0, *l1) = (0, *l1 & 0x1f);
            }
            if let Ok(compound) = Compound::parse(&bytes) {
                prop_assert!(compound.items().count() <= Compound::ITEMS_MAX);
            }
        }

        #[test]
        fn a_good_report_with_a_bad_byte_is_read_or_refused(at in 0..52_usize, value: u8) {
            let mut bytes = sender_report(1);
            bytes[at] = value;
            if let Ok(compound) = Compound::parse(&bytes) {
                prop_assert!(compound.items().count() > 0);
            }
        }
    }

    fn sender_report(blocks: u8) -> Vec<u8> {
        let mut bytes = vec![0x80 | blocks, 200, 0, 6 + 6 * blocks, 0, 0, 0, 7];
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]);
        bytes.extend([0, 0, 0, 9, 64, 0xff, 0xff, 0xfe, 0, 1, 0, 5, 0, 0, 0, 6]);
        bytes.extend([0, 0, 0, 8, 0, 0, 0, 10]);
        bytes
    }
}
