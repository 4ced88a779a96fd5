//! A strict reader of Opus in Ogg, by RFC 3533, 6716 and 7845 and by nothing that the writer has, for tests.

use crate::Rate;
use crate::codec::Decoder;
use rtp::Codec;
use std::fs::File;
use std::io::{Read, Seek};

/// What a file sounds like.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// At 48 kHz.
    pub(super) channels: Vec<Vec<i16>>,
}

/// What is asked of the end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The last page is marked as such, and nothing follows.
    Marked,
    /// It may end in the middle of a page, which is not heard.
    Anyhow,
}

struct Page<'b> {
    flags: u8,
    granule: u64,
    serial: u32,
    sequence: u32,
    packets: Vec<&'b [u8]>,
}

/// Listens to a file, and panics where it breaks a rule.
pub(super) fn opus(bytes: &[u8], end: End) -> Heard {
    let mut pages = Vec::new();
    let mut rest = bytes;
    while let Some((page, after)) = page(rest) {
        pages.push(page);
        rest = after;
    }
    if end == End::Marked {
        assert!(rest.is_empty(), "{} bytes after the last page", rest.len());
        assert_eq!(pages.last().map(|page| page.flags & 4), Some(4));
    }
    for (number, page) in (0..).zip(&pages) {
        assert_eq!((page.serial, page.sequence), (pages[0].serial, number));
        assert_eq!(page.flags & 1, 0, "a packet goes on from the page before");
        assert_eq!(page.flags & 2 != 0, number == 0, "the first, and no other");
    }
    let [head, tags, sound @ ..] = &pages[..] else {
        panic!("{} pages", pages.len())
    };
    assert!(
        sound
            .iter()
            .all(|page| page.flags & 4 == 0 || std::ptr::eq(page, &pages[pages.len() - 1]))
    );
    assert_eq!((head.granule, tags.granule), (0, 0));
    let ([head], [tags]) = (&head.packets[..], &tags.packets[..]) else {
        panic!("headers have pages of their own");
    };
    assert!(tags.starts_with(b"OpusTags"));
    assert_eq!((&head[..8], head[8]), (&b"OpusHead"[..], 1));
    let channels = usize::from(head[9]);
    match (channels, &head[18..]) {
        (1, [0]) | (2, [1, 2, 0, 0, 1]) => {}
        other => panic!("{other:?}"),
    }
    let pre_skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
    Heard {
        channels: decoded(sound, channels, pre_skip),
    }
}

/// All of a file.
pub(super) fn bytes(file: &mut File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn decoded(pages: &[Page<'_>], channels: usize, pre_skip: usize) -> Vec<Vec<i16>> {
    let decoder = |_| Decoder::of(&Codec::OPUS, Rate::Full).unwrap();
    let mut decoders: Vec<_> = (0..channels).map(decoder).collect();
    let mut sides = vec![Vec::new(); channels];
    for (place, page) in pages.iter().enumerate() {
        for packet in &page.packets {
            let mut rest = *packet;
            for (number, (decoder, side)) in decoders.iter_mut().zip(&mut sides).enumerate() {
                let (frame, after) = if number + 1 == channels {
                    (rest.to_vec(), &[][..])
                } else {
                    delimited(rest)
                };
                let mut samples = [0; 960];
                assert_eq!(decoder.decode(&frame, &mut samples), 960);
                side.extend_from_slice(&samples);
                rest = after;
            }
        }
        let whole = sides[0].len() as u64;
        if place + 1 == pages.len() {
            assert!(
                page.granule <= whole && page.granule + 960 > whole,
                "{whole}"
            );
            for side in &mut sides {
                side.truncate(page.granule as usize);
            }
        } else {
            assert_eq!(page.granule, whole);
        }
    }
    for side in &mut sides {
        side.drain(..pre_skip.min(side.len()));
    }
    sides
}

/// A packet of one frame that tells how long it is, as one that does not (RFC 6716 appendix B).
fn delimited(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    assert_eq!(bytes[0] & 3, 0);
    let (length, rest) = match bytes[1] {
        short @ 0..252 => (usize::from(short), &bytes[2..]),
        low => (usize::from(low) + 4 * usize::from(bytes[2]), &bytes[3..]),
    };
    let (frame, rest) = rest.split_at(length);
    ([&bytes[..1], frame].concat(), rest)
}

fn page(bytes: &[u8]) -> Option<(Page<'_>, &[u8])> {
    let count = usize::from(*bytes.get(26)?);
    assert_eq!(&bytes[..5], b"OggS\0");
    let lacing = bytes.get(27..27 + count)?;
    let mut rest = &bytes[27 + count..];
    let length: usize = lacing.iter().map(|length| usize::from(*length)).sum();
    let after = rest.get(length..)?;
    let whole = &bytes[..27 + count + length];
    assert_eq!(&whole[22..26], checksum(whole).to_le_bytes());
    let mut packets = Vec::new();
    let mut of_packet = 0;
    for &value in lacing {
        of_packet += usize::from(value);
        if value < 255 {
            let (packet, later) = rest.split_at(of_packet);
            packets.push(packet);
            (rest, of_packet) = (later, 0);
        }
    }
    assert_eq!(of_packet, 0, "a packet goes on in the next page");
    let number = |at: usize| {
        bytes[at..]
            .first_chunk()
            .map(|four| u32::from_le_bytes(*four))
    };
    let page = Page {
        flags: bytes[5],
        granule: u64::from_le_bytes(*bytes[6..].first_chunk()?),
        serial: number(14)?,
        sequence: number(18)?,
        packets,
    };
    Some((page, after))
}

/// Bit by bit, the highest first, with the polynomial of RFC 3533 §6.
fn checksum(page: &[u8]) -> u32 {
    let mut sum = 0_u32;
    for (at, byte) in page.iter().enumerate() {
        let byte = if (22..26).contains(&at) { 0 } else { *byte };
        for bit in (0..8).rev() {
            let out = sum >> 31 != u32::from(byte >> bit & 1);
            sum = (sum << 1) ^ if out { 0x04c1_1db7 } else { 0 };
        }
    }
    sum
}

/// What the headers take: no file that was begun is shorter.
pub(super) const HEADERS_BYTES: usize = 27 + 1 + 19 + 27 + 1 + 24;
