//! Pages of an Ogg stream (RFC 3533): each is whole and checked by itself, so that a file is good up to its last page.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

/// Writes the packets of one stream; none is ever spread over two pages.
#[derive(Debug)]
pub(super) struct Pages<W> {
    file: W,
    serial: u32,
    sequence: u32,
    /// The lengths of the packets that wait for their page, as it will have them.
    lacing: Vec<u8>,
    packets: Vec<u8>,
    /// The granule position after them.
    granule: u64,
}

/// Whether a page is the last one of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Yes,
    No,
}

impl<W: Write> Pages<W> {
    pub(super) const fn new(file: W, serial: u32) -> Self {
        Self {
            file,
            serial,
            sequence: 0,
            lacing: Vec::new(),
            packets: Vec::new(),
            granule: 0,
        }
    }

    /// Takes a packet with the granule position after it; full pages are written.
    pub(super) fn packet(&mut self, packet: &[u8], granule: u64) -> io::Result<()> {
        if self.lacing.len() + packet.len() / 255 + 1 > LACING_MAX {
            self.flush(Last::No)?;
        }
        self.lacing
            .resize(self.lacing.len() + packet.len() / 255, 255);
        self.lacing.push((packet.len() % 255) as u8);
        self.packets.extend_from_slice(packet);
        self.granule = granule;
        Ok(())
    }

    /// Writes a page of the packets that wait, if there are any.
    pub(super) fn flush(&mut self, last: Last) -> io::Result<()> {
        if self.lacing.is_empty() {
            return Ok(());
        }
        let first = if self.sequence == 0 { FIRST } else { 0 };
        let mut page = Vec::with_capacity(HEAD_BYTES + self.lacing.len() + self.packets.len());
        page.extend_from_slice(b"OggS\0");
        page.push(first | if last == Last::Yes { LAST } else { 0 });
        page.extend_from_slice(&self.granule.to_le_bytes());
        page.extend_from_slice(&self.serial.to_le_bytes());
        page.extend_from_slice(&self.sequence.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        page.push(self.lacing.len() as u8);
        page.extend_from_slice(&self.lacing);
        page.extend_from_slice(&self.packets);
        seal(&mut page);
        self.file.write_all(&page)?;
        self.file.flush()?;
        self.sequence = self.sequence.wrapping_add(1);
        self.lacing.clear();
        self.packets.clear();
        Ok(())
    }

    /// Says of the granule position after the packets that wait that it is another one: of the last packet only a part
    /// is to be played.
    pub(super) const fn end_at(&mut self, granule: u64) {
        self.granule = granule;
    }

    pub(super) fn into_file(self) -> W {
        self.file
    }
}

/// Cuts off what comes after the last whole page of a file, and marks that page as the last.
///
/// # Errors
/// `InvalidData` when there are not so many pages as the headers of a stream need; those of the file system.
pub(super) fn repair(file: &mut File) -> io::Result<()> {
    file.rewind()?;
    let mut reader = BufReader::new(&mut *file);
    let (mut page, mut last) = (Vec::new(), Vec::new());
    let (mut end, mut count) = (0, 0);
    while read_page(&mut reader, &mut page)? {
        end += page.len() as u64;
        count += 1;
        std::mem::swap(&mut page, &mut last);
    }
    if count < HEADERS {
        return Err(io::ErrorKind::InvalidData.into());
    }
    file.set_len(end)?;
    if let Some(flags) = last.get_mut(FLAGS_AT) {
        *flags |= LAST;
    }
    seal(&mut last);
    file.seek(SeekFrom::Start(end - last.len() as u64))?;
    file.write_all(&last)
}

/// The next page; `false` when what follows is no whole page.
fn read_page(reader: &mut impl Read, page: &mut Vec<u8>) -> io::Result<bool> {
    page.clear();
    let mut take = |page: &mut Vec<u8>, count: usize| -> io::Result<bool> {
        let taken = reader.by_ref().take(count as u64).read_to_end(page)?;
        Ok(taken == count)
    };
    if !take(page, HEAD_BYTES)? || !page.starts_with(b"OggS\0") {
        return Ok(false);
    }
    let segments = page.last().copied().map_or(0, usize::from);
    if !take(page, segments)? {
        return Ok(false);
    }
    let lacing = page.get(HEAD_BYTES..).unwrap_or_default();
    let body = lacing.iter().map(|length| usize::from(*length)).sum();
    if !take(page, body)? {
        return Ok(false);
    }
    let found = page.get(CHECKSUM).unwrap_or_default().to_vec();
    seal(page);
    Ok(page.get(CHECKSUM) == Some(&found))
}

/// Puts the checksum into a page.
fn seal(page: &mut [u8]) {
    if let Some(place) = page.get_mut(CHECKSUM) {
        place.fill(0);
    }
    let checksum = page.iter().fold(0_u32, |sum, byte| {
        let row = (sum >> 24) as u8 ^ byte;
        (sum << 8) ^ TABLE[usize::from(row)]
    });
    if let Some(place) = page.get_mut(CHECKSUM) {
        place.copy_from_slice(&checksum.to_le_bytes());
    }
}

/// A row for each value of the byte that leaves the checksum: polynomial 0x04c11db7, the highest bit first.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut row = 0;
    while row < 256 {
        let mut sum = (row as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            let out = sum >> 31;
            sum = (sum << 1) ^ (out * 0x04c1_1db7);
            bit += 1;
        }
        table[row] = sum;
        row += 1;
    }
    table
};

/// What of a page comes before its lacing.
const HEAD_BYTES: usize = 27;
const FLAGS_AT: usize = 5;
const CHECKSUM: std::ops::Range<usize> = 22..26;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// The most lacing values that a page has.
const LACING_MAX: usize = 255;
/// Pages with the headers of an Opus stream (RFC 7845 §3).
const HEADERS: u32 = 2;
