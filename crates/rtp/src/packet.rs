//! RTP packets (RFC 3550 §5.1): read in place, written, and rewritten in place for a relay.

/// An RTP packet whose bounds hold, borrowed from the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The fixed header.
    pub header: Header,
    /// What the packet carries, without padding.
    pub payload: &'a [u8],
    /// The header extension, if any (§5.3.1).
    pub extension: Option<Extension<'a>>,
    csrcs: &'a [[u8; 4]],
}

/// The fixed header of a packet, as far as it varies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The first packet after silence, or of a telephone event.
    pub marker: Marker,
    /// What the payload is, 0 to 127.
    pub payload_type: u8,
    /// Grows by one with each packet, and wraps.
    pub sequence: u16,
    /// When the first sample was taken, in ticks of the codec's clock; wraps.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
}

/// The marker bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marker {
    /// Something begins here.
    Set,
    /// What was begun goes on.
    #[default]
    Clear,
}

/// The extension of a header: what it means depends on the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// `0xBEDE` for the one-byte headers of RFC 8285, and others.
    pub profile: u16,
    /// Whole 32-bit words.
    pub words: &'a [u8],
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRtp {
    /// It ends before the fixed header, a source, the extension or the padding does.
    #[error("the packet is cut short")]
    Short,
    /// Its version is not 2: STUN, DTLS or nothing known.
    #[error("the packet has version {0}, not 2")]
    Version(u8),
    /// It is RTCP on the same port (RFC 5761 §4).
    #[error("the packet is RTCP")]
    Rtcp,
    /// The padding claims to be nothing, or more than there is.
    #[error("the padding of {0} bytes does not fit")]
    Padding(u8),
}

impl<'a> Packet<'a> {
    /// Reads a datagram.
    ///
    /// # Errors
    /// When its parts do not fit into it, or it is something else.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, NotRtp> {
        let (fixed, rest) = datagram
            .split_first_chunk::<{ Header::SIZE }>()
            .ok_or(NotRtp::Short)?;
        let [flags, kind, ..] = *fixed;
        if flags >> 6 != VERSION {
            return Err(NotRtp::Version(flags >> 6));
        }
        if is_rtcp(datagram) {
            return Err(NotRtp::Rtcp);
        }
        let (csrcs, rest) = csrcs(rest, flags & CSRC_COUNT)?;
        let (extension, rest) = match flags & EXTENSION {
            0 => (None, rest),
            _ => extension(rest)?,
        };
        let payload = match flags & PADDING {
            0 => rest,
            _ => unpadded(rest)?,
        };
        Ok(Self {
            header: Header::read(fixed, kind),
            payload,
            extension,
            csrcs,
        })
    }

    /// Who contributed to a mixed packet; at most 15.
    pub fn csrcs(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.csrcs.iter().map(|csrc| u32::from_be_bytes(*csrc))
    }
}

impl Header {
    /// Bytes of the fixed header.
    pub const SIZE: usize = 12;

    /// The header of a packet without sources, extension and padding.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; Self::SIZE] {
        let [s0, s1] = self.sequence.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [c0, c1, c2, c3] = self.ssrc.to_be_bytes();
        let flags = VERSION << 6;
        [
            flags,
            self.second_byte(),
            s0,
            s1,
            t0,
            t1,
            t2,
            t3,
            c0,
            c1,
            c2,
            c3,
        ]
    }

    /// Puts this header over that of a packet, whose sources, extension, padding and payload stay: what a
    /// relay does to each packet.
    ///
    /// # Errors
    /// When the packet is shorter than a header; it is then unchanged.
    pub fn overwrite(&self, packet: &mut [u8]) -> Result<(), NotRtp> {
        let (fixed, _) = packet
            .split_first_chunk_mut::<{ Self::SIZE }>()
            .ok_or(NotRtp::Short)?;
        let [flags, ..] = *fixed;
        let mut bytes = self.to_bytes();
        let [ours, ..] = &mut bytes;
        *ours = flags;
        *fixed = bytes;
        Ok(())
    }

    const fn second_byte(&self) -> u8 {
        let marker = match self.marker {
            Marker::Set => MARKER,
            Marker::Clear => 0,
        };
        marker | (self.payload_type & !MARKER)
    }

    const fn read(fixed: &[u8; Self::SIZE], kind: u8) -> Self {
        let [_, _, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        Self {
            marker: if kind & MARKER == 0 {
                Marker::Clear
            } else {
                Marker::Set
            },
            payload_type: kind & !MARKER,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
        }
    }
}

/// Whether a datagram is RTP or RTCP by its first byte (RFC 7983 §7). Phones send STUN to the same ports, to keep them
/// open.
#[must_use]
pub fn is_rtp_or_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(128..=191))
}

/// Whether a datagram on a port shared with RTP is RTCP: its second byte is 192 to 223, which no payload
/// type with its marker may be (RFC 5761 §4).
#[must_use]
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [flags, 192..=223, ..] if flags >> 6 == VERSION)
}

