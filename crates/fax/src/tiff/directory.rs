//! The container: numbers in either byte order, directories of entries, strips of bytes (TIFF 6.0 §2).

use super::{Error, PAGES_MAX};
use std::collections::BTreeMap;

/// A file in memory and where its directories are.
#[derive(Debug)]
pub(crate) struct Tiff<'a> {
    bytes: &'a [u8],
    order: Order,
}

/// One image of a file: its entries by tag.
#[derive(Debug)]
pub(crate) struct Directory<'a> {
    tiff: &'a Tiff<'a>,
    entries: BTreeMap<u16, Entry>,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Little,
    Big,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: u16,
    count: u32,
    /// Where the values are: in the entry itself when they fit into four bytes.
    at: usize,
}

impl<'a> Tiff<'a> {
    /// Reads the header (TIFF 6.0 §2, image file header).
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let order = match bytes.get(..4) {
            Some(b"II*\0") => Order::Little,
            Some(b"MM\0*") => Order::Big,
            _ => return Err(Error::Damaged("it does not begin like one")),
        };
        Ok(Self { bytes, order })
    }

    /// Its images in order. A chain that leads back to itself ends there.
    pub(crate) fn directories(&'a self) -> Result<Vec<Directory<'a>>, Error> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        let mut next = self.long(4).ok_or(Error::Damaged("it ends early"))? as usize;
        while next != 0 && !seen.contains(&next) {
            if found.len() >= PAGES_MAX {
                return Err(Error::TooManyPages);
            }
            seen.push(next);
            let Some((directory, after)) = self.directory(next) else {
                if found.is_empty() {
                    return Err(Error::Damaged("its directory is outside the file"));
                }
                break; // What came before is worth having.
            };
            found.push(directory);
            next = after;
        }
        Ok(found)
    }

    fn directory(&'a self, at: usize) -> Option<(Directory<'a>, usize)> {
        let count = usize::from(self.short(at)?);
        let mut entries = BTreeMap::new();
        for index in 0..count.min(ENTRIES_MAX) {
            let place = at + 2 + index * ENTRY_BYTES;
            let (tag, kind) = (self.short(place)?, self.short(place + 2)?);
            let count = self.long(place + 4)?;
            let bytes = u64::from(count) * u64::from(width(kind));
            let at = if bytes <= 4 {
                place + 8
            } else {
                self.long(place + 8)? as usize
            };
            entries.insert(tag, Entry { kind, count, at });
        }
        let next = self.long(at + 2 + count * ENTRY_BYTES).unwrap_or(0) as usize;
        Some((
            Directory {
                tiff: self,
                entries,
            },
            next,
        ))
    }

    fn short(&self, at: usize) -> Option<u16> {
        let two: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self.order {
            Order::Little => u16::from_le_bytes(two),
            Order::Big => u16::from_be_bytes(two),
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self.order {
            Order::Little => u32::from_le_bytes(four),
            Order::Big => u32::from_be_bytes(four),
        })
    }
}

impl<'a> Directory<'a> {
    /// The first value of a tag.
    pub(crate) fn number(&self, tag: u16) -> Option<u32> {
        self.value(self.entries.get(&tag)?, 0)
    }

    /// The first value of a tag that is a fraction.
    pub(crate) fn fraction(&self, tag: u16) -> Option<f64> {
        let entry = self.entries.get(&tag).filter(|entry| entry.kind == 5)?;
        let above = self.tiff.long(entry.at)?;
        let below = self.tiff.long(entry.at.checked_add(4)?)?;
        (below != 0).then(|| f64::from(above) / f64::from(below))
    }

    /// Resolution across and down, in dots an inch.
    pub(crate) fn dpi(&self) -> Option<(f64, f64)> {
        let unit = match self.number(tag::RESOLUTION_UNIT) {
            Some(3) => 2.54,
            Some(1) => return None,
            _ => 1.0,
        };
        let across = self.fraction(tag::X_RESOLUTION)? * unit;
        let down = self.fraction(tag::Y_RESOLUTION)? * unit;
        (across >= 1.0 && down >= 1.0).then_some((across, down))
    }

    /// The bytes of each strip. A strip that says no length reaches to the end of the file; what lies outside
    /// the file is cut off.
    pub(crate) fn strips(&self) -> Vec<&'a [u8]> {
        let Some(offsets) = self.entries.get(&tag::STRIP_OFFSETS) else {
            return Vec::new();
        };
        let counts = self.entries.get(&tag::STRIP_BYTE_COUNTS);
        let bytes = self.tiff.bytes;
        (0..offsets.count.min(STRIPS_MAX))
            .map_while(|index| {
                let from = self.value(offsets, index)? as usize;
                let length = counts
                    .and_then(|counts| self.value(counts, index))
                    .filter(|length| *length != 0)
                    .map_or(usize::MAX, |length| length as usize);
                let rest = bytes.get(from..)?;
                rest.get(..length).or(Some(rest))
            })
            .collect()
    }

    fn value(&self, entry: &Entry, index: u32) -> Option<u32> {
        let at = |bytes: usize| entry.at.checked_add((index as usize).checked_mul(bytes)?);
        match entry.kind {
            1 => self.tiff.bytes.get(at(1)?).copied().map(u32::from),
            3 => self.tiff.short(at(2)?).map(u32::from),
            4 => self.tiff.long(at(4)?),
            _ => None,
        }
    }
}

/// Bytes of one value (TIFF 6.0 §2, types).
const fn width(kind: u16) -> u32 {
    match kind {
        3 => 2,
        4 => 4,
        5 => 8,
        _ => 1,
    }
}

/// Bytes of an entry.
const ENTRY_BYTES: usize = 12;

/// Entries of a directory that are looked at.
const ENTRIES_MAX: usize = 256;

/// Strips of an image that are read; each has a row at least.
const STRIPS_MAX: u32 = 65_536;

/// Tags by name (TIFF 6.0, appendix A).
pub(crate) mod tag {
    pub(crate) const WIDTH: u16 = 256;
    pub(crate) const LENGTH: u16 = 257;
    pub(crate) const BITS: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const T4_OPTIONS: u16 = 292;
    pub(crate) const RESOLUTION_UNIT: u16 = 296;
}
