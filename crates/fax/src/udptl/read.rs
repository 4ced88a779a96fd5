//! One datagram, read.

use super::{DATAGRAM_MAX, ENTRIES_MAX};

/// What a datagram carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The number of its packet; it wraps around.
    pub number: u16,
    /// Its packet.
    pub packet: &'a [u8],
    /// What helps when others were lost.
    pub recovery: Recovery<'a>,
}

/// How lost packets are had again (T.38 §9.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery<'a> {
    /// The packets before, newest first.
    Packets(Vec<&'a [u8]>),
    /// Parities. The one at place `i` of `n` is that of each `n`th of the `n * span` packets before, beginning
    /// with the `i`th of those.
    Parities {
        /// Packets in each parity.
        span: u8,
        /// The parities.
        parities: Vec<&'a [u8]>,
    },
}

/// Why bytes are no datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More bytes than are read.
    #[error("the datagram has more than {DATAGRAM_MAX} bytes")]
    TooLong,
    /// It ends before it should.
    #[error("the datagram is cut off")]
    Truncated,
    /// A length in fragments (X.691 §10.9.3.8), which no packet needs.
    #[error("a length is in fragments")]
    Fragments,
    /// More entries than are read.
    #[error("the datagram repeats more than {ENTRIES_MAX} packets")]
    TooManyEntries,
    /// A span of nothing.
    #[error("a parity spans no packets")]
    Span,
}

/// Reads a datagram. Bytes after it are left alone.
///
/// # Errors
/// When it is none, or longer than any should be.
pub fn read(bytes: &[u8]) -> Result<Datagram<'_>, Malformed> {
    if bytes.len() > DATAGRAM_MAX {
        return Err(Malformed::TooLong);
    }
    let mut rest = Rest(bytes);
    let number = u16::from_be_bytes([rest.byte()?, rest.byte()?]);
    let packet = rest.field()?;
    let recovery = if rest.byte()? & PARITIES == 0 {
        Recovery::Packets(rest.fields()?)
    } else {
        // The span is an integer of one byte (X.691 §10.8).
        let (_length, span) = (rest.byte()?, rest.byte()?);
        if span == 0 || usize::from(span) > ENTRIES_MAX {
            return Err(Malformed::Span);
        }
        Recovery::Parities {
            span,
            parities: rest.fields()?,
        }
    };
    Ok(Datagram {
        number,
        packet,
        recovery,
    })
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    /// X.691 §10.9.3: one byte below 128, two below 16,384.
    fn length(&mut self) -> Result<usize, Malformed> {
        let first = self.byte()?;
        match first >> 6 {
            0 | 1 => Ok(usize::from(first)),
            2 => Ok(usize::from(first & 0x3F) << 8 | usize::from(self.byte()?)),
            _ => Err(Malformed::Fragments),
        }
    }

    fn field(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        let (field, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Malformed::Truncated)?;
        self.0 = rest;
        Ok(field)
    }

    fn fields(&mut self) -> Result<Vec<&'a [u8]>, Malformed> {
        let count = self.length()?;
        if count > ENTRIES_MAX {
            return Err(Malformed::TooManyEntries);
        }
        (0..count).map(|_| self.field()).collect()
    }
}

/// The bit that says that parities follow.
const PARITIES: u8 = 0x80;