/// Bytes of a packet's header: the fixed one, its sources and its extension.
pub(crate) fn header_bytes(packet: &[u8]) -> Result<usize, NotRtp> {
    let (fixed, rest) = packet
        .split_first_chunk::<{ Header::SIZE }>()
        .ok_or(NotRtp::Short)?;
    let [flags, ..] = *fixed;
    if flags >> 6 != VERSION {
        return Err(NotRtp::Version(flags >> 6));
    }
    let (_, rest) = csrcs(rest, flags & CSRC_COUNT)?;
    let rest = match flags & EXTENSION {
        0 => rest,
        _ => extension(rest)?.1,
    };
    Ok(packet.len().saturating_sub(rest.len()))
}

type Split<T> = Result<T, NotRtp>;

fn csrcs(rest: &[u8], count: u8) -> Split<(&[[u8; 4]], &[u8])> {
    let (csrcs, rest) = rest
        .split_at_checked(usize::from(count) * 4)
        .ok_or(NotRtp::Short)?;
    Ok((csrcs.as_chunks().0, rest))
}

fn extension(rest: &[u8]) -> Split<(Option<Extension<'_>>, &[u8])> {
    let (head, rest) = rest.split_first_chunk::<4>().ok_or(NotRtp::Short)?;
    let [p0, p1, l0, l1] = *head;
    let length = usize::from(u16::from_be_bytes([l0, l1])) * 4;
    let (words, rest) = rest.split_at_checked(length).ok_or(NotRtp::Short)?;
    let profile = u16::from_be_bytes([p0, p1]);
    Ok((Some(Extension { profile, words }), rest))
}

/// The last byte says how many bytes, itself included, are padding.
fn unpadded(rest: &[u8]) -> Split<&[u8]> {
    let count = *rest.last().ok_or(NotRtp::Short)?;
    let kept = rest.len().checked_sub(usize::from(count));
    kept.filter(|_| count > 0)
        .and_then(|kept| rest.get(..kept))
        .ok_or(NotRtp::Padding(count))
}

const VERSION: u8 = 2;
const PADDING: u8 = 0x20;
const EXTENSION: u8 = 0x10;
const CSRC_COUNT: u8 = 0x0f;
const MARKER: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: Marker::Set,
        payload_type: 8,
        sequence: 0xfffe,
        timestamp: 0x0102_0304,
        ssrc: 0xdead_beef,
    };

    #[test]
    fn a_plain_packet_is_read_as_it_was_written() {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes.extend([1, 2, 3]);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.header, HEADER);
        assert_eq!(packet.payload, [1, 2, 3]);
        assert_eq!((packet.extension, packet.csrcs().len()), (None, 0));
    }

    #[test]
    fn sources_extension_and_padding_are_taken_apart() {
        let bytes = full();
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.csrcs().collect::<Vec<_>>(), [1, 2]);
        let extension = packet.extension.unwrap();
        assert_eq!(
            (extension.profile, extension.words),
            (0xbede, &[9, 9, 9, 9][..])
        );
        assert_eq!(packet.payload, [7, 7]);
    }

    #[test]
    fn a_packet_cut_short_anywhere_is_refused_or_has_less_payload() {
        let bytes = full();
        for length in 0..28 {
            assert_eq!(
                Packet::parse(&bytes[..length]),
                Err(NotRtp::Short),
                "{length}"
            );
        }
    }

    #[test]
    fn padding_that_does_not_fit_is_refused() {
        for (padding, verdict) in [
            (0, Err(NotRtp::Padding(0))),
            (3, Err(NotRtp::Padding(3))),
            (2, Ok(0)),
            (1, Ok(1)),
        ] {
            let mut bytes = HEADER.to_bytes().to_vec();
            bytes[0] |= PADDING;
            bytes.extend([5, padding]);
            let got = Packet::parse(&bytes).map(|packet| packet.payload.len());
            assert_eq!(got, verdict);
        }
    }

    #[test]
    fn what_is_not_rtp_is_told_apart() {
        let stun = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0];
        assert_eq!(Packet::parse(&stun), Err(NotRtp::Version(0)));
        let mut report = [0; 28];
        report[..2].copy_from_slice(&[0x80, 200]);
        assert_eq!(Packet::parse(&report), Err(NotRtp::Rtcp));
        assert!(!is_rtcp(&HEADER.to_bytes()));
    }

    #[test]
    fn a_relay_changes_the_header_and_nothing_else() {
        let mut bytes = full();
        let before = bytes.clone();
        let other = Header {
            marker: Marker::Clear,
            payload_type: 127,
            sequence: 1,
            timestamp: 2,
            ssrc: 3,
        };
        other.overwrite(&mut bytes).unwrap();
        let (new, old) = (
            Packet::parse(&bytes).unwrap(),
            Packet::parse(&before).unwrap(),
        );
        assert_eq!(new.header, other);
        assert_eq!(
            new,
            Packet {
                header: other,
                ..old
            }
        );
        assert_eq!(other.overwrite(&mut [0; 11]), Err(NotRtp::Short));
    }

    /// Two sources, one word of extension, two bytes of payload and three of padding.
    fn full() -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] |= PADDING | EXTENSION | 2;
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        bytes.extend([0xbe, 0xde, 0, 1, 9, 9, 9, 9]);
        bytes.extend([7, 7, 0, 0, 3]);
        bytes
    }
}
